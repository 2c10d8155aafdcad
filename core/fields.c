/* fields.c - see fields.h. */
#include "fields.h"

#include <string.h>

static void put_str(ds_buf *row, ds_str s)
{
    ds_buf_varint(row, s.n);
    ds_buf_put(row, s.p, s.n);
}

void ds_fields_name(ds_buf *row, ds_str name)
{
    put_str(row, name);
}

void ds_fields_value(ds_buf *row, const ds_value *v)
{
    ds_buf_byte(row, (char)v->kind);
    switch (v->kind) {
    case DS_KIND_FALSE:
    case DS_KIND_TRUE:
        break;
    case DS_KIND_INTEGER: /* zigzag: small negative numbers are short, too */
        ds_buf_varint(row, ((uint64_t)v->integer << 1) ^ (v->integer < 0 ? UINT64_MAX : 0));
        break;
    case DS_KIND_NUMBER: {
        uint64_t bits;
        memcpy(&bits, &v->number, sizeof bits);
        ds_buf_u64(row, bits);
        break;
    }
    case DS_KIND_STRING:
    case DS_KIND_DATE:
        put_str(row, v->str);
        break;
    case DS_KIND_LIST:
    case DS_KIND_MAP:
        ds_buf_varint(row, v->count);
        break;
    }
}

void ds_fields_string(ds_buf *row, const char *name, ds_str s)
{
    if (s.n == 0)
        return;
    ds_fields_name(row, ds_str_of(name));
    ds_fields_value(row, &(ds_value){.kind = DS_KIND_STRING, .str = s});
}

void ds_fields_read(ds_fields *f, ds_str row)
{
    f->at = (const unsigned char *)row.p;
    f->end = f->at + row.n;
}

static bool read_str(ds_fields *f, ds_str *s)
{
    uint64_t n;
    if (!ds_varint(&f->at, f->end, &n) || n > (size_t)(f->end - f->at))
        return false;
    *s = (ds_str){(const char *)f->at, (size_t)n};
    f->at += n;
    return true;
}

bool ds_fields_next_name(ds_fields *f, ds_str *name)
{
    return read_str(f, name);
}

static bool read_number(ds_fields *f, double *v)
{
    if (f->end - f->at < 8)
        return false;
    uint64_t bits = ds_load64(f->at);
    memcpy(v, &bits, sizeof bits);
    f->at += 8;
    return true;
}

bool ds_fields_next_value(ds_fields *f, ds_value *v)
{
    uint64_t n;
    *v = (ds_value){0};
    if (f->at >= f->end || *f->at > DS_KIND_MAP)
        return false;
    v->kind = (ds_kind)*f->at++;
    switch (v->kind) {
    case DS_KIND_FALSE:
    case DS_KIND_TRUE:
        return true;
    case DS_KIND_INTEGER:
        if (!ds_varint(&f->at, f->end, &n))
            return false;
        v->integer = (int64_t)(n >> 1 ^ (n & 1 ? UINT64_MAX : 0));
        return true;
    case DS_KIND_NUMBER:
        return read_number(f, &v->number);
    case DS_KIND_STRING:
    case DS_KIND_DATE:
        return read_str(f, &v->str);
    case DS_KIND_LIST:
    case DS_KIND_MAP: /* each value has a byte at least */
        return ds_varint32(&f->at, f->end, &v->count) && v->count <= (size_t)(f->end - f->at);
    }
    return false;
}

static bool skip(ds_fields *f, const ds_value *v, int depth)
{
    if (v->kind != DS_KIND_LIST && v->kind != DS_KIND_MAP)
        return true;
    if (depth >= DS_FIELDS_DEPTH)
        return false;
    for (uint32_t i = 0; i < v->count; i++) {
        ds_str name;
        ds_value inner;
        if ((v->kind == DS_KIND_MAP && !ds_fields_next_name(f, &name)) || !ds_fields_next_value(f, &inner) ||
            !skip(f, &inner, depth + 1))
            return false;
    }
    return true;
}

bool ds_fields_skip(ds_fields *f, const ds_value *v)
{
    return skip(f, v, 0);
}

ds_str ds_fields_find(ds_str row, const char *name)
{
    ds_fields f;
    ds_str found;
    ds_value v;
    ds_fields_read(&f, row);
    while (f.at < f.end && ds_fields_next_name(&f, &found) && ds_fields_next_value(&f, &v)) {
        if (ds_str_eq(found, ds_str_of(name)) && (v.kind == DS_KIND_STRING || v.kind == DS_KIND_DATE))
            return v.str;
        if (!ds_fields_skip(&f, &v))
            break;
    }
    return (ds_str){"", 0};
}
