#include "CPatience.h"

#include <stdlib.h>

// Other C libraries do not hand arguments to the functions of this section.
#if defined(__linux__) && defined(__GLIBC__)

#include <string.h>
#include <unistd.h>

// libgomp's threads wait for each other by spinning, for some ten milliseconds as long as it believes that each has a
// processor of its own. Beside other busy processes they have not, and each wait then lasts as long as another
// process's turn: training becomes a hundred times slower. Spinning for a fraction of a millisecond, and sleeping after
// that, is as quick on an idle machine. libgomp reads its settings from the environment when it is loaded, before any
// of our code runs except what an executable lists in this section; so the program starts itself anew with the setting,
// once. Whoever sets GOMP_SPINCOUNT or OMP_WAIT_POLICY is obeyed.
static void ck_start_patiently(int count, char **arguments, char **environment) {
  (void)count;
  size_t variables = 0;
  for (; environment[variables]; variables++) {
    const char *variable = environment[variables];
    if (!strncmp(variable, "GOMP_SPINCOUNT=", 15) || !strncmp(variable, "OMP_WAIT_POLICY=", 16)) return;
  }
  char *extended[variables + 2];
  memcpy(extended, environment, variables * sizeof *extended);
  extended[variables] = (char[]){"GOMP_SPINCOUNT=5000"};
  extended[variables + 1] = NULL;
  char path[4096];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
  if (length <= 0) return;
  path[length] = 0;
  // Where this fails, the program goes on as it is.
  execve(path, arguments, extended);
}

__attribute__((section(".preinit_array"), used)) static void (*const ck_before_libraries)(int, char **, char **) =
  ck_start_patiently;

#endif
