/* nn.c - opening a compiled network; see nn.h and nn_int.h. */
#include <string.h>

#include "mapping.h"
#include "nn_int.h"

static ds_status check_header(ds_str image, ds_error *err)
{
    static const union {
        uint32_t number;
        unsigned char bytes[4];
    } order = {1};
    if (order.bytes[0] != 1)
        return ds_fail(err, DS_EINVAL, 0, 0, "a tagger needs a little-endian machine");
    if ((uintptr_t)image.p % 8 != 0)
        return ds_fail(err, DS_EINVAL, 0, 0, "a tagger's image must lie at a multiple of 8");
    if (image.n < NN_HEADER + NN_SECTIONS * NN_ENTRY)
        return ds_fail(err, DS_EFORMAT, image.n, 0, "tagger is cut short: %zu bytes", image.n);
    if (memcmp(image.p, DS_NN_MAGIC, 8) != 0)
        return ds_fail(err, DS_EFORMAT, 0, 0, "not a compiled tagger (no \"" DS_NN_MAGIC "\" at its start)");
    uint32_t version = ds_load32(image.p + 8), sections = ds_load32(image.p + 12);
    if (version != DS_NN_VERSION)
        return ds_fail(err, DS_EFORMAT, 8, 0, "tagger version %u is not %u: rebuild it", version, DS_NN_VERSION);
    if (sections != NN_SECTIONS)
        return ds_fail(err, DS_EFORMAT, 12, 0, "tagger has %u sections, not %d", sections, NN_SECTIONS);
    if (ds_load64(image.p + 16) != image.n)
        return ds_fail(err, DS_EFORMAT, 16, 0, "tagger is %zu bytes long, its header says otherwise", image.n);
    uint32_t crc = ds_crc32(0, image.p, NN_CRC);
    crc = ds_crc32(crc, image.p + NN_HEADER, NN_SECTIONS * NN_ENTRY);
    if (ds_load32(image.p + NN_CRC) != crc || ds_load32(image.p + NN_CRC + 4) != 0)
        return ds_fail(err, DS_EFORMAT, NN_CRC, 0, "tagger's header is damaged (checksum)");
    return DS_OK;
}

static ds_status check_crc(const ds_nn *nn, size_t i, ds_error *err)
{
    if (ds_crc32(0, nn->section[i].p, nn->section[i].n) == nn->section_crc[i])
        return DS_OK;
    return ds_fail(err, DS_EFORMAT, nn->section_off[i], 0, "tagger's section %.4s is damaged (checksum)",
                   &NN_SECTION_IDS[4 * i]);
}

static ds_status read_sections(ds_nn *nn, ds_error *err)
{
    for (size_t i = 0; i < NN_SECTIONS; i++) {
        size_t at = NN_HEADER + i * NN_ENTRY;
        const char *e = nn->image.p + at;
        uint64_t off = ds_load64(e + 8), len = ds_load64(e + 16);
        if (memcmp(e, &NN_SECTION_IDS[4 * i], 4) != 0)
            return ds_fail(err, DS_EFORMAT, at, 0, "tagger's section %zu has the wrong name", i);
        if (off % NN_ALIGN != 0)
            return ds_fail(err, DS_EFORMAT, at + 8, 0, "tagger's section %zu begins at a wrong place", i);
#ifndef DS_PLANT_NN /* without this check: a bug that fuzzing must find, `make fuzz` */
        if (off > nn->image.n)
            return ds_fail(err, DS_EFORMAT, at + 8, 0, "tagger's section %zu begins past the end", i);
#endif
        if (len > nn->image.n - off)
            return ds_fail(err, DS_EFORMAT, at + 8, 0, "tagger's section %zu reaches past the end", i);
        nn->section[i] = (ds_str){nn->image.p + off, (size_t)len};
        nn->section_off[i] = off;
        nn->section_crc[i] = ds_load32(e + 4);
        if (i != NN_TABLE && check_crc(nn, i, err) != DS_OK)
            return DS_EFORMAT;
    }
    return DS_OK;
}

