/* Writes down, in one file and in order, what a process does to the files below a folder: for the test that asks what a loss
   of power leaves of it. Preloaded; the folder is FAULT_ROOT, the file FAULT_LOG. FAULT_SLOW is how long each sync of a file
   takes longer, in microseconds. A record is a line of words, and behind a 'W' so many bytes as it says. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define FDS 65536

static char root[4096];
static size_t root_length;
static int out = -1;
static useconds_t slow;
static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;
/* Inode of each open file of the folder; 0: none of it. */
static ino_t known[FDS];

#define REAL(result, name, ...)                                                                                      \
    static result (*real)(__VA_ARGS__);                                                                              \
    if (!real) real = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

__attribute__((constructor)) static void begin(void) {
    const char *folder = getenv("FAULT_ROOT"), *log = getenv("FAULT_LOG"), *wait = getenv("FAULT_SLOW");
    if (wait) slow = (useconds_t)atol(wait);
    if (!folder) return;
    snprintf(root, sizeof root, "%s", folder);
    root_length = strlen(root);
    if (log) out = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int below(const char *path) {
    return out >= 0 && path && strncmp(path, root, root_length) == 0 && (path[root_length] == '/' || !path[root_length]);
}

static const char *inside(const char *path) { return path[root_length] ? path + root_length + 1 : "."; }

static void record(const char *line, const void *bytes, size_t count) {
    struct iovec parts[2] = {{(void *)line, strlen(line)}, {(void *)bytes, count}};
    ssize_t done = syscall(SYS_writev, out, parts, count ? 2 : 1);
    if (done != (ssize_t)(parts[0].iov_len + count)) abort();
}

static void say(const char *format, ...) {
    char line[8400];
    va_list words;
    va_start(words, format);
    vsnprintf(line, sizeof line, format, words);
    va_end(words);
    record(line, NULL, 0);
}

static void wrote(int fd, off_t at, const void *bytes, size_t count) {
    char line[128];
    snprintf(line, sizeof line, "W %llu %lld %zu\n", (unsigned long long)known[fd], (long long)at, count);
    record(line, bytes, count);
}

static int tracked(int fd) { return out >= 0 && fd >= 0 && fd < FDS && known[fd]; }

static int opened(int fd, const char *path, int flags, int existed) {
    struct stat at;
    if (fd < 0 || fd >= FDS || syscall(SYS_newfstatat, fd, "", &at, AT_EMPTY_PATH)) return fd;
    known[fd] = at.st_ino;
    if (S_ISDIR(at.st_mode)) say("D %llu %s\n", (unsigned long long)at.st_ino, inside(path));
    else if (!existed) say("C %llu %s\n", (unsigned long long)at.st_ino, inside(path));
    else if (flags & O_TRUNC) say("T %llu 0\n", (unsigned long long)at.st_ino);
    return fd;
}

static int open_it(const char *name, const char *path, int flags, mode_t mode) {
    int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, name);
    if (!below(path)) {
        int fd = real(path, flags, mode);
        if (fd >= 0 && fd < FDS) known[fd] = 0;
        return fd;
    }
    pthread_mutex_lock(&one);
    int existed = syscall(SYS_faccessat, AT_FDCWD, path, F_OK) == 0;
    int fd = opened(real(path, flags, mode), path, flags, existed);
    pthread_mutex_unlock(&one);
    return fd;
}

#define MODE(flags)                                                                                                  \
    mode_t mode = 0;                                                                                                 \
    if ((flags) & (O_CREAT | O_TMPFILE)) {                                                                           \
        va_list rest;                                                                                                \
        va_start(rest, flags);                                                                                       \
        mode = va_arg(rest, mode_t);                                                                                 \
        va_end(rest);                                                                                                \
    }

