#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "iuf/data/dataset.h"
#include "iuf/data/field_rules.h"
#include "iuf/learn/model.h"
#include "iuf/run/defect_regions.h"
#include "iuf/run/run_files.h"
#include "iuf/run/scores.h"

// Test images for a reader's eye: a few of each object, and all that got a wrong verdict. gallery/index.json and its
// pictures.
namespace iuf {

/// One image. The pictures are files in the gallery's folder.
struct GalleryItem {
  std::string object = {}, file = {}, label_name = {};
  bool defect = false;  // whether it shows one
  double score = 0;
  std::optional<double> threshold = {};  // of the predicted object; absent where that has none
  std::optional<double> novelty = {};
  std::string input = {};                           // picture
  std::optional<std::string> mask = {}, heat = {};  // pictures; no heat where the method judges whole images
  int64_t width = 0, height = 0;                    // of the photograph; 0: an older version wrote it
  std::vector<DefectRegion> regions = {};           // above the threshold, in pixels of the photograph
  std::map<std::string, uint64_t> hashes = {};      // of the pictures' files, by name

  Verdict decision() const { return verdict(score, threshold, novelty); }
  bool flagged() const { return is_alarm(decision()); }

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("object", self.object);
    field("file", self.file);
    field("label", self.defect, kZeroOrOne);
    field("label_name", self.label_name, kMayLack);
    field("score", self.score);
    field("threshold", self.threshold);
    field("novelty", self.novelty, kMayLack);
    field("input", self.input);
    field("mask", self.mask);
    field("heat", self.heat);
    field("width", self.width, kMayLack, kCount);
    field("height", self.height, kMayLack, kCount);
    field("regions", self.regions, kUnlessEmpty);
    field("hashes", self.hashes, kUnlessEmpty);
  }
};

/// Anomaly scores at the ends of the colour scale; absent where the object has no threshold.
struct ColourScale {
  std::optional<double> low = {}, high = {};

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("low", self.low);
    field("high", self.high);
  }
};

/// gallery/index.json
struct Gallery {
  std::map<std::string, ColourScale> scales = {};  // by object
  std::vector<GalleryItem> items = {};

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("scale", self.scales);
    field("items", self.items);
  }
};

/// Throws Error naming the key; a picture's name must not lead out of the folder.
Gallery read_gallery(const GalleryFiles& files);

struct GalleryOptions {
  std::filesystem::path folder = {};  // empty: no gallery
  int64_t per_object = 8;             // besides those with a wrong verdict
};

/// Draws the pictures while an evaluation goes through the images.
class GalleryWriter {
 public:
  GalleryWriter(const GalleryOptions& options, const Model& model) : options_(options), model_(model) {}

  /// The images that follow are these, of the model's object of this number.
  void begin_object(size_t number, const std::vector<Sample>& samples);
  /// The object's test image of this index as the model judged it. Draws it if it was chosen or judged wrongly; one
  /// that could not be judged is left out, as is a mask that cannot be used.
  void add(size_t index, const Sample& sample, const ScoredImage& scored, const Judgement& judgement);
  /// Writes the index, and removes pictures of an earlier gallery that it does not name.
  void finish() const;

 private:
  const GalleryOptions& options_;
  const Model& model_;
  Gallery gallery_ = {};
  size_t number_ = 0;
  std::vector<size_t> chosen_ = {};
};

}  // namespace iuf
