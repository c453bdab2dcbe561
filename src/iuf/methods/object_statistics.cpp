#include "iuf/methods/object_statistics.h"

#include "iuf/features/in_order.h"
#include "iuf/paper/reconstruction.h"
#include "tensor/elementwise.h"
#include "tensor/error.h"

namespace iuf {

namespace {

const char* const kLocal = "local.";

// ||R|| of every position.
Tensor residual_norm(const Tensor& residual) {
  return iuf::residual_norm(residual, Tensor::zeros(residual.shape())).reshape({residual.dim(0)});
}

// From the distances of the residual and the scores of the local features, whose map is the mean of their views'.
ImageScores fused(const Settings& s, const ObjectStatistics& object, const Tensor& residual, ImageScores local) {
  Tensor map = anomaly_map(object.residual_scale(residual), s.image_size, s.blur);
  if (s.fusion == Fusion::mean) {
    const auto* views = std::get_if<LocalViews>(&object.local);
    const real share = 1 / static_cast<real>(1 + (views ? views->maps() : 1));
    map = kernel::scale(map, share);
    local.map = kernel::scale(local.map, 1 - share);
  }
  kernel::add_scaled(local.map, 1, map);
  return local;
}

}  // namespace

Tensor LocalGaussian::map(const Tensor& distance, const Settings& settings) const {
  return anomaly_map(scale(distance), settings.image_size, settings.blur);
}

LocalKind local_kind(const Settings& settings) {
  return settings.score == ScoreKind::fused ? settings.local : LocalKind::gaussian;
}

ImageScores ObjectStatistics::local_scores(const ImageFeatures& image, const Settings& settings) const {
  if (const auto* views = std::get_if<LocalViews>(&local)) return views->scores(image, settings);
  const auto& gaussian = std::get<LocalGaussian>(local);
  return {.map = gaussian.map(gaussian.gaussian.distance(image.local), settings)};
}

int64_t passes(const Settings& settings) {
  return local_kind(settings) == LocalKind::surroundings ? 2 + LocalViews::passes(settings) : 2;
}

void ObjectStatistics::save(SafetensorsWriter& writer, const std::string& prefix) const {
  feature.save(writer, prefix + "feature.");
  residual.save(writer, prefix + "residual.");
  if (const auto* views = std::get_if<LocalViews>(&local)) {
    views->save(writer, prefix + kLocal);
  } else {
    std::get<LocalGaussian>(local).gaussian.save(writer, prefix + kLocal);
  }
}

std::vector<double> ObjectStatistics::scales() const {
  std::vector<double> scales{residual_scale.mean, residual_scale.deviation};
  if (const auto* views = std::get_if<LocalViews>(&local)) {
    const std::vector<double> more = views->scales();
    scales.insert(scales.end(), more.begin(), more.end());
  } else {
    const ScoreScale& scale = std::get<LocalGaussian>(local).scale;
    scales.insert(scales.end(), {scale.mean, scale.deviation});
  }
  return scales;
}

ObjectStatistics ObjectStatistics::load(const TensorFile& file, const std::string& prefix, const Settings& settings,
                                        const std::vector<double>& scales) {
  if (scales.size() < 4) fail(file.path(), ": damaged model: ", scales.size(), " numbers for the scales of an object");
  ObjectStatistics object{.feature = Gaussian::load(file, prefix + "feature."),
                          .residual = Gaussian::load(file, prefix + "residual."),
                          .residual_scale = ScoreScale::stored(scales[0], scales[1], file.path()),
                          .local = {}};
  if (local_kind(settings) == LocalKind::surroundings) {
    object.local = LocalViews::load(file, prefix + kLocal, settings, {scales.begin() + 2, scales.end()});
  } else {
    object.local =
        LocalGaussian{Gaussian::load(file, prefix + kLocal), ScoreScale::stored(scales[2], scales[3], file.path())};
  }
  return object;
}

namespace {

// An object's statistics as they are made.
class StatisticsFit {
 public:
  StatisticsFit(const StatisticsInput& input, const Settings& settings, const BackboneInfo& backbone)
      : in_(input), s_(settings), backbone_(backbone), folds_(input.folds), unseen_(input.images) {
    folds_.resize(in_.images, kNoFold);
  }
  ObjectStatistics run();

 private:
  // What an image leaves to be judged by: of statistics that have not seen its fold, where it is in one.
  struct Unseen {
    Tensor residual, local;       // distances
    LocalViews::Distances views;  // where these judge the local features
  };
  void fit_gaussians();
  void fit_scales();
  void judge_folds() const;
  bool by_gaussian() const { return local_kind(s_) == LocalKind::gaussian; }

