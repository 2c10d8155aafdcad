/* bind_htmltree.c - see bind_htmltree.h. */
#include "bind_htmltree.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "utf8.h"

#ifndef DS_HTML_DEPTH
#define DS_HTML_DEPTH 1000 /* elements within one another; every algorithm of a parser is at worst depth times length */
#endif
#define ARENA_LEAST ((size_t)16 << 20)
#define ARENA_MOST ((size_t)512 << 20)
#define ARENA_PER_BYTE 64
#define ARENA_CHUNK ((size_t)64 << 10)

/* ------------------------------------------------------------------ gumbo's memory */

typedef struct arena_chunk {
    struct arena_chunk *next;
    size_t used, size;
} arena_chunk;

typedef struct dsL_arena {
    arena_chunk *chunks;
    size_t total, most;
    bool exhausted; /* the bound was met, not the system's */
    jmp_buf out;
} dsL_arena;

#define CHUNK_HEAD ((sizeof(arena_chunk) + 15) & ~(size_t)15)

/* gumbo does not look whether it got memory, so a failure leaves it by longjmp; all it has is in the arena. */
static void *arena_alloc(void *ud, size_t n)
{
    dsL_arena *a = ud;
    size_t want = (n + 15) & ~(size_t)15;
    arena_chunk *c = a->chunks;
    if (c == NULL || c->size - c->used < want) {
        size_t size = want > ARENA_CHUNK ? want : ARENA_CHUNK;
        a->exhausted = want < n || size > a->most - a->total;
        c = a->exhausted ? NULL : malloc(CHUNK_HEAD + size);
        if (c == NULL)
            longjmp(a->out, 1);
        *c = (arena_chunk){a->chunks, 0, size};
        a->chunks = c;
        a->total += size;
    }
    void *p = (char *)c + CHUNK_HEAD + c->used;
    c->used += want;
    return p;
}

static void arena_free(void *ud, void *p)
{
    (void)ud;
    (void)p;
}

static void clear_arena(dsL_arena *a)
{
    while (a != NULL && a->chunks != NULL) {
        arena_chunk *next = a->chunks->next;
        free(a->chunks);
        a->chunks = next;
    }
    free(a);
}

/* ------------------------------------------------------------------ depth, before anything is built */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_one_of(const char *name, size_t n, const char *const list[])
{
    for (size_t i = 0; list[i] != NULL; i++)
        if (strlen(list[i]) == n && strncasecmp(name, list[i], n) == 0)
            return true;
    return false;
}

/* Offset behind `</name` at or after `at`, or the end. */
static size_t behind_raw_text(ds_str s, size_t at, const char *name, size_t n)
{
    for (const char *p; at < s.n && (p = memchr(s.p + at, '<', s.n - at)) != NULL; at++) {
        at = (size_t)(p - s.p);
        if (s.n - at > n + 2 && s.p[at + 1] == '/' && strncasecmp(s.p + at + 2, name, n) == 0)
            return at + 2 + n;
    }
    return s.n;
}

/* How deep elements nest at most, by their tags; those whose end may be left out do not count. */
static size_t tag_depth(ds_str s)
{
    static const char *const uncounted[] = {"p", "li", "dd", "dt", "td", "th", "tr", "tbody", "thead", "tfoot",
        "option", "optgroup", "colgroup", "rt", "rp", "rb", "html", "head", "body", "br", "hr", "img", "input", "meta", "link",
        "area", "base", "col", "embed", "param", "source", "track", "wbr", NULL};
    static const char *const raw[] = {"script", "style", "textarea", "title", "xmp", "iframe", "noframes", NULL};
    size_t depth = 0, most = 0, at = 0;
    for (const char *p; at < s.n && (p = memchr(s.p + at, '<', s.n - at)) != NULL;) {
        at = (size_t)(p - s.p) + 1;
        bool close = at < s.n && s.p[at] == '/';
        size_t name = at + close, end = name;
        while (end < s.n && (is_letter(s.p[end]) || (s.p[end] >= '0' && s.p[end] <= '9')))
            end++;
        if (end == name || !is_letter(s.p[name]) || is_one_of(s.p + name, end - name, uncounted))
            continue;
        at = end;
        if (close)
            depth -= depth > 0;
        else if (is_one_of(s.p + name, end - name, raw))
            at = behind_raw_text(s, end, s.p + name, end - name);
        else if (++depth > most)
            most = depth;
    }
    return most;
}

/* ------------------------------------------------------------------ elements and blocks */