int open(const char *path, int flags, ...) { MODE(flags) return open_it("open", path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return open_it("open64", path, flags, mode); }

static int open_at(const char *name, int folder, const char *path, int flags, mode_t mode) {
    if (below(path)) return open_it("open64", path, flags, mode);
    int (*real)(int, const char *, int, ...) = (int (*)(int, const char *, int, ...))dlsym(RTLD_NEXT, name);
    int fd = real(folder, path, flags, mode);
    if (fd >= 0 && fd < FDS) known[fd] = 0;
    return fd;
}

int openat(int folder, const char *path, int flags, ...) {
    MODE(flags) return open_at("openat", folder, path, flags, mode);
}
int openat64(int folder, const char *path, int flags, ...) {
    MODE(flags) return open_at("openat64", folder, path, flags, mode);
}

int close(int fd) {
    REAL(int, "close", int);
    if (fd >= 0 && fd < FDS) known[fd] = 0;
    return real(fd);
}

ssize_t write(int fd, const void *bytes, size_t count) {
    REAL(ssize_t, "write", int, const void *, size_t);
    if (!tracked(fd)) return real(fd, bytes, count);
    pthread_mutex_lock(&one);
    ssize_t done = real(fd, bytes, count);
    if (done > 0) wrote(fd, lseek(fd, 0, SEEK_CUR) - done, bytes, (size_t)done);
    pthread_mutex_unlock(&one);
    return done;
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    REAL(ssize_t, "writev", int, const struct iovec *, int);
    if (!tracked(fd)) return real(fd, parts, count);
    ssize_t all = 0;
    for (int at = 0; at < count; at++) {
        ssize_t done = write(fd, parts[at].iov_base, parts[at].iov_len);
        if (done < 0) return all ? all : done;
        all += done;
        if ((size_t)done < parts[at].iov_len) break;
    }
    return all;
}

static ssize_t pwrite_it(const char *name, int fd, const void *bytes, size_t count, off_t at) {
    ssize_t (*real)(int, const void *, size_t, off_t) = (ssize_t(*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, name);
    if (!tracked(fd)) return real(fd, bytes, count, at);
    pthread_mutex_lock(&one);
    ssize_t done = real(fd, bytes, count, at);
    if (done > 0) wrote(fd, at, bytes, (size_t)done);
    pthread_mutex_unlock(&one);
    return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) { return pwrite_it("pwrite", fd, bytes, count, at); }
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) { return pwrite_it("pwrite64", fd, bytes, count, at); }

/* Whoever may not, writes what it has read. */
ssize_t copy_file_range(int from, off64_t *at, int to, off64_t *there, size_t count, unsigned flags) {
    (void)from, (void)at, (void)to, (void)there, (void)count, (void)flags;
    errno = EXDEV;
    return -1;
}
ssize_t sendfile64(int to, int from, off64_t *at, size_t count) {
    (void)to, (void)from, (void)at, (void)count;
    errno = EINVAL;
    return -1;
}
ssize_t sendfile(int to, int from, off_t *at, size_t count) { return sendfile64(to, from, at, count); }
int fallocate(int fd, int mode, off_t at, off_t count) {
    (void)fd, (void)mode, (void)at, (void)count;
    errno = EOPNOTSUPP;
    return -1;
}
int fallocate64(int fd, int mode, off64_t at, off64_t count) { return fallocate(fd, mode, at, count); }

static int cut(const char *name, int fd, off_t size) {
    int (*real)(int, off_t) = (int (*)(int, off_t))dlsym(RTLD_NEXT, name);
    if (!tracked(fd)) return real(fd, size);
    pthread_mutex_lock(&one);
    int done = real(fd, size);
    if (!done) say("T %llu %lld\n", (unsigned long long)known[fd], (long long)size);
    pthread_mutex_unlock(&one);
    return done;
}

int ftruncate(int fd, off_t size) { return cut("ftruncate", fd, size); }
int ftruncate64(int fd, off64_t size) { return cut("ftruncate64", fd, size); }

/* The disk under the test need not really be waited for. */
static int synced(int fd) {
    if (slow) usleep(slow);
    if (tracked(fd)) {
        pthread_mutex_lock(&one);
        say("S %llu\n", (unsigned long long)known[fd]);
        pthread_mutex_unlock(&one);
    }
    return 0;
}

int fsync(int fd) { return synced(fd); }
int fdatasync(int fd) { return synced(fd); }

int rename(const char *from, const char *to) {
    REAL(int, "rename", const char *, const char *);
    if (!below(from) || !below(to)) return real(from, to);
    pthread_mutex_lock(&one);
    int done = real(from, to);
    if (!done) say("R %s\t%s\n", inside(from), inside(to));
    pthread_mutex_unlock(&one);
    return done;
}

int unlink(const char *path) {
    REAL(int, "unlink", const char *);
    if (!below(path)) return real(path);
    pthread_mutex_lock(&one);
    int done = real(path);
    if (!done) say("U %s\n", inside(path));
    pthread_mutex_unlock(&one);
    return done;
}

int mkdir(const char *path, mode_t mode) {
    REAL(int, "mkdir", const char *, mode_t);
    if (!below(path)) return real(path, mode);
    pthread_mutex_lock(&one);
    int done = real(path, mode);
    if (!done) say("M %s\n", inside(path));
    pthread_mutex_unlock(&one);
    return done;
}
