#pragma once

#include <webp/encode.h>

#include <catch2/catch.hpp>

#include "support/picture_files.h"

namespace iuf {

/// What libwebp writes of pixels, RGB or RGBA.
struct WebpFile {
  int width = 0, height = 0, channels = 3;
  std::vector<uint8_t> pixels = {};
  float quality = -1;  // negative: lossless, transparent colours too
};

inline FileBytes webp_file(const WebpFile& webp) {
  WebPConfig config;
  WebPPicture picture;
  REQUIRE((WebPConfigInit(&config) && WebPPictureInit(&picture)));
  config.lossless = webp.quality < 0;
  config.exact = 1;
  if (webp.quality >= 0) config.quality = webp.quality;
  picture.use_argb = config.lossless;
  picture.width = webp.width;
  picture.height = webp.height;
  const auto import = webp.channels == 4 ? WebPPictureImportRGBA : WebPPictureImportRGB;
  REQUIRE(import(&picture, webp.pixels.data(), webp.width * webp.channels));
  WebPMemoryWriter memory;
  WebPMemoryWriterInit(&memory);
  picture.writer = WebPMemoryWrite;
  picture.custom_ptr = &memory;
  REQUIRE(WebPEncode(&config, &picture));
  FileBytes file;
  put(file, std::as_bytes(std::span(memory.mem, memory.size)));
  WebPMemoryWriterClear(&memory);
  WebPPictureFree(&picture);
  return file;
}

/// A chunk with its length, and a byte that makes it even.
inline FileBytes riff_chunk(std::string_view type, const FileBytes& content) {
  FileBytes chunk;
  put(chunk, type);
  put_number(chunk, content.size(), 4, false);
  put(chunk, content);
  if (content.size() % 2 == 1) put_number(chunk, 0, 1);
  return chunk;
}

/// A WebP of the extended format: a canvas, and these chunks.
inline FileBytes extended_webp(int width, int height, int flags, const std::vector<FileBytes>& chunks) {
  FileBytes content, canvas, file;
  put(content, "WEBP");
  put_number(canvas, static_cast<uint64_t>(flags), 4, false);
  put_number(canvas, static_cast<uint64_t>(width - 1), 3, false);
  put_number(canvas, static_cast<uint64_t>(height - 1), 3, false);
  put(content, riff_chunk("VP8X", canvas));
  for (const FileBytes& chunk : chunks) put(content, chunk);
  put(file, riff_chunk("RIFF", content));
  return file;
}

/// The chunks of a file, those of the pixels alone where it is of the extended format.
inline FileBytes webp_chunks(const FileBytes& file) {
  FileBytes chunks;
  const bool extended = to_view(Bytes(file)).substr(12, 4) == "VP8X";
  put(chunks, Bytes(file).subspan(extended ? 30 : 12));
  return chunks;
}

/// A frame of an animation, at an even place.
inline FileBytes webp_frame(const WebpFile& webp, int left, int top) {
  FileBytes content;
  for (const int value : {left / 2, top / 2, webp.width - 1, webp.height - 1, 100})
    put_number(content, static_cast<uint64_t>(value), 3, false);
  put_number(content, 0, 1);
  put(content, webp_chunks(webp_file(webp)));
  return riff_chunk("ANMF", content);
}

}  // namespace iuf
