#include "iuf/methods/local_method.h"

#include <nlohmann/json.hpp>

#include "iuf/data/in_order.h"
#include "tensor/error.h"

namespace iuf {
namespace {

const char* const kViews = "surroundings.";

}  // namespace

void LocalMethod::learn(const StepData& data, const StepContext& context) {
  const int64_t total = (kind_ == LocalKind::surroundings ? 1 + LocalViews::passes(settings_) : 2) *
                        static_cast<int64_t>(data.images.size());
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
    Object object{.gaussian = fit->finish(settings_.ridge)};
    if (kind_ == LocalKind::surroundings) {
      const auto load = [&](size_t i) { return data.load(own[i], {.pixels = false, .aligned = false}); };
      object.views = LocalViews::fit({.images = own.size(), .load = load, .progress = progress}, settings_, backbone_);
    } else {
      ScoreScaleFit scale;
      each([&](const Tensor& local) { return object.gaussian.distance(local); },
           [&](const Tensor& distance) { scale.add(distance); });
      object.scale = scale.finish();
    }
    objects_.push_back(object);
  }
}

Judgement LocalMethod::judge(const ImageFeatures& image, std::optional<int64_t> expected) const {
  if (objects_.empty()) fail("the model has not learned any object yet");
  std::vector<double> fits;
  for (const Object& object : objects_) fits.push_back(object.gaussian.median_log_likelihood(image.local));
  Judgement j;
  std::tie(j.object, j.confidence, j.fits_better) = most_likely(fits, expected);
  score(j, image);
  return j;
}

Judgement LocalMethod::judge_normal(const ImageFeatures& image, int64_t object) const {
  Judgement j;
  j.object = object;
  score(j, image);
  return j;
}

// The map and the score, by the judgement's object.
void LocalMethod::score(Judgement& j, const ImageFeatures& image) const {
  const Object& object = objects_.at(static_cast<size_t>(j.object));
  j.map = object.views
              ? object.views->map(image, settings_)
              : anomaly_map(object.scale(object.gaussian.distance(image.local)), settings_.image_size, settings_.blur);
  j.score = image_score(j.map, settings_.pooling);
}

void LocalMethod::save(SafetensorsWriter& writer, nlohmann::json& meta) const {
  meta["scales"] = nlohmann::json::array();
  for (size_t o = 0; o < objects_.size(); ++o) {
    objects_[o].gaussian.save(writer, prefix(o));
    if (objects_[o].views) objects_[o].views->save(writer, prefix(o) + kViews);
    meta["scales"].push_back(objects_[o].views
                                 ? objects_[o].views->scales()
                                 : std::vector<double>{objects_[o].scale.mean, objects_[o].scale.deviation});
  }
}

void LocalMethod::load(const TensorFile& file, const nlohmann::json& meta) {
  objects_.clear();
  for (const auto& kept : meta.at("scales")) {
    const std::string name = prefix(objects_.size());
    const auto scales = kept.get<std::vector<double>>();
    objects_.push_back({.gaussian = Gaussian::load(file, name)});
    if (kind_ == LocalKind::surroundings) {
      objects_.back().views = LocalViews::load(file, name + kViews, settings_, scales);
    } else if (scales.size() == 2) {
      objects_.back().scale = ScoreScale::stored(scales[0], scales[1], file.path());
    } else {
      fail(file.path(), ": damaged model: ", scales.size(), " numbers for a scale");
    }
  }
}

}  // namespace iuf
