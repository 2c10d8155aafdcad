/*
 * bind_getopt.c - the command line, read by the getopt_long of the C library.
 *
 *   getopt.parse(args, spec [, stop]) -> options, operands | nil, problem, word
 *     args      list of strings, without the program's name
 *     spec      list of {name= [, short=] [, arg=true]}
 *     stop      true: everything from the first operand on is returned as operands
 *     options   list of {name=, value=} in the order given; value is nil for a flag
 *     problem   "unknown", "needs a value" or "takes no value"; word as it was typed ("--tpo", "-x")
 *     An abbreviation ("--form") is "unknown" too: a script that uses one breaks when an option is added.
 *
 * getopt_long hazards: it keeps its place in globals, so every call resets optind and one thread
 * parses at a time; it reorders its argument array unless the option string starts with "-"; it
 * prints unless opterr is 0; POSIXLY_CORRECT in the environment changes it, but not after "-".
 */
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "bind.h"

#define LONG_BASE 256 /* values of long options: LONG_BASE + index, beyond any short option's */

typedef struct arg_parser {
    int argc, nspec;
    char **argv;          /* argv[0] is a dummy, argv[argc] NULL */
    struct option *longs; /* nspec + 1 */
    char *shorts;         /* "-:" and what spec names */
} arg_parser;

/* Copies list `t` of strings to a C argument vector; the list keeps the strings.  [-0, +1, e] */
static void push_vector(lua_State *L, arg_parser *p, int t)
{
    static char program[] = "dsrun";
    lua_Integer n = luaL_len(L, t);
    luaL_argcheck(L, n < INT_MAX - 2, t, "too many arguments");
    p->argc = (int)n + 1;
    p->argv = lua_newuserdatauv(L, ((size_t)n + 2) * sizeof *p->argv, 0);
    p->argv[0] = program;
    for (int i = 1; i <= (int)n; i++) {
        if (lua_rawgeti(L, t, i) != LUA_TSTRING)
            luaL_argerror(L, t, "list of strings expected");
        p->argv[i] = (char *)(uintptr_t)lua_tostring(L, -1); /* never written to: see "-" above */
        lua_pop(L, 1);
    }
    p->argv[p->argc] = NULL;
}

/* Row i of spec into p->longs and the option string.  The row is on top.  [-0, +0, e] */
static char *add_spec(lua_State *L, arg_parser *p, int i, char *at)
{
    lua_getfield(L, -1, "arg");
    bool arg = lua_toboolean(L, -1);
    lua_getfield(L, -2, "short");
    if (lua_isstring(L, -1)) {
        *at++ = *lua_tostring(L, -1);
        if (arg)
            *at++ = ':';
    }
    lua_getfield(L, -3, "name");
    p->longs[i] = (struct option){luaL_checkstring(L, -1), arg ? required_argument : no_argument, NULL, LONG_BASE + i};
    lua_pop(L, 3);
    return at;
}

static void push_spec(lua_State *L, arg_parser *p, int t)
{
    p->nspec = (int)luaL_len(L, t);
    p->longs = lua_newuserdatauv(L, ((size_t)p->nspec + 1) * sizeof *p->longs, 0);
    p->shorts = lua_newuserdatauv(L, (size_t)p->nspec * 2 + 3, 0);
    memset(p->longs, 0, ((size_t)p->nspec + 1) * sizeof *p->longs);
    char *at = p->shorts;
    *at++ = '-'; /* operands come in their place, as option 1 */
    *at++ = ':'; /* a missing value is told apart from an unknown option */
    for (int i = 0; i < p->nspec; i++) {
        lua_rawgeti(L, t, i + 1);
        luaL_argcheck(L, lua_istable(L, -1), t, "list of tables expected");
        at = add_spec(L, p, i, at);
        lua_pop(L, 1);
    }
    *at = '\0';
}

static int parse_problem(lua_State *L, const char *problem, const char *word, size_t len)
{
    lua_pushnil(L);
    lua_pushstring(L, problem);
    lua_pushlstring(L, word, len);
    return 3;
}

