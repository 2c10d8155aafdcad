/* bind_mdwalk.c - see bind_mdwalk.h. */
#include "bind_mdwalk.h"

#include <string.h>

#include "utf8.h"

#ifndef DS_MDWALK_AHEAD
#define DS_MDWALK_AHEAD 4096 /* bytes searched when source and tree disagree */
#endif

typedef struct mdwalk {
    dsL_clean *out;
    dsL_headings *headings;
    dsL_mdsource s;  /* s.end: of the paragraph or heading; between them, of the Markdown */
    size_t at;       /* the cursor */
    size_t last;     /* end of the Markdown */
    size_t line_off; /* start of line `line_no`, the one the latest block starts on */
    int line_no;
    int images;     /* open images: their text is left out */
    bool autolink;  /* inside <http://...> */
    bool heading;   /* inside a heading: line breaks become spaces */
    size_t title;   /* where the heading's text starts or will start */
    size_t drift;
    ds_status status;
} mdwalk;

/* ------------------------------------------------------------------ output */

static void put_copy(mdwalk *w, size_t beg, size_t end)
{
    if (w->images == 0 && beg < end)
        dsL_clean_copy(w->out, beg, end);
}

static void put_atom(mdwalk *w, const char *p, size_t n, size_t beg, size_t end)
{
    if (w->images == 0)
        dsL_clean_atom(w->out, p, n, beg, end);
}

/* A line break inside a block. */
static void put_newline(mdwalk *w, size_t beg, size_t end)
{
    if (w->images > 0)
        return;
    if (w->heading)
        dsL_clean_atom(w->out, " ", 1, beg, end);
    else
        dsL_clean_break(w->out);
}

/* ------------------------------------------------------------------ text
 * Marks of emphasis that CommonMark left in the text because no white space or Latin letter stands
 * beside them, as is usual in Chinese, are no text: a run of two or more asterisks, and a pair of
 * underscores that touches a character beyond ASCII.  Escaped ones were written to be read. */

static bool is_stray_mark(const mdwalk *w, size_t at)
{
    char c = w->s.src.p[at], before = at > 0 ? w->s.src.p[at - 1] : '\0', after = dsL_mdpeek(&w->s, at + 1);
    if (c == '*')
        return before == '*' || after == '*';
    if (c != '_')
        return false;
    size_t first = before == '_' ? at - 1 : at;
    char left = first > 0 ? w->s.src.p[first - 1] : '\0', right = dsL_mdpeek(&w->s, first + 2);
    return dsL_mdpeek(&w->s, first + 1) == '_' && left != '_' && right != '_' &&
           ((left & 0x80) != 0 || (right & 0x80) != 0);
}

static void put_text(mdwalk *w, size_t beg, size_t end)
{
    size_t from = beg;
    for (size_t i = beg; i < end && !w->autolink; i++)
        if ((w->s.src.p[i] == '*' || w->s.src.p[i] == '_') && is_stray_mark(w, i)) {
            put_copy(w, from, i);
            from = i + 1;
        }
    put_copy(w, from, end);
}

/* Length of a character reference at `at` by its form, 0 when there is none; its name is at at + 1. */
static size_t reference_len(const mdwalk *w, size_t at)
{
    size_t i = at + 1;
    if (dsL_mdpeek(&w->s, i) == '#')
        i++;
    size_t name = i;
    while (dsL_mdis_alnum(dsL_mdpeek(&w->s, i)) && i - at < 40)
        i++;
    return i > name && dsL_mdpeek(&w->s, i) == ';' ? i + 1 - at : 0;
}

static bool is_reference(const mdwalk *w, size_t at, const char *name, size_t len)
{
    return len == strlen(name) + 2 && memcmp(w->s.src.p + at + 1, name, len - 2) == 0;
}

