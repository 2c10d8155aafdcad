/* acc_distinct.c - how many different keys: an exact set of hashes, then HyperLogLog: see acc.h. */
#include "acc_int.h"

#include <math.h>
#include <string.h>

#define SLOTS 4096u /* a power of two, twice DS_ACC_EXACT */
#define BITS 14u
#define REGISTERS (1u << BITS)
#define TOP_RANK (64u - BITS + 1u) /* of a register: a hash whose other bits are all 0 */

static void note_register(uint8_t *reg, uint64_t hash)
{
    uint64_t rest = hash << BITS;
    uint8_t rank = 1;
    while (rank < TOP_RANK && (rest & 0x8000000000000000u) == 0) {
        rest <<= 1;
        rank++;
    }
    uint8_t *r = &reg[hash >> (64 - BITS)];
    if (*r < rank)
        *r = rank;
}

/* Where `hash` (not 0) stands or would stand. */
static size_t slot_of(const uint64_t *slot, uint64_t hash)
{
    size_t i = (size_t)(hash & (SLOTS - 1));
    while (slot[i] != 0 && slot[i] != hash)
        i = (i + 1) & (SLOTS - 1);
    return i;
}

static void note_all(const acc_set *set, uint8_t *reg)
{
    for (size_t i = 0; set->slot != NULL && i < SLOTS; i++)
        if (set->slot[i] != 0)
            note_register(reg, set->slot[i]);
    if (set->has_zero)
        note_register(reg, 0);
}

/* From the exact set to registers. */
static ds_status give_up_exactness(ds_acc *acc, ds_error *err)
{
    acc_set *set = &acc->set;
    uint8_t *reg = ds_calloc(acc->alloc, REGISTERS, 1);
    if (reg == NULL)
        return ds_fail_nomem(err);
    note_all(set, reg);
    acc_set_clear(acc);
    set->reg = reg;
    return DS_OK;
}

ds_status acc_set_add(ds_acc *acc, uint64_t hash, ds_error *err)
{
    acc_set *set = &acc->set;
    if (set->reg == NULL) {
        if (set->slot == NULL && (set->slot = ds_calloc(acc->alloc, SLOTS, sizeof *set->slot)) == NULL)
            return ds_fail_nomem(err);
        size_t i = hash != 0 ? slot_of(set->slot, hash) : 0;
        if (hash == 0 ? set->has_zero : set->slot[i] == hash)
            return DS_OK;
        if (set->n < DS_ACC_EXACT) {
            if (hash == 0)
                set->has_zero = true;
            else
                set->slot[i] = hash;
            set->n++;
            return DS_OK;
        }
        if (give_up_exactness(acc, err) != DS_OK)
            return DS_ENOMEM;
    }
    note_register(set->reg, hash);
    return DS_OK;
}

ds_status acc_set_merge(ds_acc *into, const ds_acc *from, ds_error *err)
{
    if (from->set.reg != NULL) {
        if (into->set.reg == NULL && give_up_exactness(into, err) != DS_OK)
            return DS_ENOMEM;
        for (size_t i = 0; i < REGISTERS; i++)
            if (into->set.reg[i] < from->set.reg[i])
                into->set.reg[i] = from->set.reg[i];
        return DS_OK;
    }
    for (size_t i = 0; from->set.slot != NULL && i < SLOTS; i++)
        if (from->set.slot[i] != 0 && acc_set_add(into, from->set.slot[i], err) != DS_OK)
            return DS_ENOMEM;
    return from->set.has_zero ? acc_set_add(into, 0, err) : DS_OK;
}

void acc_set_clear(ds_acc *acc)
{
    if (acc->set.slot != NULL)
        ds_mfree(acc->alloc, acc->set.slot, SLOTS * sizeof *acc->set.slot);
    if (acc->set.reg != NULL)
        ds_mfree(acc->alloc, acc->set.reg, REGISTERS);
    acc->set = (acc_set){.slot = NULL};
}

