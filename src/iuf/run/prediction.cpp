#include "iuf/run/prediction.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <new>
#include <nlohmann/json.hpp>
#include <set>
#include <unordered_map>

#include "iuf/checks/drawn_marks.h"
#include "iuf/checks/frozen_frames.h"
#include "iuf/checks/number_gaps.h"
#include "iuf/checks/still_part.h"
#include "iuf/checks/torn_frames.h"
#include "iuf/checks/unusual_pictures.h"
#include "iuf/data/json_fields.h"
#include "iuf/run/csv.h"
#include "iuf/run/drift_notes.h"
#include "iuf/run/earlier_predictions.h"
#include "iuf/run/judged_image.h"
#include "iuf/run/lot_notes.h"
#include "iuf/run/prediction_journal.h"
#include "iuf/run/prediction_pictures.h"
#include "iuf/run/run_files.h"
#include "iuf/run/sibling_lots.h"
#include "iuf/run/text.h"
#include "iuf/run/verdict_log.h"
#include "nn/file.h"
#include "nn/hash.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/text.h"

namespace iuf {
namespace {

namespace fs = std::filesystem;

std::string exact(std::optional<double> value) {
  return value ? exact_text(*value) : "";
}

// What the row's pictures are made from.
PictureParts parts_of(const Prediction& p, const ScoreMap& map, const Image& image) {
  if (!map.scores.defined()) return {};
  PictureParts parts{.map = map.scores, .low = map.low, .high = map.high};
  if (!p.regions.empty()) parts.cells = defect_cells(map.scores.span(), *p.threshold);
  if (!p.heatmap.empty()) parts.heatmap = map.over(image);
  return parts;
}

// Which numbers the files' names lack.
std::string lost_images(const std::vector<Prediction>& list) {
  std::vector<fs::path> files;
  for (const Prediction& p : list) files.emplace_back(p.file);
  const std::string missing = missing_numbers(files);
  return missing.empty() ? "" : missing + ": were images lost, or taken out?";
}

// "7 of 8 images are copies of others, first: b.png = a.png"; empty where there is none. The same file again does not
// count.
std::string repeated_pictures(const std::vector<Prediction>& list) {
  std::unordered_map<uint64_t, const Prediction*> seen;
  std::set<fs::path> files;
  size_t judged = 0, copies = 0;
  std::string first;
  for (const Prediction& p : list) {
    if (!p.error.empty() || p.photograph == 0 || !files.insert(fs::weakly_canonical(p.file)).second) continue;
    ++judged;
    const auto [known, is_new] = seen.try_emplace(p.photograph, &p);
    if (is_new) continue;
    if (copies++ == 0) first = escaped(p.file) + " = " + escaped(known->second->file);
  }
  if (copies == 0) return "";
  return std::to_string(copies) + " of " + std::to_string(judged) +
         (copies == 1 ? " images is a copy of another" : " images are copies of others") +
         " (a camera that stands still?), first: " + first;
}

// "5 of 8 images are the one before but for a small part, ...", such as a clock; empty where none is. Equal ones are
// told elsewhere.
std::string frozen_frames(const std::vector<Prediction>& list, const std::vector<FrameTiles>& tiles) {
  size_t frozen = 0;
  std::string first;
  for (size_t i = 1; i < list.size(); ++i) {
    if (list[i].photograph == list[i - 1].photograph || !is_same_frame(tiles[i], tiles[i - 1])) continue;
    if (frozen++ == 0) first = escaped(list[i].file) + " = " + escaped(list[i - 1].file);
  }
  if (frozen == 0) return "";
  return std::to_string(frozen) + " of " + std::to_string(list.size()) + (frozen == 1 ? " images is" : " images are") +
         " exactly the one before but for a small part, such as a clock (a camera that stands still?), first: " + first;
}

// "a part of 3 of 8 images is exactly that of another one ..."; empty where there is none.
std::string torn_pictures(const std::vector<Prediction>& list, const std::vector<FrameTiles>& tiles) {
  const auto torn = torn_frames(tiles);
  if (torn.empty()) return "";
  const auto& [number, other] = torn.front();
  return "a part of " + std::to_string(torn.size()) + " of " + std::to_string(list.size()) + " images is " +
         kTornFrame + ": their verdicts are of two parts at once, first: " + escaped(list[number].file) + " and " +
         escaped(list[other].file);
}

// "3 of 8 images were given before, ...", since each input keeps its row; empty where there is none.
std::string repeated_files(const std::vector<Prediction>& list) {
  std::map<fs::path, const Prediction*> seen;
  size_t again = 0;
  std::string first;
  for (const Prediction& p : list) {
    std::error_code error;
    const fs::path file = fs::weakly_canonical(p.file, error);
    if (error) continue;
    const auto [known, is_new] = seen.try_emplace(file, &p);
    if (!is_new && again++ == 0) first = escaped(p.file) + " = " + escaped(known->second->file);
  }
  if (again == 0) return "";
  return std::to_string(again) + " of " + std::to_string(list.size()) +
         (again == 1 ? " images is the same file again, given by this or another path, and counts again"
                     : " images are the same files again, given by these or other paths, and count again") +
         ", first: " + first;
}

// One call of predict().
class Call {
 public:
  Call(const Model& model, const PredictionOptions& o, const std::function<void(const std::string&)>& problem,
       const Progress& progress)
      : model_(model),
        files_{o.out},
        piped_(o.piped),
        problem_(problem),
        progress_(progress),
        list_(list_inputs(o, progress)),
        done_(list_.size()),
        tiles_(list_.size()),
        views_(list_.size()),
        journal_(o.out, request(o)) {
    if (!o.object.empty()) expected_[o.object] = model.expected_object(o.object);
    for (const Prediction& p : list_) {
      if (p.expected.empty() || expected_.contains(p.expected)) continue;
      try {
        expected_[p.expected] = model.expected_object(p.expected);
      } catch (const Error& e) {
        fail(p.row, ": ", escaped(p.file), ": ", e.what());
      }
    }
  }

