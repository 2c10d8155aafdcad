/* replay.c - runs a fuzz target on files: `fuzz_NAME FILE|DIRECTORY…`; prints how many there were. */
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

#define PATH_LONGEST 4096

static long replayed; /* files */

static void fail_replay(const char *path, const char *what)
{
    fprintf(stderr, "replay: %s: %s\n", path, what);
    exit(EXIT_FAILURE);
}

static void replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        fail_replay(path, "cannot be opened");
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    rewind(f);
    uint8_t *data = size < 0 ? NULL : malloc((size_t)size + 1); /* + 1: malloc(0) may give NULL */
    if (data == NULL || fread(data, 1, (size_t)size, f) != (size_t)size)
        fail_replay(path, "cannot be read");
    fclose(f);
    uint8_t *exact = realloc(data, size > 0 ? (size_t)size : 1); /* so that a read behind the end is noticed */
    if (exact == NULL)
        fail_replay(path, "no memory");
    fprintf(stderr, "%s\n", path); /* the last one shown is the one that failed */
    LLVMFuzzerTestOneInput(exact, (size_t)size);
    free(exact);
    replayed++;
}

static void replay_path(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        fail_replay(path, "not found");
    if (!S_ISDIR(st.st_mode)) {
        replay_file(path);
        return;
    }
    DIR *d = opendir(path);
    if (d == NULL)
        fail_replay(path, "cannot be listed");
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        char inner[PATH_LONGEST];
        if (e->d_name[0] == '.')
            continue;
        int n = snprintf(inner, sizeof inner, "%s/%s", path, e->d_name);
        if (n < 0 || (size_t)n >= sizeof inner)
            fail_replay(path, "name too long");
        replay_path(inner);
    }
    closedir(d);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        replay_path(argv[i]);
    printf("replayed %ld\n", replayed);
    return replayed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
