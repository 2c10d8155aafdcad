/*
 * bind_markdown.c - Markdown (CommonMark, by libcmark) and plain text to an article's clean text.
 *
 *   markdown.parse(bytes [, from [, to]]) -> text, map, headings, drift | nil, message, detail
 *   markdown.plain(bytes [, from [, to]]) -> text, map
 *   markdown.work_max, markdown.memory_max
 *
 * text: see bind_clean.h for what is promised.  From Markdown: a link leaves its text, an image nothing,
 * marks of emphasis nothing; code its content; tags of HTML nothing, though text between them stays;
 * a heading is one line, a list item one or more, without its bullet.
 * map: a ds.sourcemap whose positions are those in `bytes`.
 * headings: { {level=, from=, to=}, ... }, positions in text.
 * drift: how often cmark's tree and the source had to be matched by search; 0 for all known input.
 *
 * What is known of libcmark 0.30.2, Debian 12's:
 *  - It aborts the process when memory runs out.  Here it allocates through a list that this file
 *    owns, and leaves by longjmp when an allocation fails.
 *  - It takes time in proportion to images times links where images are left open ("![[]()" over and
 *    over; CVE-2023-22486): such paragraphs are refused before.
 *  - It takes "[name]: text" for a link's definition even where the text is Chinese prose or a footnote,
 *    and would drop it: those colons are hidden from it.
 */
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "bind_mdwalk.h"

#ifndef DS_MARKDOWN_WORK_MAX
#define DS_MARKDOWN_WORK_MAX 1000000000u /* images times links, summed over paragraphs: about 2 s */
#endif
#ifndef DS_MARKDOWN_MEMORY_MAX
#define DS_MARKDOWN_MEMORY_MAX ((size_t)1 << 30) /* bytes that the tree of one file may take */
#endif
#define MDJOB "ds.markdown.job"

/* ------------------------------------------------------------------ memory for cmark */

typedef struct mdblock { /* three words, so what follows is aligned for pointers, all that cmark needs */
    struct mdblock *prev, *next;
    size_t size; /* of the whole, this header included */
} mdblock;

typedef struct mdjob {
    ds_alloc alloc;
    mdblock blocks; /* head of a ring */
    size_t used;
    bool over;      /* the ceiling was reached, not the end of memory */
    jmp_buf leave;
    ds_buf masked;
    dsL_headings headings;
} mdjob;

/* cmark's allocation functions get no argument of ours.  Set only while cmark runs. */
static _Thread_local mdjob *mdjob_current;

static void *mdjob_resize(void *p, size_t n)
{
    mdjob *job = mdjob_current;
    mdblock *old = p != NULL ? (mdblock *)p - 1 : NULL, *b = NULL;
    size_t size = 0, osize = old != NULL ? old->size : 0;
    job->over = job->used > DS_MARKDOWN_MEMORY_MAX || n > DS_MARKDOWN_MEMORY_MAX;
    if (!job->over && ds_add(n, sizeof *b, &size))
        b = job->alloc.fn(job->alloc.ud, old, osize, size);
    if (b == NULL)
        longjmp(job->leave, 1);
    job->used += size - osize;
    b->size = size;
    if (old == NULL) {
        b->prev = &job->blocks;
        b->next = job->blocks.next;
    }
    b->prev->next = b->next->prev = b;
    return b + 1;
}

static void *mdjob_calloc(size_t count, size_t size)
{
    size_t n = 0;
    if (!ds_mul(count, size, &n))
        longjmp(mdjob_current->leave, 1);
    return memset(mdjob_resize(NULL, n), 0, n);
}

static void mdjob_free_block(mdjob *job, mdblock *b)
{
    b->prev->next = b->next;
    b->next->prev = b->prev;
    job->used -= b->size;
    (void)job->alloc.fn(job->alloc.ud, b, b->size, 0);
}

static void mdjob_free(void *p)
{
    if (p != NULL)
        mdjob_free_block(mdjob_current, (mdblock *)p - 1);
}

static void mdjob_clear(mdjob *job)
{
    while (job->blocks.next != &job->blocks)
        mdjob_free_block(job, job->blocks.next);
    ds_buf_clear(&job->masked);
    ds_mfree(&job->alloc, job->headings.items, job->headings.cap * sizeof *job->headings.items);
    job->headings = (dsL_headings){&job->alloc, NULL, 0, 0};
}

static int mdjob_gc(lua_State *L)
{
    mdjob_clear(luaL_checkudata(L, 1, MDJOB));
    return 0;
}

