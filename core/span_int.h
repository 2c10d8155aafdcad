/*
 * span_int.h - what the three parts of span share: classes of characters, paragraphs one by one, a walk
 * over the characters of a paragraph, and the reading of quotation marks.
 */
#ifndef DS_SPAN_INT_H
#define DS_SPAN_INT_H

#include "span.h"

/* Classes, as bits; 0 is ordinary text. */
enum {
    SPAN_SPACE = 1,
    SPAN_STOP = 2,      /* ends sentences: 。！？!? */
    SPAN_ELLIPSIS = 4,
    SPAN_DOT = 8,       /* . ． */
    SPAN_MID = 16,      /* stands within sentences: ，、；：,;: */
    SPAN_OPENER = 32,   /* opening brackets and quotation marks */
    SPAN_CLOSER = 64,   /* closing ones */
    SPAN_MARK = 128     /* quotation marks, those that open, close or may do either */
};

/* Of the blocks that news text is full of: U+0000.., U+3000.., U+FF00.. */
extern const unsigned char ds_span_ascii[128], ds_span_cjk[64], ds_span_wide[256];
/* Of all others. */
unsigned ds_span_other(uint32_t cp);

static inline unsigned span_class(uint32_t cp)
{
    if (cp - 0x4E00u < 0x5200u)
        return 0;
    if (cp < 0x80)
        return ds_span_ascii[cp];
    if ((cp & ~63u) == 0x3000)
        return ds_span_cjk[cp & 63];
    if ((cp & ~255u) == 0xFF00)
        return ds_span_wide[cp & 255];
    return ds_span_other(cp);
}

static inline bool span_is_latin(uint32_t cp)
{
    return (cp | 0x20u) - 'a' < 26u || (cp >= 0xC0 && cp <= 0x24F && cp != 0xD7 && cp != 0xF7);
}

static inline bool span_is_digit(uint32_t cp)
{
    return cp - '0' < 10u;
}

/* ds_utf8_decode with the two common cases in line; three bytes are looked at as one number. */
static inline size_t span_decode(const char *p, size_t n, uint32_t *cp)
{
    if (n >= 4) {
        uint32_t w = ds_load32(p);
        if ((w & 0xC0C0F0u) == 0x8080E0u) {
            *cp = (w & 0x0Fu) << 12 | (w >> 2 & 0xFC0u) | (w >> 16 & 0x3Fu);
            if (*cp >= 0x800 && (*cp & 0xF800u) != 0xD800u) /* neither overlong nor a surrogate */
                return 3;
        } else if ((w & 0x80u) == 0) {
            *cp = w & 0x7Fu;
            return 1;
        }
    }
    return ds_utf8_decode(p, n, cp);
}

/* Behind the run of common Han characters (E4..E9 and two continuation bytes; all of class 0) at `off`. */
static inline size_t span_skip_han(const char *p, size_t off, size_t end)
{
    while (end - off >= 8) { /* two at a time */
        uint64_t w = ds_load64(p + off);
        if ((w & UINT64_C(0x0000C0C000C0C000)) != UINT64_C(0x0000808000808000) || (w & 0xFF) - 0xE4u > 5u ||
            (w >> 24 & 0xFF) - 0xE4u > 5u)
            break;
        off += 6;
    }
    while (end - off >= 4) {
        uint32_t w = ds_load32(p + off);
        if ((w & 0xC0C000u) != 0x808000u || (w & 0xFFu) - 0xE4u > 5u)
            break;
        off += 3;
    }
    return off;
}

/* The next paragraph at or after *pos, which moves behind its line; false when there is none. */
bool ds_span_next_paragraph(ds_str text, size_t *pos, ds_span *par);

#define SPAN_EDGE '\n' /* the neighbour that the first and last characters of a paragraph have */

/* A walk over the characters of a paragraph, with their neighbours in view. */
typedef struct span_walk {
    ds_str text; /* from the start of the whole text to the paragraph's end */
    size_t whole; /* length of the whole text: what may be read at once */
    size_t off, next;        /* the current character is [off, next) */
    size_t peek_len;
    uint32_t prev, cp, peek; /* before it, itself, behind it */
} span_walk;

static inline void span_walk_peek(span_walk *w)
{
    w->peek = SPAN_EDGE;
    w->peek_len = 0;
    if (w->next < w->text.n)
        w->peek_len = span_decode(w->text.p + w->next, w->whole - w->next, &w->peek);
}

static inline void span_walk_begin(span_walk *w, ds_str text, ds_span par)
{
    w->text = (ds_str){text.p, par.end};
    w->whole = text.n;
    w->off = w->next = par.beg;
    w->prev = w->cp = SPAN_EDGE;
    span_walk_peek(w);
}

static inline bool span_walk_next(span_walk *w)
{
    if (w->peek_len == 0)
        return false;
    w->prev = w->cp;
    w->cp = w->peek;
    w->off = w->next;
    w->next += w->peek_len;
    span_walk_peek(w);
    return true;
}

/* On over the common Han characters that follow, to the last of them: they concern nobody. */
static inline void span_walk_skip_han(span_walk *w)
{
    size_t end = span_skip_han(w->text.p, w->next, w->text.n);
    if (end <= w->next + 3)
        return;
    w->off = end - 3;
    w->next = end;
    span_decode(w->text.p + end - 3, w->whole - end + 3, &w->cp);
    span_walk_peek(w);
}

static inline bool span_is_ascii_alnum(uint32_t cp)
{
    return (cp | 0x20u) - 'a' < 26u || cp - '0' < 10u;
}

/* The same from an ASCII letter or digit over those that follow. */
static inline void span_walk_skip_alnum(span_walk *w)
{
    const unsigned char *p = (const unsigned char *)w->text.p;
    size_t end = w->next;
    while (end < w->text.n && span_is_ascii_alnum(p[end]))
        end++;
    if (end <= w->next + 1)
        return;
    w->off = end - 1;
    w->next = end;
    w->cp = p[end - 1];
    span_walk_peek(w);
}

typedef enum span_role { SPAN_ROLE_NONE, SPAN_ROLE_OPEN, SPAN_ROLE_CLOSE } span_role;

#define SPAN_FAMILIES 4 /* double, single, corner, white corner: only within one do marks pair */

typedef struct span_open {
    uint32_t cp;  /* the opening mark */
    int8_t family;
    int8_t below; /* the next lower one of its family on the stack, or -1 */
    size_t item;  /* for the user of the stack */
} span_open;

/* The quotations that are open while one walks over a paragraph. */
typedef struct span_quotes {
    ds_span par;
    size_t depth; /* quotations open now: stack[0 .. depth) */
    size_t was;   /* after a closing mark: the depth before; stack[depth .. was) has just been closed,
                   * stack[depth] by the mark itself */
    int8_t odd;   /* whether the paragraph has an odd number of plain double marks; -1: not counted yet */
    size_t single_seen, single_close; /* see single_closes_later */
    int8_t top[SPAN_FAMILIES];        /* uppermost of each family, or -1 */
    size_t skipped[SPAN_FAMILIES];    /* opened beyond the depth limit and not yet closed */
    span_open stack[DS_SPAN_MAX_DEPTH];
} span_quotes;

void ds_span_quotes_begin(span_quotes *q, ds_span par);
/* What the quotation mark under `w` does; to be asked once for every mark, in order. */
span_role ds_span_quotes_step(span_quotes *q, const span_walk *w);

#endif
