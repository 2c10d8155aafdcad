/*
 * test_nn.c - the suite of core/nn: every path against the portable one, the network against one in floating point, and
 * damaged images.  On a machine without a vector path the first compares the portable path with itself.
 */
#include "nn_int.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tagger.h"
#include "testing.h"

static ds_buf image;
static ds_nn *nn;
static uint32_t seed = 20250127u;

static void set_up(void)
{
    ds_buf_init(&image, NULL);
    ck_assert(tagger_image(7, &image));
    ck_assert_int_eq(ds_nn_view(NULL, ds_buf_str(&image), &nn, NULL), DS_OK);
}

static void tear_down(void)
{
    ds_nn_free(nn);
    ds_buf_clear(&image);
}

static uint32_t below(uint32_t n)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

/* ---- every path gives the same ---- */

static void fill_bytes(void *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ((unsigned char *)p)[i] = (unsigned char)below(256);
}

static const nn_kernels *path_under_test(int i)
{
    return ds_cpu_has((ds_cpu_path)i) ? nn_kernels_of((ds_cpu_path)i) : nn_kernels_of(DS_CPU_PORTABLE);
}

START_TEST(sums_are_alike_for_every_shape)
{
    enum { ROWS = 19, STRIDE = NN_BOTH + 24 };
    static uint8_t a[ROWS * STRIDE];
    static int32_t mine[ROWS * NN_GATES], theirs[ROWS * NN_GATES];
    const nn_kernels *k = path_under_test(_i);
    for (size_t i = 0; i < sizeof a; i++)
        a[i] = (uint8_t)(1 + below(127));
    memset(a, 127, STRIDE); /* as large as sums become */
    for (size_t round = 0; round < 60; round++) {
        size_t rows = below(ROWS + 1), inputs = 8 * (1 + below(NN_BOTH / 8)), units = 2 * NN_TILE * (1 + below(12));
        if (round < 4)
            rows = ROWS - round, inputs = NN_BOTH, units = NN_GATES;
        memset(mine, 0x55, sizeof mine);
        memset(theirs, 0x55, sizeof theirs);
        k->dot(nn->project[round % 2].weights, inputs, units, a, STRIDE, rows, mine, NN_GATES);
        nn_dot(nn->project[round % 2].weights, inputs, units, a, STRIDE, rows, theirs, NN_GATES);
        ck_assert_msg(memcmp(mine, theirs, sizeof mine) == 0, "%zu rows, %zu inputs, %zu units", rows, inputs, units);
    }
}
END_TEST

START_TEST(gates_are_alike_for_every_input)
{
    const nn_kernels *k = path_under_test(_i);
    int32_t sums[NN_GATES];
    int16_t input[NN_GATES], h[NN_HIDDEN], h2[NN_HIDDEN], u[NN_HIDDEN], u2[NN_HIDDEN], out[NN_GATES], out2[NN_GATES];
    uint8_t act[NN_HIDDEN], act2[NN_HIDDEN];
    for (int round = 0; round < 400; round++) {
        fill_bytes(sums, sizeof sums);
        fill_bytes(input, sizeof input);
        for (size_t i = 0; i < NN_GATES; i++)
            sums[i] = round % 4 == 0 ? sums[i] : sums[i] >> 12;
        for (size_t i = 0; i < NN_HIDDEN; i++)
            h[i] = (int16_t)((int)below(65535) - 32767);
        memcpy(h2, h, sizeof h);
        k->rescale(&nn->project[0], sums, out);
        nn_rescale(&nn->project[0], sums, out2);
        ck_assert_mem_eq(out, out2, sizeof out);
        k->gates(nn->functions, &nn->layers[1].scale, sums, input, h, u, act);
        nn_gates(nn->functions, &nn->layers[1].scale, sums, input, h, u2, act2);
        ck_assert_mem_eq(u, u2, sizeof u);
        ck_assert_mem_eq(act, act2, sizeof act);
        k->candidate(nn->functions, &nn->layers[1].scale, sums, input, u, h, act);
        nn_candidate(nn->functions, &nn->layers[1].scale, sums, input, u, h2, act2);
        ck_assert_mem_eq(h, h2, sizeof h);
        ck_assert_mem_eq(act, act2, sizeof act);
    }
}
END_TEST

