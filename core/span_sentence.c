/*
 * span_sentence.c - see span.h: sentences.
 *
 * One pass over each paragraph.  A mark that may end a sentence opens a run; further marks and closing
 * quotes and brackets join it; the first character that does neither decides whether the sentence
 * ended behind the run or goes on.  Outside of runs only some marks matter (see span_finder), and all else is passed
 * over: a mark that wants to know the word or the URL it belongs to looks back.
 */
#include <string.h>

#include "span_int.h"

#define TITLE_BYTES 180 /* of the longest book title that keeps its marks to itself: 60 ideographs */
#define SHORT_WORD_MAX 11 /* letters and inner dots of the longest abbreviation */

/* What has joined a run. */
enum { RUN_QUOTE = 1, RUN_BRACKET = 2, RUN_TITLE = 4 };

typedef struct sentence_scan {
    span_walk w;
    span_quotes quotes;
    ds_spans *out;
    bool in_run;
    size_t start;   /* of the sentence */
    size_t last;    /* behind its last run */
    size_t word;    /* no word that goes on begins before */
    size_t skipped; /* from here to w, characters were passed over */
    /* The run. */
    unsigned kind;      /* SPAN_STOP, SPAN_ELLIPSIS or SPAN_DOT */
    unsigned closers;   /* RUN_... */
    uint32_t before;    /* the character before it */
    unsigned marks;     /* how many marks, closers apart */
    bool ascii;         /* all of them ASCII */
    bool full_stop;     /* 。 among them */
    bool gap;           /* white space has followed */
    bool short_word;    /* begins behind an abbreviation, an initial, a list mark */
    bool exclaimed;     /* begins behind a name that has an exclamation mark */
    /* Stretches whose marks end nothing. */
    size_t title_end;
    size_t title_seen[2];       /* for 《 and 〈: no closing mark stands before it */
    size_t url_beg, url_end;
    size_t ascii_seen, ascii_end; /* searched for URLs up to; the stretch without blanks goes up to */
} sentence_scan;

/* ---------------------------------------------------------------- words before a mark */

/* Latin abbreviations that are usually followed by more of the sentence, in lower case. */
static const char *const abbreviations[] = {
    "adm",  "al",   "apr",  "aug",  "ave", "blvd", "bros", "capt", "cf",   "co",   "col",  "corp", "dec", "dept",
    "dr",   "ed",   "eds",  "feb",  "fig", "gen",  "gov",  "hon",  "inc",  "jan",  "jr",   "jul",  "jun", "lt",
    "ltd",  "maj",  "messrs", "mr", "mrs", "ms",   "mt",   "nov",  "oct",  "pp",   "prof", "rep",  "rev", "sen",
    "sept", "sgt",  "sr",   "st",   "vol", "vs",   NULL,
};

static const char *const exclaimed_names[] = {"jeopardy", "yahoo", "yum", NULL};

static bool in_list(ds_str word, const char *const list[])
{
    char lower[SHORT_WORD_MAX + 1];
    if (word.n == 0 || word.n > SHORT_WORD_MAX || span_is_digit((unsigned char)word.p[0]))
        return false;
    for (size_t i = 0; i < word.n; i++)
        lower[i] = (char)(word.p[i] >= 'A' && word.p[i] <= 'Z' ? word.p[i] + 32 : word.p[i]);
    lower[word.n] = '\0';
    for (size_t i = 0; list[i] != NULL; i++)
        if (list[i][0] == lower[0] && strcmp(list[i], lower) == 0)
            return true;
    return false;
}

static bool consists_of(ds_str word, const char *letters)
{
    for (size_t i = 0; i < word.n; i++)
        if (word.p[i] == '\0' || strchr(letters, word.p[i]) == NULL)
            return false;
    return true;
}

/* U.S, e.g, Ph.D: pieces of one or two letters with dots between them. */
static bool is_dotted(ds_str word)
{
    size_t piece = 0, dots = 0;
    for (size_t i = 0; i < word.n; i++) {
        unsigned char c = (unsigned char)word.p[i];
        piece = c == '.' ? 0 : piece + 1;
        dots += c == '.';
        if (piece > 2 || (c != '.' && !span_is_latin(c)))
            return false;
    }
    return dots > 0;
}

