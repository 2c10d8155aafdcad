/*
 * trie.c - see trie.h.
 *
 * Freezing places the nodes in their order, each at the first base where all of its children's
 * cells are free.  The free cells are a list, so that full stretches cost nothing; where many free cells
 * in a row did not do, nodes with about as many children search further up from then on (the "next
 * check position" of Kudo's Darts does much the same).
 */
#include "trie.h"

#include <string.h>

typedef struct trie_node {
    int32_t parent;
    int32_t value;
    uint32_t hash; /* of the codes that lead to it; the root's is 0 */
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

/* A slot of the hash table: the node that an edge leads to, 0 = none (no edge leads to the root), and the node's hash, so
 * that most edges that only share a place are told apart without a look at their nodes.  The place follows from the codes
 * alone: all slots that a key needs can be asked for before the walk. */
typedef struct edge_ref {
    int32_t node;
    uint32_t hash;
} edge_ref;

struct ds_trie_builder {
    ds_alloc alloc;
    trie_node *nodes;
    size_t count, cap;
    edge_ref *slots; /* open addressing */
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
    b->nodes[0] = (trie_node){-1, DS_TRIE_NONE, 0, 0};
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

/* The hash of a node, by its parent's and the code that leads to it. */
static inline uint32_t hash_step(uint32_t hash, uint16_t code)
{
    return (uint32_t)((((uint64_t)hash << 16 | code) + 1) * UINT64_C(0x9E3779B97F4A7C15) >> 32);
}

/* The slot that holds the edge (node, code), or the empty one where it belongs; *hash: that of the node it leads to. */
static size_t edge_slot(const ds_trie_builder *b, int32_t node, uint16_t code, uint32_t *hash)
{
    size_t mask = b->slot_count - 1;
    *hash = hash_step(b->nodes[node].hash, code);
    size_t at = *hash & mask;
    for (; b->slots[at].node != 0; at = (at + 1) & mask) {
        const trie_node *n = &b->nodes[b->slots[at].node];
        if (b->slots[at].hash == *hash && n->parent == node && n->code == code)
            break;
    }
    return at;
}

/* A table of `slot_count` slots, a power of two, in place of the old one. */
static ds_status resize_slots(ds_trie_builder *b, size_t slot_count)
{
    edge_ref *old = b->slots, *bigger = ds_calloc(&b->alloc, slot_count, sizeof *bigger);
    size_t old_count = b->slot_count;
    if (bigger == NULL)
        return DS_ENOMEM;
    b->slots = bigger;
    b->slot_count = slot_count;
    for (size_t i = 1; i < b->count; i++) {
        size_t at = b->nodes[i].hash & (slot_count - 1);
        while (bigger[at].node != 0)
            at = (at + 1) & (slot_count - 1);
        bigger[at] = (edge_ref){(int32_t)i, b->nodes[i].hash};
    }
    ds_mfree(&b->alloc, old, old_count * sizeof *old);
    return DS_OK;
}

ds_status ds_trie_builder_reserve(ds_trie_builder *b, size_t nodes, ds_error *err)
{
    size_t want = b->slot_count;
    while (want / 4 * 3 <= nodes && want <= SIZE_MAX / 2 / sizeof *b->slots)
        want *= 2;
    return want == b->slot_count || resize_slots(b, want) == DS_OK ? DS_OK : ds_fail_nomem(err);
}

/* The child of `node` by `code`, made when it is not there; DS_TRIE_NONE: no memory. */
static int32_t child_of(ds_trie_builder *b, int32_t node, uint16_t code)
{
    uint32_t hash;
    size_t at = edge_slot(b, node, code, &hash);
    if (b->slots[at].node != 0)
        return b->slots[at].node;
    if (b->count >= INT32_MAX / 2 ||
        ds_grow(&b->alloc, (void **)&b->nodes, &b->cap, b->count + 1, sizeof *b->nodes) != DS_OK)
        return DS_TRIE_NONE;
    if (b->count > b->slot_count / 4 * 3) {
        if (resize_slots(b, b->slot_count * 2) != DS_OK)
            return DS_TRIE_NONE;
        at = edge_slot(b, node, code, &hash);
    }
    b->nodes[b->count] = (trie_node){node, DS_TRIE_NONE, hash, code};
    b->slots[at] = (edge_ref){(int32_t)b->count, hash};
    return (int32_t)b->count++;
}

/* The node of the key, made when it is not there. */
static ds_status node_of_key(ds_trie_builder *b, const uint16_t *key, size_t len, int32_t *node, ds_error *err)
{
    *node = 0;
    if (len == 0)
        return ds_fail(err, DS_EINVAL, 0, 0, "an empty key cannot be stored");
    uint32_t hash = 0;
    for (size_t i = 0; i < len; i++)
        ds_prefetch(&b->slots[(hash = hash_step(hash, key[i])) & (b->slot_count - 1)]);
    for (size_t i = 0; i < len; i++) {
        if (key[i] == 0 || key[i] > DS_TRIE_CODE_MAX)
            return ds_fail(err, DS_EINVAL, i, 0, "code %u is out of range", (unsigned)key[i]);
        *node = child_of(b, *node, key[i]);
        if (*node == DS_TRIE_NONE)
            return ds_fail_nomem(err);
    }
    return DS_OK;
}

ds_status ds_trie_builder_set(ds_trie_builder *b, const uint16_t *key, size_t len, int32_t value, ds_error *err)
{
    int32_t node;
    if (value < DS_TRIE_NONE)
        return ds_fail(err, DS_EINVAL, 0, 0, "value %ld is negative", (long)value);
    ds_status st = node_of_key(b, key, len, &node, err);
    if (st != DS_OK)
        return st;
    trie_node *n = &b->nodes[node];
    b->keys += (size_t)(value != DS_TRIE_NONE) - (size_t)(n->value != DS_TRIE_NONE);
    n->value = value;
    return DS_OK;
}

ds_status ds_trie_builder_find_or_set(ds_trie_builder *b, const uint16_t *key, size_t len, int32_t fresh, int32_t *value,
                                      ds_error *err)
{
    int32_t node;
    *value = DS_TRIE_NONE;
    if (fresh < 0)
        return ds_fail(err, DS_EINVAL, 0, 0, "value %ld is negative", (long)fresh);
    ds_status st = node_of_key(b, key, len, &node, err);
    if (st != DS_OK)
        return st;
    trie_node *n = &b->nodes[node];
    b->keys += n->value == DS_TRIE_NONE;
    n->value = n->value == DS_TRIE_NONE ? fresh : n->value;
    *value = n->value;
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
    uint32_t hash;
    int32_t next = b->slots[edge_slot(b, node, code, &hash)].node;
    return next != 0 ? next : DS_TRIE_NONE;
}

int32_t ds_trie_builder_value(const ds_trie_builder *b, int32_t node)
{
    return b->nodes[node].value;
}

/* ---- freezing ---- */

typedef struct trie_cell {
    int32_t base, check, value; /* of a free cell: the next free one, CELL_FREE, the free one before (0: none) */
} trie_cell;

#define CELL_FREE (-1)
#define CELL_ROOT (-2)

#define FREEZE_WIDTHS 17
#define FREEZE_TRIES 1000 /* free cells that may fail before the next search for as many children begins further up */

typedef struct freezer {
    const ds_trie_builder *b;
    uint32_t *first;    /* children of node i: kids[first[i] .. first[i + 1]) */
    int32_t *kids;
    int32_t *place;     /* node -> cell */
    trie_cell *cells;
    size_t cap, used;   /* used: one past the last cell in use */
    int32_t free, last; /* the first and the last free cell; 0: none */
    int32_t from[FREEZE_WIDTHS]; /* the free cell where nodes with 2^i children and more search from; 0: the first */
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

/* Makes `need` cells, the new ones free. */
static bool reserve_cells(freezer *f, size_t need)
{
    size_t old = f->cap;
    if (need <= old)
        return true;
    if (need > INT32_MAX || ds_grow(&f->b->alloc, (void **)&f->cells, &f->cap, need, sizeof *f->cells) != DS_OK)
        return false;
    for (size_t i = old > 0 ? old : 1; i < f->cap; i++) {
        f->cells[i] = (trie_cell){0, CELL_FREE, f->last};
        *(f->last != 0 ? &f->cells[f->last].base : &f->free) = (int32_t)i;
        f->last = (int32_t)i;
    }
    return true;
}

/* Takes a free cell for the child of `parent`. */
static void take_cell(freezer *f, size_t at, int32_t parent)
{
    trie_cell *c = &f->cells[at];
    *(c->value != 0 ? &f->cells[c->value].base : &f->free) = c->base;
    *(c->base != 0 ? &f->cells[c->base].value : &f->last) = c->value;
    for (size_t i = 0; i < FREEZE_WIDTHS; i++)
        if (f->from[i] == (int32_t)at)
            f->from[i] = c->base;
    *c = (trie_cell){0, parent, DS_TRIE_NONE};
    f->used = at + 1 > f->used ? at + 1 : f->used;
}

static bool cells_fit(const freezer *f, size_t base, const int32_t *kids, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (f->cells[base + f->b->nodes[kids[i]].code].check != CELL_FREE)
            return false;
    return true;
}

/* The first base where the node's children fit; 0: no memory. */
static size_t find_base(freezer *f, const int32_t *kids, size_t count)
{
    uint16_t low = f->b->nodes[kids[0]].code;
    for (size_t i = 1; i < count; i++)
        if (f->b->nodes[kids[i]].code < low)
            low = f->b->nodes[kids[i]].code;
    size_t width = 0;
    while (count >> width > 1)
        width++;
    int32_t at = f->from[width] != 0 ? f->from[width] : f->free;
    for (size_t tries = 0;; at = f->cells[at].base) {
        if (!reserve_cells(f, (size_t)at + DS_TRIE_CODE_MAX + 2))
            return 0;
        if (at <= low)
            continue;
        if (cells_fit(f, (size_t)at - low, kids, count))
            return (size_t)at - low;
        if (++tries == FREEZE_TRIES)
            f->from[width] = at;
    }
}

static bool place_node(freezer *f, int32_t node)
{
    const trie_node *nodes = f->b->nodes;
    const int32_t *kids = f->kids + f->first[node];
    size_t count = f->first[node + 1] - f->first[node];
    int32_t cell = f->place[node];
    f->cells[cell].value = nodes[node].value;
    if (count == 0)
        return true;
    size_t base = find_base(f, kids, count);
    if (base == 0)
        return false;
    f->cells[cell].base = (int32_t)base;
    for (size_t i = 0; i < count; i++) {
        size_t at = base + nodes[kids[i]].code;
        take_cell(f, at, cell);
        f->place[kids[i]] = (int32_t)at;
    }
    return true;
}

static bool place_all(freezer *f)
{
    if (!reserve_cells(f, DS_TRIE_CODE_MAX + 2))
        return false;
    f->cells[0] = (trie_cell){0, CELL_ROOT, DS_TRIE_NONE};
    f->used = 1;
    /* Node numbers grow along every path, so a plain loop meets each parent before its children. */
    for (size_t i = 0; i < f->b->count; i++)
        if (!place_node(f, (int32_t)i))
            return false;
    return true;
}

static void put_cell(ds_buf *image, const trie_cell *c, const uint32_t *notes)
{
    bool is_free = c->check == CELL_FREE;
    int32_t value = is_free ? DS_TRIE_NONE : c->value;
    ds_buf_u32(image, is_free ? 0 : (uint32_t)c->base);
    ds_buf_u32(image, (uint32_t)c->check);
    ds_buf_u32(image, (uint32_t)value);
    ds_buf_u32(image, notes != NULL && value != DS_TRIE_NONE ? notes[value] : 0);
}

ds_status ds_trie_freeze(const ds_trie_builder *b, ds_buf *image, ds_error *err)
{
    return ds_trie_freeze_noted(b, NULL, image, err);
}

ds_status ds_trie_freeze_noted(const ds_trie_builder *b, const uint32_t *notes, ds_buf *image, ds_error *err)
{
    size_t n = b->count;
    freezer f = {.b = b};
    bool ok = false;
    f.first = ds_calloc(&b->alloc, n + 2, sizeof *f.first);
    f.kids = ds_calloc(&b->alloc, n, sizeof *f.kids);
    f.place = ds_calloc(&b->alloc, n, sizeof *f.place);
    if (f.first != NULL && f.kids != NULL && f.place != NULL) {
        list_kids(&f);
        ok = place_all(&f);
    }
    for (size_t i = 0; ok && i < f.used; i++)
        put_cell(image, &f.cells[i], notes);
    ds_mfree(&b->alloc, f.first, (n + 2) * sizeof *f.first);
    ds_mfree(&b->alloc, f.kids, n * sizeof *f.kids);
    ds_mfree(&b->alloc, f.place, n * sizeof *f.place);
    ds_mfree(&b->alloc, f.cells, f.cap * sizeof *f.cells);
    return ok && image->status == DS_OK ? DS_OK : ds_fail_nomem(err);
}

bool ds_trie_view(ds_str image, ds_trie *out)
{
    *out = (ds_trie){NULL, 0};
    if (image.n == 0 || image.n % DS_TRIE_CELL != 0 || image.n / DS_TRIE_CELL > INT32_MAX)
        return false;
    *out = (ds_trie){image.p, (uint32_t)(image.n / DS_TRIE_CELL)};
    return true;
}
