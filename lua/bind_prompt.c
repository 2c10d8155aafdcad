/*
 * bind_prompt.c - a line from a terminal, with editing and history by libedit.
 *
 *   prompt.open(complete)   -> true | nil, message: libedit is not there.  complete(word) -> list of words, for TAB
 *   prompt.read(text)       -> line | nil at the end of the input
 *   prompt.load(path)       history from a file; a missing one is none
 *   prompt.save(path)       -> true | nil, message
 *
 * libedit is loaded when it is asked for: no other run pays for it, and none needs it.  Its interface keeps its state
 * for the process, and so does what its callbacks need here: one prompt in a process, in the main thread.
 */
#include <dlfcn.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "bind.h"
#include "bind_stream.h"
#include "limit.h"

#define LIBRARY "libedit.so.2"
#define COMPLETE_KEY "ds.prompt.complete" /* registry: the function */
#define WORDS_KEY "ds.prompt.words"       /* registry: what it gave last */
#define HISTORY_MAX 1000

typedef char *generator(const char *text, int state);

static struct {
    void *handle;
    lua_State *L;
    char *(*readline)(const char *text);
    int (*add_history)(const char *line);
    int (*read_history)(const char *path);
    int (*write_history)(const char *path);
    void (*stifle_history)(int most);
    char **(*matches)(const char *text, generator *next);
    char **(**attempted)(const char *text, int beg, int end);
    int *attempted_over;
    int *append_character;
} edit;

/* Protected: word -> list of words, which goes to the registry. */
static int ask_for_words(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, COMPLETE_KEY);
    lua_insert(L, 1);
    lua_call(L, 1, 1);
    lua_setfield(L, LUA_REGISTRYINDEX, WORDS_KEY);
    return 0;
}

/* The next word, to be freed by libedit, or NULL; state 0 begins. */
static char *next_word(const char *text, int state)
{
    static lua_Integer at;
    lua_State *L = edit.L;
    (void)text;
    at = state == 0 ? 1 : at + 1;
    char *copy = NULL;
    if (lua_getfield(L, LUA_REGISTRYINDEX, WORDS_KEY) == LUA_TTABLE && lua_rawgeti(L, -1, at) == LUA_TSTRING)
        copy = strdup(lua_tostring(L, -1));
    lua_settop(L, 1);
    return copy;
}

static char **complete(const char *text, int beg, int end)
{
    lua_State *L = edit.L;
    (void)beg;
    (void)end;
    *edit.attempted_over = 1; /* no file names */
    *edit.append_character = 0;
    lua_pushcfunction(L, ask_for_words);
    lua_pushstring(L, text);
    bool good = lua_pcall(L, 1, 0, 0) == LUA_OK;
    lua_settop(L, 1);
    return good ? edit.matches(text, next_word) : NULL;
}

/* Puts the address of a name into *where; ISO C has no cast for it. */
static bool find(const char *name, void *where)
{
    void *address = dlsym(edit.handle, name);
    memcpy(where, &address, sizeof address);
    return address != NULL;
}

static bool load_library(void)
{
    if (edit.handle != NULL)
        return true;
    edit.handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    return edit.handle != NULL && find("readline", &edit.readline) && find("add_history", &edit.add_history) &&
           find("read_history", &edit.read_history) && find("write_history", &edit.write_history) &&
           find("stifle_history", &edit.stifle_history) && find("rl_completion_matches", &edit.matches) &&
           find("rl_attempted_completion_function", &edit.attempted) &&
           find("rl_attempted_completion_over", &edit.attempted_over) &&
           find("rl_completion_append_character", &edit.append_character);
}

static int prompt_open(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    if (!load_library()) {
        lua_pushnil(L);
        lua_pushliteral(L, "no line editing: " LIBRARY " is not there (Debian's package libedit2)");
        return 2;
    }
    lua_settop(L, 1);
    lua_setfield(L, LUA_REGISTRYINDEX, COMPLETE_KEY);
    setlocale(LC_CTYPE, "");
    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        setlocale(LC_CTYPE, "C.UTF-8"); /* or libedit drops what is not ASCII */
    *edit.attempted = complete;
    edit.stifle_history(HISTORY_MAX);
    lua_pushboolean(L, 1);
    return 1;
}

static int prompt_read(lua_State *L)
{
    const char *text = luaL_checkstring(L, 1);
    if (edit.readline == NULL)
        return luaL_error(L, "prompt.read: no prompt is open");
    lua_settop(L, 1);
    edit.L = L;
    char *line = edit.readline(text);
    dsL_limits_forget(L); /* Ctrl-C at the prompt leaves the line, not the program */
    if (line == NULL) {
        lua_pushnil(L);
        return 1;
    }
    if (*line != '\0')
        edit.add_history(line);
    lua_pushstring(L, line); /* of one line: short of memory, it is lost with the program */
    free(line);
    return 1;
}

static int prompt_load(lua_State *L)
{
    edit.read_history(luaL_checkstring(L, 1));
    return 0;
}

static int prompt_save(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    if (edit.write_history(path) != 0)
        return dsL_sys_fail(L, path, errno);
    lua_pushboolean(L, 1);
    return 1;
}

static const luaL_Reg functions[] = {
    {"open", prompt_open}, {"read", prompt_read}, {"load", prompt_load}, {"save", prompt_save}, {NULL, NULL},
};

int dsL_open_prompt(lua_State *L)
{
    luaL_newlib(L, functions);
    return 1;
}
