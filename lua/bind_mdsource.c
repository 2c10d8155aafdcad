/* bind_mdsource.c - see bind_mdsource.h. */
#include "bind_mdsource.h"

#include <string.h>

size_t dsL_mdpast_gap(const dsL_mdsource *s, size_t at)
{
    while (dsL_mdis_gap(dsL_mdpeek(s, at)))
        at++;
    return at;
}

static bool has_tab(const dsL_mdsource *s, size_t beg, size_t end)
{
    return beg < end && memchr(s->src.p + beg, '\t', end - beg) != NULL;
}

/* Behind the line break at `at` and the container marks that the next line begins with.  A mark that is
 * indented further is text. */
size_t dsL_mdpast_newline(const dsL_mdsource *s, size_t at)
{
    size_t beg = dsL_clean_past_eol(s->src, at);
    at = dsL_mdpast_gap(s, beg);
    for (int i = 0; i < s->quotes && dsL_mdpeek(s, at) == '>' && at - beg <= 4 && !has_tab(s, beg, at); i++) {
        beg = at + 1;
        at = dsL_mdpast_gap(s, beg);
    }
    return at < s->end ? at : s->end;
}

size_t dsL_mdpast_newline_in(const dsL_mdsource *s, size_t at, const char *lit, size_t n)
{
    size_t next = dsL_mdpast_newline(s, at);
    for (size_t i = 0; i < n && dsL_mdis_gap(lit[i]) && next > at && dsL_mdis_gap(s->src.p[next - 1]); i++)
        next--;
    return next;
}

/* White space with at most one line break in it, as the parts of a link are separated. */
static size_t past_space(const dsL_mdsource *s, size_t at)
{
    at = dsL_mdpast_gap(s, at);
    if (at < s->end && dsL_mdis_eol(s->src.p[at])) {
        size_t next = dsL_mdpast_newline(s, at);
        if (next >= s->end || !dsL_mdis_eol(s->src.p[next]))
            return next;
    }
    return at;
}

/* ------------------------------------------------------------------ the grammar of links
 * Each returns the offset behind what it names, 0 when it is not there. */

size_t dsL_mdpast_label(const dsL_mdsource *s, size_t at)
{
    if (dsL_mdpeek(s, at) != '[')
        return 0;
    for (size_t i = at + 1; i < s->end && i - at < 1002; i++) {
        char c = s->src.p[i];
        if (c == '\\' && dsL_mdis_punct(dsL_mdpeek(s, i + 1)))
            i++;
        else if (c == '[')
            return 0;
        else if (c == ']')
            return i + 1;
    }
    return 0;
}

static size_t past_bracketed_url(const dsL_mdsource *s, size_t at)
{
    for (size_t i = at + 1; i < s->end; i++) {
        char c = s->src.p[i];
        if (c == '>')
            return i + 1;
        if (c == '\n' || c == '<')
            return 0;
        if (c == '\\')
            i++;
    }
    return 0;
}

static size_t past_url(const dsL_mdsource *s, size_t at)
{
    int depth = 0;
    size_t i = at;
    if (dsL_mdpeek(s, at) == '<')
        return past_bracketed_url(s, at);
    for (; i < s->end; i++) {
        char c = s->src.p[i];
        if (c == '\\' && dsL_mdis_punct(dsL_mdpeek(s, i + 1)))
            i++;
        else if (c == '(' && ++depth > 32)
            return 0;
        else if (dsL_mdis_gap(c) || dsL_mdis_eol(c) || (c == ')' && depth == 0))
            break;
        else if (c == ')')
            depth--;
    }
    return depth == 0 ? i : 0;
}

static size_t past_title(const dsL_mdsource *s, size_t at)
{
    char open = dsL_mdpeek(s, at), close = open == '(' ? ')' : open;
    if (open != '"' && open != '\'' && open != '(')
        return 0;
    for (size_t i = at + 1; i < s->end; i++) {
        char c = s->src.p[i];
        if (c == close)
            return i + 1;
        if (c == '\\' && dsL_mdis_punct(dsL_mdpeek(s, i + 1)))
            i++;
        else if (open == '(' && c == '(')
            return 0;
        else if (dsL_mdis_eol(c) && dsL_mdis_eol(dsL_mdpeek(s, dsL_mdpast_newline(s, i))))
            return 0;
    }
    return 0;
}

/* "(url "title")" of an inline link. */
size_t dsL_mdpast_target(const dsL_mdsource *s, size_t at)
{
    if (dsL_mdpeek(s, at) != '(')
        return 0;
    size_t url = past_space(s, at + 1), i = past_url(s, url);
    if (i == 0)
        return 0;
    size_t title = past_space(s, i);
    if (title > i) {
        size_t t = past_title(s, title);
        i = past_space(s, t != 0 ? t : title);
    }
    return dsL_mdpeek(s, i) == ')' ? i + 1 : 0;
}

/* Behind the end of the line when nothing but white space is left on it. */
static size_t past_rest(const dsL_mdsource *s, size_t at)
{
    at = dsL_mdpast_gap(s, at);
    return at >= s->end ? s->end : dsL_mdis_eol(s->src.p[at]) ? dsL_mdpast_newline(s, at) : 0;
}

/* A link reference definition, to which no node belongs. */
size_t dsL_mdpast_definition(const dsL_mdsource *s, size_t at)
{
    size_t label = dsL_mdpast_label(s, at);
    if (label == 0 || dsL_mdpeek(s, label) != ':')
        return 0;
    size_t from = past_space(s, label + 1), url = past_url(s, from);
    if (url == 0 || (url == from && dsL_mdpeek(s, from) != '<'))
        return 0;
    size_t from_title = past_space(s, url);
    size_t title = from_title > url ? past_title(s, from_title) : 0;
    size_t whole = title != 0 ? past_rest(s, title) : 0;
    return whole != 0 ? whole : past_rest(s, url);
}
