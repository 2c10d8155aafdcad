/* storing.c - see storing.h. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "storing.h"

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void put_word(test_article *t, uint32_t *seed)
{
    static const char *const words[] = {"价格战", "價格戰", "模型", "的", "DeepSeek", "，", "。", "国际", "论坛", "論壇", "\n",
                                        " ", "国", "际论", "557.6万", "\xFF", "😀", "开源", "训练成本", "下调"};
    static const char *const tags[] = {"n", "v", "", "w", "nr"};
    const char *word = words[next_random(seed) % 20];
    uint32_t beg = (uint32_t)t->text.n;
    ds_buf_put(&t->text, word, strlen(word));
    if (strcmp(word, " ") == 0 || strcmp(word, "\n") == 0)
        return; /* left to the writer */
    ck_assert_int_eq(ds_grow(NULL, (void **)&t->tokens, &t->cap, t->count + 1, sizeof *t->tokens), DS_OK);
    const char *lemma = next_random(seed) % 5 == 0 ? "lemma" : "";
    t->tokens[t->count++] = (ds_own_token){beg, (uint32_t)t->text.n, ds_str_of(tags[next_random(seed) % 5]),
                                           ds_str_of(lemma), DS_CLASS_HAN};
}

void test_article_make(test_article *t, uint32_t n, uint32_t version)
{
    char id[32];
    uint32_t seed = n * 7919 + version * 104729 + 1;
    *t = (test_article){0};
    ds_buf_init(&t->text, NULL);
    ds_buf_init(&t->row, NULL);
    snprintf(id, sizeof id, "article-%u", n);
    for (uint32_t i = n % 7 == 3 ? 0 : 5 + next_random(&seed) % 20; i > 0; i--)
        put_word(t, &seed);
    ds_fields_string(&t->row, "id", ds_str_of(id));
    ds_fields_string(&t->row, "title", ds_str_of(version % 2 == 0 ? "一个标题" : "另一个标题"));
    ck_assert(t->text.status == DS_OK && t->row.status == DS_OK);
    t->article = (ds_article){.id = ds_fields_find(ds_buf_str(&t->row), "id"), .text = ds_buf_str(&t->text),
                              .row = ds_buf_str(&t->row), .date = 20250100 + n % 28, .hash = n * 1000u + version,
                              .tokens = t->tokens != NULL ? t->tokens : (ds_own_token *)(void *)t, .token_count = t->count};
}

void test_article_free(test_article *t)
{
    ds_buf_clear(&t->text);
    ds_buf_clear(&t->row);
    ds_mfree(NULL, t->tokens, t->cap * sizeof *t->tokens);
}

const char *test_path(const char *name)
{
    static char dir[256], path[512];
    static pid_t owner;
    if (owner != getpid()) {
        const char *tmp = getenv("TMPDIR");
        owner = getpid();
        snprintf(dir, sizeof dir, "%s/ds-test-XXXXXX", tmp != NULL ? tmp : "/tmp");
        ck_assert_ptr_nonnull(mkdtemp(dir));
    }
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

void test_done(const char *path)
{
    char dir[512];
    snprintf(dir, sizeof dir, "%s", path);
    *strrchr(dir, '/') = '\0';
    unlink(path);
    ck_assert_int_eq(rmdir(dir), 0);
}

ds_writer *test_writer(const char *path)
{
    ds_writer *w;
    ds_error err;
    ds_writer_options o = {.about = ds_str_of("segmenter: test\n")};
    ck_assert_msg(ds_writer_open(NULL, path, &o, &w, &err) == DS_OK, "%s", err.msg);
    return w;
}

void test_add(ds_writer *w, uint32_t from, uint32_t to, uint32_t version)
{
    ds_error err;
    for (uint32_t i = from; i < to; i++) {
        test_article t;
        test_article_make(&t, i, version);
        ck_assert_msg(ds_writer_add(w, &t.article, &err) == DS_OK, "%s", err.msg);
        test_article_free(&t);
    }
    ck_assert_msg(ds_writer_commit(w, &err) == DS_OK, "%s", err.msg);
}

/* Every given token is there, and what lies between them has no part of speech. */
static void check_tokens(ds_reader *r, ds_place at, const test_article *t)
{
    const ds_placed *placed;
    size_t n, k = 0;
    uint32_t off = 0;
    ck_assert_int_eq(ds_reader_tokens(r, at, &placed, &n, NULL), DS_OK);
    for (size_t i = 0; i < n; i++) {
        ds_type type;
        ck_assert_uint_eq(placed[i].beg, off);
        off = placed[i].end;
        ck_assert_int_eq(ds_reader_type(r, at.segment, placed[i].type, &type, NULL), DS_OK);
        ck_assert(ds_str_eq(type.word, (ds_str){t->text.p + placed[i].beg, placed[i].end - placed[i].beg}));
        if (k == t->count || t->tokens[k].beg != placed[i].beg) {
            ck_assert_uint_eq(type.pos.n, 0);
            continue;
        }
        ck_assert_uint_eq(t->tokens[k].end, placed[i].end);
        ck_assert(ds_str_eq(type.pos, t->tokens[k].pos));
        ck_assert(ds_str_eq(type.lemma, t->tokens[k++].lemma));
    }
    ck_assert_uint_eq(k, t->count);
    ck_assert_uint_eq(off, t->text.n);
}

void test_has(ds_store *s, uint32_t n, uint32_t version)
{
    test_article t;
    ds_reader *r;
    ds_place at;
    ds_str row;
    ds_buf text;
    bool found;
    test_article_make(&t, n, version);
    ds_buf_init(&text, NULL);
    ck_assert_int_eq(ds_reader_new(NULL, s, &r, NULL), DS_OK);
    ck_assert_int_eq(ds_reader_find(r, t.article.id, &at, &found, NULL), DS_OK);
    ck_assert_msg(found, "article %u is missing", n);
    ck_assert_int_eq(ds_reader_row(r, at, &row, NULL), DS_OK);
    ck_assert(ds_str_eq(row, t.article.row));
    ck_assert_int_eq(ds_reader_text(r, at, &text, NULL), DS_OK);
    ck_assert(ds_str_eq(ds_buf_str(&text), t.article.text));
    ck_assert_uint_eq(ds_store_date(s, at), t.article.date);
    ck_assert_uint_eq(ds_store_hash(s, at), t.article.hash);
    check_tokens(r, at, &t);
    ds_reader_free(r);
    ds_buf_clear(&text);
    test_article_free(&t);
}

void test_holds(const char *path, uint32_t n, uint32_t version)
{
    ds_store *s;
    ds_error err;
    ck_assert_msg(ds_store_open(NULL, path, &s, &err) == DS_OK, "%s", err.msg);
    ck_assert_uint_eq(ds_store_docs(s), n);
    for (uint32_t i = 0; i < n; i++)
        test_has(s, i, version);
    ds_store_close(s);
}
