/*
 * bind_jsonl.c - ds.c.jsonl: records of a source in JSON, one at a time.
 *
 *   next(source, text_keys, longest [, anywhere])
 *       -> record, byte, line [, text, map]   a table of its fields; `text` is the value of the first of text_keys that
 *                                             holds a string, and is not in the table
 *        | nil                                the end
 *        | nil, message, {byte=}              the source is damaged; byte as it lies on disk
 *        | false, message, {line=, byte=}     a record that cannot be read; the next call goes on behind it
 *
 * A record is a line (JSONL); with `anywhere` it is an object wherever it stands: in an array, over many lines.  The
 * text is made clean as bind_clean.h says, unless the record is one that `dsrun cat` wrote ("table":"articles"): then it is
 * taken as it is.  `map` leads from the text to bytes of the source.  A field of null is left out.
 *
 * The outermost object is scanned here, for speed and for the places of its strings; what stands inside it in brackets,
 * and numbers that are no short integers, jansson reads.  Of two equal keys the last one counts.
 */
#include <string.h>

#include "bind_clean.h"
#include "bind_json.h"
#include "bind_source.h"
#include "utf8.h"

#define KEYS_MOST 32 /* text keys that are looked for */

typedef struct json_scan {
    lua_State *L;
    ds_str s;         /* the record */
    size_t at;
    const char *what; /* what is wrong, at `at` */
    ds_str keys[KEYS_MOST];
    size_t key_count;
    ds_str best;      /* text found, still escaped */
    size_t best_rank, best_at;
    bool ours;        /* written by dsrun cat */
} json_scan;

