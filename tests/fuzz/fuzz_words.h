/*
 * fuzz_words.h - a small lexicon for the fuzz targets of the segmenter, and texts made of its characters.
 */
#ifndef DS_FUZZ_WORDS_H
#define DS_FUZZ_WORDS_H

#include <string.h>

#include "fuzz.h"
#include "segment.h"

/* Characters that texts are made of, in both scripts, with some that need care: one index, one meaning. */
static const char *const fuzz_simplified[] = {
    "价", "格", "战", "车", "发", "万", "亿", "三", "十", "第", "年", "月", "日", "时", "分", "李", "诗", "雅", "马", "斯", "克", "尔",
    "的", "于", "者", "消", "费", "，", "。", "…", "—", "2", "0", "25", "1", ".", ",", "%", "$", ":", "-", "/", "a", "GPT", "4o",
    "www.", "@", "http://", " ", "\n", "　", "Ａ", "３", "％", "カ", "é", "\xCC\x81", "👍", "🏽", "🇨", "\xE2\x80\x8D", "\xFF", "\xE4\xBB", "〇",
};
static const char *const fuzz_traditional[] = {
    "價", "格", "戰", "車", "發", "萬", "億", "三", "十", "第", "年", "月", "日", "時", "分", "李", "詩", "雅", "馬", "斯", "克", "爾",
    "的", "於", "者", "消", "費", "，", "。", "…", "—", "2", "0", "25", "1", ".", ",", "%", "$", ":", "-", "/", "a", "GPT", "4o",
    "www.", "@", "http://", " ", "\n", "　", "Ａ", "３", "％", "カ", "é", "\xCC\x81", "👍", "🏽", "🇨", "\xE2\x80\x8D", "\xFF", "\xE4\xBB", "〇",
};
enum { FUZZ_CHARACTERS = sizeof fuzz_simplified / sizeof *fuzz_simplified, FUZZ_CHARACTER_MOST = 8 };

_Static_assert(sizeof fuzz_simplified == sizeof fuzz_traditional, "both scripts have the same characters");

/* Text of the characters that the bytes choose; `to` has room for n * FUZZ_CHARACTER_MOST bytes. */
static inline size_t fuzz_pick(char *to, const char *const *characters, const uint8_t *data, size_t n)
{
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        const char *c = characters[data[i] % FUZZ_CHARACTERS];
        memcpy(to + len, c, strlen(c));
        len += strlen(c);
    }
    return len;
}

/* A copy of its own length on the heap, so that a read past its end is noticed; the caller frees. */
static inline char *fuzz_exact(const char *p, size_t n)
{
    char *copy = malloc(n > 0 ? n : 1);
    FUZZ_CHECK(copy != NULL);
    if (n > 0)
        memcpy(copy, p, n);
    return copy;
}

/* Appends the image of a lexicon of words of these characters; persons and transliterations among them. */
static inline void fuzz_lexicon_image(ds_buf *image)
{
    static const struct {
        const char *word, *pos;
        uint64_t freq;
    } words[] = {
        {"价格", "n", 9000}, {"价格战", "n", 700}, {"战", "n", 900}, {"战车", "n", 60}, {"车", "n", 5000}, {"发", "v", 3000},
        {"的", "u", 90000}, {"于", "p", 9000}, {"发于", "v", 80}, {"消费", "v", 700}, {"消费者", "n", 300}, {"者", "n", 900},
        {"价格消费", "n", 90}, {"年", "n", 9000}, {"月", "n", 4000}, {"日", "n", 3000}, {"十", "m", 900}, {"三", "m", 900},
        {"万", "m", 900}, {"十三", "m", 90}, {"三十年", "t", 9}, {"马", "n", 900}, {"马克", "nr", 30}, {"李", "nr", 900},
        {"a车", "n", 20}, {"25日", "t", 20}, {"马斯克的车发于三十年价格战", "n", 3},
    };
    static const char *const names[] = {"李诗", "李雅", "李诗雅", "马斯克尔", "斯克尔马"};
    ds_lexicon_builder *b;
    char person[16] = "";
    FUZZ_CHECK(ds_lexicon_builder_new(NULL, &b, NULL) == DS_OK);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        FUZZ_CHECK(ds_lexicon_builder_add(b, ds_str_of(words[i].word), words[i].freq, ds_str_of(words[i].pos), NULL) == DS_OK);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        FUZZ_CHECK(ds_lexicon_builder_add(b, ds_str_of(names[i]), 1, ds_str_of("nr"), NULL) == DS_OK);
    for (size_t i = 0; i < 24; i++) { /* enough of them that their characters count */
        uint32_t last = 0x4E01 + (uint32_t)i;
        size_t n = (size_t)snprintf(person, sizeof person, "%s", i % 2 == 0 ? "李雅" : "马斯克");
        n += ds_utf8_encode(last, person + n);
        FUZZ_CHECK(ds_lexicon_builder_add(b, (ds_str){person, n}, 1, ds_str_of("nr"), NULL) == DS_OK);
    }
    FUZZ_CHECK(ds_lexicon_build(b, ds_str_of("fuzz"), image, NULL) == DS_OK);
    ds_lexicon_builder_free(b);
}

#endif