/* The number of "&#65;" or "&#x41;" at `at`; 0 when there is none. */
static uint32_t numeric_reference(const mdwalk *w, size_t at)
{
    size_t end = at + reference_len(w, at);
    if (end == at || w->s.src.p[at + 1] != '#')
        return 0;
    bool hex = (w->s.src.p[at + 2] | 0x20) == 'x';
    uint32_t v = 0;
    for (size_t i = at + 2 + hex; i + 1 < end && v <= 0x10FFFF; i++) {
        char c = w->s.src.p[i];
        v = v * (hex ? 16 : 10) + (uint32_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return v;
}

/* True when the reference at `at` became two characters, of which the literal's next, `second`, n bytes
 * at lit, of `room`, is the second one.  Those that do are few, and theirs is one of those listed;
 * where the source goes on with that very character it must stand twice. */
static bool is_second(const mdwalk *w, size_t at, size_t ref, uint32_t second, const char *lit, size_t n,
                      size_t room)
{
    static const uint32_t seconds[] = {0x338, 0x20D2, 0x20E5, 0xFE00, 0x333, 0x331};
    size_t next = at + ref;
    bool raw = next + n <= w->s.end && memcmp(w->s.src.p + next, lit, n) == 0;
    bool twice = room >= 2 * n && memcmp(lit, lit + n, n) == 0;
    if (is_reference(w, at, "fjlig", ref) || is_reference(w, at, "ThickSpace", ref))
        return true;
    if ((raw || numeric_reference(w, next) == second) && !twice)
        return false;
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++)
        if (seconds[i] == second)
            return true;
    return false;
}

/* How many bytes of the literal a character reference became; 0: it was none. */
static size_t decoded_len(const mdwalk *w, size_t at, size_t ref, const char *lit, size_t n)
{
    bool numeric = dsL_mdpeek(&w->s, at + 1) == '#';
    bool amp = is_reference(w, at, "amp", ref) || is_reference(w, at, "AMP", ref);
    uint32_t cp;
    if (ref == 0 || (lit[0] == '&' && !numeric && !amp))
        return 0;
    if (numeric && n > 1 && memcmp(lit, "&#", 2) == 0 && ref <= n && memcmp(lit, w->s.src.p + at, ref) == 0)
        return 0; /* too many digits: left as it stands */
    size_t len = ds_utf8_decode(lit, n, &cp);
    if (numeric || amp || len == n)
        return len;
    size_t len2 = ds_utf8_decode(lit + len, n - len, &cp);
    return is_second(w, at, ref, cp, lit + len, len2, n - len) ? len + len2 : len;
}

/* Looks for the literal's first bytes a little ahead.  False when they are not there. */
static bool find_ahead(mdwalk *w, const char *lit, size_t n)
{
    size_t want = n < 12 ? n : 12;
    size_t last = w->at + DS_MDWALK_AHEAD < w->s.end ? w->at + DS_MDWALK_AHEAD : w->s.end;
    w->drift++;
    for (size_t i = w->at; i + want <= last; i++)
        if (memcmp(w->s.src.p + i, lit, want) == 0) {
            w->at = i;
            return true;
        }
    return false;
}

/* One escape or character reference; returns the bytes of the literal it covers, 0: neither. */
static size_t take_coded(mdwalk *w, const char *lit, size_t n)
{
    char c = dsL_mdpeek(&w->s, w->at);
    size_t len = 0, src = 2;
    if (c == '\\' && !w->autolink && dsL_mdis_punct(dsL_mdpeek(&w->s, w->at + 1)))
        len = lit[0] == w->s.src.p[w->at + 1] ? 1 : 0;
    else if (c == '&')
        len = decoded_len(w, w->at, src = reference_len(w, w->at), lit, n);
    else if (c == '\0' && w->at < w->s.end && n >= 3 && memcmp(lit, "\xEF\xBF\xBD", 3) == 0)
        len = 3, src = 1;
    if (len == 0)
        return 0;
#ifdef DS_PLANT_MARKDOWN /* a bug that fuzzing must find, `make fuzz`: what was coded is said to be longer */
    put_atom(w, lit, len, w->at, w->at + src + 1);
#else
    put_atom(w, lit, len, w->at, w->at + src);
#endif
    w->at += src;
    return len;
}

/* Takes as many bytes as source and literal share up to the next escape or reference. */
static size_t take_shared(mdwalk *w, const char *lit, size_t n)
{
    const char *p = w->s.src.p + w->at;
    size_t i = 0, room = w->s.end - w->at < n ? w->s.end - w->at : n;
    while (i < room && p[i] == lit[i] && (i == 0 || (p[i] != '&' && (p[i] != '\\' || w->autolink))))
        i++;
    put_text(w, w->at, w->at + i);
    w->at += i;
    return i;
}

static void take_text(mdwalk *w, const char *lit, size_t n)
{
    while (n > 0) {
        size_t len = take_coded(w, lit, n);
        if (len == 0)
            len = take_shared(w, lit, n);
        if (len == 0 && !find_ahead(w, lit, n)) {
            put_atom(w, lit, n, w->at, w->at);
            return;
        }
        lit += len;
        n -= len;
    }
}

/* ------------------------------------------------------------------ inlines */

static void skip_marks(mdwalk *w, size_t n)
{
    for (; n > 0; n--) {
        char c = dsL_mdpeek(&w->s, w->at);
        if (c == '*' || c == '_')
            w->at++;
        else
            w->drift++;
    }
}

static void skip_char(mdwalk *w, char c)
{
    if (dsL_mdpeek(&w->s, w->at) == c)
        w->at++;
    else
        w->drift++;
}

static void open_link(mdwalk *w, bool image)
{
    if (image)
        skip_char(w, '!');
    w->autolink = !image && dsL_mdpeek(&w->s, w->at) == '<';
    skip_char(w, w->autolink ? '<' : '[');
}

static void close_link(mdwalk *w)
{
    if (w->autolink) {
        w->autolink = false;
        skip_char(w, '>');
        return;
    }
    skip_char(w, ']');
    size_t past = dsL_mdpast_target(&w->s, w->at);
    if (past == 0)
        past = dsL_mdpast_label(&w->s, w->at);
    if (past != 0)
        w->at = past;
}

static void take_code_text(mdwalk *w, const char *lit, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t len = 0;
        while (i + len < n && w->at + len < w->s.end && w->s.src.p[w->at + len] == lit[i + len])
            len++;
        put_copy(w, w->at, w->at + len);
        w->at += len;
        i += len;
        if (i < n && lit[i] == ' ' && dsL_mdis_eol(dsL_mdpeek(&w->s, w->at))) {
            size_t next = dsL_mdpast_newline_in(&w->s, w->at, lit + i + 1, n - i - 1);
            put_atom(w, " ", 1, w->at, next);
            w->at = next;
            i++;
        } else if (i < n && len == 0 && !find_ahead(w, lit + i, n - i)) {
            put_atom(w, lit + i, n - i, w->at, w->at);
            return;
        }
    }
}

