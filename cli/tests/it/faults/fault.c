/* Puts a fault at one call of a program that touches files below a folder.
 *
 * Built by the test beside it and loaded with LD_PRELOAD (Linux only). The calls are counted and
 * written down; the one with the number FAULT_AT, or the first behind it that can fail so, is where
 * the fault FAULT_KIND happens:
 *
 *   kill-before  the program is killed before the call
 *   kill-after   it is killed behind the call
 *   torn         half of what is to be written is written, then the program is killed
 *   cut          the power is cut behind the call: what was not synced is gone
 *   mixed        the same, but every second write had reached the disk already
 *   nospace      the call finds no room on the disk (ENOSPC)
 *   short        half is written, and there is no room for the rest
 *   full         there is no room for FAULT_MS milliseconds
 *   io           the call fails (EIO; ENOLCK for a lock, ENOMEM for a mapping)
 *   broken       nothing can be written or synced for FAULT_MS milliseconds (EIO)
 *   lost         a sync fails, and what it should have synced never reaches the disk, whatever
 *                is synced later; the power is cut when the program ends
 *
 * FAULT_BELOW is the folder, FAULT_LOG the file for what happened. Programs that this one starts are
 * left alone. Calls go to the kernel directly, so that nothing here depends on the C library's own.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define FDS_MAX 1024

/* What a call does, by which it is told which faults can meet it. */
enum { ANY = 1, CHANGES = 2, ROOM = 4, DATA = 8, SYNC = 16 };

struct place {
    int is_below;
    dev_t dev;
    ino_t ino;
    char path[PATH_MAX];
};

/* A write that was not synced: what stood there before. */
struct unsynced {
    struct unsynced *older;
    dev_t dev;
    ino_t ino;
    char path[PATH_MAX];
    off_t offset, length_before;
    size_t size, saved;
    int is_lost;
    char *bytes;
};

static struct place places[FDS_MAX];
static struct unsynced *newest;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static const char *below, *kind = "";
static long at, lasts_ms, number;
static int log_fd = -1, is_over, dies_after, is_last_half;
static struct timespec until;

/* What a path is called in the log: from the folder on. */
static const char *named(const char *path) {
    path += strlen(below);
    return *path == '/' ? path + 1 : ".";
}

static int is_kind(const char *name) { return strcmp(kind, name) == 0; }

__attribute__((constructor)) static void begin(void) {
    const char *text = getenv("FAULT_LOG");
    below = getenv("FAULT_BELOW");
    if (text) log_fd = (int)syscall(SYS_openat, AT_FDCWD, text, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if ((text = getenv("FAULT_KIND"))) kind = text;
    if ((text = getenv("FAULT_AT"))) at = atol(text);
    if ((text = getenv("FAULT_MS"))) lasts_ms = atol(text);
    unsetenv("LD_PRELOAD");
}

static void note(const char *format, ...) {
    char line[PATH_MAX + 128];
    va_list values;
    va_start(values, format);
    int size = vsnprintf(line, sizeof line, format, values);
    va_end(values);
    if (log_fd >= 0 && size > 0) syscall(SYS_write, log_fd, line, (size_t)size);
}

static void die(void) {
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) pause();
}

/* ---- the disk behind a power cut ---- */

/* Keeps what stands where something is to be written; the mutex is held. */
static void keep(int fd, off_t offset, size_t size, size_t to_save) {
    struct place *place = &places[fd];
    struct stat now;
    if (!(is_kind("cut") || is_kind("mixed") || is_kind("lost")) || fstat(fd, &now) || !S_ISREG(now.st_mode)) return;
    struct unsynced *entry = calloc(1, sizeof *entry);
    if (!entry) return;
    entry->dev = place->dev, entry->ino = place->ino;
    strcpy(entry->path, place->path);
    entry->offset = offset, entry->size = size, entry->length_before = now.st_size;
    if (to_save && (entry->bytes = malloc(to_save))) {
        ssize_t got = syscall(SYS_pread64, fd, entry->bytes, to_save, offset);
        entry->saved = got > 0 ? (size_t)got : 0;
    }
    /* What was lost and is written again can be synced again. */
    for (struct unsynced *old = newest; old; old = old->older)
        if (old->is_lost && old->dev == entry->dev && old->ino == entry->ino && offset <= old->offset &&
            offset + (off_t)size >= old->offset + (off_t)old->size)
            old->is_lost = 0;
    entry->older = newest;
    newest = entry;
}

