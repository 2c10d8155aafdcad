/* tag.c - see tag.h. */
#include "tag.h"

#include <assert.h>

#include "lexicon_int.h"

#define COST_NO_PREDICATE (2 * DS_LEXICON_TAG_UNIT) /* of a clause without a predicate; headlines often have none */
#define COST_NEVER (INT32_MAX / 2) /* leaves room for the costs of DS_TAG_RUN words */

/* The tags that a word may have; the least cost of a way to each, without a predicate on it and with one; and the choice
 * for the word before on that way. */
typedef struct tag_column {
    size_t n; /* at least 1 */
    uint16_t tag[DS_LEXICON_TAGS];
    int32_t share[DS_LEXICON_TAGS]; /* what the tag itself costs */
    int32_t bare[DS_LEXICON_TAGS];
    int32_t cost[DS_LEXICON_TAGS]; /* with a predicate; all ways, where it does not matter */
    uint8_t bare_back[DS_LEXICON_TAGS];
    uint8_t back[DS_LEXICON_TAGS]; /* FROM_BARE: the way so far has no predicate */
} tag_column;

enum { FROM_BARE = 0x80 };

uint16_t ds_tag_choices(const ds_lexicon *lex, int32_t word)
{
    const char *record = lex_word(lex_tables_of(lex), word);
    return record != NULL ? lex_word_tags(record) : 0;
}

bool ds_tag_is_predicate(const ds_lexicon *lex, uint16_t tag)
{
    return lex_is_predicate(lex_tables_of(lex), tag);
}

/* A damaged image may name lists and tags that are not there: they count as no tag. */
static void read_choices(const lex_tables *lex, uint16_t choices, tag_column *to)
{
    const unsigned char *list = lex_tag_list(lex, choices);
    to->n = 0;
    for (size_t i = 0; list != NULL && i < DS_LEXICON_TAGS; i++) {
        uint16_t tag = list[2 * i];
        if (tag == 0 || tag >= lex->pos_count)
            break;
        to->tag[to->n] = tag;
        to->share[to->n++] = list[2 * i + 1];
    }
    if (to->n == 0) {
        to->tag[0] = choices < lex->pos_count ? choices : 0;
        to->share[0] = 0;
        to->n = 1;
    }
}

static inline int32_t pair_cost(const lex_tables *lex, uint16_t before, uint16_t after)
{
    return (signed char)lex->pairs[before * lex->pos_count + after];
}

/* The best tag of `from`, whose ways cost `costs`, before a word tagged `tag`; *cost: what the way to there costs. */
static inline uint8_t best_before(const lex_tables *lex, const tag_column *from, const int32_t *costs, uint16_t tag,
                                  int32_t *cost)
{
    size_t best = 0;
    int32_t least = costs[0] + pair_cost(lex, from->tag[0], tag);
    for (size_t i = 1; i < from->n; i++) {
        int32_t c = costs[i] + pair_cost(lex, from->tag[i], tag);
        best = c < least ? i : best;
        least = c < least ? c : least;
    }
    *cost = least;
    return (uint8_t)best;
}

static void step_all(const lex_tables *lex, const tag_column *from, tag_column *to)
{
    for (size_t k = 0; k < to->n; k++) {
        to->back[k] = best_before(lex, from, from->cost, to->tag[k], &to->cost[k]);
        to->cost[k] += to->share[k];
    }
}

/* The same for ways without a predicate and with one apart. */
static void step_apart(const lex_tables *lex, const tag_column *from, tag_column *to)
{
    for (size_t k = 0; k < to->n; k++) {
        int32_t bare;
        uint8_t bare_back = best_before(lex, from, from->bare, to->tag[k], &bare);
        to->back[k] = best_before(lex, from, from->cost, to->tag[k], &to->cost[k]);
        to->bare[k] = bare + to->share[k];
        to->bare_back[k] = bare_back;
        if (lex_is_predicate(lex, to->tag[k])) {
            if (bare < to->cost[k]) {
                to->cost[k] = bare;
                to->back[k] = bare_back | FROM_BARE;
            }
            to->bare[k] = COST_NEVER;
        }
        to->cost[k] += to->share[k];
    }
}

/* An adjective at the end is a predicate. */
static bool ends_in_adjective(const ds_lexicon *lex, uint16_t tag)
{
    return ds_str_eq(ds_lexicon_pos_name(lex, tag), ds_str_of("a"));
}

/* The last tag of the best way to the end, with FROM_BARE when it has no predicate and the clause may do without. */
static uint8_t best_end(const ds_lexicon *lexicon, const tag_column *last, uint16_t after, bool clause)
{
    int32_t cost, bare;
    uint8_t best = best_before(lex_tables_of(lexicon), last, last->cost, after, &cost);
    if (!clause)
        return best;
    uint8_t bare_best = best_before(lex_tables_of(lexicon), last, last->bare, after, &bare);
    if (!ends_in_adjective(lexicon, last->tag[bare_best]))
        bare += COST_NO_PREDICATE;
    return bare < cost ? bare_best | FROM_BARE : best;
}

/* One word between two whose tags are known, the commonest case. */
static uint16_t tag_one(const lex_tables *lex, uint16_t before, uint16_t choices, uint16_t after)
{
    tag_column c;
    size_t best = 0;
    int32_t least = INT32_MAX;
    read_choices(lex, choices, &c);
    for (size_t i = 0; i < c.n; i++) {
        int32_t cost = c.share[i] + pair_cost(lex, before, c.tag[i]) + pair_cost(lex, c.tag[i], after);
        best = cost < least ? i : best;
        least = cost < least ? cost : least;
    }
    return c.tag[best];
}

void ds_tag_words(const ds_lexicon *lexicon, uint16_t before, uint16_t *words, size_t n, uint16_t after, bool clause)
{
    const lex_tables *lex = lex_tables_of(lexicon);
    tag_column columns[DS_TAG_RUN + 1];
    assert(n <= DS_TAG_RUN && before < lex->pos_count && after < lex->pos_count);
    if (n == 1 && !clause && lex->pairs != NULL) {
        words[0] = tag_one(lex, before, words[0], after);
        return;
    }
    columns[0] = (tag_column){.n = 1, .tag = {before}, .cost = {clause ? COST_NEVER : 0}};
    for (size_t i = 0; i < n; i++) {
        read_choices(lex, words[i], &columns[i + 1]);
        if (lex->pairs != NULL && clause)
            step_apart(lex, &columns[i], &columns[i + 1]);
        else if (lex->pairs != NULL)
            step_all(lex, &columns[i], &columns[i + 1]);
        words[i] = columns[i + 1].tag[0];
    }
    if (lex->pairs == NULL)
        return;
    uint8_t best = best_end(lexicon, &columns[n], after, clause);
    for (size_t i = n; i-- > 0;) {
        const tag_column *c = &columns[i + 1];
        uint8_t k = best & (FROM_BARE - 1);
        words[i] = c->tag[k];
        best = best & FROM_BARE ? c->bare_back[k] | FROM_BARE : c->back[k];
    }
}
