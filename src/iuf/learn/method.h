#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "iuf/features/features.h"
#include "iuf/features/progress.h"
#include "iuf/features/training_image.h"
#include "iuf/learn/log_entry.h"
#include "iuf/settings/settings.h"
#include "nn/safetensors.h"

namespace iuf {

/// What a method may see of a step: normal images of the step's own objects and nothing else.
struct StepData {
  int64_t step = 0;          // 0: the base step
  int64_t first_object = 0;  // objects [first_object, first_object + names.size()) are new; of update(): the known one
  std::vector<std::string> names = {};
  std::vector<TrainingImage> images = {};
  std::vector<TrainingImage> held_out = {};    // which a network must not learn from; statistics may, fold by fold
  std::vector<TrainingImage> old_images = {};  // of earlier steps; only for `basis = replay`, else empty
  int64_t known_images = 0;                    // of update(): how many the object's statistics are of
  const TensorFile* network =
      nullptr;  // weights of a network trained elsewhere, to take instead of training; images may then be missing
  std::function<ImageFeatures(const TrainingImage&, Parts)> load = {};
  /// The local features of an image (T x C) and nothing else of it.
  Tensor local_features(const TrainingImage& image) const {
    return load(image, {.pixels = false, .aligned = false}).local;
  }
};

/// The images of the step's object number n (of `names`), those that are held out last; there is at least one, or it is
/// an Error.
std::vector<TrainingImage> images_of(const StepData& data, size_t n);
/// Their folds.
std::vector<int64_t> folds_of(const std::vector<TrainingImage>& images);

struct Judgement;

/// How a method reports and survives interruption.
struct StepContext {
  std::filesystem::path state = {};  // where to keep the state of an unfinished step; empty: nowhere
  uint64_t fingerprint = 0;        // of everything that the step depends on: a state with another one is not continued
  double checkpoint_seconds = 10;  // least time between two states
  std::function<void(const std::vector<LogEntry>&)> log = {};  // all entries of the step so far
  Progress progress = {};
  /// Told how each image of the step that is in a fold is judged by statistics that have not seen its fold, by methods
  /// that judge so (MethodInfo::folds). Called on one thread.
  std::function<void(const TrainingImage&, const Judgement&)> unseen = {};
};

/// What a model says about an image.
struct Judgement {
  Tensor map;             // image_size x image_size anomaly scores; undefined where a method judges whole images alone
  double score = 0;       // of the image: image_score(map), where a map says it, and `whole`
  double whole = 0;       // how odd the image is as a whole, beside its map
  int64_t object = 0;     // the object that it was judged against: the expected one, else the one that fits best
  double confidence = 0;  // how sure it is that the image shows that object, in [0, 1]
  /// Another object that fits the image better than the expected one, of a method that tells objects apart.
  std::optional<int64_t> fits_better = {};
  /// How unlike the normal images the whole image is, 1 at the limit of what is usual; Model::judge fills it in, where
  /// the model keeps what tells it.
  std::optional<double> novelty = {};
  /// What the object ignores, where it does: score and map are of the rest, the map has its smallest value there.
  std::shared_ptr<const IgnoredRegion> ignored = {};
};

/// How an image is judged as a normal one of its object (Method::judge_normal); thread-safe.
using JudgeNormal = std::function<Judgement(const TrainingImage&)>;

/// A way to detect defects that learns step by step. One file under methods/ and one line in methods/registry.cpp each.
class Method {
 public:
  virtual ~Method() = default;
  /// Learns a step. A killed call is continued by the same call on the same model.
  virtual void learn(const StepData& data, const StepContext& context) = 0;
  /// Thread-safe. The same for an image alone and among others, bit for bit. Against the `expected` object, one that it
  /// remembers; without one, against the object that fits best.
  virtual Judgement judge(const ImageFeatures& image, std::optional<int64_t> expected = std::nullopt) const = 0;
  /// What the threshold of this object is made from: a normal image of it, judged as such. Without looking at other
  /// objects, where the method can: learning many objects at once then takes time in proportion to their number.
  virtual Judgement judge_normal(const ImageFeatures& image, int64_t object) const {
    static_cast<void>(object);
    return judge(image);
  }
  /// How many objects it has learned.
  virtual int64_t objects() const = 0;
  /// Whether an image can be judged against this object: not where the method keeps nothing of earlier steps.
  virtual bool remembers(int64_t object) const { return object < objects(); }
  /// Why it cannot learn more images of this object, which it remembers; empty: it can, and overrides update().
  virtual std::string cannot_update(int64_t object) const;
  /// Learns more images of one known object, data.first_object: what is kept of it becomes that of all its images,
  /// those that came first by their number (data.known_images); what is kept of other objects stays as it is, but where
  /// all share it. Tells how the new images are judged as learn() does.
  virtual void update(const StepData& data, const StepContext& context);
  /// Why it cannot forget this object; empty: it can, and overrides remove().
  virtual std::string cannot_remove(int64_t object) const;
  /// Drops what is kept of this object, not the last one; those behind it get the numbers before theirs. Others are
  /// judged as before.
  virtual void remove(int64_t object);
  virtual void save(SafetensorsWriter& writer, nlohmann::json& meta) const = 0;
  /// Tensors of the file are finite. Whatever else does not make sense is an Error that names the file.
  virtual void load(const TensorFile& file, const nlohmann::json& meta) = 0;
};

/// Of methods whose network is of the last step's images, unprotected.
inline constexpr const char* kCannotUpdate = "nothing would keep its network from forgetting the earlier images";
inline constexpr const char* kCannotRemove = "its network and its thresholds are of the last step's objects";

/// A number of things, at least 1, of what a method saved; `key` names it. Throws Error naming the file for anything
/// else.
int64_t stored_count(const TensorFile& file, const nlohmann::json& value, const std::string& key);
/// The member `first` of what a method saved: the first object of the last step, before `objects`. Models of earlier
/// versions lack it: the last object.
int64_t stored_first(const TensorFile& file, const nlohmann::json& meta, int64_t objects);

struct MethodInfo {
  std::string name, summary;
  /// Whether it tells how images are judged by statistics that have not seen their fold (StepContext::unseen).
  bool folds = false;
  /// Whether it trains a network: then some images are held out (StepData).
  bool trains = true;
  /// Settings that the method is defined by, applied over the user's.
  std::function<void(Settings&)> adjust = [](Settings&) {};
  std::function<std::unique_ptr<Method>(const Settings&, const BackboneInfo&)> make;
  /// Where the user's settings start, applied over the profile's.
  std::function<void(Settings&)> defaults = [](Settings&) {};
  /// The parts whose settings its scores depend on, besides those that every run reads (`image-size`, `seed`,
  /// `held-out`, `false-alarms` and, to measure, `metrics-size`). A part that is declared in the method's own file
  /// becomes flags and keys by standing here. `iuf train` tells a user who gives a setting of another part. Empty: all
  /// that Settings are made of.
  std::vector<SettingsPart> parts = {};
};
/// All methods, in the order of the registry (methods/registry.cpp).
const std::vector<MethodInfo>& known_methods();
std::vector<std::string> method_names();
/// Throws Error listing the known names.
const MethodInfo& method_info(const std::string& name);
/// Whether the method reads the setting of this name.
bool reads(const MethodInfo& method, const std::string& name);
/// Whether it looks at the deeper layers of a backbone under these settings.
bool looks_deep(const MethodInfo& method, const Settings& settings);
/// What the settings of a method are before the user changes some and adjust() has the last word.
Settings starting_settings(const std::string& profile, const std::string& method);

}  // namespace iuf