  std::vector<Prediction> run() {
    resume();
    pictures_.begin(list_);
    journal_.begin();
    judge_all();
    journal_.end_of_rows();
    findings_.tell("", progress_);
    for (const std::string& said : {repeated_files(list_), repeated_pictures(list_), lost_images(list_),
                                    frozen_frames(list_, tiles_), torn_pictures(list_, tiles_)})
      if (!said.empty()) progress_.note(said);
    for (const auto& notes : {learned_notes, folder_notes, place_notes, drift_notes})
      for (const std::string& said : notes(model_.objects(), list_)) progress_.note(said);
    const auto read = [this](const Prediction& p) { return read_photograph(p).image; };
    if (const std::string said = still_part_note(list_, views_, read); !said.empty()) progress_.note(said);
    for (const std::string& said : sibling_notes(model_, list_, read)) progress_.note(said);
    pictures_.move(list_);
    return std::move(list_);
  }

 private:
  static PredictionRequest request(const PredictionOptions& o) {
    PredictionRequest request{.model = o.model,
                              .heatmaps = o.heatmaps == Heatmaps::draw,
                              .masks = o.masks == Masks::draw,
                              .maps = choices(o.maps)[static_cast<size_t>(o.maps)].first,
                              .object = o.object};
    const std::string piped = " " + std::to_string(hash_bytes(std::as_bytes(std::span(o.piped))));
    for (const fs::path& input : o.inputs)
      request.inputs.push_back(escaped(input.string()) + (input == kStandardInput ? piped : ""));
    if (o.list)
      request.list = escaped(o.list->string()) +
                     (o.list == kStandardInput ? piped : " " + std::to_string(hash_bytes(MappedFile(*o.list).bytes())));
    return request;
  }

  // Takes the rows of an interrupted call.
  void resume() {
    if (journal_.found() == PredictionJournal::Found::nothing) return;
    if (journal_.found() == PredictionJournal::Found::other) {
      progress_.note(files_.folder.string() +
                     ": an interrupted call with another model, images or settings was here; "
                     "this one begins anew");
      pictures_.drop();
      return;
    }
    int64_t changed = 0, taken = 0;
    for (size_t i = 0; i < list_.size(); ++i) {
      done_[i] = list_[i].error.empty() && journal_.take(list_[i], changed);
      taken += done_[i];
    }
    progress_.note("going on where an interrupted call was: " + std::to_string(taken) + " of " +
                   std::to_string(list_.size()) + " images are judged" +
                   (changed ? ", " + std::to_string(changed) + " changed since and are judged again" : ""));
  }

