#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace iuf {

/// Small pictures of an image that was judged, as PNG.
struct VerdictPictures {
  std::string photograph = {}, heatmap = {};  // the second may be empty: the method draws none
};

/// The verdicts that count in numbers, by name, in the order of VerdictCounts.
inline constexpr std::array<const char*, 5> kVerdictNames = {"ok", "defect", "unknown", "no threshold", "error"};
using VerdictCounts = std::array<int64_t, kVerdictNames.size()>;

/// What was judged last, and how often what was said. Thread-safe and bounded.
class VerdictHistory {
 public:
  static constexpr size_t kMost = 100;      // verdicts
  static constexpr size_t kMostHours = 48;  // that are counted by object

  /// A row of a log (VerdictLog::json_line). Returns its number, which is larger than those before.
  int64_t add(nlohmann::ordered_json row, VerdictPictures pictures);
  /// A row that an earlier process wrote; what is none is left out. It has no number, and is in no total.
  void recall(const std::string& line);

  /// The newest first, each with its number as "id", or null.
  nlohmann::ordered_json last(size_t count) const;
  /// "hour" (its beginning, UTC), "object" (empty: could not be judged) and how often each verdict was given, the
  /// newest hour first.
  nlohmann::ordered_json hours() const;
  /// Since the process began, by object.
  std::map<std::string, VerdictCounts> totals() const;
  /// Null where it is none of the last ones.
  std::shared_ptr<const VerdictPictures> pictures(int64_t id) const;

 private:
  struct Entry {
    std::optional<int64_t> id;
    nlohmann::ordered_json row;
    std::shared_ptr<const VerdictPictures> pictures;
  };
  void keep(Entry entry);

  mutable std::mutex mutex_ = {};
  int64_t last_id_ = 0;
  std::deque<Entry> entries_ = {};                                          // the newest last
  std::map<std::string, std::map<std::string, VerdictCounts>> hours_ = {};  // by hour, by object
  std::map<std::string, VerdictCounts> totals_ = {};
};

}  // namespace iuf