/* The hashes in ascending order, found slot by slot: SLOTS is small. */
static void put_sorted(const acc_set *set, ds_buf *out)
{
    uint64_t last = 0;
    if (set->has_zero)
        ds_buf_u64(out, 0);
    uint64_t sorted[DS_ACC_EXACT];
    size_t n = 0;
    for (size_t i = 0; set->slot != NULL && i < SLOTS; i++)
        if (set->slot[i] != 0)
            sorted[n++] = set->slot[i];
    for (size_t gap = n / 2; gap > 0; gap /= 2) /* Shell (1959) */
        for (size_t i = gap; i < n; i++)
            for (size_t j = i; j >= gap && sorted[j - gap] > sorted[j]; j -= gap) {
                last = sorted[j];
                sorted[j] = sorted[j - gap];
                sorted[j - gap] = last;
            }
    for (size_t i = 0; i < n; i++)
        ds_buf_u64(out, sorted[i]);
}

void acc_set_save(const ds_acc *acc, ds_buf *out)
{
    const acc_set *set = &acc->set;
    ds_buf_u64(out, set->reg != NULL ? UINT64_MAX : set->n);
    if (set->reg != NULL)
        ds_buf_put(out, set->reg, REGISTERS);
    else
        put_sorted(set, out);
}

static ds_status load_registers(ds_acc *acc, acc_reader *r, ds_error *err)
{
    ds_str bytes = acc_read_bytes(r, REGISTERS);
    if (r->bad)
        return DS_OK;
    for (size_t i = 0; i < bytes.n; i++)
        if ((unsigned char)bytes.p[i] > TOP_RANK)
            r->bad = true;
    acc->set.reg = ds_malloc(acc->alloc, REGISTERS);
    if (acc->set.reg == NULL)
        return ds_fail_nomem(err);
    memcpy(acc->set.reg, bytes.p, REGISTERS);
    return DS_OK;
}

ds_status acc_set_load(ds_acc *acc, acc_reader *r, ds_error *err)
{
    uint64_t n = acc_read64(r);
    if (n == UINT64_MAX)
        return load_registers(acc, r, err);
    if (n > DS_ACC_EXACT)
        r->bad = true;
    for (uint64_t i = 0; !r->bad && i < n; i++) {
        uint64_t hash = acc_read64(r);
        if (!r->bad && acc_set_add(acc, hash, err) != DS_OK)
            return DS_ENOMEM;
    }
    if (!r->bad && acc->set.n != n)
        r->bad = true; /* a hash that stands there twice */
    return DS_OK;
}

/* ------------------------------------------------------------------ estimating */

/* Ertl's sigma: what the empty registers stand for. */
static double sigma(double x)
{
    double y = 1, z = x, before;
    if (x == 1)
        return (double)INFINITY;
    do {
        x *= x;
        before = z;
        z += x * y;
        y += y;
    } while (z != before);
    return z;
}

/* Ertl's tau: what the full ones stand for. */
static double tau(double x)
{
    double y = 1, z = 1 - x, before;
    if (x == 0 || x == 1)
        return 0;
    do {
        x = sqrt(x);
        before = z;
        y *= 0.5;
        z -= (1 - x) * (1 - x) * y;
    } while (z != before);
    return z / 3;
}

double ds_acc_distinct(const ds_acc *acc, bool *exact)
{
    uint32_t of_rank[TOP_RANK + 1] = {0};
    *exact = acc->set.reg == NULL;
    if (*exact)
        return (double)acc->set.n;
    for (size_t i = 0; i < REGISTERS; i++)
        of_rank[acc->set.reg[i]]++;
    double m = REGISTERS, z = m * tau(1 - of_rank[TOP_RANK] / m);
    for (unsigned k = TOP_RANK - 1; k >= 1; k--)
        z = 0.5 * (z + of_rank[k]);
    z += m * sigma(of_rank[0] / m);
    return m * m / (2 * log(2) * z);
}
