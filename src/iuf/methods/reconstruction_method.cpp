#include "iuf/methods/reconstruction_method.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "iuf/data/in_order.h"
#include "iuf/data/published_weights.h"
#include "iuf/learn/trainer.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/resize.h"

namespace iuf {

ReconstructionMethod::ReconstructionMethod(const Settings& settings, const BackboneInfo& backbone,
                                           std::unique_ptr<Retention> retention)
    : settings_(settings), backbone_(backbone), retention_(std::move(retention)) {
  check(settings_);
}

void ReconstructionMethod::build(int64_t classes) {
  Random random{mix_key(static_cast<uint64_t>(settings_.seed), 0x6e6574)};
  const Settings& s = settings_;
  const bool masked = s.neighbour_mask > 0;
  network_ =
      Reconstruction({.inplanes = std::accumulate(backbone_.channels.begin(), backbone_.channels.end(), int64_t{0}),
                      .height = s.grid,
                      .width = s.grid,
                      .hidden = s.hidden,
                      .heads = s.heads,
                      .encoder_layers = s.encoder_layers,
                      .decoder_layers = s.decoder_layers,
                      .feed_forward = s.feed_forward,
                      .dropout = static_cast<real>(s.dropout),
                      .jitter = static_cast<real>(s.jitter),
                      .mask_encoder = masked,
                      .mask_decoder1 = masked,
                      .mask_decoder2 = masked,
                      .neighbour_height = s.neighbour_mask,
                      .neighbour_width = s.neighbour_mask,
                      .oasa = s.oasa,
                      .external_key = s.external_key,
                      .classes = classes,
                      .patch = s.stem == Stem::pixel ? 1 : 16},
                     random);
}

Tensor ReconstructionMethod::standardised(const Tensor& aligned) const {
  return standardisation_.mean.defined() ? standardisation_(aligned) : aligned;
}

void ReconstructionMethod::learn(const StepData& data, const StepContext& context) {
  if (data.images.empty() && !data.network) fail("step ", data.step, ": no normal images to learn from");
  const int64_t classes = data.first_object + static_cast<int64_t>(data.names.size());
  if (static_cast<size_t>(data.first_object) != objects_.size())
    fail("step ", data.step, ": the model knows ", objects_.size(), " objects, not ", data.first_object);
  if (data.first_object == 0) {
    if (settings_.standardise)
      standardisation_ = Standardisation::fit(data.images, [&](const TrainingImage& image) {
        return data.load(image, {.pixels = false, .local = false}).aligned;
      });
    build(classes);
  }
  if (data.network) {
    load_module(network_, *data.network);
    for (NamedVar& p : parameters(network_)) p.var.set_requires_grad(false);
  } else {
    train(data, context);
  }
  if (data.images.empty()) {
    objects_.resize(objects_.size() + data.names.size());  // known by name alone
    const std::string prefix = std::string(kTokenMeans) + ".";
    for (const std::string& name : data.network->names()) {
      if (!name.starts_with(prefix)) continue;
      const Tensor means = data.network->tensor(name);
      retention_->add_output(name.substr(prefix.size()), means.reshape({means.dim(0), 1, means.dim(1)}));
    }
  } else {
    remember(data, context);
  }
}

void ReconstructionMethod::train(const StepData& data, const StepContext& context) {
  const bool base = data.first_object == 0;
  retention_->begin({.base = base,
                     .parameters = parameters(network_),
                     .tensors = all_tensors(network_),
                     .replay = [&](const LayerOutput& see) { replay(data, see); }});
  if (!base && network_.discriminator) {
    Random random{mix_key(step_key(settings_, data.step), 0x636c6173)};
    network_.discriminator->extend_classes(data.first_object + static_cast<int64_t>(data.names.size()), random);
  }
  const TrainingSet set{
      .step = data.step, .base = base, .count = static_cast<int64_t>(data.images.size()), .example = [&](int64_t i) {
        const TrainingImage& image = data.images[static_cast<size_t>(i)];
        const ImageFeatures f = data.load(image, {.pixels = settings_.oasa, .local = false});
        return Example{.image = settings_.oasa ? normalised_image(backbone_, f.pixels, settings_.image_size) : Tensor(),
                       .feature = standardised(f.aligned),
                       .label = image.object};
      }};
  iuf::train(network_, set, settings_, *retention_, context);
}

void ReconstructionMethod::replay(const StepData& data, const LayerOutput& see) const {
  if (data.old_images.empty())
    fail(
        "the model was trained with --basis replay, which needs the old objects' images, and they are not here; train "
        "it with --basis stored to add objects without them");
  std::vector<std::vector<std::pair<std::string, Tensor>>> outputs(kInOrderSlots);
  in_order(
      data.old_images.size(),
      [&](size_t i, size_t slot) {
        outputs[slot].clear();
        Run run{
            .tap = [&](const std::string& layer, const Tensor& output) { outputs[slot].emplace_back(layer, output); }};
        residual(data.load(data.old_images[i], {.local = false}), run);
      },
      [&](size_t, size_t slot) {
        for (const auto& [layer, output] : outputs[slot]) see(layer, output);
      });
}

void ReconstructionMethod::remember(const StepData& data, const StepContext& context) {
  const int64_t channels = network_.options.inplanes, image_count = static_cast<int64_t>(data.images.size());
  int64_t done = 0;
  const auto report = [&] {
    if (context.progress) context.progress("statistics", ++done, 2 * image_count);
  };
  for (size_t n = 0; n < data.names.size(); ++n) {
    const std::vector<TrainingImage> own = images_of(data, n);
    struct Pass {
      Tensor feature, residual, local;
      std::vector<std::pair<std::string, Tensor>> outputs;
    };
    std::vector<Pass> passes(kInOrderSlots);
    const auto forward = [&](size_t i, size_t slot, bool tapped) {
      Pass& pass = passes[slot];
      pass.outputs.clear();
      const ImageFeatures f = data.load(own[i], {});
      Run run;
      if (tapped)
        run.tap = [&pass](const std::string& layer, const Tensor& output) { pass.outputs.emplace_back(layer, output); };
      pass.feature = standardised(f.aligned);
      pass.residual = residual(f, run);
      pass.local = f.local;
    };
    GaussianFit feature(channels), residuals(channels), local(backbone_.channels[2] + backbone_.channels[3]);
    in_order(
        own.size(), [&](size_t i, size_t slot) { forward(i, slot, true); },
        [&](size_t, size_t slot) {
          feature.add(passes[slot].feature);
          residuals.add(passes[slot].residual);
          local.add(passes[slot].local);
          for (const auto& [layer, output] : passes[slot].outputs) retention_->add_output(layer, output);
          report();
        });
    ObjectStatistics object{
        feature.finish(settings_.ridge), residuals.finish(settings_.ridge), local.finish(settings_.ridge), {}, {}};
    ScoreScaleFit residual_scale, local_scale;
    in_order(
        own.size(),
        [&](size_t i, size_t slot) {
          forward(i, slot, false);
          passes[slot].residual = object.residual.distance(passes[slot].residual);
          passes[slot].local = object.local.distance(passes[slot].local);
        },
        [&](size_t, size_t slot) {
          residual_scale.add(passes[slot].residual);
          local_scale.add(passes[slot].local);
          report();
        });
    object.residual_scale = residual_scale.finish();
    object.local_scale = local_scale.finish();
    objects_.push_back(object);
  }
}

Tensor ReconstructionMethod::residual(const ImageFeatures& image, Run& run, Tensor* logits) const {
  const Tensor feature = standardised(image.aligned).reshape({1, image.aligned.dim(0), image.aligned.dim(1)});
  const Tensor pixels =
      network_.discriminator ? normalised_image(backbone_, image.pixels, settings_.image_size) : Tensor();
  const Reconstruction::Output out = network_(pixels, feature, run);
  if (logits && out.class_out.defined()) *logits = out.class_out.value();
  return kernel::sub(out.feature_rec.value(), feature).reshape(image.aligned.shape());
}

std::pair<int64_t, double> ReconstructionMethod::recognise(const Tensor& feature, const Tensor& logits) const {
  std::vector<double> fit(objects_.size());
  const bool fitted =
      std::ranges::all_of(objects_, [](const ObjectStatistics& object) { return object.feature.mean.defined(); });
  if ((settings_.object == ObjectChoice::classifier || !fitted) && logits.defined()) {
    for (size_t o = 0; o < fit.size(); ++o) fit[o] = static_cast<double>(logits.data()[o]);
  } else if (!fitted) {
    return {0, 0};  // nothing tells objects apart
  } else {
    for (size_t o = 0; o < fit.size(); ++o) fit[o] = objects_[o].feature.median_log_likelihood(feature);
  }
  return most_likely(fit);
}

Judgement ReconstructionMethod::judge(const ImageFeatures& image) const {
  if (objects_.empty()) fail("the model has not learned any object yet");
  const Settings& s = settings_;
  Run run;
  Tensor logits;
  const Tensor difference = residual(image, run, &logits);
  Judgement j;
  std::tie(j.object, j.confidence) = recognise(standardised(image.aligned), logits);
  const ObjectStatistics& object = objects_[static_cast<size_t>(j.object)];
  if (s.score != ScoreKind::raw && !object.residual.mean.defined())
    fail("the model has no statistics of object ", j.object,
         ", which this score needs; give its normal images, or use the score 'raw'");
  if (s.score == ScoreKind::raw) {
    j.map = anomaly_map(residual_norm(difference, Tensor::zeros(difference.shape())), s.image_size, s.blur);
  } else if (s.score == ScoreKind::whitened) {
    j.map = anomaly_map(object.residual.distance(difference), s.image_size, s.blur);
  } else {
    j.map = anomaly_map(object.residual_scale(object.residual.distance(difference)), s.image_size, s.blur);
    kernel::add_scaled(j.map, 1,
                       anomaly_map(object.local_scale(object.local.distance(image.local)), s.image_size, s.blur));
  }
  j.score = image_score(j.map, s.pooling);
  return j;
}

void ReconstructionMethod::save(SafetensorsWriter& writer, nlohmann::json& meta) const {
  save_module(network_, writer, "network.");
  if (standardisation_.mean.defined()) standardisation_.save(writer, "standardise.");
  retention_->save(writer);
  meta["objects"] = nlohmann::json::array();
  for (size_t o = 0; o < objects_.size(); ++o) {
    const ObjectStatistics& object = objects_[o];
    const std::string prefix = "object." + std::to_string(o) + ".";
    if (!object.feature.mean.defined()) {
      meta["objects"].push_back(nullptr);
      continue;
    }
    object.feature.save(writer, prefix + "feature.");
    object.residual.save(writer, prefix + "residual.");
    object.local.save(writer, prefix + "local.");
    meta["objects"].push_back({object.residual_scale.mean, object.residual_scale.deviation, object.local_scale.mean,
                               object.local_scale.deviation});
  }
}

void ReconstructionMethod::load(const TensorFile& file, const nlohmann::json& meta) {
  const nlohmann::json& scales = meta.at("objects");
  build(static_cast<int64_t>(scales.size()));
  load_module(network_, file, "network.");
  for (NamedVar& p : parameters(network_)) p.var.set_requires_grad(false);
  if (settings_.standardise) {
    standardisation_ = Standardisation::load(file, "standardise.");
    if (standardisation_.mean.size() != network_.options.inplanes)
      fail(file.path(), ": 'standardise' does not fit ", network_.options.inplanes, " channels");
  }
  retention_->load(file);
  objects_.clear();
  for (size_t o = 0; o < scales.size(); ++o) {
    const std::string prefix = "object." + std::to_string(o) + ".";
    const auto& scale = scales.at(o);
    if (scale.is_null()) {
      objects_.emplace_back();
      continue;
    }
    objects_.push_back({Gaussian::load(file, prefix + "feature."),
                        Gaussian::load(file, prefix + "residual."),
                        Gaussian::load(file, prefix + "local."),
                        {scale.at(0), scale.at(1)},
                        {scale.at(2), scale.at(3)}});
  }
}

}  // namespace iuf
