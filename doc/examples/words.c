/*
 * A C program on libds: the words of standard input, a space between them, lines kept.
 *
 *   cc words.c $(pkg-config --cflags --libs ds) -o words
 *   cc words.c $(pkg-config --static --cflags --libs ds) -static -o words        with libds.a
 *   ./words "$(pkg-config --variable=datadir ds)/zh.dslex" < news.txt
 */
#include <stdio.h>
#include <stdlib.h>

#include <segment.h>

static void fail(const char *what, const ds_error *err)
{
    fprintf(stderr, "words: %s: %s\n", what, err->msg[0] != '\0' ? err->msg : "not enough memory");
}

/* The whole of standard input; the caller clears `in`, whose status says whether memory sufficed. */
static ds_status read_all(ds_buf *in)
{
    char bytes[65536];
    size_t n;
    while ((n = fread(bytes, 1, sizeof bytes, stdin)) > 0)
        ds_buf_put(in, bytes, n);
    return in->status;
}

static void print_words(ds_str text, const ds_tokens *words)
{
    for (size_t i = 0; i < words->count; i++) {
        const ds_token *t = &words->items[i];
        bool space = t->cls == DS_CLASS_SPACE;
        if (i > 0 && !space && words->items[i - 1].cls != DS_CLASS_SPACE)
            putchar(' ');
        fwrite(text.p + t->beg, 1, t->end - t->beg, stdout);
    }
}

int main(int argc, char **argv)
{
    ds_error err = {0};
    if (argc != 2) {
        fprintf(stderr, "usage: words LEXICON < TEXT\n");
        return EXIT_FAILURE;
    }
    int status = EXIT_FAILURE;
    ds_lexicon *lexicon = NULL;
    ds_segmenter *segmenter = NULL;
    ds_tokens words;
    ds_buf in;
    ds_tokens_init(&words, &ds_alloc_libc);
    ds_buf_init(&in, &ds_alloc_libc);
    if (ds_lexicon_open(&ds_alloc_libc, argv[1], &lexicon, &err) != DS_OK)
        fail("the lexicon", &err);
    else if (ds_segmenter_new(&ds_alloc_libc, lexicon, NULL, NULL, &segmenter, &err) != DS_OK)
        fail("the segmenter", &err);
    else if (read_all(&in) != DS_OK || ds_segment(segmenter, ds_buf_str(&in), &words, &err) != DS_OK)
        fail("standard input", &err);
    else {
        print_words(ds_buf_str(&in), &words);
        status = EXIT_SUCCESS;
    }
    ds_tokens_clear(&words);
    ds_buf_clear(&in);
    ds_segmenter_free(segmenter);
    ds_lexicon_free(lexicon);
    return status;
}
