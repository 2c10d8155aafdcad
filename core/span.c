/* span.c - see span.h: classes of characters and paragraphs. */
#include "span_int.h"

static unsigned class_of_ascii(uint32_t cp)
{
    switch (cp) {
    case ' ': case '\t': case '\n': case '\v': case '\f': case '\r': return SPAN_SPACE;
    case '!': case '?': return SPAN_STOP;
    case '.': return SPAN_DOT;
    case ',': case ';': case ':': return SPAN_MID;
    case '(': case '[': case '{': return SPAN_OPENER;
    case ')': case ']': case '}': return SPAN_CLOSER;
    case '"': case '\'': return SPAN_MARK;
    default: return 0;
    }
}

static unsigned class_below_3000(uint32_t cp)
{
    switch (cp) {
    case 0x85: case 0xA0: case 0x1680: case 0x2028: case 0x2029: case 0x202F: case 0x205F: return SPAN_SPACE;
    case 0x203C: case 0x203D: case 0x2047: case 0x2048: case 0x2049: return SPAN_STOP; /* ‼ ‽ ⁇ ⁈ ⁉ */
    case 0x2025: case 0x2026: case 0x22EF: return SPAN_ELLIPSIS;                       /* ‥ … ⋯ */
    case 0x2018: case 0x201C: return SPAN_OPENER | SPAN_MARK;                          /* ‘ “ */
    case 0x2019: case 0x201D: return SPAN_CLOSER | SPAN_MARK;                          /* ’ ” */
    default: return cp >= 0x2000 && cp <= 0x200B ? SPAN_SPACE : 0;
    }
}

static unsigned class_of_cjk(uint32_t cp)
{
    switch (cp) {
    case 0x3000: return SPAN_SPACE;
    case 0x3001: return SPAN_MID;
    case 0x3002: return SPAN_STOP;
    case 0x300C: case 0x300E: return SPAN_OPENER | SPAN_MARK; /* 「 『 */
    case 0x300D: case 0x300F: return SPAN_CLOSER | SPAN_MARK;
    case 0x3008: case 0x300A: case 0x3010: case 0x3014: case 0x3016: case 0x3018: return SPAN_OPENER;
    case 0x3009: case 0x300B: case 0x3011: case 0x3015: case 0x3017: case 0x3019: return SPAN_CLOSER;
    default: return 0;
    }
}

/* Vertical, small, full-width and half-width forms. */
static unsigned class_of_forms(uint32_t cp)
{
    switch (cp) {
    case 0xFEFF: return SPAN_SPACE;
    case 0xFF01: case 0xFF1F: case 0xFF61: case 0xFE12: case 0xFE15: case 0xFE16: case 0xFE52: case 0xFE56:
    case 0xFE57: return SPAN_STOP;
    case 0xFE19: return SPAN_ELLIPSIS;
    case 0xFF0E: return SPAN_DOT;
    case 0xFF0C: case 0xFF1A: case 0xFF1B: case 0xFF64: case 0xFE50: case 0xFE51: case 0xFE54: case 0xFE55:
        return SPAN_MID;
    case 0xFF08: case 0xFF3B: case 0xFF5B: return SPAN_OPENER;
    case 0xFF09: case 0xFF3D: case 0xFF5D: return SPAN_CLOSER;
    case 0xFE41: case 0xFE43: case 0xFF62: return SPAN_OPENER | SPAN_MARK; /* ﹁ ﹃ ｢ */
    case 0xFE42: case 0xFE44: case 0xFF63: return SPAN_CLOSER | SPAN_MARK;
    case 0xFF02: case 0xFF07: return SPAN_MARK;
    default: return 0;
    }
}

unsigned ds_span_class(uint32_t cp)
{
    if (cp < 0x80)
        return class_of_ascii(cp);
    if (cp < 0x3000)
        return class_below_3000(cp);
    if (cp < 0x3020)
        return class_of_cjk(cp);
    return cp >= 0xFE12 && cp <= 0xFF64 ? class_of_forms(cp) : 0;
}

static bool is_line_end(uint32_t cp)
{
    return cp == '\n' || cp == '\r' || cp == 0x2028 || cp == 0x2029;
}

bool ds_span_next_paragraph(ds_str text, size_t *pos, ds_span *par)
{
    bool any = false;
    size_t off = *pos, len;
    uint32_t cp;
    for (; off < text.n; off += len) {
        len = span_decode(text.p + off, text.n - off, &cp);
        if (is_line_end(cp)) {
            if (any)
                break; /* the LF of a CR LF is an empty line of its own, which no one sees */
        } else if ((span_class(cp) & SPAN_SPACE) == 0) {
            if (!any)
                par->beg = off;
            any = true;
            len = span_skip_han(text.p, off + len, text.n) - off;
            par->end = off + len;
        }
    }
    *pos = off;
    return any;
}

/* ---------------------------------------------------------------- public */

void ds_spans_init(ds_spans *v, const ds_alloc *a)
{
    *v = (ds_spans){.alloc = ds_alloc_or_libc(a)};
}

void ds_spans_clear(ds_spans *v)
{
    const ds_alloc *a = v->alloc;
    ds_mfree(a, v->items, v->cap * sizeof *v->items);
    ds_spans_init(v, a);
}

ds_status ds_span_paragraphs(ds_str text, ds_spans *out, ds_error *err)
{
    size_t pos = 0, before = out->count;
    for (ds_span par; ds_span_next_paragraph(text, &pos, &par);) {
        if (ds_grow(out->alloc, (void **)&out->items, &out->cap, out->count + 1, sizeof *out->items) != DS_OK) {
            out->count = before;
            return ds_fail_nomem(err);
        }
        out->items[out->count++] = par;
    }
    return DS_OK;
}
