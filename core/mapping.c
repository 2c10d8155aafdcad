/* mapping.c - see mapping.h. */
#include "mapping.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

ds_status ds_mapping_open(const char *path, ds_str *out, ds_error *err)
{
    struct stat sb;
    *out = (ds_str){NULL, 0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return ds_fail(err, DS_EIO, 0, 0, "%s: %s", path, strerror(errno));
    if (fstat(fd, &sb) != 0 || sb.st_size == 0) {
        close(fd);
        return ds_fail(err, DS_EIO, 0, 0, "%s: cannot be mapped (it is empty)", path);
    }
    void *p = mmap(NULL, (size_t)sb.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    int why = errno;
    close(fd);
    if (p == MAP_FAILED)
        return ds_fail(err, DS_EIO, 0, 0, "%s: cannot be mapped (%s)", path, strerror(why));
    *out = (ds_str){p, (size_t)sb.st_size};
    return DS_OK;
}

void ds_mapping_close(ds_str mapping)
{
    munmap((void *)(uintptr_t)mapping.p, mapping.n);
}
