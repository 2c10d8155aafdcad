/* span.c - see span.h: classes of characters and paragraphs. */
#include "span_int.h"

const unsigned char ds_span_ascii[128] = {
    [' '] = SPAN_SPACE,  ['\t'] = SPAN_SPACE, ['\n'] = SPAN_SPACE, ['\v'] = SPAN_SPACE, ['\f'] = SPAN_SPACE,
    ['\r'] = SPAN_SPACE, ['!'] = SPAN_STOP,   ['?'] = SPAN_STOP,   ['.'] = SPAN_DOT,    [','] = SPAN_MID,
    [';'] = SPAN_MID,    [':'] = SPAN_MID,    ['('] = SPAN_OPENER, ['['] = SPAN_OPENER, ['{'] = SPAN_OPENER,
    [')'] = SPAN_CLOSER, [']'] = SPAN_CLOSER, ['}'] = SPAN_CLOSER, ['"'] = SPAN_MARK,   ['\''] = SPAN_MARK,
};

/* U+3000 + index: blank 、。 〈〉《》「」『』【】〔〕〖〗〘〙 */
const unsigned char ds_span_cjk[64] = {
    [0x00] = SPAN_SPACE,  [0x01] = SPAN_MID,    [0x02] = SPAN_STOP,   [0x08] = SPAN_OPENER, [0x09] = SPAN_CLOSER,
    [0x0A] = SPAN_OPENER, [0x0B] = SPAN_CLOSER, [0x10] = SPAN_OPENER, [0x11] = SPAN_CLOSER, [0x14] = SPAN_OPENER,
    [0x15] = SPAN_CLOSER, [0x16] = SPAN_OPENER, [0x17] = SPAN_CLOSER, [0x18] = SPAN_OPENER, [0x19] = SPAN_CLOSER,
    [0x0C] = SPAN_OPENER | SPAN_MARK, [0x0D] = SPAN_CLOSER | SPAN_MARK,
    [0x0E] = SPAN_OPENER | SPAN_MARK, [0x0F] = SPAN_CLOSER | SPAN_MARK,
};

/* U+FF00 + index: ！＂＇（），．：；？［］｛｝ and the half-width ｡｢｣､ */
const unsigned char ds_span_wide[256] = {
    [0x01] = SPAN_STOP,   [0x02] = SPAN_MARK,   [0x07] = SPAN_MARK,   [0x08] = SPAN_OPENER, [0x09] = SPAN_CLOSER,
    [0x0C] = SPAN_MID,    [0x0E] = SPAN_DOT,    [0x1A] = SPAN_MID,    [0x1B] = SPAN_MID,    [0x1F] = SPAN_STOP,
    [0x3B] = SPAN_OPENER, [0x3D] = SPAN_CLOSER, [0x5B] = SPAN_OPENER, [0x5D] = SPAN_CLOSER, [0x61] = SPAN_STOP,
    [0x62] = SPAN_OPENER | SPAN_MARK, [0x63] = SPAN_CLOSER | SPAN_MARK, [0x64] = SPAN_MID,
};

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

/* Vertical and small forms. */
static unsigned class_of_forms(uint32_t cp)
{
    switch (cp) {
    case 0xFEFF: return SPAN_SPACE;
    case 0xFE12: case 0xFE15: case 0xFE16: case 0xFE52: case 0xFE56: case 0xFE57: return SPAN_STOP;
    case 0xFE19: return SPAN_ELLIPSIS;
    case 0xFE50: case 0xFE51: case 0xFE54: case 0xFE55: return SPAN_MID;
    case 0xFE41: case 0xFE43: return SPAN_OPENER | SPAN_MARK; /* ﹁ ﹃ */
    case 0xFE42: case 0xFE44: return SPAN_CLOSER | SPAN_MARK;
    default: return 0;
    }
}

unsigned ds_span_other(uint32_t cp)
{
    if (cp < 0x3000)
        return class_below_3000(cp);
    return cp >= 0xFE12 && cp <= 0xFEFF ? class_of_forms(cp) : 0;
}

/* ---------------------------------------------------------------- paragraphs */

static bool is_space_at(ds_str text, size_t off, size_t *len)
{
    uint32_t cp;
    *len = span_decode(text.p + off, text.n - off, &cp);
    return (span_class(cp) & SPAN_SPACE) != 0;
}

ds_span ds_span_next_paragraph(const span_finder *finder, ds_str text, size_t off)
{
    uint32_t cp;
    size_t len;
    while (off < text.n && is_space_at(text, off, &len)) /* empty lines too: their ends are white space */
        off += len;
    if (off == text.n)
        return (ds_span){off, off};
    size_t end = finder->line_end(text, off);
    for (size_t last; end > off; end = last) {
        last = span_before(text, end, &cp);
        if ((span_class(cp) & SPAN_SPACE) == 0)
            break;
    }
    return (ds_span){off, end};
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
    size_t before = out->count;
    const span_finder *finder = ds_span_finder();
    for (ds_span par = {0, 0}; par = ds_span_next_paragraph(finder, text, par.end), par.beg < par.end;) {
        if (ds_grow(out->alloc, (void **)&out->items, &out->cap, out->count + 1, sizeof *out->items) != DS_OK) {
            out->count = before;
            return ds_fail_nomem(err);
        }
        out->items[out->count++] = par;
    }
    return DS_OK;
}
