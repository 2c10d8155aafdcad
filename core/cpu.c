/* cpu.c - see cpu.h. */
#include "cpu.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* What `cpu_choice` holds once it is decided. */
enum { CPU_PATH = 0xFF, CPU_DECIDED = 0x100, CPU_UNKNOWN = 0x200, CPU_UNAVAILABLE = 0x400 };

/* The one mutable global of core: 0, then for good the first value that a thread decided on. */
static atomic_uint cpu_choice;

static const char *const cpu_names[DS_CPU_PATHS] = {"portable", "avx2", "avx512", "neon"};

const char *ds_cpu_name(ds_cpu_path path)
{
    return cpu_names[path];
}

bool ds_cpu_has(ds_cpu_path path)
{
    switch (path) {
    case DS_CPU_PORTABLE:
        return true;
    case DS_CPU_AVX2:
#if defined(__x86_64__) && defined(__GNUC__)
        return __builtin_cpu_supports("avx2") != 0;
#else
        return false;
#endif
    case DS_CPU_AVX512:
#if defined(__x86_64__) && defined(__GNUC__)
        return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("avx512f") != 0 &&
               __builtin_cpu_supports("avx512bw") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
               __builtin_cpu_supports("avx512vnni") != 0;
#else
        return false;
#endif
    case DS_CPU_NEON:
#if defined(__aarch64__) && defined(__ARM_NEON) && defined(__GNUC__)
        return true; /* part of the base architecture */
#else
        return false;
#endif
    default:
        return false;
    }
}

static unsigned best_path(void)
{
    if (ds_cpu_has(DS_CPU_AVX512))
        return DS_CPU_AVX512;
    if (ds_cpu_has(DS_CPU_AVX2))
        return DS_CPU_AVX2;
    return ds_cpu_has(DS_CPU_NEON) ? DS_CPU_NEON : DS_CPU_PORTABLE;
}

static unsigned decide_path(const char *wish)
{
    if (wish == NULL || *wish == '\0')
        return CPU_DECIDED | best_path();
    for (unsigned path = 0; path < DS_CPU_PATHS; path++)
        if (strcmp(wish, cpu_names[path]) == 0)
            return CPU_DECIDED | (ds_cpu_has(path) ? path : best_path() | CPU_UNAVAILABLE);
    return CPU_DECIDED | CPU_UNKNOWN | best_path();
}

static unsigned decided(void)
{
    unsigned choice = atomic_load_explicit(&cpu_choice, memory_order_relaxed);
    if (choice != 0)
        return choice;
    unsigned mine = decide_path(getenv("DS_CPU"));
    /* The number stands for itself, nothing else is published with it: relaxed is enough. */
    if (atomic_compare_exchange_strong_explicit(&cpu_choice, &choice, mine, memory_order_relaxed, memory_order_relaxed))
        return mine;
    return choice;
}

ds_cpu_path ds_cpu_active(void)
{
    return (ds_cpu_path)(decided() & CPU_PATH);
}

ds_status ds_cpu_status(ds_error *err)
{
    unsigned choice = decided();
    const char *used = cpu_names[choice & CPU_PATH];
    if ((choice & CPU_UNKNOWN) != 0)
        return ds_fail(err, DS_EINVAL, 0, 0,
                       "DS_CPU names no path (there are: portable, avx2, avx512, neon); %s is used", used);
    if ((choice & CPU_UNAVAILABLE) != 0)
        return ds_fail(err, DS_EINVAL, 0, 0, "the path that DS_CPU names is not in this build or machine; %s is used",
                       used);
    return DS_OK;
}
