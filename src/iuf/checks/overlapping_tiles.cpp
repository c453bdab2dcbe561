#include "iuf/checks/overlapping_tiles.h"

#include <algorithm>
#include <array>
#include <bit>

#include "iuf/checks/picture_uses.h"
#include "iuf/checks/spread_sample.h"
#include "iuf/data/listing.h"
#include "tensor/parallel.h"
#include "tensor/suggest.h"

namespace iuf {
namespace {

constexpr int kPiece = 16, kLeastRange = 4;  // pixels, levels of green
constexpr uint64_t kPieces = 1024, kBase = 0x9e3779b97f4a7c15u;
constexpr size_t kMostWith = 24, kFewestShared = 24, kMostTiles = 1000, kFewestTold = 3;
constexpr double kShared = 0.9, kStructured = 0.8, kLeastShare = 0.1;
constexpr int kLongestSide = 32767;

uint64_t spread_bits(uint64_t value) {
  value = (value ^ (value >> 31)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

uint64_t value_at(const uint8_t* row, int x) {
  const uint8_t* rgb = row + 3 * x;
  return static_cast<uint64_t>(rgb[0]) << 16 | static_cast<uint64_t>(rgb[1]) << 8 | rgb[2];
}

bool is_structured(const uint8_t* row, int x) {
  int lowest = 255, highest = 0;
  for (int i = x; i < x + kPiece; ++i) {
    lowest = std::min<int>(lowest, row[3 * i + 1]);
    highest = std::max<int>(highest, row[3 * i + 1]);
  }
  return highest - lowest >= kLeastRange;
}

// What occurs once.
void keep_single(std::vector<PicturePieces::Piece>& pieces) {
  std::ranges::sort(pieces, {}, &PicturePieces::Piece::hash);
  std::vector<PicturePieces::Piece> kept;
  for (auto begin = pieces.begin(); begin != pieces.end();) {
    auto end = begin + 1;
    while (end != pieces.end() && end->hash == begin->hash) ++end;
    if (end == begin + 1) kept.push_back(*begin);
    begin = end;
  }
  pieces = std::move(kept);
}

struct Box {
  int left = 0, top = 0, right = 0, bottom = 0;
  double area() const { return static_cast<double>(std::max(0, right - left)) * std::max(0, bottom - top); }
};

double count_in(const PicturePieces& picture, const Box& box, uint64_t every) {
  return static_cast<double>(std::ranges::count_if(picture.pieces, [&](const PicturePieces::Piece& p) {
    return p.hash % every == 0 && p.x >= box.left && p.x + kPiece <= box.right && p.y >= box.top && p.y < box.bottom;
  }));
}

// Whether what both show, where x and y in `a` are x - dx and y - dy in `b`, is the same everywhere.
bool is_overlap(const PicturePieces& a, const PicturePieces& b, int dx, int dy, size_t shared) {
  const Box in_a{std::max(0, dx), std::max(0, dy), std::min(a.width, b.width + dx), std::min(a.height, b.height + dy)};
  const Box in_b{in_a.left - dx, in_a.top - dy, in_a.right - dx, in_a.bottom - dy};
  const double smaller = std::min(static_cast<double>(a.width) * a.height, static_cast<double>(b.width) * b.height);
  if (in_a.area() < kLeastShare * smaller) return false;
  const uint64_t every = std::max(a.every, b.every);
  const double places = in_a.area() - (kPiece - 1.0) * (in_a.bottom - in_a.top), common = static_cast<double>(shared);
  return common * static_cast<double>(every) >= kStructured * places &&
         common >= kShared * std::max(count_in(a, in_a, every), count_in(b, in_b, every));
}

struct Placed {
  uint64_t hash;
  uint16_t picture, x, y;
};

// Of each piece that two pictures have: both, and how far apart it lies in them, in one number.
std::vector<uint64_t> offsets_of(const std::vector<PicturePieces>& pictures) {
  std::vector<Placed> all;
  for (size_t i = 0; i < pictures.size(); ++i)
    for (const PicturePieces::Piece& p : pictures[i].pieces)
      all.push_back({p.hash, static_cast<uint16_t>(i), static_cast<uint16_t>(p.x), static_cast<uint16_t>(p.y)});
  std::ranges::sort(
      all, [](const Placed& a, const Placed& b) { return a.hash != b.hash ? a.hash < b.hash : a.picture < b.picture; });
  std::vector<uint64_t> offsets;
  for (auto begin = all.begin(); begin != all.end();) {
    auto end = begin + 1;
    while (end != all.end() && end->hash == begin->hash) ++end;
    if (static_cast<size_t>(end - begin) <= kMostWith)
      for (auto a = begin; a != end; ++a)
        for (auto b = a + 1; b != end; ++b) {
          const int dx = a->x - b->x, dy = a->y - b->y;
          if (dx == 0 && dy == 0) continue;
          offsets.push_back(static_cast<uint64_t>(a->picture) << 48 | static_cast<uint64_t>(b->picture) << 32 |
                            static_cast<uint64_t>(dx + kLongestSide) << 16 | static_cast<uint64_t>(dy + kLongestSide));
        }
    begin = end;
  }
  std::ranges::sort(offsets);
  return offsets;
}

// Images of all uses, with the pieces of each.
struct Tiles {
  std::vector<const Sample*> samples = {};
  std::vector<PicturePieces> pieces = {};
};

Tiles tiles_of(const std::vector<PictureUse>& uses) {
  Tiles tiles;
  std::vector<const ValueWindow*> windows;
  for (const PictureUse& use : uses)
    for (const size_t i : spread_sample(use.samples.size(), kMostTiles)) {
      tiles.samples.push_back(use.samples[i]);
      windows.push_back(&use.window);
    }
  tiles.pieces.resize(tiles.samples.size());
  parallel_for(static_cast<int64_t>(tiles.samples.size()), 1, [&](int64_t n, int64_t) {
    const auto i = static_cast<size_t>(n);
    try {
      tiles.pieces[i] = pieces_of(read_image(tiles.samples[i]->file, *windows[i]));
    } catch (const std::exception&) {  // told about where it is used
    }
  });
  return tiles;
}

Tiles tiles_looked_at(const std::vector<PictureUse>& uses) {
  Tiles tiles;
  for (const PictureUse& use : uses)
    for (size_t i = 0; i < use.samples.size(); ++i)
      if (use.traces[i]) {
        tiles.samples.push_back(use.samples[i]);
        tiles.pieces.push_back(use.traces[i]->pieces);
      }
  return tiles;
}

}  // namespace

PicturePieces pieces_of(const Image& image) {
  PicturePieces found{.width = image.width, .height = image.height};
  if (image.width < kPiece || std::max(image.width, image.height) > kLongestSide) return found;
  const uint64_t pixels = static_cast<uint64_t>(image.width) * static_cast<uint64_t>(image.height);
  found.every = std::bit_floor(std::max<uint64_t>(1, pixels / kPieces));
  uint64_t highest = 1;  // what the first pixel of a piece is multiplied by
  for (int i = 1; i < kPiece; ++i) highest *= kBase;
  std::array<uint64_t, kPiece> last{};  // hashes of the last pixels, in turn
  for (int y = 0; y < image.height; ++y) {
    const uint8_t* row = image.row(y);
    uint64_t rolling = 0;
    for (int x = 0; x < image.width; ++x) {
      uint64_t& pixel = last[static_cast<size_t>(x % kPiece)];
      if (x >= kPiece) rolling -= highest * pixel;
      pixel = spread_bits(value_at(row, x) + 1);
      rolling = rolling * kBase + pixel;
      const int begin = x + 1 - kPiece;
      if (begin < 0) continue;
      const uint64_t hash = spread_bits(rolling);
      if (hash % found.every == 0 && is_structured(row, begin)) found.pieces.push_back({hash, begin, y});
    }
  }
  keep_single(found.pieces);
  return found;
}

std::vector<Overlap> overlaps_among(const std::vector<PicturePieces>& pictures) {
  const std::vector<uint64_t> offsets = offsets_of(pictures);
  std::vector<Overlap> found;
  for (auto begin = offsets.begin(); begin != offsets.end();) {
    const auto end = std::upper_bound(begin, offsets.end(), *begin);
    const auto a = static_cast<size_t>(*begin >> 48), b = static_cast<size_t>(*begin >> 32 & 0xffff);
    const int dx = static_cast<int>(*begin >> 16 & 0xffff) - kLongestSide,
              dy = static_cast<int>(*begin & 0xffff) - kLongestSide;
    const auto shared = static_cast<size_t>(end - begin);
    if (shared >= kFewestShared && is_overlap(pictures[a], pictures[b], dx, dy, shared)) found.push_back({a, b});
    begin = end;
  }
  return found;
}

std::string overlapping_tiles(const std::vector<PictureUse>& uses) {
  Tiles tiles = tiles_looked_at(uses);
  std::vector<Overlap> overlaps = overlaps_among(tiles.pieces);
  if (overlaps.empty()) return "";
  if (std::ranges::any_of(
          uses, [](const PictureUse& use) { return use.samples.size() > spread_sample(use.samples.size()).size(); })) {
    tiles = tiles_of(uses);
    overlaps = overlaps_among(tiles.pieces);
  }
  std::vector<char> overlaps_learned(tiles.samples.size());
  std::string first;
  for (const Overlap& overlap : overlaps)
    for (const auto& [own, other] : {std::pair(overlap.second, overlap.first), {overlap.first, overlap.second}}) {
      if (!tiles.samples[other]->train) continue;
      overlaps_learned[own] = 1;
      if (first.empty()) first = place_of(tiles.samples[own]->file) + " and " + place_of(tiles.samples[other]->file);
    }
  std::vector<std::string> said;
  size_t total = 0;
  for (const PictureUse& use : uses) {
    size_t all = 0, those = 0;
    for (size_t i = 0; i < tiles.samples.size(); ++i)
      if (tiles.samples[i]->train == use.train && tiles.samples[i]->defect == use.defect) {
        ++all;
        those += overlaps_learned[i] != 0;
      }
    if (those > 0) said.push_back(std::to_string(those) + " of " + std::to_string(all) + " " + use.name);
    total += those;
  }
  if (total < kFewestTold) return "";
  return joined(said, " and ") + " share a part, pixel for pixel, with another one to learn from (first: " + first +
         "): tiles of one photograph that overlap? Thresholds and figures count it again and again; cut tiles without "
         "overlap, or keep those of one photograph together";
}

}  // namespace iuf
