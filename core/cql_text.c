/* cql_text.c - the quoted strings of a query; see cql_int.h. */
#include "cql_int.h"

#include <string.h>

bool cql_is_space(uint32_t cp)
{
    return cp == ' ' || (cp >= '\t' && cp <= '\r') || cp == 0x85 || cp == 0xA0 || cp == 0x1680 ||
           (cp >= 0x2000 && cp <= 0x200A) || cp == 0x2028 || cp == 0x2029 || cp == 0x202F || cp == 0x205F ||
           cp == 0x3000 || cp == 0xFEFF;
}

static bool is_meta(char c)
{
    return c != '\0' && strchr(".^$*+?()[]{}|\\", c) != NULL;
}

static bool is_ascii_punct(char c)
{
    return (c > ' ' && c < '0') || (c > '9' && c < 'A') || (c > 'Z' && c < 'a') || (c > 'z' && c < 127);
}

/* ------------------------------------------------------------------ phrases */

static void one_blank_for_many(ds_str s, ds_buf *out)
{
    uint32_t cp;
    bool blank = false;
    for (size_t i = 0, len; i < s.n; i += len) {
        len = ds_utf8_decode(s.p + i, s.n - i, &cp);
        if (cql_is_space(cp)) {
            blank = true;
            continue;
        }
        if (blank && out->n > 0)
            ds_buf_byte(out, ' ');
        blank = false;
        ds_buf_put(out, s.p + i, len);
    }
}

ds_status cql_phrase(ds_str raw, char quote, ds_buf *out, ds_error *err)
{
    ds_buf plain, folded;
    ds_buf_init(&plain, out->alloc);
    ds_buf_init(&folded, out->alloc);
    for (size_t i = 0; i < raw.n; i++) {
        if (raw.p[i] == '\\' && i + 1 < raw.n && (raw.p[i + 1] == quote || raw.p[i + 1] == '\\'))
            i++;
        ds_buf_byte(&plain, raw.p[i]);
    }
    ds_status st = plain.status == DS_OK ? ds_fold(ds_buf_str(&plain), DS_FOLD_ALL, &folded, NULL, err) : DS_ENOMEM;
    if (st == DS_OK)
        one_blank_for_many(ds_buf_str(&folded), out);
    ds_buf_clear(&plain);
    ds_buf_clear(&folded);
    return st == DS_OK && out->status == DS_OK ? DS_OK : ds_fail_nomem(err);
}

/* ------------------------------------------------------------------ values */

/* Bytes of the escape that begins with the backslash at `i`: \p{..}, \x{..} and the like as a whole. */
static size_t escape_length(ds_str s, size_t i)
{
    uint32_t cp;
    if (i + 1 >= s.n)
        return 1;
    size_t n = 1 + ds_utf8_decode(s.p + i + 1, s.n - i - 1, &cp);
    if (strchr("pPxogkN", s.p[i + 1]) != NULL && i + n < s.n && s.p[i + n] == '{') {
        const char *close = memchr(s.p + i + n, '}', s.n - i - n);
        n = close != NULL ? (size_t)(close - s.p) + 1 - i : s.n - i;
    }
    return n;
}

/* A character of a regular expression over keys: case is left to the matching, what else a key has only in one form is
 * brought to it; a full-width parenthesis is still no operator. */
static void fold_in_pattern(const char *p, size_t len, uint32_t cp, ds_buf *out)
{
    uint32_t to[DS_FOLD_CP_MAX];
    char utf8[DS_UTF8_MAX];
    if (cp < 128 || cp == DS_UTF8_BAD) {
        ds_buf_put(out, p, len);
        return;
    }
    size_t n = ds_fold_cp(cp, DS_FOLD_WIDTH | DS_FOLD_VARIANT, to);
    for (size_t i = 0; i < n; i++) {
        if (to[i] < 128 && is_ascii_punct((char)to[i]))
            ds_buf_byte(out, '\\');
        ds_buf_put(out, utf8, ds_utf8_encode(to[i], utf8));
    }
}

static void fold_pattern(ds_str s, ds_buf *out)
{
    uint32_t cp;
    for (size_t i = 0, len; i < s.n; i += len) {
        if (s.p[i] == '\\') {
            len = escape_length(s, i);
            ds_buf_put(out, s.p + i, len);
        } else {
            len = ds_utf8_decode(s.p + i, s.n - i, &cp);
            fold_in_pattern(s.p + i, len, cp, out);
        }
    }
}

/* Whether a value means itself, once the backslashes before its punctuation are taken away. */
static bool is_plain(ds_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\\' && i + 1 < s.n && is_ascii_punct(s.p[i + 1]))
            i++;
        else if (is_meta(s.p[i]))
            return false;
    }
    return true;
}

static void take_plain(ds_str s, ds_buf *out)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\\' && i + 1 < s.n)
            i++;
        ds_buf_byte(out, s.p[i]);
    }
}

ds_status cql_value(ds_str raw, char quote, bool literal, bool fold, ds_buf *out, bool *pattern, ds_error *err)
{
    ds_buf value;
    ds_status st = DS_OK;
    ds_buf_init(&value, out->alloc);
    for (size_t i = 0; i < raw.n; i++) {
        if (raw.p[i] == '\\' && i + 1 < raw.n && raw.p[i + 1] == quote)
            i++;
        else if (raw.p[i] == '\\' && i + 1 < raw.n && !literal)
            ds_buf_byte(&value, raw.p[i++]); /* and what it protects */
        ds_buf_byte(&value, raw.p[i]);
    }
    *pattern = !literal && !is_plain(ds_buf_str(&value));
    if (*pattern && fold) {
        fold_pattern(ds_buf_str(&value), out);
    } else if (*pattern || literal) {
        st = fold ? ds_fold(ds_buf_str(&value), DS_FOLD_ALL, out, NULL, err) : DS_OK;
        if (!fold)
            ds_buf_put(out, value.p, value.n);
    } else {
        ds_buf plain;
        ds_buf_init(&plain, out->alloc);
        take_plain(ds_buf_str(&value), &plain);
        st = fold ? ds_fold(ds_buf_str(&plain), DS_FOLD_ALL, out, NULL, err) : plain.status;
        if (!fold)
            ds_buf_put(out, plain.p, plain.n);
        if (plain.status != DS_OK)
            st = DS_ENOMEM;
        ds_buf_clear(&plain);
    }
    if (value.status != DS_OK)
        st = DS_ENOMEM;
    ds_buf_clear(&value);
    return st == DS_OK && out->status == DS_OK ? DS_OK : ds_fail_nomem(err);
}
