/*
 * measures.h - what goes with what: association, keyness and dispersion of words.  Counts in, measures out.
 *
 * Counts     whole numbers up to 2^53, as double, so that sums of any size of corpus fit.
 * Undefined  a measure that the counts leave undefined (a logarithm of nothing, a division by zero) is NaN,
 *            never an infinity; the measures beside it are good.
 * Errors     DS_EINVAL: the counts contradict each other (a part larger than its whole); the message tells
 *            which.  The result is all zeros then.  DS_ENOMEM: ds_measures_adjust only.
 * Memory     only ds_measures_adjust allocates, and frees what it took before it returns.
 * Cost       a few logarithms each; dispersion and ARF are linear, adjusting is O(n log n).
 * Rounding   log-likelihood sums deviances of Loader (2000), "Fast and Accurate Computation of Binomial
 *            Probabilities", which cannot cancel each other: right to 1e-12 even for words whose frequencies
 *            hardly differ, where adding O ln(O/E) term by term keeps no digit.
 */
#ifndef DS_MEASURES_H
#define DS_MEASURES_H

#include "alloc.h"

/* ---- association of two words ---- */

/*
 * The contingency table of a node and a collocate, by its margins (Evert 2008, "Corpora and collocations", in
 * Luedeling and Kyto, chapter 58):
 *
 *                     collocate   others
 *   near the node     o11         o12       r1
 *   elsewhere         o21         o22       r2
 *                     c1          c2        n
 *
 * `node` is the node's own frequency, which only log_dice uses; 0: r1 takes its place, as for word pairs.
 */
typedef struct ds_pair {
    double o11, r1, c1, n, node;
} ds_pair;

typedef struct ds_assoc {
    double o, e, o_e; /* O = o11; E = r1 c1 / n, by chance; O / E */
    /* 14 + log2(2 o11 / (node + c1)).  Rychly (2008), "A Lexicographer-Friendly Association Score". */
    double log_dice;
    /* 2 sum O ln(O/E) over the four cells.  Dunning (1993), "Accurate Methods for the Statistics of Surprise and
     * Coincidence".  Says how sure, not in which direction: compare o with e. */
    double ll;
    /* log2(O/E).  Church and Hanks (1990), "Word Association Norms, Mutual Information, and Lexicography". */
    double mi;
    /* log2(O^2/E), log2(O^3/E).  Daille (1994), "Approche mixte pour l'extraction de terminologie". */
    double mi2, mi3;
    /* (O - E) / sqrt(O).  Church, Gale, Hanks and Hindle (1991), "Using Statistics in Lexical Analysis". */
    double t;
    /* (O - E) / sqrt(E).  Berry-Rogghe (1973), in the form of Evert (2008). */
    double z;
    /* Delta P.  Gries (2013), "50-something years of work on collocations".
     * delta_p21: P(collocate | node) - P(collocate | elsewhere) = o11/r1 - o21/r2
     * delta_p12: P(node | collocate) - P(node | others)         = o11/c1 - o12/c2 */
    double delta_p12, delta_p21;
    /* log2((o11/r1) / (o21/r2)); a cell of zero counts as 1/2.  Hardie (2014), "Log Ratio: an informal
     * introduction". */
    double log_ratio;
} ds_assoc;

DS_MUSTUSE ds_status ds_measures_assoc(const ds_pair *pair, ds_assoc *out, ds_error *err);

/* ---- keyness of a word in two corpora ---- */

/* `a` occurrences in a corpus of `c` words, `b` in the reference corpus of `d` words; `k` is the constant of
 * simple maths. */
typedef struct ds_keyness_counts {
    double a, c, b, d, k;
} ds_keyness_counts;

