/*
 * span_int.h - what the three parts of span share: classes of characters, paragraphs one by one, a walk
 * over the characters of a paragraph, and the reading of quotation marks.
 */
#ifndef DS_SPAN_INT_H
#define DS_SPAN_INT_H

#include "cpu.h"
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

/* The character of text that ends at `end` > 0, a border: returns its place. */
static inline size_t span_before(ds_str text, size_t end, uint32_t *cp)
{
    const unsigned char *p = (const unsigned char *)text.p + end;
    if (p[-1] < 0x80) {
        *cp = p[-1];
        return end - 1;
    }
    if (end >= 3 && p[-3] - 0xE1u < 0xCu && (p[-2] & 0xC0) == 0x80 && (p[-1] & 0xC0) == 0x80) { /* E1..EC */
        *cp = (p[-3] & 0x0Fu) << 12 | (p[-2] & 0x3Fu) << 6 | (p[-1] & 0x3Fu);
        return end - 3;
    }
    size_t beg = ds_utf8_prev((ds_str){text.p, end}, end);
    ds_utf8_decode(text.p + beg, end - beg, cp);
    return beg;
}

#define SPAN_WINDOW 4096
#define SPAN_LIST_SLACK 2

/*
 * Looks ahead, by vectors where the path has them.  Neither reads outside of the text.
 * marks     lists, as distances from `beg`, the places in text.p[beg, end) where a STOP, ELLIPSIS, DOT or MARK stands,
 *           or 《 or 〈; returns their number.  A few places have none of these after all, but each is the first byte of
 *           a character.  At most SPAN_WINDOW bytes; the list has room for SPAN_LIST_SLACK places more than bytes.
 * line_end  where the line that goes on at `off` ends: at LF, CR, U+2028 or U+2029 (E2 80 A8, E2 80 A9), or at text.n.
 */
typedef struct span_finder {
    size_t (*marks)(ds_str text, size_t beg, size_t end, uint16_t *list);
    size_t (*line_end)(ds_str text, size_t off);
} span_finder;

/* Of a path that ds_cpu_has. */
const span_finder *ds_span_finder_of(ds_cpu_path path);

static inline const span_finder *ds_span_finder(void)
{
    return ds_span_finder_of(ds_cpu_active());
}

/* The marks of a text in order, a window's at a time: lists are made without a doubt about what comes next, which costs
 * more than the looking. */
typedef struct span_marks {
    const span_finder *finder;
    ds_str text;
    size_t beg, end;   /* the window */
    size_t at;         /* index of the mark that was asked for last */
    uint16_t list[SPAN_WINDOW + SPAN_LIST_SLACK + 1]; /* ends with UINT16_MAX */
} span_marks;

static inline void span_marks_begin(span_marks *m, ds_str text)
{
    m->finder = ds_span_finder();
    m->text = text;
    m->beg = m->end = m->at = 0;
    m->list[0] = UINT16_MAX;
}

/* The first one at or behind `off`, which must not decrease; text.n when there is none. */
size_t ds_span_marks_more(span_marks *m, size_t off);
static inline size_t span_marks_next(span_marks *m, size_t off)
{
    if (off >= m->end)
        return ds_span_marks_more(m, off);
    while (m->beg + m->list[m->at] < off)
        m->at++;
    return m->list[m->at] != UINT16_MAX ? m->beg + m->list[m->at] : ds_span_marks_more(m, m->end);
}

/* The next paragraph at or behind `off`; an empty one when there is none. */
ds_span ds_span_next_paragraph(const span_finder *finder, ds_str text, size_t off);

#define SPAN_EDGE '\n' /* the neighbour that the first and last characters of a paragraph have */

/* A walk over the characters of a paragraph, with their neighbours in view. */
typedef struct span_walk {
    ds_str text; /* from the start of the whole text to the paragraph's end */
    size_t whole; /* length of the whole text: what may be read at once */
    span_marks *marks;
    size_t off, next;        /* the current character is [off, next) */
    size_t peek_len;
    uint32_t peek, prev, cp; /* behind it, before it, itself */
} span_walk;

static inline void span_walk_peek(span_walk *w)
{
    w->peek = SPAN_EDGE;
    w->peek_len = 0;
    if (w->next < w->text.n)
        w->peek_len = span_decode(w->text.p + w->next, w->whole - w->next, &w->peek);
}

static inline void span_walk_begin(span_walk *w, span_marks *marks, ds_span par)
{
    w->text = (ds_str){marks->text.p, par.end};
    w->whole = marks->text.n;
    w->marks = marks;
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

/* On to the character before the next mark that span_finder knows, or to the paragraph's last one. */
static inline void span_walk_skip(span_walk *w)
{
    size_t end = span_marks_next(w->marks, w->next);
    if (end > w->text.n)
        end = w->text.n;
    if (end == w->next)
        return;
    w->off = span_before(w->text, end, &w->cp);
    w->next = end;
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
