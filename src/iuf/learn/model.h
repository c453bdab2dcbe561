#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "iuf/data/field_rules.h"
#include "iuf/features/features.h"
#include "iuf/learn/known_views.h"
#include "iuf/learn/later_lots.h"
#include "iuf/learn/method.h"
#include "iuf/learn/model_description.h"
#include "iuf/learn/object_record.h"
#include "iuf/learn/recalibration.h"
#include "iuf/learn/verdict.h"
#include "iuf/settings/settings.h"
#include "iuf/stats/novelty.h"

namespace iuf {

struct NormalScore;

/// Of an object's name and its normal images' content, in order, copies left out: equal for the same images again.
uint64_t object_fingerprint(const std::string& name, const std::vector<ImageFacts>& images);

/// Which of some images an object was learned from.
struct KnownPhotographs {
  enum Kind : char { no, same_pixels, anew };
  std::vector<Kind> are = {};  // of each image
  size_t anew_count = 0;       // how many are saved anew or taken again
  std::string first = {};      // file of the first of these

  /// ", 3 of them saved anew or taken again (first: a.jpg)"; empty where none is.
  std::string anew_text() const;
};

/// One model file: backbone, method, objects, thresholds, history. It holds all that the next increment, evaluation and
/// prediction need, and of images no more than KnownViews.
class Model {
 public:
  /// A model that knows nothing yet.
  Model(std::string profile, std::string method, const Settings& settings, Backbone backbone);
  /// A changed or missing byte, a value that is not finite and a description that makes no sense are an Error that
  /// names the file, and the newest predecessor that is whole (model_versions.h). Models before format 2 carry no
  /// checksum, which a remark says.
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
  /// What commands made of it, the first change first; its version is that of the last one. One that no change is
  /// known of is version 1 when it comes from a file, else 0.
  const std::vector<ModelChange>& changes() const { return changes_; }
  int64_t version() const { return changes_.empty() ? found_version_ : changes_.back().version; }
  /// Remembers what a command did: the next version, which is above `least`.
  void note_change(ModelChange change, int64_t least = 0);
  /// Replaces what it remembers, as for a predecessor that comes back.
  void set_changes(std::vector<ModelChange> changes) { changes_ = std::move(changes); }
  /// Changes the threshold, its scores and the colour scale of an object (recalibration.h).
  void set_calibration(size_t object, const ObjectRecord& record) { objects_.at(object) = record; }

  struct Source {
    std::string name;
    std::vector<std::string> images;  // files of normal ones
    std::optional<IgnoreMask> ignore = {};
  };
  /// Fixes the window of 16-bit images by those that are learned first, where it is not fixed yet; learn() does so,
  /// too.
  void decide_window(const std::vector<Source>& objects, const Progress& progress);
  /// Learns the next step: a photograph that is there several times counts once, which is noted; an image that as a
  /// whole is unlike the others is left out, and noted (NoveltyDetector::outliers); some images are held out, the
  /// method learns from the others, and the held-out ones give each object's threshold and colour scale (calibrate).
  /// New objects that look like another one are noted. `old` is for `basis = replay` alone. With a `network` that was
  /// trained elsewhere, nothing is trained, and objects without images get neither statistics nor a threshold. What an
  /// object's mask ignores is grey in all of its images from now on, and leaves score, map and threshold as they are.
  /// An Error where an image has other proportions than the mask.
  void learn(const std::vector<Source>& objects, const FeatureCache& cache, const StepContext& context,
             const std::vector<Source>& old = {}, const TensorFile* network = nullptr);

  /// Learns more normal images of an object that it knows (Method::update), such as those under another lamp.
  /// Photographs that it was learned from do not count again; false where no other is there, and nothing changes. New
  /// images are left out, held out and judged as in learn(). Their scores join those that the threshold comes from, but
  /// for parts whose scores do already (calibrated_by), or replace them (take_normal_scores), unless it was set by
  /// hand; earlier thresholds go. The novelty takes them in (NoveltyDetector::extended). An Error where most of the
  /// images look like another object and not like this one, and where the method cannot. What the object ignores is
  /// ignored in these images, too; another mask is an Error.
  bool update(const Source& more, const FeatureCache& cache, const StepContext& context, LaterImages how);
  /// Forgets an object, not the last one; others are judged against as before. Error where the method cannot.
  void remove(const std::string& name);
  /// Which of these images are photographs that an object was learned from: the same pixels, saved anew
  /// (KnownViews::known), or the same parts photographed anew (KnownViews::taken_again). One that cannot be used is
  /// none.
  KnownPhotographs learned_from(size_t object, SeenImages& images) const;
  /// The same of those whose scores joined an object's threshold after it was learned (LaterLots).
  KnownPhotographs calibrated_by(size_t object, SeenImages& images) const;
  /// Takes a further lot of these: ImageFacts::photograph of each, and its view. Others whose scores no threshold comes
  /// from are forgotten.
  void add_later_lot(size_t object, const std::vector<uint64_t>& photographs,
                     const std::vector<std::vector<float>>& views);
  /// Gives an object another name, which no other one has.
  void rename(const std::string& name, const std::string& to);

