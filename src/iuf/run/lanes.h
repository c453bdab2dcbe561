#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace iuf {

/// Images of one lane, camera or day, as far as their names tell.
struct Lane {
  std::string name = {};                             // "in 'lane_b'", "with 'b' in their names (laneB_01.png)"
  std::optional<std::filesystem::path> folder = {};  // that they are in, where that makes the lane
  std::vector<size_t> images = {};
};

/// Every way in which names divide these files into 2 to kMostLanes lanes: by folder, by a word of the name at the same
/// place from its beginning or end, and by turns (every second one) in the order given. Of one way, each file is in one
/// lane.
std::vector<std::vector<Lane>> lanes_of(const std::vector<std::string>& files);
constexpr size_t kMostLanes = 8, kWordPlaces = 3;

}  // namespace iuf
