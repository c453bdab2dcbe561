#include "iuf/methods/object_statistics.h"

#include "iuf/data/in_order.h"
#include "tensor/error.h"

namespace iuf {

namespace {

const char* const kLocal = "local.";

}  // namespace

LocalKind local_kind(const Settings& settings) {
  return settings.score == ScoreKind::fused ? settings.local : LocalKind::gaussian;
}

Tensor ObjectStatistics::local_map(const ImageFeatures& image, const Settings& settings) const {
  if (const auto* views = std::get_if<LocalViews>(&local)) return views->map(image, settings);
  const auto& [gaussian, scale] = std::get<LocalGaussian>(local);
  return anomaly_map(scale(gaussian.distance(image.local)), settings.image_size, settings.blur);
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

void fit_gaussians(const StatisticsInput& in, const Settings& settings, ObjectStatistics& object) {
  GaussianFit feature(in.channels), residual(in.channels), local(in.local_channels);
  const bool local_too = local_kind(settings) == LocalKind::gaussian;
  std::vector<Observation> seen(kInOrderSlots);
  in_order(
      in.images, [&](size_t i, size_t slot) { seen[slot] = in.observe(i); },
      [&](size_t, size_t slot) {
        feature.add(seen[slot].feature);
        residual.add(seen[slot].residual);
        if (local_too) local.add(seen[slot].local);
        in.first_time(seen[slot]);
        in.progress();
      });
  object.feature = feature.finish(settings.ridge);
  object.residual = residual.finish(settings.ridge);
  if (local_too) object.local = LocalGaussian{local.finish(settings.ridge)};
}

void fit_scales(const StatisticsInput& in, ObjectStatistics& object) {
  auto* local_gaussian = std::get_if<LocalGaussian>(&object.local);
  struct Distances {
    Tensor residual, local;
  };
  std::vector<Distances> distances(kInOrderSlots);
  ScoreScaleFit residual, local;
  in_order(
      in.images,
      [&](size_t i, size_t slot) {
        const Observation seen = in.observe(i);
        distances[slot] = {object.residual.distance(seen.residual),
                           local_gaussian ? local_gaussian->gaussian.distance(seen.local) : Tensor()};
      },
      [&](size_t, size_t slot) {
        residual.add(distances[slot].residual);
        if (local_gaussian) local.add(distances[slot].local);
        in.progress();
      });
  object.residual_scale = residual.finish();
  if (local_gaussian) local_gaussian->scale = local.finish();
}

}  // namespace

ObjectStatistics fit_statistics(const StatisticsInput& input, const Settings& settings, const BackboneInfo& backbone) {
  ObjectStatistics object;
  fit_gaussians(input, settings, object);
  if (local_kind(settings) == LocalKind::surroundings)
    object.local =
        LocalViews::fit({.images = input.images, .load = input.load, .progress = input.progress}, settings, backbone);
  fit_scales(input, object);
  return object;
}

}  // namespace iuf
