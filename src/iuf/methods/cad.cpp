#include "iuf/methods/cad.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "iuf/features/neck.h"
#include "iuf/learn/training_loop.h"
#include "iuf/stats/ledoit_wolf.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/permute.h"

namespace iuf {
namespace {

const char* const kExtractor = "efficientnet_lite0";

Tensor normalised(Tensor rows) {
  const int64_t channels = rows.dim(-1);
  for (int64_t at = 0; at < rows.size(); at += channels) {
    double square = 0;
    for (int64_t c = 0; c < channels; ++c) square += static_cast<double>(rows.data()[at + c]) * rows.data()[at + c];
    const double inverse = 1 / std::sqrt(std::max(square, 1e-24));
    for (int64_t c = 0; c < channels; ++c) rows.data()[at + c] = static_cast<real>(rows.data()[at + c] * inverse);
  }
  return rows;
}

}  // namespace

Cad::Cad(const Settings& settings)
    : settings_(settings), own_(settings.own<CadSettings>()), network_(TrainableEfficientNet::embedded()) {
  first_trained_ = network_.blocks.size() - static_cast<size_t>(own_.blocks);
}

int64_t Cad::channels() const {
  return network_.blocks.back().project.weight.dim(0);
}

void Cad::visit(const Visit& v) const {
  network_.visit_from(first_trained_, v);
  visit_head(v);
}

Gaussian Cad::shrunk(const Tensor& rows) {
  const ShrunkGaussian g = ledoit_wolf(rows);
  std::vector<double> mean(g.mean.data(), g.mean.data() + g.mean.size());
  std::vector<double> covariance(g.covariance.data(), g.covariance.data() + g.covariance.size());
  // Embeddings of length 1 are rounded to about 1e-7: what varies less is no direction to measure by. Of two images the
  // covariance has one direction, the others are rounding.
  double trace = 0;
  for (size_t i = 0; i < covariance.size(); i += mean.size() + 1) trace += covariance[i];
  const double ridge = 1e-10 + 1e-6 * trace / static_cast<double>(mean.size());
  for (size_t i = 0; i < covariance.size(); i += mean.size() + 1) covariance[i] += ridge;
  return Gaussian::of(mean, covariance);
}

Var Cad::embed(const std::vector<Image>& images) const {
  // The frozen blocks image by image: nothing of them is kept for gradients.
  const BackboneInfo& info = backbone_info(kExtractor);
  std::vector<Tensor> maps(images.size());
  parallel_for(static_cast<int64_t>(images.size()), 1, [&](int64_t i, int64_t) {
    const Image& image = images[static_cast<size_t>(i)];
    maps[static_cast<size_t>(i)] =
        network_.before(first_trained_, Var(normalised_image(info, image.pixels, image.height, image.width))).value();
  });
  const Var x = network_.from(first_trained_, Var(kernel::concat(maps, 0)));
  return mean_axis(reshape(x, {x.dim(0), x.dim(1) * x.dim(2), x.dim(3)}), 1);
}

Tensor Cad::embeddings(const StepData& data, const StepContext& context, const std::string& stage) const {
  const auto count = static_cast<int64_t>(data.images.size());
  Tensor rows({count, channels()});
  for (int64_t i = 0; i < count; ++i) {
    const ImageFeatures image = data.load(data.images[static_cast<size_t>(i)], {.aligned = false, .local = false});
    const Tensor row = embed({pixels_at(image, own_.size)}).value();
    std::copy_n(row.data(), row.size(), rows.data() + i * row.size());
    context.progress(stage, i + 1, count);
  }
  return rows;
}

void Cad::learn(const StepData& data, const StepContext& context) {
  if (data.images.empty()) fail("step ", data.step, ": no normal images to learn from");
  const Settings& s = settings_;
  begin([&] { return embeddings(data, context, "embeddings"); });
  std::vector<NamedVar> tensors, trained;
  visit([&](const std::string& name, Var& tensor, Role role) {
    tensors.push_back({name, tensor});
    if (role == Role::parameter) trained.push_back({name, tensor});
  });
  TrainingLoop loop = training_loop(s, data.step, static_cast<int64_t>(data.images.size()));
  loop.loss = [&](const std::vector<int64_t>& batch, Run& run) {
    std::vector<Image> images(batch.size());
    parallel_for(static_cast<int64_t>(batch.size()), 1, [&](int64_t i, int64_t) {
      const auto at = static_cast<size_t>(i);
      const TrainingImage& image = data.images[static_cast<size_t>(batch[at])];
      images[at] = pixels_at(data.load(image, {.aligned = false, .local = false}), own_.size);
    });
    return loss(images, run);
  };
  train(tensors, trained, loop, context);
  gaussian_ = fit(normalised(embeddings(data, context, "statistics")), data.step);
  first_ = data.first_object;
  objects_ = first_ + static_cast<int64_t>(data.names.size());
}

Judgement Cad::judge(const ImageFeatures& image, std::optional<int64_t> expected) const {
  if (objects_ == 0) fail("the model has not learned any object yet");
  const Tensor distance = gaussian_.squared_distance(normalised(embed({pixels_at(image, own_.size)}).value()));
  return {.map = {},
          .score = std::sqrt(static_cast<double>(distance.item())),
          .object = expected.value_or(objects_ - 1),
          .confidence = 0};
}

void Cad::save(SafetensorsWriter& writer, nlohmann::json& meta) const {
  visit([&](const std::string& name, Var& tensor, Role) { writer.add("network." + name, tensor.value()); });
  gaussian_.save(writer, "gaussian.");
  meta["objects"] = objects_;
  meta["first"] = first_;
}

void Cad::load(const TensorFile& file, const nlohmann::json& meta) {
  std::vector<NamedVar> tensors;
  visit([&](const std::string& name, Var& tensor, Role) { tensors.push_back({name, tensor}); });
  load_tensors(file, "network.", tensors);
  gaussian_ = Gaussian::load(file, "gaussian.");
  if (gaussian_.mean.size() != channels())
    fail(file.path(), ": 'gaussian.' has ", gaussian_.mean.size(), " channels, not ", channels());
  objects_ = stored_count(file, meta, "objects");
  first_ = stored_first(file, meta, objects_);
}

}  // namespace iuf
