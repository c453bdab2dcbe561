#include <webp/decode.h>

#include <algorithm>

#include "iuf/image/image_formats.h"
#include "iuf/image/image_header.h"
#include "iuf/image/image_parts.h"
#include "nn/bytes.h"

// WebP through libwebp, which decodes single pictures; the first frame of an animation is found here.
namespace iuf {
namespace {

// A picture of one colour takes a few bytes whatever its size is. This many pixels are always believed; beyond, as many
// as a JPEG can hold.
constexpr int64_t kBelieved = int64_t{1} << 25;
constexpr double kMostPixelsPerByte = 64 * 8 * 8;

const char* text_of(VP8StatusCode status) {
  switch (status) {
    case VP8_STATUS_OUT_OF_MEMORY:
      return "out of memory";
    case VP8_STATUS_BITSTREAM_ERROR:
      return "its data are wrong";
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      return "it has an unknown feature";
    case VP8_STATUS_NOT_ENOUGH_DATA:
      return "the file ends too early";
    default:
      return "libwebp gives no reason";
  }
}

// Where a frame lies on the canvas.
struct Frame {
  Bytes data = {};  // as libwebp takes it
  int64_t left = 0, top = 0;
};

uint32_t number(Bytes bytes, size_t at) {  // of 3 bytes
  uint32_t value = 0;
  for (size_t i = 3; i-- > 0;) value = value << 8 | std::to_integer<uint32_t>(bytes[at + i]);
  return value;
}

Frame first_frame(Bytes file, const std::string& name) {
  Bytes rest = file.subspan(std::min(RiffChunk::header, file.size()));
  constexpr size_t kFrameHeader = 16;
  while (const auto chunk = take_riff_chunk(rest)) {
    if (chunk->type != "ANMF") continue;
    if (chunk->content.size() < kFrameHeader) fail_undecoded(name, "WebP", "its first frame is not whole");
    return {chunk->content.subspan(kFrameHeader), 2 * int64_t{number(chunk->content, 0)},
            2 * int64_t{number(chunk->content, 3)}};
  }
  return {file};
}

}  // namespace

Raster decode_webp(std::span<const std::byte> bytes, const std::string& name, int64_t max_pixels,
                   Transparency transparency) {
  const ImageHeader header = header_of(bytes);
  if (header.width < 1 || header.height < 1) fail_undecoded(name, "WebP", "the file ends in its header");
  // The last chunk may lack the byte that makes its length even.
  if (load_number<uint32_t>(bytes.subspan(4)) > bytes.size() - 8 + 1)
    fail_undecoded(name, "WebP", text_of(VP8_STATUS_NOT_ENOUGH_DATA));
  const int64_t pixels = header.width * header.height;
  check_pixels(name, header.width, header.height, max_pixels, bytes.size(),
               pixels <= kBelieved ? static_cast<double>(pixels) : kMostPixelsPerByte);
  const Frame frame = first_frame(bytes, name);
  const auto* data = reinterpret_cast<const uint8_t*>(frame.data.data());
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config)) fail_undecoded(name, "WebP", "another version of libwebp is installed");
  const VP8StatusCode status = WebPGetFeatures(data, frame.data.size(), &config.input);
  if (status != VP8_STATUS_OK) fail_undecoded(name, "WebP", text_of(status));
  if (config.input.has_animation) fail_undecoded(name, "WebP", "an animation without a frame");
  if (frame.left + config.input.width > header.width || frame.top + config.input.height > header.height)
    fail_undecoded(name, "WebP", "its first frame is larger than the picture");
  const bool covers = config.input.width == header.width && config.input.height == header.height;
  const bool alpha = transparency == Transparency::keep && (config.input.has_alpha || !covers);
  Raster raster{.width = static_cast<int>(header.width),
                .height = static_cast<int>(header.height),
                .channels = alpha ? 4 : 3,
                .lossy = config.input.format != 2};
  raster.samples.resize(static_cast<size_t>(pixels * raster.channels));  // transparent around the frame
  const int64_t stride = header.width * raster.channels;
  WebPRGBABuffer& to = config.output.u.RGBA;
  const int64_t first = frame.top * stride + frame.left * raster.channels;
  to.rgba = raster.samples.data() + first;
  to.stride = static_cast<int>(stride);
  to.size = raster.samples.size() - static_cast<size_t>(first);
  config.output.colorspace = alpha ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  const VP8StatusCode decoded = WebPDecode(data, frame.data.size(), &config);
  WebPFreeDecBuffer(&config.output);
  if (decoded != VP8_STATUS_OK) fail_undecoded(name, "WebP", text_of(decoded));
  return raster;
}

}  // namespace iuf