  /// Thread-safe; equal bits for an image alone and among others. Against the object of this number where one is
  /// `expected`, else against the one that fits best; then its novelty is the smallest among the objects, since some
  /// methods name the newest object whatever an image shows. The novelty is absent where the named object has none. A
  /// score, map, confidence or novelty that is not finite is an Error. Where objects ignore different regions, the
  /// image is looked at once for each of these, and of the objects that fit it best then it is the one that it is most
  /// alike as a whole.
  Judgement judge(const ImageFeatures& image, std::optional<int64_t> expected = std::nullopt) const;
  Judgement judge(const Image& image, std::optional<int64_t> expected = std::nullopt) const;
  /// As normal images of this object are judged for its threshold: by some methods without looking at other objects.
  Judgement judge_normal(const ImageFeatures& image, int64_t object) const;
  /// The number of an object by which images can be judged. Throws Error for a name that the model does not know, with
  /// the nearest known one, and for an object of which the method keeps nothing.
  int64_t expected_object(const std::string& name) const;
  /// How unlike the normal images of each object an image is as a whole, 1 at the limit of what is usual (Judgement).
  /// Absent for objects of too few images, and for those that an older version learned.
  std::vector<std::optional<double>> novelties(const ImageFeatures& image) const;
  /// Whether the normal images of two objects are so alike as a whole that one may be a variant of the other: the
  /// middle of each is at most kSiblings times as unlike the other as is usual there. False without novelty of both.
  static constexpr double kSiblings = 1.5;
  bool are_siblings(size_t a, size_t b) const;
  bool has_novelty(size_t object) const { return novelty_[object].has_value(); }
  /// What is ignored of images of this object; null: nothing.
  const std::shared_ptr<const IgnoredRegion>& ignored(size_t object) const { return ignored_.at(object); }

 private:
  struct Step;
  using Region = std::shared_ptr<const IgnoredRegion>;
  /// An image as it looks where this is ignored; computed when it is asked for.
  using Look = std::function<ImageFeatures(const Region&)>;
  static Model read(const TensorFile& file, const Progress& progress);
  void check_steps(const std::string& where) const;
  Judgement judge_look(const Look& look, std::optional<int64_t> expected) const;
  std::pair<ImageFeatures, std::optional<int64_t>> best_look(const Look& look) const;
  std::vector<Region> regions() const;
  std::optional<double> novelty_of(const ImageFeatures& image, size_t object) const;
  Judgement left_out(Judgement judgement, const Region& region) const;
  std::vector<ImageFacts> seen_images(Step& step, const Source& source, int64_t object, const Region& region,
                                      const StepContext& context) const;
  JudgeNormal judge_of(const Step& step) const;
  void add_object(Step& step, const Source& source, const std::vector<ImageFacts>& facts,
                  const Progress& progress) const;
  void leave_out_unlike(Step& step, std::vector<TrainingImage>& images, ObjectRecord& record,
                        const Progress& progress) const;
  void note_alike(const Step& step, size_t first, const Progress& progress) const;
  Step step_of(const FeatureCache& cache, int64_t first_object) const;
  StepContext context_of(const Step& step, const StepContext& context, std::vector<NormalScore>& unseen) const;
  void check_same_object(const Step& step, const Progress& progress) const;
  void take_scores(const Step& step, const std::set<uint64_t>& counted, std::vector<NormalScore> scores,
                   LaterImages how, ObjectRecord& object, const Progress& progress) const;

  std::string profile_, method_name_;
  Settings settings_;
  std::unique_ptr<Backbone> backbone_;
  std::unique_ptr<FeatureExtractor> extractor_;
  std::unique_ptr<Method> method_;
  std::vector<ObjectRecord> objects_;
  std::vector<std::optional<NoveltyDetector>> novelty_;  // of every object
  std::vector<Region> ignored_;                          // the same; null: nothing
  std::vector<KnownViews> known_views_;                  // the same
  std::vector<LaterLots> later_lots_;                    // the same
  std::vector<StepRecord> history_;
  std::vector<ModelChange> changes_;
  int64_t steps_ = 0;
  int64_t found_version_ = 0;  // of the file that it was loaded from (version_of)
};

}  // namespace iuf
