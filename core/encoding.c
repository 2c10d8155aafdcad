/* encoding.c - names, byte order marks and declarations; see encoding.h. */
#include "encoding.h"

#include <string.h>

#define NAME_LONGEST 24     /* bytes of an encoding's name without '-', '_' and spaces */
#define DECLARED_WITHIN 1024 /* where browsers look for a declaration, too */

static const char *const encoding_names[DS_ENC_COUNT] = {
    [DS_ENC_UNKNOWN] = "unknown",     [DS_ENC_ASCII] = "US-ASCII",     [DS_ENC_UTF8] = "UTF-8",
    [DS_ENC_UTF16LE] = "UTF-16LE",    [DS_ENC_UTF16BE] = "UTF-16BE",   [DS_ENC_UTF32LE] = "UTF-32LE",
    [DS_ENC_UTF32BE] = "UTF-32BE",    [DS_ENC_GB18030] = "GB18030",    [DS_ENC_BIG5] = "Big5",
    [DS_ENC_SHIFT_JIS] = "Shift_JIS", [DS_ENC_EUC_JP] = "EUC-JP",      [DS_ENC_EUC_KR] = "EUC-KR",
};

const char *ds_encoding_name(ds_encoding e)
{
    return (unsigned)e < DS_ENC_COUNT ? encoding_names[e] : encoding_names[DS_ENC_UNKNOWN];
}

/* Other names, as squeeze() leaves them. */
static const struct encoding_label {
    const char *label;
    ds_encoding encoding;
} encoding_labels[] = {
    {"usascii", DS_ENC_ASCII},       {"ascii", DS_ENC_ASCII},          {"utf8", DS_ENC_UTF8},
    {"utf16le", DS_ENC_UTF16LE},     {"utf16", DS_ENC_UTF16LE},        {"utf16be", DS_ENC_UTF16BE},
    {"ucs2", DS_ENC_UTF16LE},        {"utf32le", DS_ENC_UTF32LE},      {"utf32", DS_ENC_UTF32LE},
    {"utf32be", DS_ENC_UTF32BE},     {"ucs4", DS_ENC_UTF32LE},         {"gb18030", DS_ENC_GB18030},
    {"gbk", DS_ENC_GB18030},         {"xgbk", DS_ENC_GB18030},         {"gb2312", DS_ENC_GB18030},
    {"xgb2312", DS_ENC_GB18030},     {"gb231280", DS_ENC_GB18030},
    {"euccn", DS_ENC_GB18030},       {"xeuccn", DS_ENC_GB18030},       {"cp936", DS_ENC_GB18030},
    {"ms936", DS_ENC_GB18030},       {"windows936", DS_ENC_GB18030},   {"big5", DS_ENC_BIG5},
    {"big5hkscs", DS_ENC_BIG5},      {"xxbig5", DS_ENC_BIG5},          {"xbig5", DS_ENC_BIG5},
    {"big5eten", DS_ENC_BIG5},       {"cnbig5", DS_ENC_BIG5},          {"cp950", DS_ENC_BIG5},
    {"ms950", DS_ENC_BIG5},          {"windows950", DS_ENC_BIG5},      {"shiftjis", DS_ENC_SHIFT_JIS},
    {"sjis", DS_ENC_SHIFT_JIS},      {"xsjis", DS_ENC_SHIFT_JIS},      {"mskanji", DS_ENC_SHIFT_JIS},
    {"cp932", DS_ENC_SHIFT_JIS},     {"ms932", DS_ENC_SHIFT_JIS},      {"windows31j", DS_ENC_SHIFT_JIS},
    {"eucjp", DS_ENC_EUC_JP},        {"xeucjp", DS_ENC_EUC_JP},        {"euckr", DS_ENC_EUC_KR},
    {"ksc5601", DS_ENC_EUC_KR},      {"ksc56011987", DS_ENC_EUC_KR},   {"uhc", DS_ENC_EUC_KR},
    {"cp949", DS_ENC_EUC_KR},        {"ms949", DS_ENC_EUC_KR},         {"windows949", DS_ENC_EUC_KR},
};

