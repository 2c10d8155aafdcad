/*
 * bench_utf8.c - checking and counting UTF-8, and finding characters in a long text, against plain loops, utf8proc,
 * glibc's iconv and ICU (where libicu-dev is installed).
 *
 * Figures are GB/s of text, or millions of look-ups a second; items = bytes of text; checksum = the result.  Each text
 * is measured in a size that the second-level cache holds and in one that it does not.
 *
 * count_any_bytes checks as it counts: ill-formed bytes are counted by Unicode's maximal subparts.  count_valid trusts
 * the text, like simdutf's count_utf8 (which Debian 12 has no package of).  read_only is the exclusive or of all
 * bytes, eight at a time: what the memory gives.
 */
#include <iconv.h>
#include <utf8proc.h>
#if defined(__has_include)
#if __has_include(<unicode/ustring.h>)
#include <unicode/ustring.h>
#define BENCH_ICU 1
#endif
#endif

#include "bench.h"
#include "textview.h"
#include "utf8_int.h"

#define SMALL ((size_t)192 << 10)
#define LARGE ((size_t)8 << 20)
#define LOOKUPS 10000
#define SEED 20250127u

/* Pieces of made-up news: both scripts; a few per cent of the bytes are names and figures in ASCII. */
static const char *const phrases[] = {
    "这家公司的新模型", "這家公司的新模型", "把价格降到了原来的三分之一", "把價格降到了原來的三分之一", "，", "。", "、",
    "“便宜不等于不好”", "「便宜不等於不好」", "OpenAI", "DeepSeek", "2025年1月27日", "分析师认为", "分析師認為",
    "开发者纷纷转向开源的版本", "開發者紛紛轉向開源的版本", "竞争对手随后跟进", "競爭對手隨後跟進", "市场一度恐慌",
    "有人说这是一场价格战", "有人說這是一場價格戰", "（记者报道）", "芯片的订单并没有减少", "晶片的訂單並沒有減少", "\n",
};
static const char *const words[] = {"the ", "price ", "of ", "models ", "fell ", "again, ", "analysts ", "said. ", "2025 ", "\n"};

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* ------------------------------------------------------------------ checking */

/* Each is given the text. */

static const ds_utf8_vector *active_path(void)
{
    return ds_utf8_vector_of(ds_cpu_active());
}

static uint64_t our_valid(const void *ud)
{
    ds_str s = *(const ds_str *)ud;
    return ds_utf8_valid_by(active_path(), s, NULL);
}

static uint64_t portable_valid(const void *ud)
{
    ds_str s = *(const ds_str *)ud;
    return ds_utf8_valid_by(NULL, s, NULL);
}

/* As one would write it: by the lead, then by the ranges of the standard's table. */
static uint64_t loop_valid(const void *ud)
{
    ds_str s = *(const ds_str *)ud;
    const unsigned char *p = (const unsigned char *)s.p, *end = p + s.n;
    while (p < end) {
        unsigned char lead = *p++;
        if (lead < 0x80)
            continue;
        int trails = lead >= 0xC2 && lead < 0xE0 ? 1 : (lead & 0xF0) == 0xE0 ? 2 : lead >= 0xF0 && lead < 0xF5 ? 3 : 0;
        if (trails == 0 || end - p < trails)
            return 0;
        if ((lead == 0xE0 && *p < 0xA0) || (lead == 0xED && *p > 0x9F) || (lead == 0xF0 && *p < 0x90) ||
            (lead == 0xF4 && *p > 0x8F))
            return 0;
        for (; trails > 0; trails--, p++)
            if ((*p & 0xC0) != 0x80)
                return 0;
    }
    return 1;
}

static uint64_t proc_valid(const void *ud)
{
    ds_str s = *(const ds_str *)ud;
    utf8proc_int32_t cp;
    for (size_t i = 0; i < s.n;) {
        utf8proc_ssize_t len = utf8proc_iterate((const utf8proc_uint8_t *)s.p + i, (utf8proc_ssize_t)(s.n - i), &cp);
        if (len < 1)
            return 0;
        i += (size_t)len;
    }
    return 1;
}

