/* Preloaded into a process that writes a SQLite file: after each sync of a file it keeps a copy of
   what is in the file then, beside it, with ".synced" behind its name. What a power loss would leave
   at worst is that copy: everything that was written and not synced is missing. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void keep(int fd) {
    char link[64], path[PATH_MAX], copy[PATH_MAX + 16], temporary[PATH_MAX + 16], bytes[65536];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return;
    path[length] = 0;
    if (!strstr(path, ".db")) return;
    snprintf(copy, sizeof copy, "%s.synced", path);
    snprintf(temporary, sizeof temporary, "%s.synced.new", path);
    int from = open(path, O_RDONLY), to = open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ssize_t read_now;
    while (from >= 0 && to >= 0 && (read_now = read(from, bytes, sizeof bytes)) > 0)
        if (write(to, bytes, (size_t)read_now) != read_now) break;
    if (from >= 0) close(from);
    if (to >= 0) close(to);
    /* The process may be killed at any moment: the copy is the old one or the new one. */
    rename(temporary, copy);
}

int fsync(int fd) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    int result = real(fd);
    keep(fd);
    return result;
}

int fdatasync(int fd) {
    static int (*real)(int);
    if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    int result = real(fd);
    keep(fd);
    return result;
}
