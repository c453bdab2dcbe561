#pragma once

#include <jpeglib.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

#include "support/picture_files.h"

namespace iuf {

/// A gray JPEG of these values.
inline FileBytes jpeg_file(int width, int height, const std::function<int(int x, int y)>& gray) {
  jpeg_error_mgr errors;
  jpeg_compress_struct jpeg;
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &buffer, &size);
  jpeg.image_width = static_cast<JDIMENSION>(width);
  jpeg.image_height = static_cast<JDIMENSION>(height);
  jpeg.input_components = 1;
  jpeg.in_color_space = JCS_GRAYSCALE;
  jpeg_set_defaults(&jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  for (int y = 0; y < height; ++y) {
    std::vector<JSAMPLE> row;
    for (int x = 0; x < width; ++x) row.push_back(static_cast<JSAMPLE>(gray(x, y)));
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

/// An RGB picture as a JPEG, whose colours are stored at half the size.
inline FileBytes jpeg_file(const Image& rgb, int quality) {
  jpeg_error_mgr errors;
  jpeg_compress_struct jpeg;
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &buffer, &size);
  jpeg.image_width = static_cast<JDIMENSION>(rgb.width);
  jpeg.image_height = static_cast<JDIMENSION>(rgb.height);
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, quality, TRUE);
  jpeg_start_compress(&jpeg, TRUE);
  for (int y = 0; y < rgb.height; ++y) {
    std::vector<JSAMPLE> row(rgb.row(y), rgb.row(y) + 3 * rgb.width);
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

}  // namespace iuf