static mdjob *mdjob_push(lua_State *L)
{
    static const luaL_Reg methods[] = {{NULL, NULL}}, meta[] = {{"__gc", mdjob_gc}, {NULL, NULL}};
    dsL_newclass(L, MDJOB, methods, meta);
    mdjob *job = lua_newuserdatauv(L, sizeof *job, 0);
    memset(job, 0, sizeof *job);
    job->alloc = dsL_alloc(L);
    job->blocks.prev = job->blocks.next = &job->blocks;
    ds_buf_init(&job->masked, &job->alloc);
    job->headings.alloc = &job->alloc;
    luaL_setmetatable(L, MDJOB);
    return job;
}

/* ------------------------------------------------------------------ before cmark sees it */

/* Refuses text on which cmark's link stack would take too long: for each run of lines without an empty
 * one, images times closing brackets. */
static ds_status check_work(ds_str md, size_t base, ds_error *err)
{
    uint64_t images = 0, work = 0, line = 1, from = 1;
    bool empty = true;
    for (size_t i = 0; i < md.n; i++) {
        char c = md.p[i];
        images += c == '!' && i + 1 < md.n && md.p[i + 1] == '[';
        if (c == '\n') {
            line++;
            if (empty) {
                images = 0;
                from = line;
            }
            empty = true;
        } else if (c != ' ' && c != '\t' && c != '\r') {
            empty = false;
        }
        if (c == ']' && (work += images) > DS_MARKDOWN_WORK_MAX)
            return ds_fail(err, DS_ELIMIT, base + i, from,
                           "too many images and links in one paragraph; split it with empty lines");
    }
    return DS_OK;
}

/* The colon of a line "[name]: text" that is no link's definition, or 0: name is a footnote's (^1), or
 * text does not start as an address does. */
static size_t prose_colon(ds_str md, size_t at)
{
    size_t i = at + 1;
    while (i < md.n && md.p[i] != ']' && md.p[i] != '\n' && md.p[i] != '\r' && i - at < 1002)
        i++;
    if (i + 1 >= md.n || md.p[i] != ']' || md.p[i + 1] != ':')
        return 0;
    size_t text = i + 2;
    while (text < md.n && (md.p[text] == ' ' || md.p[text] == '\t'))
        text++;
    bool prose = text < md.n && (md.p[text] & 0x80) != 0;
    return prose || md.p[at + 1] == '^' ? i + 1 : 0;
}

/* *out = md, or a copy of the same length in which such colons are semicolons. */
static ds_status hide_colons(mdjob *job, ds_str md, ds_str *out)
{
    *out = md;
    for (size_t i = 0; i < md.n; i++) {
        size_t at = i;
        while (at < md.n && (md.p[at] == ' ' || md.p[at] == '\t' || md.p[at] == '>'))
            at++;
        size_t colon = at < md.n && md.p[at] == '[' ? prose_colon(md, at) : 0;
        if (colon != 0 && job->masked.n == 0)
            ds_buf_put(&job->masked, md.p, md.n);
        if (job->masked.status != DS_OK)
            return job->masked.status;
        if (colon != 0)
            job->masked.p[colon] = ';';
        i = dsL_clean_eol(md, at, md.n);
    }
    if (job->masked.n > 0)
        *out = ds_buf_str(&job->masked);
    return DS_OK;
}

/* ------------------------------------------------------------------ prose without marks */

/* Whether the line that begins at `at` could be more than a line of a paragraph by how it begins. */
static bool opens_block(ds_str s, size_t at, size_t end)
{
    size_t spaces = 0, digits = 0;
    while (at < end && s.p[at] == ' ' && spaces < 4)
        at++, spaces++;
    if (spaces == 4 || at >= end)
        return spaces == 4;
    if (strchr("\t-+=#>~", s.p[at]) != NULL)
        return true;
    while (at + digits < end && s.p[at + digits] >= '0' && s.p[at + digits] <= '9')
        digits++;
    return digits > 0 && at + digits < end && (s.p[at + digits] == '.' || s.p[at + digits] == ')');
}

