#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "iuf/features/progress.h"
#include "iuf/live/verdict_publisher.h"
#include "iuf/run/prediction.h"
#include "iuf/settings/setting.h"

namespace iuf {

enum class WatchHeatmaps { rejects, all, none };
inline Choices<WatchHeatmaps> choices(WatchHeatmaps) {
  return {{"rejects", WatchHeatmaps::rejects}, {"all", WatchHeatmaps::all}, {"none", WatchHeatmaps::none}};
}

struct WatchOptions {
  std::filesystem::path model = {};                   // a file
  std::filesystem::path folder = {};                  // where images arrive
  std::filesystem::path out = {};                     // for the journal, heatmaps, and the log
  std::optional<std::filesystem::path> append = {};   // another log (VerdictLog); default: log.csv in `out`
  std::optional<std::filesystem::path> rejects = {};  // where images go that are not ok
  std::string command = {};                           // run_command_on(); empty: none
  std::chrono::milliseconds command_limit{60'000};
  std::string object = {};  // that images are judged against; empty: the one that fits best
  WatchHeatmaps heatmaps = WatchHeatmaps::rejects;
  std::optional<std::chrono::milliseconds> poll = {};  // WatchedFolderOptions
  std::chrono::milliseconds settle{2'000};
  bool once = false;  // ends when every image that is there is judged
  int stop = -1;      // a descriptor: when it is readable, the image at hand is the last one
};

struct WatchListener {
  std::function<void(const Prediction& prediction)> judged = {};
  VerdictHook kept = {};  // once the row is in the log and the file moved, before the command
  std::function<void(const std::string& error)> problem = {};  // of one image, a move or a command: the others go on
  Progress progress = {};
};

struct WatchCounts {
  int64_t images = 0;  // that were judged
  int64_t defects = 0, unknown = 0, without_verdict = 0;
  int64_t links = 0;   // that were left alone
  int64_t errors = 0;  // images that could not be judged, and what could not be done with others
};

/// Judges every image that is in the folder and that comes, by the model as it is then: a new model file is used from
/// the next image on. In this order an image is judged, its heatmap written, noted in the journal, added to the log,
/// moved, told to `kept`, and the command told. What a kill interrupts is done by the next call, with exceptions: an
/// image whose judging was interrupted is judged then, a command that had begun is not begun again, which is told as a
/// problem, and `kept` is not told what an earlier call judged. So every image has one row, and its command is begun at
/// most once. One process at a time uses a folder `out`.
WatchCounts watch(const WatchOptions& options, const WatchListener& listener);

}  // namespace iuf
