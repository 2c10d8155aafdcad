/* acc_bag.c - the k least of a bag of entries, for top and sample: see acc.h. */
#include "acc_int.h"

#include <stdlib.h>
#include <string.h>

/* By rank, then key, then item: entries that compare equal are equal. */
static int compare(const acc_entry *a, const acc_entry *b)
{
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    int c = ds_str_cmp((ds_str){a->p, a->key}, (ds_str){b->p, b->key});
    return c != 0 ? c : ds_str_cmp((ds_str){a->p + a->key, a->item}, (ds_str){b->p + b->key, b->item});
}

static int compare_for_qsort(const void *a, const void *b)
{
    return compare(a, b);
}

void acc_bag_sort(acc_bag *bag)
{
    if (!bag->sorted && bag->n > 1)
        qsort(bag->e, bag->n, sizeof *bag->e, compare_for_qsort);
    bag->sorted = true;
}

static void sift_down(acc_bag *bag, size_t at)
{
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= bag->n)
            return;
        if (child + 1 < bag->n && compare(&bag->e[child], &bag->e[child + 1]) < 0)
            child++;
        if (compare(&bag->e[at], &bag->e[child]) >= 0)
            return;
        acc_entry swap = bag->e[at];
        bag->e[at] = bag->e[child];
        bag->e[child] = swap;
        at = child;
    }
}

static void sift_up(acc_bag *bag, size_t at)
{
    while (at > 0 && compare(&bag->e[(at - 1) / 2], &bag->e[at]) < 0) {
        acc_entry swap = bag->e[at];
        bag->e[at] = bag->e[(at - 1) / 2];
        bag->e[(at - 1) / 2] = swap;
        at = (at - 1) / 2;
    }
}

/* A sorted array, read backwards, is a heap: so is a rotated one after this. */
static void make_heap(acc_bag *bag)
{
    if (!bag->sorted)
        return;
    for (size_t i = 0, j = bag->n; i + 1 < j; i++) {
        acc_entry swap = bag->e[i];
        bag->e[i] = bag->e[--j];
        bag->e[j] = swap;
    }
    bag->sorted = false;
}

static void free_entry(ds_acc *acc, const acc_entry *e)
{
    ds_mfree(acc->alloc, e->p, e->key + e->item);
}

/* Sets p to a copy of key and item; NULL for two empty ones. */
static ds_status copy_entry(ds_acc *acc, acc_entry *e, ds_str key, ds_str item, ds_error *err)
{
    size_t n;
    if (!ds_add(key.n, item.n, &n))
        return ds_fail_nomem(err);
    e->p = ds_malloc(acc->alloc, n);
    if (e->p == NULL && n > 0)
        return ds_fail_nomem(err);
    if (key.n > 0)
        memcpy(e->p, key.p, key.n);
    if (item.n > 0)
        memcpy(e->p + key.n, item.p, item.n);
    e->key = key.n;
    e->item = item.n;
    return DS_OK;
}

static bool is_kept(const acc_bag *bag, uint64_t rank, ds_str key, ds_str item)
{
    if (bag->n < bag->k)
        return true;
    const acc_entry *worst = &bag->e[0];
    if (rank != worst->rank)
        return rank < worst->rank;
    int c = ds_str_cmp(key, (ds_str){worst->p, worst->key});
    return c != 0 ? c < 0 : ds_str_cmp(item, (ds_str){worst->p + worst->key, worst->item}) < 0;
}

ds_status acc_bag_add(ds_acc *acc, uint64_t rank, ds_str key, ds_str item, ds_error *err)
{
    acc_bag *bag = &acc->bag;
    acc_entry e = {.rank = rank};
    make_heap(bag);
    if (!is_kept(bag, rank, key, item))
        return DS_OK;
    if (bag->n < bag->k && ds_grow(acc->alloc, (void **)&bag->e, &bag->cap, bag->n + 1, sizeof *bag->e) != DS_OK)
        return ds_fail_nomem(err);
    if (copy_entry(acc, &e, key, item, err) != DS_OK)
        return DS_ENOMEM;
    if (bag->n < bag->k) {
        bag->e[bag->n++] = e;
        sift_up(bag, bag->n - 1);
        return DS_OK;
    }
    free_entry(acc, &bag->e[0]);
    bag->e[0] = e;
    sift_down(bag, 0);
    return DS_OK;
}

ds_status acc_bag_merge(ds_acc *into, const ds_acc *from, ds_error *err)
{
    for (size_t i = 0; i < from->bag.n; i++) {
        const acc_entry *e = &from->bag.e[i];
        ds_status st = acc_bag_add(into, e->rank, (ds_str){e->p, e->key}, (ds_str){e->p + e->key, e->item}, err);
        if (st != DS_OK)
            return st;
    }
    return DS_OK;
}

void acc_bag_clear(ds_acc *acc)
{
    acc_bag *bag = &acc->bag;
    for (size_t i = 0; i < bag->n; i++)
        free_entry(acc, &bag->e[i]);
    ds_mfree(acc->alloc, bag->e, bag->cap * sizeof *bag->e);
    *bag = (acc_bag){.k = bag->k};
}

/* Sorted by way of pointers: the accumulator itself is not touched. */
static int compare_pointers(const void *a, const void *b)
{
    return compare(*(const acc_entry *const *)a, *(const acc_entry *const *)b);
}

ds_status acc_bag_save(const ds_acc *acc, ds_buf *out, ds_error *err)
{
    const acc_bag *bag = &acc->bag;
    const acc_entry **at = ds_calloc(acc->alloc, bag->n > 0 ? bag->n : 1, sizeof *at);
    if (at == NULL)
        return ds_fail_nomem(err);
    for (size_t i = 0; i < bag->n; i++)
        at[i] = &bag->e[i];
    qsort(at, bag->n, sizeof *at, compare_pointers);
    ds_buf_u64(out, bag->k);
    ds_buf_u64(out, bag->n);
    for (size_t i = 0; i < bag->n; i++) {
        ds_buf_u64(out, at[i]->rank);
        ds_buf_u64(out, at[i]->key);
        ds_buf_u64(out, at[i]->item);
        ds_buf_put(out, at[i]->p, at[i]->key + at[i]->item);
    }
    ds_mfree(acc->alloc, at, (bag->n > 0 ? bag->n : 1) * sizeof *at);
    return DS_OK;
}

ds_status acc_bag_load(ds_acc *acc, acc_reader *r, ds_error *err)
{
    uint64_t n = acc_read64(r);
    if (n > acc->bag.k)
        r->bad = true;
    for (uint64_t i = 0; !r->bad && i < n; i++) {
        uint64_t rank = acc_read64(r), key_n = acc_read64(r), item_n = acc_read64(r);
        ds_str key = acc_read_bytes(r, key_n), item = acc_read_bytes(r, item_n);
        if (!r->bad && acc_bag_add(acc, rank, key, item, err) != DS_OK)
            return DS_ENOMEM;
    }
    return DS_OK;
}
