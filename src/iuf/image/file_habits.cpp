#include "iuf/image/file_habits.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <vector>

#include "iuf/image/image_parts.h"
#include "nn/bytes.h"

namespace iuf {
namespace {

constexpr std::streamsize kRead = std::streamsize{1} << 18;
constexpr uint32_t kQuantisation = 0xdb;
// Of the table for luminance that ITU-T T.81 gives (K.1), libjpeg's quality 50, the sum of the first values, which a
// low quality does not bring to their highest.
constexpr size_t kFirst = 10;
constexpr double kLuminance = 132;

std::vector<std::byte> beginning_of(const std::filesystem::path& path) {
  std::vector<std::byte> bytes(static_cast<size_t>(kRead));
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(bytes.data()), kRead);
  bytes.resize(static_cast<size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return bytes;
}

std::string text_of(const std::set<std::string>& extras) {
  std::string text;
  for (const std::string& extra : extras) text += (text.empty() ? "" : " + ") + extra;
  return text.empty() ? "none" : text;
}

// Of the first table of a segment, which is that of luminance or gray: number and precision, then 64 values.
std::optional<double> quality_of(Bytes tables) {
  constexpr size_t values = 64;
  if (tables.empty()) return std::nullopt;
  const size_t size = std::to_integer<int>(tables[0]) >> 4 == 0 ? 1 : 2;
  if (std::to_integer<int>(tables[0] & std::byte{15}) != 0 || tables.size() < 1 + values * size) return std::nullopt;
  double sum = 0;
  for (size_t i = 0; i < kFirst * size; ++i)
    sum += std::to_integer<int>(tables[1 + i]) * (size == 2 && i % 2 == 0 ? 256 : 1);
  const double scale = 100 * sum / kLuminance;  // percent, as libjpeg scales the table
  return std::clamp(scale <= 100 ? (200 - scale) / 2 : 5000 / scale, 1.0, 100.0);
}

FileHabits habits_of_jpeg(Bytes rest) {
  FileHabits habits;
  std::set<std::string> extras;
  while (const auto segment = take_segment(rest)) {
    Bytes content = segment->content;
    const uint32_t app = segment->marker - JpegSegment::app;
    if (segment->marker == kQuantisation && !habits.jpeg_quality) habits.jpeg_quality = quality_of(content);
    if (app == 1 && take_prefix(content, {"Exif\0", 5})) extras.insert("Exif");
    if (app == 2 && take_prefix(content, {"ICC_PROFILE\0", 12})) extras.insert("colour profile");
    if (segment->marker == JpegSegment::scan) {
      habits.extras = text_of(extras);
      break;
    }
  }
  return habits;
}

FileHabits habits_of_png(Bytes rest) {
  FileHabits habits;
  std::set<std::string> extras;
  while (to_view(rest).substr(std::min<size_t>(4, rest.size())).substr(0, 4) != "IDAT") {
    const auto chunk = take_chunk(rest);
    if (!chunk) return habits;
    if (chunk->type == "gAMA") extras.insert("gamma");
    if (chunk->type == "iCCP") extras.insert("colour profile");
    if (chunk->type == "sRGB") extras.insert("sRGB");
    if (chunk->type == "eXIf") extras.insert("Exif");
  }
  habits.extras = text_of(extras);
  return habits;
}

}  // namespace

FileHabits habits_of(const std::filesystem::path& file) {
  const std::vector<std::byte> bytes = beginning_of(file);
  Bytes rest(bytes);
  if (to_view(rest).starts_with("\xff\xd8\xff")) return habits_of_jpeg(rest.subspan(2));
  if (to_view(rest).starts_with("\x89PNG"))
    return habits_of_png(rest.subspan(std::min(PngChunk::signature, rest.size())));
  return {};
}

}  // namespace iuf
