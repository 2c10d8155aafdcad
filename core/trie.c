/*
 * trie.c - see trie.h.
 *
 * Freezing places the nodes breadth first, each at the first base where all of its children's
 * cells are free.  Full stretches at the low end are skipped for good once nearly no cell in them
 * is free, so that the search stays short (the "next check position" of Kudo's Darts does the same).
 */
#include "trie.h"

#include <string.h>

typedef struct trie_node {
    int32_t parent;
    int32_t value;
    uint16_t code; /* of the edge from the parent */
} trie_node;

ds_status ds_codemap_init(ds_codemap *m, const ds_alloc *a)
{
    *m = (ds_codemap){.alloc = ds_alloc_or_libc(a)};
    m->pages = ds_calloc(m->alloc, DS_CODEMAP_PAGES, sizeof *m->pages);
    return m->pages != NULL ? DS_OK : DS_ENOMEM;
}

void ds_codemap_clear(ds_codemap *m)
{
    for (size_t i = 0; m->pages != NULL && i < DS_CODEMAP_PAGES; i++)
        ds_mfree(m->alloc, m->pages[i], 256 * sizeof **m->pages);
    ds_mfree(m->alloc, m->pages, DS_CODEMAP_PAGES * sizeof *m->pages);
    *m = (ds_codemap){.alloc = m->alloc};
}

uint16_t ds_codemap_assign(ds_codemap *m, uint32_t cp)
{
    uint16_t **page = &m->pages[cp >> 8];
    if (*page == NULL && (*page = ds_calloc(m->alloc, 256, sizeof **page)) == NULL)
        return 0;
    uint16_t *code = &(*page)[cp & 255];
    if (*code == 0 && m->count < DS_TRIE_CODE_MAX)
        *code = ++m->count;
    return *code;
}

struct ds_trie_builder {
    ds_alloc alloc;
    trie_node *nodes;
    size_t count, cap;
    int32_t *slots; /* open addressing: node number, 0 = empty (the root has no edge) */
    size_t slot_count; /* power of two */
    size_t keys;
};

#define TRIE_FIRST_SLOTS 1024

ds_status ds_trie_builder_new(const ds_alloc *a, ds_trie_builder **out, ds_error *err)
{
    *out = NULL;
    a = ds_alloc_or_libc(a);
    ds_trie_builder *b = ds_calloc(a, 1, sizeof *b);
    if (b == NULL)
        return ds_fail_nomem(err);
    b->alloc = *a;
    b->slots = ds_calloc(a, TRIE_FIRST_SLOTS, sizeof *b->slots);
    b->slot_count = TRIE_FIRST_SLOTS;
    if (b->slots == NULL || ds_grow(a, (void **)&b->nodes, &b->cap, 1, sizeof *b->nodes) != DS_OK) {
        ds_trie_builder_free(b);
        return ds_fail_nomem(err);
    }
    b->nodes[0] = (trie_node){-1, DS_TRIE_NONE, 0};
    b->count = 1;
    *out = b;
    return DS_OK;
}

void ds_trie_builder_free(ds_trie_builder *b)
{
    if (b == NULL)
        return;
    ds_alloc a = b->alloc;
    ds_mfree(&a, b->nodes, b->cap * sizeof *b->nodes);
    if (b->slots != NULL)
        ds_mfree(&a, b->slots, b->slot_count * sizeof *b->slots);
    ds_mfree(&a, b, sizeof *b);
}

/* The slot that holds the edge (node, code), or the empty one where it belongs. */
static size_t edge_slot(const ds_trie_builder *b, int32_t node, uint16_t code)
{
    uint64_t h = ((uint64_t)(uint32_t)node << 16 | code) * UINT64_C(0x9E3779B97F4A7C15);
    size_t mask = b->slot_count - 1, at = (size_t)(h >> 32) & mask;
    while (b->slots[at] != 0) {
        const trie_node *n = &b->nodes[b->slots[at]];
        if (n->parent == node && n->code == code)
            break;
        at = (at + 1) & mask;
    }
    return at;
}

static ds_status grow_slots(ds_trie_builder *b)
{
    size_t old_count = b->slot_count;
    int32_t *old = b->slots, *bigger = ds_calloc(&b->alloc, old_count * 2, sizeof *bigger);
    if (bigger == NULL)
        return DS_ENOMEM;
    b->slots = bigger;
    b->slot_count = old_count * 2;
    for (size_t i = 1; i < b->count; i++)
        b->slots[edge_slot(b, b->nodes[i].parent, b->nodes[i].code)] = (int32_t)i;
    ds_mfree(&b->alloc, old, old_count * sizeof *old);
    return DS_OK;
}

