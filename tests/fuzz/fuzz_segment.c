/*
 * fuzz_segment.c - segment.h on any bytes, in every style and mode, with words of the user's cut from the text.
 *
 * Byte 0 of the input gives style, mode and whether the rest is bytes or picks characters; byte 1 how many of the
 * next three-byte groups say which pieces of the text become the user's words, and how.
 */
#include "fuzz_words.h"
#include "utf8.h"

#define INPUT_MOST 260

typedef struct fuzz_setup {
    ds_lexicon *lex;
    ds_userdict *user;
    ds_segment_options options;
} fuzz_setup;

static const ds_lexicon *shared_lexicon(void)
{
    static ds_buf image;
    static ds_lexicon *lex;
    if (lex == NULL) {
        ds_buf_init(&image, NULL);
        fuzz_lexicon_image(&image);
        FUZZ_CHECK(ds_lexicon_view(NULL, ds_buf_str(&image), &lex, NULL) == DS_OK);
    }
    return lex;
}

/* Whether each offset is where a character begins; `at` has s.n + 1 entries. */
static void mark_borders(ds_str s, bool *at)
{
    memset(at, 0, (s.n + 1) * sizeof *at);
    for (size_t i = 0; i < s.n;) {
        uint32_t cp;
        at[i] = true;
        i += ds_utf8_decode(s.p + i, s.n - i, &cp);
    }
    at[s.n] = true;
}

static void check_tokens(const ds_segmenter *seg, const fuzz_setup *f, ds_str s, const ds_tokens *t)
{
    bool *border = malloc((s.n + 1) * sizeof *border);
    uint32_t at = 0, reached = 0;
    FUZZ_CHECK(border != NULL);
    mark_borders(s, border);
    for (size_t i = 0; i < t->count; i++) {
        const ds_token *k = &t->items[i];
        FUZZ_CHECK(k->beg < k->end && k->end <= s.n && border[k->beg] && border[k->end]);
        FUZZ_CHECK(k->cls < DS_CLASS_COUNT && k->word >= DS_TOKEN_PERSON);
        FUZZ_CHECK(k->word < (int32_t)ds_lexicon_count(f->lex));
        FUZZ_CHECK(ds_segment_pos_name(seg, k->pos).n <= DS_USERDICT_POS_MAX);
        FUZZ_CHECK(f->options.mode != DS_MODE_DEFAULT || k->beg == at);
        FUZZ_CHECK(i == 0 || at < k->end || (at == k->end && t->items[i - 1].beg > k->beg));
        FUZZ_CHECK(k->beg <= reached || f->options.mode != DS_MODE_DEFAULT);
        at = k->end;
        reached = k->end > reached ? k->end : reached;
    }
    FUZZ_CHECK(reached == s.n);
    free(border);
}

static void check_cover(ds_str s, const ds_tokens *t)
{
    bool *covered = calloc(s.n + 1, sizeof *covered);
    FUZZ_CHECK(covered != NULL);
    for (size_t i = 0; i < t->count; i++)
        memset(covered + t->items[i].beg, 1, t->items[i].end - t->items[i].beg);
    for (size_t i = 0; i < s.n; i++)
        FUZZ_CHECK(covered[i]);
    free(covered);
}

/* A line by itself is cut as it is in the text. */
static void check_lines(const ds_segmenter *seg, ds_str s, const ds_tokens *whole)
{
    ds_tokens t;
    size_t k = 0;
    ds_tokens_init(&t, NULL);
    for (size_t beg = 0, end; beg < s.n; beg = end) {
        const char *lf = memchr(s.p + beg, '\n', s.n - beg);
        end = lf != NULL ? (size_t)(lf - s.p) + 1 : s.n;
        t.count = 0;
        FUZZ_CHECK(ds_segment(seg, (ds_str){s.p + beg, end - beg}, &t, NULL) == DS_OK);
        for (size_t i = 0; i < t.count; i++, k++) {
            const ds_token *a = &t.items[i], *b = &whole->items[k];
            FUZZ_CHECK(k < whole->count && a->beg + beg == b->beg && a->end + beg == b->end && a->word == b->word);
        }
    }
    FUZZ_CHECK(k == whole->count);
    ds_tokens_clear(&t);
}

