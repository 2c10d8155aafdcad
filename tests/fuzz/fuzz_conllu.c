/* fuzz_conllu.c - texts that bring their words; see fuzz_reader.h.  The first byte says how the rest is read. */
#include "fuzz_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char *const formats[] = {"conllu", "vrt"};
    if (n < 1 || n > 20000)
        return 0;
    fuzz_open_state(FUZZ_READ);
    fuzz_call(data + 1, n - 1, formats[data[0] % (sizeof formats / sizeof *formats)]);
    return 0;
}
