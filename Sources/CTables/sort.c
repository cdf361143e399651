#include "CTables.h"

#include <string.h>

enum { digit_bits = 11, digit_count = 6, digit_values = 1 << digit_bits };

/* A whole number that is ordered as the real ones are; both zeros are the same. */
static inline uint64_t key_of(double number) {
  uint64_t bits;
  number += 0.0;
  memcpy(&bits, &number, sizeof bits);
  return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

static inline double number_of(uint64_t key) {
  uint64_t bits = key >> 63 ? key & ~(UINT64_C(1) << 63) : ~key;
  double number;
  memcpy(&number, &bits, sizeof number);
  return number;
}

/* By the lowest digit first, each time keeping the order of equal digits. Source: Knuth, "The art of computer
   programming", volume 3, section 5.2.5 (radix sorting). */
void chainrule_sort_numbers(double *numbers, double *scratch, size_t count) {
  uint64_t *from = (uint64_t *)numbers, *to = (uint64_t *)scratch;
  size_t counts[digit_count][digit_values];
  memset(counts, 0, sizeof counts);
  for (size_t i = 0; i < count; i++) {
    uint64_t key = key_of(numbers[i]);
    memcpy(&from[i], &key, sizeof key);
    for (int digit = 0; digit < digit_count; digit++) {
      counts[digit][key >> (digit * digit_bits) & (digit_values - 1)]++;
    }
  }
  for (int digit = 0; digit < digit_count; digit++) {
    int shift = digit * digit_bits;
    if (count > 0 && counts[digit][from[0] >> shift & (digit_values - 1)] == count) continue;
    size_t place = 0;
    for (int value = 0; value < digit_values; value++) {
      size_t here = counts[digit][value];
      counts[digit][value] = place;
      place += here;
    }
    for (size_t i = 0; i < count; i++) to[counts[digit][from[i] >> shift & (digit_values - 1)]++] = from[i];
    uint64_t *other = from;
    from = to;
    to = other;
  }
  for (size_t i = 0; i < count; i++) {
    double number = number_of(from[i]);
    memcpy(&numbers[i], &number, sizeof number);
  }
}