  const StatisticsInput& in_;
  const Settings& s_;
  const BackboneInfo& backbone_;
  std::vector<int64_t> folds_;
  std::vector<Unseen> unseen_;
  ObjectStatistics object_;
  std::vector<Gaussian> residuals_, locals_;  // without each fold
};

void StatisticsFit::fit_gaussians() {
  GaussianFit feature(in_.channels), residual(in_.channels), local(in_.local_channels);
  std::vector<Observation> seen(kInOrderSlots);
  bool joined = !in_.known;  // the earlier ones have as many positions
  in_order(
      in_.images, [&](size_t i, size_t slot) { seen[slot] = in_.observe(i); },
      [&](size_t i, size_t slot) {
        if (!std::exchange(joined, true)) {
          const int64_t positions = in_.known_images * seen[slot].feature.dim(0);
          feature.add(in_.known->feature, positions, s_.ridge);
          residual.add(in_.known->residual, positions, s_.ridge);
          if (by_gaussian())
            local.add(std::get<LocalGaussian>(in_.known->local).gaussian, in_.known_images * seen[slot].local.dim(0),
                      s_.ridge);
        }
        feature.add(seen[slot].feature);
        residual.add(seen[slot].residual, folds_[i]);
        if (by_gaussian()) local.add(seen[slot].local, folds_[i]);
        in_.first_time(seen[slot]);
        in_.progress();
      });
  object_.feature = feature.finish(s_.ridge);
  object_.residual = residual.finish(s_.ridge);
  if (by_gaussian()) object_.local = LocalGaussian{local.finish(s_.ridge)};
  for (int64_t fold = 0; fold < fold_count(in_.folds); ++fold) {
    residuals_.push_back(residual.finish(s_.ridge, fold));
    if (by_gaussian()) locals_.push_back(local.finish(s_.ridge, fold));
  }
}

void StatisticsFit::fit_scales() {
  auto* local_gaussian = std::get_if<LocalGaussian>(&object_.local);
  struct Distances {
    Tensor residual, local;
  };
  std::vector<Distances> distances(kInOrderSlots);
  ScoreScaleFit residual, local;
  in_order(
      in_.images,
      [&](size_t i, size_t slot) {
        const Observation seen = in_.observe(i);
        distances[slot] = {object_.residual.distance(seen.residual),
                           local_gaussian ? local_gaussian->gaussian.distance(seen.local) : Tensor()};
        if (folds_[i] == kNoFold) return;
        const auto fold = static_cast<size_t>(folds_[i]);
        unseen_[i].residual =
            s_.score == ScoreKind::raw ? residual_norm(seen.residual) : residuals_[fold].distance(seen.residual);
        if (local_gaussian) unseen_[i].local = locals_[fold].distance(seen.local);
      },
      [&](size_t, size_t slot) {
        residual.add(distances[slot].residual);
        if (local_gaussian) local.add(distances[slot].local);
        in_.progress();
      });
  object_.residual_scale = in_.known ? in_.known->residual_scale : residual.finish();
  if (local_gaussian)
    local_gaussian->scale = in_.known ? std::get<LocalGaussian>(in_.known->local).scale : local.finish();
}

void StatisticsFit::judge_folds() const {
  for (size_t i = 0; i < in_.images; ++i) {
    if (folds_[i] == kNoFold) continue;
    const Unseen& unseen = unseen_[i];
    if (s_.score != ScoreKind::fused) {
      in_.unseen(i, {.map = anomaly_map(unseen.residual, s_.image_size, s_.blur)});
      continue;
    }
    const auto* views = std::get_if<LocalViews>(&object_.local);
    in_.unseen(i, fused(s_, object_, unseen.residual,
                        views ? views->scores(unseen.views, s_)
                              : ImageScores{std::get<LocalGaussian>(object_.local).map(unseen.local, s_)}));
  }
}

ObjectStatistics StatisticsFit::run() {
  fit_gaussians();
  if (!by_gaussian()) {
    LocalViews::Fitted fitted = LocalViews::fit({.images = in_.images,
                                                 .load = in_.load,
                                                 .progress = in_.progress,
                                                 .folds = in_.folds,
                                                 .known = in_.known ? &std::get<LocalViews>(in_.known->local) : nullptr,
                                                 .known_images = in_.known_images},
                                                s_, backbone_);
    object_.local = std::move(fitted.views);
    for (size_t i = 0; i < in_.images; ++i) unseen_[i].views = std::move(fitted.unseen[i]);
  }
  fit_scales();
  judge_folds();
  return object_;
}

}  // namespace

ObjectStatistics fit_statistics(const StatisticsInput& input, const Settings& settings, const BackboneInfo& backbone) {
  return StatisticsFit(input, settings, backbone).run();
}

ImageScores reconstruction_scores(const Settings& s, const ObjectStatistics& object, const Tensor& residual,
                                  const ImageFeatures& image) {
  if (s.score == ScoreKind::raw) return {.map = anomaly_map(residual_norm(residual), s.image_size, s.blur)};
  const Tensor whitened = object.residual.distance(residual);
  if (s.score == ScoreKind::whitened) return {.map = anomaly_map(whitened, s.image_size, s.blur)};
  return fused(s, object, whitened, object.local_scores(image, s));
}

}  // namespace iuf