START_TEST(emissions_and_field_are_alike)
{
    const nn_kernels *k = path_under_test(_i);
    static int16_t h[11 * NN_BOTH], out[11 * NN_TAGS], out2[11 * NN_TAGS];
    int16_t score[NN_TAGS], best[NN_TAGS], best2[NN_TAGS];
    uint16_t p[NN_TAGS];
    int32_t mixed[NN_TAGS], mixed2[NN_TAGS];
    uint8_t from[NN_TAGS], from2[NN_TAGS];
    for (size_t round = 0; round < 200; round++) {
        size_t rows = round % 12;
        for (size_t i = 0; i < 11 * NN_BOTH; i++)
            h[i] = (int16_t)((int)below(4097) - 2048);
        k->emit(nn->output, h, rows, out);
        nn_emit(nn->output, h, rows, out2);
        ck_assert_mem_eq(out, out2, rows * NN_TAGS * sizeof *out);
        for (size_t i = 0; i < NN_TAGS; i++) {
            p[i] = (uint16_t)below(512);
            score[i] = (int16_t)((int)below(65536) - 32768);
        }
        k->mix(nn->crf->exp_next, p, mixed);
        nn_mix(nn->crf->exp_next, p, mixed2);
        ck_assert_mem_eq(mixed, mixed2, sizeof mixed);
        k->best(nn->crf, 1 + round % NN_TAGS, score, best, from);
        nn_best(nn->crf, 1 + round % NN_TAGS, score, best2, from2);
        ck_assert_mem_eq(best, best2, sizeof best);
        ck_assert_mem_eq(from, from2, sizeof from);
    }
}
END_TEST

enum { SENTENCES = 45 };

/* Sentences of random lengths and characters; returns how many characters. */
static size_t random_sentences(uint16_t *ids, uint32_t *ends)
{
    size_t n = 0;
    for (size_t s = 0; s < SENTENCES; s++) {
        size_t length = s == 0 ? DS_NN_SENTENCE : s == 1 ? 1 : 1 + below(s % 3 == 0 ? DS_NN_SENTENCE : 40);
        for (size_t i = 0; i < length; i++)
            ids[n++] = (uint16_t)below(TAGGER_ROWS);
        ends[s] = (uint32_t)n;
    }
    return n;
}

static void assert_marks_equal(const ds_nn_mark *a, const ds_nn_mark *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(a[i].tag == b[i].tag && a[i].border == b[i].border, "character %zu of %zu", i, n);
}

START_TEST(sentences_are_marked_alike)
{
    static uint16_t ids[SENTENCES * DS_NN_SENTENCE];
    static ds_nn_mark mine[SENTENCES * DS_NN_SENTENCE], theirs[SENTENCES * DS_NN_SENTENCE];
    uint32_t ends[SENTENCES];
    size_t n = random_sentences(ids, ends);
    ck_assert_int_eq(nn_run_with(nn, path_under_test(_i), NULL, ids, ends, SENTENCES, mine, NULL), DS_OK);
    ck_assert_int_eq(nn_run_with(nn, nn_kernels_of(DS_CPU_PORTABLE), NULL, ids, ends, SENTENCES, theirs, NULL), DS_OK);
    assert_marks_equal(mine, theirs, n);
}
END_TEST

START_TEST(a_sentence_does_not_depend_on_the_others)
{
    static uint16_t ids[SENTENCES * DS_NN_SENTENCE];
    static ds_nn_mark all[SENTENCES * DS_NN_SENTENCE], one[DS_NN_SENTENCE];
    uint32_t ends[SENTENCES];
    random_sentences(ids, ends);
    ck_assert_int_eq(ds_nn_run(nn, NULL, ids, ends, SENTENCES, all, NULL), DS_OK);
    for (size_t s = 0; s < SENTENCES; s++) {
        size_t beg = s > 0 ? ends[s - 1] : 0;
        uint32_t length = ends[s] - (uint32_t)beg;
        ck_assert_int_eq(ds_nn_run(nn, NULL, ids + beg, &length, 1, one, NULL), DS_OK);
        assert_marks_equal(one, all + beg, length);
    }
    ck_assert_int_eq(ds_nn_run(nn, NULL, ids, ends, 0, all, NULL), DS_OK);
}
END_TEST

