/*
 * bench_newwords.c - words that the dictionary lacks, in 100 MB of generated news: counting all frequent strings.
 *
 * Items are bytes of text, the checksum is the number of candidates.
 */
#include "bench.h"
#include "newwords.h"

int main(void)
{
    const size_t bytes = 100000000;
    ds_newwords_options o = {.min = 5, .longest = 6, .cohesion = 4, .entropy = 1.5};
    ds_newwords *w;
    const ds_newword *found;
    size_t count;
    ds_buf text = bench_generated_news(bytes);
    double begin = bench_now();
    if (ds_newwords_new(NULL, &o, &w, NULL) != DS_OK || ds_newwords_add(w, (ds_str){text.p, bytes}, NULL) != DS_OK ||
        ds_newwords_find(w, &found, &count, NULL) != DS_OK)
        return EXIT_FAILURE;
    printf("newwords 100 MB\ts\t%.1f\t-\t-\t-\t%zu\t%zu\n", bench_now() - begin, bytes, count);
    printf("# newwords: %.0f MB besides the text\n", (double)ds_newwords_memory(w) / 1e6);
    ds_newwords_free(w);
    ds_buf_clear(&text);
    return 0;
}