static bool is_word_byte(ds_str s, size_t at)
{
    char c = at < s.n ? s.p[at] : ' ';
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Whether the mark at `at` stands where it can mean nothing: _ within a word, & and < before what is no name. */
static bool is_idle(ds_str s, size_t beg, size_t at)
{
    char next = at + 1 < s.n ? s.p[at + 1] : ' ';
    switch (s.p[at]) {
    case '_': return at > beg && is_word_byte(s, at - 1) && is_word_byte(s, at + 1);
    case '&': return next != '#' && !is_word_byte(s, at + 1);
    case '<': return next != '/' && next != '!' && next != '?' && !is_word_byte(s, at + 1);
    default: return false;
    }
}

/* Whether anything in [beg, end) could be Markdown's: without it, its clean text is that of plain text. */
static bool has_marks(ds_str s, size_t beg, size_t end)
{
    static const bool marks[256] = {['*'] = true, ['_'] = true, ['['] = true, ['`'] = true, ['<'] = true,
                                    ['&'] = true, ['\\'] = true, ['\0'] = true, ['\f'] = true, ['\v'] = true};
    while (beg < end) {
        size_t eol = dsL_clean_eol(s, beg, end);
        if (opens_block(s, beg, eol))
            return true;
        for (size_t i = beg; i < eol; i++)
            if (marks[(unsigned char)s.p[i]] && !is_idle(s, beg, i))
                return true;
        beg = dsL_clean_past_eol(s, eol);
    }
    return false;
}

/* ------------------------------------------------------------------ parse */

/* All that may leave by longjmp, in a function of its own so that no local is clobbered. */
static ds_status run_cmark(mdjob *job, ds_str src, size_t beg, size_t end, dsL_clean *out, size_t *drift)
{
    static cmark_mem mem = {mdjob_calloc, mdjob_resize, mdjob_free};
    cmark_parser *parser = cmark_parser_new_with_mem(CMARK_OPT_DEFAULT, &mem);
    cmark_parser_feed(parser, src.p + beg, end - beg);
    cmark_node *root = cmark_parser_finish(parser);
    return dsL_mdwalk(root, src, beg, end, out, &job->headings, drift);
}

static ds_status parse_markdown(mdjob *job, size_t beg, size_t end, dsL_clean *out, size_t *drift,
                                ds_error *err)
{
    ds_str src = out->src;
    if (!has_marks(src, beg, end)) {
        dsL_clean_lines(out, beg, end);
        return dsL_clean_finish(out) == DS_OK ? DS_OK : ds_fail_nomem(err);
    }
    ds_status status = check_work((ds_str){src.p + beg, end - beg}, beg, err);
    if (status != DS_OK)
        return status;
    if (hide_colons(job, out->src, &src) != DS_OK)
        return ds_fail_nomem(err);
    mdjob_current = job;
    if (setjmp(job->leave) == 0)
        status = run_cmark(job, src, beg, end, out, drift);
    else
        status = job->over ? DS_ELIMIT : DS_ENOMEM;
    mdjob_current = NULL;
    if (status == DS_ELIMIT)
        return ds_fail(err, DS_ELIMIT, beg, 0,
                       "Markdown with too many marks: its tree takes more than %zu MiB; split the file",
                       DS_MARKDOWN_MEMORY_MAX >> 20);
    return status == DS_OK ? DS_OK : ds_fail_nomem(err);
}

static void push_headings(lua_State *L, const dsL_headings *h)
{
    lua_createtable(L, h->count < INT32_MAX ? (int)h->count : 0, 0);
    for (size_t i = 0; i < h->count; i++) {
        lua_createtable(L, 0, 3);
        lua_pushinteger(L, h->items[i].level);
        lua_setfield(L, -2, "level");
        dsL_pushspan(L, h->items[i].beg, h->items[i].end);
        lua_setfield(L, -3, "to");
        lua_setfield(L, -2, "from");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static int markdown_parse(lua_State *L)
{
    ds_str src = dsL_checkstr(L, 1);
    size_t beg, end, drift = 0;
    ds_error err = {0};
    dsL_checkrange(L, 2, src.n, &beg, &end);
    lua_settop(L, 1);
    mdjob *job = mdjob_push(L);
    dsL_clean *out = dsL_clean_push(L);
    out->src = src;
    if (parse_markdown(job, beg, end, out, &drift, &err) != DS_OK)
        return dsL_pusherror(L, &err);
    dsL_clean_pushtext(L, out);
    lua_insert(L, -2);
    push_headings(L, &job->headings);
    lua_pushinteger(L, (lua_Integer)drift);
    mdjob_clear(job);
    return 4;
}

static int markdown_plain(lua_State *L)
{
    ds_str src = dsL_checkstr(L, 1);
    size_t beg, end;
    ds_error err = {0};
    dsL_checkrange(L, 2, src.n, &beg, &end);
    dsL_clean *out = dsL_clean_push(L);
    out->src = src;
    dsL_clean_lines(out, beg, end);
    if (dsL_clean_finish(out) != DS_OK) {
        (void)ds_fail_nomem(&err);
        return dsL_raise(L, &err);
    }
    dsL_clean_pushtext(L, out);
    lua_insert(L, -2);
    return 2;
}

int dsL_open_markdown(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"parse", markdown_parse}, {"plain", markdown_plain}, {NULL, NULL}};
    luaL_newlib(L, functions);
    lua_pushinteger(L, (lua_Integer)DS_MARKDOWN_WORK_MAX);
    lua_setfield(L, -2, "work_max");
    lua_pushinteger(L, (lua_Integer)DS_MARKDOWN_MEMORY_MAX);
    lua_setfield(L, -2, "memory_max");
    return 1;
}
