/* test_cql.c - the query language: trees, messages, ceilings. */
#include <stdio.h>
#include <string.h>

#include "cql.h"
#include "testing.h"

/* ------------------------------------------------------------------ a tree as text */

static void show(const ds_cql *q, uint32_t i, char *out);

static void show_children(const ds_cql *q, const ds_cql_node *n, char *out)
{
    for (uint32_t c = n->child; c != DS_CQL_NONE; c = ds_cql_at(q, c)->next) {
        strcat(out, " ");
        show(q, c, out);
    }
}

static void show(const ds_cql *q, uint32_t i, char *out)
{
    static const char *const kinds[] = {"seq", "or", "rep", "name", "token", "phrase", "&", "|", "!", "test"};
    const ds_cql_node *n = ds_cql_at(q, i);
    sprintf(out + strlen(out), "(%s", kinds[n->kind]);
    if (n->kind == DS_CQL_REPEAT)
        sprintf(out + strlen(out), " %u-%d", n->min, (int)n->max);
    if (n->kind == DS_CQL_CAPTURE)
        sprintf(out + strlen(out), " %.*s", (int)ds_cql_capture(q, n->capture).n, ds_cql_capture(q, n->capture).p);
    if (n->kind == DS_CQL_PHRASE)
        sprintf(out + strlen(out), " %.*s", (int)n->value.n, n->value.p);
    if (n->kind == DS_CQL_TEST)
        sprintf(out + strlen(out), " %s%s%.*s%s", ds_cql_attr_name(n->attr), n->pattern ? "~" : "=", (int)n->value.n,
                n->value.p, n->ignore_case ? "%c" : "");
    show_children(q, n, out);
    strcat(out, ")");
}

static const struct {
    const char *text, *tree;
} trees[] = {
    {"\"價格戰\"", "(phrase 价格战)"},
    {"'Ｍodel　 Y '", "(phrase model y)"},
    {"\"a\\\"b\\\\c\"", "(phrase a\"b\\c)"},
    {"[]", "(token)"},
    {"[word=\"價\"]", "(token (test word=價))"},
    {"[key=\"價Ａ\"]", "(token (test key=价a))"},
    {"[key = 'Ａ.*價（']", "(token (test key~A.*价\\())"},
    {"[word=\"3\\.5\"]", "(token (test word=3.5))"},
    {"[word=\"3.5\"]", "(token (test word~3.5))"},
    {"[word=\"3.5\"%l]", "(token (test word=3.5))"},
    {"[word=\"AB\"%c]", "(token (test word=AB%c))"},
    {"[key=\"\\p{Han}\\d\"]", "(token (test key~\\p{Han}\\d))"},
    {"[pos!=\"n\"]", "(token (! (test pos=n)))"},
    {"[pos=\"n\" & !(word=\"a\" | word=\"b\") | lemma=\"c\"]",
     "(token (| (& (test pos=n) (! (| (test word=a) (test word=b)))) (test lemma=c)))"},
    {"[entity=\"馬斯克\"]", "(token (test entity=马斯克))"},
    {"[] \"a\" []", "(seq (token) (phrase a) (token))"},
    {"[] | \"a\" []", "(or (token) (seq (phrase a) (token)))"},
    {"([] | \"a\")+ []", "(seq (rep 1--1 (or (token) (phrase a))) (token))"},
    {"[]{2} []{0,3} []{4,} []?", "(seq (rep 2-2 (token)) (rep 0-3 (token)) (rep 4--1 (token)) (rep 0-1 (token)))"},
    {"@a:[] b:(\"x\" [])* a:[]", "(seq (name a (token)) (name b (rep 0--1 (seq (phrase x) (token)))) (name a (token)))"},
    {"\"a\"within s", "(phrase a)"},
    {"\xE3\x80\x80[ ]\n", "(token)"},
};

START_TEST(queries_become_trees)
{
    char out[1024] = "";
    ds_cql *q;
    ds_error err;
    ck_assert_msg(ds_cql_parse(NULL, ds_str_of(trees[_i].text), &q, &err) == DS_OK, "%s: %s", trees[_i].text, err.msg);
    show(q, ds_cql_root(q), out);
    ck_assert_str_eq(out, trees[_i].tree);
    ck_assert(ds_str_eq(ds_cql_text(q), ds_str_of(trees[_i].text)));
    ds_cql_free(q);
}
END_TEST