/* The child of `node` by `code`, made when it is not there; DS_TRIE_NONE: no memory. */
static int32_t child_of(ds_trie_builder *b, int32_t node, uint16_t code)
{
    size_t at = edge_slot(b, node, code);
    if (b->slots[at] != 0)
        return b->slots[at];
    if (b->count >= INT32_MAX / 2 ||
        ds_grow(&b->alloc, (void **)&b->nodes, &b->cap, b->count + 1, sizeof *b->nodes) != DS_OK)
        return DS_TRIE_NONE;
    if (b->count * 2 > b->slot_count) {
        if (grow_slots(b) != DS_OK)
            return DS_TRIE_NONE;
        at = edge_slot(b, node, code);
    }
    b->nodes[b->count] = (trie_node){node, DS_TRIE_NONE, code};
    b->slots[at] = (int32_t)b->count;
    return (int32_t)b->count++;
}

ds_status ds_trie_builder_set(ds_trie_builder *b, const uint16_t *key, size_t len, int32_t value, ds_error *err)
{
    int32_t node = 0;
    if (len == 0)
        return ds_fail(err, DS_EINVAL, 0, 0, "an empty key cannot be stored");
    if (value < DS_TRIE_NONE)
        return ds_fail(err, DS_EINVAL, 0, 0, "value %ld is negative", (long)value);
    for (size_t i = 0; i < len; i++) {
        if (key[i] == 0 || key[i] > DS_TRIE_CODE_MAX)
            return ds_fail(err, DS_EINVAL, i, 0, "code %u is out of range", (unsigned)key[i]);
        node = child_of(b, node, key[i]);
        if (node == DS_TRIE_NONE)
            return ds_fail_nomem(err);
    }
    trie_node *n = &b->nodes[node];
    b->keys += (size_t)(value != DS_TRIE_NONE) - (size_t)(n->value != DS_TRIE_NONE);
    n->value = value;
    return DS_OK;
}

size_t ds_trie_builder_keys(const ds_trie_builder *b)
{
    return b->keys;
}

size_t ds_trie_builder_nodes(const ds_trie_builder *b)
{
    return b->count;
}

int32_t ds_trie_builder_step(const ds_trie_builder *b, int32_t node, uint16_t code)
{
    int32_t next = b->slots[edge_slot(b, node, code)];
    return next != 0 ? next : DS_TRIE_NONE;
}

int32_t ds_trie_builder_value(const ds_trie_builder *b, int32_t node)
{
    return b->nodes[node].value;
}

/* ---- freezing ---- */

typedef struct trie_cell {
    int32_t base, check;
} trie_cell;

#define CELL_FREE (-1)
#define CELL_ROOT (-2)

typedef struct freezer {
    const ds_trie_builder *b;
    uint32_t *first;    /* children of node i: kids[first[i] .. first[i + 1]) */
    int32_t *kids;
    int32_t *place;     /* node -> cell */
    trie_cell *cells;
    size_t cap, used;   /* used: one past the last cell in use */
    size_t scan_from;   /* cells below are as good as full */
} freezer;

/* Lists the children of every node, by a counting sort on the parent. */
static void list_kids(freezer *f)
{
    size_t n = f->b->count;
    for (size_t i = 1; i < n; i++)
        f->first[f->b->nodes[i].parent + 1]++;
    for (size_t i = 0; i < n; i++)
        f->first[i + 1] += f->first[i];
    for (size_t i = n; i-- > 1;) /* fills each bucket from its end; first[] ends up in place */
        f->kids[--f->first[f->b->nodes[i].parent + 1]] = (int32_t)i;
    for (size_t i = 0; i < n; i++) /* first[i + 1] now is the start of bucket i: shift back */
        f->first[i] = f->first[i + 1];
    f->first[n] = (uint32_t)(n - 1);
}

static bool reserve_cells(freezer *f, size_t need)
{
    size_t old = f->cap;
    if (ds_grow(&f->b->alloc, (void **)&f->cells, &f->cap, need, sizeof *f->cells) != DS_OK)
        return false;
    for (size_t i = old; i < f->cap; i++)
        f->cells[i] = (trie_cell){0, CELL_FREE};
    return true;
}

