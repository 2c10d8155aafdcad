/*
 * acc.h - accumulators: what a run collects about many articles, in parts that can be merged and saved.
 *
 * Kinds    count      a sum of integers
 *          sum        the exact sum of integers and doubles, rounded once when it is read
 *          moments    n, sum, mean, variance, least and greatest of finite doubles; the sums of x and of x*x are exact
 *          top        the k items of the greatest values; equal values by the items' bytes
 *          histogram  how many values lie between the edges given, below and above
 *          distinct   how many different keys: exact up to DS_ACC_EXACT, then estimated by HyperLogLog
 *          sample     k items drawn without replacement: those whose keys have the least hashes
 * Merging  ds_acc_merge is associative and commutative to the last bit: what an accumulator holds depends on the bag
 *          of things added, not on their order nor on how they were divided.
 * Saving   ds_acc_save writes little-endian bytes that are the same for the same bag (sums that left the range of
 *          double excepted, whose value is still the same); ds_acc_load checks what it reads.
 * Sources  sums: Shewchuk (1997), see stats.h; the square of a double is taken as two doubles without error by one
 *          fused multiply-add (Ogita, Rump and Oishi 2005); distinct: Flajolet et al. (2007) with the estimator of Ertl
 *          (2017), arXiv:1702.01284; the sample is the bottom-k sketch of Cohen and Kaplan (2007).
 * Error    of a distinct count beyond DS_ACC_EXACT: standard deviation 0.81 % (1.04 / sqrt(2^14)).
 * Errors   DS_EINVAL: the kind has no such operation, a value that it cannot take, or two that cannot be merged;
 *          DS_ENOMEM: after adding the accumulator is as it was, after merging it may hold a part and is of no more use;
 *          DS_ELIMIT: a sum of integers beyond 95 bits; DS_EFORMAT: damaged bytes.
 */
#ifndef DS_ACC_H
#define DS_ACC_H

#include "stats.h"

#define DS_ACC_EXACT 2048u       /* keys of a distinct count that are counted exactly */
#define DS_ACC_K_MAX (1u << 20)  /* items of a top or a sample */
#define DS_ACC_EDGES_MAX 65536u  /* edges of a histogram */

typedef enum ds_acc_kind {
    DS_ACC_COUNT = 1,
    DS_ACC_SUM,
    DS_ACC_MOMENTS,
    DS_ACC_TOP,
    DS_ACC_HISTOGRAM,
    DS_ACC_DISTINCT,
    DS_ACC_SAMPLE
} ds_acc_kind;
#define DS_ACC_KINDS 8 /* one more than the last */

typedef struct ds_acc_spec {
    ds_acc_kind kind;
    uint32_t k;          /* top, sample: how many items are kept, 1 .. DS_ACC_K_MAX */
    uint64_t seed;       /* sample */
    const double *edges; /* histogram: finite, strictly increasing, 2 .. DS_ACC_EDGES_MAX of them; copied */
    size_t n_edges;
} ds_acc_spec;

typedef struct ds_acc ds_acc;

/* Name of a kind ("count"), NULL for a number that is none. */
const char *ds_acc_kind_name(ds_acc_kind kind);

DS_MUSTUSE ds_status ds_acc_new(const ds_alloc *a, const ds_acc_spec *spec, ds_acc **out, ds_error *err);
void ds_acc_free(ds_acc *acc);
ds_acc_kind ds_acc_kind_of(const ds_acc *acc);

/* count, sum. */
DS_MUSTUSE ds_status ds_acc_add_integer(ds_acc *acc, int64_t x, ds_error *err);
/* sum, moments, histogram; moments and histogram refuse what is not finite. */
DS_MUSTUSE ds_status ds_acc_add_number(ds_acc *acc, double x, ds_error *err);
/* top: `item` (copied) with its value, which must not be NaN. */
DS_MUSTUSE ds_status ds_acc_add_item(ds_acc *acc, double value, ds_str item, ds_error *err);
/* distinct: `item` is left out of account.  sample: `key` tells the item from all others, such as the article's id and
 * the place in it; both are copied. */
DS_MUSTUSE ds_status ds_acc_add_key(ds_acc *acc, ds_str key, ds_str item, ds_error *err);

/* Adds all of `from`, another accumulator of the same kind and parameters. */
DS_MUSTUSE ds_status ds_acc_merge(ds_acc *into, const ds_acc *from, ds_error *err);
/* Appends the saved form; the buffer's status says whether there was memory. */
DS_MUSTUSE ds_status ds_acc_save(const ds_acc *acc, ds_buf *out, ds_error *err);
DS_MUSTUSE ds_status ds_acc_load(const ds_alloc *a, ds_str saved, ds_acc **out, ds_error *err);

/* count, sum: true when the sum is an integer of 64 bits and no double was added; *i has it.  *x has the sum rounded to
 * double in either case. */
bool ds_acc_total(const ds_acc *acc, int64_t *i, double *x);

typedef struct ds_acc_moments {
    uint64_t n;
    double sum, mean;  /* mean: NaN when n = 0 */
    double variance;   /* with n - 1 below; NaN when n < 2 */
    double min, max;   /* NaN when n = 0 */
} ds_acc_moments;
/* moments.  DS_ENOMEM: no room for the exact products. */
DS_MUSTUSE ds_status ds_acc_moments_of(const ds_acc *acc, ds_acc_moments *out, ds_error *err);

/* histogram: counts[0 .. n_edges - 2] of edges[i] <= x < edges[i + 1] (the last bin holds its upper edge too);
 * *below and *above: outside.  The views live until the next change. */
size_t ds_acc_bins(const ds_acc *acc, const double **edges, const uint64_t **counts, uint64_t *below, uint64_t *above);

/* distinct: the count; *exact says whether it is one. */
double ds_acc_distinct(const ds_acc *acc, bool *exact);

typedef struct ds_acc_entry {
    double value; /* top */
    ds_str key;   /* sample */
    ds_str item;
} ds_acc_entry;
/* top, sample: how many items there are, and item i of them: the greatest value first; by hash.  Sorts on first use, so
 * it is no call for two threads at once. */
size_t ds_acc_count(const ds_acc *acc);
ds_acc_entry ds_acc_at(ds_acc *acc, size_t i);

/* A 64-bit hash of bytes, the same on every machine; not a cryptographic one. */
uint64_t ds_acc_hash(uint64_t seed, ds_str s);

#endif
