#include <nlohmann/json.hpp>

#include "iuf/methods/cad_cutpaste.h"
#include "iuf/stats/ledoit_wolf.h"
#include "tensor/error.h"
#include "tensor/permute.h"

namespace iuf {
namespace {

/// CAD + DNE (distribution of normal embeddings): trained as CAD + CutPaste, but the Gaussian is fitted to the current
/// step's embeddings together with ones drawn from the Gaussians of all earlier steps, as many as those had images.
/// Keeps between steps: the trained blocks, the classifier, and per step the mean and covariance of its embeddings and
/// their number.
class CadDne : public CadCutPaste {
 public:
  using CadCutPaste::CadCutPaste;
  void save(SafetensorsWriter& writer, nlohmann::json& meta) const override;
  void load(const TensorFile& file, const nlohmann::json& meta) override;
  bool remembers(int64_t object) const override { return object < objects(); }  // of all steps
  std::string cannot_remove(int64_t object) const override { return Method::cannot_remove(object); }

 protected:
  Gaussian fit(const Tensor& embeddings, int64_t step) override;

 private:
  struct Step {
    ShrunkGaussian embeddings;
    int64_t images = 0;
  };
  std::vector<Step> steps_;
};

Gaussian CadDne::fit(const Tensor& embeddings, int64_t step) {
  std::vector<Tensor> rows;
  const uint64_t key = mix_key(mix_key(static_cast<uint64_t>(settings().seed), 0x646e65), static_cast<uint64_t>(step));
  for (size_t i = 0; i < steps_.size(); ++i)
    rows.push_back(steps_[i].embeddings.sample(steps_[i].images, mix_key(key, i)));
  steps_.push_back({ledoit_wolf(embeddings), embeddings.dim(0)});
  rows.push_back(embeddings);
  return shrunk(kernel::concat(rows, 0));
}

void CadDne::save(SafetensorsWriter& writer, nlohmann::json& meta) const {
  CadCutPaste::save(writer, meta);
  meta["step_images"] = nlohmann::json::array();
  for (size_t i = 0; i < steps_.size(); ++i) {
    const std::string prefix = "step." + std::to_string(i) + ".";
    writer.add(prefix + "mean", steps_[i].embeddings.mean);
    writer.add(prefix + "covariance", steps_[i].embeddings.covariance);
    meta["step_images"].push_back(steps_[i].images);
  }
}

void CadDne::load(const TensorFile& file, const nlohmann::json& meta) {
  CadCutPaste::load(file, meta);
  steps_.clear();
  const nlohmann::json& step_images = meta.at("step_images");
  if (!step_images.is_array() || step_images.empty())
    fail(file.path(), ": damaged model: 'step_images' is no list of the steps");
  for (const auto& images : step_images) {
    const std::string prefix = "step." + std::to_string(steps_.size()) + ".";
    const Step step{{file.tensor(prefix + "mean"), file.tensor(prefix + "covariance")},
                    stored_count(file, images, prefix + "images")};
    if (!(step.embeddings.mean.shape() == Shape{channels()}) ||
        !(step.embeddings.covariance.shape() == Shape{channels(), channels()}))
      fail(file.path(), ": '", prefix, "' does not fit embeddings of ", channels(), " channels");
    steps_.push_back(step);
  }
}

}  // namespace

namespace methods {

MethodInfo cad_dne() {
  return {.name = "cad-dne",
          .summary = "CutPaste classifier; the old steps' embeddings are drawn again from their Gaussians",
          .make = [](const Settings& settings, const BackboneInfo&) { return std::make_unique<CadDne>(settings); },
          .parts = settings_parts<CadSettings, TrainingSettings>()};
}

}  // namespace methods
}  // namespace iuf
