/* convert_out.c - where converted characters go; see convert_int.h. */
#include <string.h>

#include "convert_int.h"

/* Where the original stands after the map's last run. */
static size_t map_end(const ds_offmap *map)
{
    size_t beg, end;
    if (map == NULL)
        return 0;
    ds_offmap_origin(map, map->out_len, map->out_len, &beg, &end);
    return end;
}

void conv_out_init(conv_out *o, ds_str in, ds_buf *buf, ds_offmap *map)
{
    *o = (conv_out){.in = in, .src = map_end(map), .buf = buf, .map = map, .last_out = SIZE_MAX};
}

/* Puts the characters under way into the map. */
static void settle(conv_out *o)
{
    if (o->last_out == SIZE_MAX)
        return;
    size_t n = o->buf->n - o->last_out, from = o->last.end - o->last.beg;
    o->last_out = SIZE_MAX;
    if (o->buf->status != DS_OK)
        return;
    if (o->last_count == 1 && n == from)
        ds_offmap_linear(o->map, n, o->src + o->last.beg);
    else
        ds_offmap_atom(o->map, n, o->src + o->last.beg, from);
}

void conv_out_copy(conv_out *o, size_t beg, size_t end)
{
    settle(o);
    if (beg == end)
        return;
    ds_buf_put(o->buf, o->in.p + beg, end - beg);
    if (o->map != NULL && o->buf->status == DS_OK)
        ds_offmap_linear(o->map, end - beg, o->src + beg);
}

/* Appends the character's bytes. */
static void put_converted(conv_out *o, const conv_char *c)
{
    ds_buf *b = o->buf;
    if (c->cp == DS_UTF8_BAD) {
        ds_buf_put(b, o->in.p + c->beg, c->end - c->beg);
        return;
    }
    if (b->cap - b->n < DS_UTF8_MAX && !ds_buf_reserve(b, DS_UTF8_MAX))
        return;
    b->n += ds_utf8_encode(c->cp, b->p + b->n);
}

void conv_out_char(conv_out *o, conv_char c)
{
    if (o->map == NULL) {
        put_converted(o, &c);
        return;
    }
    if (o->last_out != SIZE_MAX && c.beg < o->last.end) { /* they share bytes of the original */
        o->last.end = c.end > o->last.end ? c.end : o->last.end;
        o->last_count++;
    } else {
        settle(o);
        o->last = c;
        o->last_out = o->buf->n;
        o->last_count = 1;
    }
    put_converted(o, &c);
}

ds_status conv_out_finish(conv_out *o)
{
    settle(o);
    return o->buf->status == DS_OK && (o->map == NULL || o->map->status == DS_OK) ? DS_OK : DS_ENOMEM;
}
