/*
 * mknn.c MODEL_DIR OUT - makes the image that nn.h reads of the small model of Baidu's lexical analysis, as Debian's
 * python3-jieba carries it: word.dic, tag.dic and model_baseline/, a file for each parameter.  A build tool: it may
 * print and exit.
 *
 * A parameter's file, as Paddle's save_vars writes it: uint32 version 0, uint64 levels of detail 0, uint32 version 0,
 * int32 length of a description, the description (a protocol buffer: field 1 the type, 5 for float32; field 2,
 * repeated, the dimensions), then the numbers, little-endian.
 *
 * Only characters that the fold leaves as they are get a row of their own: Traditional and full-width ones are looked
 * up as what they fold to.
 */
#include "fold.h"
#include "gen.h"
#include "nn.h"

enum { HIDDEN = 128, GATES = 384, TAGS_MOST = DS_NN_TAGS, CP_COUNT = 0x110000 };

static void die(const char *what, const char *why)
{
    gen_die("mknn", what, why);
}

static char *join_path(const char *dir, const char *name)
{
    size_t n = strlen(dir) + strlen(name) + 2;
    char *path = malloc(n);
    if (path == NULL)
        die(name, "not enough memory");
    snprintf(path, n, "%s/%s", dir, name);
    return path;
}

/* ---- parameters ---- */

static size_t read_varint(const char *path, ds_str s, size_t *at)
{
    size_t v = 0;
    for (unsigned shift = 0; *at < s.n && shift < 35; shift += 7) {
        unsigned char c = (unsigned char)s.p[(*at)++];
        v |= (size_t)(c & 127) << shift;
        if (c < 128)
            return v;
    }
    die(path, "its description is damaged");
    return 0;
}

/* Number of values that the description tells. */
static size_t described_count(const char *path, ds_str s)
{
    size_t at = 0, count = 1;
    while (at < s.n) {
        size_t field = read_varint(path, s, &at), v = read_varint(path, s, &at);
        if (field == (1 << 3) && v != 5)
            die(path, "its numbers are not float32");
        if (field == (2 << 3) && (v == 0 || count > SIZE_MAX / sizeof(float) / v))
            die(path, "its dimensions make no sense");
        if (field == (2 << 3))
            count *= v;
    }
    return count;
}

/* The parameter of that name; dies unless it has `rows` * `columns` numbers.  rows 0: any. */
static float *read_parameter(const char *dir, const char *name, size_t *rows, size_t columns)
{
    char *path = join_path(dir, name);
    ds_buf whole = gen_read_file("mknn", path); /* never cleared: the program ends soon */
    ds_str s = ds_buf_str(&whole);
    if (s.n < 20 || ds_load32(s.p) != 0 || ds_load64(s.p + 4) != 0 || ds_load32(s.p + 12) != 0)
        die(path, "not a parameter as Paddle saves it");
    size_t n = ds_load32(s.p + 16);
    if (n > s.n - 20)
        die(path, "it is cut short");
    size_t count = described_count(path, (ds_str){s.p + 20, n});
    if (count != (s.n - 20 - n) / sizeof(float) || count % columns != 0 || (*rows != 0 && count != *rows * columns))
        die(path, "it has not the size that this network asks for");
    float *v = malloc(count * sizeof *v);
    if (v == NULL)
        die(path, "not enough memory");
    memcpy(v, s.p + 20 + n, count * sizeof *v);
    free((char *)(uintptr_t)s.p);
    *rows = count / columns;
    free(path);
    return v;
}

static float *read_numbered(const char *dir, const char *form, int number, size_t rows, size_t columns)
{
    char name[32];
    snprintf(name, sizeof name, form, number);
    return read_parameter(dir, name, &rows, columns);
}

static void read_layers(const char *dir, ds_nn_params *p)
{
    for (int l = 0; l < 4; l++) {
        float *recurrent = read_numbered(dir, "gru_%d.w_0", l, HIDDEN, GATES);
        p->layers[l] = (ds_nn_layer){.input = read_numbered(dir, "fc_%d.w_0", l, l < 2 ? HIDDEN : 2 * HIDDEN, GATES),
                                     .input_bias = read_numbered(dir, "fc_%d.b_0", l, 1, GATES),
                                     .update = recurrent, /* Paddle keeps both matrices one after the other */
                                     .candidate = recurrent + 2 * HIDDEN * HIDDEN,
                                     .bias = read_numbered(dir, "gru_%d.b_0", l, 1, GATES)};
    }
}

/* ---- dictionaries: "number<TAB>entry" a line ---- */

