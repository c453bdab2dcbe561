#include "iuf/stats/surroundings.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "iuf/data/in_order.h"
#include "iuf/learn/method.h"
#include "iuf/paper/anomaly_map.h"
#include "iuf/stats/gaussian.h"
#include "tensor/error.h"

// Every position's local features (strides 8 and 16, averaged 3 x 3), given the position's place and surroundings
// (stats/surroundings.h): no network, a baseline that forgets nothing. The object is the one whose Gaussian over all
// positions fits best, the map the distance, standardised by its mean and deviation on the object's normal images.
// Keeps between steps: per object the Gaussian, the surroundings, a scale.
namespace iuf {
namespace {

class SurroundingsMethod : public Method {
 public:
  explicit SurroundingsMethod(const Settings& settings) : settings_(settings) {}

  void learn(const StepData& data, const StepContext& context) override;
  Judgement judge(const ImageFeatures& image, std::optional<int64_t> expected) const override;
  Judgement judge_normal(const ImageFeatures& image, int64_t object) const override;
  int64_t objects() const override { return static_cast<int64_t>(objects_.size()); }
  void save(SafetensorsWriter& writer, nlohmann::json& meta) const override;
  void load(const TensorFile& file, const nlohmann::json& meta) override;

 private:
  struct Object {
    Gaussian gaussian;
    Surroundings surroundings;
    ScoreScale scale;
  };
  void score(Judgement& j, const ImageFeatures& image) const;
  static std::string prefix(size_t object) { return "object." + std::to_string(object) + "."; }

  Settings settings_;
  std::vector<Object> objects_;
};

void SurroundingsMethod::learn(const StepData& data, const StepContext& context) {
  const int64_t total = (2 + kSurroundingsPasses) * static_cast<int64_t>(data.images.size());
  int64_t done = 0;
  const auto progress = [&] { context.progress("statistics", ++done, total); };
  for (size_t n = 0; n < data.names.size(); ++n) {
    const std::vector<TrainingImage> own = images_of(data, n);
    std::vector<Tensor> results(kInOrderSlots);
    // Calls take(result of work) for the local features of every image.
    const auto each = [&](auto&& work, auto&& take) {
      in_order(
          own.size(), [&](size_t i, size_t slot) { results[slot] = work(data.local_features(own[i])); },
          [&](size_t, size_t slot) {
            take(results[slot]);
            progress();
          });
    };
    std::optional<GaussianFit> fit;
    each([](const Tensor& local) { return local; },
         [&](const Tensor& local) {
           if (!fit) fit.emplace(local.dim(1));
           fit->add(local);
         });
    Object object{.gaussian = fit->finish(settings_.ridge),
                  .surroundings = fit_surroundings({.images = own.size(),
                                                    .local = [&](size_t i) { return data.local_features(own[i]); },
                                                    .progress = progress,
                                                    .options = {.ridge = settings_.ridge}}),
                  .scale = {}};
    ScoreScaleFit scale;
    each([&](const Tensor& local) { return object.surroundings.distance(local); },
         [&](const Tensor& distance) { scale.add(distance); });
    object.scale = scale.finish();
    objects_.push_back(object);
  }
}

Judgement SurroundingsMethod::judge(const ImageFeatures& image, std::optional<int64_t> expected) const {
  if (objects_.empty()) fail("the model has not learned any object yet");
  std::vector<double> fits;
  for (const Object& object : objects_) fits.push_back(object.gaussian.median_log_likelihood(image.local));
  Judgement j;
  std::tie(j.object, j.confidence, j.fits_better) = most_likely(fits, expected);
  score(j, image);
  return j;
}

Judgement SurroundingsMethod::judge_normal(const ImageFeatures& image, int64_t object) const {
  Judgement j;
  j.object = object;
  score(j, image);
  return j;
}

// The map and the score, by the judgement's object.
void SurroundingsMethod::score(Judgement& j, const ImageFeatures& image) const {
  const Object& object = objects_.at(static_cast<size_t>(j.object));
  j.map = anomaly_map(object.scale(object.surroundings.distance(image.local)), settings_.image_size, settings_.blur);
  j.score = image_score(j.map, settings_.pooling);
}

void SurroundingsMethod::save(SafetensorsWriter& writer, nlohmann::json& meta) const {
  meta["scales"] = nlohmann::json::array();
  for (size_t o = 0; o < objects_.size(); ++o) {
    objects_[o].gaussian.save(writer, prefix(o) + "gaussian.");
    objects_[o].surroundings.save(writer, prefix(o) + "surroundings.");
    meta["scales"].push_back({objects_[o].scale.mean, objects_[o].scale.deviation});
  }
}

void SurroundingsMethod::load(const TensorFile& file, const nlohmann::json& meta) {
  objects_.clear();
  for (const auto& scale : meta.at("scales"))
    objects_.push_back({Gaussian::load(file, prefix(objects_.size()) + "gaussian."),
                        Surroundings::load(file, prefix(objects_.size()) + "surroundings."),
                        ScoreScale::stored(scale.at(0), scale.at(1), file.path())});
}

}  // namespace

namespace methods {

MethodInfo surroundings() {
  return {.name = "surroundings",
          .summary = "every position's features, given its place and surroundings; nothing is forgotten",
          .make = [](const Settings& settings,
                     const BackboneInfo&) { return std::make_unique<SurroundingsMethod>(settings); },
          .parts = settings_parts<BackboneSettings, RidgeSettings, PoolingSettings, BlurSettings>()};
}

}  // namespace methods
}  // namespace iuf
