/*
 * bind_yaml.c - YAML front matter, by libyaml.
 *
 *   yaml.parse(bytes [, from [, to]]) -> value | nil, message, detail {status=, byte=, line=}
 *
 * Types (the core schema of YAML 1.2): plain null and ~ are nil, and are left out of lists and maps;
 * plain true and false are booleans; plain decimal, 0x and 0o integers that fit and have no
 * leading zero, and decimal fractions, are numbers; all else, dates and quoted numbers
 * included, is text.  Keys of maps are text as written.  An anchor's aliases share its value.
 * Refused: a key twice in a map, a key that is a list or map, an alias inside what it names, more than
 * one document, nesting beyond DS_YAML_DEPTH_MAX, and more than DS_YAML_NODES_MAX values with every
 * alias counted as what it stands for.
 * detail.line counts from 1 within [from, to], detail.byte from the start of `bytes`.
 */
#include <string.h>
#include <yaml.h>

#include "bind.h"
#include "utf8.h"

#ifndef DS_YAML_DEPTH_MAX
#define DS_YAML_DEPTH_MAX 64
#endif
#ifndef DS_YAML_NODES_MAX
#define DS_YAML_NODES_MAX 100000u
#endif
#define YAMLJOB "ds.yaml.job"

enum { YAML_VALUES = 3, YAML_COUNTS = 4 }; /* stack: anchor -> value, anchor -> nodes */

typedef struct yamljob {
    yaml_parser_t parser;
    yaml_event_t event;
    bool parser_live, event_live;
    ds_str src;
    size_t base; /* of src in the argument */
    size_t nodes;
    ds_error err;
} yamljob;

static void yamljob_drop_event(yamljob *y)
{
    if (y->event_live)
        yaml_event_delete(&y->event);
    y->event_live = false;
}

static int yamljob_gc(lua_State *L)
{
    yamljob *y = luaL_checkudata(L, 1, YAMLJOB);
    yamljob_drop_event(y);
    if (y->parser_live)
        yaml_parser_delete(&y->parser);
    y->parser_live = false;
    return 0;
}

/* ------------------------------------------------------------------ errors */

/* Fails at the character that `mark` counts to. */
static bool yaml_fail_at(yamljob *y, yaml_mark_t mark, const char *msg, const char *context)
{
    size_t off = y->base + ds_utf8_offset(y->src, mark.index);
    (void)ds_fail(&y->err, DS_EFORMAT, off, mark.line + 1, context != NULL ? "%s %s" : "%s", msg, context);
    return false;
}

static bool yaml_fail_here(yamljob *y, const char *msg)
{
    return yaml_fail_at(y, y->event.start_mark, msg, NULL);
}

static bool yaml_fail_parser(yamljob *y)
{
    const yaml_parser_t *p = &y->parser;
    const char *problem = p->problem != NULL ? p->problem : "malformed YAML";
    if (p->error == YAML_MEMORY_ERROR) {
        (void)ds_fail_nomem(&y->err);
        return false;
    }
    if (p->error != YAML_READER_ERROR)
        return yaml_fail_at(y, p->problem_mark, problem, p->context);
    size_t line = 1, off = p->problem_offset < y->src.n ? p->problem_offset : y->src.n;
    for (size_t i = 0; i < off; i++)
        line += y->src.p[i] == '\n';
    (void)ds_fail(&y->err, DS_EFORMAT, y->base + off, line, "%s", problem);
    return false;
}

static bool yaml_next(yamljob *y)
{
    yamljob_drop_event(y);
    if (!yaml_parser_parse(&y->parser, &y->event))
        return yaml_fail_parser(y);
    y->event_live = true;
    return true;
}

/* ------------------------------------------------------------------ scalars */

static size_t yaml_digits(const char *s, size_t at, size_t n, const char *set)
{
    while (at < n && s[at] != '\0' && strchr(set, s[at]) != NULL)
        at++;
    return at;
}

/* Pushes the integer of 0x or 0o digits and returns true, unless it is none or too long. */
static bool yaml_push_radix(lua_State *L, const char *s, size_t n)
{
    bool hex = n > 2 && s[1] == 'x';
    lua_Integer v = 0;
#ifdef DS_PLANT_YAML /* so many digits do not fit: a bug that fuzzing must find, `make fuzz` */
    const size_t most = 60;
#else
    const size_t most = 17;
#endif
    if (n < 3 || n > most || s[0] != '0' || (!hex && s[1] != 'o') ||
        yaml_digits(s, 2, n, hex ? "0123456789abcdefABCDEF" : "01234567") != n)
        return false;
    for (size_t i = 2; i < n; i++)
        v = v * (hex ? 16 : 8) + (s[i] <= '9' ? s[i] - '0' : (s[i] | 0x20) - 'a' + 10);
    lua_pushinteger(L, v);
    return true;
}

