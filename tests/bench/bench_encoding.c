/*
 * bench_encoding.c - decoding to UTF-8, with and without the map, and detecting, against iconv by itself.
 *
 * Figures are MB/s of input; the checksum is that of the text.  The peer converts into one buffer that is large enough.
 * Detection has no peer among the libraries that the build needs: it stands beside one conversion of the same article.
 */
#include <iconv.h>

#include "bench.h"
#include "encoding.h"

#define TEXT_BYTES ((size_t)4 << 20)
#define ARTICLE_BYTES ((size_t)6 << 10)

static const char hans[] = "新模型昨晚上线，API 价格只有对手的三十分之一，降幅达到 97%。“这不是促销。”创始人说。\n";
static const char hant[] = "新模型昨晚上線，API 價格只有對手的三十分之一，降幅達到 97%。「這不是促銷。」創辦人說。\n";

typedef struct job {
    const char *name, *iconv, *sentence;
    ds_encoding encoding;
    bool map, detect;
    char *p; /* the text in the encoding */
    size_t n;
} job;

static size_t convert(const char *to, const char *from, const char *p, size_t n, char *out, size_t room)
{
    iconv_t cd = iconv_open(to, from);
    char *in = (char *)(uintptr_t)p;
    size_t left = n, rest = room;
    if (cd == (iconv_t)-1 || iconv(cd, &in, &left, &out, &rest) == (size_t)-1) {
        fprintf(stderr, "bench_encoding: iconv cannot convert %s to %s\n", from, to);
        exit(EXIT_FAILURE);
    }
    iconv_close(cd);
    return room - rest;
}

static void make_input(job *j)
{
    size_t len = strlen(j->sentence), want = j->detect ? ARTICLE_BYTES : TEXT_BYTES, n = 0;
    char *text = malloc(want + len);
    j->p = malloc(2 * (want + len));
    if (text == NULL || j->p == NULL)
        exit(EXIT_FAILURE);
    for (; n < want; n += len)
        memcpy(text + n, j->sentence, len);
    j->n = convert(j->iconv, "UTF-8", text, n, j->p, 2 * (want + len));
    free(text);
}

static uint64_t ours(const void *ud)
{
    const job *j = ud;
    ds_buf out;
    ds_offmap map;
    ds_detection found;
    ds_buf_init(&out, NULL);
    ds_offmap_init(&map, NULL);
    if (j->detect) {
        if (ds_detect(NULL, (ds_str){j->p, j->n}, DS_ENC_UNKNOWN, &found, NULL) != DS_OK || found.encoding != j->encoding)
            exit(EXIT_FAILURE);
        return 0;
    }
    if (ds_decode(NULL, (ds_str){j->p, j->n}, j->encoding, &out, j->map ? &map : NULL, NULL) != DS_OK)
        exit(EXIT_FAILURE);
    uint64_t sum = ds_crc32(0, out.p, out.n);
    ds_buf_clear(&out);
    ds_offmap_clear(&map);
    return sum;
}

static uint64_t peers(const void *ud)
{
    const job *j = ud;
    size_t room = 3 * j->n;
    char *out = malloc(room);
    if (out == NULL)
        exit(EXIT_FAILURE);
    size_t n = convert("UTF-8", j->iconv, j->p, j->n, out, room);
    uint64_t sum = j->detect ? 0 : ds_crc32(0, out, n);
    free(out);
    return sum;
}

static bool measure(job *j)
{
    make_input(j);
    size_t times = j->n < TEXT_BYTES / 2 ? 64 : 1; /* an article is over too soon for the clock */
    bool agree = bench_pair(j->name, "MB/s", (double)j->n / 1e6, times, j->n, ours, "iconv", peers, j);
    free(j->p);
    return agree;
}

int main(void)
{
    job jobs[] = {
        {"decode GB18030", "GB18030", hans, DS_ENC_GB18030, false, false, NULL, 0},
        {"decode GB18030 with map", "GB18030", hans, DS_ENC_GB18030, true, false, NULL, 0},
        {"decode Big5", "BIG5-HKSCS", hant, DS_ENC_BIG5, false, false, NULL, 0},
        {"decode UTF-16LE", "UTF-16LE", hans, DS_ENC_UTF16LE, false, false, NULL, 0},
        {"detect GB18030, 6 KB", "GB18030", hans, DS_ENC_GB18030, false, true, NULL, 0},
        {"detect Big5, 6 KB", "BIG5-HKSCS", hant, DS_ENC_BIG5, false, true, NULL, 0},
    };
    bool agree = true;
    printf("# bench_encoding: a generated text of one sentence; iconv of glibc\n");
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++)
        agree = measure(&jobs[i]) && agree;
    return agree ? EXIT_SUCCESS : EXIT_FAILURE;
}
