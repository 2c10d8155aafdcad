/* convert.c - reading the compiled conversion tables; see convert.h.  The builder is in convert_build.c. */
#include <string.h>

#include "convert_int.h"
#include "mapping.h"

static ds_status check_conv_header(ds_str image, ds_error *err)
{
    if (image.n < CONV_HEADER + CONV_SECTIONS * CONV_ENTRY)
        return ds_fail(err, DS_EFORMAT, image.n, 0, "conversion tables are cut short: %zu bytes", image.n);
    if (memcmp(image.p, DS_CONVERTER_MAGIC, 8) != 0)
        return ds_fail(err, DS_EFORMAT, 0, 0, "not conversion tables (no \"" DS_CONVERTER_MAGIC "\" at their start)");
    uint32_t version = ds_load32(image.p + 8), sections = ds_load32(image.p + 12);
    if (version != DS_CONVERTER_VERSION)
        return ds_fail(err, DS_EFORMAT, 8, 0, "conversion tables' version %u is not %u: rebuild them", version,
                       DS_CONVERTER_VERSION);
    if (sections != CONV_SECTIONS)
        return ds_fail(err, DS_EFORMAT, 12, 0, "conversion tables have %u sections, not %d", sections, CONV_SECTIONS);
    if (ds_load64(image.p + 16) != image.n)
        return ds_fail(err, DS_EFORMAT, 16, 0, "conversion tables are %zu bytes long, their header says otherwise",
                       image.n);
    uint32_t crc = ds_crc32(0, image.p, CONV_CRC);
    crc = ds_crc32(crc, image.p + CONV_HEADER, CONV_SECTIONS * CONV_ENTRY);
    if (ds_load32(image.p + CONV_CRC) != crc)
        return ds_fail(err, DS_EFORMAT, CONV_CRC, 0, "header of the conversion tables is damaged (checksum)");
    return DS_OK;
}

static ds_status read_conv_sections(ds_converter *conv, ds_error *err)
{
    for (size_t i = 0; i < CONV_SECTIONS; i++) {
        size_t at = CONV_HEADER + i * CONV_ENTRY;
        const char *e = conv->image.p + at;
        uint64_t off = ds_load64(e + 8), len = ds_load64(e + 16);
        if (memcmp(e, &CONV_SECTION_IDS[4 * i], 4) != 0)
            return ds_fail(err, DS_EFORMAT, at, 0, "section %zu of the conversion tables has the wrong name", i);
        if (off > conv->image.n || len > conv->image.n - off)
            return ds_fail(err, DS_EFORMAT, at + 8, 0, "section %zu of the conversion tables reaches past the end", i);
        conv->section[i] = (ds_str){conv->image.p + off, (size_t)len};
        conv->section_off[i] = off;
        conv->section_crc[i] = ds_load32(e + 4);
    }
    return DS_OK;
}

static ds_status wrong_size(const ds_converter *conv, size_t section, ds_error *err)
{
    return ds_fail(err, DS_EFORMAT, conv->section_off[section], 0,
                   "section %.4s of the conversion tables has the wrong size", &CONV_SECTION_IDS[4 * section]);
}

static ds_status check_conv_sections(ds_converter *conv, ds_error *err)
{
    size_t cells = conv->section[CONV_CELLS].n;
    if (conv->section[CONV_PAGES].n != CONV_BLOCKS * 2)
        return wrong_size(conv, CONV_PAGES, err);
    if (cells == 0 || cells % (CONV_PAGE * 4) != 0)
        return wrong_size(conv, CONV_CELLS, err);
    if (conv->section[CONV_RESULTS].n % CONV_RESULT != 0)
        return wrong_size(conv, CONV_RESULTS, err);
    if (conv->section[CONV_TEXT].n % 4 != 0)
        return wrong_size(conv, CONV_TEXT, err);
    for (size_t i = 0; i < DS_CONVERT_TABLES; i++)
        if (!ds_trie_view(conv->section[CONV_TRIES + i], &conv->trie[i]))
            return wrong_size(conv, CONV_TRIES + i, err);
    conv->pages = cells / (CONV_PAGE * 4);
    conv->results = conv->section[CONV_RESULTS].n / CONV_RESULT;
    conv->text = conv->section[CONV_TEXT].n / 4;
    return DS_OK;
}

ds_status ds_converter_view(const ds_alloc *a, ds_str image, ds_converter **out, ds_error *err)
{
    *out = NULL;
    a = ds_alloc_or_libc(a);
    ds_status st = check_conv_header(image, err);
    if (st != DS_OK)
        return st;
    ds_converter *conv = ds_calloc(a, 1, sizeof *conv);
    if (conv == NULL)
        return ds_fail_nomem(err);
    conv->alloc = *a;
    conv->image = image;
    if ((st = read_conv_sections(conv, err)) != DS_OK || (st = check_conv_sections(conv, err)) != DS_OK) {
        ds_converter_free(conv);
        return st;
    }
    *out = conv;
    return DS_OK;
}

ds_status ds_converter_open(const ds_alloc *a, const char *path, ds_converter **out, ds_error *err)
{
    ds_str image;
    *out = NULL;
    ds_status st = ds_mapping_open(path, &image, err);
    if (st != DS_OK)
        return st;
    st = ds_converter_view(a, image, out, err);
    if (st != DS_OK)
        ds_mapping_close(image);
    else
        (*out)->mapped = true;
    return st;
}

void ds_converter_free(ds_converter *conv)
{
    if (conv == NULL)
        return;
    ds_alloc a = conv->alloc;
    if (conv->mapped)
        ds_mapping_close(conv->image);
    ds_mfree(&a, conv, sizeof *conv);
}

ds_status ds_converter_verify(const ds_converter *conv, ds_error *err)
{
    for (size_t i = 0; i < CONV_SECTIONS; i++)
        if (ds_crc32(0, conv->section[i].p, conv->section[i].n) != conv->section_crc[i])
            return ds_fail(err, DS_EFORMAT, conv->section_off[i], 0,
                           "section %.4s of the conversion tables is damaged (checksum)", &CONV_SECTION_IDS[4 * i]);
    return DS_OK;
}

ds_str ds_converter_source(const ds_converter *conv)
{
    return conv->section[CONV_SOURCE];
}

conv_result conv_result_of(const ds_converter *conv, uint32_t value)
{
    uint32_t which = value & CONV_RESULT_BITS;
    if (which < CONV_FIRST_ENTRY)
        return (conv_result){NULL, 1, which};
    which -= CONV_FIRST_ENTRY;
    if (which >= conv->results)
        return (conv_result){NULL, 1, 0xFFFD};
    const char *e = conv->section[CONV_RESULTS].p + (size_t)which * CONV_RESULT;
    uint32_t beg = ds_load32(e), count = ds_load32(e + 4);
    if (beg > conv->text || count > conv->text - beg || count > DS_CONVERT_KEY_MAX)
        return (conv_result){NULL, 1, 0xFFFD};
    return (conv_result){conv->section[CONV_TEXT].p + 4 * (size_t)beg, count, 0};
}
