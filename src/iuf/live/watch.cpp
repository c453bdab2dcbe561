#include "iuf/live/watch.h"

#include <algorithm>
#include <map>
#include <new>
#include <set>
#include <system_error>

#include "iuf/checks/still_part.h"
#include "iuf/checks/torn_frames.h"
#include "iuf/checks/unusual_pictures.h"
#include "iuf/image/image.h"
#include "iuf/live/drift_watch.h"
#include "iuf/live/live_model.h"
#include "iuf/live/number_watch.h"
#include "iuf/live/reject_move.h"
#include "iuf/live/usual_object.h"
#include "iuf/live/verdict_command.h"
#include "iuf/live/watch_journal.h"
#include "iuf/live/watched_folder.h"
#include "iuf/run/judged_image.h"
#include "iuf/run/run_files.h"
#include "iuf/run/verdict_log.h"
#include "nn/file.h"
#include "nn/hash.h"
#include "nn/links.h"
#include "tensor/error.h"
#include "tensor/text.h"

namespace iuf {

namespace fs = std::filesystem;

namespace {

constexpr size_t kMostBytes = size_t{1} << 30;  // of an image file

// Names of files in `out`.
struct WatchFiles {
  fs::path folder;

  fs::path journal() const { return folder / "watch.journal"; }
  fs::path log() const { return folder / "log.csv"; }
};

// "heatmaps/000012-line1_0001.png"
std::string heatmap_name(int64_t number, const std::string& name) {
  constexpr size_t kLongest = 150;  // of the image's name, in bytes
  std::string digits = std::to_string(number);
  digits.insert(0, digits.size() < 6 ? 6 - digits.size() : 0, '0');
  std::string stem = escaped(fs::path(name).replace_extension().string());
  std::ranges::replace_if(
      stem, [](char c) { return c == '/' || c == '\\'; }, '_');
  if (stem.size() > kLongest) {
    size_t end = kLongest;
    while (end > 0 && (static_cast<unsigned char>(stem[end]) & 0xC0) == 0x80) --end;  // no part of a character
    stem.resize(end);
  }
  return std::string(PredictionFiles::heatmap_folder) + "/" + digits + "-" + stem + ".png";
}

// A file is what its bytes and its stamp are.
struct FileRead {
  std::vector<std::byte> bytes = {};
  FileStamp stamp = {};
  std::string error = {};
};

class Watch {
 public:
  Watch(const WatchOptions& o, const WatchListener& listener)
      : o_(o),
        listener_(listener),
        lock_(made(o)),
        model_(o.model, listener.progress),
        log_(o.append ? *o.append : WatchFiles{o.out}.log(), o.append ? Links::follow : Links::refuse,
             listener.progress),
        journal_(WatchFiles{o.out}.journal(), o.folder, listener.progress),
        arriving_(
            folder_options(o),
            [this](const std::string& name, const FileStamp& stamp) { return journal_.knows(name, stamp); },
            listener.progress) {
    if (!o.object.empty()) model_.current()->model.expected_object(o.object);
    arriving_.on_gone = [this](const std::string& name) {
      journal_.forget(name);
      unreadable_.erase(name);
    };
  }

  WatchCounts run() {
    const std::vector<WatchEntry> interrupted = journal_.interrupted();
    for (const WatchEntry& entry : interrupted) finish(entry);
    recall();
    const auto until = o_.once ? WatchedFolder::Until::empty : WatchedFolder::Until::stopped;
    while (const auto name = arriving_.next(o_.stop, until)) take(*name);
    counts_.links = arriving_.links();
    return counts_;
  }

 private:
  static const fs::path& made(const WatchOptions& o) {
    if (!fs::is_directory(o.folder)) fail(o.folder.string(), ": no such folder: make it, or correct the name");
    make_folder(o.out);
    if (o.rejects) make_folder(*o.rejects);
    for (const fs::path& used : {o.out, o.rejects.value_or(o.out)})
      if (fs::equivalent(used, o.folder))
        fail(used.string(), ": is the folder that is watched: name another one for what comes out");
    return o.out;
  }
  static WatchedFolderOptions folder_options(const WatchOptions& o) {
    WatchedFolderOptions options{.folder = o.folder, .left_out = {o.out}, .settle = o.settle, .poll = o.poll};
    if (o.rejects) options.left_out.push_back(*o.rejects);
    return options;
  }

