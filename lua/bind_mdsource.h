/*
 * bind_mdsource.h - the parts of CommonMark's grammar that leave no trace in cmark's tree: white
 * space, container marks before further lines, targets of links, link reference definitions.
 *
 * Each dsL_mdpast_NAME takes an offset and returns the one behind NAME.
 */
#ifndef DS_BIND_MDSOURCE_H
#define DS_BIND_MDSOURCE_H

#include "bind_clean.h"

typedef struct dsL_mdsource {
    ds_str src;
    size_t end; /* nothing behind it is looked at */
    int quotes; /* open block quotes: how many `>` a further line may begin with */
} dsL_mdsource;

/* The byte at `at`; NUL at the end. */
static inline char dsL_mdpeek(const dsL_mdsource *s, size_t at) { return at < s->end ? s->src.p[at] : '\0'; }
static inline bool dsL_mdis_eol(char c) { return c == '\n' || c == '\r'; }
static inline bool dsL_mdis_gap(char c) { return c == ' ' || c == '\t' || c == '\v' || c == '\f'; }
static inline bool dsL_mdis_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
static inline bool dsL_mdis_punct(char c) { return c > 0x20 && c < 0x7F && !dsL_mdis_alnum(c); }

/* White space within a line, perhaps none. */
size_t dsL_mdpast_gap(const dsL_mdsource *s, size_t at);
/* The line break at `at` and the container marks and white space that the next line begins with. */
size_t dsL_mdpast_newline(const dsL_mdsource *s, size_t at);
/* The same where the line's own leading white space may have been kept, as on a line that continues
 * a block quote without its mark: then [lit, lit + n) goes on with it. */
size_t dsL_mdpast_newline_in(const dsL_mdsource *s, size_t at, const char *lit, size_t n);

/* These return 0 when there is no such thing at `at`. */
size_t dsL_mdpast_label(const dsL_mdsource *s, size_t at);      /* [label] */
size_t dsL_mdpast_target(const dsL_mdsource *s, size_t at);     /* (address "title") */
size_t dsL_mdpast_definition(const dsL_mdsource *s, size_t at); /* [label]: address "title", and its line end */

#endif