/* What was written to this file is on the disk, or never will be; the mutex is held. */
static void synced(const struct place *place, int is_lost) {
    for (struct unsynced **link = &newest; *link;) {
        struct unsynced *entry = *link;
        if (entry->dev == place->dev && entry->ino == place->ino && is_lost) entry->is_lost = 1;
        if (entry->dev == place->dev && entry->ino == place->ino && !entry->is_lost) {
            *link = entry->older;
            free(entry->bytes);
            free(entry);
        } else {
            link = &entry->older;
        }
    }
}

/* Takes back what never reached the disk; the mutex is held and not given back. */
static void cut(int keeps_every_second) {
    int index = 0, count = 0;
    for (struct unsynced *entry = newest; entry; entry = entry->older, index++) {
        if (keeps_every_second && index % 2 == 0) continue;
        int fd = (int)syscall(SYS_openat, AT_FDCWD, entry->path, O_RDWR | O_CLOEXEC, 0);
        struct stat now;
        if (fd >= 0 && !fstat(fd, &now) && now.st_dev == entry->dev && now.st_ino == entry->ino) {
            count++;
            if (entry->saved) syscall(SYS_pwrite64, fd, entry->bytes, entry->saved, entry->offset);
            if (!keeps_every_second) syscall(SYS_ftruncate, fd, entry->length_before);
            else if (entry->offset + (off_t)entry->size > entry->length_before && entry->size < (1 << 20)) {
                /* The file is as long as it became, and zeros stand where nothing arrived. */
                size_t from = entry->saved;
                char *zeros = calloc(1, entry->size);
                if (zeros) syscall(SYS_pwrite64, fd, zeros, entry->size - from, entry->offset + (off_t)from);
            }
        }
        if (fd >= 0) syscall(SYS_close, fd);
    }
    note("! cut takes back %d of %d writes\n", count, index);
}

__attribute__((destructor)) static void end(void) {
    if (is_kind("lost") && is_over) {
        pthread_mutex_lock(&mutex);
        cut(0);
    }
}

/* ---- the one call that the fault meets ---- */

static int is_window_open(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec < until.tv_sec || (now.tv_sec == until.tv_sec && now.tv_nsec < until.tv_nsec);
}

static int wanted_of_kind(void) {
    if (is_kind("torn") || is_kind("short")) return DATA;
    if (is_kind("nospace") || is_kind("full")) return ROOM;
    if (is_kind("broken")) return CHANGES;
    if (is_kind("lost")) return SYNC;
    return ANY;
}

/* Counts a call. Returns 0 when it is to be made, -1 when half of it is, else its error. */
static int count(const char *call, const char *path, size_t size, int can, int error) {
    long mine = __sync_add_and_fetch(&number, 1);
    note("%ld %s %s %zu\n", mine, call, named(path), size);
    int wanted = wanted_of_kind();
    if (is_over) {
        if (is_last_half && (can & DATA)) {
            is_last_half = 0;
            return ENOSPC;
        }
        if ((is_kind("full") || is_kind("broken")) && (can & wanted) && is_window_open()) return is_kind("full") ? ENOSPC : error;
        return 0;
    }
    if (at == 0 || mine < at || !(can & wanted) || !__sync_bool_compare_and_swap(&is_over, 0, 1)) return 0;
    note("! %ld %s %s %s\n", mine, kind, call, named(path));
    if (is_kind("kill-before")) die();
    if (is_kind("kill-after") || is_kind("cut") || is_kind("mixed")) {
        dies_after = 1;
        return 0;
    }
    if (is_kind("torn")) {
        dies_after = 1;
        return -1;
    }
    if (is_kind("short")) {
        is_last_half = 1;
        return size > 1 ? -1 : (is_last_half = 0, ENOSPC);
    }
    if (is_kind("full") || is_kind("broken")) {
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += lasts_ms / 1000;
        until.tv_nsec += lasts_ms % 1000 * 1000000;
        if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
    }
    return is_kind("nospace") || is_kind("full") ? ENOSPC : error;
}