static bool is_inline(const GumboNode *n)
{
    switch (n->v.element.tag) {
    case GUMBO_TAG_A: case GUMBO_TAG_ABBR: case GUMBO_TAG_ACRONYM: case GUMBO_TAG_B: case GUMBO_TAG_BDI:
    case GUMBO_TAG_BDO: case GUMBO_TAG_BIG: case GUMBO_TAG_BR: case GUMBO_TAG_CITE: case GUMBO_TAG_CODE:
    case GUMBO_TAG_DATA: case GUMBO_TAG_DEL: case GUMBO_TAG_DFN: case GUMBO_TAG_EM: case GUMBO_TAG_FONT:
    case GUMBO_TAG_I: case GUMBO_TAG_INS: case GUMBO_TAG_IMG: case GUMBO_TAG_KBD: case GUMBO_TAG_LABEL:
    case GUMBO_TAG_MARK: case GUMBO_TAG_NOBR: case GUMBO_TAG_Q: case GUMBO_TAG_RUBY: case GUMBO_TAG_RB:
    case GUMBO_TAG_S: case GUMBO_TAG_SAMP: case GUMBO_TAG_SMALL: case GUMBO_TAG_SPAN: case GUMBO_TAG_STRIKE:
    case GUMBO_TAG_STRONG: case GUMBO_TAG_SUB: case GUMBO_TAG_SUP: case GUMBO_TAG_TIME: case GUMBO_TAG_TT:
    case GUMBO_TAG_U: case GUMBO_TAG_VAR: case GUMBO_TAG_WBR:
        return true;
    default:
        return false;
    }
}

static bool has_no_text(const GumboNode *n)
{
    switch (n->v.element.tag) {
    case GUMBO_TAG_HEAD: case GUMBO_TAG_SCRIPT: case GUMBO_TAG_STYLE: case GUMBO_TAG_NOSCRIPT: case GUMBO_TAG_TEMPLATE:
    case GUMBO_TAG_IFRAME: case GUMBO_TAG_OBJECT: case GUMBO_TAG_SVG: case GUMBO_TAG_MATH: case GUMBO_TAG_SELECT:
    case GUMBO_TAG_BUTTON: case GUMBO_TAG_TEXTAREA: case GUMBO_TAG_CANVAS: case GUMBO_TAG_AUDIO: case GUMBO_TAG_VIDEO:
    case GUMBO_TAG_DATALIST: case GUMBO_TAG_RT: case GUMBO_TAG_RP: case GUMBO_TAG_NOFRAMES:
        return true;
    default:
        return false;
    }
}

static bool is_element(const GumboNode *n)
{
    return n->type == GUMBO_NODE_ELEMENT || n->type == GUMBO_NODE_TEMPLATE;
}

static const GumboVector *children_of(const GumboNode *n)
{
    return n->type == GUMBO_NODE_DOCUMENT ? &n->v.document.children : is_element(n) ? &n->v.element.children : NULL;
}

typedef struct walker {
    dsL_page *page;
    bool open;     /* a block is */
    size_t silent; /* elements above that give no text */
    size_t links, pres;
    ds_status status;
} walker;

#define APPEND(w, array, count, cap) \
    ((w)->status == DS_OK && \
     ((w)->status = ds_grow(&(w)->page->alloc, (void **)&(w)->page->array, &(w)->page->cap, (w)->page->count + 1, \
                            sizeof *(w)->page->array)) == DS_OK)

static size_t top_element(const dsL_page *p)
{
    return p->depth > 0 ? p->stack[p->depth - 1] : DSL_NO_ELEMENT;
}

static bool is_cell(const GumboNode *n)
{
    return n->v.element.tag == GUMBO_TAG_TD || n->v.element.tag == GUMBO_TAG_TH;
}

/* Whether a block of element e goes on in the line of the block before it. */
static bool joins_cell(const dsL_page *p, size_t e)
{
    if (p->block_count == 0 || e == DSL_NO_ELEMENT || !is_cell(p->elements[e].node))
        return false;
    size_t last = p->blocks[p->block_count - 1].element;
    return last != DSL_NO_ELEMENT && last != e && is_cell(p->elements[last].node) &&
           p->elements[last].parent == p->elements[e].parent;
}

static void open_block(walker *w)
{
    dsL_page *p = w->page;
    size_t e = top_element(p);
    while (e != DSL_NO_ELEMENT && is_inline(p->elements[e].node))
        e = p->elements[e].parent;
    if (APPEND(w, blocks, block_count, block_cap)) {
        p->blocks[p->block_count] = (dsL_block){.element = e, .run = p->run_count, .joined = joins_cell(p, e)};
        p->block_count++;
        w->open = true;
    }
}

static bool is_mark(uint32_t cp)
{
    return cp == 0x3002 || cp == 0xFF0C || cp == 0x3001 || cp == 0xFF01 || cp == 0xFF1F || cp == 0xFF1B || cp == 0x201C ||
           cp == 0x300C || cp == 0x2026 || cp == ',' || cp == '.' || cp == '!' || cp == '?' || cp == ';';
}

static void count_text(walker *w, const char *text)
{
    dsL_block *b = &w->page->blocks[w->page->block_count - 1];
    size_t n = strlen(text), at = 0, chars = 0;
    while (at < n) {
        uint32_t cp;
        at += ds_utf8_decode(text + at, n - at, &cp);
        chars += cp > ' ' && cp != 0xA0 && cp != 0x3000;
        b->marks += is_mark(cp);
    }
    b->chars += chars;
    b->link_chars += w->links > 0 ? chars : 0;
}

