/* bind_shared.c - see bind_shared.h. */
#include "bind_shared.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct shared {
    struct shared *next;
    dev_t device;
    ino_t number;
    off_t size;
    struct timespec changed;
    ds_lexicon *lex;
    size_t users;
} shared;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static shared *first;

static bool is_file(const shared *s, const struct stat *sb)
{
    return s->device == sb->st_dev && s->number == sb->st_ino && s->size == sb->st_size &&
           s->changed.tv_sec == sb->st_mtim.tv_sec && s->changed.tv_nsec == sb->st_mtim.tv_nsec;
}

/* Under the lock. */
static ds_status open_new(const char *path, const struct stat *sb, ds_lexicon **out, ds_error *err)
{
    shared *s = malloc(sizeof *s);
    if (s == NULL)
        return ds_fail_nomem(err);
    *s = (shared){first, sb->st_dev, sb->st_ino, sb->st_size, sb->st_mtim, NULL, 1};
    ds_status st = ds_lexicon_open(NULL, path, &s->lex, err);
    if (st != DS_OK) {
        free(s);
        return st;
    }
    first = s;
    *out = s->lex;
    return DS_OK;
}

static ds_status find_or_open(const char *path, ds_lexicon **out, ds_error *err)
{
    struct stat sb;
    if (stat(path, &sb) != 0)
        return ds_lexicon_open(NULL, path, out, err); /* fails, and says why */
    for (shared *s = first; s != NULL; s = s->next)
        if (is_file(s, &sb)) {
            s->users++;
            *out = s->lex;
            return DS_OK;
        }
    return open_new(path, &sb, out, err);
}

ds_status dsL_share_lexicon(const char *path, ds_lexicon **out, ds_error *err)
{
    *out = NULL;
    pthread_mutex_lock(&lock);
    ds_status st = find_or_open(path, out, err);
    pthread_mutex_unlock(&lock);
    return st;
}

void dsL_unshare_lexicon(ds_lexicon *lex)
{
    pthread_mutex_lock(&lock);
    for (shared **at = &first; lex != NULL && *at != NULL; at = &(*at)->next) {
        shared *s = *at;
        if (s->lex != lex)
            continue;
        if (--s->users == 0) {
            *at = s->next;
            ds_lexicon_free(lex);
            free(s);
        }
        break;
    }
    pthread_mutex_unlock(&lock);
}
