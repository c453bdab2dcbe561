#include "iuf/methods/object_statistics.h"

#include "iuf/data/in_order.h"

namespace iuf {

namespace {

const char* const kLocal = "local.";

}  // namespace

LocalKind local_kind(const Settings& settings) {
  return settings.score == ScoreKind::fused ? settings.own<LocalSettings>().local : LocalKind::gaussian;
}

Tensor ObjectStatistics::local_distance(const Tensor& features) const {
  return std::visit([&](const auto& kept) { return kept.distance(features); }, local);
}

int64_t passes(LocalKind local) {
  return local == LocalKind::surroundings ? 2 + kSurroundingsPasses : 2;
}

void ObjectStatistics::save(SafetensorsWriter& writer, const std::string& prefix) const {
  feature.save(writer, prefix + "feature.");
  residual.save(writer, prefix + "residual.");
  std::visit([&](const auto& kept) { kept.save(writer, prefix + kLocal); }, local);
}

ObjectStatistics ObjectStatistics::load(const TensorFile& file, const std::string& prefix, LocalKind local) {
  ObjectStatistics object{.feature = Gaussian::load(file, prefix + "feature."),
                          .residual = Gaussian::load(file, prefix + "residual."),
                          .local = {},
                          .residual_scale = {},
                          .local_scale = {}};
  if (local == LocalKind::surroundings) {
    object.local = Surroundings::load(file, prefix + kLocal);
  } else {
    object.local = Gaussian::load(file, prefix + kLocal);
  }
  return object;
}

namespace {

void fit_gaussians(const StatisticsInput& in, ObjectStatistics& object) {
  GaussianFit feature(in.channels), residual(in.channels), local(in.local_channels);
  std::vector<Observation> seen(kInOrderSlots);
  in_order(
      in.images, [&](size_t i, size_t slot) { seen[slot] = in.observe(i); },
      [&](size_t, size_t slot) {
        feature.add(seen[slot].feature);
        residual.add(seen[slot].residual);
        if (in.local_kind == LocalKind::gaussian) local.add(seen[slot].local);
        in.first_time(seen[slot]);
        in.progress();
      });
  object.feature = feature.finish(in.ridge);
  object.residual = residual.finish(in.ridge);
  if (in.local_kind == LocalKind::gaussian) object.local = local.finish(in.ridge);
}

void fit_scales(const StatisticsInput& in, ObjectStatistics& object) {
  struct Distances {
    Tensor residual, local;
  };
  std::vector<Distances> distances(kInOrderSlots);
  ScoreScaleFit residual, local;
  in_order(
      in.images,
      [&](size_t i, size_t slot) {
        const Observation seen = in.observe(i);
        distances[slot] = {object.residual.distance(seen.residual), object.local_distance(seen.local)};
      },
      [&](size_t, size_t slot) {
        residual.add(distances[slot].residual);
        local.add(distances[slot].local);
        in.progress();
      });
  object.residual_scale = residual.finish();
  object.local_scale = local.finish();
}

}  // namespace

ObjectStatistics fit_statistics(const StatisticsInput& input) {
  ObjectStatistics object;
  fit_gaussians(input, object);
  if (input.local_kind == LocalKind::surroundings)
    object.local = fit_surroundings(
        {.images = input.images, .local = input.local, .progress = input.progress, .options = {.ridge = input.ridge}});
  fit_scales(input, object);
  return object;
}

}  // namespace iuf
