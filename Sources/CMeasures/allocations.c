#define _GNU_SOURCE
#include "CMeasures.h"

#if defined(__linux__) && defined(__GLIBC__)

#include <errno.h>
#include <link.h>
#include <stddef.h>
#include <string.h>

// An executable's own definitions stand before those of the C library, which keeps its own under these names.
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

enum { largest_count = 16 };
static struct { uintptr_t start, end; } ranges[largest_count];
static int range_count;
static int64_t own, library;

static int note_library(struct dl_phdr_info *info, size_t size, void *unused) {
  (void)size;
  (void)unused;
  const char *names[] = {"libdnnl", "libstdc++", "libgomp"};
  int is_library = 0;
  for (int k = 0; k < 3; k++) is_library |= strstr(info->dlpi_name, names[k]) != NULL;
  for (int k = 0; is_library && k < info->dlpi_phnum && range_count < largest_count; k++) {
    const ElfW(Phdr) *part = &info->dlpi_phdr[k];
    if (part->p_type != PT_LOAD || !(part->p_flags & PF_X)) continue;
    ranges[range_count].start = info->dlpi_addr + part->p_vaddr;
    ranges[range_count].end = ranges[range_count].start + part->p_memsz;
    range_count++;
  }
  return 0;
}

__attribute__((constructor)) static void note_libraries(void) { dl_iterate_phdr(note_library, NULL); }

static void count(const void *caller) {
  const uintptr_t address = (uintptr_t)caller;
  for (int k = 0; k < range_count; k++) {
    if (address >= ranges[k].start && address < ranges[k].end) {
      __atomic_add_fetch(&library, 1, __ATOMIC_RELAXED);
      return;
    }
  }
  __atomic_add_fetch(&own, 1, __ATOMIC_RELAXED);
}

#define COUNT count(__builtin_return_address(0))

void *malloc(size_t size) {
  COUNT;
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  COUNT;
  return __libc_calloc(number, size);
}

void *realloc(void *block, size_t size) {
  COUNT;
  return __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  COUNT;
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
  COUNT;
  *block = __libc_memalign(alignment, size);
  return *block ? 0 : ENOMEM;
}

cm_allocations cm_allocation_counts(void) {
  return (cm_allocations){
    __atomic_load_n(&own, __ATOMIC_RELAXED), __atomic_load_n(&library, __ATOMIC_RELAXED)};
}

#else

cm_allocations cm_allocation_counts(void) { return (cm_allocations){-1, -1}; }

#endif