/* Pushes the number and returns true, or false for what is not written as one. */
static bool yaml_push_number(lua_State *L, const char *s, size_t n)
{
    static const char dec[] = "0123456789";
    size_t at = n > 0 && (s[0] == '-' || s[0] == '+'), first = at;
    size_t whole = yaml_digits(s, at, n, dec), end = whole;
    if (yaml_push_radix(L, s, n))
        return true;
    if (whole - first > 1 && s[first] == '0')
        return false;
    if (end < n && s[end] == '.')
        end = yaml_digits(s, end + 1, n, dec);
    if (end == first || (end == first + 1 && s[first] == '.'))
        return false;
    if (end < n && (s[end] == 'e' || s[end] == 'E')) {
        size_t exp = end + 1 + (end + 1 < n && (s[end + 1] == '-' || s[end + 1] == '+'));
        end = yaml_digits(s, exp, n, dec);
        if (end == exp)
            return false;
    }
    if (end != n || lua_stringtonumber(L, s + (s[0] == '+')) != n + 1 - (s[0] == '+'))
        return false;
    lua_Number v = lua_tonumber(L, -1);
    if ((whole == n && !lua_isinteger(L, -1)) || v - v != 0) { /* beyond 64 bits, or infinite: text */
        lua_pop(L, 1);
        return false;
    }
    return true;
}

static bool yaml_is_word(const char *s, const char *lower)
{
    static const char *const forms[][3] = {
        {"null", "Null", "NULL"}, {"true", "True", "TRUE"}, {"false", "False", "FALSE"}};
    for (size_t i = 0; i < 3; i++)
        if (strcmp(forms[i][0], lower) == 0)
            return strcmp(s, forms[i][0]) == 0 || strcmp(s, forms[i][1]) == 0 || strcmp(s, forms[i][2]) == 0;
    return false;
}

static void yaml_push_scalar(lua_State *L, const yaml_event_t *ev)
{
    const char *s = (const char *)ev->data.scalar.value;
    size_t n = ev->data.scalar.length;
    bool plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && ev->data.scalar.plain_implicit;
    if (plain && (n == 0 || strcmp(s, "~") == 0 || yaml_is_word(s, "null")))
        lua_pushnil(L);
    else if (plain && (yaml_is_word(s, "true") || yaml_is_word(s, "false")))
        lua_pushboolean(L, s[0] == 't' || s[0] == 'T');
    else if (!plain || !yaml_push_number(L, s, n))
        lua_pushlstring(L, s, n);
}

/* ------------------------------------------------------------------ values */

static bool yaml_value(lua_State *L, yamljob *y, int depth);

static bool yaml_count(yamljob *y, size_t more)
{
    y->nodes += more;
    return y->nodes <= DS_YAML_NODES_MAX || yaml_fail_here(y, "too many values once aliases are replaced");
}

static bool yaml_alias(lua_State *L, yamljob *y)
{
    const char *name = (const char *)y->event.data.alias.anchor;
    lua_getfield(L, YAML_COUNTS, name);
    size_t nodes = (size_t)lua_tointeger(L, -1);
    lua_pop(L, 1);
    if (nodes == 0)
        return yaml_fail_here(y, "alias of an anchor that is not complete before it");
    lua_getfield(L, YAML_VALUES, name);
    return yaml_count(y, nodes);
}

static bool yaml_list(lua_State *L, yamljob *y, int depth)
{
    lua_Integer count = 0;
    lua_newtable(L);
    for (;;) {
        if (!yaml_next(y))
            return false;
        if (y->event.type == YAML_SEQUENCE_END_EVENT)
            return true;
        if (!yaml_value(L, y, depth + 1))
            return false;
        if (lua_isnil(L, -1))
            lua_pop(L, 1);
        else
            lua_rawseti(L, -2, ++count);
    }
}