/* Ends a call: here the program may die. */
static long done(long result) {
    int error = errno;
    if (dies_after) {
        if (is_kind("cut") || is_kind("mixed")) {
            pthread_mutex_trylock(&mutex);
            cut(is_kind("mixed"));
        }
        die();
    }
    errno = error;
    return result;
}

static long failed(int error) {
    errno = error;
    return -1;
}

/* ---- which file is meant ---- */

static struct place *place_of(int fd) {
    return fd >= 0 && fd < FDS_MAX && places[fd].is_below ? &places[fd] : NULL;
}

/* Writes the whole path of a name; false when it is not below the folder. */
static int is_meant(int dir, const char *name, char whole[PATH_MAX]) {
    char link[64];
    if (!below || !name) return 0;
    if (name[0] == '/') {
        snprintf(whole, PATH_MAX, "%s", name);
    } else {
        snprintf(link, sizeof link, dir == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", dir);
        long size = syscall(SYS_readlinkat, AT_FDCWD, link, whole, PATH_MAX - 1);
        if (size < 0) return 0;
        snprintf(whole + size, (size_t)(PATH_MAX - size), "/%s", name);
    }
    size_t size = strlen(below);
    return strncmp(whole, below, size) == 0 && (whole[size] == '/' || whole[size] == 0);
}

static int opened(int dir, const char *name, int flags, mode_t mode) {
    char whole[PATH_MAX];
    if (!is_meant(dir, name, whole)) return (int)syscall(SYS_openat, dir, name, flags, mode);
    int is_new = (flags & O_CREAT) && syscall(SYS_faccessat, dir, name, F_OK) != 0;
    int can = ANY | (is_new ? CHANGES | ROOM : 0);
    int error = count(is_new ? "create" : "open", whole, 0, can, EIO);
    if (error > 0) return (int)failed(error);
    int fd = (int)syscall(SYS_openat, dir, name, flags, mode);
    if (fd >= 0 && fd < FDS_MAX) {
        struct stat now;
        int has_stat = fstat(fd, &now) == 0;
        places[fd].dev = has_stat ? now.st_dev : 0;
        places[fd].ino = has_stat ? now.st_ino : 0;
        strcpy(places[fd].path, whole);
        places[fd].is_below = 1;
    }
    return (int)done(fd);
}

/* A call on names: `one` or `two` may be below the folder. */
#define ON_NAMES(call, one_dir, one, two_dir, two, can, made)                                      \
    do {                                                                                           \
        char whole[PATH_MAX];                                                                      \
        if (!is_meant(one_dir, one, whole) && !is_meant(two_dir, two, whole)) return (int)(made);  \
        int error = count(call, whole, 0, can, EIO);                                               \
        return (int)(error > 0 ? failed(error) : done(made));                                      \
    } while (0)

/* ---- what the program calls ---- */

#define MODE_BEHIND(last)                                                                          \
    mode_t mode = 0;                                                                               \
    if (flags & (O_CREAT | O_TMPFILE)) {                                                           \
        va_list values;                                                                            \
        va_start(values, last);                                                                    \
        mode = va_arg(values, mode_t);                                                             \
        va_end(values);                                                                            \
    }

int open(const char *name, int flags, ...) { MODE_BEHIND(flags) return opened(AT_FDCWD, name, flags, mode); }
int open64(const char *name, int flags, ...) { MODE_BEHIND(flags) return opened(AT_FDCWD, name, flags, mode); }
int openat(int dir, const char *name, int flags, ...) { MODE_BEHIND(flags) return opened(dir, name, flags, mode); }
int openat64(int dir, const char *name, int flags, ...) { MODE_BEHIND(flags) return opened(dir, name, flags, mode); }

int close(int fd) {
    if (fd >= 0 && fd < FDS_MAX) places[fd].is_below = 0;
    return (int)syscall(SYS_close, fd);
}

static ssize_t put(const char *call, int fd, const void *data, size_t size, off_t offset, int is_placed) {
    struct place *place = place_of(fd);
    pthread_mutex_lock(&mutex);
    int error = count(call, place->path, size, ANY | CHANGES | ROOM | DATA, EIO);
    long result = -1;
    if (error > 0) {
        failed(error);
    } else {
        if (error < 0) size /= 2;
        int flags = (int)syscall(SYS_fcntl, fd, F_GETFL, 0);
        off_t start = is_placed ? offset : (off_t)syscall(SYS_lseek, fd, 0, flags & O_APPEND ? SEEK_END : SEEK_CUR);
        keep(fd, start, size, size);
        result = is_placed ? syscall(SYS_pwrite64, fd, data, size, offset) : syscall(SYS_write, fd, data, size);
        done(result);
    }
    pthread_mutex_unlock(&mutex);
    return result;
}

ssize_t write(int fd, const void *data, size_t size) {
    if (place_of(fd)) return put("write", fd, data, size, 0, 0);
    return syscall(SYS_write, fd, data, size);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset) {
    if (place_of(fd)) return put("write", fd, data, size, offset, 1);
    return syscall(SYS_pwrite64, fd, data, size, offset);
}
ssize_t pwrite64(int fd, const void *data, size_t size, off_t offset) { return pwrite(fd, data, size, offset); }

ssize_t read(int fd, void *data, size_t size) {
    struct place *place = place_of(fd);
    int error = place ? count("read", place->path, size, ANY, EIO) : 0;
    if (error > 0) return failed(error);
    long result = syscall(SYS_read, fd, data, size);
    return place ? done(result) : result;
}

ssize_t pread(int fd, void *data, size_t size, off_t offset) {
    struct place *place = place_of(fd);
    int error = place ? count("read", place->path, size, ANY, EIO) : 0;
    if (error > 0) return failed(error);
    long result = syscall(SYS_pread64, fd, data, size, offset);
    return place ? done(result) : result;
}
ssize_t pread64(int fd, void *data, size_t size, off_t offset) { return pread(fd, data, size, offset); }

static int sync_one(int fd, long call) {
    struct place *place = place_of(fd);
    if (!place) return (int)syscall(call, fd);
    pthread_mutex_lock(&mutex);
    int error = count("sync", place->path, 0, ANY | CHANGES | SYNC, EIO);
    long result;
    if (error > 0) {
        if (is_kind("lost")) synced(place, 1);
        result = failed(error);
    } else {
        result = syscall(call, fd);
        if (result == 0) synced(place, 0);
        done(result);
    }
    pthread_mutex_unlock(&mutex);
    return (int)result;
}
int fsync(int fd) { return sync_one(fd, SYS_fsync); }
int fdatasync(int fd) { return sync_one(fd, SYS_fdatasync); }

int ftruncate(int fd, off_t length) {
    struct place *place = place_of(fd);
    if (!place) return (int)syscall(SYS_ftruncate, fd, length);
    pthread_mutex_lock(&mutex);
    int error = count("truncate", place->path, (size_t)length, ANY | CHANGES | ROOM, EIO);
    long result = -1;
    if (error > 0) {
        failed(error);
    } else {
        struct stat now;
        size_t gone = !fstat(fd, &now) && now.st_size > length ? (size_t)(now.st_size - length) : 0;
        keep(fd, length, gone, gone);
        result = syscall(SYS_ftruncate, fd, length);
        done(result);
    }
    pthread_mutex_unlock(&mutex);
    return (int)result;
}
int ftruncate64(int fd, off_t length) { return ftruncate(fd, length); }

int posix_fallocate(int fd, off_t offset, off_t length) {
    struct place *place = place_of(fd);
    int error = place ? count("allocate", place->path, (size_t)length, ANY | CHANGES | ROOM, EIO) : 0;
    if (error > 0) return error;
    long result = syscall(SYS_fallocate, fd, 0, offset, length);
    int told = result ? errno : 0;
    return place ? (int)done(told) : told;
}
int posix_fallocate64(int fd, off_t offset, off_t length) { return posix_fallocate(fd, offset, length); }

void *mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset) {
    struct place *place = flags & MAP_ANONYMOUS ? NULL : place_of(fd);
    int error = place ? count("map", place->path, size, ANY, ENOMEM) : 0;
    if (error > 0) return (void *)failed(error);
    long result = syscall(SYS_mmap, address, size, protection, flags, fd, offset);
    return (void *)(place ? done(result) : result);
}
void *mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset) {
    return mmap(address, size, protection, flags, fd, offset);
}

