/*
 * testing.h - what the Check suites share: a counting allocator and the out-of-memory sweep.
 */
#ifndef DS_TESTING_H
#define DS_TESTING_H

#include <check.h>
#include <stdlib.h>

#include "alloc.h"
#include "segment.h"

typedef struct test_alloc {
    ds_alloc alloc;   /* give &t.alloc to the code under test */
    size_t live;      /* bytes allocated and not freed */
    size_t calls;     /* allocations and growths so far */
    size_t fail_at;   /* the call that fails, counted from 0; SIZE_MAX: none */
    bool failed;      /* it has been reached */
} test_alloc;

void test_alloc_init(test_alloc *t, size_t fail_at);

/*
 * Runs `body` with the first allocation failing, then the second, ... until a run has no failure.
 * body(a, ud) does its work with `a`, frees everything again and returns the status it met.
 * Each round must end in DS_ENOMEM, or in DS_OK with a right result (the body asserts it),
 * and with no byte left allocated.
 */
void oom_sweep(ds_status (*body)(const ds_alloc *a, void *ud), void *ud);

/* A whole file as bytes with a NUL after it; the caller frees.  Fails the test when missing. */
char *test_read_file(const char *path, size_t *n);

/* Asserts that the tokens are not empty, have classes, and join to the text. */
void test_tokens_join(const ds_tokens *toks, ds_str text);

/* Runs a suite as a program: prints Check's summary, returns the exit status. */
int test_main(Suite *s);

#endif
