#include "CImages.h"
#include <stdio.h>

#include <jerror.h>
#include <jpeglib.h>
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

static int32_t fail(ci_image *image, const char *message) {
  snprintf(image->message, CI_MESSAGE_BYTES, "%s", message);
  ci_free(image);
  return 1;
}

void ci_free(ci_image *image) {
  free(image->pixels);
  image->pixels = NULL;
}

/// Sets the size and finds memory for it.
static int32_t allocate(ci_image *image, size_t width, size_t height, int32_t channels, size_t greatest) {
  if (width == 0 || height == 0 || width > greatest / height / (size_t)channels) {
    char message[CI_MESSAGE_BYTES];
    snprintf(message, sizeof message, "its size of %zux%zu pixels is too large", width, height);
    return fail(image, message);
  }
  image->width = (int32_t)width;
  image->height = (int32_t)height;
  image->channels = channels;
  image->pixels = malloc(width * height * (size_t)channels);
  return image->pixels ? 0 : fail(image, "there is no memory for it");
}

static int32_t decode_png(const void *file, size_t byte_count, size_t greatest, ci_image *image) {
  png_image png = {.version = PNG_IMAGE_VERSION};
  if (!png_image_begin_read_from_memory(&png, file, byte_count)) return fail(image, png.message);
  const int is_color = (png.format & PNG_FORMAT_FLAG_COLOR) != 0;
  png.format = is_color ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  if (allocate(image, png.width, png.height, is_color ? 3 : 1, greatest)) {
    png_image_free(&png);
    return 1;
  }
  const png_color white = {255, 255, 255};
  // Warnings, too, tell of damage.
  if (!png_image_finish_read(&png, &white, image->pixels, 0, NULL) || png.warning_or_error) {
    char message[CI_MESSAGE_BYTES];
    snprintf(message, sizeof message, "%s", png.message);
    png_image_free(&png);
    return fail(image, message);
  }
  return 0;
}

typedef struct {
  struct jpeg_error_mgr manager;
  jmp_buf place;
  char message[JMSG_LENGTH_MAX];
} jpeg_errors;

static void jpeg_fail(j_common_ptr common) {
  jpeg_errors *errors = (jpeg_errors *)common->err;
  errors->manager.format_message(common, errors->message);
  longjmp(errors->place, 1);
}

/// libjpeg makes up what is missing and warns; a made-up image is a damaged one.
static void jpeg_warn(j_common_ptr common, int level) {
  const int code = common->err->msg_code;
  if (level < 0 && (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE)) jpeg_fail(common);
}

static int32_t decode_jpeg(const void *file, size_t byte_count, size_t greatest, ci_image *image) {
  struct jpeg_decompress_struct jpeg;
  jpeg_errors errors;
  jpeg.err = jpeg_std_error(&errors.manager);
  errors.manager.error_exit = jpeg_fail;
  errors.manager.emit_message = jpeg_warn;
  if (setjmp(errors.place)) {
    jpeg_destroy_decompress(&jpeg);
    return fail(image, errors.message);
  }
  jpeg_create_decompress(&jpeg);
  jpeg_mem_src(&jpeg, file, byte_count);
  jpeg_read_header(&jpeg, TRUE);
  jpeg.out_color_space = jpeg.jpeg_color_space == JCS_GRAYSCALE ? JCS_GRAYSCALE : JCS_RGB;
  const int32_t channels = jpeg.out_color_space == JCS_GRAYSCALE ? 1 : 3;
  if (allocate(image, jpeg.image_width, jpeg.image_height, channels, greatest)) {
    jpeg_destroy_decompress(&jpeg);
    return 1;
  }
  jpeg_start_decompress(&jpeg);
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPROW row = image->pixels + (size_t)jpeg.output_scanline * jpeg.output_width * (size_t)channels;
    jpeg_read_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_decompress(&jpeg);
  jpeg_destroy_decompress(&jpeg);
  return 0;
}

int32_t ci_decode(const void *file, size_t byte_count, size_t greatest, ci_image *image) {
  *image = (ci_image){0};
  const unsigned char *bytes = file;
  if (byte_count == 0) return fail(image, "it is empty");
  if (byte_count >= 8 && memcmp(bytes, "\x89PNG\r\n\x1a\n", 8) == 0) {
    return decode_png(file, byte_count, greatest, image);
  }
  if (byte_count >= 3 && memcmp(bytes, "\xff\xd8\xff", 3) == 0) return decode_jpeg(file, byte_count, greatest, image);
  return fail(image, "it is neither a PNG nor a JPEG image");
}
