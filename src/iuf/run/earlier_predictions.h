#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>

namespace iuf {

/// What an earlier predict() left in a folder that is used again. Files that its tables do not name are not its.
struct EarlierPredictions {
  bool csv = false, jsonl = false;      // whether it wrote these tables
  std::set<std::string> heatmaps = {};  // "heatmaps/NAME.png"
  std::string unreadable = {};          // the table that cannot be read; its heatmaps are not known
};
EarlierPredictions earlier_predictions(const std::filesystem::path& out);

/// Removes those heatmaps of the earlier call that are not in `kept`. Returns how many there were.
int64_t remove_heatmaps(const std::filesystem::path& out, const EarlierPredictions& earlier,
                        const std::set<std::string>& kept);

}  // namespace iuf
