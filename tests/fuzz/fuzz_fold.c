/*
 * fuzz_fold.c - fold.h and the maps of offmap.h on any text: against a second version that goes code point by code
 * point, twice against once, in parts against the whole.
 *
 * Byte 0 is the flags; byte 1 says where the text is cut in two and in which order the foldings are tried one by one.
 * Each further byte below 40 is a character of the alphabet; others stand for themselves.
 */
#include <utf8proc.h>

#include "fold.h"
#include "fuzz_text.h"

#define INPUT_MOST 600
#define TEXT_MOST 2400

/* Keys that are longer and shorter than what they stand for, several characters for one, runs that the quick ways take. */
static const char *const alphabet[] = {
    "價", "价", "瞭", "了", "裡", "台", "戰", "的", "𠗣", "㑮", "　", "、", "。", "Ａ", "ｚ", "！", "～", "｟",
    "ﾊ", "ﾞ", "ﾡ", "￦", "￨", "ß", "ẞ", "İ", "ŉ", "ﬃ", "ΐ", "K", "Ⱥ", "𐐀", "É", "aZ09bYcX", "PRICE WAR ",
    "價格戰，車企", "\xE4\xBB", "\xF0\x9F\x91", "\xED\xA0\x80", "カ",
};
enum { LETTERS = sizeof alphabet / sizeof *alphabet, WIDEST = DS_FOLD_CP_MAX * DS_UTF8_MAX };

/* ---- the second version ---- */

typedef struct naive_text {
    char p[TEXT_MOST * WIDEST];
    size_t n;
    size_t count;                                           /* characters of the original, ill-formed sequences included */
    size_t src[TEXT_MOST + 1], out[TEXT_MOST + 1];          /* where they begin; the last item: the ends */
} naive_text;

/* Whether two code points have the same compatibility decomposition. */
static bool is_compatible(uint32_t a, uint32_t b)
{
    utf8proc_int32_t x[32], y[32];
    int unused = 0;
    utf8proc_ssize_t n = utf8proc_decompose_char((utf8proc_int32_t)a, x, 32, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT, &unused);
    utf8proc_ssize_t m = utf8proc_decompose_char((utf8proc_int32_t)b, y, 32, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT, &unused);
    return n > 0 && n == m && memcmp(x, y, (size_t)n * sizeof *x) == 0;
}

/* Width moves what Unicode calls wide or narrow, and nothing else. */
static uint32_t naive_width(uint32_t cp)
{
    uint32_t out[DS_FOLD_CP_MAX];
    const utf8proc_property_t *p = utf8proc_get_property((utf8proc_int32_t)cp);
    bool moves = p->decomp_type == UTF8PROC_DECOMP_TYPE_WIDE || p->decomp_type == UTF8PROC_DECOMP_TYPE_NARROW;
    FUZZ_CHECK(ds_fold_cp(cp, DS_FOLD_WIDTH, out) == 1);
    FUZZ_CHECK((out[0] != cp) == moves && is_compatible(cp, out[0]));
    return out[0];
}

static size_t naive_cp(uint32_t cp, unsigned flags, uint32_t out[DS_FOLD_CP_MAX])
{
    int unused = 0;
    utf8proc_int32_t folded[DS_FOLD_CP_MAX];
    if (flags & DS_FOLD_WIDTH)
        cp = naive_width(cp);
    if (flags & DS_FOLD_VARIANT)
        cp = ds_fold_variant(cp);
    out[0] = cp;
    if ((flags & DS_FOLD_CASE) == 0)
        return 1;
    utf8proc_ssize_t n = utf8proc_decompose_char((utf8proc_int32_t)cp, folded, DS_FOLD_CP_MAX, UTF8PROC_CASEFOLD, &unused);
    FUZZ_CHECK(n <= DS_FOLD_CP_MAX);
    for (utf8proc_ssize_t i = 0; i < n; i++)
        out[i] = (uint32_t)folded[i];
    return n < 1 ? 1 : (size_t)n;
}

static void naive_fold(ds_str in, unsigned flags, naive_text *t)
{
    t->n = t->count = 0;
    for (size_t at = 0, len; at < in.n; at += len) {
        uint32_t cp, out[DS_FOLD_CP_MAX];
        len = ds_utf8_decode(in.p + at, in.n - at, &cp);
        t->src[t->count] = at;
        t->out[t->count++] = t->n;
        if (cp == DS_UTF8_BAD) {
            memcpy(t->p + t->n, in.p + at, len);
            t->n += len;
            continue;
        }
        for (size_t i = 0, n = naive_cp(cp, flags, out); i < n; i++)
            t->n += ds_utf8_encode(out[i], t->p + t->n);
    }
    t->src[t->count] = in.n;
    t->out[t->count] = t->n;
}

