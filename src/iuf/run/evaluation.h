#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "iuf/data/dataset.h"
#include "iuf/learn/model.h"
#include "iuf/paper/metrics.h"

namespace iuf {

/// One test image as the model saw it.
struct ScoredImage {
  std::string file, label_name;
  bool label = false;  // whether it shows a defect
  double score = 0, threshold = 0, confidence = 0;
  bool defect = false;    // the verdict: score > threshold of the predicted object
  std::string predicted;  // object
};

struct ObjectEvaluation {
  std::string object = {};
  RankMetrics image = {}, pixel = {};  // pixel and aupro: n/a without anomaly maps, or where a defect has no mask
  std::optional<double> aupro = {};
  int64_t normal = 0, defects = 0;                 // test images
  std::optional<int64_t> alarms = {}, found = {};  // of these, above the threshold; n/a where an object has none
  std::optional<double> recognised = {};           // share of test images taken for this object
  std::vector<ScoredImage> images = {};
};

/// A few test images of each object for a reader's eye.
struct GalleryOptions {
  std::filesystem::path folder = {};  // empty: none
  int64_t per_object = 8;
};

/// Scores every test image of the objects (all of them known to the model). `gallery` gets pictures and an index.json
/// as report/html.h reads it. Progress counts images.
std::vector<ObjectEvaluation> evaluate(const Model& model, const Dataset& data, const std::vector<std::string>& objects,
                                       const FeatureCache& cache, const GalleryOptions& gallery,
                                       const std::function<void(const std::string&, int64_t, int64_t)>& progress);

/// A defect mask at the model's size: nearest neighbour, 0 or 255. A mask of another size than its image is an Error.
std::vector<uint8_t> mask_at(const std::filesystem::path& mask, int image_width, int image_height, int64_t size);

/// A field of a CSV file, in quotes where it needs them.
std::string csv_field(const std::string& text);
/// CSV of all scored images (RFC 4180), as report/html.h reads it.
std::string scores_csv(const std::vector<ObjectEvaluation>& objects);

}  // namespace iuf
