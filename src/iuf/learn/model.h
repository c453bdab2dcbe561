#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "iuf/data/features.h"
#include "iuf/data/field_rules.h"
#include "iuf/learn/method.h"
#include "iuf/learn/object_record.h"
#include "iuf/learn/verdict.h"
#include "iuf/settings/settings.h"
#include "iuf/stats/novelty.h"

namespace iuf {

/// Of an object's name and its normal images' content, in order, copies left out: equal for the same images again.
uint64_t object_fingerprint(const std::string& name, const std::vector<ImageFacts>& images);

/// AUROC of every object after one step, as measured then; a value is absent where it was not measured.
struct StepRecord {
  std::vector<std::optional<double>> image_auroc, pixel_auroc;  // by object index

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field("image_auroc", self.image_auroc, kFraction);
    field("pixel_auroc", self.pixel_auroc, kFraction);
  }
};

/// Whether a file of tensors is a model of this program.
bool is_model(const TensorFile& file);

/// One model file: backbone, method, objects, thresholds, history. It holds all that the next increment, evaluation and
/// prediction need, and no image.
class Model {
 public:
  /// A model that knows nothing yet.
  Model(std::string profile, std::string method, const Settings& settings, Backbone backbone);
  /// A changed or missing byte, a value that is not finite and a description that makes no sense are an Error that
  /// names the file. Models before format 2 carry no checksum, which a remark says.
  static Model load(const std::filesystem::path& path, const Progress& progress = {});
  /// A value that is not finite, as of training that diverged, is an Error, and nothing is written.
  void save(const std::filesystem::path& path) const;
  std::vector<std::byte> bytes() const;  // what save() writes

  const std::string& profile() const { return profile_; }
  const std::string& method_name() const { return method_name_; }
  const Settings& settings() const { return settings_; }
  const Backbone& backbone() const { return *backbone_; }
  const FeatureExtractor& extractor() const { return *extractor_; }
  const std::vector<ObjectRecord>& objects() const { return objects_; }
  int64_t steps() const { return steps_; }
  const std::vector<StepRecord>& history() const { return history_; }
  void set_history(size_t step, StepRecord record);
  /// Changes the threshold, its scores and the colour scale of an object (recalibration.h).
  void set_calibration(size_t object, const ObjectRecord& record) { objects_.at(object) = record; }

  struct Source {
    std::string name;
    std::vector<std::string> images;  // files of normal ones
  };
  /// Fixes the window of 16-bit images by those that are learned first, where it is not fixed yet; learn() does so,
  /// too.
  void decide_window(const std::vector<Source>& objects, const Progress& progress);
  /// Learns the next step: a photograph that is there several times counts once, which is noted; an image that as a
  /// whole is unlike the others is left out, and noted (NoveltyDetector::outliers); some images are held out, the
  /// method learns from the others, and the held-out ones give each object's threshold and colour scale (calibrate).
  /// New objects that look like another one are noted. `old` is for `basis = replay` alone. With a `network` that was
  /// trained elsewhere, nothing is trained, and objects without images get neither statistics nor a threshold.
  void learn(const std::vector<Source>& objects, const FeatureCache& cache, const StepContext& context,
             const std::vector<Source>& old = {}, const TensorFile* network = nullptr);

  /// Thread-safe; equal bits for an image alone and among others. Against the object of this number where one is
  /// `expected`, else against the one that fits best; then its novelty is the smallest among the objects, since some
  /// methods name the newest object whatever an image shows. The novelty is absent where the named object has none. A
  /// score, map, confidence or novelty that is not finite is an Error.
  Judgement judge(const ImageFeatures& image, std::optional<int64_t> expected = std::nullopt) const;
  Judgement judge(const Image& image, std::optional<int64_t> expected = std::nullopt) const {
    return judge((*extractor_)(image), expected);
  }
  /// As normal images of this object are judged for its threshold: by some methods without looking at other objects.
  Judgement judge_normal(const ImageFeatures& image, int64_t object) const {
    return method_->judge_normal(image, object);
  }
  /// The number of an object by which images can be judged. Throws Error for a name that the model does not know, with
  /// the nearest known one, and for an object of which the method keeps nothing.
  int64_t expected_object(const std::string& name) const;
  /// How unlike the normal images of each object an image is as a whole, 1 at the limit of what is usual (Judgement).
  /// Absent for objects of too few images, and for those that an older version learned.
  std::vector<std::optional<double>> novelties(const ImageFeatures& image) const;
  bool has_novelty(size_t object) const { return novelty_[object].has_value(); }

 private:
  struct Step;
  void check_steps(const std::string& where) const;
  void add_object(Step& step, const Source& source, const std::vector<ImageFacts>& facts,
                  const Progress& progress) const;
  void leave_out_unlike(Step& step, std::vector<TrainingImage>& images, ObjectRecord& record,
                        const Progress& progress) const;
  void note_alike(const Step& step, size_t first, const Progress& progress) const;

  std::string profile_, method_name_;
  Settings settings_;
  std::unique_ptr<Backbone> backbone_;
  std::unique_ptr<FeatureExtractor> extractor_;
  std::unique_ptr<Method> method_;
  std::vector<ObjectRecord> objects_;
  std::vector<std::optional<NoveltyDetector>> novelty_;  // of every object
  std::vector<StepRecord> history_;
  int64_t steps_ = 0;
};

}  // namespace iuf
