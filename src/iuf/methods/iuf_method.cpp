#include "iuf/methods/iuf_method.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "iuf/anomaly_map.h"
#include "iuf/trainer.h"
#include "nn/pth.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/resize.h"

namespace iuf {
namespace {

// Calls work(i) for every image, several at once, and then take(i) in order: parallel, with results that do not depend on it.
template <class Work, class Take>
void in_order(size_t count, Work&& work, Take&& take) {
  constexpr size_t kChunk = 32;
  for (size_t start = 0; start < count; start += kChunk) {
    const size_t end = std::min(count, start + kChunk);
    parallel_for(static_cast<int64_t>(end - start), 1, [&](int64_t i, int64_t) { work(start + static_cast<size_t>(i), static_cast<size_t>(i)); });
    for (size_t i = start; i < end; ++i) take(i, i - start);
  }
}

struct MeanAndDeviation {
  double count = 0, sum = 0, squares = 0;
  void add(std::span<const real> values) {
    for (real v : values) {
      sum += static_cast<double>(v);
      squares += static_cast<double>(v) * static_cast<double>(v);
    }
    count += static_cast<double>(values.size());
  }
  double mean() const { return sum / count; }
  double deviation() const { return std::max(std::sqrt(std::max(squares / count - mean() * mean(), 0.0)), 1e-6); }
};

Tensor square_root(Tensor x) {
  for (real& v : x.span()) v = std::sqrt(std::max<real>(v, 0));
  return x;
}

}  // namespace

IufMethod::IufMethod(const Settings& settings, const BackboneInfo& backbone, std::unique_ptr<Retention> retention)
    : settings_(settings), backbone_(backbone), retention_(std::move(retention)) {
  check(settings_);
}

void IufMethod::build(int64_t classes) {
  Random random{mix_key(static_cast<uint64_t>(settings_.seed), 0x6e6574)};
  const Settings& s = settings_;
  const bool masked = s.neighbour_mask > 0;
  network_ = Reconstruction({.inplanes = std::accumulate(backbone_.channels.begin(), backbone_.channels.end(), int64_t{0}),
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

Tensor IufMethod::standardised(const Tensor& aligned) const {
  return channel_mean_.defined() ? kernel::mul(kernel::sub(aligned, channel_mean_), channel_scale_) : aligned;
}

void IufMethod::fit_standardisation(const StepData& data) {
  if (!settings_.standardise) return;
  std::vector<double> sum, squares;
  double count = 0;
  std::vector<Tensor> chunk(32);
  in_order(
      data.images.size(), [&](size_t i, size_t slot) { chunk[slot] = data.load(data.images[i], {.pixels = false, .local = false}).aligned; },
      [&](size_t, size_t slot) {
        const Tensor& x = chunk[slot];
        const auto channels = static_cast<size_t>(x.dim(-1));
        sum.resize(channels);
        squares.resize(channels);
        for (size_t j = 0; j < static_cast<size_t>(x.size()); ++j) {
          const double v = static_cast<double>(x.data()[j]);
          sum[j % channels] += v;
          squares[j % channels] += v * v;
        }
        count += static_cast<double>(x.dim(0));
      });
  channel_mean_ = Tensor({static_cast<int64_t>(sum.size())});
  channel_scale_ = Tensor({static_cast<int64_t>(sum.size())});
  for (size_t c = 0; c < sum.size(); ++c) {
    const double mean = sum[c] / count, variance = std::max(squares[c] / count - mean * mean, 0.0);
    channel_mean_.data()[c] = static_cast<real>(mean);
    channel_scale_.data()[c] = static_cast<real>(1 / std::sqrt(variance + 1e-6));
  }
}

void IufMethod::learn(const StepData& data, const StepContext& context) {
  if (data.images.empty() && !data.network) fail("step ", data.step, ": no normal images to learn from");
  const int64_t classes = data.first_object + static_cast<int64_t>(data.names.size());
  if (static_cast<size_t>(data.first_object) != objects_.size())
    fail("step ", data.step, ": the model knows ", objects_.size(), " objects, not ", data.first_object);
  if (data.first_object == 0) {
    fit_standardisation(data);
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

void IufMethod::train(const StepData& data, const StepContext& context) {
  const bool base = data.first_object == 0;
  retention_->begin({.base = base, .parameters = parameters(network_), .tensors = all_tensors(network_), .replay = [&](const LayerOutput& see) {
                       replay(data, see);
                     }});
  if (!base && network_.discriminator) {
    Random random{mix_key(step_key(settings_, data.step), 0x636c6173)};
    network_.discriminator->extend_classes(data.first_object + static_cast<int64_t>(data.names.size()), random);
  }
  const TrainingSet set{.step = data.step, .base = base, .count = static_cast<int64_t>(data.images.size()), .example = [&](int64_t i) {
                          const TrainingImage& image = data.images[static_cast<size_t>(i)];
                          const ImageFeatures f = data.load(image, {.pixels = settings_.oasa, .local = false});
                          return Example{.image = settings_.oasa ? normalised_image(backbone_, f.pixels, settings_.image_size) : Tensor(),
                                         .feature = standardised(f.aligned),
                                         .label = image.object};
                        }};
  iuf::train(network_, set, settings_, *retention_, context);
}

void IufMethod::replay(const StepData& data, const LayerOutput& see) const {
  if (data.old_images.empty())
    fail("basis = replay needs the old objects' images, which are not here; use basis = stored");
  std::vector<std::vector<std::pair<std::string, Tensor>>> outputs(32);
  in_order(
      data.old_images.size(),
      [&](size_t i, size_t slot) {
        outputs[slot].clear();
        Run run{.tap = [&](const std::string& layer, const Tensor& output) { outputs[slot].emplace_back(layer, output); }};
        residual(data.load(data.old_images[i], {.local = false}), run);
      },
      [&](size_t, size_t slot) {
        for (const auto& [layer, output] : outputs[slot]) see(layer, output);
      });
}

void IufMethod::remember(const StepData& data, const StepContext& context) {
  const int64_t channels = network_.options.inplanes, image_count = static_cast<int64_t>(data.images.size());
  int64_t done = 0;
  const auto report = [&] {
    if (context.progress) context.progress("statistics", ++done, 2 * image_count);
  };
  for (size_t n = 0; n < data.names.size(); ++n) {
    std::vector<TrainingImage> own;
    for (const TrainingImage& image : data.images)
      if (image.object == data.first_object + static_cast<int64_t>(n)) own.push_back(image);
    if (own.empty()) fail("step ", data.step, ": no normal images of '", data.names[n], "'");
    struct Pass {
      Tensor feature, residual, local;
      std::vector<std::pair<std::string, Tensor>> outputs;
    };
    std::vector<Pass> passes(32);
    const auto forward = [&](size_t i, size_t slot, bool tapped) {
      Pass& pass = passes[slot];
      pass.outputs.clear();
      const ImageFeatures f = data.load(own[i], {});
      Run run;
      if (tapped) run.tap = [&pass](const std::string& layer, const Tensor& output) { pass.outputs.emplace_back(layer, output); };
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
    ObjectStatistics object{feature.finish(settings_.ridge), residuals.finish(settings_.ridge), local.finish(settings_.ridge), {}, {}};
    MeanAndDeviation residual_values, local_values;
    in_order(
        own.size(),
        [&](size_t i, size_t slot) {
          forward(i, slot, false);
          passes[slot].residual = square_root(object.residual.squared_distance(passes[slot].residual));
          passes[slot].local = square_root(object.local.squared_distance(passes[slot].local));
        },
        [&](size_t, size_t slot) {
          residual_values.add(passes[slot].residual.span());
          local_values.add(passes[slot].local.span());
          report();
        });
    object.residual_scale = {residual_values.mean(), residual_values.deviation()};
    object.local_scale = {local_values.mean(), local_values.deviation()};
    objects_.push_back(object);
  }
}

Tensor IufMethod::residual(const ImageFeatures& image, Run& run, Tensor* logits) const {
  const Tensor feature = standardised(image.aligned).reshape({1, image.aligned.dim(0), image.aligned.dim(1)});
  const Tensor pixels = network_.discriminator ? normalised_image(backbone_, image.pixels, settings_.image_size) : Tensor();
  const Reconstruction::Output out = network_(pixels, feature, run);
  if (logits && out.class_out.defined()) *logits = out.class_out.value();
  return kernel::sub(out.feature_rec.value(), feature).reshape(image.aligned.shape());
}

std::pair<int64_t, double> IufMethod::recognise(const Tensor& feature, const Tensor& logits) const {
  std::vector<double> fit(objects_.size());
  const bool fitted = std::ranges::all_of(objects_, [](const ObjectStatistics& object) { return object.feature.mean.defined(); });
  if ((settings_.object == ObjectChoice::classifier || !fitted) && logits.defined()) {
    for (size_t o = 0; o < fit.size(); ++o) fit[o] = static_cast<double>(logits.data()[o]);
  } else if (!fitted) {
    return {0, 0};  // nothing tells objects apart
  } else {
    // Log-likelihood of the median position: a defect covers few of them.
    for (size_t o = 0; o < fit.size(); ++o) {
      Tensor distance = objects_[o].feature.squared_distance(feature);
      real* middle = distance.data() + distance.size() / 2;
      std::nth_element(distance.data(), middle, distance.data() + distance.size());
      fit[o] = -0.5 * (static_cast<double>(*middle) + static_cast<double>(objects_[o].feature.log_det));
    }
  }
  const auto best = std::max_element(fit.begin(), fit.end());
  double total = 0;
  for (double f : fit) total += std::exp(f - *best);
  return {best - fit.begin(), 1 / total};
}

Judgement IufMethod::judge(const ImageFeatures& image) const {
  if (objects_.empty()) fail("the model has not learned any object yet");
  const Settings& s = settings_;
  Run run;
  Tensor logits;
  const Tensor difference = residual(image, run, &logits);
  Judgement j;
  std::tie(j.object, j.confidence) = recognise(standardised(image.aligned), logits);
  const ObjectStatistics& object = objects_[static_cast<size_t>(j.object)];
  if (s.score != ScoreKind::raw && !object.residual.mean.defined())
    fail("the model has no statistics of object ", j.object, ", which this score needs; give its normal images, or use the score 'raw'");
  if (s.score == ScoreKind::raw) {
    const Tensor norm = residual_norm(difference, Tensor::zeros(difference.shape()));
    j.map = upsample_scores(norm, s.grid, s.grid, s.image_size);
  } else {
    j.map = upsample_scores(square_root(object.residual.squared_distance(difference)), s.grid, s.grid, s.image_size);
    if (s.score == ScoreKind::fused) {
      const auto side = static_cast<int64_t>(std::lround(std::sqrt(static_cast<double>(image.local.dim(0)))));
      const Tensor local = upsample_scores(square_root(object.local.squared_distance(image.local)), side, side, s.image_size);
      const auto standard = [](real v, const Scale& scale) { return (v - static_cast<real>(scale.mean)) / static_cast<real>(scale.deviation); };
      for (int64_t i = 0; i < j.map.size(); ++i)
        j.map.data()[i] = standard(j.map.data()[i], object.residual_scale) + standard(local.data()[i], object.local_scale);
    }
  }
  if (s.blur > 0) j.map = gaussian_blur(j.map.reshape({1, s.image_size, s.image_size}), static_cast<real>(s.blur)).reshape({s.image_size, s.image_size});
  j.score = image_score(j.map, s.pooling);
  return j;
}

void IufMethod::save(SafetensorsWriter& writer, nlohmann::json& meta) const {
  save_module(network_, writer, "network.");
  if (channel_mean_.defined()) {
    writer.add("standardise.mean", channel_mean_);
    writer.add("standardise.scale", channel_scale_);
  }
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
    meta["objects"].push_back({object.residual_scale.mean, object.residual_scale.deviation, object.local_scale.mean, object.local_scale.deviation});
  }
}

void IufMethod::load(const TensorFile& file, const nlohmann::json& meta) {
  const nlohmann::json& scales = meta.at("objects");
  build(static_cast<int64_t>(scales.size()));
  load_module(network_, file, "network.");
  for (NamedVar& p : parameters(network_)) p.var.set_requires_grad(false);
  if (settings_.standardise) {
    channel_mean_ = file.tensor("standardise.mean");
    channel_scale_ = file.tensor("standardise.scale");
    if (channel_mean_.size() != network_.options.inplanes || channel_scale_.size() != network_.options.inplanes)
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
    objects_.push_back({Gaussian::load(file, prefix + "feature."), Gaussian::load(file, prefix + "residual."), Gaussian::load(file, prefix + "local."),
                        {scale.at(0), scale.at(1)}, {scale.at(2), scale.at(3)}});
  }
}

}  // namespace iuf
