#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "iuf/features/progress.h"
#include "iuf/learn/model.h"
#include "iuf/run/defect_regions.h"
#include "iuf/settings/setting.h"

namespace iuf {

/// What the values of a map as PNG mean: zero + step * value.
struct MapScale {
  double zero = 0, step = 0;

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("zero", self.zero);
    field("step", self.step);
  }
};

/// An input and what came of it: a verdict or an error.
struct Prediction {
  std::string file = {};
  std::string error = {};           // why there is no verdict; empty: there is one
  std::string heatmap = {};         // its path in the output folder; empty: none is wanted, or the method draws none
  std::string mask = {}, map = {};  // the same
  std::optional<MapScale> map_scale = {};  // of a map as PNG
  int width = 0, height = 0;
  double score = 0;
  std::optional<double> threshold = {};  // of the object; absent where that has none
  double confidence = 0;                 // how sure the object is, 0 to 1
  std::optional<double> novelty = {};
  std::optional<double> scaled_score = {};  // 1: the threshold, 0: what is usual (scaled_score())
  std::vector<DefectRegion> regions = {};   // of a defect, where the method draws a map
  std::string object = {};                  // that it was judged against: the expected one, else the one that fits best
  std::string fits_better = {};  // another object than the expected one; empty: none, or the method cannot tell
  std::string expected = {};     // the object that it is to be judged against; empty: the one that fits best
  std::string row = {};          // of the list that names it, "FILE: line N"; empty: none does
  uint64_t photograph = 0;       // photograph_hash() of its pixels
  int64_t time = 0;              // when it was judged, in milliseconds since 1970 (UTC)
  std::string moved_to = {};     // where the file went once it was judged; empty: it stayed

  Verdict decision() const { return error.empty() ? verdict(score, threshold, novelty) : Verdict::error; }
  bool flagged() const { return is_alarm(decision()); }
};

/// By what an image is judged, for a log.
struct JudgedBy {
  std::string model = {};               // of its file's content, 16 hexadecimal digits
  std::optional<int64_t> version = {};  // that the model says it is; absent where it says none
  std::string settings = {};            // "program=0.1.0 method=iuf image-size=224 ..."
};

/// A line of predictions.csv, with its end, and the head above. Numbers have as many digits as tell them apart; names
/// of files are escaped().
std::string prediction_csv_head();
std::string prediction_csv_line(const Prediction& prediction);
/// A line of predictions.jsonl, with its end; names of files are escaped().
std::string prediction_json_line(const Prediction& prediction);

enum class Heatmaps { none, draw };
/// Regions above the threshold in white on black, 8-bit gray PNG of the photograph's size.
enum class Masks { none, draw };
/// The anomaly map in the photograph's size: 16-bit gray PNG on the heatmap's scale, whose value kMapThreshold is the
/// threshold, or the values themselves as a NumPy file.
enum class Maps { none, png, npy };
inline Choices<Maps> choices(Maps) {
  return {{"none", Maps::none}, {"png", Maps::png}, {"npy", Maps::npy}};
}
constexpr int kMapThreshold = 32768;

enum class PredictionFormat { csv, jsonl, both };
inline Choices<PredictionFormat> choices(PredictionFormat) {
  return {{"csv", PredictionFormat::csv}, {"jsonl", PredictionFormat::jsonl}, {"both", PredictionFormat::both}};
}

/// Among the inputs, an image from standard input; as the list, names from there.
inline constexpr const char* kStandardInput = "-";

struct PredictionOptions {
  std::vector<std::filesystem::path> inputs = {};  // images, and folders of them
  std::optional<std::filesystem::path> list = {};  // of further images (read_prediction_list)
  std::string piped = {};                          // what came from standard input
  std::filesystem::path out = {};
  Heatmaps heatmaps = Heatmaps::draw;
  Masks masks = Masks::none;
  Maps maps = Maps::none;
  PredictionFormat format = PredictionFormat::both;
  /// The expected one, which images are judged against whose row of the list names none; empty: the one that fits best.
  std::string object = {};
  /// Makes a report of all rows before the call counts as done; an interrupted one is made again.
  std::function<void(const std::vector<Prediction>&)> report = {};
  /// A hash of the model's file and of what was changed in it, by which an interrupted call is known again.
  uint64_t model = 0;
  /// A log that all rows are added to at the end (VerdictLog), and what it says of the call.
  std::optional<std::filesystem::path> append = {};
  JudgedBy by = {};
};

/// Every image of the inputs in their order, and what is none after those of its folder, with the error; then those of
/// the list; what else a folder or the list holds is a note. Pictures that an earlier call left in `out` are no images
/// of a folder above them. A picture is called as its image's path in the input folder or the list's, escaped() with %
/// for the back-slash, cut to what file systems allow and numbered where that name is taken. Throws Error for a list
/// that makes no sense.
std::vector<Prediction> list_inputs(const PredictionOptions& options, const Progress& progress = {});

struct PredictionCounts {
  int64_t images = 0;  // that were judged
  int64_t defects = 0, unknown = 0, without_verdict = 0;
  int64_t fit_better = 0;  // that another object fits better than the expected one
  int64_t errors = 0;      // that could not be read or judged
};

/// Judges every image and leaves predictions and heatmaps in the folder `out` (PredictionFiles). An image that cannot
/// be read or judged is told to `problem`, in the order of the inputs, and the others are done all the same; an output
/// that cannot be written is an Error. Progress counts images.
///
/// What an earlier call left in the folder is replaced once all images are judged: its tables, and those of its
/// pictures that the new tables do not name are removed. A call that is interrupted at any time is continued by the
/// same call on the same model (PredictionJournal): images that were judged and not changed since are not judged again,
/// and what is left is, byte for byte, what one call leaves. Another call begins anew.
PredictionCounts predict(const Model& model, const PredictionOptions& options,
                         const std::function<void(const std::string& error)>& problem, const Progress& progress);

}  // namespace iuf
