#pragma once

#include <jpeglib.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

#include "support/picture_files.h"

namespace iuf {

enum class JpegScans {
  one,
  of_each,     // colour by itself
  progressive  // and refined bit by bit
};

/// A gray picture, or an RGB one whose colours are stored at half the size, as a JPEG.
inline FileBytes jpeg_file(const Image& image, int quality = 75, JpegScans scans = JpegScans::one) {
  jpeg_error_mgr errors;
  jpeg_compress_struct jpeg;
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &buffer, &size);
  jpeg.image_width = static_cast<JDIMENSION>(image.width);
  jpeg.image_height = static_cast<JDIMENSION>(image.height);
  jpeg.input_components = image.channels;
  jpeg.in_color_space = image.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, quality, TRUE);
  std::vector<jpeg_scan_info> script(static_cast<size_t>(image.channels));
  for (size_t c = 0; c < script.size(); ++c)
    script[c] = {.comps_in_scan = 1, .component_index = {static_cast<int>(c)}, .Ss = 0, .Se = 63, .Ah = 0, .Al = 0};
  if (scans == JpegScans::progressive) jpeg_simple_progression(&jpeg);
  if (scans == JpegScans::of_each) {
    jpeg.scan_info = script.data();
    jpeg.num_scans = static_cast<int>(script.size());
  }
  jpeg_start_compress(&jpeg, TRUE);
  for (int y = 0; y < image.height; ++y) {
    std::vector<JSAMPLE> row(image.row(y), image.row(y) + image.channels * image.width);
    JSAMPROW rows[] = {row.data()};
    jpeg_write_scanlines(&jpeg, rows, 1);
  }
  jpeg_finish_compress(&jpeg);
  FileBytes file;
  put(file, std::as_bytes(std::span(buffer, size)));
  jpeg_destroy_compress(&jpeg);
  std::free(buffer);
  return file;
}

/// A gray JPEG of these values.
inline FileBytes jpeg_file(int width, int height, const std::function<int(int x, int y)>& gray) {
  Image image = blank_image(width, height, 1);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      image.pixels[static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)] =
          static_cast<uint8_t>(gray(x, y));
  return jpeg_file(image);
}

}  // namespace iuf
