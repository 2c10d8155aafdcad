/* acc_int.h - what the files of acc share. */
#ifndef DS_ACC_INT_H
#define DS_ACC_INT_H

#include "acc.h"

/* An integer beyond 64 bits: high * 2^32 + low, 0 <= low < 2^32. */
typedef struct acc_int {
    int64_t high;
    uint64_t low;
} acc_int;

typedef struct acc_entry {
    uint64_t rank; /* the least are kept */
    char *p;       /* key and item, one behind the other */
    size_t key, item; /* their bytes */
} acc_entry;

/* The k least entries of a bag: a heap whose root is the greatest, or sorted. */
typedef struct acc_bag {
    acc_entry *e;
    size_t n, cap;
    uint32_t k;
    bool sorted;
} acc_bag;

/* The hashes of a set: a table of open addressing, or registers once it holds more than DS_ACC_EXACT. */
typedef struct acc_set {
    uint64_t *slot; /* 0: empty; the hash 0 is kept in has_zero */
    size_t n;
    bool has_zero;
    uint8_t *reg;
} acc_set;

struct ds_acc {
    const ds_alloc *alloc;
    ds_alloc own;
    ds_acc_kind kind;
    acc_int whole;     /* count, sum; moments: low alone counts */
    ds_fsum s1, s2;    /* sum: s1; moments: of x and of x * x */
    double min, max;   /* moments */
    bool real;         /* sum: a double was added */
    double *edges;     /* histogram */
    uint64_t *counts;  /* its bins, then below and above */
    size_t n_edges;
    uint64_t seed;     /* sample */
    acc_bag bag;       /* top, sample */
    acc_set set;       /* distinct */
};

/* Bytes that are read, with a sticky failure. */
typedef struct acc_reader {
    const char *p;
    size_t n, at;
    bool bad;
} acc_reader;
uint64_t acc_read64(acc_reader *r);
double acc_read_double(acc_reader *r);
ds_str acc_read_bytes(acc_reader *r, uint64_t n);
void acc_put_double(ds_buf *b, double x);

/* Sums of doubles in their one shortest form. */
ds_status acc_save_sum(const ds_acc *acc, const ds_fsum *s, ds_buf *out, ds_error *err);
ds_status acc_load_sum(ds_fsum *s, acc_reader *r, ds_error *err);

ds_status acc_bag_add(ds_acc *acc, uint64_t rank, ds_str key, ds_str item, ds_error *err);
ds_status acc_bag_merge(ds_acc *into, const ds_acc *from, ds_error *err);
void acc_bag_sort(acc_bag *bag);
void acc_bag_clear(ds_acc *acc);
ds_status acc_bag_save(const ds_acc *acc, ds_buf *out, ds_error *err);
ds_status acc_bag_load(ds_acc *acc, acc_reader *r, ds_error *err);

ds_status acc_set_add(ds_acc *acc, uint64_t hash, ds_error *err);
ds_status acc_set_merge(ds_acc *into, const ds_acc *from, ds_error *err);
void acc_set_clear(ds_acc *acc);
void acc_set_save(const ds_acc *acc, ds_buf *out);
ds_status acc_set_load(ds_acc *acc, acc_reader *r, ds_error *err);

#endif