static char lower_ascii(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

/* Letters and digits of `name` in lower case; false when there are too many. */
static bool squeeze(ds_str name, char out[NAME_LONGEST + 1])
{
    size_t n = 0;
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '-' || name.p[i] == '_' || name.p[i] == ' ')
            continue;
        if (n == NAME_LONGEST || name.p[i] == '\0')
            return false;
        out[n++] = lower_ascii(name.p[i]);
    }
    out[n] = '\0';
    return true;
}

ds_encoding ds_encoding_by_name(ds_str name)
{
    char label[NAME_LONGEST + 1];
    if (!squeeze(name, label))
        return DS_ENC_UNKNOWN;
    for (size_t i = 0; i < sizeof encoding_labels / sizeof *encoding_labels; i++)
        if (strcmp(label, encoding_labels[i].label) == 0)
            return encoding_labels[i].encoding;
    return DS_ENC_UNKNOWN;
}

ds_encoding ds_encoding_bom(ds_str bytes, size_t *len)
{
    static const struct {
        const char *mark;
        size_t n;
        ds_encoding encoding;
    } marks[] = {
        {"\xFF\xFE\0\0", 4, DS_ENC_UTF32LE}, /* before UTF-16LE, whose mark it begins with */
        {"\0\0\xFE\xFF", 4, DS_ENC_UTF32BE},     {"\xEF\xBB\xBF", 3, DS_ENC_UTF8}, {"\xFF\xFE", 2, DS_ENC_UTF16LE},
        {"\xFE\xFF", 2, DS_ENC_UTF16BE},         {"\x84\x31\x95\x33", 4, DS_ENC_GB18030},
    };
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (bytes.n >= marks[i].n && memcmp(bytes.p, marks[i].mark, marks[i].n) == 0) {
            *len = marks[i].n;
            return marks[i].encoding;
        }
    *len = 0;
    return DS_ENC_UNKNOWN;
}

/* ------------------------------------------------------------------ declarations */

/* Offset behind the first `word` (lower case) at or after `at`, in any case; 0: none. */
static size_t behind_word(ds_str s, size_t at, const char *word)
{
    size_t len = strlen(word);
    for (; at + len <= s.n; at++) {
        size_t k = 0;
        while (k < len && lower_ascii(s.p[at + k]) == word[k])
            k++;
        if (k == len)
            return at + len;
    }
    return 0;
}

static bool ends_value(char c)
{
    return c == '"' || c == '\'' || c == '>' || c == ';' || c == '/' || c == '?' || (unsigned char)c <= ' ';
}

/* The value that `key` has in the tag that goes on at `at`:  key = "value". */
static ds_encoding value_of(ds_str s, size_t at, const char *key)
{
    const char *close = memchr(s.p + at, '>', s.n - at);
    ds_str tag = {s.p, close != NULL ? (size_t)(close - s.p) : s.n};
    at = behind_word(tag, at, key);
    if (at == 0)
        return DS_ENC_UNKNOWN;
    while (at < tag.n && (ends_value(tag.p[at]) || tag.p[at] == '='))
        at++;
    size_t end = at;
    while (end < tag.n && !ends_value(tag.p[end]))
        end++;
    return ds_encoding_by_name((ds_str){tag.p + at, end - at});
}

ds_encoding ds_encoding_declared(ds_str bytes)
{
    ds_str s = {bytes.p, bytes.n < DECLARED_WITHIN ? bytes.n : DECLARED_WITHIN};
    ds_encoding e = DS_ENC_UNKNOWN;
    size_t at = behind_word(s, 0, "<?xml");
    if (at != 0)
        e = value_of(s, at, "encoding");
    for (at = behind_word(s, 0, "<meta"); at != 0 && e == DS_ENC_UNKNOWN; at = behind_word(s, at, "<meta"))
        e = value_of(s, at, "charset");
    return e;
}
