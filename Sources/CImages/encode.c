#include "CImages.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

int32_t ci_encode_png(
    const uint8_t *pixels, int32_t width, int32_t height, int32_t channels, uint8_t **file, size_t *byte_count) {
  png_image image;
  memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  image.width = (png_uint_32)width;
  image.height = (png_uint_32)height;
  image.format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  png_alloc_size_t needed = 0;
  *file = NULL;
  if (!png_image_write_to_memory(&image, NULL, &needed, 0, pixels, 0, NULL)) return 1;
  *file = malloc(needed);
  if (!*file) return 1;
  if (!png_image_write_to_memory(&image, *file, &needed, 0, pixels, 0, NULL)) {
    free(*file);
    *file = NULL;
    return 1;
  }
  *byte_count = needed;
  return 0;
}

void ci_free_bytes(uint8_t *bytes) { free(bytes); }
