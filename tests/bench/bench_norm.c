/*
 * bench_norm.c - normalising text, against ICU and utf8proc.
 *
 * Prints TSV rows: name unit ours peer peers_figure ratio items checksum.  Figures are MB/s of UTF-8 input in
 * processor time, the median of RUNS runs in which ours and the peer's take turns; items = bytes of input.  Every
 * result is compared with the peer's, byte by byte.  All write to memory that was written before.  ICU works on
 * UTF-16: what it takes to convert there and back is not counted, and its figure is in bytes of UTF-8 all the same.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <utf8proc.h>

#include "norm.h"

#if defined(__has_include)
#if __has_include(<unicode/unorm2.h>)
#define HAVE_ICU 1
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#endif
#endif

#define RUNS 9
#define REPEATS 8 /* of the work in a run */
#define TEXT_BYTES ((size_t)1 << 20)
#define MOST_GROWTH 4 /* of code points, in the texts below */

static const char *const form_names[DS_NORM_FORMS] = {"nfc", "nfd", "nfkc", "nfkd"};

static void *must(void *p)
{
    if (p == NULL) {
        fprintf(stderr, "bench_norm: out of memory\n");
        exit(EXIT_FAILURE);
    }
    return p;
}

/* ------------------------------------------------------------------ texts */

static void repeat(ds_buf *text)
{
    size_t once = text->n;
    while (text->n < TEXT_BYTES) {
        must(ds_buf_reserve(text, once) ? text : NULL);
        ds_buf_put(text, text->p, once);
    }
}

/* The articles of the bundled corpus, again and again. */
static bool read_articles(ds_buf *text)
{
    char bytes[4096];
    size_t n;
    FILE *f = popen("cat corpus/articles/*/*", "r");
    while (f != NULL && (n = fread(bytes, 1, sizeof bytes, f)) > 0)
        ds_buf_put(text, bytes, n);
    if (f == NULL || pclose(f) != 0 || text->n == 0)
        return false;
    repeat(text);
    return true;
}

static void put_sample(ds_buf *text, const char *sample)
{
    ds_buf_put(text, sample, strlen(sample));
    repeat(text);
}

static const char english[] = "A price war broke out: three vendors cut their fees by half, then a fourth followed.\n";
static const char vietnamese[] = "Ba công ty đã giảm giá một nửa, rồi công ty thứ tư cũng làm như vậy.\n";
static const char korean[] = "세 회사가 가격을 절반으로 내리자 네 번째 회사도 뒤따랐다.\n";

/* ------------------------------------------------------------------ the work, ours and the peers' */

static void norm_ours(ds_str s, ds_norm_form form, ds_buf *out)
{
    ds_buf_reset(out);
    if (ds_norm(s, form, out, NULL, NULL) != DS_OK)
        must(NULL);
}

/* What utf8proc and ICU need: made once, and reused. */
typedef struct peer {
    void *work;      /* code points, or the text in UTF-16 */
    void *result;    /* in UTF-16 */
    size_t cap;      /* units in `work`, and in `result` */
    int32_t len, result_len;
    ds_norm_form form;
    ds_str out;      /* UTF-8 */
} peer;

static void norm_utf8proc(ds_str s, peer *p)
{
    static const int options[] = {
        UTF8PROC_STABLE | UTF8PROC_COMPOSE, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE,
        UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT,
    };
    utf8proc_option_t option = (utf8proc_option_t)options[p->form];
    utf8proc_ssize_t n = utf8proc_decompose((const utf8proc_uint8_t *)s.p, (utf8proc_ssize_t)s.n, p->work,
                                            (utf8proc_ssize_t)p->cap - 1, option);
    if (n >= 0 && (size_t)n < p->cap)
        n = utf8proc_reencode(p->work, n, option);
    p->out = (ds_str){p->work, n < 0 ? 0 : (size_t)n};
}

#ifdef HAVE_ICU
static const UNormalizer2 *icu_of(ds_norm_form form)
{
    UErrorCode e = U_ZERO_ERROR;
    bool decompose = form == DS_NORM_NFD || form == DS_NORM_NFKD;
    const char *name = form == DS_NORM_NFC || form == DS_NORM_NFD ? "nfc" : "nfkc";
    return unorm2_getInstance(NULL, name, decompose ? UNORM2_DECOMPOSE : UNORM2_COMPOSE, &e);
}

