#include "iuf/methods/object_statistics.h"

#include "iuf/data/in_order.h"

namespace iuf {

void ObjectStatistics::save(SafetensorsWriter& writer, const std::string& prefix) const {
  feature.save(writer, prefix + "feature.");
  residual.save(writer, prefix + "residual.");
  local.save(writer, prefix + "local.");
}

ObjectStatistics ObjectStatistics::load(const TensorFile& file, const std::string& prefix) {
  return {.feature = Gaussian::load(file, prefix + "feature."),
          .residual = Gaussian::load(file, prefix + "residual."),
          .local = Gaussian::load(file, prefix + "local."),
          .residual_scale = {},
          .local_scale = {}};
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
        local.add(seen[slot].local);
        in.first_time(seen[slot]);
        in.progress();
      });
  object.feature = feature.finish(in.ridge);
  object.residual = residual.finish(in.ridge);
  object.local = local.finish(in.ridge);
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
        distances[slot] = {object.residual.distance(seen.residual), object.local.distance(seen.local)};
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
  fit_scales(input, object);
  return object;
}

}  // namespace iuf
