/// Decoding of PNG and JPEG images from memory, by libpng and libjpeg. Damaged images are errors, never the end of the
/// process.
#ifndef CIMAGES_H
#define CIMAGES_H

#include <stddef.h>
#include <stdint.h>

#define CI_MESSAGE_BYTES 256

typedef struct {
  int32_t width, height;
  /// 1 for grey, 3 for red, green and blue.
  int32_t channels;
  /// `height * width * channels` bytes, row by row; for `ci_free`.
  uint8_t *pixels;
  /// What is wrong, where decoding failed.
  char message[CI_MESSAGE_BYTES];
} ci_image;

/// Decodes a whole file. Transparent places are white.
/// Returns 0, or 1 with a message when the image is damaged, of another format or larger than `greatest_byte_count`.
int32_t ci_decode(const void *file, size_t byte_count, size_t greatest_byte_count, ci_image *image);
void ci_free(ci_image *image);

/// Writes `height * width * channels` bytes, row by row, as a PNG file into memory for `ci_free_bytes`; 1 channel is
/// grey, 3 are red, green and blue. Returns 0, or 1 when there is not enough memory or no such image.
int32_t ci_encode_png(
    const uint8_t *pixels, int32_t width, int32_t height, int32_t channels, uint8_t **file, size_t *byte_count);
void ci_free_bytes(uint8_t *bytes);

#endif