/* Has to write UTF-16, a buffer at a time. */
static uint64_t iconv_valid(const void *ud)
{
    ds_str s = *(const ds_str *)ud;
    char out[8192], *in = (char *)(uintptr_t)s.p;
    size_t left = s.n;
    iconv_t cd = iconv_open("UTF-16LE", "UTF-8");
    if (cd == (iconv_t)-1)
        return 0;
    while (left > 0) {
        char *to = out;
        size_t room = sizeof out, before = left;
        if (iconv(cd, &in, &left, &to, &room) == (size_t)-1 && before == left)
            break;
    }
    iconv_close(cd);
    return left == 0;
}

/* ------------------------------------------------------------------ counting */

static uint64_t our_count(const void *ud)
{
    ds_str s = *(const ds_str *)ud;
    return ds_utf8_count_by(active_path(), s);
}

static uint64_t our_count_valid(const void *ud)
{
    ds_str s = *(const ds_str *)ud;
    return ds_utf8_count_valid_by(active_path(), s);
}

static uint64_t portable_count_valid(const void *ud)
{
    ds_str s = *(const ds_str *)ud;
    return ds_utf8_count_valid_by(NULL, s);
}

/* Right on well-formed text only. */
static uint64_t loop_count(const void *ud)
{
    ds_str s = *(const ds_str *)ud;
    uint64_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
    return n;
}

static uint64_t read_all(const void *ud)
{
    ds_str s = *(const ds_str *)ud;
    uint64_t x[4] = {0, 0, 0, 0}, rest = 0;
    size_t i = 0;
    for (; s.n - i >= 32; i += 32)
        for (size_t k = 0; k < 4; k++)
            x[k] ^= ds_load64(s.p + i + 8 * k);
    for (; i < s.n; i++)
        rest ^= (unsigned char)s.p[i];
    uint64_t all = x[0] ^ x[1] ^ x[2] ^ x[3];
    for (int shift = 32; shift >= 8; shift /= 2)
        all ^= all >> shift;
    return (all ^ rest) & 0xFF;
}

static uint64_t loop_read(const void *ud)
{
    ds_str s = *(const ds_str *)ud;
    uint64_t all = 0;
    for (size_t i = 0; i < s.n; i++)
        all ^= (unsigned char)s.p[i];
    return all;
}

#ifdef BENCH_ICU
/* Counts UTF-16 units, here the same, and notices ill-formed text. */
static uint64_t icu_count(const void *ud)
{
    ds_str s = *(const ds_str *)ud;
    int32_t units = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_strFromUTF8(NULL, 0, &units, s.p, (int32_t)s.n, &status);
    return status == U_BUFFER_OVERFLOW_ERROR ? (uint64_t)units : 0;
}

static uint64_t icu_valid(const void *ud)
{
    return icu_count(ud) > 0;
}
#else
#define icu_count NULL
#define icu_valid NULL
#endif

/* ------------------------------------------------------------------ finding characters */

static ds_text *view; /* of the text that is measured */

static uint64_t our_find_char(const void *ud)
{
    ds_str s = *(const ds_str *)ud;
    uint64_t sum = 0;
    uint32_t seed = SEED;
    for (int i = 0; i < LOOKUPS; i++)
        sum += ds_text_cp(view, next_random(&seed) % s.n);
    return sum;
}

static uint64_t our_find_byte(const void *ud)
{
    uint64_t sum = 0;
    uint32_t seed = SEED;
    size_t count = ds_text_count(view);
    (void)ud;
    for (int i = 0; i < LOOKUPS; i++)
        sum += ds_text_offset(view, next_random(&seed) % count);
    return sum;
}

/* The same by our own scans from the start, for as many look-ups. */
static uint64_t scan_find_char(const void *ud)
{
    ds_str s = *(const ds_str *)ud;
    uint64_t sum = 0;
    uint32_t seed = SEED;
    for (int i = 0; i < LOOKUPS; i++) {
        size_t off = next_random(&seed) % s.n;
        sum += ds_utf8_count_valid((ds_str){s.p, ds_utf8_prev(s, off + 1)});
    }
    return sum;
}

