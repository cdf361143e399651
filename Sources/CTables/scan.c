#include "CTables.h"

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
  for (size_t i = start; i < count; i++) {
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
      while (i < count && bytes[i] != delimiter && bytes[i] != '\n' && bytes[i] != '\r') i++;
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
