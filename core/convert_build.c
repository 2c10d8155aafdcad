/* convert_build.c - compiling conversion tables; see convert.h. */
#include <string.h>

#include "convert_int.h"

struct ds_converter_builder {
    ds_alloc alloc;
    ds_trie_builder *trie[DS_CONVERT_TABLES];
    ds_codemap codes;
    ds_buf results, text; /* the sections */
};

ds_status ds_converter_builder_new(const ds_alloc *a, ds_converter_builder **out, ds_error *err)
{
    *out = NULL;
    a = ds_alloc_or_libc(a);
    ds_converter_builder *b = ds_calloc(a, 1, sizeof *b);
    if (b == NULL)
        return ds_fail_nomem(err);
    b->alloc = *a;
    ds_buf_init(&b->results, &b->alloc);
    ds_buf_init(&b->text, &b->alloc);
    ds_status st = ds_codemap_init(&b->codes, &b->alloc);
    for (uint32_t m = DS_CONVERT_AFTER_NUMERAL; m <= DS_CONVERT_ALONE && st == DS_OK; m++)
        st = ds_codemap_assign(&b->codes, m) != 0 ? DS_OK : DS_ENOMEM; /* the first codes */
    for (size_t i = 0; i < DS_CONVERT_TABLES && st == DS_OK; i++)
        st = ds_trie_builder_new(&b->alloc, &b->trie[i], NULL);
    if (st != DS_OK) {
        ds_converter_builder_free(b);
        return ds_fail_nomem(err);
    }
    *out = b;
    return DS_OK;
}

void ds_converter_builder_free(ds_converter_builder *b)
{
    if (b == NULL)
        return;
    ds_alloc a = b->alloc;
    for (size_t i = 0; i < DS_CONVERT_TABLES; i++)
        ds_trie_builder_free(b->trie[i]);
    ds_codemap_clear(&b->codes);
    ds_buf_clear(&b->results);
    ds_buf_clear(&b->text);
    ds_mfree(&a, b, sizeof *b);
}

/* Code points of `s`, at most DS_CONVERT_KEY_MAX; `what` names it in messages. */
static ds_status decode_all(ds_str s, const char *what, uint32_t cp[DS_CONVERT_KEY_MAX], size_t *count, ds_error *err)
{
    *count = 0;
    for (size_t at = 0; at < s.n;) {
        if (*count == DS_CONVERT_KEY_MAX)
            return ds_fail(err, DS_EINVAL, at, 0, "%s is longer than %d characters", what, DS_CONVERT_KEY_MAX);
        size_t len = ds_utf8_decode(s.p + at, s.n - at, &cp[*count]);
        if (cp[*count] == DS_UTF8_BAD)
            return ds_fail(err, DS_EINVAL, at, 0, "%s is not valid UTF-8", what);
        at += len;
        (*count)++;
    }
    return *count > 0 ? DS_OK : ds_fail(err, DS_EINVAL, 0, 0, "%s is empty", what);
}

/* The character that `code` alone gives in the table; `cp`, which has this code, when it has no entry. */
static uint32_t alone(const ds_trie_builder *t, uint16_t code, uint32_t cp)
{
    int32_t node = ds_trie_builder_step(t, 0, code);
    int32_t value = node != DS_TRIE_NONE ? ds_trie_builder_value(t, node) : DS_TRIE_NONE;
    uint32_t result = (uint32_t)value & CONV_RESULT_BITS;
    return value != DS_TRIE_NONE && result < CONV_FIRST_ENTRY ? result : cp;
}

/* Whether the value is something else than the key's characters one by one. */
static bool differs(const ds_trie_builder *t, const uint16_t *key, const uint32_t *key_cp, size_t keys,
                    const uint32_t *value, size_t values)
{
    for (size_t i = 0; i < keys && keys == values; i++)
        if (alone(t, key[i], key_cp[i]) != value[i])
            return true;
    return keys != values;
}

/* The number that stands for `value` in a trie; CONV_RESULT_BITS: no memory. */
static uint32_t add_result(ds_converter_builder *b, const uint32_t *value, size_t count)
{
    if (count == 1)
        return value[0];
    size_t number = b->results.n / CONV_RESULT + CONV_FIRST_ENTRY;
    ds_buf_u32(&b->results, (uint32_t)(b->text.n / 4));
    ds_buf_u32(&b->results, (uint32_t)count);
    for (size_t i = 0; i < count; i++)
        ds_buf_u32(&b->text, value[i]);
    bool ok = b->results.status == DS_OK && b->text.status == DS_OK && number < CONV_RESULT_BITS;
    return ok ? (uint32_t)number : CONV_RESULT_BITS;
}