START_TEST(ids_out_of_range_count_as_unknown)
{
    const uint16_t wrong[] = {TAGGER_ROWS, 3, UINT16_MAX}, right[] = {0, 3, 0};
    const uint32_t end = 3;
    ds_nn_mark a[3], b[3];
    ck_assert_int_eq(ds_nn_run(nn, NULL, wrong, &end, 1, a, NULL), DS_OK);
    ck_assert_int_eq(ds_nn_run(nn, NULL, right, &end, 1, b, NULL), DS_OK);
    assert_marks_equal(a, b, 3);
}
END_TEST

/* ---- against floating point ---- */

static double squash(double x)
{
    return 1 / (1 + exp(-x));
}

/* One direction of a layer, in double precision: x has n rows of `inputs`, out gets its half of n rows of NN_BOTH. */
static void float_layer(const ds_nn_layer *l, const double *x, size_t inputs, size_t n, bool back, double *out)
{
    double h[NN_HIDDEN] = {0}, z[NN_GATES];
    for (size_t step = 0; step < n; step++) {
        size_t t = back ? n - 1 - step : step;
        for (size_t u = 0; u < NN_GATES; u++) {
            z[u] = (double)l->input_bias[u] + (double)l->bias[u];
            for (size_t i = 0; i < inputs; i++)
                z[u] += x[t * inputs + i] * (double)l->input[i * NN_GATES + u];
        }
        for (size_t u = 0; u < NN_BOTH; u++) {
            for (size_t i = 0; i < NN_HIDDEN; i++)
                z[u] += h[i] * (double)l->update[i * NN_BOTH + u];
            z[u] = squash(z[u]);
        }
        for (size_t u = 0; u < NN_HIDDEN; u++)
            for (size_t i = 0; i < NN_HIDDEN; i++)
                z[NN_BOTH + u] += z[NN_HIDDEN + i] * h[i] * (double)l->candidate[i * NN_HIDDEN + u];
        for (size_t u = 0; u < NN_HIDDEN; u++) {
            h[u] = (1 - z[u]) * h[u] + z[u] * tanh(z[NN_BOTH + u]);
            out[t * NN_BOTH + u + (back ? NN_HIDDEN : 0)] = h[u];
        }
    }
}

/* Scores of all tags of n characters, rows of TAGGER_TAGS. */
static void float_emissions(const ds_nn_params *p, const uint16_t *ids, size_t n, double *e)
{
    static double x[DS_NN_SENTENCE * NN_HIDDEN], one[DS_NN_SENTENCE * NN_BOTH], two[DS_NN_SENTENCE * NN_BOTH];
    for (size_t t = 0; t < n; t++)
        for (size_t i = 0; i < NN_HIDDEN; i++)
            x[t * NN_HIDDEN + i] = (double)p->embedding[ids[t] * NN_HIDDEN + i];
    for (size_t d = 0; d < 2; d++)
        float_layer(&p->layers[d], x, NN_HIDDEN, n, d == 1, one);
    for (size_t d = 0; d < 2; d++)
        float_layer(&p->layers[2 + d], one, NN_BOTH, n, d == 1, two);
    for (size_t t = 0; t < n; t++)
        for (size_t j = 0; j < TAGGER_TAGS; j++) {
            e[t * TAGGER_TAGS + j] = (double)p->output_bias[j];
            for (size_t i = 0; i < NN_BOTH; i++)
                e[t * TAGGER_TAGS + j] += two[t * NN_BOTH + i] * (double)p->output[i * TAGGER_TAGS + j];
        }
}

