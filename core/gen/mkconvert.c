/*
 * mkconvert.c ENTRIES OUT - compiles conversion tables into the image that convert.h reads.
 * ENTRIES, written by mkconvert.lua: a first line about the source, then `table rank key value` a line, tabs between.
 * A build tool: it may print and exit.
 */
#include "convert.h"
#include "gen.h"

static void fail(const char *what, const char *why)
{
    gen_die("mkconvert", what, why);
}

/* Cuts the next field off *p. */
static char *next_field(char **p)
{
    char *field = *p, *end = strchr(field, '\t');
    if (end == NULL) {
        *p = field + strlen(field);
        return field;
    }
    *end = '\0';
    *p = end + 1;
    return field;
}

static void add_line(ds_converter_builder *b, char *line, const char *where)
{
    ds_error err = {0};
    line[strcspn(line, "\r\n")] = '\0';
    unsigned long table = strtoul(next_field(&line), NULL, 10), rank = strtoul(next_field(&line), NULL, 10);
    ds_str key = ds_str_of(next_field(&line)), value = ds_str_of(next_field(&line));
    if (table >= DS_CONVERT_TABLES || rank > DS_CONVERT_RANK_MAX)
        fail(where, "table or rank is out of range");
    if (ds_converter_builder_add(b, (ds_convert_table)table, key, value, (unsigned)rank, &err) != DS_OK)
        fail(where, err.msg);
}

static void read_entries(const char *path, ds_converter_builder *b, char source[512])
{
    char line[1024], where[4200];
    unsigned long n = 1;
    FILE *f = fopen(path, "r");
    if (f == NULL || fgets(source, 512, f) == NULL)
        fail(path, f == NULL ? strerror(errno) : "is empty");
    source[strcspn(source, "\r\n")] = '\0';
    while (fgets(line, sizeof line, f) != NULL) {
        snprintf(where, sizeof where, "%s:%lu", path, ++n);
        add_line(b, line, where);
    }
    if (ferror(f))
        fail(path, strerror(errno));
    fclose(f);
}

/* Writes beside the target and renames, so that an interrupted build leaves no half image. */
static void save_image(const char *path, ds_str image)
{
    char tmp[4096];
    if (snprintf(tmp, sizeof tmp, "%s.new", path) >= (int)sizeof tmp)
        fail(path, "path is too long");
    FILE *f = fopen(tmp, "wb");
    if (f == NULL || fwrite(image.p, 1, image.n, f) != image.n || fclose(f) != 0 || rename(tmp, path) != 0)
        fail(tmp, strerror(errno));
}

int main(int argc, char **argv)
{
    ds_converter_builder *b;
    ds_error err = {0};
    ds_buf image;
    char source[512];
    if (argc != 3)
        fail("usage", "mkconvert ENTRIES OUT");
    ds_buf_init(&image, NULL);
    if (ds_converter_builder_new(NULL, &b, &err) != DS_OK)
        fail(argv[1], err.msg);
    read_entries(argv[1], b, source);
    if (ds_converter_build(b, ds_str_of(source), &image, &err) != DS_OK)
        fail(argv[1], err.msg);
    save_image(argv[2], ds_buf_str(&image));
    ds_converter_builder_free(b);
    ds_buf_clear(&image);
    return 0;
}
