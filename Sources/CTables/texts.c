#include "CTables.h"

#include <string.h>

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

intptr_t chainrule_find_text(const struct chainrule_texts *texts, const uint8_t *bytes, size_t count, uint64_t hash) {
  for (size_t slot = hash & (texts->slot_count - 1);; slot = (slot + 1) & (texts->slot_count - 1)) {
    int32_t number = texts->slots[slot];
    if (number < 0) return -1;
    if (texts->hashes[number] != hash) continue;
    size_t start = number == 0 ? 0 : (size_t)texts->ends[number - 1];
    size_t length = (size_t)texts->ends[number] - start;
    if (length == count && memcmp(texts->bytes + start, bytes, count) == 0) return number;
  }
}

static inline bool is_blank(uint8_t byte) { return byte == ' ' || byte == '\t'; }

size_t chainrule_read_codes(
    const uint8_t *bytes, const struct chainrule_field *fields, size_t stride, size_t first, size_t count,
    const struct chainrule_texts *texts, const int32_t *codes_of_numbers, int32_t *codes) {
  for (size_t row = first; row < count; row++) {
    struct chainrule_field field = fields[row * stride];
    if (field.length & CHAINRULE_DOUBLED_QUOTES) return row;
    const uint8_t *text = bytes + field.offset;
    size_t length = field.length;
    while (length > 0 && is_blank(text[0])) text++, length--;
    while (length > 0 && is_blank(text[length - 1])) length--;
    if (length == 0) {
      codes[row] = CHAINRULE_MISSING_TEXT;
      continue;
    }
    intptr_t number = chainrule_find_text(texts, text, length, chainrule_hash_bytes(text, length));
    if (number < 0 && !texts->is_full) return row;
    codes[row] = number < 0 ? CHAINRULE_TEXT_NOT_KEPT : codes_of_numbers[number];
  }
  return count;
}