/* White space at the cursor inside inline code, a line break counting as one space, as it became. */
static size_t leading_spaces(const mdwalk *w)
{
    size_t count = 0, at = w->at;
    while (dsL_mdpeek(&w->s, at) == ' ' || dsL_mdis_eol(dsL_mdpeek(&w->s, at))) {
        at = dsL_mdis_eol(dsL_mdpeek(&w->s, at)) ? dsL_mdpast_newline(&w->s, at) : at + 1;
        count++;
    }
    return count;
}

/* Inline code: a line break inside became a space, and one space at either end may be gone. */
static void take_code(mdwalk *w, const char *lit, size_t n)
{
    size_t ticks = 0;
    while (dsL_mdpeek(&w->s, w->at + ticks) == '`')
        ticks++;
    w->at += ticks;
    if (leading_spaces(w) > strspn(lit, " "))
        w->at = dsL_mdis_eol(dsL_mdpeek(&w->s, w->at)) ? dsL_mdpast_newline(&w->s, w->at) : w->at + 1;
    take_code_text(w, lit, n);
    while (w->at < w->s.end && w->s.src.p[w->at] != '`')
        w->at = dsL_mdis_eol(w->s.src.p[w->at]) ? dsL_mdpast_newline(&w->s, w->at) : w->at + 1;
    for (; ticks > 0; ticks--)
        skip_char(w, '`');
}

/* A tag or comment inside a paragraph: left out, but <br> ends a line. */
static void skip_html(mdwalk *w, const char *lit, size_t n)
{
    size_t beg = w->at;
    for (size_t i = 0; i < n && w->at < w->s.end; i++)
        if (dsL_mdis_eol(w->s.src.p[w->at])) {
            i += lit[i] == '\r' && i + 1 < n && lit[i + 1] == '\n';
            w->at = dsL_mdpast_newline_in(&w->s, w->at, lit + i + 1, n - i - 1);
        } else {
            w->drift += w->s.src.p[w->at] != lit[i];
            w->at++;
        }
    if (n >= 4 && (lit[1] == 'b' || lit[1] == 'B') && (lit[2] == 'r' || lit[2] == 'R') && !dsL_mdis_alnum(lit[3]))
        put_newline(w, beg, w->at);
}