/* The next entry of *text; false at its end.  Lines of another form are none. */
static bool next_entry(char **text, unsigned long *number, char **entry)
{
    while (**text != '\0') {
        char *line = *text, *end = line + strcspn(line, "\r\n"), *rest;
        *text = end + (*end != '\0');
        *end = '\0';
        *number = strtoul(line, &rest, 10);
        *entry = rest + 1;
        if (rest > line && *rest == '\t')
            return true;
    }
    return false;
}

static size_t read_tags(const char *path, const char **names)
{
    unsigned long number;
    char *text = gen_read_file("mknn", path).p, *entry;
    size_t count = 0;
    while (next_entry(&text, &number, &entry)) {
        if (number != count || count == TAGS_MOST)
            die(path, "tags are not numbered from 0 on, or too many");
        names[count++] = entry;
    }
    return count;
}

/* The one character that cp folds to in width and script, or cp itself. */
static uint32_t folded(uint32_t cp)
{
    uint32_t out[DS_FOLD_CP_MAX];
    return ds_fold_cp(cp, DS_FOLD_WIDTH | DS_FOLD_VARIANT, out) == 1 ? out[0] : cp;
}

/* row_of[cp] = row of the embedding + 1, of characters that fold to themselves; *unknown: row of "OOV". */
static void read_words(const char *path, size_t rows, uint32_t *row_of, size_t *unknown)
{
    unsigned long number;
    char *text = gen_read_file("mknn", path).p, *entry;
    *unknown = rows;
    while (next_entry(&text, &number, &entry)) {
        uint32_t cp;
        size_t n = strlen(entry);
        if (number >= rows)
            die(path, "an entry has no row in the embedding");
        if (strcmp(entry, "OOV") == 0)
            *unknown = number;
        else if (n > 0 && ds_utf8_decode(entry, n, &cp) == n && cp != DS_UTF8_BAD && folded(cp) == cp)
            row_of[cp] = (uint32_t)number + 1;
    }
    if (*unknown == rows)
        die(path, "has no entry OOV");
}

/* Rows of the image: the unknown character's, then those of row_of in the order of code points. */
static void choose_rows(const float *embedding, const uint32_t *row_of, size_t unknown, ds_nn_params *p)
{
    size_t count = 1;
    for (size_t cp = 0; cp < CP_COUNT; cp++)
        count += row_of[cp] != 0;
    float *rows = malloc(count * HIDDEN * sizeof *rows);
    uint32_t *cps = calloc(count, sizeof *cps);
    if (rows == NULL || cps == NULL)
        die("embedding", "not enough memory");
    memcpy(rows, embedding + unknown * HIDDEN, HIDDEN * sizeof *rows);
    p->rows = 1;
    for (uint32_t cp = 0; cp < CP_COUNT; cp++) {
        if (row_of[cp] == 0)
            continue;
        memcpy(rows + p->rows * HIDDEN, embedding + (size_t)(row_of[cp] - 1) * HIDDEN, HIDDEN * sizeof *rows);
        cps[p->rows++] = cp;
    }
    p->embedding = rows;
    p->cps = cps;
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
    const char *names[TAGS_MOST];
    uint32_t *row_of = calloc(CP_COUNT, sizeof *row_of);
    size_t rows = 0, unknown, tags = 0, field = 0;
    ds_nn_params p = {.tag_names = names};
    ds_error err = {0};
    ds_buf image;
    if (argc != 3 || row_of == NULL)
        die("usage", "mknn MODEL_DIR OUT");
    char *dir = join_path(argv[1], "model_baseline");
    float *embedding = read_parameter(dir, "word_emb", &rows, HIDDEN);
    read_layers(dir, &p);
    tags = read_tags(join_path(argv[1], "tag.dic"), names);
    p.tags = tags;
    field = tags + 2;
    size_t outputs = 2 * HIDDEN, one = 1;
    p.output = read_parameter(dir, "fc_4.w_0", &outputs, tags);
    p.output_bias = read_parameter(dir, "fc_4.b_0", &one, tags);
    p.transitions = read_parameter(dir, "crfw", &field, tags);
    read_words(join_path(argv[1], "word.dic"), rows, row_of, &unknown);
    choose_rows(embedding, row_of, unknown, &p);
    p.source = ds_str_of("lac_small of Debian's python3-jieba, by the PaddlePaddle authors (Apache-2.0)");
    ds_buf_init(&image, NULL);
    if (ds_nn_build(&p, &image, &err) != DS_OK)
        die(argv[1], err.msg);
    write_image(argv[2], ds_buf_str(&image));
    return 0;
}
