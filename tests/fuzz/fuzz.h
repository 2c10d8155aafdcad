/*
 * fuzz.h - what the fuzz targets share.
 *
 * A target is a file fuzz_NAME.c with LLVMFuzzerTestOneInput, which asserts properties of what it gets with FUZZ_CHECK
 * and takes its options from the input, too.  Its seeds are the files of seeds/NAME/.  Somewhere in core stands a bug
 * under #ifdef DS_PLANT_NAME (capitals), which the target must find.
 *
 *   make test    replays the seeds, with the compiler and MODE of the other tests (replay.c)
 *   make fuzz    builds each target with clang's libFuzzer and sanitizers and runs it for FUZZ_SECONDS; then builds it
 *                again with its planted bug, and fails unless that is found in the same time
 */
#ifndef DS_FUZZ_H
#define DS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define FUZZ_CHECK(property)                                                                                           \
    do {                                                                                                               \
        if (!(property)) {                                                                                             \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #property);                              \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

#endif