ds_status ds_converter_builder_add(ds_converter_builder *b, ds_convert_table table, ds_str key, ds_str value,
                                   unsigned rank, ds_error *err)
{
    uint32_t key_cp[DS_CONVERT_KEY_MAX], value_cp[DS_CONVERT_KEY_MAX];
    uint16_t codes[DS_CONVERT_KEY_MAX];
    size_t keys, values;
    if (rank > DS_CONVERT_RANK_MAX || (unsigned)table >= DS_CONVERT_TABLES)
        return ds_fail(err, DS_EINVAL, 0, 0, "table %u or rank %u does not exist", (unsigned)table, rank);
    ds_status st = decode_all(key, "key", key_cp, &keys, err);
    if (st != DS_OK || (st = decode_all(value, "value", value_cp, &values, err)) != DS_OK)
        return st;
    for (size_t i = 0; i < keys; i++)
        if ((codes[i] = ds_codemap_assign(&b->codes, key_cp[i])) == 0)
            return ds_fail_nomem(err);
    uint32_t result = add_result(b, value_cp, values);
    if (result == CONV_RESULT_BITS)
        return ds_fail_nomem(err);
    result |= (uint32_t)rank << CONV_RANK_SHIFT;
    if (keys > 1 && differs(b->trie[table], codes, key_cp, keys, value_cp, values))
        result |= CONV_DIFFERS;
    return ds_trie_builder_set(b->trie[table], codes, keys, (int32_t)result, err);
}

/* ---- the image ---- */

static void put_le16(ds_buf *b, size_t v)
{
    unsigned char t[2] = {(unsigned char)v, (unsigned char)(v >> 8)};
    ds_buf_put(b, t, sizeof t);
}

/* The cell of a code: see conv_cell. */
static uint32_t cell_of(const ds_converter_builder *b, uint16_t code)
{
    uint32_t cell = code;
    if (code <= CONV_MARKS)
        return 0;
    for (unsigned t = 0; t < DS_CONVERT_TABLES; t++)
        if (ds_trie_builder_step(b->trie[t], 0, code) != DS_TRIE_NONE)
            cell |= UINT32_C(1) << (CONV_CODE_BITS + t);
    return cell;
}

/* PAGE and CELL: blocks without a code share page 0, which is all zeros. */
static void put_cell_pages(const ds_converter_builder *b, ds_buf *pages, ds_buf *cells)
{
    static const char zeros[CONV_PAGE * 4];
    size_t used = 1;
    ds_buf_put(cells, zeros, sizeof zeros);
    for (size_t block = 0; block < CONV_BLOCKS; block++) {
        const uint16_t *page = b->codes.pages[block];
        put_le16(pages, page != NULL ? used++ : 0);
        for (size_t i = 0; page != NULL && i < CONV_PAGE; i++)
            ds_buf_u32(cells, cell_of(b, page[i]));
    }
}

static void put_section_table(const ds_buf *sections, size_t *end, ds_buf *table)
{
    size_t at = CONV_HEADER + CONV_SECTIONS * CONV_ENTRY;
    for (size_t i = 0; i < CONV_SECTIONS; i++) {
        at = (at + 7) & ~(size_t)7;
        ds_buf_put(table, &CONV_SECTION_IDS[4 * i], 4);
        ds_buf_u32(table, ds_crc32(0, sections[i].p, sections[i].n));
        ds_buf_u64(table, at);
        ds_buf_u64(table, sections[i].n);
        at += sections[i].n;
    }
    *end = at;
}

static void put_image(const ds_buf *sections, ds_buf *table, ds_buf *image)
{
    size_t start = image->n, end;
    put_section_table(sections, &end, table);
    ds_buf_put(image, DS_CONVERTER_MAGIC, 8);
    ds_buf_u32(image, DS_CONVERTER_VERSION);
    ds_buf_u32(image, CONV_SECTIONS);
    ds_buf_u64(image, end);
    if (image->status != DS_OK || table->status != DS_OK)
        return;
    ds_buf_u32(image, ds_crc32(ds_crc32(0, image->p + start, CONV_CRC), table->p, table->n));
    ds_buf_u32(image, 0);
    ds_buf_put(image, table->p, table->n);
    for (size_t i = 0; i < CONV_SECTIONS; i++) {
        while (image->status == DS_OK && (image->n - start) % 8 != 0)
            ds_buf_byte(image, '\0');
        ds_buf_put(image, sections[i].p, sections[i].n);
    }
}

static ds_status fill_sections(const ds_converter_builder *b, ds_str source, ds_buf *sections)
{
    ds_buf_put(&sections[CONV_SOURCE], source.p, source.n);
    ds_buf_put(&sections[CONV_RESULTS], b->results.p, b->results.n);
    ds_buf_put(&sections[CONV_TEXT], b->text.p, b->text.n);
    put_cell_pages(b, &sections[CONV_PAGES], &sections[CONV_CELLS]);
    for (size_t i = 0; i < DS_CONVERT_TABLES; i++)
        if (ds_trie_freeze(b->trie[i], &sections[CONV_TRIES + i], NULL) != DS_OK)
            return DS_ENOMEM;
    for (size_t i = 0; i < CONV_SECTIONS; i++)
        if (sections[i].status != DS_OK)
            return DS_ENOMEM;
    return DS_OK;
}

ds_status ds_converter_build(ds_converter_builder *b, ds_str source, ds_buf *image, ds_error *err)
{
    ds_buf sections[CONV_SECTIONS], table;
    for (size_t i = 0; i < CONV_SECTIONS; i++)
        ds_buf_init(&sections[i], &b->alloc);
    ds_buf_init(&table, &b->alloc);
    ds_status st = fill_sections(b, source, sections);
    if (st == DS_OK)
        put_image(sections, &table, image);
    if (image->status != DS_OK || table.status != DS_OK)
        st = DS_ENOMEM;
    for (size_t i = 0; i < CONV_SECTIONS; i++)
        ds_buf_clear(&sections[i]);
    ds_buf_clear(&table);
    return st == DS_OK ? DS_OK : ds_fail_nomem(err);
}
