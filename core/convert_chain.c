/*
 * convert_chain.c - conversion as OpenCC does it; see convert.h.
 *
 * OpenCC first cuts the text where a phrase of one dictionary matches: the phrase is a piece by itself, and so is
 * what lies between two phrases.  Each piece then runs through a chain of dictionaries, and no match reaches over
 * the border of a piece.  Here the text is read once; every further dictionary of the chain is fed character by
 * character and holds back only those that a match under way has consumed.
 */
#include "convert_int.h"

enum { CHAIN_STAGES = 3 };

/* One way to convert.  The first dictionary also cuts the text; `fused`: it is the first of the chain, too. */
static const struct chain_plan {
    ds_convert_table cut;
    bool fused;
    unsigned count;
    ds_convert_table stages[CHAIN_STAGES];
} chain_plans[2][DS_REGION_COUNT] = {
    {{DS_CONVERT_ST, true, 0, {0}},
     {DS_CONVERT_ST, true, 2, {DS_CONVERT_TWP, DS_CONVERT_TWV}},
     {DS_CONVERT_ST, true, 1, {DS_CONVERT_HKV}}},
    {{DS_CONVERT_TS, true, 0, {0}},
     {DS_CONVERT_TS, false, 2, {DS_CONVERT_TWR, DS_CONVERT_TS}},
     {DS_CONVERT_TS, false, 2, {DS_CONVERT_HKR, DS_CONVERT_TS}}},
};

/* A dictionary of the chain, and the match under way: held[0 .. count) leads to `node`. */
typedef struct chain_stage {
    ds_convert_table table;
    int32_t node;
    conv_match best;
    size_t count;
    conv_char held[DS_CONVERT_KEY_MAX];
} chain_stage;

typedef struct chain {
    const ds_converter *conv;
    ds_convert_table cut;
    bool fused;
    unsigned count;
    unsigned busy; /* stages that hold something */
    uint32_t keys; /* bits of a cell: the character begins a key of some stage */
    chain_stage stages[CHAIN_STAGES];
    conv_out out;
} chain;

/* Takes the value at `node` when it is the best match so far. */
static inline void consider(const ds_trie *trie, int32_t node, size_t count, conv_match *best)
{
    int32_t value = ds_trie_value(trie, node);
    if (value >= 0 && (best->count == 0 || conv_rank((uint32_t)value) <= conv_rank(best->value)))
        *best = (conv_match){count, (uint32_t)value};
}

static void feed(chain *ch, unsigned k, conv_char c);

/* Whether no stage has anything to do with `c`. */
static inline bool passes_all(const chain *ch, conv_char c)
{
    return ch->busy == 0 && (c.cell & ch->keys) == 0;
}

/* Feeds stage `k` what `keys` became.  As many characters as before: each stands for its own; else all for all. */
static void feed_result(chain *ch, unsigned k, const conv_char *keys, conv_match m)
{
    conv_result r = conv_result_of(ch->conv, m.value);
    for (size_t i = 0; i < r.count; i++) {
        conv_char c = {conv_result_cp(&r, i), keys[0].beg, keys[m.count - 1].end, 0};
        if (r.count == m.count) {
            c.beg = keys[i].beg;
            c.end = keys[i].end;
        }
        if (k < ch->count)
            c.cell = conv_cell(ch->conv, c.cp);
        if (passes_all(ch, c))
            conv_out_quick(&ch->out, c);
        else
            feed(ch, k, c);
    }
}

/* Stage `k` takes the best match at the head of what it holds, or lets the first character pass; what is held
 * beyond is fed again. */
static void decide(chain *ch, unsigned k)
{
    chain_stage *s = &ch->stages[k];
    conv_char held[DS_CONVERT_KEY_MAX];
    size_t count = s->count, taken = s->best.count > 0 ? s->best.count : 1;
    for (size_t i = 0; i < count; i++)
        held[i] = s->held[i];
    s->count = 0;
    ch->busy--;
    if (s->best.count > 0)
        feed_result(ch, k + 1, held, s->best);
    else
        feed(ch, k + 1, held[0]);
#ifdef DS_PLANT_CONVERT /* for tests/fuzz: what is held behind a match is not looked at again */
    for (size_t i = taken; i < count; i++)
        feed(ch, k + 1, held[i]);
#else
    for (size_t i = taken; i < count; i++)
        feed(ch, k, held[i]);
#endif
}

/* Begins a match with `c`, or lets it pass. */
static void begin_match(chain *ch, unsigned k, conv_char c)
{
    chain_stage *s = &ch->stages[k];
    s->node = conv_first(ch->conv, s->table, c.cell);
    if (s->node == DS_TRIE_NONE) {
        feed(ch, k + 1, c);
        return;
    }
    s->held[0] = c;
    s->count = 1;
    s->best.count = 0;
    ch->busy++;
    consider(&ch->conv->trie[s->table], s->node, 1, &s->best);
}