/* The same text in the other script has the same borders. */
static void check_scripts(const ds_segmenter *seg, const uint8_t *data, size_t n)
{
    char hans[INPUT_MOST * FUZZ_CHARACTER_MOST], hant[INPUT_MOST * FUZZ_CHARACTER_MOST];
    ds_tokens a, b;
    size_t len = fuzz_pick(hans, fuzz_simplified, data, n);
    FUZZ_CHECK(fuzz_pick(hant, fuzz_traditional, data, n) == len);
    ds_tokens_init(&a, NULL);
    ds_tokens_init(&b, NULL);
    FUZZ_CHECK(ds_segment(seg, (ds_str){hans, len}, &a, NULL) == DS_OK);
    FUZZ_CHECK(ds_segment(seg, (ds_str){hant, len}, &b, NULL) == DS_OK);
    FUZZ_CHECK(a.count == b.count);
    for (size_t i = 0; i < a.count; i++) {
        FUZZ_CHECK(a.items[i].beg == b.items[i].beg && a.items[i].end == b.items[i].end);
        FUZZ_CHECK(a.items[i].word == b.items[i].word && a.items[i].pos == b.items[i].pos && a.items[i].cls == b.items[i].cls);
    }
    ds_tokens_clear(&a);
    ds_tokens_clear(&b);
}

static void note_candidate(void *ud, const ds_candidate *c)
{
    ds_buf_put(ud, c, sizeof *c);
}

/* Every token is among the candidates, and none of these is there twice. */
static void check_candidates(const ds_segmenter *seg, ds_str s, const ds_tokens *t)
{
    ds_buf list;
    ds_candidate c, d;
    size_t found = 0;
    ds_buf_init(&list, NULL);
    FUZZ_CHECK(ds_segment_candidates(seg, s, note_candidate, &list, NULL) == DS_OK && list.status == DS_OK);
    for (size_t i = 0; i < list.n; i += sizeof c) {
        memcpy(&c, list.p + i, sizeof c);
        for (size_t k = 0; k < t->count; k++)
            found += t->items[k].beg == c.beg && t->items[k].end == c.end && t->items[k].word == c.word;
        for (size_t k = 0; k < i; k += sizeof d) {
            memcpy(&d, list.p + k, sizeof d);
            FUZZ_CHECK(c.beg != d.beg || c.end != d.end || c.word != d.word);
        }
    }
    FUZZ_CHECK(found == t->count);
    ds_buf_clear(&list);
}

/* Words of the user's: pieces of the text, forced, suggested or hidden. */
static size_t take_words(ds_userdict *user, ds_str s, const uint8_t *data, size_t n)
{
    size_t at = 0;
    for (size_t left = n > 0 ? data[at++] % 4 : 0; left > 0 && at + 3 <= n && s.n > 0; left--, at += 3) {
        size_t beg = data[at] % s.n, len = 1 + data[at + 1] % 12;
        ds_str word = {s.p + beg, len < s.n - beg ? len : s.n - beg};
        ds_status st = data[at + 2] < 60 ? ds_userdict_remove(user, word, true, NULL)
                                         : ds_userdict_add(user, word, data[at + 2] < 160 ? -1 : data[at + 2], ds_str_of("n"), NULL);
        FUZZ_CHECK(st == DS_OK || st == DS_EINVAL);
    }
    return at;
}

static void check_segmenter(const fuzz_setup *f, ds_str s, bool picked, const uint8_t *data, size_t n)
{
    ds_segmenter *seg;
    ds_tokens t;
    ds_tokens_init(&t, NULL);
    FUZZ_CHECK(ds_segmenter_new(NULL, f->lex, f->user, &f->options, &seg, NULL) == DS_OK);
    FUZZ_CHECK(ds_segment(seg, s, &t, NULL) == DS_OK);
    check_tokens(seg, f, s, &t);
    check_cover(s, &t);
    check_lines(seg, s, &t);
    if (f->options.mode == DS_MODE_DEFAULT)
        check_candidates(seg, s, &t);
    if (picked)
        check_scripts(seg, data, n);
    ds_tokens_clear(&t);
    ds_segmenter_free(seg);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char text[INPUT_MOST * FUZZ_CHARACTER_MOST];
    if (n < 2 || n > INPUT_MOST)
        return 0;
    bool picked = data[0] % 2 != 0;
    fuzz_setup f = {.lex = (ds_lexicon *)(uintptr_t)shared_lexicon(),
                    .options = {.style = (ds_style)(data[0] / 2 % 3), .mode = (ds_mode)(data[0] / 6 % 3)}};
    const uint8_t *rest = data + 1;
    size_t left = n - 1, len;
    if (picked) {
        len = fuzz_pick(text, fuzz_simplified, rest, left);
    } else {
        memcpy(text, rest, left);
        len = left;
    }
    char *exact = fuzz_exact(text, len);
    ds_str s = {exact, len};
    FUZZ_CHECK(ds_userdict_new(NULL, &f.user, NULL) == DS_OK);
    (void)take_words(f.user, s, rest, left);
    check_segmenter(&f, s, picked, rest, left);
    ds_userdict_free(f.user);
    free(exact);
    return 0;
}
