#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "iuf/data/dataset.h"
#include "iuf/image/image.h"
#include "iuf/image/resize.h"
#include "iuf/learn/method.h"
#include "iuf/learn/training_loop.h"
#include "iuf/methods/draem_network.h"
#include "iuf/methods/pasted_anomaly.h"
#include "iuf/paper/anomaly_map.h"
#include "nn/hash.h"
#include "tensor/elementwise.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/resize.h"

namespace iuf {
namespace {

// RGB values as numbers in [0, 1], into a batch.
void put(const Image& image, Tensor& batch, int64_t index) {
  real* to = batch.data() + index * static_cast<int64_t>(image.pixels.size());
  std::transform(image.pixels.begin(), image.pixels.end(), to, [](uint8_t v) { return static_cast<real>(v) / 255; });
}

// The images of a folder, in alphabetical order, resized; none without a folder.
std::vector<Image> read_textures(const std::string& folder, int size) {
  if (folder.empty()) return {};
  if (!std::filesystem::is_directory(folder)) fail("setting 'draem-textures': there is no folder ", folder);
  const auto leave_out = [](const std::filesystem::path&, const std::string&) {};  // texts and the like
  const std::vector<std::filesystem::path> files = list_images(folder, leave_out);
  std::vector<Image> textures(files.size());
  parallel_for(static_cast<int64_t>(files.size()), 1, [&](int64_t i, int64_t) {
    const auto at = static_cast<size_t>(i);
    textures[at] = resize_bilinear(read_image(files[at]), size, size);
  });
  return textures;
}

struct DraemSettings {
  static constexpr const char* group = "DRAEM";
  int64_t size = 64;   // published: 256
  int64_t width = 16;  // the last stage has 8 times as many; published: 128, 64 in the U-Net
  std::string textures = {};

  void visit(const Fields& field) {
    field("draem-size", size, multiple_of(32, 32, 2048), "images are resized to this square");
    field("draem-width", width, range(1, 512), "channels of the first stage");
    field("draem-textures", textures, "folder of images to paste from; empty: textures are made");
  }
};

/// DRAEM (Zavrtanik et al. 2021): an autoencoder restores images on which anomalies were pasted, and a U-Net says where
/// they were from both images. Trained from scratch, fine-tuned on each step. The map is the probability of an anomaly,
/// the score the largest of its local means. Keeps between steps: both networks.
///
/// So that a CPU finishes, `draem-width` and `draem-size` are far below the published 128 (64 in the U-Net) and 256,
/// and input images are not turned at random. It sees no objects: it names the newest, without confidence. It
/// can be asked about those of the last step.
class Draem : public Method {
 public:
  explicit Draem(const Settings& settings);

  void learn(const StepData& data, const StepContext& context) override;
  Judgement judge(const ImageFeatures& image, std::optional<int64_t> expected) const override;
  int64_t objects() const override { return objects_; }
  bool remembers(int64_t object) const override { return object < objects_ && object >= first_; }
  std::string cannot_update(int64_t) const override { return kCannotUpdate; }
  std::string cannot_remove(int64_t object) const override { return remembers(object) ? kCannotRemove : ""; }
  void remove(int64_t) override { --objects_, --first_; }  // one that it does not remember
  void save(SafetensorsWriter& writer, nlohmann::json& meta) const override;
  void load(const TensorFile& file, const nlohmann::json& meta) override;

