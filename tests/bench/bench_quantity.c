/*
 * bench_quantity.c - finding the numbers of a text: core alone, without what they are about.
 *
 * Prints a TSV row: name unit ours peer peers_figure ratio items checksum.  MB/s is the median run over a text in
 * which a fifth of the clauses has a number; items are quantities.  There is no peer among Debian's packages.  The
 * table has the few words that the text uses.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "quantity.h"

#define TEXT_BYTES (8u << 20)

#define S(literal) {literal, sizeof(literal) - 1}

static const ds_quantity_row rows[] = {
    {S("元"), S("CNY"), 1, DS_ROLE_MONEY},  {S("美元"), S("USD"), 1, DS_ROLE_MONEY}, {S("%"), S("%"), 1, DS_ROLE_PERCENT},
    {S("倍"), S("x"), 1, DS_ROLE_TIMES},    {S("个"), S("个"), 1, DS_ROLE_COUNT},    {S("年"), S("year"), 1, DS_ROLE_TIME},
    {S("约"), S("~"), 0, DS_ROLE_BEFORE},   {S("超过"), S(">"), 0, DS_ROLE_BEFORE},  {S("左右"), S("~"), 0, DS_ROLE_AFTER},
    {S("增长"), S(""), 1, DS_ROLE_UP},      {S("下跌"), S(""), 1, DS_ROLE_DOWN},     {S("营收"), S(""), 1, DS_ROLE_CUE},
    {S("昨日"), S("day"), -1, DS_ROLE_DATE}, {S("万一"), S(""), 1, DS_ROLE_SKIP},
};

/* Clauses of fifteen ideographs; one in five ends with a number. */
static char *make_text(size_t *n)
{
    static const char *const ends[] = {"约557.6万美元", "增长8.2%", "三万五千个", "昨日", "5.5至6万元", "2025年1月27日", "十分之一"};
    char *p = malloc(TEXT_BYTES + 256);
    if (p == NULL)
        exit(1);
    *n = 0;
    for (unsigned i = 1; *n < TEXT_BYTES; i++) {
        for (int k = 0; k < 15; k++)
            *n += ds_utf8_encode(0x4E00 + bench_rnd(3000) * 5, p + *n);
        if (i % 5 == 0)
            *n += (size_t)sprintf(p + *n, "%s", ends[bench_rnd(sizeof ends / sizeof *ends)]);
        *n += (size_t)sprintf(p + *n, "%s", i % 4 != 0 ? "，" : i % 16 != 0 ? "。" : "。\n");
    }
    return p;
}

static uint64_t checksum(const ds_quantities *v)
{
    uint64_t sum = 14695981039346656037u;
    for (size_t i = 0; i < v->count; i++) {
        double value = isnan(v->items[i].value) ? -1 : v->items[i].value;
        sum = (sum ^ (v->items[i].end + (uint64_t)(int64_t)(value * 1000))) * 1099511628211u;
    }
    return sum;
}

int main(void)
{
    ds_error err;
    ds_quantity_words *w;
    ds_quantities v;
    double seconds[BENCH_RUNS];
    size_t n;
    if (ds_quantity_words_new(NULL, rows, sizeof rows / sizeof *rows, &w, &err) != DS_OK) {
        fprintf(stderr, "%s\n", err.msg);
        return 1;
    }
    char *text = make_text(&n);
    ds_quantities_init(&v, NULL);
    for (int i = 0; i < BENCH_RUNS; i++) {
        v.count = 0;
        double start = bench_now();
        if (ds_quantity_find(w, (ds_str){text, n}, &v, &err) != DS_OK)
            return 1;
        seconds[i] = bench_now() - start;
    }
    printf("quantity find\tMB/s\t%.1f\t-\t-\t-\t%zu\t%016" PRIx64 "\n", (double)n / 1e6 / bench_median(seconds), v.count, checksum(&v));
    ds_quantities_clear(&v);
    ds_quantity_words_free(w);
    free(text);
    return 0;
}
