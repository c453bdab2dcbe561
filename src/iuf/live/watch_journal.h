#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "iuf/run/prediction_journal.h"
#include "nn/row_file.h"

namespace iuf {

/// What was done about one image of a watched folder.
struct WatchEntry {
  /// In this order. An entry that is not done was interrupted; one of a file that is gone has nothing but its name.
  static constexpr const char *judged = "judged", *commanded = "commanded", *done = "done", *gone = "gone";
  std::string phase = done;
  int64_t number = 0;     // of the image, counted from 1
  std::string name = {};  // in the folder, escaped
  FileStamp stamp = {};
  uint64_t content = 0;       // hash_bytes() of the file
  std::string moved_to = {};  // where the file goes, escaped; empty: it stays
  std::string line = {};      // of the log
  std::string row = {};       // what the command is told, JSON

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("phase", self.phase);
    field("number", self.number, kCount);
    field("name", self.name);
    FileStamp::visit(self.stamp, field);
    field("content", self.content);
    field("moved_to", self.moved_to, kUnlessEmpty);
    field("line", self.line, kUnlessEmpty);
    field("row", self.row, kUnlessEmpty);
  }
};

/// Which images of a folder were judged, so that no restart, not even after a kill or a power cut, misses one or judges
/// one twice. It forgets files that have left the folder: one that comes again is a new one.
class WatchJournal {
 public:
  /// Reads what an earlier call left, or begins. Damaged lines are left out, with a note; throws Error where the first
  /// one is, and where it is that of another folder.
  WatchJournal(std::filesystem::path file, const std::filesystem::path& folder, const Progress& progress = {});

  /// Whether the file was judged, as it is now.
  bool knows(const std::string& name, const FileStamp& stamp) const;
  /// Whether the file was judged with this content; then also with this stamp from now on.
  bool knows_content(const std::string& name, uint64_t content, const FileStamp& stamp);
  void forget(const std::string& name);
  int64_t next_number() const { return next_; }
  /// What an earlier call did not end, in order.
  const std::vector<WatchEntry>& interrupted() const { return interrupted_; }

  /// What was done is kept, also through a power cut.
  void add(const WatchEntry& entry);

 private:
  struct Known {
    FileStamp stamp;
    uint64_t content;
  };
  void read(const std::string& text, const Progress& progress);
  void begin();  // writes what is known anew

  std::filesystem::path file_, folder_;
  int64_t next_ = 1;
  std::map<std::string, Known> known_ = {};
  std::vector<WatchEntry> interrupted_ = {};
  std::optional<RowFile> rows_ = {};
  size_t added_ = 0;  // lines since it was written anew
};

}  // namespace iuf
