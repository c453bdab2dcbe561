#include "iuf/methods/reconstruction_method.h"

#include <nlohmann/json.hpp>
#include <numeric>

#include "iuf/features/in_order.h"
#include "iuf/features/neck.h"
#include "iuf/features/published_weights.h"
#include "iuf/learn/trainer.h"
#include "iuf/methods/reconstruction_score.h"
#include "tensor/error.h"

namespace iuf {
namespace {

ReconstructionOptions network_options(const Settings& s, const BackboneInfo& backbone, int64_t objects) {
  const bool masked = s.neighbour_mask > 0;
  return {.inplanes = std::accumulate(backbone.channels.begin(), backbone.channels.end(), int64_t{0}),
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
          .classes = objects,
          .patch = s.stem == Stem::pixel ? 1 : 16};
}

int64_t objects_after(const StepData& data) {
  return data.first_object + static_cast<int64_t>(data.names.size());
}

std::string object_prefix(size_t object) {
  return "object." + std::to_string(object) + ".";
}

}  // namespace

ReconstructionMethod::ReconstructionMethod(const Settings& settings, const BackboneInfo& backbone,
                                           std::unique_ptr<Retention> retention)
    : settings_(settings), backbone_(backbone), retention_(std::move(retention)) {
  check(settings_);
}

void ReconstructionMethod::build(int64_t objects) {
  Random random{mix_key(static_cast<uint64_t>(settings_.seed), 0x6e6574)};
  network_ = Reconstruction(network_options(settings_, backbone_, objects), random);
}

Tensor ReconstructionMethod::standardised(const Tensor& aligned) const {
  return standardisation_.mean.defined() ? standardisation_(aligned) : aligned;
}

Tensor ReconstructionMethod::network_image(const ImageFeatures& image) const {
  return network_.discriminator ? normalised_image(backbone_, image.pixels, settings_.image_size, settings_.image_size)
                                : Tensor();
}

ReconstructionMethod::Pass ReconstructionMethod::pass(const ImageFeatures& image, Run& run) const {
  const Tensor feature = standardised(image.aligned);
  const Tensor batch = feature.reshape({1, feature.dim(0), feature.dim(1)});
  const Reconstruction::Output out = network_(network_image(image), batch, run);
  return {.feature = feature,
          .residual = kernel::sub(out.feature_rec.value(), batch).reshape(feature.shape()),
          .logits = out.class_out.defined() ? out.class_out.value() : Tensor()};
}

// The pass, and what the linear2 layers put out on the way.
Observation ReconstructionMethod::observe(const ImageFeatures& image) const {
  Observation seen;
  Run run{.tap = [&seen](const std::string& layer, const Tensor& output) { seen.outputs.emplace_back(layer, output); }};
  const Pass passed = pass(image, run);
  seen.feature = passed.feature;
  seen.residual = passed.residual;
  seen.local = image.local;
  return seen;
}

void ReconstructionMethod::learn(const StepData& data, const StepContext& context) {
  if (data.images.empty() && !data.network) fail("step ", data.step, ": no normal images to learn from");
  if (static_cast<size_t>(data.first_object) != objects_.size())
    fail("step ", data.step, ": the model knows ", objects_.size(), " objects, not ", data.first_object);
  if (data.first_object == 0) start(data);
  if (data.network) {
    take_network(*data.network);
  } else {
    train(data, context);
  }
  if (data.images.empty()) {
    objects_.resize(objects_.size() + data.names.size());  // known by name alone
    take_token_means(*data.network);
  } else {
    fit(data, context);
  }
}

void ReconstructionMethod::start(const StepData& data) {
  if (settings_.standardise)
    standardisation_ = Standardisation::fit(data.images, [&](const TrainingImage& image) {
      return data.load(image, {.pixels = false, .local = false}).aligned;
    });
  build(objects_after(data));
}

void ReconstructionMethod::take_network(const TensorFile& weights) {
  load_module(network_, weights);
  for (NamedVar& p : parameters(network_)) p.var.set_requires_grad(false);
}

// In place of the images that are not there: what the layers put out on the average over the positions.
void ReconstructionMethod::take_token_means(const TensorFile& weights) {
  const std::string prefix = std::string(kTokenMeans) + ".";
  for (const std::string& name : weights.names()) {
    if (!name.starts_with(prefix)) continue;
    const Tensor means = weights.tensor(name);
    retention_->add_output(name.substr(prefix.size()), means.reshape({means.dim(0), 1, means.dim(1)}));
  }
}

void ReconstructionMethod::train(const StepData& data, const StepContext& context) {
  retention_->begin({.step = data.step,
                     .parameters = parameters(network_),
                     .tensors = all_tensors(network_),
                     .replay = [&](const LayerOutputCallback& see) { replay(data, see); }});
  if (data.step > 0 && network_.discriminator && objects_after(data) > objects()) {
    Random random{mix_key(step_key(settings_, data.step), 0x636c6173)};
    network_.discriminator->extend_classes(objects_after(data), random);
  }
  const TrainingSet set{
      .step = data.step, .count = static_cast<int64_t>(data.images.size()), .example = [&](int64_t i) {
        const TrainingImage& image = data.images[static_cast<size_t>(i)];
        const ImageFeatures f = data.load(image, {.pixels = settings_.oasa, .local = false});
        return Example{.image = network_image(f), .feature = standardised(f.aligned), .label = image.object};
      }};
  iuf::train(network_, set, settings_, *retention_, context);
}

void ReconstructionMethod::replay(const StepData& data, const LayerOutputCallback& see) const {
  if (data.old_images.empty())
    fail(
        "the model was trained with --basis replay, which needs the old objects' images, and they are not here; train "
        "it with --basis stored to add objects without them");
  std::vector<Observation> seen(kInOrderSlots);
  in_order(
      data.old_images.size(),
      [&](size_t i, size_t slot) { seen[slot] = observe(data.load(data.old_images[i], {.local = false})); },
      [&](size_t, size_t slot) {
        for (const auto& [layer, output] : seen[slot].outputs) see(layer, output);
      });
}

void ReconstructionMethod::fit(const StepData& data, const StepContext& context, const ObjectStatistics* known) {
  const int64_t total = passes(settings_) * static_cast<int64_t>(data.images.size() + data.held_out.size());
  int64_t done = 0;
  for (size_t n = 0; n < data.names.size(); ++n) {
    const std::vector<TrainingImage> own = images_of(data, n);
    const size_t learned =
        own.size() - static_cast<size_t>(std::ranges::count_if(
                         data.held_out, [&](const auto& image) { return image.object == own[0].object; }));
    size_t observed = 0;
    const StatisticsInput input{
        .images = own.size(),
        .channels = network_.options.inplanes,
        .local_channels = fine_channels(backbone_),
        .observe = [&](size_t i) { return observe(data.load(own[i], {})); },
        .load = [&](size_t i) { return data.load(own[i], {.pixels = false, .aligned = false}); },
        .first_time =
            [&](const Observation& seen) {
              if (observed++ >= learned) return;  // what the network puts out is known of its own images
              for (const auto& [layer, output] : seen.outputs) retention_->add_output(layer, output);
            },
        .progress = [&] { context.progress("statistics", ++done, total); },
        .folds = folds_of(own),
        .known = known,
        .known_images = data.known_images,
        .unseen =
            [&](size_t i, const ImageScores& scores) {
              context.unseen(own[i], {.map = scores.map,
                                      .score = image_score(scores, settings_.pooling),
                                      .whole = scores.whole,
                                      .object = own[i].object});
            }};
    objects_.push_back(fit_statistics(input, settings_, backbone_));
  }
}

std::string ReconstructionMethod::cannot_update(int64_t object) const {
  if (!objects_.at(static_cast<size_t>(object)).fitted()) return "it knows it by its name alone";
  if (settings_.projection && settings_.basis == BasisKind::replay)
    return "with --basis replay its network needs the old objects' images";
  return "";
}

// The network learns on as in a further step, whose new object is a known one.
void ReconstructionMethod::update(const StepData& data, const StepContext& context) {
  if (data.images.empty()) fail("step ", data.step, ": no normal images to learn from");
  const ObjectStatistics known = objects_.at(static_cast<size_t>(data.first_object));
  train(data, context);
  fit(data, context, &known);
  objects_[static_cast<size_t>(data.first_object)] = std::move(objects_.back());
  objects_.pop_back();
}

// The network keeps what it has learned of it, and so does the retention.
void ReconstructionMethod::remove(int64_t object) {
  objects_.erase(objects_.begin() + object);
  if (!network_.discriminator) return;
  network_.discriminator->remove_class(object);
  network_.options.classes = objects();
}

Judgement ReconstructionMethod::judge(const ImageFeatures& image, std::optional<int64_t> expected) const {
  if (objects_.empty()) fail("the model has not learned any object yet");
  Run run;
  const Pass passed = pass(image, run);
  Judgement j;
  std::tie(j.object, j.confidence, j.fits_better) =
      recognise(settings_, objects_, passed.feature, passed.logits, expected);
  score(j, passed, image);
  return j;
}

Judgement ReconstructionMethod::judge_normal(const ImageFeatures& image, int64_t object) const {
  Run run;
  Judgement j;
  j.object = object;
  score(j, pass(image, run), image);
  return j;
}

// The map and the score, by the judgement's object.
void ReconstructionMethod::score(Judgement& j, const Pass& passed, const ImageFeatures& image) const {
  const ObjectStatistics& object = objects_.at(static_cast<size_t>(j.object));
  if (settings_.score != ScoreKind::raw && !object.fitted())
    fail("the model has no statistics of object ", j.object,
         ", which this score needs; give its normal images, or use the score 'raw'");
  const ImageScores scores = reconstruction_scores(settings_, object, passed.residual, image);
  j.map = scores.map;
  j.whole = scores.whole;
  j.score = image_score(scores, settings_.pooling);
}

void ReconstructionMethod::save(SafetensorsWriter& writer, nlohmann::json& meta) const {
  save_module(network_, writer, "network.");
  if (standardisation_.mean.defined()) standardisation_.save(writer, "standardise.");
  retention_->save(writer);
  meta["objects"] = nlohmann::json::array();
  for (size_t o = 0; o < objects_.size(); ++o) {
    const ObjectStatistics& object = objects_[o];
    if (object.fitted()) object.save(writer, object_prefix(o));
    meta["objects"].push_back(object.fitted() ? nlohmann::json(object.scales()) : nlohmann::json());
  }
}

void ReconstructionMethod::load(const TensorFile& file, const nlohmann::json& meta) {
  const nlohmann::json& scales = meta.at("objects");
  if (!scales.is_array()) fail(file.path(), ": damaged model: 'objects' is no list");
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
    ObjectStatistics& object = objects_.emplace_back();
    const nlohmann::json& scale = scales.at(o);
    if (scale.is_null()) continue;
    object = ObjectStatistics::load(file, object_prefix(o), settings_, scale.get<std::vector<double>>());
  }
}

}  // namespace iuf
