/*
 * peer_icu.c [-w] TEXT - ICU's word break iterator for Chinese: prints "MB/s words", the median of seven runs, or with -w
 * the words of each line, separated by blanks.  Not part of ds; run by bench_segment and tests/accuracy.sh.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unicode/ubrk.h>
#include <unicode/ustring.h>

enum { PEER_RUNS = 7 };

static double peer_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int peer_by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static char *read_all(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL || fseek(f, 0, SEEK_END) != 0)
        exit(EXIT_FAILURE);
    *n = (size_t)ftell(f);
    rewind(f);
    char *p = malloc(*n + 1);
    if (p == NULL || fread(p, 1, *n, f) != *n)
        exit(EXIT_FAILURE);
    fclose(f);
    p[*n] = '\0';
    return p;
}

/* Number of words in the UTF-8 text; with `print`, writes them. */
static long cut_utf8(UBreakIterator *it, const char *p, size_t n, int print)
{
    UErrorCode st = U_ZERO_ERROR;
    UText ut = UTEXT_INITIALIZER;
    long words = 0;
    utext_openUTF8(&ut, p, (int64_t)n, &st);
    ubrk_setUText(it, &ut, &st);
    if (U_FAILURE(st))
        exit(EXIT_FAILURE);
    int32_t beg = ubrk_first(it);
    for (int32_t end = ubrk_next(it); end != UBRK_DONE; beg = end, end = ubrk_next(it), words++)
        if (print)
            printf("%.*s%s", (int)(end - beg), p + beg, p[end - 1] == '\n' ? "" : " ");
    utext_close(&ut);
    return words;
}

int main(int argc, char **argv)
{
    int print = argc > 2 && strcmp(argv[1], "-w") == 0;
    UErrorCode st = U_ZERO_ERROR;
    double seconds[PEER_RUNS];
    size_t n;
    long words = 0;
    if (argc < 2)
        return EXIT_FAILURE;
    char *p = read_all(argv[argc - 1], &n);
    UBreakIterator *it = ubrk_open(UBRK_WORD, "zh", NULL, 0, &st);
    if (U_FAILURE(st))
        return EXIT_FAILURE;
    for (int i = 0; i < (print ? 1 : PEER_RUNS); i++) {
        seconds[i] = peer_now();
        words = cut_utf8(it, p, n, print);
        seconds[i] = peer_now() - seconds[i];
    }
    if (!print) {
        qsort(seconds, PEER_RUNS, sizeof *seconds, peer_by_value);
        printf("%.2f %ld\n", (double)n / 1e6 / seconds[PEER_RUNS / 2], words);
    }
    ubrk_close(it);
    free(p);
    return EXIT_SUCCESS;
}