/* ---- the target ---- */

static void check_range(const ds_offmap *map, size_t out_beg, size_t out_end, size_t beg, size_t end)
{
    size_t src_beg, src_end;
    ds_offmap_origin(map, out_beg, out_end, &src_beg, &src_end);
    FUZZ_CHECK(src_beg == beg && src_end == end);
}

/* Each character leads to the one it was made of, each prefix and suffix to theirs; no byte leads out of its character. */
static void check_map(const ds_offmap *map, const naive_text *t)
{
    FUZZ_CHECK(map->status == DS_OK && map->out_len == t->n);
    check_range(map, t->n, t->n, t->src[t->count], t->src[t->count]);
    for (size_t i = 0; i < t->count; i++) {
        check_range(map, t->out[i], t->out[i + 1], t->src[i], t->src[i + 1]);
        check_range(map, 0, t->out[i + 1], 0, t->src[i + 1]);
        check_range(map, t->out[i], t->n, t->src[i], t->src[t->count]);
        for (size_t at = t->out[i]; at < t->out[i + 1]; at++) {
            size_t beg, end;
            ds_offmap_origin(map, at, at + 1, &beg, &end);
            FUZZ_CHECK(beg < end && beg >= t->src[i] && end <= t->src[i + 1]);
        }
    }
}

/* What was there already stays in the buffer. */
static void fold_into(ds_str in, unsigned flags, ds_buf *out, ds_offmap *map)
{
    FUZZ_CHECK(ds_fold(in, flags, out, map, NULL) == DS_OK);
}

/* The text in two calls, which count as one; the cut lies between two characters. */
static void check_parts(ds_str in, unsigned flags, size_t cut, const naive_text *t)
{
    ds_buf out;
    ds_offmap map;
    ds_buf_init(&out, NULL);
    ds_offmap_init(&map, NULL);
    ds_str head = fuzz_copy(fuzz_part(in, 0, cut)), tail = fuzz_copy(fuzz_part(in, cut, in.n));
    fold_into(head, flags, &out, &map);
    fold_into(tail, flags, &out, &map);
    FUZZ_CHECK(ds_str_eq(ds_buf_str(&out), (ds_str){t->p, t->n}));
    check_map(&map, t);
    fuzz_free(head);
    fuzz_free(tail);
    ds_buf_clear(&out);
    ds_offmap_clear(&map);
}

/* One folding after another, in an order of `order`'s, then all of them again. */
static void check_orders(ds_str in, unsigned flags, unsigned order, const naive_text *t)
{
    static const unsigned orders[6][4] = {{1, 2, 4, 7}, {1, 4, 2, 7}, {2, 1, 4, 7}, {2, 4, 1, 7}, {4, 1, 2, 7}, {4, 2, 1, 7}};
    ds_buf a, b;
    ds_buf_init(&a, NULL);
    ds_buf_init(&b, NULL);
    ds_buf_put(&a, in.p, in.n);
    for (size_t i = 0; i < 4; i++) {
        ds_buf spare = a;
        ds_buf_reset(&b);
        fold_into(ds_buf_str(&a), flags & orders[order % 6][i], &b, NULL);
        a = b;
        b = spare;
    }
    FUZZ_CHECK(ds_str_eq(ds_buf_str(&a), (ds_str){t->p, t->n}));
    ds_buf_clear(&a);
    ds_buf_clear(&b);
}

static void check_scripts(ds_str in, size_t count)
{
    ds_script_counts c;
    ds_fold_count_scripts(in, &c);
    double sure = ds_fold_script_sure(&c);
    FUZZ_CHECK(c.hans <= c.han && c.hant <= c.han);
    FUZZ_CHECK(c.han + c.latin + c.kana + c.hangul + c.cyrillic + c.other <= count);
    FUZZ_CHECK(ds_fold_script_name(&c)[0] != '\0' && sure >= 0 && sure < 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static naive_text naive;
    ds_buf out;
    ds_offmap map;
    if (n < 2 || n > INPUT_MOST)
        return 0;
    unsigned flags = data[0];
    ds_str in = fuzz_spell(alphabet, LETTERS, data + 2, n - 2, TEXT_MOST);
    ds_buf_init(&out, NULL);
    ds_offmap_init(&map, NULL);
    naive_fold(in, flags, &naive);
    fold_into(in, flags, &out, &map);
    FUZZ_CHECK(ds_str_eq(ds_buf_str(&out), (ds_str){naive.p, naive.n}));
    check_map(&map, &naive);
    check_parts(in, flags, naive.src[data[1] % (naive.count + 1)], &naive);
    check_orders(in, flags, data[1], &naive);
    check_scripts(in, naive.count);
    ds_buf_clear(&out);
    ds_offmap_clear(&map);
    fuzz_free(in);
    return 0;
}
