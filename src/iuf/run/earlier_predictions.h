#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>

namespace iuf {

/// What an earlier predict() left in a folder that is used again. Files that its tables do not name are not its.
struct EarlierPredictions {
  bool csv = false, jsonl = false;      // whether it wrote these tables
  std::set<std::string> pictures = {};  // "heatmaps/NAME.png", "masks/NAME.png", "maps/NAME.npy"
  std::string unreadable = {};          // the table that cannot be read; its pictures are not known
};
EarlierPredictions earlier_predictions(const std::filesystem::path& out);

/// Removes those pictures of the earlier call that are not in `kept`. Returns how many there were, by folder.
std::map<std::string, int64_t> remove_pictures(const std::filesystem::path& out, const EarlierPredictions& earlier,
                                               const std::set<std::string>& kept);

}  // namespace iuf
