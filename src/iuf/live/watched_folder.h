#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "iuf/features/progress.h"
#include "iuf/live/arrivals.h"
#include "iuf/live/folder_events.h"

namespace iuf {

struct WatchedFolderOptions {
  std::filesystem::path folder = {};
  std::vector<std::filesystem::path> left_out = {};  // folders in it that are not looked at
  std::chrono::milliseconds settle{2000};            // Arrivals
  /// Between two looks at the whole folder. Absent: the system tells what comes, and looks are rare; without its help
  /// they are frequent.
  std::optional<std::chrono::milliseconds> poll = {};
};

/// The images that come into a folder and those below it, by their names, once they are complete. Hidden files, links
/// and what is not called as images are is left alone.
class WatchedFolder {
 public:
  /// `is_known`: whether a file that is there was dealt with already, by its name in the folder.
  using Known = std::function<bool(const std::string& name, const FileStamp& stamp)>;
  WatchedFolder(WatchedFolderOptions options, Known is_known, const Progress& progress);

  enum class Until { stopped, empty };
  /// The name of the next complete image, which may be known. Waits until there is one; none once the descriptor `stop`
  /// is readable (-1: never), or, until it is empty, when no file waits or settles.
  std::optional<std::string> next(int stop, Until until);
  /// The file was found incomplete: it comes again when it has settled.
  void again(const std::string& name, const FileStamp& stamp);
  /// How many links called as images, or to folders, are left alone.
  int64_t links() const { return static_cast<int64_t>(links_.size()); }
  /// Told of files that were removed or moved away.
  std::function<void(const std::string& name)> on_gone = {};

 private:
  using Clock = std::chrono::steady_clock;
  void look();  // at the whole folder
  void look_at(const std::string& name);
  void add_folder(const std::filesystem::path& folder, std::vector<std::pair<FileStamp, std::string>>& found);
  void read_events();
  bool is_link(const std::filesystem::path& file);
  bool is_left_out(const std::filesystem::path& folder) const;
  std::string name_of(const std::filesystem::path& file) const;
  Clock::duration pause() const;  // between two looks

  WatchedFolderOptions o_;
  Known is_known_;
  const Progress progress_;
  Arrivals arrivals_;
  std::optional<FolderEvents> events_ = {};
  Clock::time_point next_look_ = {};
  std::set<std::filesystem::path> unreadable_ = {};  // folders, which was said
  std::set<std::string> links_ = {};                 // that are there
  bool said_left_ = false, said_blind_ = false;
};

}  // namespace iuf
