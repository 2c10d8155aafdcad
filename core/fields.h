/*
 * fields.h - typed fields of an article, as a store keeps them: a row of names and values.
 *
 * Row      fields one after the other: name, kind, value.  A list's and a map's values follow it, each with its kind;
 *          a map's are fields.  What a date is ("2025-01-27", "2025-01") is for the reader of the text; it is a string
 *          of its own kind, so that nothing has to guess.
 * Memory   rows are appended to a buffer that the caller owns; what is read are views of the row.
 * Errors   reading is bounded by the row, nesting by DS_FIELDS_DEPTH: a damaged row ends early, and says so.
 */
#ifndef DS_FIELDS_H
#define DS_FIELDS_H

#include "block.h"

enum { DS_FIELDS_DEPTH = 16 };

typedef enum ds_kind {
    DS_KIND_FALSE,
    DS_KIND_TRUE,
    DS_KIND_INTEGER,
    DS_KIND_NUMBER,
    DS_KIND_STRING,
    DS_KIND_DATE,
    DS_KIND_LIST,
    DS_KIND_MAP
} ds_kind;

typedef struct ds_value {
    ds_kind kind;
    int64_t integer;
    double number;
    ds_str str;     /* of a string or date */
    uint32_t count; /* of a list or map: how many values follow */
} ds_value;

/* Appends a field's name; then exactly one value has to follow. */
void ds_fields_name(ds_buf *row, ds_str name);
/* Appends a value; behind a list or map its `count` values (in a map: fields) have to follow. */
void ds_fields_value(ds_buf *row, const ds_value *v);
/* The two in one, for a string that is not empty; else nothing. */
void ds_fields_string(ds_buf *row, const char *name, ds_str s);

/* A place in a row. */
typedef struct ds_fields {
    const unsigned char *at, *end;
} ds_fields;

void ds_fields_read(ds_fields *f, ds_str row);
/* Reads what comes next; false: the row is at its end (f->at == f->end) or damaged. */
DS_MUSTUSE bool ds_fields_next_name(ds_fields *f, ds_str *name);
DS_MUSTUSE bool ds_fields_next_value(ds_fields *f, ds_value *v);
/* Passes over all that belongs to the value `v` that was just read. */
DS_MUSTUSE bool ds_fields_skip(ds_fields *f, const ds_value *v);
/* The string or date field of that name at the row's own level; empty: none. */
ds_str ds_fields_find(ds_str row, const char *name);

#endif
