#include "iuf/checks/torn_frames.h"

#include <algorithm>
#include <array>
#include <set>

#include "iuf/checks/spread_sample.h"
#include "iuf/data/listing.h"
#include "tensor/parallel.h"
#include "tensor/suggest.h"

namespace iuf {
namespace {

constexpr size_t kTiles = 8;  // a side of FrameTiles
constexpr size_t kBefore = 16, kMostSharing = 3, kFewestTiles = 4, kMostImages = 1000;

// Tile `place` of line `line` from one of the four sides.
size_t tile_at(size_t side, size_t line, size_t place) {
  if (side % 2 == 1) line = kTiles - 1 - line;
  return side < 2 ? line * kTiles + place : place * kTiles + line;
}

bool is_torn_at(size_t side, const FrameTiles& a, const FrameTiles& b) {
  size_t lines = 0, structured = 0;
  for (; lines < kTiles; ++lines) {
    size_t own = 0, equal = 0;
    for (size_t place = 0; place < kTiles; ++place) {
      const size_t i = tile_at(side, lines, place);
      equal += a[i] == b[i];
      own += a[i] == b[i] && a[i] != 0;
    }
    if (equal < kTiles) break;
    structured += own;
  }
  if (structured < kFewestTiles) return false;
  size_t rest = 0, others = 0;  // beyond the line with the edge
  for (size_t line = lines + 1; line < kTiles; ++line)
    for (size_t place = 0; place < kTiles; ++place) {
      const size_t i = tile_at(side, line, place);
      rest += a[i] != 0 || b[i] != 0;
      others += a[i] != b[i];
    }
  return others >= kFewestTiles && 4 * others >= 3 * rest;
}

bool share_a_part(const FrameTiles& a, const FrameTiles& b) {
  constexpr std::array<size_t, 4> sides = {0, 1, 2, 3};
  return std::ranges::any_of(sides, [&](size_t side) { return is_torn_at(side, a, b); });
}

bool is_rare(size_t sharing, size_t compared) {
  return sharing > 0 && sharing <= kMostSharing && 2 * sharing < compared;
}

// Of a use, by their places.
struct TornSample {
  size_t torn = 0, looked_at = 0;
  std::string first = {};
};

TornSample look_for_torn(const PictureUse& use, const std::set<size_t>& places) {
  const std::vector<size_t> which(places.begin(), places.end());
  std::vector<FrameTiles> tiles(which.size());
  parallel_for(static_cast<int64_t>(which.size()), 1, [&](int64_t n, int64_t) {
    const auto i = static_cast<size_t>(n);
    if (const auto& traces = use.traces[which[i]]) {
      tiles[i] = traces->tiles;
      return;
    }
    try {
      tiles[i] = frame_tiles(read_image(use.samples[which[i]]->file, use.window));
    } catch (const std::exception&) {  // told about where it is used
    }
  });
  const auto torn = torn_frames(tiles);
  TornSample found{.torn = torn.size(), .looked_at = which.size()};
  if (!torn.empty())
    found.first = place_of(use.samples[which[torn.front().first]]->file) + " and " +
                  place_of(use.samples[which[torn.front().second]]->file);
  return found;
}

}  // namespace

std::vector<std::pair<size_t, size_t>> torn_frames(const std::vector<FrameTiles>& pictures) {
  std::vector<std::pair<size_t, size_t>> torn;
  for (size_t i = 1; i < pictures.size(); ++i) {
    size_t sharing = 0, compared = 0, other = i;
    for (size_t k = i - std::min(i, kBefore); k < std::min(i + kBefore + 1, pictures.size()); ++k) {
      if (pictures[k] == pictures[i]) continue;
      ++compared;
      if (!share_a_part(pictures[k], pictures[i])) continue;
      ++sharing;
      if (k < i) other = k;
    }
    if (other < i && is_rare(sharing, compared)) torn.emplace_back(i, other);
  }
  return torn;
}

bool TornFrames::take(const FrameTiles& picture) {
  size_t sharing = 0, compared = 0;
  for (const FrameTiles& other : before_) {
    compared += other != picture;
    sharing += share_a_part(other, picture);
  }
  before_.push_back(picture);
  if (before_.size() > kBefore) before_.pop_front();
  return is_rare(sharing, compared);
}

std::string torn_images(const std::vector<PictureUse>& uses) {
  std::vector<std::string> said;
  std::string first;
  for (const PictureUse& use : uses) {
    std::set<size_t> places;
    for (const size_t i : spread_sample(use.samples.size())) {
      places.insert(i);
      if (i > 0) places.insert(i - 1);
    }
    TornSample found = look_for_torn(use, places);
    if (found.torn == 0) continue;
    if (places.size() < std::min(use.samples.size(), kMostImages)) {
      places.clear();
      for (size_t i = 0; i < std::min(use.samples.size(), kMostImages); ++i) places.insert(i);
      if (const TornSample all = look_for_torn(use, places); all.torn > 0) found = all;
    }
    said.push_back(std::to_string(found.torn) + " of " + std::to_string(found.looked_at) + " " + use.name);
    if (first.empty()) first = found.first;
  }
  if (said.empty()) return "";
  return "a part of " + joined(said, " and of ") + " that were looked at is " + kTornFrame + ", first: " + first +
         ": they show two parts at once; take them out";
}

}  // namespace iuf
