/*
 * mklexicon.c DICT OUT - compiles a word list ("word freq pos" a line) into the image that lexicon.h reads.
 * A build tool: it may print and exit.
 *
 * Left out: a numeral with its measure word (一个, 第三次, 多年), which the list tags m and holds in
 * thousands; every segmentation standard counts them as two words.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lexicon.h"

static void die(const char *what, const char *why)
{
    fprintf(stderr, "mklexicon: %s: %s\n", what, why);
    exit(1);
}

/* Splits "word freq pos", where the word itself may hold a blank: the last two fields are cut off. */
static bool parse_line(char *line, ds_str *word, uint64_t *freq, ds_str *pos)
{
    line[strcspn(line, "\r\n")] = '\0';
    char *tag = strrchr(line, ' ');
    if (tag == NULL || tag == line)
        return false;
    *tag++ = '\0';
    char *num = strrchr(line, ' ');
    if (num == NULL || num == line)
        return false;
    *num++ = '\0';
    char *end;
    *freq = strtoull(num, &end, 10);
    *word = ds_str_of(line);
    *pos = ds_str_of(tag);
    return *end == '\0';
}

/* Length of the numeral at the start of `s`: 第 and characters that count. */
static size_t numeral_prefix(ds_str s)
{
    static const char *const numerals[] = {"一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "百",
                                           "千", "万", "亿", "两", "几", "数", "半", "多", "余", "零", "〇"};
    size_t at = 0, start = s.n >= 3 && memcmp(s.p, "第", 3) == 0 ? 3 : 0;
    for (at = start; at + 3 <= s.n; at += 3) {
        bool is = false;
        for (size_t i = 0; i < sizeof numerals / sizeof *numerals && !is; i++)
            is = memcmp(s.p + at, numerals[i], 3) == 0;
        if (!is)
            break;
    }
    return at > start ? at : 0;
}

/* Words such as 一些 and 一起 begin with a numeral but are one word: by what follows it. */
static bool is_numeral_and_measure(ds_str word, ds_str pos)
{
    static const char one_word[] = "些下点半起生身路贯线分会维季周岁丝毫数久";
    size_t numeral = ds_str_eq(pos, ds_str_of("m")) ? numeral_prefix(word) : 0;
    if (numeral == 0 || numeral == word.n)
        return false;
    for (const char *p = one_word; word.n - numeral == 3 && *p != '\0'; p += 3)
        if (memcmp(p, word.p + numeral, 3) == 0)
            return false;
    return true;
}

static void read_dict(const char *path, ds_lexicon_builder *b)
{
    char line[4096], where[4200];
    ds_error err = {0};
    unsigned long n = 0;
    FILE *f = fopen(path, "r");
    if (f == NULL)
        die(path, strerror(errno));
    while (fgets(line, sizeof line, f) != NULL) {
        ds_str word, pos;
        uint64_t freq;
        n++;
        snprintf(where, sizeof where, "%s:%lu", path, n);
        if (strchr(line, '\n') == NULL && !feof(f))
            die(where, "line is too long");
        if (!parse_line(line, &word, &freq, &pos))
            die(where, "a line is \"word freq pos\"");
        if (is_numeral_and_measure(word, pos))
            continue;
        if (ds_lexicon_builder_add(b, word, freq, pos, &err) != DS_OK)
            die(where, err.msg);
    }
    if (ferror(f))
        die(path, strerror(errno));
    fclose(f);
}

/* Writes beside the target and renames, so that an interrupted build leaves no half image. */
static void write_image(const char *path, ds_str image)
{
    char tmp[4096];
    if (snprintf(tmp, sizeof tmp, "%s.new", path) >= (int)sizeof tmp)
        die(path, "path is too long");
    FILE *f = fopen(tmp, "wb");
    if (f == NULL || fwrite(image.p, 1, image.n, f) != image.n || fclose(f) != 0 || rename(tmp, path) != 0)
        die(tmp, strerror(errno));
}

int main(int argc, char **argv)
{
    ds_lexicon_builder *b;
    ds_error err = {0};
    ds_buf image;
    char source[512];
    if (argc != 3)
        die("usage", "mklexicon DICT OUT");
    ds_buf_init(&image, NULL);
    if (ds_lexicon_builder_new(NULL, &b, &err) != DS_OK)
        die(argv[1], err.msg);
    read_dict(argv[1], b);
    const char *base = strrchr(argv[1], '/');
    snprintf(source, sizeof source, "words, frequencies and parts of speech: %s of Debian's python3-jieba (MIT)",
             base != NULL ? base + 1 : argv[1]);
    if (ds_lexicon_build(b, ds_str_of(source), &image, &err) != DS_OK)
        die(argv[1], err.msg);
    write_image(argv[2], ds_buf_str(&image));
    ds_lexicon_builder_free(b);
    ds_buf_clear(&image);
    return 0;
}