static const struct {
    const char *text;
    ds_status status;
    const char *message;
} bad[] = {
    {"", DS_EFORMAT, "query, character 1: expected '[', '(' or a phrase between quotation marks, found the end"},
    {"价格", DS_EFORMAT, "query, character 1: expected '[', '(' or a phrase between quotation marks, found '价'"},
    {"[word=\"价]", DS_EFORMAT, "query, character 7: the quotation mark that opens here is never closed"},
    {"[wort=\"a\"]", DS_EFORMAT, "query, character 2: expected word, key, pos, lemma, class, entity, '!' or '(', found 'wort'"},
    {"[word \"a\"]", DS_EFORMAT, "query, character 7: expected '=' or '!=', found '\"'"},
    {"[word=a]", DS_EFORMAT, "query, character 7: expected a value between quotation marks, found 'a'"},
    {"[word=\"价\"", DS_EFORMAT, "query, character 10: expected ']', '&' or '|', found the end"},
    {"[word=\"a\"%x]", DS_EFORMAT, "query, character 11: expected the flags c (any case) or l (no regular expression), found 'x'"},
    {"[(word=\"a\"]", DS_EFORMAT, "query, character 11: expected ')', '&' or '|', found ']'"},
    {"([]", DS_EFORMAT, "query, character 4: expected ')', '|' or another part, found the end"},
    {"[] )", DS_EFORMAT, "query, character 4: expected '[', '(', a phrase, '|', a quantifier, 'within' or the end, found ')'"},
    {"[]{", DS_EFORMAT, "query, character 4: expected a number, found the end"},
    {"[]{3,2}", DS_EFORMAT, "query, character 4: the second number is smaller than the first"},
    {"[]{0}", DS_EFORMAT, "query, character 4: repeated no times"},
    {"[]{1001}", DS_ELIMIT, "query, character 4: more repetitions than 1000"},
    {"[]* \"a\"?", DS_EFORMAT, "query, character 1: every part may be missing: the query would match nothing at all everywhere"},
    {"\" \"", DS_EFORMAT, "query, character 1: nothing between the quotation marks but white space"},
    {"[] within x", DS_EFORMAT, "query, character 11: expected s (sentence), p (paragraph), doc or a number, found 'x'"},
    {"[] within", DS_EFORMAT, "query, character 10: expected s (sentence), p (paragraph), doc or a number, found the end"},
    {"[] within 2 doc", DS_EFORMAT, "query, character 13: expected s (sentences), p (paragraphs) or the end (tokens), found 'doc'"},
    {"[] within 0 s", DS_EFORMAT, "query, character 11: nothing is within 0 units"},
    {"[] within 1001", DS_ELIMIT, "query, character 11: more than 1000 units or tokens"},
    {"@:[]", DS_EFORMAT, "query, character 2: expected a name, found ':'"},
    {"@a[]", DS_EFORMAT, "query, character 3: expected ':', found '['"},
    {"[class=\"noun\"]", DS_EFORMAT, "query, character 8: no class of that name: han latin number money percent date url emoji punct bad"},
    {"[] \xE4\xBB", DS_EFORMAT, "query, character 4: not UTF-8"},
    {"[]***", DS_EFORMAT, "query, character 5: expected '[', '(' or a phrase between quotation marks, found '*'"},
};

START_TEST(malformed_queries_name_the_character_and_what_was_expected)
{
    ds_cql *q = (ds_cql *)&q;
    ds_error err;
    ck_assert_msg(ds_cql_parse(NULL, ds_str_of(bad[_i].text), &q, &err) == bad[_i].status, "%s", bad[_i].text);
    ck_assert_ptr_null(q);
    ck_assert_str_eq(err.msg, bad[_i].message);
    ck_assert_int_eq(ds_cql_parse(NULL, ds_str_of(bad[_i].text), &q, NULL), bad[_i].status);
}
END_TEST

START_TEST(depth_size_and_names_have_ceilings)
{
    static char text[DS_CQL_TEXT_MAX + 2];
    ds_cql *q;
    ds_error err;
    memset(text, '(', 200);
    ck_assert_int_eq(ds_cql_parse(NULL, ds_str_of(text), &q, &err), DS_ELIMIT);
    strcpy(text, "[");
    memset(text + 1, '!', 100);
    strcpy(text + 101, "word=\"a\"]");
    ck_assert_int_eq(ds_cql_parse(NULL, ds_str_of(text), &q, &err), DS_ELIMIT);
    for (size_t i = 0; i < 5000; i++)
        memcpy(text + 2 * i, "[]", 3);
    ck_assert_int_eq(ds_cql_parse(NULL, ds_str_of(text), &q, &err), DS_ELIMIT);
    memset(text, ' ', sizeof text - 1);
    ck_assert_int_eq(ds_cql_parse(NULL, (ds_str){text, DS_CQL_TEXT_MAX + 1}, &q, &err), DS_ELIMIT);
    text[0] = '\0';
    for (int i = 0; i < 17; i++)
        sprintf(text + strlen(text), "n%d:[]", i);
    ck_assert_int_eq(ds_cql_parse(NULL, ds_str_of(text), &q, &err), DS_ELIMIT);
    ds_cql_free(NULL);
}
END_TEST

static ds_status oom_body(const ds_alloc *a, void *ud)
{
    ds_cql *q;
    (void)ud;
    ds_status st = ds_cql_parse(a, ds_str_of("@a:[key=\"價.*\" & pos!=\"n\"]+ (\"國際 論壇\" | [word=\"x\"%c]) [] within p"), &q, NULL);
    ck_assert((st == DS_OK) == (q != NULL));
    ds_cql_free(q);
    return st;
}

START_TEST(lack_of_memory_is_reported_and_leaks_nothing)
{
    oom_sweep(oom_body, NULL);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("cql");
    TCase *t = tcase_create("cql");
    tcase_add_loop_test(t, queries_become_trees, 0, (int)(sizeof trees / sizeof *trees));
    tcase_add_loop_test(t, malformed_queries_name_the_character_and_what_was_expected, 0, (int)(sizeof bad / sizeof *bad));
    tcase_add_test(t, depth_size_and_names_have_ceilings);
    tcase_add_test(t, lack_of_memory_is_reported_and_leaks_nothing);
    suite_add_tcase(s, t);
    return test_main(s);
}
