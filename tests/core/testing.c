/* testing.c - see testing.h. */
#include "testing.h"

#include <stdio.h>

static void *counting(void *ud, void *p, size_t osize, size_t nsize)
{
    test_alloc *t = ud;
    if (nsize == 0) {
        t->live -= osize;
        free(p);
        return NULL;
    }
    if (t->calls++ == t->fail_at) {
        t->failed = true;
        return NULL;
    }
    void *q = realloc(p, nsize);
    ck_assert_ptr_nonnull(q);
    t->live = t->live - (p != NULL ? osize : 0) + nsize;
    return q;
}

void test_alloc_init(test_alloc *t, size_t fail_at)
{
    *t = (test_alloc){.fail_at = fail_at};
    t->alloc.fn = counting;
    t->alloc.ud = t;
}

void oom_sweep(ds_status (*body)(const ds_alloc *a, void *ud), void *ud)
{
    for (size_t n = 0;; n++) {
        test_alloc t;
        test_alloc_init(&t, n);
        ds_status st = body(&t.alloc, ud);
        ck_assert_msg(t.live == 0, "allocation %zu failing: %zu bytes leaked", n, t.live);
        ck_assert_msg(st == DS_ENOMEM || st == DS_OK, "allocation %zu failing: status %d", n, (int)st);
        if (!t.failed) {
            ck_assert_int_eq(st, DS_OK);
            return;
        }
    }
}

char *test_read_file(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    ck_assert_msg(f != NULL, "cannot open %s", path);
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    rewind(f);
    char *p = malloc((size_t)size + 1);
    ck_assert_ptr_nonnull(p);
    *n = fread(p, 1, (size_t)size, f);
    p[*n] = '\0';
    fclose(f);
    return p;
}

void test_tokens_join(const ds_tokens *toks, ds_str text)
{
    uint32_t at = 0;
    for (size_t i = 0; i < toks->count; i++) {
        ck_assert_uint_eq(toks->items[i].beg, at);
        ck_assert_uint_gt(toks->items[i].end, at);
        ck_assert_uint_lt(toks->items[i].cls, DS_CLASS_COUNT);
        at = toks->items[i].end;
    }
    ck_assert_uint_eq(at, text.n);
}

int test_main(Suite *s)
{
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
