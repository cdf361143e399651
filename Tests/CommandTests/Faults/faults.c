// Loaded before the C library's own functions (LD_PRELOAD), this makes one operation on the files of a folder fail, or
// ends the process in the middle of it, as a full disk, a failing one or a loss of power would. The tests compile it.
//
//   FAULT_FOLDER  operations on files whose path contains this are counted, from 1
//   FAULT_AT      the number of the operation
//   FAULT_ERROR   the error number that it fails with; 0 ends the process half-way by SIGKILL
//   FAULT_LOG     a file that gets the number of operations counted when the process ends by itself, and the name of
//                 the operation at the fault
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int count;
static char watched[4096];

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void report(const char *operation, const char *path) {
  const char *log = getenv("FAULT_LOG");
  if (!log) return;
  int file = REAL(open)(log, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  char line[5000];
  int length = snprintf(line, sizeof line, "%d %s %s\n", count, operation, path);
  if (file >= 0 && REAL(write)(file, line, (size_t)length) == length) REAL(close)(file);
}

static int is_watched(const char *path) {
  const char *folder = getenv("FAULT_FOLDER");
  return folder && path && strstr(path, folder) != NULL;
}

// Whether the operation at hand is the one that fails; errno is then set.
static int fails(const char *operation, const char *path) {
  const char *at = getenv("FAULT_AT"), *error = getenv("FAULT_ERROR");
  int number = __sync_add_and_fetch(&count, 1);
  if (!at || !error || number != atoi(at)) return 0;
  report(operation, path);
  if (atoi(error) == 0) return 2;
  errno = atoi(error);
  return 1;
}

static void end(void) { kill(getpid(), SIGKILL); }

static int opened(const char *path, int flags, mode_t mode, int (*real)(const char *, int, ...)) {
  int writes = (flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT);
  if (writes && is_watched(path)) {
    int fault = fails("open", path);
    if (fault == 1) return -1;
    int file = real(path, flags, mode);
    if (fault == 2) end();
    if (file >= 0 && file < (int)sizeof watched) watched[file] = 1;
    return file;
  }
  // The folder itself is opened to be synchronised.
  int file = real(path, flags, mode);
  if (file >= 0 && file < (int)sizeof watched) watched[file] = is_watched(path) && (flags & O_CLOEXEC);
  return file;
}

int open(const char *path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;
  va_end(list);
  return opened(path, flags, mode, REAL(open));
}

int open64(const char *path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;
  va_end(list);
  return opened(path, flags, mode, REAL(open64));
}

ssize_t write(int file, const void *bytes, size_t size) {
  if (file < 0 || file >= (int)sizeof watched || !watched[file]) return REAL(write)(file, bytes, size);
  int fault = fails("write", "");
  if (fault == 1) return -1;
  if (fault == 2) {
    if (REAL(write)(file, bytes, size / 2) >= 0) end();
  }
  return REAL(write)(file, bytes, size);
}

int fsync(int file) {
  if (file >= 0 && file < (int)sizeof watched && watched[file]) {
    int fault = fails("fsync", "");
    if (fault == 1) return -1;
    if (fault == 2) end();
    // A process that is killed loses nothing that the system has, so the disk need not be waited for.
    return 0;
  }
  return REAL(fsync)(file);
}

int rename(const char *from, const char *to) {
  if (!is_watched(to)) return REAL(rename)(from, to);
  int fault = fails("rename", to);
  if (fault == 1) return -1;
  int result = REAL(rename)(from, to);
  if (fault == 2) end();
  return result;
}

int mkdir(const char *path, mode_t mode) {
  if (!is_watched(path)) return REAL(mkdir)(path, mode);
  int fault = fails("mkdir", path);
  if (fault == 1) return -1;
  int result = REAL(mkdir)(path, mode);
  if (fault == 2) end();
  return result;
}

int close(int file) {
  if (file >= 0 && file < (int)sizeof watched) watched[file] = 0;
  return REAL(close)(file);
}

__attribute__((destructor)) static void finish(void) { report("end", ""); }
