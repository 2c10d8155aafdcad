/*
 * bind_query.h - the insides of a ds.query, for its own files only: bind_query.c the object, bind_hits.c its hits,
 * bind_groups.c their order, groups and frequencies, bind_columns.c fields of articles.  The head of bind_query.c lists the functions that Lua sees.
 */
#ifndef DS_BIND_QUERY_H
#define DS_BIND_QUERY_H

#include "bind_store.h"
#include "hits.h"
#include "limit.h"

#define DSL_QUERY "ds.query"

typedef struct query_part {
    int store; /* number in the list, from 1 */
    uint32_t segment;
    ds_index *ix;
    ds_reader *reader;
    ds_query *query;
    uint64_t *docs; /* NULL: all */
    size_t words;   /* of it */
} query_part;

typedef struct query_handle {
    ds_alloc alloc;
    query_part *parts;
    size_t count;
    ds_cql *tree;
    ds_hitlist *list;
    size_t filled; /* the segment whose hits come next */
    size_t have;   /* hits in the list */
    bool partial, closed;
    double timeout, deadline; /* seconds, 0: none */
    const volatile sig_atomic_t *reached; /* a limit of the run: NULL or not 0 when there is one to stop for */
    lua_State *L;             /* while forms are asked for */
    bool overlap;
} query_handle;

/* The query at index 1, with its stores open.  [-0, +0, e] */
query_handle *dsL_query_live(lua_State *L);
/* Begins its time, where it has a timeout.  [-0, +0, -] */
void dsL_query_start_clock(lua_State *L, query_handle *h);
/* The segments of the list of stores at `arg`, loaded, to an array that belongs to a new userdata on the stack.
 * [-0, +1, e] */
query_part *dsL_query_push_parts(lua_State *L, int arg, size_t *count, ds_error *err);

/* bind_hits.c */
int dsL_query_fill(lua_State *L);
int dsL_query_count(lua_State *L);
int dsL_query_shown(lua_State *L);
int dsL_query_at(lua_State *L);
int dsL_query_line(lua_State *L);

/* bind_groups.c */
int dsL_query_sort(lua_State *L);
int dsL_query_sample(lua_State *L);
int dsL_query_group(lua_State *L);
int dsL_query_explain(lua_State *L);
int dsL_query_freq(lua_State *L);
/* bind_columns.c */
int dsL_query_column(lua_State *L);
int dsL_query_relabel(lua_State *L);
int dsL_query_select(lua_State *L);

/* bind_groups.c: makes the class of what they collect.  [-0, +0, m] */
void dsL_query_open_groups(lua_State *L);

#endif