static void add_run(walker *w, const GumboNode *n)
{
    dsL_page *p = w->page;
    if (!w->open)
        open_block(w);
    if (!w->open || !APPEND(w, runs, run_count, run_cap))
        return;
    p->runs[p->run_count++] = (dsL_run){n, w->pres > 0};
    p->blocks[p->block_count - 1].run_end = p->run_count;
    if (n != NULL)
        count_text(w, n->v.text.text);
}

static void enter(walker *w, const GumboNode *n)
{
    dsL_page *p = w->page;
    if (!is_element(n)) {
        bool blank = n->type == GUMBO_NODE_WHITESPACE;
        if (w->silent == 0 && (n->type == GUMBO_NODE_TEXT || n->type == GUMBO_NODE_CDATA || (blank && w->open)))
            add_run(w, n);
        return;
    }
    if (APPEND(w, elements, element_count, element_cap))
        p->elements[p->element_count++] = (dsL_element){n, top_element(p)};
    if (APPEND(w, stack, depth, stack_cap))
        p->stack[p->depth++] = p->element_count - 1;
    w->open = w->open && is_inline(n);
    w->silent += has_no_text(n);
    w->links += n->v.element.tag == GUMBO_TAG_A;
    w->pres += n->v.element.tag == GUMBO_TAG_PRE;
    if (n->v.element.tag == GUMBO_TAG_BR && w->open && w->silent == 0)
        add_run(w, NULL);
}

static void leave(walker *w, const GumboNode *n)
{
    if (!is_element(n))
        return;
    w->page->depth--;
    w->open = w->open && is_inline(n);
    w->silent -= has_no_text(n);
    w->links -= n->v.element.tag == GUMBO_TAG_A;
    w->pres -= n->v.element.tag == GUMBO_TAG_PRE;
}

/* Every node in order, without recursion. */
static ds_status walk(dsL_page *p, const GumboNode *root)
{
    walker w = {.page = p, .status = DS_OK};
    const GumboNode *n = root;
    while (w.status == DS_OK) {
        if (n != root)
            enter(&w, n);
        const GumboVector *children = children_of(n);
        if (w.status == DS_OK && children != NULL && children->length > 0) {
            n = children->data[0];
            continue;
        }
        while (n != root && w.status == DS_OK) {
            const GumboVector *siblings = children_of(n->parent);
            size_t next = n->index_within_parent + 1;
            leave(&w, n);
            if (next < siblings->length) {
                n = siblings->data[next];
                break;
            }
            n = n->parent;
        }
        if (n == root)
            break;
    }
    return w.status;
}

/* ------------------------------------------------------------------ all of it */

/* gumbo_parse, or NULL when its memory does not suffice. */
static const GumboOutput *parse_in_arena(dsL_arena *a, ds_str src)
{
    if (setjmp(a->out) != 0)
        return NULL;
    GumboOptions o = kGumboDefaultOptions;
    o.allocator = arena_alloc;
    o.deallocator = arena_free;
    o.userdata = a;
    o.max_errors = 0;
    return gumbo_parse_with_options(&o, src.p, src.n);
}

ds_status dsL_page_parse(dsL_page *page, const ds_alloc *alloc, ds_str src, const char **why)
{
    memset(page, 0, sizeof *page);
    page->alloc = *alloc;
    page->src = src;
    if (tag_depth(src) > DS_HTML_DEPTH) {
        *why = "elements nested too deep for a page that people read";
        return DS_ELIMIT;
    }
    page->arena = calloc(1, sizeof *page->arena);
    if (page->arena == NULL)
        return DS_ENOMEM;
    size_t most = src.n < ARENA_MOST / ARENA_PER_BYTE ? ARENA_LEAST + src.n * ARENA_PER_BYTE : ARENA_MOST;
    page->arena->most = most < ARENA_MOST ? most : ARENA_MOST;
    const GumboOutput *out = parse_in_arena(page->arena, src);
    if (out == NULL && !page->arena->exhausted)
        return DS_ENOMEM;
    if (out == NULL) {
        *why = "tags that make a parser use memory out of proportion";
        return DS_ELIMIT;
    }
    return walk(page, out->document);
}

void dsL_page_clear(dsL_page *page)
{
    clear_arena(page->arena);
    ds_mfree(&page->alloc, page->elements, page->element_cap * sizeof *page->elements);
    ds_mfree(&page->alloc, page->blocks, page->block_cap * sizeof *page->blocks);
    ds_mfree(&page->alloc, page->runs, page->run_cap * sizeof *page->runs);
    ds_mfree(&page->alloc, page->stack, page->stack_cap * sizeof *page->stack);
    ds_alloc kept = page->alloc;
    memset(page, 0, sizeof *page);
    page->alloc = kept;
}