static void take_newline(mdwalk *w, cmark_node *next)
{
    size_t beg = w->at;
    bool text = next != NULL && cmark_node_get_type(next) == CMARK_NODE_TEXT;
    const char *lit = text ? cmark_node_get_literal(next) : "";
    w->at = dsL_mdpast_gap(&w->s, w->at);
    if (dsL_mdpeek(&w->s, w->at) == '\\')
        w->at++;
    if (!dsL_mdis_eol(dsL_mdpeek(&w->s, w->at)))
        w->drift++;
    w->at = dsL_mdpast_newline_in(&w->s, w->at, lit, strspn(lit, " \t"));
    put_newline(w, beg, w->at);
}

static void enter_inline(mdwalk *w, cmark_node *node)
{
    const char *lit = cmark_node_get_literal(node);
    size_t n = lit != NULL ? strlen(lit) : 0;
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_TEXT: take_text(w, lit, n); break;
    case CMARK_NODE_CODE: take_code(w, lit, n); break;
    case CMARK_NODE_HTML_INLINE: skip_html(w, lit, n); break;
    case CMARK_NODE_SOFTBREAK:
    case CMARK_NODE_LINEBREAK: take_newline(w, cmark_node_next(node)); break;
    case CMARK_NODE_EMPH: skip_marks(w, 1); break;
    case CMARK_NODE_STRONG: skip_marks(w, 2); break;
    case CMARK_NODE_LINK: open_link(w, false); break;
    case CMARK_NODE_IMAGE:
        open_link(w, true);
        w->images++;
        break;
    default: break;
    }
}

static void exit_inline(mdwalk *w, cmark_node *node)
{
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_EMPH: skip_marks(w, 1); break;
    case CMARK_NODE_STRONG: skip_marks(w, 2); break;
    case CMARK_NODE_LINK: close_link(w); break;
    case CMARK_NODE_IMAGE:
        w->images--;
        close_link(w);
        break;
    default: break;
    }
}

/* ------------------------------------------------------------------ blocks */

static void go_to_line(mdwalk *w, int line)
{
    for (; w->line_no < line && w->line_off < w->last; w->line_no++)
        w->line_off = dsL_clean_past_eol(w->s.src, dsL_clean_eol(w->s.src, w->line_off, w->last));
    if (w->at < w->line_off)
        w->at = w->line_off;
}

/* The cursor to the block's first byte.  Block positions, unlike those of inlines, are reliable. */
static void go_to_block(mdwalk *w, cmark_node *node)
{
    go_to_line(w, cmark_node_get_start_line(node));
    size_t at = w->line_off + (size_t)(cmark_node_get_start_column(node) - 1);
    if (at > w->at && at <= w->last)
        w->at = at;
    w->s.end = w->last;
    dsL_clean_break(w->out);
}

/* The end of the block's last line becomes the end of all that is read. */
static void limit_to_block(mdwalk *w, cmark_node *node)
{
    size_t eol = dsL_clean_eol(w->s.src, w->at, w->last);
    int line = cmark_node_get_start_line(node), end_line = cmark_node_get_end_line(node);
    for (; line < end_line && eol < w->last; line++)
        eol = dsL_clean_eol(w->s.src, dsL_clean_past_eol(w->s.src, eol), w->last);
    w->s.end = eol;
}

static void enter_paragraph(mdwalk *w, cmark_node *node)
{
    size_t past;
    go_to_block(w, node);
    limit_to_block(w, node);
    w->at = dsL_mdpast_gap(&w->s, w->at);
    while ((past = dsL_mdpast_definition(&w->s, w->at)) != 0)
        w->at = past;
}

static void enter_heading(mdwalk *w, cmark_node *node)
{
    size_t marks = 0;
    enter_paragraph(w, node);
    while (dsL_mdpeek(&w->s, w->at + marks) == '#')
        marks++;
    char next = dsL_mdpeek(&w->s, w->at + marks);
    if (marks >= 1 && marks <= 6 && (dsL_mdis_gap(next) || dsL_mdis_eol(next) || next == '\0'))
        w->at = dsL_mdpast_gap(&w->s, w->at + marks);
    w->heading = true;
    w->title = w->out->text.n;
}

static void exit_heading(mdwalk *w, cmark_node *node)
{
    dsL_headings *h = w->headings;
    w->heading = false;
    dsL_clean_break(w->out);
    if (w->out->text.n <= w->title || w->status != DS_OK)
        return;
    w->status = ds_grow(h->alloc, (void **)&h->items, &h->cap, h->count + 1, sizeof *h->items);
    if (w->status == DS_OK)
        h->items[h->count++] =
            (dsL_heading){cmark_node_get_heading_level(node), w->out->line, w->out->text.n};
}

