#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "iuf/data/field_rules.h"
#include "iuf/run/prediction.h"
#include "nn/file.h"

namespace iuf {

/// What a call of predict() was asked for: an unfinished one is continued by one that asks for the same.
struct PredictionRequest {
  uint64_t model = 0;  // a hash of its file
  bool heatmaps = true, masks = false;
  std::string maps = "none";             // as choices(Maps) spells it
  std::string object = {};               // the expected one; empty: none
  std::vector<std::string> inputs = {};  // as they were given, escaped
  std::string list = {};                 // its name, escaped, and a hash of its content; empty: none

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field.format(3);
    field("model", self.model);
    field("heatmaps", self.heatmaps);
    field("masks", self.masks);
    field("maps", self.maps);
    field("object", self.object);
    field("inputs", self.inputs);
    field("list", self.list, kUnlessEmpty);
  }
};

/// What tells whether a file was written anew: its size in bytes and the time of its last change in nanoseconds, which
/// a camera or a copy can repeat; its number and the time of its last change of state, which they cannot. Those two are
/// 0 where an older version noted them, and so are no file's.
struct FileStamp {
  int64_t size = -1, changed = 0;  // -1: it is not there
  int64_t node = 0, state = 0;

  bool operator==(const FileStamp&) const = default;

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("size", self.size);
    field("changed", self.changed);
    field("node", self.node, kMayLack);
    field("state", self.state, kMayLack);
  }
};
FileStamp stamp_of(const std::filesystem::path& file);

/// The rows of an unfinished predict() (PredictionFiles::partial), so that the same call goes on after an interruption
/// at any time. The first line is the request, the others are rows in the order in which they were judged. Every line
/// carries a hash of itself; what follows the first one that is not whole counts as not written. Images that could not
/// be judged have no row: they are tried again.
class PredictionJournal {
 public:
  enum class Found { nothing, same, other };
  /// Reads what an earlier call left in the folder; the rows of another request are dropped.
  PredictionJournal(const std::filesystem::path& out, const PredictionRequest& request);

  Found found() const { return found_; }
  /// Completes the row of a listed image from the earlier call. False where that has none, or a picture of it is gone,
  /// or the image was changed since, which counts in `changed`.
  bool take(Prediction& row, int64_t& changed);
  /// From now on the file holds the request, the rows that were taken, and those that are added.
  void begin();
  /// A row whose pictures are complete. `listed`: as list_inputs() gave it. By one thread at a time.
  void add(const Prediction& row, const Prediction& listed, const FileStamp& stamp);
  /// All rows are there; from now on pictures are moved to their places.
  void end_of_rows();

 private:
  struct Row;
  void read(const std::string& text);
  bool has_pictures(const Prediction& row) const;

  std::filesystem::path out_;
  std::string request_;  // its line
  Found found_ = Found::nothing;
  bool moving_ = false;                           // pictures of the earlier call may be in their places
  std::map<std::string, std::string> rows_ = {};  // lines of the earlier call, by what was listed
  std::string taken_ = {};                        // those of them that are taken
  std::optional<AppendFile> file_ = {};
  std::chrono::steady_clock::time_point synced_ = {};
};

}  // namespace iuf
