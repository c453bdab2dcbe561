#include "iuf/methods/local_method.h"

#include <nlohmann/json.hpp>

#include "iuf/features/in_order.h"
#include "tensor/error.h"

namespace iuf {
namespace {

const char* const kViews = "surroundings.";

}  // namespace

// Learns an object, or further images of a known one.
class LocalMethod::Fit {
 public:
  Fit(const LocalMethod& method, const StepData& data, const StepContext& context, size_t n,
      const std::function<void()>& progress, const Object* known = nullptr)
      : method_(method),
        known_(known),
        data_(data),
        context_(context),
        progress_(progress),
        images_(images_of(data, n)),
        folds_(folds_of(images_)) {}
  Object run();

 private:
  template <class Result, class Work, class Take>
  void each(Work&& work, Take&& take) const;
  void views(Object& object) const;
  void scale(Object& object, const GaussianFit& fit) const;
  void tell(size_t image, const ImageScores& scores) const {
    context_.unseen(images_[image], method_.judged(scores, images_[image].object));
  }

  const LocalMethod& method_;
  const Object* known_;
  const StepData& data_;
  const StepContext& context_;
  const std::function<void()>& progress_;
  const std::vector<TrainingImage> images_;
  const std::vector<int64_t> folds_;
};

// Calls take(image, result of work(image, local features)) for every image.
template <class Result, class Work, class Take>
void LocalMethod::Fit::each(Work&& work, Take&& take) const {
  std::vector<Result> results(kInOrderSlots);
  in_order(
      images_.size(), [&](size_t i, size_t slot) { results[slot] = work(i, data_.local_features(images_[i])); },
      [&](size_t i, size_t slot) {
        take(i, results[slot]);
        progress_();
      });
}

LocalMethod::Object LocalMethod::Fit::run() {
  std::optional<GaussianFit> fit;
  each<Tensor>([](size_t, const Tensor& local) { return local; },
               [&](size_t i, const Tensor& local) {
                 if (!fit) {
                   fit.emplace(local.dim(1));
                   if (known_) fit->add(known_->gaussian, data_.known_images * local.dim(0), method_.settings_.ridge);
                 }
                 fit->add(local, folds_[i]);
               });
  Object object{.gaussian = fit->finish(method_.settings_.ridge)};
  if (method_.kind_ == LocalKind::surroundings) {
    views(object);
  } else {
    scale(object, *fit);
  }
  return object;
}

void LocalMethod::Fit::views(Object& object) const {
  const auto load = [&](size_t i) { return data_.load(images_[i], {.pixels = false, .aligned = false}); };
  LocalViews::Fitted fitted = LocalViews::fit({.images = images_.size(),
                                               .load = load,
                                               .progress = progress_,
                                               .folds = folds_,
                                               .known = known_ ? &*known_->views : nullptr,
                                               .known_images = data_.known_images},
                                              method_.settings_, method_.backbone_);
  object.views = std::move(fitted.views);
  for (size_t i = 0; i < images_.size(); ++i)
    if (folds_[i] != kNoFold) tell(i, object.views->scores(fitted.unseen[i], method_.settings_));
}

void LocalMethod::Fit::scale(Object& object, const GaussianFit& fit) const {
  std::vector<Gaussian> without;
  for (int64_t fold = 0; fold < fold_count(folds_); ++fold)
    without.push_back(fit.finish(method_.settings_.ridge, fold));
  struct Distances {
    Tensor own, unseen;
  };
  ScoreScaleFit scale;
  std::vector<Tensor> unseen(images_.size());
  each<Distances>(
      [&](size_t i, const Tensor& local) {
        return Distances{object.gaussian.distance(local),
                         folds_[i] == kNoFold ? Tensor() : without[static_cast<size_t>(folds_[i])].distance(local)};
      },
      [&](size_t i, const Distances& distances) {
        scale.add(distances.own);
        unseen[i] = distances.unseen;
      });
  object.scale = known_ ? known_->scale : scale.finish();
  for (size_t i = 0; i < unseen.size(); ++i)
    if (folds_[i] != kNoFold) tell(i, method_.scores(object, unseen[i]));
}

int64_t LocalMethod::passes(const StepData& data) const {
  return (kind_ == LocalKind::surroundings ? 1 + LocalViews::passes(settings_) : 2) *
         static_cast<int64_t>(data.images.size() + data.held_out.size());
}

void LocalMethod::learn(const StepData& data, const StepContext& context) {
  const int64_t total = passes(data);
  int64_t done = 0;
  const std::function<void()> progress = [&] { context.progress("statistics", ++done, total); };
  for (size_t n = 0; n < data.names.size(); ++n) objects_.push_back(Fit(*this, data, context, n, progress).run());
}

// The scale stays: scores are in the unit in which the threshold's are.
void LocalMethod::update(const StepData& data, const StepContext& context) {
  const int64_t total = passes(data);
  int64_t done = 0;
  const std::function<void()> progress = [&] { context.progress("statistics", ++done, total); };
  Object& object = objects_.at(static_cast<size_t>(data.first_object));
  object = Fit(*this, data, context, 0, progress, &object).run();
}

Judgement LocalMethod::judge(const ImageFeatures& image, std::optional<int64_t> expected) const {
  if (objects_.empty()) fail("the model has not learned any object yet");
  std::vector<double> fits;
  for (const Object& object : objects_) fits.push_back(object.gaussian.median_log_likelihood(image.local));
  const auto [object, confidence, better] = most_likely(fits, expected);
  Judgement j = judge_normal(image, object);
  j.confidence = confidence;
  j.fits_better = better;
  return j;
}

Judgement LocalMethod::judge_normal(const ImageFeatures& image, int64_t object) const {
  return judged(scores(objects_.at(static_cast<size_t>(object)), image), object);
}

Judgement LocalMethod::judged(const ImageScores& scores, int64_t object) const {
  return {.map = scores.map, .score = image_score(scores, settings_.pooling), .whole = scores.whole, .object = object};
}

// Of these distances to the object's Gaussian.
ImageScores LocalMethod::scores(const Object& object, const Tensor& distance) const {
  return {.map = anomaly_map(object.scale(distance), settings_.image_size, settings_.blur)};
}

ImageScores LocalMethod::scores(const Object& object, const ImageFeatures& image) const {
  return object.views ? object.views->scores(image, settings_) : scores(object, object.gaussian.distance(image.local));
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