  // What drifts over many short calls, each of a few files.
  void recall() {
    const auto version = model_.current();
    const auto earlier = log_.judged(version->by.model, DriftWatch::kRecalledRows, DriftWatch::kRecalledBytes);
    drift_.recall(*version, earlier);
    for (const Prediction& p : earlier) numbers_.recall(p.file);
  }

  void problem(const std::string& text) {
    ++counts_.errors;
    if (listener_.problem) listener_.problem(text);
  }

  static FileRead read(const fs::path& path) {
    FileRead file{.stamp = stamp_of(path)};
    try {
      file.bytes = read_file(path, kMostBytes);
    } catch (const std::exception& e) {
      file.error = plain_text(e.what());
    }
    return file;
  }

  // Judges a file unless it is known, gone, or not complete.
  void take(const std::string& name) {
    const fs::path path = o_.folder / name;
    const FileRead file = read(path);
    const FileStamp now = stamp_of(path);
    if (now.size < 0 || journal_.knows(name, now)) return;
    if (now != file.stamp) return arriving_.again(name, now);
    const uint64_t content = hash_bytes(file.bytes);
    if (file.error.empty() && journal_.knows_content(name, content, now)) return;
    if (const std::string said = model_.refresh(); !said.empty()) listener_.progress.note(said);
    const std::shared_ptr<const ModelVersion> version = model_.current();
    Prediction p{.file = path.string(), .error = file.error, .expected = o_.object};
    p.heatmap = o_.heatmaps == WatchHeatmaps::none ? "" : heatmap_name(journal_.next_number(), name);
    Findings findings;
    const Image heatmap = judge(*version, file, p, findings);
    tell_once(findings, p.file);
    // What cannot be read may be on its way.
    if (!p.error.empty() && std::exchange(unreadable_[name], now) != now) return arriving_.again(name, now);
    unreadable_.erase(name);
    if (!heatmap.pixels.empty()) write_png(o_.out / p.heatmap, heatmap);
    if (o_.rejects && p.decision() != Verdict::ok && p.decision() != Verdict::no_threshold)
      p.moved_to = free_place(*o_.rejects, name).string();
    keep(name, file, content, p, *version);
  }

  // What is unusual about pictures, each kind with the first of them.
  void tell_once(const Findings& findings, const std::string& file) {
    for (const std::string& line : findings.lines())
      if (const std::string what = line.substr(0, line.rfind(": 1, first ")); told_.insert(what).second)
        listener_.progress.note(what + ", first " + escaped(file));
  }

  Image judge(const ModelVersion& version, const FileRead& file, Prediction& p, Findings& findings) {
    p.time = utc_milliseconds();
    Image heatmap;
    try {
      if (!p.error.empty()) return {};
      const std::optional<int64_t> expected =
          o_.object.empty() ? std::nullopt : std::optional(version.model.expected_object(o_.object));
      const Photograph photograph = version.model.extractor().decode(file.bytes, p.file);
      const ScoreMap map = judge_photograph(version.model, photograph, expected, p);
      find_unusual(photograph.facts, version.model.extractor().reading().window, 0, p.file, findings);
      if (torn_.take(frame_tiles(photograph.image)))
        findings.add(std::string("pictures of which a part is ") + kTornFrame + ": verdicts are of two parts at once",
                     0, p.file);
      if (still_.take(photograph.image))
        findings.add("pictures that have differed from the one before by no more than noise, " +
                         std::to_string(StillPart::kInARow) + " in a row: is it one part, on a belt that stands still?",
                     0, p.file);
      if (const std::string said = usual_.take(version, photograph.image, p); !said.empty())
        findings.add(said, 0, p.file);
      if (!p.heatmap.empty()) heatmap = map.over(photograph.image);
    } catch (const std::bad_alloc&) {
      p.error = escaped(p.file) + ": out of memory: use fewer --threads";
    } catch (const std::exception& e) {
      p.error = e.what();
    }
    const bool wanted = p.error.empty() && (o_.heatmaps == WatchHeatmaps::all || p.flagged());
    if (!wanted || heatmap.pixels.empty()) {
      p.heatmap.clear();
      return {};
    }
    make_own_folder((o_.out / p.heatmap).parent_path());
    return heatmap;
  }