/* Names after which a word's inside is a matter of taste: institutions, places, dates, numbers. */
static bool is_loose(const char *name)
{
    static const char *const names[] = {"LOC-I", "ORG-I", "TIME-I", "m-I"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static ds_status index_names(ds_nn *nn, ds_error *err)
{
    ds_str s = nn->section[NN_NAMES];
    if (s.n == 0 || s.p[s.n - 1] != '\0')
        return ds_fail(err, DS_EFORMAT, nn->section_off[NN_NAMES], 0, "tagger's names of tags are damaged");
    for (size_t i = 0; i < s.n; i += strlen(s.p + i) + 1) {
        const char *name = s.p + i;
        size_t n = strlen(name);
        if (nn->tags == NN_TAGS)
            return ds_fail(err, DS_EFORMAT, nn->section_off[NN_NAMES] + i, 0, "tagger has more than %d tags", NN_TAGS);
        uint64_t bit = (uint64_t)1 << nn->tags;
        if (n < 2 || strcmp(name + n - 2, "-I") != 0)
            nn->begins |= bit;
        else if (is_loose(name))
            nn->loose |= bit;
        nn->names[nn->tags++] = name;
    }
    return DS_OK;
}

static ds_status check_sizes(ds_nn *nn, ds_error *err)
{
    const size_t wanted[NN_SECTIONS] = {[NN_PAGES] = NN_BLOCKS * 2,
                                        [NN_FUNCTIONS] = sizeof *nn->functions,
                                        [NN_LAYERS] = 4 * sizeof *nn->layers,
                                        [NN_PROJECT] = 2 * sizeof *nn->project,
                                        [NN_OUTPUT] = sizeof *nn->output,
                                        [NN_CRF] = sizeof *nn->crf};
    for (size_t i = 0; i < NN_SECTIONS; i++)
        if (wanted[i] != 0 && nn->section[i].n != wanted[i])
            return ds_fail(err, DS_EFORMAT, nn->section_off[i], 0, "tagger's section %.4s has the wrong size",
                           &NN_SECTION_IDS[4 * i]);
    size_t codes = nn->section[NN_CODES].n, row = NN_ROW * sizeof *nn->table;
    if (codes == 0 || codes % (NN_PAGE * 2) != 0)
        return ds_fail(err, DS_EFORMAT, nn->section_off[NN_CODES], 0, "tagger's section CODE has the wrong size");
    if (nn->section[NN_TABLE].n == 0 || nn->section[NN_TABLE].n % row != 0)
        return ds_fail(err, DS_EFORMAT, nn->section_off[NN_TABLE], 0, "tagger's section ROWS has the wrong size");
    nn->rows = nn->section[NN_TABLE].n / row;
    nn->page_count = codes / (NN_PAGE * 2);
    return index_names(nn, err);
}

static void point_into(ds_nn *nn)
{
    nn->functions = (const void *)nn->section[NN_FUNCTIONS].p;
    nn->layers = (const void *)nn->section[NN_LAYERS].p;
    nn->project = (const void *)nn->section[NN_PROJECT].p;
    nn->output = (const void *)nn->section[NN_OUTPUT].p;
    nn->crf = (const void *)nn->section[NN_CRF].p;
    nn->table = (const void *)nn->section[NN_TABLE].p;
}

ds_status ds_nn_view(const ds_alloc *a, ds_str image, ds_nn **out, ds_error *err)
{
    *out = NULL;
    a = ds_alloc_or_libc(a);
    ds_status st = check_header(image, err);
    if (st != DS_OK)
        return st;
    ds_nn *nn = ds_calloc(a, 1, sizeof *nn);
    if (nn == NULL)
        return ds_fail_nomem(err);
    nn->alloc = *a;
    nn->image = image;
    if ((st = read_sections(nn, err)) != DS_OK || (st = check_sizes(nn, err)) != DS_OK) {
        ds_nn_free(nn);
        return st;
    }
    point_into(nn);
    *out = nn;
    return DS_OK;
}

ds_status ds_nn_open(const ds_alloc *a, const char *path, ds_nn **out, ds_error *err)
{
    ds_str image;
    *out = NULL;
    ds_status st = ds_mapping_open(path, &image, err);
    if (st != DS_OK)
        return st;
    ds_error why = {.msg = ""};
    st = ds_nn_view(a, image, out, &why);
    if (st == DS_OK) {
        (*out)->mapped = true;
        return DS_OK;
    }
    ds_mapping_close(image);
    return ds_fail(err, st, why.off, 0, "%s: %s", why.msg, path);
}

void ds_nn_free(ds_nn *nn)
{
    if (nn == NULL)
        return;
    ds_alloc a = nn->alloc;
    if (nn->mapped)
        ds_mapping_close(nn->image);
    ds_mfree(&a, nn, sizeof *nn);
}

/* Between the sections, which stand in the order of the table, there is nothing but zeros. */
static ds_status verify_gaps(const ds_nn *nn, ds_error *err)
{
    uint64_t at = NN_HEADER + NN_SECTIONS * NN_ENTRY;
    for (size_t i = 0; i <= NN_SECTIONS; i++) {
        uint64_t next = i < NN_SECTIONS ? nn->section_off[i] : nn->image.n;
        for (; at < next; at++)
            if (nn->image.p[at] != '\0')
                return ds_fail(err, DS_EFORMAT, at, 0, "tagger is damaged between two sections");
        at = i < NN_SECTIONS ? next + nn->section[i].n : at;
    }
    return DS_OK;
}

ds_status ds_nn_verify(const ds_nn *nn, ds_error *err)
{
    for (size_t i = 0; i < NN_SECTIONS; i++)
        if (check_crc(nn, i, err) != DS_OK)
            return DS_EFORMAT;
    return verify_gaps(nn, err);
}

ds_str ds_nn_source(const ds_nn *nn)
{
    return nn->section[NN_SOURCE];
}

uint32_t ds_nn_crc(const ds_nn *nn)
{
    return ds_load32(nn->image.p + NN_CRC);
}

size_t ds_nn_tag_count(const ds_nn *nn)
{
    return nn->tags;
}

const char *ds_nn_tag_name(const ds_nn *nn, uint8_t tag)
{
    return tag < nn->tags ? nn->names[tag] : "";
}

uint16_t ds_nn_id(const ds_nn *nn, uint32_t cp)
{
    size_t page = cp < 0x110000 ? ds_load16(nn->section[NN_PAGES].p + (cp >> 8) * 2) : nn->page_count;
    if (page >= nn->page_count)
        return 0;
    uint16_t id = ds_load16(nn->section[NN_CODES].p + (page * NN_PAGE + (cp & 255)) * 2);
    return id < nn->rows ? id : 0;
}