/* Viterbi; writes the tags. */
static void float_tags(const ds_nn_params *p, const double *e, size_t n, size_t *tags)
{
    static size_t from[DS_NN_SENTENCE][TAGGER_TAGS];
    double score[TAGGER_TAGS], next[TAGGER_TAGS];
    const float *first = p->transitions, *last = first + TAGGER_TAGS, *pair = last + TAGGER_TAGS;
    for (size_t j = 0; j < TAGGER_TAGS; j++)
        score[j] = (double)first[j] + e[j];
    for (size_t t = 1; t < n; t++) {
        for (size_t j = 0; j < TAGGER_TAGS; j++) {
            next[j] = -INFINITY;
            for (size_t i = 0; i < TAGGER_TAGS; i++)
                if (score[i] + (double)pair[i * TAGGER_TAGS + j] > next[j]) {
                    next[j] = score[i] + (double)pair[i * TAGGER_TAGS + j];
                    from[t][j] = i;
                }
            next[j] += e[t * TAGGER_TAGS + j];
        }
        memcpy(score, next, sizeof score);
    }
    size_t best = 0;
    for (size_t j = 0; j < TAGGER_TAGS; j++)
        if (score[j] + (double)last[j] > score[best] + (double)last[best])
            best = j;
    for (size_t t = n; t-- > 0; best = from[t][best])
        tags[t] = best;
}

/* log2 of the odds of a border, by forward-backward in double precision, floor and loose tags as nn_crf.c has them. */
static void float_borders(const ds_nn_params *p, const double *e, size_t n, double *borders)
{
    static double ahead[DS_NN_SENTENCE][TAGGER_TAGS];
    double back[TAGGER_TAGS], now[TAGGER_TAGS];
    const float *first = p->transitions, *last = first + TAGGER_TAGS, *pair = last + TAGGER_TAGS;
    for (size_t t = 0; t < n; t++) {
        double sum = 0;
        for (size_t j = 0; j < TAGGER_TAGS; j++) {
            double v = t == 0 ? exp((double)first[j]) : 0;
            for (size_t i = 0; i < TAGGER_TAGS && t > 0; i++)
                v += ahead[t - 1][i] * exp((double)pair[i * TAGGER_TAGS + j]);
            sum += ahead[t][j] = v * exp(e[t * TAGGER_TAGS + j]);
        }
        for (size_t j = 0; j < TAGGER_TAGS; j++)
            ahead[t][j] /= sum;
    }
    for (size_t j = 0; j < TAGGER_TAGS; j++)
        back[j] = exp((double)last[j]);
    for (size_t t = n; t-- > 0;) {
        double begins = 0, joins = 0, total = 0, sum = 0;
        for (size_t j = 0; j < TAGGER_TAGS; j++) {
            double v = ahead[t][j] * back[j];
            bool inside = tagger_tags[j][strlen(tagger_tags[j]) - 1] == 'I';
            bool loose = strcmp(tagger_tags[j], "ORG-I") == 0;
            total += v;
            begins += inside ? 0 : v;
            joins += inside && !loose ? v : 0;
        }
        borders[t] = log2(begins / total * NN_SHARE + NN_LOG_FLOOR) - log2(joins / total * NN_SHARE + NN_LOG_FLOOR);
        for (size_t i = 0; i < TAGGER_TAGS; i++) {
            now[i] = 0;
            for (size_t j = 0; j < TAGGER_TAGS; j++)
                now[i] += exp((double)pair[i * TAGGER_TAGS + j] + e[t * TAGGER_TAGS + j]) * back[j];
            sum += now[i];
        }
        for (size_t i = 0; i < TAGGER_TAGS; i++)
            back[i] = now[i] / sum;
    }
}