/* Index in spec of short option c. */
static int find_short(lua_State *L, int spec, int nspec, int c)
{
    int found = -1;
    for (int i = 0; i < nspec && found < 0; i++) {
        lua_rawgeti(L, spec, i + 1);
        lua_getfield(L, -1, "short");
        if (lua_isstring(L, -1) && *lua_tostring(L, -1) == c)
            found = i;
        lua_pop(L, 2);
    }
    return found;
}

/* Appends {name=, value=} to the list at `list`.  [-0, +0, m] */
static void add_option(lua_State *L, int list, const char *name, const char *value)
{
    lua_createtable(L, 0, 2);
    lua_pushstring(L, name);
    lua_setfield(L, -2, "name");
    if (value != NULL) {
        lua_pushstring(L, value);
        lua_setfield(L, -2, "value");
    }
    lua_rawseti(L, list, luaL_len(L, list) + 1);
}

/* The word that held the option just read: with "--name value" the one before the value. */
static const char *option_word(const arg_parser *p)
{
    const char *last = p->argv[optind - 1];
    bool separate = optarg != NULL && optarg == last;
    return separate ? p->argv[optind - 2] : last;
}

static bool spelt_whole(const arg_parser *p, const char *name)
{
    const char *word = option_word(p) + 2;
    size_t n = strcspn(word, "=");
    return strlen(name) == n && memcmp(word, name, n) == 0;
}

/* '?' or ':' from getopt_long: what is wrong with which word.  [-0, +3, m] */
static int report_bad(lua_State *L, const arg_parser *p, int c)
{
    const char *word = p->argv[optind - 1];
    char letter[2] = {'-', (char)optopt};
    if (optopt > 0 && optopt < LONG_BASE)
        return parse_problem(L, c == ':' ? "needs a value" : "unknown", letter, sizeof letter);
    size_t n = strcspn(word, "=");
    if (optopt >= LONG_BASE) {
        const char *name = p->longs[optopt - LONG_BASE].name;
        if (n == strlen(name) + 2)
            return parse_problem(L, c == ':' ? "needs a value" : "takes no value", word, n);
    }
    return parse_problem(L, "unknown", word, n);
}

static void push_rest_of(lua_State *L, const arg_parser *p, int operands, int from)
{
    for (int i = from; i < p->argc; i++) {
        lua_pushstring(L, p->argv[i]);
        lua_rawseti(L, operands, luaL_len(L, operands) + 1);
    }
}

static int getopt_parse(lua_State *L)
{
    enum { ARGS = 1, SPEC, STOP, OPTIONS, OPERANDS };
    arg_parser p;
    int c;
    luaL_checktype(L, ARGS, LUA_TTABLE);
    luaL_checktype(L, SPEC, LUA_TTABLE);
    lua_settop(L, STOP);
    lua_newtable(L);
    lua_newtable(L);
    push_vector(L, &p, ARGS);
    push_spec(L, &p, SPEC);
    opterr = 0;
    optind = 0; /* glibc: start over, forgetting the last call */
    while ((c = getopt_long(p.argc, p.argv, p.shorts, p.longs, NULL)) != -1) {
        if (c == '?' || c == ':')
            return report_bad(L, &p, c);
        if (c == 1 && lua_toboolean(L, STOP)) {
            optind--;
            break;
        }
        if (c == 1) {
            lua_pushstring(L, optarg);
            lua_rawseti(L, OPERANDS, luaL_len(L, OPERANDS) + 1);
            continue;
        }
        int i = c >= LONG_BASE ? c - LONG_BASE : find_short(L, SPEC, p.nspec, c);
        if (c >= LONG_BASE && !spelt_whole(&p, p.longs[i].name))
            return parse_problem(L, "unknown", option_word(&p), strcspn(option_word(&p), "="));
        add_option(L, OPTIONS, p.longs[i].name, optarg);
    }
    push_rest_of(L, &p, OPERANDS, optind);
    lua_settop(L, OPERANDS);
    return 2;
}

static const luaL_Reg getopt_functions[] = {{"parse", getopt_parse}, {NULL, NULL}};

int dsL_open_getopt(lua_State *L)
{
    luaL_newlib(L, getopt_functions);
    return 1;
}