static bool cells_fit(const freezer *f, size_t base, const int32_t *kids, size_t count, bool leaf)
{
    if (leaf && f->cells[base].check != CELL_FREE)
        return false;
    for (size_t i = 0; i < count; i++)
        if (f->cells[base + f->b->nodes[kids[i]].code].check != CELL_FREE)
            return false;
    return true;
}

/* The first base where the node's children (and its value's cell) fit; 0: no memory. */
static size_t find_base(freezer *f, const int32_t *kids, size_t count, bool leaf)
{
    uint16_t low = leaf || count == 0 ? 0 : f->b->nodes[kids[0]].code;
    for (size_t i = 0; i < count && !leaf; i++)
        if (f->b->nodes[kids[i]].code < low)
            low = f->b->nodes[kids[i]].code;
    size_t at = f->scan_from > (size_t)low + 1 ? f->scan_from : (size_t)low + 1, taken = 0, start = at;
    for (;; at++) {
        if (!reserve_cells(f, at + DS_TRIE_CODE_MAX + 2))
            return 0;
        if (f->cells[at].check != CELL_FREE) {
            taken++;
            continue;
        }
        if (cells_fit(f, at - low, kids, count, leaf))
            break;
    }
    if (at - start > 64 && taken * 20 >= (at - start) * 19)
        f->scan_from = at;
    return at - low;
}

static bool place_node(freezer *f, int32_t node)
{
    const trie_node *nodes = f->b->nodes;
    const int32_t *kids = f->kids + f->first[node];
    size_t count = f->first[node + 1] - f->first[node];
    bool leaf = nodes[node].value != DS_TRIE_NONE;
    if (count == 0 && !leaf)
        return true;
    size_t base = find_base(f, kids, count, leaf);
    if (base == 0)
        return false;
    int32_t cell = f->place[node];
    f->cells[cell].base = (int32_t)base;
    if (leaf) {
        f->cells[base] = (trie_cell){nodes[node].value, cell};
        f->used = base + 1 > f->used ? base + 1 : f->used;
    }
    for (size_t i = 0; i < count; i++) {
        size_t at = base + nodes[kids[i]].code;
        f->cells[at].check = cell;
        f->place[kids[i]] = (int32_t)at;
        f->used = at + 1 > f->used ? at + 1 : f->used;
    }
    return true;
}

static bool place_all(freezer *f)
{
    if (!reserve_cells(f, 1))
        return false;
    f->cells[0].check = CELL_ROOT;
    f->used = 1;
    /* Node numbers grow along every path, so a plain loop meets each parent before its children. */
    for (size_t i = 0; i < f->b->count; i++)
        if (!place_node(f, (int32_t)i))
            return false;
    return true;
}

ds_status ds_trie_freeze(const ds_trie_builder *b, ds_buf *image, ds_error *err)
{
    size_t n = b->count;
    freezer f = {.b = b, .scan_from = 1};
    bool ok = false;
    f.first = ds_calloc(&b->alloc, n + 2, sizeof *f.first);
    f.kids = ds_calloc(&b->alloc, n, sizeof *f.kids);
    f.place = ds_calloc(&b->alloc, n, sizeof *f.place);
    if (f.first != NULL && f.kids != NULL && f.place != NULL) {
        list_kids(&f);
        ok = place_all(&f);
    }
    for (size_t i = 0; ok && i < f.used; i++) {
        ds_buf_u32(image, (uint32_t)f.cells[i].base);
        ds_buf_u32(image, (uint32_t)f.cells[i].check);
    }
    ds_mfree(&b->alloc, f.first, (n + 2) * sizeof *f.first);
    ds_mfree(&b->alloc, f.kids, n * sizeof *f.kids);
    ds_mfree(&b->alloc, f.place, n * sizeof *f.place);
    ds_mfree(&b->alloc, f.cells, f.cap * sizeof *f.cells);
    return ok && image->status == DS_OK ? DS_OK : ds_fail_nomem(err);
}

bool ds_trie_view(ds_str image, ds_trie *out)
{
    *out = (ds_trie){NULL, 0};
    if (image.n == 0 || image.n % 8 != 0 || image.n / 8 > INT32_MAX)
        return false;
    *out = (ds_trie){image.p, (uint32_t)(image.n / 8)};
    return true;
}