/* The word before the character under the walk: letters, digits, dots.  Of one longer than SHORT_WORD_MAX not all. */
static ds_str word_before(const sentence_scan *s)
{
    size_t end = s->w.off, beg = end;
    while (beg > s->word && end - beg <= SHORT_WORD_MAX) {
        uint32_t cp;
        size_t at = span_before(s->w.text, beg, &cp);
        if (!span_is_latin(cp) && !span_is_digit(cp) && cp != '.')
            break;
        beg = at;
    }
    return (ds_str){s->w.text.p + beg, end - beg};
}

/* Whether a dot behind the word under the walk most likely belongs to it. */
static bool is_short_word(const sentence_scan *s)
{
    ds_str word = word_before(s);
    size_t beg = s->w.off - word.n;
    bool in_url = beg >= s->url_beg && beg < s->url_end;
    if (word.n == 0 || word.n > SHORT_WORD_MAX || in_url)
        return false;
    if (word.n == 1 && !span_is_digit((unsigned char)word.p[0]))
        return true; /* an initial, or list mark a. */
    bool first = beg == s->start;
    if (first && word.n <= 3 && (consists_of(word, "0123456789") || consists_of(word, "ivxIVX")))
        return true;
    return is_dotted(word) || in_list(word, abbreviations);
}

/* ---------------------------------------------------------------- titles and URLs */

/* At 《 or 〈: looks for the closing mark within TITLE_BYTES.  What has been searched once without
 * success is not searched again. */
static void note_title(sentence_scan *s)
{
    const span_walk *w = &s->w;
    if ((w->cp != 0x300A && w->cp != 0x3008) || w->off < s->title_end)
        return;
    const char *closer = w->cp == 0x300A ? "》" : "〉";
    size_t *seen = &s->title_seen[w->cp == 0x3008];
    size_t at = w->next > *seen ? w->next : *seen;
    size_t end = w->text.n - w->off < TITLE_BYTES ? w->text.n : w->off + TITLE_BYTES;
    for (; at + 3 <= end; at++)
        if (memcmp(w->text.p + at, closer, 3) == 0) {
            s->title_end = at;
            return;
        }
    *seen = at;
}

static bool is_ascii_graph(uint32_t c)
{
    return c > ' ' && c < 0x7F;
}

/* Where the URL that begins at `at` ends: before quotes, angle brackets and closing punctuation. */
static size_t find_url_end(const char *p, size_t at, size_t end)
{
    size_t stop = at;
    while (stop < end && strchr("\"<>`", p[stop]) == NULL)
        stop++;
    while (stop > at && strchr(".,!?;:)]'", p[stop - 1]) != NULL)
        stop--;
    return stop;
}

/* Finds the next URL at or behind `beg`, within a stretch of ASCII without blanks. */
static void find_url(sentence_scan *s, size_t beg)
{
    const char *p = s->w.text.p;
    if (beg >= s->ascii_end)
        for (s->ascii_end = beg; s->ascii_end < s->w.text.n; s->ascii_end++)
            if (!is_ascii_graph((unsigned char)p[s->ascii_end]))
                break;
    size_t end = s->ascii_seen = s->ascii_end;
    for (size_t at = beg; end - at >= 4; at++)
        if (memcmp(p + at, "www.", 4) == 0 || (at > beg && memcmp(p + at, "://", 3) == 0)) {
            s->url_beg = at;
            s->url_end = s->ascii_seen = find_url_end(p, at, end);
            return;
        }
}

/* Notes the URL that the character under the walk, or the word before it, is part of. */
static void note_url(sentence_scan *s, unsigned cls)
{
    const char *p = s->w.text.p;
    bool ascii = is_ascii_graph(s->w.cp);
    if (!ascii && (cls & SPAN_DOT) == 0)
        return;
    size_t beg = s->w.off, end = beg + ascii;
    while (beg > s->skipped && is_ascii_graph((unsigned char)p[beg - 1]))
        beg--;
    for (beg = beg > s->ascii_seen ? beg : s->ascii_seen; beg < end; beg = s->ascii_seen)
        find_url(s, beg);
}