int flock(int fd, int operation) {
    struct place *place = operation & LOCK_UN ? NULL : place_of(fd);
    int error = place ? count("lock", place->path, 0, ANY, ENOLCK) : 0;
    if (error > 0) return (int)failed(error);
    long result = syscall(SYS_flock, fd, operation);
    return (int)(place ? done(result) : result);
}

int fcntl(int fd, int command, ...) {
    va_list values;
    va_start(values, command);
    void *value = va_arg(values, void *);
    va_end(values);
    struct place *place = place_of(fd);
    int is_lock = command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK || command == F_OFD_SETLKW;
    if (!place || !is_lock || ((struct flock *)value)->l_type == F_UNLCK) {
        long result = syscall(SYS_fcntl, fd, command, value);
        if (place && result >= 0 && result < FDS_MAX && (command == F_DUPFD || command == F_DUPFD_CLOEXEC)) places[result] = *place;
        return (int)result;
    }
    int error = count("lock", place->path, 0, ANY, ENOLCK);
    return (int)(error > 0 ? failed(error) : done(syscall(SYS_fcntl, fd, command, value)));
}
int fcntl64(int fd, int command, ...) {
    va_list values;
    va_start(values, command);
    void *value = va_arg(values, void *);
    va_end(values);
    return fcntl(fd, command, value);
}