  void keep(const std::string& name, const FileRead& file, uint64_t content, const Prediction& p,
            const ModelVersion& version) {
    WatchEntry entry{.phase = WatchEntry::judged,
                     .number = journal_.next_number(),
                     .name = escaped(name),
                     .stamp = file.stamp,
                     .content = content,
                     .moved_to = escaped(p.moved_to),
                     .line = log_.line(p, version.by)};
    const bool told = listener_.kept || !o_.command.empty();
    const std::string row = told ? VerdictLog::json_line(p, version.by) : "";
    if (!o_.command.empty()) entry.row = row;
    journal_.add(entry);
    const Verdict verdict = p.decision();
    counts_.images += verdict != Verdict::error;
    counts_.defects += verdict == Verdict::defect;
    counts_.unknown += verdict == Verdict::unknown;
    counts_.without_verdict += verdict == Verdict::no_threshold;
    if (!p.error.empty()) problem(p.error);
    if (listener_.judged) listener_.judged(p);
    log_.add(entry.line);
    log_.sync();
    move(entry);
    if (listener_.kept) listener_.kept(p, row);
    tell_command(entry);
    for (const std::string& said : drift_.take(version, p)) listener_.progress.note(said);
    if (const std::string said = numbers_.take(p.file); !said.empty()) listener_.progress.note(said);
  }

  // Whether a file is the one that was judged. Its state changes with its permissions, too.
  static bool is_still(const fs::path& file, const WatchEntry& entry) {
    const FileStamp now = stamp_of(file);
    if (now == entry.stamp || now.size != entry.stamp.size) return now == entry.stamp;
    return hash_bytes(read_file(file, kMostBytes)) == entry.content;
  }

  fs::path file_of(const WatchEntry& entry) const { return o_.folder / unescaped(entry.name); }

  void move(const WatchEntry& entry) {
    const fs::path file = file_of(entry);
    try {
      // What came in its place since is another image.
      if (!entry.moved_to.empty() && is_still(file, entry)) {
        const std::string place = unescaped(entry.moved_to), now = move_file(file, place).string();
        if (now != place) problem(escaped(file.string()) + ": is not at " + entry.moved_to + " but at " + escaped(now));
      }
    } catch (const std::exception& e) {
      problem(plain_text(e.what()));
    }
  }

  // The last that is done for an image.
  void tell_command(WatchEntry& entry) {
    if (!o_.command.empty() && !entry.row.empty()) {
      entry.phase = WatchEntry::commanded;
      journal_.add(entry);
      const std::string failed = run_command_on(o_.command, {entry.row, fs::absolute(o_.out)}, o_.command_limit);
      if (!failed.empty()) problem(escaped(file_of(entry).string()) + ": the command " + failed);
    }
    entry.phase = WatchEntry::done;
    entry.line = entry.row = "";
    journal_.add(entry);
  }

  // Of an earlier call that was killed.
  void finish(WatchEntry entry) {
    log_.add_missing({entry.line});
    log_.sync();
    if (entry.phase == WatchEntry::commanded) {
      problem(escaped(file_of(entry).string()) + ": the command was interrupted, and is not begun again");
      entry.row = "";
    }
    move(entry);
    tell_command(entry);
  }

  const WatchOptions& o_;
  const WatchListener& listener_;
  const FileLock lock_;
  LiveModel model_;
  VerdictLog log_;
  WatchJournal journal_;
  WatchedFolder arriving_;
  std::map<std::string, FileStamp> unreadable_ = {};  // as they were found
  std::set<std::string> told_ = {};                   // of unusual pictures
  WatchCounts counts_ = {};
  DriftWatch drift_ = {};
  NumberWatch numbers_ = {};
  UsualObject usual_ = {};
  TornFrames torn_ = {};
  StillPart still_ = {};
};

}  // namespace

WatchCounts watch(const WatchOptions& options, const WatchListener& listener) {
  return Watch(options, listener).run();
}

}  // namespace iuf