static bool bad(json_scan *j, const char *what)
{
    j->what = what;
    return false;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_space(json_scan *j)
{
    while (j->at < j->s.n && is_space(j->s.p[j->at]))
        j->at++;
}

static bool take_char(json_scan *j, char c, const char *what)
{
    skip_space(j);
    if (j->at >= j->s.n || j->s.p[j->at] != c)
        return bad(j, what);
    j->at++;
    return true;
}

/* ------------------------------------------------------------------ strings */

/* Offset of the quote that ends the string whose inside starts at `at`; s.n when there is none. */
static size_t string_end(ds_str s, size_t at)
{
    const char *quote = at < s.n ? memchr(s.p + at, '"', s.n - at) : NULL;
    while (quote != NULL) {
        const char *slash = memchr(s.p + at, '\\', (size_t)(quote - s.p) - at);
        if (slash == NULL)
            return (size_t)(quote - s.p);
        at = (size_t)(slash - s.p) + 2;
        if (at > (size_t)(quote - s.p))
            quote = at < s.n ? memchr(s.p + at, '"', s.n - at) : NULL;
    }
    return s.n;
}

/* The inside of the string at hand, which is left behind. */
static bool take_string(json_scan *j, ds_str *inside)
{
    if (!take_char(j, '"', "a string in double quotes is wanted"))
        return false;
    size_t end = string_end(j->s, j->at);
    if (end >= j->s.n)
        return bad(j, "a string has no end");
    *inside = (ds_str){j->s.p + j->at, end - j->at};
    j->at = end + 1;
    return true;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int hex4(const char *p, size_t n)
{
    int v = 0;
    for (size_t i = 0; i < 4; i++) {
        int d = i < n ? hex_digit(p[i]) : -1;
        if (d < 0)
            return -1;
        v = v * 16 + d;
    }
    return v;
}

/* The escape at p, n bytes up to the string's end: its length, and the character in *cp.  0: none that JSON knows. */
static size_t read_escape(const char *p, size_t n, uint32_t *cp)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *simple = n >= 2 && p[1] != '\0' ? strchr(from, p[1]) : NULL;
    if (simple != NULL) {
        *cp = (unsigned char)to[simple - from];
        return 2;
    }
    int high = n >= 2 && p[1] == 'u' ? hex4(p + 2, n - 2) : -1;
    if (high < 0 || (high >= 0xDC00 && high <= 0xDFFF))
        return 0;
    *cp = (uint32_t)high;
    if (high < 0xD800 || high > 0xDBFF)
        return 6;
    int low = n >= 12 && p[6] == '\\' && p[7] == 'u' ? hex4(p + 8, n - 8) : -1;
    if (low < 0xDC00 || low > 0xDFFF)
        return 0;
    *cp = 0x10000 + (((uint32_t)high - 0xD800) << 10) + ((uint32_t)low - 0xDC00);
    return 12;
}

static bool bad_escape(json_scan *j, const char *p)
{
    j->at = (size_t)(p - j->s.p);
    return bad(j, "an escape that JSON does not know");
}

/* Pushes the string.  [-0, +1 | 0, m] */
static bool push_string(json_scan *j, ds_str in)
{
    const char *slash = in.n > 0 ? memchr(in.p, '\\', in.n) : NULL;
    if (slash == NULL) {
        lua_pushlstring(j->L, in.p, in.n);
        return true;
    }
    luaL_Buffer b;
    char *out = luaL_buffinitsize(j->L, &b, in.n); /* an escape is never shorter than its character */
    size_t at = 0, n = 0;
    while (slash != NULL) {
        uint32_t cp;
        size_t run = (size_t)(slash - in.p) - at, len = read_escape(slash, in.n - at - run, &cp);
        memcpy(out + n, in.p + at, run);
        n += run;
        if (len == 0) {
            luaL_pushresultsize(&b, 0);
            lua_pop(j->L, 1);
            return bad_escape(j, slash);
        }
        n += ds_utf8_encode(cp, out + n);
        at += run + len;
        slash = memchr(in.p + at, '\\', in.n - at);
    }
    memcpy(out + n, in.p + at, in.n - at);
    luaL_pushresultsize(&b, n + in.n - at);
    return true;
}

/* ------------------------------------------------------------------ the text */

static void put_run(json_scan *j, dsL_clean *c, size_t beg, size_t end)
{
    if (beg == end)
        return;
    if (j->ours) {
        ds_buf_put(&c->text, c->src.p + beg, end - beg);
        ds_offmap_linear(&c->map, end - beg, beg);
        return;
    }
    for (size_t eol; (eol = dsL_clean_eol(c->src, beg, end)) < end; beg = dsL_clean_past_eol(c->src, eol)) {
        dsL_clean_copy(c, beg, eol);
        dsL_clean_break(c);
    }
    dsL_clean_copy(c, beg, end);
}

static void put_escaped(json_scan *j, dsL_clean *c, uint32_t cp, size_t beg, size_t end)
{
    char utf8[4];
    size_t n = ds_utf8_encode(cp, utf8);
    if (!j->ours && (cp == '\n' || cp == '\r')) {
        dsL_clean_break(c);
    } else if (j->ours) {
        ds_buf_put(&c->text, utf8, n);
        ds_offmap_atom(&c->map, n, beg, end - beg);
    } else {
        dsL_clean_atom(c, utf8, n, beg, end);
    }
}

/* Pushes the text and its map; `base` is where the record stands in the source.  [-0, +2 | 0, e] */
static bool push_text(json_scan *j, size_t base)
{
    dsL_clean *c = dsL_clean_push(j->L);
    ds_str in = j->best;
    size_t at = 0;
    c->src = in;
    c->base = base + j->best_at;
#ifdef DS_PLANT_JSONL /* a bug that fuzzing must find, `make fuzz`: a text with escapes is said to stand elsewhere */
    c->base += in.n > 0 && memchr(in.p, '\\', in.n) != NULL;
#endif
    ds_buf_reserve(&c->text, in.n);
    while (at < in.n) {
        const char *slash = memchr(in.p + at, '\\', in.n - at);
        size_t run_end = slash != NULL ? (size_t)(slash - in.p) : in.n, len = 0;
        uint32_t cp;
        put_run(j, c, at, run_end);
        if (slash != NULL && (len = read_escape(slash, in.n - run_end, &cp)) == 0) {
            lua_pop(j->L, 1);
            return bad_escape(j, slash);
        }
        if (slash != NULL)
            put_escaped(j, c, cp, run_end, run_end + len);
        at = run_end + len;
    }
    if (!j->ours)
        dsL_clean_break(c);
    if (c->text.status != DS_OK || c->map.status != DS_OK)
        return luaL_error(j->L, "not enough memory");
    dsL_clean_pushtext(j->L, c);
    lua_insert(j->L, -2);
    return true;
}

/* ------------------------------------------------------------------ values */

/* Passes over what stands in brackets, or a number or word; jansson finds out whether it is right. */
static bool skip_value(json_scan *j)
{
    size_t depth = 0;
    while (j->at < j->s.n) {
        char c = j->s.p[j->at];
        if (c == '"') {
            j->at = string_end(j->s, j->at + 1);
            if (j->at >= j->s.n)
                return bad(j, "a string has no end");
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']' || c == ',') {
            if (depth == 0)
                return true;
            depth -= c != ',';
            if (depth == 0 && c != ',') {
                j->at++;
                return true;
            }
        }
        j->at++;
    }
    return depth == 0 || bad(j, "a bracket has no end");
}

/* An integer of up to 18 digits; false for all else.  [-0, +1 | 0, -] */
static bool push_small_integer(lua_State *L, ds_str v)
{
    size_t at = v.n > 0 && v.p[0] == '-' ? 1 : 0;
    lua_Integer n = 0;
    if (v.n - at == 0 || v.n - at > 18 || (v.p[at] == '0' && v.n - at > 1))
        return false;
    for (size_t i = at; i < v.n; i++) {
        if (v.p[i] < '0' || v.p[i] > '9')
            return false;
        n = n * 10 + (v.p[i] - '0');
    }
    lua_pushinteger(L, at == 1 ? -n : n);
    return true;
}

/* Pushes a value that is no string.  [-0, +1 | 0, e] */
static bool push_other(json_scan *j)
{
    size_t from = j->at;
    if (!skip_value(j))
        return false;
    ds_str v = {j->s.p + from, j->at - from};
    while (v.n > 0 && (unsigned char)v.p[v.n - 1] <= ' ')
        v.n--;
    if (push_small_integer(j->L, v))
        return true;
    if (v.n == 4 && memcmp(v.p, "null", 4) == 0) {
        lua_pushnil(j->L);
        return true;
    }
    if (dsL_json_push(j->L, v) == 1)
        return true;
    lua_pop(j->L, 3);
    j->at = from;
    return bad(j, "a value that is no JSON");
}

/* The place of `key` among the text keys, from 1; 0: it is none. */
static size_t rank_of(const json_scan *j, ds_str key)
{
    for (size_t i = 0; i < j->key_count; i++)
        if (ds_str_eq(j->keys[i], key))
            return i + 1;
    return 0;
}

/* Puts the string into the table below, under the key on top; pops the key.  [-1, +0, e] */
static bool set_string(json_scan *j, ds_str value)
{
    if (!push_string(j, value)) {
        lua_pop(j->L, 1);
        return false;
    }
    lua_rawset(j->L, -3);
    return true;
}

/* Keeps the value when it is the best candidate for the text so far; another that was goes to the table. */
static bool offer_text(json_scan *j, size_t rank, ds_str value)
{
    ds_str old = j->best;
    size_t old_rank = j->best_rank;
    j->best = value;
    j->best_at = (size_t)(value.p - j->s.p);
    j->best_rank = rank;
    if (old_rank == 0 || old_rank == rank)
        return true;
    ds_str key = j->keys[old_rank - 1];
    lua_pushlstring(j->L, key.p, key.n);
    return set_string(j, old);
}

/* One key and value into the table on top.  [-0, +0, e] */
static bool take_field(json_scan *j)
{
    ds_str key, value;
    if (!take_string(j, &key) || !take_char(j, ':', "a colon is wanted behind a key"))
        return false;
    skip_space(j);
    size_t rank = rank_of(j, key);
    bool text = j->at < j->s.n && j->s.p[j->at] == '"';
    if (text && !take_string(j, &value))
        return false;
    if (text && rank != 0 && (j->best_rank == 0 || rank <= j->best_rank))
        return offer_text(j, rank, value);
    if (!push_string(j, key))
        return false;
    if (text) {
        j->ours = j->ours || (key.n == 5 && memcmp(key.p, "table", 5) == 0 && ds_str_eq(value, ds_str_of("articles")));
        return set_string(j, value);
    }
    if (!push_other(j)) {
        lua_pop(j->L, 1);
        return false;
    }
    lua_rawset(j->L, -3);
    return true;
}

/* The object that is all of j->s, into the table on top.  [-0, +0, e] */
static bool take_object(json_scan *j)
{
    if (!take_char(j, '{', "a JSON object {...} is wanted"))
        return false;
    skip_space(j);
    if (j->at < j->s.n && j->s.p[j->at] == '}') {
        j->at++;
    } else {
        for (;;) {
            if (!take_field(j))
                return false;
            skip_space(j);
            if (j->at < j->s.n && j->s.p[j->at] == '}')
                break;
            if (!take_char(j, ',', "a comma or } is wanted"))
                return false;
        }
        j->at++;
    }
    skip_space(j);
    return j->at == j->s.n || bad(j, "something follows the object");
}

/* ------------------------------------------------------------------ records */

/* Pushes false, message, {line=, byte=}.  [-0, +3, m] */
static int push_bad(lua_State *L, const char *what, size_t line, size_t byte)
{
    lua_pushboolean(L, 0);
    lua_pushstring(L, what);
    lua_createtable(L, 0, 2);
    lua_pushinteger(L, (lua_Integer)line);
    lua_setfield(L, -2, "line");
    lua_pushinteger(L, (lua_Integer)byte + 1);
    lua_setfield(L, -2, "byte");
    return 3;
}

static void take_keys(lua_State *L, int arg, json_scan *j)
{
    luaL_checktype(L, arg, LUA_TTABLE);
    size_t n = lua_rawlen(L, arg);
    for (size_t i = 0; i < n && i < KEYS_MOST; i++) {
        lua_rawgeti(L, arg, (lua_Integer)i + 1);
        j->keys[j->key_count++] = dsL_checkstr(L, -1); /* the table keeps it */
        lua_pop(L, 1);
    }
}

/* Pushes what `next` returns for the record j->s, which stands at `base`.  [-0, +n, e] */
static int push_record(json_scan *j, size_t base, size_t line)
{
    lua_State *L = j->L;
    size_t bad_byte;
    if (!ds_utf8_valid(j->s, &bad_byte))
        return push_bad(L, "not UTF-8", line, base + bad_byte);
    int top = lua_gettop(L);
    lua_newtable(L);
    if (!take_object(j))
        return push_bad(L, j->what, line, base + j->at);
    lua_pushinteger(L, (lua_Integer)base + 1);
    lua_pushinteger(L, (lua_Integer)line);
    if (j->best_rank != 0 && !push_text(j, base))
        return push_bad(L, j->what, line, base + j->at);
    return lua_gettop(L) - top;
}

static bool is_blank(ds_str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != ' ' && s.p[i] != '\t' && s.p[i] != '\r')
            return false;
    return true;
}

