/*
 * bind_mdhtml.c - the text of HTML blocks inside Markdown: tags, comments, scripts and styles go, text stays.
 *
 * State between lines, as one number: the mode in the low bits, the quotation mark of an open
 * attribute above them.
 */
#include <string.h>

#include "bind_mdwalk.h"

enum { HTML_TEXT, HTML_TAG, HTML_COMMENT, HTML_SCRIPT, HTML_STYLE, HTML_MODES = 15 };

typedef struct htmlscan {
    dsL_clean *out;
    const char *p;
    size_t at, end;
    unsigned mode;
    char quote;
    unsigned after; /* the mode that the open tag leads to */
} htmlscan;

static bool html_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/* True when `name` (lower case) stands at `at` and ends there. */
static bool html_name(const htmlscan *h, size_t at, const char *name)
{
    size_t n = strlen(name);
    if (h->end - at < n)
        return false;
    for (size_t i = 0; i < n; i++)
        if ((h->p[at + i] | 0x20) != name[i])
            return false;
    return at + n == h->end || !html_letter(h->p[at + n]);
}

/* Tags that stand within a line; all others end it. */
static bool html_is_inline(const htmlscan *h, size_t at)
{
    static const char *const names[] = {"a",   "b",   "i",     "u",    "s",    "em",  "strong", "span", "font",
                                        "sup", "sub", "small", "code", "mark", "img", "del",    "ins"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (html_name(h, at, names[i]))
            return true;
    return false;
}

/* Skips to behind `word`, or to the end of the line; true when it was found. */
static bool html_skip_to(htmlscan *h, const char *word)
{
    size_t n = strlen(word);
    for (; h->at < h->end; h->at++)
        if (h->end - h->at >= n && memcmp(h->p + h->at, word, n) == 0) {
            h->at += n;
            return true;
        }
    return false;
}

static void html_open_tag(htmlscan *h)
{
    size_t name = h->at + 1;
    if (h->end - h->at >= 4 && memcmp(h->p + h->at, "<!--", 4) == 0) {
        h->mode = HTML_COMMENT;
        h->at += 4;
        return;
    }
    h->after = html_name(h, name, "script")  ? HTML_SCRIPT
               : html_name(h, name, "style") ? HTML_STYLE
                                             : HTML_TEXT;
    if (h->p[name] == '/')
        name++;
    if (!html_is_inline(h, name))
        dsL_clean_break(h->out);
    h->mode = HTML_TAG;
    h->at = name;
}

static bool html_starts_tag(const htmlscan *h)
{
    char next = h->at + 1 < h->end ? h->p[h->at + 1] : '\0';
    return h->p[h->at] == '<' && (html_letter(next) || next == '/' || next == '!' || next == '?');
}

/* The few character references that text in such blocks is likely to have; the rest stay as written. */
static bool html_reference(htmlscan *h)
{
    static const struct {
        const char *name, *text;
    } refs[] = {{"&nbsp;", "\xC2\xA0"}, {"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}};
    for (size_t i = 0; i < sizeof refs / sizeof *refs; i++) {
        size_t n = strlen(refs[i].name);
        if (h->end - h->at >= n && memcmp(h->p + h->at, refs[i].name, n) == 0) {
            dsL_clean_atom(h->out, refs[i].text, strlen(refs[i].text), h->at, h->at + n);
            h->at += n;
            return true;
        }
    }
    return false;
}

static void html_text(htmlscan *h)
{
    size_t from = h->at;
    while (h->at < h->end && !html_starts_tag(h)) {
        if (h->p[h->at] == '&') {
            dsL_clean_copy(h->out, from, h->at);
            from = h->at;
            if (html_reference(h)) {
                from = h->at;
                continue;
            }
        }
        h->at++;
    }
    dsL_clean_copy(h->out, from, h->at);
    if (h->at < h->end)
        html_open_tag(h);
}

static void html_tag(htmlscan *h)
{
    for (; h->at < h->end; h->at++) {
        char c = h->p[h->at];
        if (h->quote != '\0') {
            if (c == h->quote)
                h->quote = '\0';
        } else if (c == '"' || c == '\'') {
            h->quote = c;
        } else if (c == '>') {
            h->at++;
            h->mode = h->after;
            return;
        }
    }
}

static void html_step(htmlscan *h)
{
    switch (h->mode) {
    case HTML_TAG: html_tag(h); break;
    case HTML_COMMENT:
        if (html_skip_to(h, "-->"))
            h->mode = HTML_TEXT;
        break;
    case HTML_SCRIPT:
    case HTML_STYLE:
        if (html_skip_to(h, h->mode == HTML_SCRIPT ? "</script" : "</style")) {
            h->mode = HTML_TAG;
            h->after = HTML_TEXT;
        }
        break;
    default: html_text(h);
    }
}

void dsL_mdhtml_line(dsL_clean *out, size_t beg, size_t end, unsigned *state)
{
    htmlscan h = {.out = out, .p = out->src.p, .at = beg, .end = end, .mode = *state & HTML_MODES,
                  .after = (*state >> 4) & HTML_MODES, .quote = (char)(*state >> 8)};
    while (h.at < h.end)
        html_step(&h);
    *state = h.mode | h.after << 4 | (unsigned)(unsigned char)h.quote << 8;
}
