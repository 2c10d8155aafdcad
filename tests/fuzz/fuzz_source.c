/*
 * fuzz_source.c - compressed files: what gzip and Zstandard have packed comes out again, a file that is cut off is refused, and any
 * other bytes are refused or give something.
 *
 * The first byte: what to do; the second: where to cut.
 */
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "fuzz_reader.h"

enum { MOST = 4000, ROOM = 3 * MOST };

static const char CHECK[] =
    "local source = require 'ds.c.source'\n"
    "local plain\n"
    "return function(bytes, what)\n"
    "  if what == 'plain' then plain = bytes return end\n"
    "  local s = assert(source.of(bytes))\n"
    "  local head = s:peek(3)\n"
    "  local all, message = s:all(1 << 20)\n"
    "  assert(all or (type(message) == 'string' and message ~= ''), 'no reason')\n"
    "  assert(not all or all:sub(1, #head) == head, 'another beginning')\n"
    "  if what == 'whole' then assert(all == plain, 'not what was packed') end\n"
    "  if what == 'cut' then assert(not all, 'a file that is cut off is taken as whole') end\n"
    "end\n";

static size_t pack_gzip(const uint8_t *data, size_t n, uint8_t *out)
{
    z_stream z = {0};
    FUZZ_CHECK(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    uint8_t none = 0;
    z.next_in = n > 0 ? (Bytef *)(uintptr_t)data : &none;
    z.avail_in = (uInt)n;
    z.next_out = out;
    z.avail_out = ROOM;
    FUZZ_CHECK(deflate(&z, Z_FINISH) == Z_STREAM_END);
    size_t got = z.total_out;
    deflateEnd(&z);
    return got;
}

static size_t pack_zstd(const uint8_t *data, size_t n, uint8_t *out)
{
    size_t got = ZSTD_compress(out, ROOM, data, n, 3);
    FUZZ_CHECK(!ZSTD_isError(got));
    return got;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static uint8_t packed[2 * ROOM];
    if (n < 2 || n > MOST)
        return 0;
    fuzz_open_state(CHECK);
    if (data[0] % 4 == 3) {
        fuzz_call(data + 2, n - 2, "any");
        return 0;
    }
    bool gzip = data[0] % 4 == 0;
    const uint8_t *text = data + 2;
    n -= 2;
    size_t got = gzip ? pack_gzip(text, n, packed) : pack_zstd(text, n, packed);
    if (data[0] % 4 == 2) /* two members: half and half */
        got = pack_zstd(text, n / 2, packed), got += pack_zstd(text + n / 2, n - n / 2, packed + got);
    fuzz_call(text, n, "plain");
    fuzz_call(packed, got, "whole");
    size_t cut = data[1] % got;
    if (cut > 4 && data[0] % 4 != 2) /* shorter, it is not known to be compressed; between members it is whole */
        fuzz_call(packed, cut, "cut");
    return 0;
}