  // Each thread takes the next image, so that no more than one per thread is in memory and reports keep up; a single
  // image has all threads for itself.
  void judge_all() {
    const std::vector<bool> before = done_;
    size_t reported = 0;
    std::mutex mutex;
    std::atomic<size_t> next = 0;
    std::atomic<bool> stop = false;
    run_blocks(static_cast<int64_t>(list_.size()), [&](int64_t) {
      if (stop) return;
      const size_t i = next++;
      try {
        std::optional<std::pair<Prediction, FileStamp>> judged;
        if (!before[i] && list_[i].error.empty()) judged = judge_one(i);
        const std::lock_guard lock(mutex);
        if (judged) {
          if (judged->first.error.empty()) journal_.add(judged->first, list_[i], judged->second);
          list_[i] = std::move(judged->first);
        }
        for (done_[i] = true; reported < list_.size() && done_[reported]; ++reported) {
          if (problem_ && !list_[reported].error.empty()) problem_(list_[reported].error);
          progress_("images", static_cast<int64_t>(reported) + 1, static_cast<int64_t>(list_.size()));
        }
      } catch (...) {
        stop = true;
        throw;
      }
    });
  }

  Photograph read_photograph(const Prediction& p) const {
    return p.file == kStandardInput ? model_.extractor().decode(std::as_bytes(std::span(piped_)), p.file)
                                    : model_.extractor().read(p.file);
  }

  // The row and the file that it is of; an error of the image is the row's.
  std::pair<Prediction, FileStamp> judge_one(size_t number) {
    Prediction p = list_[number];
    p.time = utc_milliseconds();
    const FileStamp stamp = stamp_of(p.file);
    PictureParts parts;
    try {
      const Photograph photograph = read_photograph(p);
      const ScoreMap map = judge_photograph(
          model_, photograph, p.expected.empty() ? std::nullopt : std::optional(expected_.at(p.expected)), p);
      parts = parts_of(p, map, photograph.image);
      tiles_[number] = frame_tiles(photograph.image);
      views_[number] = coarse_view(photograph.image);
      find_unusual(photograph.facts, model_.extractor().reading().window, number, p.file, findings_);
      if (const std::string drawn = drawn_colour(vivid_hues(photograph.image)); !drawn.empty())
        findings_.add("pictures with thin lines of " + drawn + " (marks drawn in?)", number, p.file);
    } catch (const std::bad_alloc&) {
      p.error = escaped(p.file) + ": out of memory: use fewer --threads";
    } catch (const std::exception& e) {
      p.error = e.what();
    }
    if (p.error.empty()) pictures_.write(p, parts);
    return {std::move(p), stamp};
  }

