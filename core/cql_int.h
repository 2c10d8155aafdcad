/*
 * cql_int.h - the quoted strings of a query (cql_text.c), for the grammar and for phrases.
 */
#ifndef DS_CQL_INT_H
#define DS_CQL_INT_H

#include "cql.h"

/* White space as the segmenter sees it. */
bool cql_is_space(uint32_t cp);
/* The phrase between quotation marks `quote`, escapes resolved, folded, each run of white space one blank, none at
 * the ends. */
DS_MUSTUSE ds_status cql_phrase(ds_str raw, char quote, ds_buf *out, ds_error *err);
/* The value of a test: appends it to `out`, folded when it is a key, and says whether it is a regular expression. */
DS_MUSTUSE ds_status cql_value(ds_str raw, char quote, bool literal, bool fold, ds_buf *out, bool *pattern,
                               ds_error *err);

#endif
