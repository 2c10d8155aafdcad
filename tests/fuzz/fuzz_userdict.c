/*
 * fuzz_userdict.c - the text form of userdict.h, against a naive reading of each line.
 *
 * The input is the dictionary; its first byte says whether the rest is bytes or picks characters and fields.
 */
#include "fuzz_words.h"
#include "utf8.h"

#define INPUT_MOST 600
#define LINES_MOST (INPUT_MOST * FUZZ_CHARACTER_MOST + 2)

typedef struct bad_lines {
    bool is_bad[LINES_MOST];
    uint64_t last;
    size_t bytes;
} bad_lines;

static void note_bad(void *ud, const ds_error *bad)
{
    bad_lines *b = ud;
    FUZZ_CHECK(bad->status != DS_OK && bad->line > b->last && bad->line < LINES_MOST && bad->off <= b->bytes);
    FUZZ_CHECK(bad->msg[0] != '\0');
    b->is_bad[bad->line] = true;
    b->last = bad->line;
}

static bool ends_in_field(ds_str s, bool digits, size_t *beg)
{
    *beg = s.n;
    while (*beg > 0 && s.p[*beg - 1] != ' ')
        (*beg)--;
    size_t n = s.n - *beg;
    if (*beg < 2 || n == 0 || (!digits && n > DS_USERDICT_POS_MAX))
        return false;
    for (size_t i = *beg; i < s.n; i++) {
        bool digit = s.p[i] >= '0' && s.p[i] <= '9', letter = s.p[i] >= 'a' && s.p[i] <= 'z';
        if (digits ? !digit : !letter && (!digit || i == *beg))
            return false;
    }
    return true;
}

/* The word of a good line, and whether it has a frequency. */
static ds_str naive_word(ds_str line, bool *forced)
{
    const char *tab = line.n > 0 ? memchr(line.p, '\t', line.n) : NULL;
    size_t beg;
    if (tab != NULL) {
        ds_str word = {line.p, (size_t)(tab - line.p)};
        *forced = word.n + 1 >= line.n || line.p[word.n + 1] == '\t';
        return word;
    }
    if (ends_in_field(line, false, &beg))
        line.n = beg - 1;
    *forced = !ends_in_field(line, true, &beg);
    if (!*forced)
        line.n = beg - 1;
    return line;
}

static const ds_userword *find_word(const ds_userdict *d, ds_str word)
{
    int32_t node = 0;
    for (size_t i = 0; i < word.n && node != DS_TRIE_NONE;) {
        uint32_t cp;
        i += ds_utf8_decode(word.p + i, word.n - i, &cp);
        node = cp != DS_UTF8_BAD ? ds_userdict_step(d, node, cp) : DS_TRIE_NONE;
    }
    return node > 0 ? ds_userdict_word(d, node) : NULL;
}

static void check_line(const ds_userdict *d, ds_str line, uint64_t number)
{
    bool forced;
    ds_str word = naive_word(line, &forced);
    const ds_userword *w = find_word(d, word);
    FUZZ_CHECK(w != NULL && w->line >= number);
    if (w->line > number) /* a later line has replaced it */
        return;
    FUZZ_CHECK(w->forced == forced && (!forced || w->freq == 0));
    FUZZ_CHECK(ds_userdict_pos_name(d, w->pos).n <= DS_USERDICT_POS_MAX);
}

static void check_text(const ds_userdict *d, ds_str s, const bad_lines *bad)
{
    size_t at = s.n >= 3 && memcmp(s.p, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0, good = 0;
    for (uint64_t number = 1; at < s.n; number++) {
        const char *lf = memchr(s.p + at, '\n', s.n - at);
        ds_str line = {s.p + at, lf != NULL ? (size_t)(lf - s.p) - at : s.n - at};
        at += line.n + 1;
        while (line.n > 0 && (line.p[line.n - 1] == '\r' || line.p[line.n - 1] == ' '))
            line.n--;
        for (; line.n > 0 && line.p[0] == ' '; line.n--)
            line.p++;
        if (line.n == 0 || line.p[0] == '#' || bad->is_bad[number])
            continue;
        check_line(d, line, number);
        good++;
    }
    FUZZ_CHECK(ds_userdict_count(d) <= good);
}

/* Removing and adding again, and what a word of the lexicon's may be hidden by. */
static void check_changes(ds_userdict *d, ds_str word)
{
    size_t before = ds_userdict_count(d), bans = ds_userdict_bans(d);
    bool there = find_word(d, word) != NULL;
    if (ds_userdict_add(d, word, 7, ds_str_of("nz"), NULL) != DS_OK)
        return;
    FUZZ_CHECK(ds_userdict_count(d) == before + !there && find_word(d, word)->freq == 7);
    FUZZ_CHECK(ds_userdict_remove(d, word, true, NULL) == DS_OK && find_word(d, word) == NULL);
    FUZZ_CHECK(ds_userdict_count(d) == before - there && ds_userdict_bans(d) == bans + 1);
    FUZZ_CHECK(ds_userdict_add(d, word, -1, ds_str_of(""), NULL) == DS_OK && ds_userdict_bans(d) == bans);
    FUZZ_CHECK(find_word(d, word)->forced);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char *const fields[FUZZ_CHARACTERS] = {
        "\n", " ", "\t", "n", "nz", "12", "9", "#", "\r", "0", "99999999999999999999", "AI", "\xEF\xBB\xBF",
    };
    char text[INPUT_MOST * FUZZ_CHARACTER_MOST * 3];
    const char *mixed[FUZZ_CHARACTERS];
    if (n < 2 || n > INPUT_MOST)
        return 0;
    for (size_t i = 0; i < FUZZ_CHARACTERS; i++)
        mixed[i] = fields[i] != NULL ? fields[i] : fuzz_simplified[i];
    size_t len = data[0] % 2 != 0 ? fuzz_pick(text, mixed, data + 1, n - 1) : n - 1;
    char *exact = fuzz_exact(data[0] % 2 != 0 ? text : (const char *)data + 1, len);
    bad_lines *bad = calloc(1, sizeof *bad);
    ds_userdict *d;
    FUZZ_CHECK(bad != NULL && ds_userdict_new(NULL, &d, NULL) == DS_OK);
    bad->bytes = len;
    FUZZ_CHECK(ds_userdict_load(d, (ds_str){exact, len}, note_bad, bad, NULL) == DS_OK);
    check_text(d, (ds_str){exact, len}, bad);
    check_changes(d, (ds_str){exact, len < 9 ? len : 9});
    ds_userdict_free(d);
    free(bad);
    free(exact);
    return 0;
}
