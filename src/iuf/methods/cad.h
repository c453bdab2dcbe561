#pragma once

#include "iuf/image/image.h"
#include "iuf/learn/method.h"
#include "iuf/paper/batch_loss.h"
#include "iuf/stats/gaussian.h"
#include "nn/trainable_efficientnet.h"

namespace iuf {

struct CadSettings {
  static constexpr const char* group = "CAD";
  int64_t size = 224;
  int64_t blocks = 3;  // of 11

  void visit(const Fields& field) {
    field("cad-size", size, multiple_of(16, 32, 4096), "images are resized to this square");
    field("cad-blocks", blocks, range(1, 10), "last blocks of the extractor that are trained");
  }
};

/// Continual anomaly detection (Li et al. 2022), image level only: an image classifier's last blocks are fine-tuned on
/// each step, an image becomes the L2-normalised mean of its last map, and the score is the Mahalanobis distance to one
/// Gaussian. The variants differ in the loss and in what the Gaussian is fitted to. All keep between steps: the trained
/// blocks.
///
/// The extractor is the EfficientNet-Lite0 inside the program up to its last block at stride 16, whatever backbone the
/// settings name. To be affordable without a GPU, only `cad-blocks` of its blocks are trained, on images of `cad-size`
/// pixels. A method that sees whole images only does not tell which object it sees: it names the newest, without
/// confidence. It can be asked about the objects that its Gaussian is of.
class Cad : public Method {
 public:
  explicit Cad(const Settings& settings);

  void learn(const StepData& data, const StepContext& context) override;
  Judgement judge(const ImageFeatures& image, std::optional<int64_t> expected) const override;
  int64_t objects() const override { return objects_; }
  bool remembers(int64_t object) const override { return object < objects_ && object >= first_; }
  std::string cannot_update(int64_t) const override { return kCannotUpdate; }
  std::string cannot_remove(int64_t object) const override { return remembers(object) ? kCannotRemove : ""; }
  void remove(int64_t) override { --objects_, --first_; }  // one that it does not remember
  void save(SafetensorsWriter& writer, nlohmann::json& meta) const override;
  void load(const TensorFile& file, const nlohmann::json& meta) override;

 protected:
  /// Before a step is trained. embeddings(): n x C, not normalised, of its images as the old network sees them.
  virtual void begin(const std::function<Tensor()>& embeddings) { (void)embeddings; }
  virtual BatchLoss loss(const std::vector<Image>& images, Run& run) const = 0;
  /// What images are measured by from now on. embeddings: n x C, normalised, of the step's images.
  virtual Gaussian fit(const Tensor& embeddings, int64_t step) = 0;
  /// What the variant trains besides the blocks.
  virtual void visit_head(const Visit& visit) const { (void)visit; }

  /// B x C with gradient: the means of the last map.
  Var embed(const std::vector<Image>& images) const;
  int64_t channels() const;
  /// The Gaussian of few rows (n x C), by Ledoit and Wolf's shrinkage.
  static Gaussian shrunk(const Tensor& rows);
  const Settings& settings() const { return settings_; }

 private:
  Tensor embeddings(const StepData& data, const StepContext& context, const std::string& stage) const;
  void visit(const Visit& visit) const;

  Settings settings_;
  CadSettings own_;
  mutable TrainableEfficientNet network_;  // visiting it changes nothing
  size_t first_trained_;
  int64_t objects_ = 0, first_ = 0;  // first_: the last step's first object
  Gaussian gaussian_;
};

}  // namespace iuf
