#include "iuf/data/photograph.h"

#include <algorithm>
#include <array>
#include <bit>
#include <bitset>
#include <fstream>
#include <mutex>

#include "iuf/data/exif.h"
#include "iuf/data/image_formats.h"
#include "nn/file.h"
#include "tensor/parallel.h"

namespace iuf {
namespace {

constexpr int kBits = 16, kFewestBits = 8;
using Values = std::bitset<size_t{1} << kBits>;

Values values_of(const Raster& raster) {
  Values seen;
  for (size_t i = 0; i < raster.count(); ++i) seen[static_cast<size_t>(raster.at(i))] = true;
  return seen;
}

int largest_of(const Values& seen) {
  int largest = (1 << kBits) - 1;
  while (largest > 0 && !seen[static_cast<size_t>(largest)]) --largest;
  return largest;
}

// Whether v comes from one of `bits` bits by a way that the PNG specification names (12.4): its bits again and again,
// zeros behind them, or a linear function, rounded or cut off.
bool is_scaled(int v, int bits) {
  const int most = (1 << bits) - 1, all = (1 << kBits) - 1;
  const int top = v >> (kBits - bits);
  int repeated = 0;
  for (int shift = kBits - bits; shift > -bits; shift -= bits) repeated |= shift >= 0 ? top << shift : top >> -shift;
  const auto linear = [&](int64_t half) {
    const int64_t nearest = (int64_t{v} * most + all / 2) / all;
    return (nearest * all + half) / most == v;
  };
  return v == top << (kBits - bits) || v == repeated || linear(0) || linear(most / 2);
}

int bits_needed(const Raster& raster) {
  const Values seen = values_of(raster);
  const int largest = largest_of(seen), said = raster.significant_bits;
  const int own = std::max(kFewestBits, static_cast<int>(std::bit_width(static_cast<unsigned>(largest))));
  if (said <= 0 || said >= kBits) return own;
  bool scaled = largest > 0;
  for (int v = 1; v <= largest && scaled; ++v) scaled = !seen[static_cast<size_t>(v)] || is_scaled(v, said);
  if (scaled) return kBits;
  return largest < 1 << said ? std::max(kFewestBits, said) : own;
}

std::vector<std::byte> first_bytes(const std::string& file) {
  std::array<char, 32> bytes{};
  std::ifstream in(file, std::ios::binary);
  in.read(bytes.data(), bytes.size());
  const auto* first = reinterpret_cast<const std::byte*>(bytes.data());
  return {first, first + in.gcount()};
}

}  // namespace

bool is_deep(std::span<const std::byte> first_bytes) {
  constexpr size_t depth = 24;  // where a PNG says it: behind the signature, IHDR's head and both sizes
  return image_kind(first_bytes) == ImageKind::png && first_bytes.size() > depth &&
         first_bytes[depth] == std::byte{kBits};
}

Photograph decode_photograph(std::span<const std::byte> bytes, const std::string& name, const PhotoReading& reading) {
  Raster raster = decode_raster(bytes, name, default_max_pixels, Transparency::drop);
  Photograph photograph;
  PictureFacts& facts = photograph.facts;
  facts.deep = raster.sample_bytes == 2;
  if (facts.deep)
    for (size_t i = 0; i < raster.count(); ++i) facts.largest = std::max(facts.largest, raster.at(i));
  if (reading.orientation == Orientation::apply) facts.orientation = noted_orientation(bytes);
  photograph.image = turned(image_of(std::move(raster), reading.window.value_or(ValueWindow{})), facts.orientation);
  facts.looks = look_at(photograph.image);
  return photograph;
}

std::optional<ValueWindow> window_of(const std::vector<std::string>& files) {
  int bits = 0;
  std::mutex mutex;
  parallel_for(static_cast<int64_t>(files.size()), 1, [&](int64_t i, int64_t) {
    const std::string& file = files[static_cast<size_t>(i)];
    if (!is_deep(first_bytes(file))) return;
    const int own = bits_needed(decode_raster(read_file(file), file, default_max_pixels, Transparency::drop));
    const std::lock_guard lock(mutex);
    bits = std::max(bits, own);
  });
  if (bits == 0) return std::nullopt;
  return ValueWindow{0, (int64_t{1} << bits) - 1};
}

}  // namespace iuf