/* Finds the literal's line [lit, lit + n) at the end of the source line the cursor is on: [*beg, *end). */
static bool tail_of_line(mdwalk *w, const char *lit, size_t n, size_t *beg, size_t *end)
{
    *end = dsL_clean_eol(w->s.src, w->at, w->s.end);
    while (n > 0 && *end - w->at < n && *lit == ' ') /* part of a tab, written out as spaces */
        lit++, n--;
    *beg = *end - (n <= *end - w->at ? n : 0);
    if (memcmp(w->s.src.p + *beg, lit, *end - *beg) == 0 && *end - *beg == n)
        return true;
    while (n > 0 && *lit == ' ')
        lit++, n--;
    *beg = *end - (n <= *end - w->at ? n : 0);
    return *end - *beg == n && memcmp(w->s.src.p + *beg, lit, n) == 0;
}

static void next_line(mdwalk *w)
{
    w->at = dsL_clean_past_eol(w->s.src, dsL_clean_eol(w->s.src, w->at, w->s.end));
}

/* Code and HTML keep their source line by line behind the container marks. */
static void take_lines(mdwalk *w, const char *lit, bool html)
{
    unsigned state = 0;
    while (*lit != '\0') {
        size_t n = strcspn(lit, "\r\n"), beg, end;
        if (!tail_of_line(w, lit, n, &beg, &end)) {
            w->drift++;
            put_atom(w, lit, n, w->at, end);
        } else if (html)
            dsL_mdhtml_line(w->out, beg, end, &state);
        else
            put_copy(w, beg, end);
        dsL_clean_break(w->out);
        next_line(w);
        lit += n;
        lit += *lit == '\r';
        lit += *lit == '\n';
    }
}

static void enter_code_block(mdwalk *w, cmark_node *node)
{
    const char *lit = cmark_node_get_literal(node);
    go_to_block(w, node);
    const char *p = w->s.src.p + w->at;
    size_t rest = dsL_clean_eol(w->s.src, w->at, w->s.end) - w->at;
    bool fence = rest >= 3 && (memcmp(p, "```", 3) == 0 || memcmp(p, "~~~", 3) == 0);
    bool indented = strcspn(lit, "\r\n") == rest && memcmp(lit, p, rest) == 0;
    if (fence && !indented)
        next_line(w);
    w->out->keep = true;
    take_lines(w, lit, false);
    w->out->keep = false;
}

static void enter_html_block(mdwalk *w, cmark_node *node)
{
    go_to_block(w, node);
    w->at = w->line_off;
    take_lines(w, cmark_node_get_literal(node), true);
}

/* Steps one event of the walk. */
static void visit(mdwalk *w, cmark_node *node, bool enter)
{
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_BLOCK_QUOTE: w->s.quotes += enter ? 1 : -1; break;
    case CMARK_NODE_PARAGRAPH:
        if (enter)
            enter_paragraph(w, node);
        else
            dsL_clean_break(w->out);
        break;
    case CMARK_NODE_HEADING:
        if (enter)
            enter_heading(w, node);
        else
            exit_heading(w, node);
        break;
    case CMARK_NODE_CODE_BLOCK: enter_code_block(w, node); break;
    case CMARK_NODE_HTML_BLOCK: enter_html_block(w, node); break;
    default:
        if (enter)
            enter_inline(w, node);
        else
            exit_inline(w, node);
    }
}

ds_status dsL_mdwalk(cmark_node *root, ds_str src, size_t beg, size_t end, dsL_clean *out,
                     dsL_headings *headings, size_t *drift)
{
    mdwalk w = {.out = out, .headings = headings, .s = {src, end, 0}, .at = beg, .last = end,
                .line_off = beg, .line_no = 1};
    cmark_iter *it = cmark_iter_new(root);
    cmark_event_type ev;
    while ((ev = cmark_iter_next(it)) != CMARK_EVENT_DONE)
        visit(&w, cmark_iter_get_node(it), ev == CMARK_EVENT_ENTER);
    cmark_iter_free(it);
    *drift = w.drift;
    return w.status != DS_OK ? w.status : dsL_clean_finish(out);
}