/* The last layer sums random weights, so that near ties are commoner here than in a trained network. */
START_TEST(integers_come_near_to_floating_point)
{
    static uint16_t ids[SENTENCES * DS_NN_SENTENCE];
    static ds_nn_mark marks[SENTENCES * DS_NN_SENTENCE];
    static double e[DS_NN_SENTENCE * TAGGER_TAGS], borders[DS_NN_SENTENCE];
    size_t tags[DS_NN_SENTENCE], same = 0, all = 0;
    uint32_t ends[SENTENCES];
    double off = 0;
    ds_nn_params p = tagger_params(7);
    random_sentences(ids, ends);
    ck_assert_int_eq(ds_nn_run(nn, NULL, ids, ends, 12, marks, NULL), DS_OK);
    for (size_t s = 0; s < 12; s++) {
        size_t beg = s > 0 ? ends[s - 1] : 0, n = ends[s] - beg;
        float_emissions(&p, ids + beg, n, e);
        float_tags(&p, e, n, tags);
        float_borders(&p, e, n, borders);
        for (size_t t = 0; t < n; t++) {
            same += marks[beg + t].tag == tags[t];
            off += fabs(marks[beg + t].border / (double)DS_NN_UNIT - borders[t]);
        }
        all += n;
    }
    tagger_free(&p);
    ck_assert_msg((double)same > 0.96 * (double)all, "%zu of %zu tags are the same", same, all);
    ck_assert_msg(off / (double)all < 0.2, "borders are off by %.3f bits on average", off / (double)all);
}
END_TEST

/* ---- images ---- */

START_TEST(both_scripts_and_widths_have_the_same_row)
{
    ck_assert_uint_eq(ds_nn_id(nn, 0x4EF7), 1);             /* 价 */
    ck_assert_uint_eq(ds_nn_id(nn, 0x50F9), 1);             /* 價 */
    ck_assert_uint_eq(ds_nn_id(nn, 0xFF41), 22);            /* ａ */
    ck_assert_uint_eq(ds_nn_id(nn, 'a'), 22);
    ck_assert_uint_eq(ds_nn_id(nn, 'A'), 0);
    ck_assert_uint_eq(ds_nn_id(nn, 0x110000), 0);
    ck_assert_uint_eq(ds_nn_id(nn, UINT32_MAX), 0);
    ck_assert_uint_eq(ds_nn_tag_count(nn), TAGGER_TAGS);
    ck_assert_str_eq(ds_nn_tag_name(nn, 4), "PER-B");
    ck_assert_str_eq(ds_nn_tag_name(nn, TAGGER_TAGS), "");
    ck_assert(ds_str_eq(ds_nn_source(nn), ds_str_of("random")));
    ck_assert_int_eq(ds_nn_verify(nn, NULL), DS_OK);
}
END_TEST

/* Every byte of the head, and some of each section: refused at once or, in the table of characters and between
 * sections, found by the full pass. */
START_TEST(every_damaged_byte_is_found)
{
    ds_nn *damaged;
    ds_error err;
    for (size_t at = 0; at < image.n; at += at < NN_HEADER + NN_SECTIONS * NN_ENTRY + 64 ? 1 : 211) {
        char was = image.p[at];
        image.p[at] = (char)(was ^ (1 << at % 8));
        ds_status st = ds_nn_view(NULL, ds_buf_str(&image), &damaged, &err);
        if (st == DS_OK) {
            st = ds_nn_verify(damaged, &err);
            ds_nn_free(damaged);
        }
        ck_assert_msg(st == DS_EFORMAT && err.off <= image.n, "damage at byte %zu went unnoticed", at);
        image.p[at] = was;
    }
}
END_TEST

START_TEST(an_image_cut_short_is_refused)
{
    ds_nn *cut;
    for (size_t n = 0; n < image.n; n += n < 400 ? 1 : 9973) {
        ck_assert_int_eq(ds_nn_view(NULL, (ds_str){image.p, n}, &cut, NULL), DS_EFORMAT);
        ck_assert_ptr_null(cut);
    }
    ds_error err;
    ck_assert_int_eq(ds_nn_view(NULL, (ds_str){image.p + 1, image.n - 1}, &cut, &err), DS_EINVAL);
    ck_assert_int_eq(ds_nn_open(NULL, "/nonexistent/zh.dsnn", &cut, &err), DS_EIO);
    ck_assert_ptr_nonnull(strstr(err.msg, "/nonexistent/zh.dsnn"));
}
END_TEST

START_TEST(a_file_is_opened_as_the_image)
{
    char path[] = "/tmp/ds-nn-XXXXXX";
    int fd = mkstemp(path);
    ds_nn *file;
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, image.p, image.n), (ssize_t)image.n);
    close(fd);
    ck_assert_int_eq(ds_nn_open(NULL, path, &file, NULL), DS_OK);
    ck_assert_uint_eq(ds_nn_crc(file), ds_nn_crc(nn));
    ds_nn_free(file);
    unlink(path);
}
END_TEST

