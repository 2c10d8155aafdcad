/*
 * mklexicon.c DICT TAGS OUT - compiles a word list ("word freq pos" a line) and what tags.lua says of its parts of speech
 * into the image that lexicon.h reads.  A build tool: it may print and exit.
 *
 * Left out: a numeral with its measure word (一个, 第三次, 多年), which the list tags m and holds in
 * thousands; every segmentation standard counts them as two words.
 */
#include "gen.h"
#include "lexicon.h"

static void die(const char *what, const char *why)
{
    gen_die("mklexicon", what, why);
}

static void die_at(const char *path, unsigned long line, const char *why)
{
    char where[4200];
    snprintf(where, sizeof where, "%.4096s:%lu", path, line);
    die(where, why);
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

typedef struct dict_word {
    ds_str word, pos; /* in the text of the dictionary */
    uint64_t freq;
    unsigned long line;
} dict_word;

/* Cuts `text` into words in place, numerals with their measure words left out; returns how many. */
static size_t split_dict(const char *path, char *text, dict_word **out)
{
    ds_alloc alloc = *ds_alloc_or_libc(NULL);
    size_t count = 0, cap = 0;
    *out = NULL;
    for (unsigned long line = 1; *text != '\0'; line++) {
        dict_word w = {.line = line};
        char *next = text + strcspn(text, "\n");
        next += *next == '\n';
        if (next[-1] == '\n')
            next[-1] = '\0';
        if (!parse_line(text, &w.word, &w.freq, &w.pos))
            die_at(path, line, "a line is \"word freq pos\"");
        if (!is_numeral_and_measure(w.word, w.pos)) {
            if (ds_grow(&alloc, (void **)out, &cap, count + 1, sizeof **out) != DS_OK)
                die(path, "not enough memory");
            (*out)[count++] = w;
        }
        text = next;
    }
    return count;
}

static int more_frequent_first(const void *a, const void *b)
{
    const dict_word *x = a, *y = b;
    if (x->freq != y->freq)
        return x->freq < y->freq ? 1 : -1;
    return x->line > y->line ? 1 : -1;
}

/* Frequent words are added first: the trie's cells and the words' records that text needs then lie together, and
 * fit into a processor's cache. */
static void read_dict(const char *path, ds_lexicon_builder *b)
{
    dict_word *words;
    ds_error err = {0};
    ds_buf text = gen_read_file("mklexicon", path);
    size_t n = split_dict(path, text.p, &words);
    if (n > 0)
        qsort(words, n, sizeof *words, more_frequent_first);
    for (size_t i = 0; i < n; i++)
        if (ds_lexicon_builder_add(b, words[i].word, words[i].freq, words[i].pos, &err) != DS_OK)
            die_at(path, words[i].line, err.msg);
    free(words);
    ds_buf_clear(&text);
}

/* Cuts off the first field of *rest, up to the next blank or the end. */
static char *next_field(char **rest)
{
    char *field = *rest;
    size_t n = strcspn(field, " ");
    *rest = field[n] == ' ' ? field + n + 1 : field + n;
    field[n] = '\0';
    return field;
}

/* A number in [low, high]. */
static long next_number(char **rest, long low, long high, const char *where)
{
    char *field = next_field(rest), *end;
    long v = strtol(field, &end, 10);
    if (end == field || *end != '\0' || v < low || v > high)
        die(where, "a cost is missing or out of range");
    return v;
}

/* "WORD TAG COST ..." */
static void take_word_tags(ds_lexicon_builder *b, char *rest, const char *where)
{
    ds_lexicon_tag tags[DS_LEXICON_TAGS];
    size_t n = 0;
    ds_error err = {0};
    ds_str word = ds_str_of(next_field(&rest));
    for (; *rest != '\0' && n < DS_LEXICON_TAGS; n++) {
        tags[n].pos = ds_str_of(next_field(&rest));
        tags[n].cost = (uint8_t)next_number(&rest, 0, UINT8_MAX, where);
    }
    if (*rest != '\0' || ds_lexicon_builder_tags(b, word, tags, n, &err) != DS_OK)
        die(where, *rest != '\0' ? "too many tags" : err.msg);
}

/* "TAG TAG COST", where `.` is punctuation. */
static void take_pair(ds_lexicon_builder *b, char *rest, const char *where)
{
    ds_error err = {0};
    ds_str tags[2];
    for (size_t i = 0; i < 2; i++) {
        tags[i] = ds_str_of(next_field(&rest));
        if (ds_str_eq(tags[i], ds_str_of(".")))
            tags[i] = ds_str_of("");
    }
    int8_t cost = (int8_t)next_number(&rest, INT8_MIN, INT8_MAX, where);
    if (ds_lexicon_builder_pair(b, tags[0], tags[1], cost, &err) != DS_OK)
        die(where, err.msg);
}

static void read_tags(const char *path, ds_lexicon_builder *b)
{
    char line[4096], where[4200];
    unsigned long n = 0;
    FILE *f = fopen(path, "r");
    if (f == NULL)
        die(path, strerror(errno));
    while (fgets(line, sizeof line, f) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        snprintf(where, sizeof where, "%s:%lu", path, ++n);
        char *rest = line, *kind = next_field(&rest);
        if (strcmp(kind, "word") == 0)
            take_word_tags(b, rest, where);
        else if (strcmp(kind, "pair") == 0)
            take_pair(b, rest, where);
        else
            die(where, "a line is \"word ...\" or \"pair ...\"");
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
    if (argc != 4)
        die("usage", "mklexicon DICT TAGS OUT");
    ds_buf_init(&image, NULL);
    if (ds_lexicon_builder_new(NULL, &b, &err) != DS_OK)
        die(argv[1], err.msg);
    read_dict(argv[1], b);
    read_tags(argv[2], b);
    const char *base = strrchr(argv[1], '/');
    snprintf(source, sizeof source, "words, frequencies and parts of speech: %s and posseg of Debian's python3-jieba (MIT)",
             base != NULL ? base + 1 : argv[1]);
    if (ds_lexicon_build(b, ds_str_of(source), &image, &err) != DS_OK)
        die(argv[1], err.msg);
    write_image(argv[3], ds_buf_str(&image));
    ds_lexicon_builder_free(b);
    ds_buf_clear(&image);
    return 0;
}
