#include "iuf/selfcheck/golden_model.h"

#include <algorithm>
#include <cmath>

#include "iuf/paper/compression_loss.h"
#include "iuf/selfcheck/comparison.h"
#include "tensor/error.h"
#include "tensor/permute.h"

namespace iuf {
namespace {

// "(True, False, True)", as Python prints a tuple: encoder, decoder's first and second attention.
std::vector<bool> flags(const TensorFile& file, const std::string& key) {
  std::vector<bool> found;
  const std::string& text = file.metadata(key);
  for (size_t at = 0; (at = text.find_first_of("TF", at)) != std::string::npos; ++at) found.push_back(text[at] == 'T');
  if (found.size() != 3)
    fail(file.path(), ": metadata '", key, "' is '", printable(text), "', not three of True and False");
  return found;
}

// "3x3": height and width.
std::pair<int64_t, int64_t> extent(const TensorFile& file, const std::string& key) {
  const std::string& text = file.metadata(key);
  int height = 0, width = 0, end = 0;
  if (std::sscanf(text.c_str(), "%dx%d%n", &height, &width, &end) != 2 || static_cast<size_t>(end) != text.size() ||
      height < 1 || width < 1)
    fail(file.path(), ": metadata '", key, "' is '", printable(text), "', not HEIGHTxWIDTH");
  return {height, width};
}

}  // namespace

GoldenModel::GoldenModel(const TensorFile& golden) : file(golden) {
  const Tensor images = with_axes(file, "in.image", 4), maps = with_axes(file, "in.feature", 4);
  ReconstructionOptions o;
  o.inplanes = maps.dim(1);
  o.height = maps.dim(2);
  o.width = maps.dim(3);
  o.hidden = with_axes(file, "param.input_proj.weight", 2).dim(0);
  o.heads = integer(file, "heads");
  o.feed_forward = with_axes(file, "param.transformer.encoder.layers.0.linear1.weight", 2).dim(0);
  o.encoder_layers = layers("encoder");
  o.decoder_layers = layers("decoder");
  o.dropout = 0;
  o.jitter = 0;
  const std::vector<bool> masks = flags(file, "masks");
  o.mask_encoder = masks[0];
  o.mask_decoder1 = masks[1];
  o.mask_decoder2 = masks[2];
  std::tie(o.neighbour_height, o.neighbour_width) = extent(file, "neighbor");
  o.oasa = file.contains("param.vitclassifiy.conv1.weight");
  if (o.oasa) {
    o.patch = with_axes(file, "param.vitclassifiy.conv1.weight", 4).dim(2);
    if (o.patch < 1) fail(file.path(), ": 'param.vitclassifiy.conv1.weight' has no pixels");
    o.classes = with_axes(file, "param.vitclassifiy.fc.2.weight", 2).dim(0);
    labels = file.integers("in.labels");
  }
  Random random;
  network = Reconstruction(o, random);
  load_module(network, file, "param.");
  image = kernel::permute(images, std::vector<int>{0, 2, 3, 1});
  feature = kernel::permute(maps, std::vector<int>{0, 2, 3, 1}).reshape({maps.dim(0), o.height * o.width, o.inplanes});
  set_tolerances();
}

void GoldenModel::set_tolerances() {
  const ReconstructionOptions& o = network.options;
  // Products in a row: in-projection, scores, weighted sum, out-projection and two linear layers an attention block,
  // and the projections at both ends. The longest sum of the forward pass runs over channels or tokens; a parameter's
  // gradient also sums over all rows of the batch, and comes after the forward and the backward pass.
  const double depth = 2 + 6 * static_cast<double>(o.encoder_layers) + 10 * static_cast<double>(o.decoder_layers) +
                       (o.oasa ? 1 + 6 * 4 + 2 : 0);
  const auto length = static_cast<double>(std::max({o.hidden, o.feed_forward, o.inplanes, o.height * o.width}));
  const int64_t pixels = o.oasa ? (image.dim(1) / o.patch) * (image.dim(2) / o.patch) : 0;
  const auto rows = static_cast<double>(feature.dim(0) * std::max(o.height * o.width, pixels));
  value_tolerance = rounding(depth, length);
  gradient_tolerance = std::max(rounding(2 * depth, std::max(length, rows)), kink_tolerance());
}

// A ReLU whose input is 0 but for rounding may pass a gradient on one side and not on the other. An input of
// deviation 1 is that close with probability 0.8 * 2^-22; one of the B * T * F inputs of a layer carries about the
// inverse root of half of them of its gradient. Where less than one case in twenty has such an input, none is allowed
// for.
double GoldenModel::kink_tolerance() const {
  const auto& o = network.options;
  const double inputs = static_cast<double>(feature.dim(0) * o.height * o.width * o.feed_forward);
  const double flips = 0.8 * 0x1p-22 * inputs * static_cast<double>(o.encoder_layers + o.decoder_layers);
  return flips < 0.05 ? 0 : std::sqrt(std::max(flips, 1.0) / (inputs / 2));
}

int64_t GoldenModel::layers(const std::string& stack) const {
  int64_t n = 0;
  while (file.contains("param.transformer." + stack + ".layers." + std::to_string(n) + ".linear1.weight")) ++n;
  return n;
}

Tensor GoldenModel::as_map(const Tensor& tokens) const {
  const auto& o = network.options;
  return kernel::permute(tokens.reshape({tokens.dim(0), o.height, o.width, tokens.dim(2)}),
                         std::vector<int>{0, 3, 1, 2});
}

Reconstruction::Output GoldenModel::evaluate() {
  const Frozen frozen(network);
  Run run;
  return network(image, feature, run);
}

Settings GoldenModel::settings(int64_t batch, int64_t iterations) const {
  Settings s;
  s.image_size = image.dim(1);
  if (network.discriminator && image.dim(2) != s.image_size)
    fail(file.path(), ": images of ", image.dim(1), " x ", image.dim(2), " pixels; only square ones are trained on");
  s.reconstruction_weight = number(file, "lambda0");
  s.classification_weight = number(file, "lambda1");
  s.compression_weight = number(file, "lambda2");
  if (network.discriminator && s.classification_weight <= 0)
    fail(file.path(), ": metadata 'lambda1' is ", s.classification_weight, "; the loss has no classification then");
  // In the middle of the shares that lead to the same t, so that no rounding leads to another one.
  const int64_t t = integer(file, "t"), values = std::min(batch, network.options.hidden);
  s.compression = CompressionKind::paper;
  s.compression_from = std::clamp((static_cast<double>(t) - 0.5) / static_cast<double>(values), 0.0, 1.0);
  if (compression_start(s.compression_from, batch, network.options.hidden) != t)
    fail(file.path(), ": metadata 't' is ", t, "; ", values, " singular values need one from 1 to ", values + 1);
  s.batch = batch;
  s.epochs = iterations;
  s.optimizer = OptimizerKind::adamw;
  s.learning_rate = number(file, "adamw_lr");
  s.weight_decay = number(file, "adamw_weight_decay");
  s.clip = number(file, "clip");
  s.schedule = ScheduleKind::constant;
  return s;
}

std::vector<LogEntry> GoldenModel::train(const std::vector<std::vector<int64_t>>& batches, const Settings& settings,
                                         Retention& retention) {
  const int64_t images = feature.dim(0);
  for (const std::vector<int64_t>& batch : batches)
    for (const int64_t i : batch)
      if (i < 0 || i >= images) fail(file.path(), ": a batch names image ", i, " of ", images);
  const auto example = [&](int64_t i) {
    return Example{.image = image.rows(i, 1),
                   .feature = feature.rows(i, 1).reshape({feature.dim(1), feature.dim(2)}),
                   .label = labels.empty() ? 0 : labels.at(static_cast<size_t>(i))};
  };
  const TrainingSet set{.step = 0, .count = settings.batch, .example = example, .order = [&](int64_t epoch) {
                          return batches.at(static_cast<size_t>(epoch));
                        }};
  std::vector<LogEntry> log;
  retention.begin({.step = 0, .parameters = parameters(network), .tensors = all_tensors(network)});
  iuf::train(network, set, settings, retention, {.log = [&](const std::vector<LogEntry>& entries) { log = entries; }});
  return log;
}

}  // namespace iuf