static bool is_protected(const sentence_scan *s)
{
    size_t off = s->w.off;
    return off < s->title_end || (off >= s->url_beg && off < s->url_end);
}

/* ---------------------------------------------------------------- runs */

/* Whether the mark under the walk may end a sentence. */
static bool may_end(const sentence_scan *s, unsigned cls)
{
    const span_walk *w = &s->w;
    if ((cls & (SPAN_STOP | SPAN_ELLIPSIS | SPAN_DOT)) == 0 || is_protected(s))
        return false;
    if (w->cp == '!' && w->peek == '=')
        return false; /* a != b */
    bool word_behind = span_is_latin(w->peek) || span_is_digit(w->peek);
    return !((w->cp == '!' || w->cp == '?') && w->prev == ' ' && word_behind);
}

static void add_mark(sentence_scan *s, unsigned cls)
{
    unsigned kind = cls & (SPAN_STOP | SPAN_ELLIPSIS | SPAN_DOT);
    if (s->kind == SPAN_STOP || kind == SPAN_STOP)
        s->kind = SPAN_STOP;
    else
        s->kind = s->kind == 0 ? kind : SPAN_ELLIPSIS; /* two dots are one */
    uint32_t cp = s->w.cp;
    s->marks++;
    s->ascii = s->ascii && cp < 0x80;
    s->full_stop = s->full_stop || cp == 0x3002 || cp == 0xFF61 || cp == 0xFE12 || cp == 0xFE52;
    s->last = s->w.next;
}

static void begin_run(sentence_scan *s, unsigned cls)
{
    s->in_run = true;
    s->kind = 0;
    s->closers = 0;
    s->before = s->w.prev;
    s->marks = 0;
    s->ascii = true;
    s->full_stop = s->gap = false;
    s->short_word = (cls & SPAN_DOT) != 0 && is_short_word(s);
    s->exclaimed = s->w.cp == '!' && in_list(word_before(s), exclaimed_names);
    add_mark(s, cls);
}

static unsigned closer_kind(uint32_t cp, unsigned cls)
{
    if (cp == 0x300B || cp == 0x3009)
        return RUN_TITLE;
    return (cls & SPAN_MARK) != 0 ? RUN_QUOTE : RUN_BRACKET;
}

/* Takes the character under the walk into the run, if it belongs there. */
static bool join_run(sentence_scan *s, unsigned cls, span_role role)
{
    if (role == SPAN_ROLE_CLOSE || ((cls & SPAN_CLOSER) != 0 && role != SPAN_ROLE_OPEN)) {
        s->closers |= closer_kind(s->w.cp, cls);
        s->last = s->w.next;
        s->gap = false;
        return true;
    }
    if (!may_end(s, cls) || (s->gap && s->w.cp < 0x80))
        return false;
    add_mark(s, cls);
    s->gap = false;
    return true;
}

static bool is_capital(uint32_t cp)
{
    return cp - 'A' < 26u || (cp >= 0xC0 && cp <= 0xDE && cp != 0xD7) || (cp >= 0x391 && cp <= 0x3A9) ||
           (cp >= 0x400 && cp <= 0x42F);
}

static bool is_east_asian(uint32_t cp)
{
    return cp >= 0x2E80 && cp != DS_UTF8_BAD;
}

/* Whether the character under the walk goes on with what is quoted before it: 的 (not 的确, 的士), 之,
 * 等 (not "wait": 等到, 等待, 等我, 等他, 等她, 等你). */
static bool is_particle(const span_walk *w)
{
    if (w->cp == 0x7684)
        return w->peek != 0x786E && w->peek != 0x78BA && w->peek != 0x58EB;
    if (w->cp == 0x7B49)
        return w->peek != 0x5230 && w->peek != 0x5F85 && w->peek != 0x6211 && w->peek != 0x4ED6 &&
               w->peek != 0x5979 && w->peek != 0x4F60;
    return w->cp == 0x4E4B;
}