int unlinkat(int dir, const char *name, int flags) {
    ON_NAMES("remove", dir, name, dir, NULL, ANY | CHANGES, syscall(SYS_unlinkat, dir, name, flags));
}
int unlink(const char *name) { return unlinkat(AT_FDCWD, name, 0); }
int rmdir(const char *name) { return unlinkat(AT_FDCWD, name, AT_REMOVEDIR); }

int mkdirat(int dir, const char *name, mode_t mode) {
    ON_NAMES("mkdir", dir, name, dir, NULL, ANY | CHANGES | ROOM, syscall(SYS_mkdirat, dir, name, mode));
}
int mkdir(const char *name, mode_t mode) { return mkdirat(AT_FDCWD, name, mode); }

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags) {
    ON_NAMES("rename", to_dir, to, from_dir, from, ANY | CHANGES | ROOM,
             syscall(SYS_renameat2, from_dir, from, to_dir, to, flags));
}
int renameat(int from_dir, const char *from, int to_dir, const char *to) { return renameat2(from_dir, from, to_dir, to, 0); }
int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }

int linkat(int from_dir, const char *from, int to_dir, const char *to, int flags) {
    ON_NAMES("link", to_dir, to, from_dir, from, ANY | CHANGES | ROOM, syscall(SYS_linkat, from_dir, from, to_dir, to, flags));
}
int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }
