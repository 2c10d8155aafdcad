/* storing.h - small stores for the tests of store.h: articles made from a seed, cut into words of their own. */
#ifndef DS_TEST_STORING_H
#define DS_TEST_STORING_H

#include "store.h"
#include "testing.h"

/* Article number `n` in its version `version`: always the same. */
typedef struct test_article {
    ds_buf text, row;
    ds_own_token *tokens;
    size_t count, cap;
    ds_article article; /* views of these */
} test_article;

void test_article_make(test_article *t, uint32_t n, uint32_t version);
void test_article_free(test_article *t);

/* A path in a directory of this process's own, below TMPDIR. */
const char *test_path(const char *name);
/* Removes the file and the directory; nothing else must be in it. */
void test_done(const char *path);

ds_writer *test_writer(const char *path);
/* Adds articles [from, to) and commits. */
void test_add(ds_writer *w, uint32_t from, uint32_t to, uint32_t version);
/* Asserts that the store has article n, in that version, to the last byte. */
void test_has(ds_store *s, uint32_t n, uint32_t version);
/* Asserts that the store has articles [0, n) and no other, version of each from `version`. */
void test_holds(const char *path, uint32_t n, uint32_t version);

#endif
