#include "iuf/stats/gaussian.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "iuf/data/in_order.h"
#include "iuf/learn/method.h"
#include "iuf/paper/anomaly_map.h"
#include "tensor/error.h"

// One Gaussian per object over the local features of all positions (strides 8 and 16, averaged 3 x 3): no network, a
// baseline that forgets nothing. The object is the one whose Gaussian fits best, the map the Mahalanobis distance to
// it, standardised by its mean and deviation on the object's normal images. Keeps between steps: per object a mean, a
// covariance, a scale.
namespace iuf {
namespace {

class GaussianMethod : public Method {
 public:
  explicit GaussianMethod(const Settings& settings) : settings_(settings) {}

  void learn(const StepData& data, const StepContext& context) override;
  Judgement judge(const ImageFeatures& image, std::optional<int64_t> expected) const override;
  Judgement judge_normal(const ImageFeatures& image, int64_t object) const override;
  int64_t objects() const override { return static_cast<int64_t>(objects_.size()); }
  void save(SafetensorsWriter& writer, nlohmann::json& meta) const override;
  void load(const TensorFile& file, const nlohmann::json& meta) override;

 private:
  struct Object {
    Gaussian gaussian;
    ScoreScale scale;
  };
  void score(Judgement& j, const ImageFeatures& image) const;

  Settings settings_;
  std::vector<Object> objects_;
};

void GaussianMethod::learn(const StepData& data, const StepContext& context) {
  const auto total = static_cast<int64_t>(2 * data.images.size());
  int64_t done = 0;
  for (size_t n = 0; n < data.names.size(); ++n) {
    const std::vector<TrainingImage> own = images_of(data, n);
    std::vector<Tensor> results(kInOrderSlots);
    // Calls take(result of work) for the local features of every image.
    const auto each = [&](auto&& work, auto&& take) {
      in_order(
          own.size(), [&](size_t i, size_t slot) { results[slot] = work(data.local_features(own[i])); },
          [&](size_t, size_t slot) {
            take(results[slot]);
            context.progress("statistics", ++done, total);
          });
    };
    std::optional<GaussianFit> fit;
    each([](const Tensor& local) { return local; },
         [&](const Tensor& local) {
           if (!fit) fit.emplace(local.dim(1));
           fit->add(local);
         });
    Object object{fit->finish(settings_.ridge), {}};
    ScoreScaleFit scale;
    each([&](const Tensor& local) { return object.gaussian.distance(local); },
         [&](const Tensor& distance) { scale.add(distance); });
    object.scale = scale.finish();
    objects_.push_back(object);
  }
}

Judgement GaussianMethod::judge(const ImageFeatures& image, std::optional<int64_t> expected) const {
  if (objects_.empty()) fail("the model has not learned any object yet");
  std::vector<double> fits;
  for (const Object& object : objects_) fits.push_back(object.gaussian.median_log_likelihood(image.local));
  Judgement j;
  std::tie(j.object, j.confidence, j.fits_better) = most_likely(fits, expected);
  score(j, image);
  return j;
}

Judgement GaussianMethod::judge_normal(const ImageFeatures& image, int64_t object) const {
  Judgement j;
  j.object = object;
  score(j, image);
  return j;
}

// The map and the score, by the judgement's object.
void GaussianMethod::score(Judgement& j, const ImageFeatures& image) const {
  const Object& object = objects_.at(static_cast<size_t>(j.object));
  j.map = anomaly_map(object.scale(object.gaussian.distance(image.local)), settings_.image_size, settings_.blur);
  j.score = image_score(j.map, settings_.pooling);
}

void GaussianMethod::save(SafetensorsWriter& writer, nlohmann::json& meta) const {
  meta["scales"] = nlohmann::json::array();
  for (size_t o = 0; o < objects_.size(); ++o) {
    objects_[o].gaussian.save(writer, "object." + std::to_string(o) + ".");
    meta["scales"].push_back({objects_[o].scale.mean, objects_[o].scale.deviation});
  }
}

void GaussianMethod::load(const TensorFile& file, const nlohmann::json& meta) {
  objects_.clear();
  for (const auto& scale : meta.at("scales"))
    objects_.push_back({Gaussian::load(file, "object." + std::to_string(objects_.size()) + "."),
                        ScoreScale::stored(scale.at(0), scale.at(1), file.path())});
}

}  // namespace

namespace methods {

MethodInfo gaussian() {
  return {
      .name = "gaussian",
      .summary = "mean and covariance of every object's features; nothing is forgotten",
      .make = [](const Settings& settings, const BackboneInfo&) { return std::make_unique<GaussianMethod>(settings); },
      .parts = settings_parts<BackboneSettings, RidgeSettings, PoolingSettings, BlurSettings>()};
}

}  // namespace methods
}  // namespace iuf
