#define _GNU_SOURCE
#include "CTables.h"

#include <float.h>
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

/* A mantissa of up to 64 bits times a power of ten, rounded to 64 bits and then to 53; false where the first rounding
   may have changed the second: only where it ended just half-way between two numbers of 53 bits. */
static bool scale_widely(uint64_t mantissa, int64_t scale, double *number) {
#if LDBL_MANT_DIG == 64 && defined(__x86_64__)
  /* 10^27 is the greatest power of ten that is exact in 64 bits. */
  static const long double powers[] = {1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,  1e7L,  1e8L,  1e9L,
                                       1e10L, 1e11L, 1e12L, 1e13L, 1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L,
                                       1e20L, 1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L};
  if (scale < -27 || scale > 27) return false;
  long double wide = (long double)mantissa;
  wide = scale < 0 ? wide / powers[-scale] : wide * powers[scale];
  uint64_t bits;
  memcpy(&bits, &wide, sizeof bits);
  *number = (double)wide;
  return (bits & 0x7FF) != 0x400;
#else
  (void)mantissa, (void)scale, (void)number;
  return false;
#endif
}

/* 10^22 is the greatest power of ten that is exact. */
static const double exact_powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                      1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define EACH_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

static inline bool are_digits(uint64_t word) {
  uint64_t upper = EACH_BYTE(0xF0);
  return (word & upper) == EACH_BYTE(0x30) && ((word + EACH_BYTE(6)) & upper) == EACH_BYTE(0x30);
}

/* The number of eight digits, the first of which is in the lowest byte. Source: Lemire, "Quickly parsing eight digits"
   (2018): neighbouring digits, then pairs and fours are joined within one word. */
static inline uint64_t number_of_digits(uint64_t word) {
  word -= EACH_BYTE('0');
  word = word * 10 + (word >> 8);
  uint64_t pairs = UINT64_C(0x000000FF000000FF);
  return ((word & pairs) * UINT64_C(0x000F424000000064) + (word >> 16 & pairs) * UINT64_C(0x0000271000000001)) >> 32;
}

/* Most numbers of most tables: at most eight digits and a sign before the fraction, perhaps negative, which end at
   `end`; eight bytes before it can be read. No branch depends on how many there are or where the fraction begins. */
static inline bool read_short(const uint8_t *end, uint32_t count, uint8_t decimal, double *number) {
  bool is_negative = end[-(ptrdiff_t)count] == '-';
  count -= is_negative;
  if (count - 1 >= 8) return false;
  uint64_t word;
  memcpy(&word, end - 8, sizeof word);
  /* What is before the number becomes zeros. */
  uint32_t before = 64 - 8 * count;
  word = word >> before << before | (EACH_BYTE('0') & ~(~UINT64_C(0) << before));
  /* The lowest byte that is the sign before the fraction has its highest bit set here, and none below it. */
  uint64_t other = word ^ EACH_BYTE((uint64_t)decimal);
  uint64_t found = (other - EACH_BYTE(1)) & ~other & EACH_BYTE(0x80);
  uint32_t fraction_count = 0;
  if (found) {
    uint32_t place = (uint32_t)__builtin_ctzll(found) / 8;
    fraction_count = 7 - place;
    if (count == 1) return false;
    /* What is before the sign moves on to its place. */
    uint64_t below = (UINT64_C(1) << (8 * place)) - 1;
    word = (word & ~(below << 8 | 0xFF)) | (word & below) << 8 | '0';
  }
  if (!are_digits(word)) return false;
  double value = (double)number_of_digits(word) / exact_powers[fraction_count];
  *number = is_negative ? -value : value;
  return true;
}
#else
static inline bool read_short(const uint8_t *end, uint32_t count, uint8_t decimal, double *number) {
  (void)end, (void)count, (void)decimal, (void)number;
  return false;
}
#endif

/* Adds digits to a mantissa, eight at once where there are as many. */
static inline size_t read_digits(const uint8_t *bytes, size_t i, size_t count, uint64_t *mantissa) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  for (; i + 8 <= count; i += 8) {
    uint64_t word;
    memcpy(&word, bytes + i, sizeof word);
    if (!are_digits(word)) break;
    *mantissa = *mantissa * 100000000 + number_of_digits(word);
  }
#endif
  while (i < count && is_digit(bytes[i])) *mantissa = *mantissa * 10 + (bytes[i++] - '0');
  return i;
}

bool chainrule_read_number(const uint8_t *bytes, size_t count, uint8_t decimal, double *number) {
  while (count > 0 && is_blank(bytes[0])) bytes++, count--;
  while (count > 0 && is_blank(bytes[count - 1])) count--;
  size_t i = 0;
  bool is_negative = count > 0 && bytes[0] == '-';
  if (is_negative || (count > 0 && bytes[0] == '+')) i++;
  uint64_t mantissa = 0;
  size_t first = i;
  i = read_digits(bytes, i, count, &mantissa);
  size_t digit_count = i - first;
  size_t fraction_count = 0;
  if (i < count && bytes[i] == decimal) {
    size_t start = ++i;
    i = read_digits(bytes, i, count, &mantissa);
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
  if (digit_count <= 19) {
    double value = (double)mantissa;
    if (mantissa <= UINT64_C(1) << 53 && scale >= -22 && scale <= 22) {
      value = scale < 0 ? value / exact_powers[-scale] : value * exact_powers[scale];
      *number = is_negative ? -value : value;
      return true;
    }
    if (scale_widely(mantissa, scale, &value)) {
      *number = is_negative ? -value : value;
      return true;
    }
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
        field.length <= 9 && field.offset + field.length >= 8
        && read_short(bytes + field.offset + field.length, field.length, decimal, &numbers[row])) {
      continue;
    } else if (
        (field.length & CHAINRULE_DOUBLED_QUOTES) ||
        !chainrule_read_number(bytes + field.offset, field.length, decimal, &numbers[row])) {
      return row;
    }
  }
  return count;
}
