/* nn_crf.c - the conditional random field over a sentence's emissions; see nn_int.h. */
#include "nn_int.h"

enum { NN_ONE = 0x7FFF }; /* a probability of 1 */

static inline int16_t clamp16(int32_t v)
{
    return (int16_t)(v > INT16_MAX ? INT16_MAX : v < INT16_MIN ? INT16_MIN : v);
}

/* Each tag's factor, relative to the best one's. */
static void factors(const ds_nn *nn, const int16_t *emissions, uint16_t *out)
{
    int32_t most = INT16_MIN;
    for (size_t j = 0; j < nn->tags; j++)
        most = emissions[j] > most ? emissions[j] : most;
    for (size_t j = 0; j < NN_TAGS; j++) {
        int32_t below = most - emissions[j];
        out[j] = j < nn->tags && below < NN_EXP ? (uint16_t)nn->functions->exp[below] & NN_ONE : 0;
    }
}

/* p[j] in proportion to sums[j] * factor[j], together at most NN_ONE.  When the sums rule out all, to the factors. */
static void normalise(const int32_t *sums, const uint16_t *factor, uint16_t *p)
{
    uint64_t v[NN_TAGS], total = 0;
    for (size_t j = 0; j < NN_TAGS; j++)
        total += v[j] = (uint64_t)((uint32_t)sums[j] >> 14) * factor[j];
    if (total < NN_TAGS) {
        total = 0;
        for (size_t j = 0; j < NN_TAGS; j++)
            total += v[j] = factor[j];
    }
    uint64_t unit = total > 0 ? ((uint64_t)NN_ONE << 32) / total : 0;
    for (size_t j = 0; j < NN_TAGS; j++)
        p[j] = (uint16_t)(v[j] * unit >> 32);
}

static void widen(const int16_t *p, int32_t *out)
{
    for (size_t j = 0; j < NN_TAGS; j++)
        out[j] = (p[j] & NN_ONE) << 14;
}

/* log2 of the odds that a word begins, from the tags' shares.  What is loose counts for neither side. */
static int16_t border_odds(const ds_nn *nn, const uint16_t *ahead, const int32_t *behind)
{
    uint64_t begins = 0, joins = 0, total = 1;
    for (size_t j = 0; j < nn->tags; j++) {
        uint64_t v = (uint64_t)ahead[j] * ((uint32_t)behind[j] >> 14);
        total += v;
        begins += (nn->begins >> j & 1) != 0 ? v : 0;
        joins += ((nn->begins | nn->loose) >> j & 1) == 0 ? v : 0;
    }
    const int16_t *log2 = nn->functions->log2;
    return (int16_t)(log2[begins * NN_SHARE / total + NN_LOG_FLOOR] - log2[joins * NN_SHARE / total + NN_LOG_FLOOR]);
}

/* Forward-backward (Rabiner 1989): ahead[t] holds the forward probabilities, factor[t] what the emissions multiply with. */
static void find_borders(const ds_nn *nn, const nn_kernels *k, const int16_t *emissions, size_t n, uint16_t *ahead,
                         ds_nn_mark *marks)
{
    int32_t sums[NN_TAGS];
    uint16_t back[NN_TAGS], *factor = ahead + n * NN_TAGS;
    for (size_t t = 0; t < n; t++) {
        if (t == 0)
            widen(nn->crf->exp_first, sums);
        else
            k->mix(nn->crf->exp_next, ahead + (t - 1) * NN_TAGS, sums);
        factors(nn, emissions + t * NN_TAGS, factor + t * NN_TAGS);
        normalise(sums, factor + t * NN_TAGS, ahead + t * NN_TAGS);
    }
    widen(nn->crf->exp_last, sums);
    for (size_t t = n; t-- > 0;) {
        marks[t].border = border_odds(nn, ahead + t * NN_TAGS, sums);
        normalise(sums, factor + t * NN_TAGS, back);
        k->mix(nn->crf->exp_back, back, sums);
    }
}

/* Adds the emissions; the best becomes 0, so that scores stay in range. */
static void add_emissions(const int16_t *emissions, int16_t *score)
{
    int32_t most = INT16_MIN;
    for (size_t j = 0; j < NN_TAGS; j++) {
        score[j] = clamp16(score[j] + emissions[j]);
        most = score[j] > most ? score[j] : most;
    }
    for (size_t j = 0; j < NN_TAGS; j++)
        score[j] = clamp16(score[j] - most);
}

static void find_tags(const ds_nn *nn, const nn_kernels *k, const int16_t *emissions, size_t n, uint8_t *from,
                      ds_nn_mark *marks)
{
    int16_t score[NN_TAGS], best[NN_TAGS];
    size_t tag = 0;
    for (size_t j = 0; j < NN_TAGS; j++)
        score[j] = nn->crf->first[j];
    add_emissions(emissions, score);
    for (size_t t = 1; t < n; t++) {
        k->best(nn->crf, nn->tags, score, best, from + t * NN_TAGS);
        for (size_t j = 0; j < NN_TAGS; j++)
            score[j] = best[j];
        add_emissions(emissions + t * NN_TAGS, score);
    }
    for (size_t j = 0; j < nn->tags; j++) {
        score[j] = clamp16(score[j] + nn->crf->last[j]);
        tag = score[j] > score[tag] ? j : tag;
    }
    for (size_t t = n; t-- > 0;) {
        marks[t].tag = (uint8_t)tag;
        tag = t > 0 ? from[t * NN_TAGS + tag] : 0;
    }
}

void nn_decode(const ds_nn *nn, const nn_kernels *k, const int16_t *emissions, size_t n, uint16_t *ahead, uint8_t *from,
               ds_nn_mark *marks)
{
    find_borders(nn, k, emissions, n, ahead, marks);
    find_tags(nn, k, emissions, n, from, marks);
}
