#pragma once

#include <tiffio.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>

#include "support/picture_files.h"

namespace iuf {

/// What libtiff writes.
struct TiffFile {
  uint32_t width = 0, height = 0;
  int bits = 8, channels = 1;
  std::vector<uint16_t> samples = {};  // row by row, the channels of a pixel side by side
  int compression = COMPRESSION_NONE, photometric = PHOTOMETRIC_MINISBLACK;  // RGB from 3 channels on
  bool separate = false;                                                     // a plane for each channel
  uint32_t rows_per_strip = 4, tile = 0;                                     // tile: its sides; 0: strips
  uint16_t predictor = 1, orientation = 1, extra = EXTRASAMPLE_UNASSALPHA;
  std::vector<uint16_t> palette = {};    // all red values, all green, all blue
  const char* mode = "w";                // wl, wb: the order of bytes; w8: BigTIFF
  int pages = 1;                         // the later ones are black
  std::function<void(TIFF*)> more = {};  // sets further tags
};

namespace tiff_memory {

struct Memory {
  FileBytes bytes = {};
  size_t place = 0;
};
inline Memory& of(thandle_t handle) {
  return *static_cast<Memory*>(handle);
}
inline tmsize_t read(thandle_t handle, void* to, tmsize_t count) {
  Memory& m = of(handle);
  const size_t taken = std::min(static_cast<size_t>(count), m.bytes.size() - std::min(m.place, m.bytes.size()));
  std::copy_n(m.bytes.data() + m.place, taken, static_cast<std::byte*>(to));
  m.place += taken;
  return static_cast<tmsize_t>(taken);
}
inline tmsize_t write(thandle_t handle, void* from, tmsize_t count) {
  Memory& m = of(handle);
  m.bytes.resize(std::max(m.bytes.size(), m.place + static_cast<size_t>(count)));
  std::copy_n(static_cast<std::byte*>(from), count, m.bytes.data() + m.place);
  m.place += static_cast<size_t>(count);
  return count;
}
inline toff_t seek(thandle_t handle, toff_t offset, int whence) {
  Memory& m = of(handle);
  return m.place = (whence == SEEK_CUR ? m.place : whence == SEEK_END ? m.bytes.size() : 0) + offset;
}

}  // namespace tiff_memory

/// `count` of the values from `first` on, each a step further, as a row of a TIFF holds them.
inline std::vector<uint8_t> tiff_row(const TiffFile& file, size_t first, size_t count, size_t step) {
  std::vector<uint8_t> row((count * static_cast<size_t>(file.bits) + 7) / 8);
  for (size_t i = 0; i < count; ++i) {
    const uint16_t value = file.samples[first + i * step];
    if (file.bits == 16) {
      std::memcpy(&row[2 * i], &value, 2);
    } else {
      const size_t bit = i * static_cast<size_t>(file.bits);
      row[bit / 8] = static_cast<uint8_t>(row[bit / 8] | value << (8 - static_cast<size_t>(file.bits) - bit % 8));
    }
  }
  return row;
}

inline void write_tiff_strips(TIFF* tiff, const TiffFile& file) {
  const auto channels = static_cast<size_t>(file.channels);
  const size_t planes = file.separate ? channels : 1, stored = file.separate ? 1 : channels;
  for (size_t plane = 0; plane < planes; ++plane)
    for (size_t y = 0; y < file.height; ++y) {
      std::vector<uint8_t> row =
          tiff_row(file, y * file.width * channels + plane, file.width * stored, file.separate ? channels : 1);
      REQUIRE(TIFFWriteScanline(tiff, row.data(), static_cast<uint32_t>(y), static_cast<uint16_t>(plane)) == 1);
    }
}

/// Tiles with values of 8 or 16 bits; beyond the picture they hold 0.
inline void write_tiff_tiles(TIFF* tiff, const TiffFile& file) {
  const auto channels = static_cast<size_t>(file.channels), bytes = static_cast<size_t>(file.bits / 8);
  const size_t planes = file.separate ? channels : 1, stored = file.separate ? 1 : channels;
  for (size_t plane = 0; plane < planes; ++plane)
    for (uint32_t top = 0; top < file.height; top += file.tile)
      for (uint32_t left = 0; left < file.width; left += file.tile) {
        std::vector<uint8_t> tile(file.tile * file.tile * stored * bytes);
        const size_t across = std::min(file.tile, file.width - left);
        for (uint32_t y = 0; y < std::min(file.tile, file.height - top); ++y)
          std::ranges::copy(tiff_row(file, ((top + y) * size_t{file.width} + left) * channels + plane, across * stored,
                                     file.separate ? channels : 1),
                            tile.begin() + static_cast<std::ptrdiff_t>(y * file.tile * stored * bytes));
        REQUIRE(TIFFWriteTile(tiff, tile.data(), left, top, 0, static_cast<uint16_t>(plane)) > 0);
      }
}

inline void set_tiff_tags(TIFF* tiff, const TiffFile& file) {
  const bool colour = file.channels >= 3;
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, file.width);
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, file.height);
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, file.bits);
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, file.channels);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, file.compression);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC,
               colour && file.photometric == PHOTOMETRIC_MINISBLACK ? PHOTOMETRIC_RGB : file.photometric);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, file.separate ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
  if (file.tile > 0) {
    TIFFSetField(tiff, TIFFTAG_TILEWIDTH, file.tile);
    TIFFSetField(tiff, TIFFTAG_TILELENGTH, file.tile);
  } else {
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, file.rows_per_strip);
  }
  if (file.predictor > 1) TIFFSetField(tiff, TIFFTAG_PREDICTOR, file.predictor);
  if (file.orientation > 1) TIFFSetField(tiff, TIFFTAG_ORIENTATION, file.orientation);
  if (file.channels % 2 == 0) TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &file.extra);
  if (const size_t colours = file.palette.size() / 3; colours > 0)
    TIFFSetField(tiff, TIFFTAG_COLORMAP, &file.palette[0], &file.palette[colours], &file.palette[2 * colours]);
  if (file.more) file.more(tiff);
}

inline FileBytes tiff_file(TiffFile file) {
  tiff_memory::Memory memory;
  TIFF* tiff = TIFFClientOpen(
      "memory", file.mode, &memory, tiff_memory::read, tiff_memory::write, tiff_memory::seek,
      [](thandle_t) { return 0; }, [](thandle_t m) { return toff_t{tiff_memory::of(m).bytes.size()}; }, nullptr,
      nullptr);
  REQUIRE(tiff);
  for (int page = 0; page < file.pages; ++page) {
    set_tiff_tags(tiff, file);
    if (file.tile > 0)
      write_tiff_tiles(tiff, file);
    else
      write_tiff_strips(tiff, file);
    REQUIRE(TIFFWriteDirectory(tiff) == 1);
    std::ranges::fill(file.samples, uint16_t{0});
  }
  TIFFClose(tiff);
  return memory.bytes;
}

}  // namespace iuf