static void norm_icu(ds_str s, peer *p)
{
    UErrorCode e = U_ZERO_ERROR;
    (void)s;
    p->result_len = unorm2_normalize(icu_of(p->form), p->work, p->len, p->result, (int32_t)p->cap, &e);
    if (U_FAILURE(e))
        p->result_len = 0;
}

static void icu_begin(ds_str s, peer *p)
{
    UErrorCode e = U_ZERO_ERROR;
    u_strFromUTF8(p->work, (int32_t)p->cap, &p->len, s.p, (int32_t)s.n, &e);
}

/* The caller frees p->out.p. */
static void icu_end(peer *p)
{
    int32_t n = 0;
    UErrorCode e = U_ZERO_ERROR;
    char *out = must(malloc((size_t)p->result_len * 3 + 1));
    u_strToUTF8(out, p->result_len * 3 + 1, &n, p->result, p->result_len, &e);
    p->out = (ds_str){out, (size_t)n};
}
#endif

/* ------------------------------------------------------------------ measuring */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(const char *name, ds_str s, const char *peer_name, void (*work)(ds_str, peer *), peer *p,
                    ds_buf *out)
{
    double ours[RUNS], peers[RUNS], mb = (double)s.n * REPEATS / 1e6;
    norm_ours(s, p->form, out); /* touches the memory */
    work(s, p);
    for (int i = 0; i < RUNS; i++) {
        double t = now();
        for (int k = 0; k < REPEATS; k++)
            norm_ours(s, p->form, out);
        ours[i] = mb / (now() - t);
        t = now();
        for (int k = 0; k < REPEATS; k++)
            work(s, p);
        peers[i] = mb / (now() - t);
    }
    qsort(ours, RUNS, sizeof *ours, by_value);
    qsort(peers, RUNS, sizeof *peers, by_value);
    double our = ours[RUNS / 2], their = peers[RUNS / 2];
    printf("norm_%s_%s\tMB/s\t%.0f\t%s\t%.0f\t%.2f\t%zu\t%" PRIu32 "\n", form_names[p->form], name, our, peer_name,
           their, our / their, s.n, ds_crc32(0, out->p, out->n));
    printf("# norm_%s_%s: slowest to fastest run %.0f to %.0f, %s %.0f to %.0f\n", form_names[p->form], name, ours[0],
           ours[RUNS - 1], peer_name, peers[0], peers[RUNS - 1]);
}

static bool same(const char *name, const peer *p, const ds_buf *out)
{
    bool equal = ds_str_eq(p->out, ds_buf_str(out));
    if (!equal)
        fprintf(stderr, "bench_norm: %s of the %s text: a peer has another result\n", form_names[p->form], name);
    return equal;
}

static bool measure_form(const char *name, ds_str s, ds_norm_form form, ds_buf *out)
{
    peer p = {.cap = s.n * MOST_GROWTH, .form = form};
    bool agree = true;
    p.work = must(malloc(p.cap * 4));
    p.result = must(malloc(p.cap * 2));
#ifdef HAVE_ICU
    icu_begin(s, &p);
    measure(name, s, "ICU (UTF-16)", norm_icu, &p, out);
    icu_end(&p);
    agree = same(name, &p, out);
    free((char *)(uintptr_t)p.out.p);
#endif
    measure(name, s, "utf8proc", norm_utf8proc, &p, out);
    agree = same(name, &p, out) && agree;
    free(p.work);
    free(p.result);
    return agree;
}

int main(void)
{
    ds_buf text, out;
    bool agree = true;
    ds_buf_init(&text, NULL);
    ds_buf_init(&out, NULL);
#ifndef HAVE_ICU
    printf("# norm: built without ICU (Debian: libicu-dev): no figures of it\n");
#endif
    if (read_articles(&text))
        for (ds_norm_form form = 0; form < DS_NORM_FORMS; form++)
            agree = measure_form("chinese", ds_buf_str(&text), form, &out) && agree;
    else
        printf("# norm: corpus/articles is not here: no figures of Chinese text\n");
    static const struct {
        const char *name, *text;
    } samples[] = {{"english", english}, {"vietnamese", vietnamese}, {"korean", korean}};
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        ds_buf_reset(&text);
        put_sample(&text, samples[i].text);
        agree = measure_form(samples[i].name, ds_buf_str(&text), DS_NORM_NFC, &out) && agree;
        agree = measure_form(samples[i].name, ds_buf_str(&text), DS_NORM_NFD, &out) && agree;
    }
    ds_buf_clear(&text);
    ds_buf_clear(&out);
    return agree ? EXIT_SUCCESS : EXIT_FAILURE;
}
