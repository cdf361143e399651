#include "CTables.h"

#include <string.h>

/* The widest vectors that the machine has, chosen when the program is loaded: needs the GNU loader. */
#if defined(__x86_64__) && defined(__gnu_linux__)
#define WIDEST __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define WIDEST
#endif

enum { block_byte_count = 64 };

typedef uint8_t block __attribute__((ext_vector_type(block_byte_count)));
typedef bool block_marks __attribute__((ext_vector_type(block_byte_count)));

WIDEST void chainrule_mark_signs(const uint8_t *bytes, size_t byte_count, uint8_t delimiter, uint64_t *marks) {
  for (size_t start = 0; start < byte_count; start += block_byte_count) {
    block signs = 0;
    size_t rest = byte_count - start;
    memcpy(&signs, bytes + start, rest < block_byte_count ? rest : block_byte_count);
    block found = (block)((signs == (block)delimiter) | (signs == (block)'\n') | (signs == (block)'\r')
                          | (signs == (block)'"'));
    block_marks bits = __builtin_convertvector(found, block_marks);
    memcpy(&marks[start / block_byte_count], &bits, sizeof(uint64_t));
  }
}

/* The place of the first mark from `i` on, or the chunk's end. */
static inline size_t next_mark(const struct chainrule_scan *scan, size_t i) {
  if (i >= scan->byte_count) return scan->byte_count;
  size_t word = i / block_byte_count;
  uint64_t marks = scan->marks[word] >> (i % block_byte_count);
  if (marks) return i + (size_t)__builtin_ctzll(marks);
  size_t end = (scan->byte_count - 1) / block_byte_count;
  while (word < end) {
    marks = scan->marks[++word];
    if (marks) return word * block_byte_count + (size_t)__builtin_ctzll(marks);
  }
  return scan->byte_count;
}

/* The end of the record that begins at `start`, and its fields; they are written while there is room. */
struct record {
  size_t end;
  size_t field_count;
  uint64_t line_count;
  bool is_complete;
  enum chainrule_scan_status status;
};

/* After a field: sets the end of the record and returns false where the line ends there. */
static bool goes_on(const struct chainrule_scan *scan, size_t i, struct record *record) {
  uint8_t byte = scan->bytes[i];
  if (byte == scan->delimiter) return true;
  record->end = i + 1;
  record->line_count++;
  record->is_complete = true;
  if (byte == '\r') {
    if (i + 1 < scan->byte_count) {
      record->end += scan->bytes[i + 1] == '\n';
    } else if (!scan->is_last) {
      /* Whether a line feed belongs to it is in the next chunk. */
      record->is_complete = false;
    }
  }
  return false;
}

static inline void add_field(
    struct chainrule_field *fields, size_t capacity, struct record *record, size_t offset, size_t length,
    uint32_t flags) {
  if (record->field_count < capacity) {
    fields[record->field_count] = (struct chainrule_field){(uint32_t)offset, (uint32_t)length | flags};
  }
  record->field_count++;
}

/* Reads a quoted field from behind its first quote. Returns the place behind its closing quote, or the chunk's end. */
static size_t quoted(
    const struct chainrule_scan *scan, size_t start, struct chainrule_field *fields, size_t capacity,
    struct record *record) {
  const uint8_t *bytes = scan->bytes;
  size_t count = scan->byte_count;
  uint32_t flags = 0;
  for (size_t i = next_mark(scan, start); i < count; i = next_mark(scan, i + 1)) {
    uint8_t byte = bytes[i];
    if (byte == '\n' || (byte == '\r' && !(i + 1 < count && bytes[i + 1] == '\n'))) record->line_count++;
    if (byte != '"') continue;
    if (i + 1 < count && bytes[i + 1] == '"') {
      flags = CHAINRULE_DOUBLED_QUOTES;
      i++;
      continue;
    }
    add_field(fields, capacity, record, start, i - start, flags);
    return i + 1;
  }
  record->status = CHAINRULE_SCAN_OPEN_QUOTE;
  return count;
}

static struct record read_record(
    const struct chainrule_scan *scan, size_t start, struct chainrule_field *fields, size_t capacity) {
  const uint8_t *bytes = scan->bytes;
  size_t count = scan->byte_count;
  uint8_t delimiter = scan->delimiter;
  struct record record = {count, 0, 0, scan->is_last, CHAINRULE_SCAN_DONE};
  size_t i = start;
  for (;;) {
    if (i < count && bytes[i] == '"') {
      i = quoted(scan, i + 1, fields, capacity, &record);
      if (record.status != CHAINRULE_SCAN_DONE || i == count) return record;
      if (bytes[i] != delimiter && bytes[i] != '\n' && bytes[i] != '\r') {
        record.status = CHAINRULE_SCAN_TEXT_AFTER_QUOTE;
        return record;
      }
    } else {
      size_t first = i;
      i = next_mark(scan, i);
      /* Quotes within a field that does not begin with one are ordinary. */
      while (i < count && bytes[i] == '"') i = next_mark(scan, i + 1);
      add_field(fields, capacity, &record, first, i - first, 0);
      if (i == count) return record;
    }
    if (!goes_on(scan, i, &record)) return record;
    i++;
  }
}

enum chainrule_scan_status chainrule_scan_records(struct chainrule_scan *scan) {
  struct chainrule_field *fields = scan->fields;
  size_t room = scan->field_capacity;
  scan->record_count = 0;
  while (scan->position < scan->byte_count) {
    uint8_t first = scan->bytes[scan->position];
    if (first == '\n' || first == '\r') {
      bool is_pair = first == '\r' && scan->position + 1 < scan->byte_count && scan->bytes[scan->position + 1] == '\n';
      if (first == '\r' && scan->position + 1 == scan->byte_count && !scan->is_last) return CHAINRULE_SCAN_DONE;
      scan->position += is_pair ? 2 : 1;
      scan->line++;
      continue;
    }
    struct record record = read_record(scan, scan->position, fields, room);
    if (record.status == CHAINRULE_SCAN_TEXT_AFTER_QUOTE) return record.status;
    if (record.status == CHAINRULE_SCAN_OPEN_QUOTE && scan->is_last) return record.status;
    if (!record.is_complete) return CHAINRULE_SCAN_DONE;
    if (scan->column_count == 0) scan->column_count = record.field_count;
    if (record.field_count != scan->column_count) {
      scan->found_count = record.field_count;
      return CHAINRULE_SCAN_FIELD_COUNT;
    }
    if (record.field_count > room) return CHAINRULE_SCAN_FULL;
    scan->lines[scan->record_count] = scan->line;
    fields += record.field_count;
    room -= record.field_count;
    scan->record_count++;
    scan->position = record.end;
    scan->line += record.line_count;
  }
  return CHAINRULE_SCAN_DONE;
}
