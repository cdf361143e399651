#define _GNU_SOURCE
#include "CTables.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#if defined(__APPLE__)
#include <xlocale.h>
#endif

static inline bool is_digit(uint8_t byte) { return (uint8_t)(byte - '0') < 10; }
static inline bool is_blank(uint8_t byte) { return byte == ' ' || byte == '\t'; }

/* The C library's correct rounding, independent of the program's locale. */
static bool read_slowly(const uint8_t *bytes, size_t count, uint8_t decimal, double *number) {
  static locale_t plain;
  char text[512];
  if (count >= sizeof text) return false;
  memcpy(text, bytes, count);
  text[count] = 0;
  for (size_t i = 0; i < count; i++) {
    if (text[i] == (char)decimal) text[i] = '.';
  }
  locale_t locale = __atomic_load_n(&plain, __ATOMIC_ACQUIRE);
  if (locale == (locale_t)0) {
    locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (locale == (locale_t)0) return false;
    locale_t none = (locale_t)0;
    if (!__atomic_compare_exchange_n(&plain, &none, locale, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
      freelocale(locale);
      locale = none;
    }
  }
  char *end;
  *number = strtod_l(text, &end, locale);
  return end == text + count;
}

bool chainrule_read_number(const uint8_t *bytes, size_t count, uint8_t decimal, double *number) {
  /* 10^22 is the greatest power of ten that is exact. */
  static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  while (count > 0 && is_blank(bytes[0])) bytes++, count--;
  while (count > 0 && is_blank(bytes[count - 1])) count--;
  size_t i = 0;
  bool is_negative = count > 0 && bytes[0] == '-';
  if (is_negative || (count > 0 && bytes[0] == '+')) i++;
  uint64_t mantissa = 0;
  size_t first = i;
  while (i < count && is_digit(bytes[i])) mantissa = mantissa * 10 + (bytes[i++] - '0');
  size_t digit_count = i - first;
  size_t fraction_count = 0;
  if (i < count && bytes[i] == decimal) {
    size_t start = ++i;
    while (i < count && is_digit(bytes[i])) mantissa = mantissa * 10 + (bytes[i++] - '0');
    fraction_count = i - start;
    digit_count += fraction_count;
  }
  if (digit_count == 0) return false;
  int32_t exponent = 0;
  if (i < count && (bytes[i] == 'e' || bytes[i] == 'E')) {
    i++;
    bool is_small = i < count && bytes[i] == '-';
    if (is_small || (i < count && bytes[i] == '+')) i++;
    size_t start = i;
    for (; i < count && is_digit(bytes[i]); i++) {
      if (exponent < 100000) exponent = exponent * 10 + (bytes[i] - '0');
    }
    if (i == start) return false;
    if (is_small) exponent = -exponent;
  }
  if (i != count) return false;
  /* Exact operands and one rounding. Source: Clinger, "How to read floating point numbers accurately" (1990). */
  int64_t scale = (int64_t)exponent - (int64_t)fraction_count;
  if (digit_count <= 19 && mantissa <= (UINT64_C(1) << 53) && scale >= -22 && scale <= 22) {
    double value = (double)mantissa;
    value = scale < 0 ? value / powers[-scale] : value * powers[scale];
    *number = is_negative ? -value : value;
    return true;
  }
  return read_slowly(bytes, count, decimal, number) && isfinite(*number);
}

size_t chainrule_read_numbers(
    const uint8_t *bytes, const struct chainrule_field *fields, size_t stride, size_t first, size_t count,
    uint8_t decimal, double *numbers) {
  for (size_t row = first; row < count; row++) {
    struct chainrule_field field = fields[row * stride];
    if (field.length == 0) {
      numbers[row] = NAN;
    } else if (
        (field.length & CHAINRULE_DOUBLED_QUOTES) ||
        !chainrule_read_number(bytes + field.offset, field.length, decimal, &numbers[row])) {
      return row;
    }
  }
  return count;
}

uint64_t chainrule_hash_bytes(const uint8_t *bytes, size_t count) {
  uint64_t hash = UINT64_C(0x9E3779B97F4A7C15) ^ count;
  while (count >= 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    hash = (hash ^ word) * UINT64_C(0xFF51AFD7ED558CCD);
    hash ^= hash >> 32;
    bytes += 8;
    count -= 8;
  }
  uint64_t rest = 0;
  for (size_t i = 0; i < count; i++) rest |= (uint64_t)bytes[i] << (8 * i);
  hash = (hash ^ rest) * UINT64_C(0xC4CEB9FE1A85EC53);
  return hash ^ hash >> 29;
}