static uint64_t scan_find_byte(const void *ud)
{
    ds_str s = *(const ds_str *)ud;
    uint64_t sum = 0;
    uint32_t seed = SEED;
    size_t count = ds_text_count(view);
    for (int i = 0; i < LOOKUPS; i++)
        sum += ds_utf8_offset(s, next_random(&seed) % count);
    return sum;
}

static uint64_t our_index(const void *ud)
{
    ds_str s = *(const ds_str *)ud;
    ds_text *t;
    if (ds_text_new(NULL, s, &t, NULL) != DS_OK)
        exit(EXIT_FAILURE);
    uint64_t sum = ds_text_cp(t, s.n - 1) + 1;
    ds_text_free(t);
    return sum;
}

/* ------------------------------------------------------------------ measuring */

static const struct measurement {
    const char *name, *peer;
    bench_work *ours, *peers; /* peers NULL: not installed */
} measurements[] = {
    {"validate", "plain loop", our_valid, loop_valid},
    {"validate", "ICU", our_valid, icu_valid},
    {"validate", "utf8proc", our_valid, proc_valid},
    {"validate", "iconv", our_valid, iconv_valid},
    {"validate_portable", "plain loop", portable_valid, loop_valid},
    {"count_any_bytes", "ICU", our_count, icu_count},
    {"read_only", "plain loop", read_all, loop_read},
    {"count_valid", "plain loop", our_count_valid, loop_count},
    {"count_valid_portable", "plain loop", portable_count_valid, loop_count},
    {"index_of_offsets", "plain loop, count only", our_index, loop_count},
};

static bool measure_text(const struct measurement *m, const char *text_name, ds_str s)
{
    char name[64];
    if (m->peers == NULL) {
        printf("# utf8_%s: %s is not installed\n", m->name, m->peer);
        return true;
    }
    snprintf(name, sizeof name, "utf8_%s_%s", m->name, text_name);
    size_t times = s.n < LARGE / 2 ? LARGE / s.n : 1;
    return bench_pair(name, "GB/s", (double)s.n / 1e9, times, s.n, m->ours, m->peer, m->peers, &s);
}

static bool measure_all(const char *text_name, const char *const pieces[], size_t count, size_t bytes)
{
    ds_str s;
    char *text = bench_pieces(pieces, count, bytes, &s.n);
    bool agree = true;
    s.p = text;
    for (size_t i = 0; i < sizeof measurements / sizeof *measurements; i++)
        agree = measure_text(&measurements[i], text_name, s) && agree;
    free(text);
    return agree;
}

static bool measure_view(void)
{
    ds_str s;
    char *text = bench_pieces(phrases, sizeof phrases / sizeof *phrases, 1000000, &s.n);
    s.p = text;
    if (ds_text_new(NULL, s, &view, NULL) != DS_OK)
        exit(EXIT_FAILURE);
    ds_text_cp(view, 0);
    printf("# utf8_byte_to_char: the index takes %zu bytes for %zu bytes of text\n", ds_text_memory(view), s.n);
    double million = LOOKUPS / 1e6;
    bool agree = bench_pair("utf8_byte_to_char_1MB", "M/s", million, 1, s.n, our_find_char, "scan", scan_find_char, &s);
    agree = bench_pair("utf8_char_to_byte_1MB", "M/s", million, 1, s.n, our_find_byte, "scan", scan_find_byte, &s) && agree;
    ds_text_free(view);
    free(text);
    return agree;
}

int main(void)
{
    size_t chinese = sizeof phrases / sizeof *phrases, ascii = sizeof words / sizeof *words;
    printf("# bench_utf8: generated text; path %s\n", ds_cpu_name(ds_cpu_active()));
    bool agree = measure_all("chinese_192k", phrases, chinese, SMALL);
    agree = measure_all("chinese_8M", phrases, chinese, LARGE) && agree;
    agree = measure_all("ascii_192k", words, ascii, SMALL) && agree;
    agree = measure_all("ascii_8M", words, ascii, LARGE) && agree;
    agree = measure_view() && agree;
    return agree ? EXIT_SUCCESS : EXIT_FAILURE;
}