/* Whether, behind a run of ！？ or the like, the character under the walk begins a sentence. */
static bool splits_after_stop(const sentence_scan *s)
{
    uint32_t cp = s->w.cp;
    if (s->exclaimed && s->marks == 1)
        return false;
    if (!s->gap && ((s->closers & RUN_TITLE) != 0 || ((s->closers & RUN_BRACKET) != 0 && !s->full_stop)))
        return false;
    if (!s->gap && s->closers != 0 && is_particle(&s->w))
        return false; /* “不值！”的喊声 */
    if (!s->ascii)
        return true;
    if (span_is_latin(s->before) && cp - 'a' < 26u)
        return false; /* "Really?" he asked. */
    bool glued = !s->gap && s->closers == 0 && s->marks == 1 && is_ascii_graph(s->before);
    return !(glued && is_ascii_graph(cp)); /* page?id=1 */
}

static bool splits(const sentence_scan *s, unsigned cls, span_role role)
{
    bool opener = role == SPAN_ROLE_OPEN || (cls & SPAN_OPENER) != 0;
    if ((cls & SPAN_MID) != 0)
        return false;
    if (s->kind == SPAN_STOP)
        return splits_after_stop(s);
    if (s->kind == SPAN_ELLIPSIS)
        return s->closers != 0 && (s->gap || opener);
    return s->gap && !s->short_word && (opener || is_capital(s->w.cp) || is_east_asian(s->w.cp));
}

/* ---------------------------------------------------------------- the scan */

static bool add_sentence(sentence_scan *s)
{
    ds_spans *v = s->out;
    if (ds_grow(v->alloc, (void **)&v->items, &v->cap, v->count + 1, sizeof *v->items) != DS_OK)
        return false;
    v->items[v->count++] = (ds_span){s->start, s->last};
    s->start = s->w.off;
    return true;
}

/* The character under the walk goes on with the sentence. */
static void add_character(sentence_scan *s, unsigned cls)
{
    note_title(s);
    note_url(s, cls);
    if (may_end(s, cls))
        begin_run(s, cls);
}

static bool step_sentence(sentence_scan *s)
{
    unsigned cls = span_class(s->w.cp);
    span_role role = (cls & SPAN_MARK) != 0 ? ds_span_quotes_step(&s->quotes, &s->w) : SPAN_ROLE_NONE;
    if ((cls & SPAN_SPACE) != 0) {
        s->gap = true;
        s->word = s->w.next;
        return true;
    }
    if (s->in_run) {
        if (join_run(s, cls, role)) {
            s->word = s->w.next;
            return true;
        }
        s->in_run = false;
        if (splits(s, cls, role) && !add_sentence(s))
            return false;
    }
    add_character(s, cls);
    return true;
}

static bool scan_paragraph(sentence_scan *s, span_marks *marks, ds_span par)
{
    ds_span_quotes_begin(&s->quotes, par);
    span_walk_begin(&s->w, marks, par);
    s->in_run = false;
    s->start = s->word = s->skipped = par.beg;
    while (span_walk_next(&s->w)) {
        if (!step_sentence(s))
            return false;
        s->skipped = s->w.next;
        if (!s->in_run)
            span_walk_skip(&s->w);
    }
    s->last = par.end;
    return add_sentence(s);
}

ds_status ds_span_sentences(ds_str text, ds_spans *out, ds_error *err)
{
    sentence_scan s;
    memset(&s, 0, sizeof s);
    s.out = out;
    size_t before = out->count;
    span_marks marks;
    span_marks_begin(&marks, text);
    for (ds_span par = {0, 0}; par = ds_span_next_paragraph(marks.finder, text, par.end), par.beg < par.end;)
        if (!scan_paragraph(&s, &marks, par)) {
            out->count = before;
            return ds_fail_nomem(err);
        }
    return DS_OK;
}