  const Model& model_;
  const PredictionFiles files_;
  const PredictionPictures pictures_{files_};
  const std::string& piped_;
  const std::function<void(const std::string&)>& problem_;
  const Progress& progress_;
  std::map<std::string, int64_t> expected_ = {};  // objects, by name
  std::vector<Prediction> list_;
  std::vector<bool> done_;                 // by image
  std::vector<FrameTiles> tiles_;          // of those that this call judged
  std::vector<std::vector<float>> views_;  // the same
  PredictionJournal journal_;
  Findings findings_ = {};
};

// Puts the new tables in the place of the earlier ones.
void replace_tables(const PredictionFiles& files, PredictionFormat format, const std::vector<Prediction>& list,
                    const EarlierPredictions& earlier, const Progress& progress) {
  std::string csv = prediction_csv_head(), jsonl;
  std::set<std::string> pictures;
  for (const Prediction& p : list) {
    csv += prediction_csv_line(p);
    jsonl += prediction_json_line(p);
    for (const PredictionPicture& picture : pictures_of(p))
      if (p.error.empty()) pictures.insert(picture.path);
  }
  const auto replace = [&](bool wanted, const fs::path& path, const std::string& text, bool old) {
    if (wanted) return write_file(path, text);
    if (old && fs::remove(path)) progress.note(path.string() + ": removed, it was of an earlier call");
  };
  replace(format != PredictionFormat::jsonl, files.csv(), csv, earlier.csv);
  replace(format != PredictionFormat::csv, files.jsonl(), jsonl, earlier.jsonl);
  for (const auto& [folder, removed] : remove_pictures(files.folder, earlier, pictures))
    progress.note((files.folder / folder).string() + ": removed " + std::to_string(removed) + " " +
                  (removed == 1 ? folder.substr(0, folder.size() - 1) : folder) + " of an earlier call");
  if (!earlier.unreadable.empty())
    progress.note(earlier.unreadable + ": could not be read, pictures that it names stay");
}

void append(VerdictLog& log, const std::vector<Prediction>& list, const JudgedBy& by) {
  std::vector<std::string> lines;
  for (Prediction p : list) {
    if (p.time == 0) p.time = utc_milliseconds();  // could not be judged
    lines.push_back(log.line(p, by));
  }
  log.add_missing(lines);
  log.sync();
}

PredictionCounts counts_of(const std::vector<Prediction>& list) {
  PredictionCounts counts;
  for (const Prediction& p : list) {
    const Verdict verdict = p.decision();
    (verdict == Verdict::error ? counts.errors : counts.images) += 1;
    counts.defects += verdict == Verdict::defect;
    counts.unknown += verdict == Verdict::unknown;
    counts.without_verdict += verdict == Verdict::no_threshold;
    counts.fit_better += !p.fits_better.empty();
  }
  return counts;
}

}  // namespace

std::string prediction_csv_head() {
  return "file,score,threshold,verdict,object,confidence,novelty,fits_better,width,height,heatmap,error,"
         "scaled_score,regions,mask,map\n";
}

std::string prediction_csv_line(const Prediction& p) {
  const std::string file = csv_field(escaped(p.file)), verdict = name_of(p.decision());
  if (!p.error.empty()) return file + ",,," + verdict + ",,,,,,,," + csv_field(plain_text(p.error)) + ",,,,\n";
  return file + "," + exact(p.score) + "," + exact(p.threshold) + "," + verdict + "," + csv_field(p.object) + "," +
         exact(p.confidence) + "," + exact(p.novelty) + "," + csv_field(p.fits_better) + "," + std::to_string(p.width) +
         "," + std::to_string(p.height) + "," + csv_field(p.heatmap) + ",," + exact(p.scaled_score) + "," +
         std::to_string(p.regions.size()) + "," + csv_field(p.mask) + "," + csv_field(p.map) + "\n";
}

std::string prediction_json_line(const Prediction& p) {
  const auto number = [](std::optional<double> value) {
    return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
  };
  nlohmann::ordered_json line = {{"file", escaped(p.file)}};
  if (!p.error.empty()) {
    line["verdict"] = name_of(p.decision());
    line["error"] = plain_text(p.error);
  } else {
    line["score"] = p.score;
    line["threshold"] = number(p.threshold);
    line["scaled_score"] = number(p.scaled_score);
    line["verdict"] = name_of(p.decision());
    line["object"] = p.object;
    line["confidence"] = p.confidence;
    line["novelty"] = number(p.novelty);
    if (!p.fits_better.empty()) line["fits_better"] = p.fits_better;
    line["width"] = p.width;
    line["height"] = p.height;
    if (!p.heatmap.empty()) line["heatmap"] = p.heatmap;
    if (!p.mask.empty()) line["mask"] = p.mask;
    if (!p.map.empty()) line["map"] = p.map;
    if (p.map_scale) line["map_scale"] = {{"zero", p.map_scale->zero}, {"step", p.map_scale->step}};
    for (const DefectRegion& region : p.regions) line["regions"].push_back(nlohmann::ordered_json(to_json(region)));
  }
  return line.dump() + "\n";
}

PredictionCounts predict(const Model& model, const PredictionOptions& o,
                         const std::function<void(const std::string&)>& problem, const Progress& progress) {
  const PredictionFiles files{o.out};
  make_folder(o.out);
  const FileLock kept(o.out);
  std::optional<VerdictLog> log;
  if (o.append) log.emplace(*o.append, Links::follow, progress);
  const std::vector<Prediction> list = Call(model, o, problem, progress).run();
  const EarlierPredictions earlier = earlier_predictions(files.folder);
  replace_tables(files, o.format, list, earlier, progress);
  if (o.report)
    o.report(list);
  else if ((earlier.csv || earlier.jsonl) && fs::remove(files.report()))
    progress.note(files.report().string() + ": removed, it was of an earlier call");
  if (log) append(*log, list, o.by);
  fs::remove(files.partial());
  PredictionPictures(files).drop();
  return counts_of(list);
}

}  // namespace iuf