typedef struct ds_keyness {
    /* 2 (a ln(a/E1) + b ln(b/E2)), E1 = c (a+b) / (c+d), E2 = d (a+b) / (c+d).  Rayson and Garside (2000),
     * "Comparing Corpora using Frequency Profiling". */
    double ll;
    /* Probability of such a ll by chance: chi-square with one degree of freedom, erfc(sqrt(ll / 2)). */
    double p;
    /* ll - ln(c + d).  Wilson (2013), "Embracing Bayes factors for key item analysis in corpus linguistics". */
    double bic;
    /* log2((a/c) / (b/d)); a frequency of zero counts as 1/2.  Hardie (2014), as above.  The interval of 95 % is
     * that of the ratio of two proportions: Katz, Baptista, Azen and Pike (1978), "Obtaining Confidence Intervals
     * for the Risk Ratio in Cohort Studies". */
    double log_ratio, log_ratio_low, log_ratio_high;
    /* 100 (a/c - b/d) / (b/d).  Gabrielatos and Marchi (2011), "Keyness: Matching metrics to definitions". */
    double diff;
    /* (a / (c-a)) / (b / (d-b)).  Pojanapunya and Watson Todd (2018), "Log-likelihood and odds ratio". */
    double odds_ratio;
    /* (10^6 a/c + k) / (10^6 b/d + k).  Kilgarriff (2009), "Simple maths for keywords". */
    double simple_maths;
} ds_keyness;

DS_MUSTUSE ds_status ds_measures_keyness(const ds_keyness_counts *counts, ds_keyness *out, ds_error *err);

/* ---- many tests at once ---- */

typedef enum ds_adjust {
    DS_ADJUST_BONFERRONI, /* min(1, p n).  Bonferroni (1936); Dunn (1961) */
    DS_ADJUST_BH          /* false discovery rate.  Benjamini and Hochberg (1995), "Controlling the False Discovery
                           * Rate", as adjusted values: the least level at which the test would be rejected */
} ds_adjust;

/* Adjusts `count` probabilities p to out, in their order; p and out may be the same array. */
DS_MUSTUSE ds_status ds_measures_adjust(const ds_alloc *a, ds_adjust method, const double *p, size_t count, double *out,
                                        ds_error *err);

/* ---- dispersion of a word over the parts of a corpus ---- */

/* `n` occurrences in a part of `size` words. */
typedef struct ds_part {
    double n, size;
} ds_part;

/* The formulas in the notation of Gries (2008), "Dispersions and adjusted frequencies in corpora". */
typedef struct ds_dispersion {
    double parts; /* those with words in them; the others are left out */
    double n, size;
    double range; /* parts in which the word occurs */
    /* 1 - V / sqrt(parts - 1), V the variation coefficient (of the population) of the relative frequencies.
     * Juilland, Brodin and Davidovitch (1970), "Frequency Dictionary of French Words". */
    double juilland_d;
    /* Entropy of the relative frequencies over log(parts).  Carroll (1970), "An alternative to Juilland's usage
     * coefficient". */
    double carroll_d2;
    /* (sum sqrt(share of the part * n of the part))^2 / n.  Rosengren (1971). */
    double rosengren_s;
    /* Half the sum of |share of the occurrences - share of the corpus|: 0 is even.  Gries (2008). */
    double dp;
    /* DP / (1 - the smallest share of a part), so that 1 can be reached.  Lijffijt and Gries (2012), "Correction to
     * Stefan Th. Gries' 'Dispersions and adjusted frequencies in corpora'". */
    double dp_norm;
} ds_dispersion;

DS_MUSTUSE ds_status ds_measures_dispersion(const ds_part *parts, size_t count, ds_dispersion *out, ds_error *err);

/*
 * Average reduced frequency: sum of min(d, v) / v over the distances d between neighbouring occurrences, the corpus
 * closed to a ring, v = total / count.  Close to count for an even word, close to 1 for one burst.
 * `pos`: positions of the word, ascending, 1 .. total; `total`: words of the corpus.
 * Savicky and Hlavacova (2002), "Measures of Word Commonness".
 */
DS_MUSTUSE ds_status ds_measures_arf(const double *pos, size_t count, double total, double *out, ds_error *err);

#endif
