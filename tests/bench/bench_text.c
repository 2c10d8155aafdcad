/*
 * bench_text.c - cutting news text into graphemes and folding it, against plain loops and utf8proc.
 *
 * Figures are MB/s of text; items = bytes of text; checksum = the result.
 */
#include <utf8proc.h>

#include "bench.h"
#include "fold.h"

#define TEXT_BYTES ((size_t)8 << 20)

/* Pieces of made-up news: both scripts, names, figures, punctuation. */
static const char *const phrases[] = {
    "这家公司的新模型", "這家公司的新模型", "把价格降到了原来的三分之一", "把價格降到了原來的三分之一", "，", "。", "、", "“", "”", "「", "」",
    "OpenAI", "DeepSeek-R1", "GPT-4o", " Grok 3 ", "2025年1月27日", "$0.55", "百分之十七", "17%", "ＡＰＩ",
    "分析师认为", "分析師認為", "开发者纷纷转向开源的版本", "開發者紛紛轉向開源的版本", "竞争对手随后跟进", "競爭對手隨後跟進",
    "市场一度恐慌", "市場一度恐慌", "有人说这是一场价格战", "有人說這是一場價格戰", "（记者报道）", "（記者報導）", "\n\n",
};
#define PHRASES (sizeof phrases / sizeof *phrases)

/* ------------------------------------------------------------------ the work, ours and the peers' */

/* Each is given the text. */

static uint64_t checksum_of(const void *p, size_t n)
{
    return ds_crc32(0, p, n);
}

static uint64_t our_graphemes(const void *ud)
{
    ds_str s = *(const ds_str *)ud;
    return ds_utf8_gcount(s);
}

static uint64_t proc_graphemes(const void *ud)
{
    ds_str s = *(const ds_str *)ud;
    uint64_t n = 0;
    utf8proc_int32_t cp, prev = -1, state = 0;
    for (size_t i = 0; i < s.n; prev = cp) {
        utf8proc_ssize_t len = utf8proc_iterate((const utf8proc_uint8_t *)s.p + i, (utf8proc_ssize_t)(s.n - i), &cp);
        if (len < 1)
            return 0;
        i += (size_t)len;
        n += prev < 0 || utf8proc_grapheme_break_stateful(prev, cp, &state);
    }
    return n;
}

static uint64_t fold_with(ds_str s, unsigned flags, bool map)
{
    ds_buf out;
    ds_offmap m;
    ds_buf_init(&out, NULL);
    ds_offmap_init(&m, NULL);
    if (ds_fold(s, flags, &out, map ? &m : NULL, NULL) != DS_OK)
        exit(EXIT_FAILURE);
    uint64_t sum = checksum_of(out.p, out.n);
    ds_offmap_clear(&m);
    ds_buf_clear(&out);
    return sum;
}

static uint64_t our_fold_case(const void *ud)
{
    ds_str s = *(const ds_str *)ud;
    return fold_with(s, DS_FOLD_CASE, false);
}

static uint64_t proc_fold_case(const void *ud)
{
    ds_str s = *(const ds_str *)ud;
    utf8proc_uint8_t *out = NULL;
    utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)s.p, (utf8proc_ssize_t)s.n, &out, UTF8PROC_CASEFOLD);
    uint64_t sum = n < 0 ? 0 : checksum_of(out, (size_t)n);
    free(out);
    return sum;
}

static uint64_t our_fold_all(const void *ud)
{
    ds_str s = *(const ds_str *)ud;
    return fold_with(s, DS_FOLD_ALL, true);
}

/* One code point at a time, without offsets. */
static uint64_t loop_fold_all(const void *ud)
{
    ds_str s = *(const ds_str *)ud;
    char *out = malloc(s.n + 1), *end = out;
    if (out == NULL)
        exit(EXIT_FAILURE);
    for (size_t i = 0; i < s.n;) {
        uint32_t cp, cps[DS_FOLD_CP_MAX];
        i += ds_utf8_decode(s.p + i, s.n - i, &cp);
        size_t count = ds_fold_cp(cp, DS_FOLD_ALL, cps);
        for (size_t k = 0; k < count; k++) /* nothing in this text grows */
            end += ds_utf8_encode(cps[k], end);
    }
    uint64_t sum = checksum_of(out, (size_t)(end - out));
    free(out);
    return sum;
}

/* ------------------------------------------------------------------ measuring */

static const struct measurement {
    const char *name, *peer;
    bench_work *ours, *peers;
} measurements[] = {
    {"text_graphemes", "utf8proc", our_graphemes, proc_graphemes},
    {"text_fold_case", "utf8proc_map", our_fold_case, proc_fold_case},
    {"text_fold_all_with_map", "loop without map", our_fold_all, loop_fold_all},
};

int main(void)
{
    ds_str s;
    char *text = bench_pieces(phrases, PHRASES, TEXT_BYTES, &s.n);
    bool agree = true;
    s.p = text;
    printf("# bench_text: generated news text\n");
    for (size_t i = 0; i < sizeof measurements / sizeof *measurements; i++) {
        const struct measurement *m = &measurements[i];
        agree = bench_pair(m->name, "MB/s", (double)s.n / 1e6, 1, s.n, m->ours, m->peer, m->peers, &s) && agree;
    }
    free(text);
    return agree ? EXIT_SUCCESS : EXIT_FAILURE;
}
