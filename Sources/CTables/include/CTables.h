#ifndef CTABLES_H
#define CTABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A field of a delimited text: bytes[offset ..< offset + length], without the quotes around it. */
struct chainrule_field {
  uint32_t offset;
  /* The highest bit tells whether quotes within the field are doubled. */
  uint32_t length;
};

#define CHAINRULE_DOUBLED_QUOTES 0x80000000u

enum chainrule_scan_status {
  /* The chunk is used up to the first record that is not complete; or, at the end of the text, whole. */
  CHAINRULE_SCAN_DONE,
  /* There is no room for another record. */
  CHAINRULE_SCAN_FULL,
  /* A record has another number of fields than the others. */
  CHAINRULE_SCAN_FIELD_COUNT,
  /* Something other than a delimiter follows a closing quote. */
  CHAINRULE_SCAN_TEXT_AFTER_QUOTE,
  /* The text ends within quotes. */
  CHAINRULE_SCAN_OPEN_QUOTE,
};

/* Splits a chunk of a delimited text (RFC 4180, with any delimiter and line end) into fields. */
struct chainrule_scan {
  const uint8_t *bytes;
  size_t byte_count;
  /* What chainrule_mark_signs has found in the bytes. */
  const uint64_t *marks;
  uint8_t delimiter;
  /* Whether the text ends with this chunk. */
  bool is_last;
  /* The number of fields of each record; 0 to take that of the first. */
  size_t column_count;
  struct chainrule_field *fields;
  size_t field_capacity;
  /* The lines on which records begin, from 0; as many as there may be fields. */
  uint64_t *lines;

  /* Where the next record begins. */
  size_t position;
  /* The number of the line on which it begins, from 0. */
  uint64_t line;
  /* The records found by the call, of column_count fields each. */
  size_t record_count;
  /* Of a record that does not fit: how many fields it has. */
  size_t found_count;
};

/* Marks the bytes at which a field may end: delimiters, ends of lines, quotes. Bit i of word j stands for byte
   64 j + i; as many words are written as the bytes begin. */
void chainrule_mark_signs(const uint8_t *bytes, size_t byte_count, uint8_t delimiter, uint64_t *marks);

/* Finds records from `position` on, skipping empty lines. Offsets are less than 2^31: chunks must be smaller. */
enum chainrule_scan_status chainrule_scan_records(struct chainrule_scan *scan);

/* Reads fields as numbers until one is none: `fields[first * stride]` and on into `numbers[first]` and on. An empty
   field is NaN. Returns the number of the first field that is no number, or `count`.

   Numbers are rounded correctly. `decimal` is the sign before the fraction. */
size_t chainrule_read_numbers(
    const uint8_t *bytes, const struct chainrule_field *fields, size_t stride, size_t first, size_t count,
    uint8_t decimal, double *numbers);

/* Reads a number that fills the bytes, apart from blanks around it; false when it is none. */
bool chainrule_read_number(const uint8_t *bytes, size_t count, uint8_t decimal, double *number);

/* A hash that spreads well over its lowest bits. */
uint64_t chainrule_hash_bytes(const uint8_t *bytes, size_t count);

/* Different texts, numbered from 0. */
struct chainrule_texts {
  /* The texts, one after the other; that of number n ends at ends[n]. */
  const uint8_t *bytes;
  const intptr_t *ends;
  const uint64_t *hashes;
  /* Numbers by the lowest bits of their hashes, -1 where there is none; slot_count is a power of two, and some are
     empty. */
  const int32_t *slots;
  size_t slot_count;
  /* Whether no more texts can be added. */
  bool is_full;
};

enum {
  /* The code of a field without text. */
  CHAINRULE_MISSING_TEXT = -1,
  /* The code of a text that there was no room for. */
  CHAINRULE_TEXT_NOT_KEPT = -2,
};

/* The number of a text, -1 for one that is not there. */
intptr_t chainrule_find_text(const struct chainrule_texts *texts, const uint8_t *bytes, size_t count, uint64_t hash);

/* Reads fields as texts until one is new or has doubled quotes: the code of `fields[first * stride]`, without blanks
   around it, into `codes[first]`, and on. Returns the number of the field that it stops at, or `count`. */
size_t chainrule_read_codes(
    const uint8_t *bytes, const struct chainrule_field *fields, size_t stride, size_t first, size_t count,
    const struct chainrule_texts *texts, const int32_t *codes_of_numbers, int32_t *codes);

/* Sorts numbers, none of which is NaN, from the least to the greatest, with room for as many in `scratch`. */
void chainrule_sort_numbers(double *numbers, double *scratch, size_t count);

#endif