static int next_line(lua_State *L, dsL_source *s, json_scan *j, size_t longest)
{
    size_t taken;
    do {
        if (!dsL_source_line(L, s, longest, &j->s, &taken)) {
            if (dsL_source_failed(s))
                return dsL_source_fail(L, s);
            if (j->s.n == 0)
                return 0;
            size_t line = dsL_source_line_number(s), offset = dsL_source_offset(s);
            dsL_source_skip_line(L, s);
            return push_bad(L, "a record longer than an article may be", line, offset);
        }
        if (is_blank(j->s))
            dsL_source_take(s, taken);
        else
            break;
    } while (true);
    size_t base = dsL_source_offset(s), line = dsL_source_line_number(s);
    int n = push_record(j, base, line);
    dsL_source_take(s, taken); /* the view was needed until now */
    return n;
}

/* The whole source is in its window.  Between records stand brackets and commas. */
static int next_object(lua_State *L, dsL_source *s, json_scan *j)
{
    while (dsL_source_more(L, s))
        ;
    if (dsL_source_failed(s))
        return dsL_source_fail(L, s);
    ds_str w = dsL_source_window(s);
    size_t skipped = 0;
    while (skipped < w.n && w.p[skipped] != '\0' && strchr(" \t\r\n[],", w.p[skipped]) != NULL)
        skipped++;
    dsL_source_take(s, skipped);
    j->s = dsL_source_window(s);
    if (j->s.n == 0)
        return 0;
    size_t base = dsL_source_offset(s), line = dsL_source_line_number(s);
    if (j->s.p[0] != '{' || !skip_value(j)) {
        int n = push_bad(L, j->what != NULL ? j->what : "a JSON object {...} is wanted", line, base);
        dsL_source_take(s, j->s.n);
        return n;
    }
    j->s.n = j->at;
    j->at = 0;
    int n = push_record(j, base, line);
    dsL_source_take(s, j->s.n);
    return n;
}

static int jsonl_next(lua_State *L)
{
    dsL_source *s = dsL_checksource(L, 1);
    json_scan j = {.L = L};
    take_keys(L, 2, &j);
    size_t longest = (size_t)luaL_checkinteger(L, 3);
    return lua_toboolean(L, 4) ? next_object(L, s, &j) : next_line(L, s, &j, longest);
}

static const luaL_Reg jsonl_functions[] = {{"next", jsonl_next}, {NULL, NULL}};

int dsL_open_jsonl(lua_State *L)
{
    luaL_newlib(L, jsonl_functions);
    return 1;
}
