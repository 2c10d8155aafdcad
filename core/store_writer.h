/* store_writer.h - what a writer holds; for store_write.c, store_add.c and store_copy.c only. */
#ifndef DS_STORE_WRITER_H
#define DS_STORE_WRITER_H

#include "store_batch.h"
#include "store_ids.h"

struct ds_writer {
    ds_alloc alloc;
    char *path;
    size_t path_size;
    int fd;
    ds_writer_options options;
    ds_buf about;
    ds_codec *small, *large; /* for segments */
    st_commit commit;      /* the last one, and what has been written and deleted since */
    size_t committed;      /* segments of it that the last one has */
    st_sink sink;
    st_pending *pending;
    st_segment pending_segment; /* .deleted: of the articles that wait */
    size_t deleted_cap;    /* words of it */
    st_ids ids;            /* articles added since the last commit */
    ds_store *base;        /* the last commit, NULL: none */
    ds_reader *reader;
    st_cutter cutter;
    st_batch batch;        /* see ds_writer_batch */
    uint64_t flushes;      /* segments that were written */
    uint16_t *copy_map;    /* part of speech of segment copy_segment of what copy_from reads -> ours + 1, 0: not asked yet */
    const ds_reader *copy_from;
    uint32_t copy_segment;
    bool created;          /* by this writer, which has not committed yet */
    bool broken;
};

/* Whether the writer may still be used; DS_EINVAL. */
DS_MUSTUSE ds_status st_writer_usable(const ds_writer *w, ds_error *err);
/* `st`; when it is a failure, only closing is left. */
ds_status st_writer_broken(ds_writer *w, ds_status st);
/* Writes what waits as a segment. */
DS_MUSTUSE ds_status st_writer_flush(ds_writer *w, ds_error *err);
/* Room for an article of so many bytes of text. */
DS_MUSTUSE ds_status st_writer_room(ds_writer *w, size_t text, ds_error *err);
/* Adds an article as `put` does it, which is told `i`, in a segment that has room for it, and notes it. */
DS_MUSTUSE ds_status st_writer_put(ds_writer *w, const ds_article *article,
                                   ds_status (*put)(ds_writer *w, size_t i, const ds_article *a, ds_error *err), size_t i,
                                   ds_error *err);
/* Notes the article that was added last, in place of the one of that id. */
DS_MUSTUSE ds_status st_writer_note(ds_writer *w, ds_str id, uint64_t hash, ds_error *err);
/* Whether an article of the commit has been deleted since. */
bool st_writer_deleted(const ds_writer *w, ds_place at);
/* The last segments of the last commit that are of one size and so many that one should do instead, from *first on. */
bool st_writer_tier(const ds_writer *w, size_t *first);
/* Takes the segments from `first` on, which the last commit has, into the one that waits. */
DS_MUSTUSE ds_status st_writer_take_in(ds_writer *w, size_t first, ds_error *err);
/* Makes the name of a new file last, too. */
void st_sync_directory(const char *path);

#endif