static void feed(chain *ch, unsigned k, conv_char c)
{
    if (k == ch->count || passes_all(ch, c)) {
        conv_out_quick(&ch->out, c);
        return;
    }
    chain_stage *s = &ch->stages[k];
    while (s->count > 0) {
        int32_t next = DS_TRIE_NONE;
        if (s->count < DS_CONVERT_KEY_MAX)
            next = conv_next(ch->conv, s->table, s->node, c.cell);
        if (next != DS_TRIE_NONE) {
            s->node = next;
            s->held[s->count++] = c;
            consider(&ch->conv->trie[s->table], next, s->count, &s->best);
            return;
        }
        decide(ch, k);
    }
    begin_match(ch, k, c);
}

/* A border of pieces: no match reaches over it. */
static void end_piece(chain *ch)
{
    for (unsigned k = 0; k < ch->count; k++)
        while (ch->stages[k].count > 0)
            decide(ch, k);
}

/* The longest match of the first dictionary below `node`, where its first character leads; keys gets the characters. */
static conv_match match_text(const chain *ch, int32_t node, conv_char keys[DS_CONVERT_KEY_MAX])
{
    conv_match best = {0, 0};
    ds_str in = ch->out.in;
    size_t at = keys[0].end;
    consider(&ch->conv->trie[ch->cut], node, 1, &best);
    for (size_t i = 1; i < DS_CONVERT_KEY_MAX && at < in.n; i++) {
        keys[i].beg = (uint32_t)at;
        at += conv_decode(in.p + at, in.n - at, &keys[i].cp);
        keys[i].end = (uint32_t)at;
        keys[i].cell = conv_cell(ch->conv, keys[i].cp);
        if ((node = conv_next(ch->conv, ch->cut, node, keys[i].cell)) == DS_TRIE_NONE)
            break;
        consider(&ch->conv->trie[ch->cut], node, i + 1, &best);
    }
    return best;
}

/* What the first dictionary has matched. */
static void put_piece(chain *ch, const conv_char *keys, conv_match m)
{
    if (m.count == 1) {
        feed_result(ch, 0, keys, m);
        return;
    }
    end_piece(ch);
    if (ch->fused)
        feed_result(ch, 0, keys, m);
    for (size_t i = 0; i < m.count && !ch->fused; i++)
        feed(ch, 0, keys[i]);
    end_piece(ch);
}

static void run_chain(chain *ch)
{
    ds_str in = ch->out.in;
    conv_char keys[DS_CONVERT_KEY_MAX];
    size_t at = 0, passed = 0; /* [passed, at): bytes to be copied, when no other dictionary sees them */
    while (at < in.n) {
        keys[0].beg = (uint32_t)at;
        at += conv_decode(in.p + at, in.n - at, &keys[0].cp);
        keys[0].end = (uint32_t)at;
        keys[0].cell = conv_cell(ch->conv, keys[0].cp);
        int32_t node = conv_first(ch->conv, ch->cut, keys[0].cell);
        conv_match m = node != DS_TRIE_NONE ? match_text(ch, node, keys) : (conv_match){0, 0};
        if (m.count == 0 || (m.count == 1 && !ch->fused)) {
            if (ch->count > 0 && passes_all(ch, keys[0]))
                conv_out_quick(&ch->out, keys[0]);
            else if (ch->count > 0)
                feed(ch, 0, keys[0]);
            continue;
        }
        if (ch->count == 0)
            conv_out_copy(&ch->out, passed, keys[0].beg);
        put_piece(ch, keys, m);
        passed = at = keys[m.count - 1].end;
    }
    if (ch->count == 0)
        conv_out_copy(&ch->out, passed, in.n);
    end_piece(ch);
}

ds_status ds_convert_opencc(const ds_converter *conv, ds_conversion what, ds_str in, ds_buf *out, ds_offmap *map,
                            ds_error *err)
{
    const struct chain_plan *plan = &chain_plans[what.to_simplified][what.region];
    size_t old_n = out->n, old_len = map != NULL ? map->out_len : 0;
    chain ch;
    if (in.n > UINT32_MAX)
        return ds_fail(err, DS_ELIMIT, UINT32_MAX, 0, "text is longer than 4 GiB: convert it in parts");
    if (in.n == 0)
        return DS_OK;
    ch.conv = conv;
    ch.cut = plan->cut;
    ch.fused = plan->fused;
    ch.count = plan->count;
    ch.busy = 0;
    ch.keys = 0;
    for (unsigned k = 0; k < plan->count; k++) {
        ch.stages[k].table = plan->stages[k];
        ch.keys |= UINT32_C(1) << (CONV_CODE_BITS + plan->stages[k]);
        ch.stages[k].count = 0;
    }
    conv_out_init(&ch.out, in, out, map);
    if (ds_buf_reserve(out, in.n))
        run_chain(&ch);
    if (conv_out_finish(&ch.out) == DS_OK)
        return DS_OK;
    out->n = old_n;
    if (map != NULL)
        ds_offmap_truncate(map, old_len);
    return ds_fail_nomem(err);
}