static bool yaml_map(lua_State *L, yamljob *y, int depth)
{
    lua_newtable(L);
    for (;;) {
        if (!yaml_next(y))
            return false;
        if (y->event.type == YAML_MAPPING_END_EVENT)
            return true;
        if (y->event.type != YAML_SCALAR_EVENT)
            return yaml_fail_here(y, "the key of a map must be text");
        lua_pushlstring(L, (const char *)y->event.data.scalar.value, y->event.data.scalar.length);
        lua_pushvalue(L, -1);
        if (lua_rawget(L, -3) != LUA_TNIL)
            return yaml_fail_here(y, "the same key a second time");
        lua_pop(L, 1);
        if (!yaml_next(y) || !yaml_value(L, y, depth + 1))
            return false;
        lua_rawset(L, -3);
    }
}

static const char *yaml_anchor(const yaml_event_t *ev)
{
    switch (ev->type) {
    case YAML_SCALAR_EVENT: return (const char *)ev->data.scalar.anchor;
    case YAML_SEQUENCE_START_EVENT: return (const char *)ev->data.sequence_start.anchor;
    case YAML_MAPPING_START_EVENT: return (const char *)ev->data.mapping_start.anchor;
    default: return NULL;
    }
}

/* Notes the value at the top under the name below it, and takes the name away. */
static void yaml_keep_anchor(lua_State *L, size_t nodes)
{
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -2);
    lua_rawset(L, YAML_VALUES);
    lua_pushvalue(L, -2);
    lua_pushinteger(L, (lua_Integer)nodes);
    lua_rawset(L, YAML_COUNTS);
    lua_remove(L, -2);
}

/* Pushes the value that starts with the current event. */
static bool yaml_value(lua_State *L, yamljob *y, int depth)
{
    yaml_event_type_t type = y->event.type;
    const char *anchor = yaml_anchor(&y->event);
    size_t before = y->nodes;
    bool named = anchor != NULL, ok = true;
    if (depth > DS_YAML_DEPTH_MAX)
        return yaml_fail_here(y, "nested too deep");
    luaL_checkstack(L, 8, "YAML");
    if (type == YAML_ALIAS_EVENT)
        return yaml_alias(L, y);
    if (!yaml_count(y, 1))
        return false;
    if (named)
        lua_pushstring(L, anchor); /* the event, and with it the name, goes when the next comes */
    if (type == YAML_SCALAR_EVENT)
        yaml_push_scalar(L, &y->event);
    else
        ok = type == YAML_SEQUENCE_START_EVENT ? yaml_list(L, y, depth) : yaml_map(L, y, depth);
    if (ok && named)
        yaml_keep_anchor(L, y->nodes - before);
    return ok;
}

/* Pushes the only document, nil for an empty stream. */
static bool yaml_document(lua_State *L, yamljob *y)
{
    if (!yaml_next(y) || !yaml_next(y))
        return false;
    if (y->event.type == YAML_STREAM_END_EVENT) {
        lua_pushnil(L);
        return true;
    }
    if (!yaml_next(y) || !yaml_value(L, y, 1) || !yaml_next(y) || !yaml_next(y))
        return false;
    return y->event.type == YAML_STREAM_END_EVENT || yaml_fail_here(y, "a second document");
}

static int yaml_parse(lua_State *L)
{
    ds_str src = dsL_checkstr(L, 1);
    size_t beg, end;
    dsL_checkrange(L, 2, src.n, &beg, &end);
    lua_settop(L, 1);
    yamljob *y = lua_newuserdatauv(L, sizeof *y, 0);
    memset(y, 0, sizeof *y);
    luaL_setmetatable(L, YAMLJOB);
    lua_newtable(L);
    lua_newtable(L);
    y->base = beg;
    y->src = (ds_str){src.p + beg, end - beg};
    if (!yaml_parser_initialize(&y->parser))
        return luaL_error(L, "not enough memory");
    y->parser_live = true;
    yaml_parser_set_encoding(&y->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&y->parser, (const unsigned char *)y->src.p, y->src.n);
    if (!yaml_document(L, y))
        return dsL_pusherror(L, &y->err);
    lua_pushvalue(L, 2);
    lua_replace(L, 1);
    (void)yamljob_gc(L);
    return 1;
}

int dsL_open_yaml(lua_State *L)
{
    static const luaL_Reg functions[] = {{"parse", yaml_parse}, {NULL, NULL}};
    static const luaL_Reg methods[] = {{NULL, NULL}}, meta[] = {{"__gc", yamljob_gc}, {NULL, NULL}};
    dsL_newclass(L, YAMLJOB, methods, meta);
    luaL_newlib(L, functions);
    return 1;
}