 private:
  Settings settings_;
  const DraemSettings own_;
  mutable DraemNetwork network_;     // frozen but while training: its call records nothing and changes nothing
  int64_t objects_ = 0, first_ = 0;  // first_: the last step's first object
};

Draem::Draem(const Settings& settings) : settings_(settings), own_(settings.own<DraemSettings>()) {
  Random random{mix_key(static_cast<uint64_t>(settings.seed), 0x647261656d)};
  network_ = DraemNetwork(own_.width, random);
  for (NamedVar& p : parameters(network_)) p.var.set_requires_grad(false);
}

void Draem::learn(const StepData& data, const StepContext& context) {
  if (data.images.empty()) fail("step ", data.step, ": no normal images to learn from");
  const Settings& s = settings_;
  const int64_t size = own_.size;
  const std::vector<Image> textures = read_textures(own_.textures, static_cast<int>(size));
  TrainingLoop loop = training_loop(s, data.step, static_cast<int64_t>(data.images.size()));
  loop.loss = [&](const std::vector<int64_t>& batch, Run& run) {
    const auto count = static_cast<int64_t>(batch.size());
    Tensor normal({count, size, size, 3}), pasted({count, size, size, 3});
    std::vector<int64_t> labels(static_cast<size_t>(count * size * size));
    const uint64_t stream = run.random.stream();
    parallel_for(count, 1, [&](int64_t i, int64_t) {
      const uint64_t own = mix_key(stream, static_cast<uint64_t>(i));
      const TrainingImage& source = data.images[static_cast<size_t>(batch[static_cast<size_t>(i)])];
      const Image image = pixels_at(data.load(source, {.aligned = false, .local = false}), size);
      const PastedAnomaly anomaly = paste_anomaly(image,
                                                  textures.empty() ? procedural_texture(image.width, mix_key(own, 1))
                                                                   : textures[mix_key(own, 1) % textures.size()],
                                                  own);
      put(image, normal, i);
      put(anomaly.image, pasted, i);
      std::copy(anomaly.mask.begin(), anomaly.mask.end(), labels.begin() + i * size * size);
    });
    const DraemLoss parts = draem_loss(network_(Var(pasted), run), normal, labels);
    return BatchLoss{.total = parts.total,
                     .parts = {{"reconstruction", static_cast<double>(parts.reconstruction.value().item())},
                               {"segmentation", static_cast<double>(parts.segmentation.value().item())}}};
  };
  // The textures are part of what the step depends on.
  StepContext own = context;
  for (const Image& texture : textures)
    own.fingerprint = mix_key(own.fingerprint, hash_bytes(std::as_bytes(std::span(texture.pixels))));
  train(all_tensors(network_), parameters(network_), loop, own);
  first_ = data.first_object;
  objects_ = first_ + static_cast<int64_t>(data.names.size());
}

Judgement Draem::judge(const ImageFeatures& image, std::optional<int64_t> expected) const {
  if (objects_ == 0) fail("the model has not learned any object yet");
  const Settings& s = settings_;
  const int64_t size = own_.size;
  Tensor input({1, size, size, 3}), probability({1, size, size, 1});
  put(pixels_at(image, size), input, 0);
  const Tensor logits = network_(Var(input), {}).logits.value();
  // An infinite logit would be a probability of 0.
  if (!kernel::all_finite(logits)) fail("draem: what the network puts out is not finite");
  for (int64_t i = 0; i < size * size; ++i)
    probability.data()[i] = 1 / (1 + std::exp(logits.data()[2 * i] - logits.data()[2 * i + 1]));
  // The score as published: the largest mean of 21 x 21 pixels of 256.
  const int64_t half = std::max<int64_t>(1, std::lround(21.0 * static_cast<double>(size) / 512 - 0.5));
  const Tensor means = kernel::average_pool(probability, 2 * half + 1, 1, half);
  return {.map = anomaly_map(probability, s.image_size, s.blur),
          .score = static_cast<double>(*std::max_element(means.data(), means.data() + means.size())),
          .object = expected.value_or(objects_ - 1),
          .confidence = 0};
}

void Draem::save(SafetensorsWriter& writer, nlohmann::json& meta) const {
  save_module(network_, writer, "network.");
  meta["objects"] = objects_;
  meta["first"] = first_;
}

void Draem::load(const TensorFile& file, const nlohmann::json& meta) {
  load_module(network_, file, "network.");
  objects_ = stored_count(file, meta, "objects");
  first_ = stored_first(file, meta, objects_);
}

}  // namespace

namespace methods {

MethodInfo draem() {
  return {.name = "draem",
          .summary = "DRAEM: autoencoder and U-Net trained on images with pasted anomalies",
          .make = [](const Settings& settings, const BackboneInfo&) { return std::make_unique<Draem>(settings); },
          .defaults =
              [](Settings& s) {  // from scratch, on few images
                s.epochs = std::max<int64_t>(s.epochs, 50);
                s.increment_epochs = std::max<int64_t>(s.increment_epochs, 50);
              },
          .parts = settings_parts<DraemSettings, TrainingSettings, BlurSettings>()};
}

}  // namespace methods
}  // namespace iuf
