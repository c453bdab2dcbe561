#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// What a training run leaves in its folder, for the report to show. NaN stands for "n/a" (null in the files).
namespace iuf::report {

struct Summary {  // fractions, Eq. 14
  double image_acc, pixel_acc, image_fm, pixel_fm;
};

struct ObjectResult {  // after the last step; fractions, but for the threshold
  double image_auroc, image_ap, image_f1_max, pixel_auroc, pixel_ap, pixel_f1_max, aupro;
  double threshold;
  double test_normal, test_defect;  // images
  double recognised;
};

/// metrics.json
struct Metrics {
  std::string method, profile, version, backbone, cpu;
  std::vector<std::vector<std::string>> steps;                // the objects of each step
  std::vector<std::string> objects;                           // all of them in the order of learning
  std::vector<size_t> learned;                                // the step in which each object came
  std::vector<std::vector<double>> image_auroc, pixel_auroc;  // [step][object]
  Summary summary;
  std::vector<ObjectResult> per_object;  // as `objects`
  double seed, seconds, peak_memory_bytes, threads;
};

/// comparison.json: one method a row.
struct Method {
  std::string id, name;                           // id: of its folder; may be empty
  std::string failed;                             // why; empty: it ended
  std::map<std::string, double> figures, spread;  // by key, as comparison_figures() lists them; NaN or absent: n/a
  std::vector<std::vector<double>> image_auroc, pixel_auroc;  // [step][object]; empty where they are not told
};

/// One test image as every method sees it.
struct PanelImage {
  std::string object, file, label_name;
  std::filesystem::path input, mask;
  std::map<std::string, std::filesystem::path> heat;  // by the methods' id
};

struct Comparison {
  std::vector<std::vector<std::string>> stream;  // the objects of each step
  std::string version;
  std::vector<Method> methods;
  std::vector<PanelImage> panel;
};

/// log.jsonl: one line. The last step may be one that is still running and not in metrics.json.
struct LogEntry {
  size_t step;
  double iteration, epoch, loss, mse, ce, scl, grad_norm, lr, seconds;
};

/// scores.csv: one test image.
struct Score {
  std::string object, file, label_name, predicted_object;
  bool defect;
  double score, threshold, confidence;
  bool flagged() const { return score > threshold; }
};

/// gallery/index.json
struct GalleryItem {
  std::string object, file, label_name;
  bool defect;
  double score, threshold;
  std::filesystem::path input, heat, mask;  // mask may be empty, and heat where the method judges images alone
  bool flagged() const { return score > threshold; }
};
struct Gallery {
  struct Scale {
    double low, high;
  };
  std::map<std::string, Scale> scales;
  std::vector<GalleryItem> items;
};

/// A file that is not there leaves its member empty; metrics.json must be there. comparison.json may also stand in the
/// folder above, as `iuf compare` leaves it.
struct RunFolder {
  std::string name;  // of the folder
  Metrics metrics;
  std::optional<Comparison> comparison;
  std::optional<std::vector<LogEntry>> log;
  std::optional<std::vector<Score>> scores;
  std::optional<Gallery> gallery;
  std::optional<std::string> config;
};

/// Reads comparison.json; pictures are named relative to its folder.
Comparison read_comparison(const std::filesystem::path& path);

/// Reads it all. A malformed file is an Error with its path and the key or line.
RunFolder read_run_folder(const std::filesystem::path& run);

}  // namespace iuf::report