START_TEST(weights_that_do_not_fit_are_refused)
{
    ds_buf out;
    ds_error err;
    ds_buf_init(&out, NULL);
    for (int i = 0; i < 5; i++) {
        ds_nn_params p = tagger_params(3);
        float *w = (float *)(uintptr_t)(i == 2 ? p.output : p.layers[3].candidate);
        uint32_t cps[TAGGER_ROWS] = {0, 0x110000};
        w[5] = i == 0 ? NAN : i == 1 ? 1e9f : i == 2 ? INFINITY : w[5];
        p.tags = i == 3 ? DS_NN_TAGS + 1 : p.tags;
        p.cps = i == 4 ? cps : p.cps;
        ck_assert_int_eq(ds_nn_build(&p, &out, &err), DS_EINVAL);
        ck_assert_uint_eq(out.n, 0);
        tagger_free(&p);
    }
    ds_buf_clear(&out);
}
END_TEST

/* ---- memory ---- */

static ds_status view_and_run(const ds_alloc *a, void *ud)
{
    static uint16_t ids[SENTENCES * DS_NN_SENTENCE];
    static ds_nn_mark marks[SENTENCES * DS_NN_SENTENCE];
    uint32_t ends[SENTENCES];
    ds_nn *mine;
    (void)ud;
    random_sentences(ids, ends);
    ds_status st = ds_nn_view(a, ds_buf_str(&image), &mine, NULL);
    if (st == DS_OK)
        st = ds_nn_run(mine, a, ids, ends, SENTENCES, marks, NULL);
    ds_nn_free(mine);
    return st;
}

START_TEST(running_out_of_memory_is_reported)
{
    oom_sweep(view_and_run, NULL);
}
END_TEST

/* A building takes half a second, so only some of its allocations fail. */
START_TEST(building_without_memory_is_reported)
{
    static const size_t failing[] = {0, 1, 2, 3, 12, 24};
    ds_nn_params p = tagger_params(7);
    p.rows = 2;
    for (size_t i = 0; i < sizeof failing / sizeof *failing; i++) {
        test_alloc t;
        ds_buf out;
        test_alloc_init(&t, failing[i]);
        ds_buf_init(&out, &t.alloc);
        ck_assert_int_eq(ds_nn_build(&p, &out, NULL), DS_ENOMEM);
        ck_assert(t.failed && out.n == 0);
        ds_buf_clear(&out);
        ck_assert_uint_eq(t.live, 0);
    }
    tagger_free(&p);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("nn");
    TCase *paths = tcase_create("paths"), *rest = tcase_create("nn");
    tcase_add_unchecked_fixture(paths, set_up, tear_down);
    tcase_add_loop_test(paths, sums_are_alike_for_every_shape, 0, DS_CPU_PATHS);
    tcase_add_loop_test(paths, gates_are_alike_for_every_input, 0, DS_CPU_PATHS);
    tcase_add_loop_test(paths, emissions_and_field_are_alike, 0, DS_CPU_PATHS);
    tcase_add_loop_test(paths, sentences_are_marked_alike, 0, DS_CPU_PATHS);
    suite_add_tcase(s, paths);
    tcase_add_unchecked_fixture(rest, set_up, tear_down);
    tcase_add_test(rest, a_sentence_does_not_depend_on_the_others);
    tcase_add_test(rest, ids_out_of_range_count_as_unknown);
    tcase_add_test(rest, integers_come_near_to_floating_point);
    tcase_add_test(rest, both_scripts_and_widths_have_the_same_row);
    tcase_add_test(rest, every_damaged_byte_is_found);
    tcase_add_test(rest, an_image_cut_short_is_refused);
    tcase_add_test(rest, a_file_is_opened_as_the_image);
    tcase_add_test(rest, weights_that_do_not_fit_are_refused);
    tcase_add_test(rest, running_out_of_memory_is_reported);
    tcase_add_test(rest, building_without_memory_is_reported);
    suite_add_tcase(s, rest);
    return s;
}

int main(void)
{
    return test_main(suite());
}
