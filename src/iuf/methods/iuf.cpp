#include "iuf/methods/reconstruction_method.h"
#include "iuf/paper/projected_update.h"

// IUF: projected updates (Eq. 10-13) and the pull to the old weights (Eq. 9). Keeps between steps, besides what
// ReconstructionMethod keeps: the second moments of the old objects' channel space, one C x C matrix per linear2 layer.
namespace iuf {
namespace {

class PullAndProjection : public Retention {
 public:
  explicit PullAndProjection(const Settings& settings) : settings_(settings) {}

  void begin(const StepStart& start) override {
    increment_ = start.step > 0;
    if (!increment_) return;
    old_weights_ = OldWeights(start.tensors);
    if (!settings_.projection) return;
    OldBasis basis = basis_;
    if (settings_.basis == BasisKind::replay) {
      basis = OldBasis();
      start.replay([&](const std::string& layer, const Tensor& output) { basis.add(layer, output); });
    }
    projected_ = ProjectedUpdate(basis, start.parameters);
  }
  UpdateFilter filter() const override { return projected_.filter(); }
  void after_update(std::vector<NamedVar>& tensors) override {
    if (increment_) old_weights_.pull(tensors, settings_.pull);
  }
  // What the old objects' scores drift by grows with the square of the change, what the new object gains only linearly.
  void end(const StepEnd& step) override {
    std::vector<NamedVar> tensors = step.tensors;
    if (increment_) old_weights_.pull(tensors, 1 - settings_.settle);
  }
  void add_output(const std::string& layer, const Tensor& output) override { basis_.add(layer, output); }
  void save(SafetensorsWriter& writer) const override { basis_.save(writer, "basis."); }
  void load(const TensorFile& file) override { basis_.load(file, "basis."); }

 private:
  const Settings settings_;
  OldBasis basis_;  // of all finished steps
  bool increment_ = false;
  OldWeights old_weights_;
  ProjectedUpdate projected_;
};

}  // namespace

namespace methods {

MethodInfo iuf() {
  return {.name = "iuf",
          .summary = "reconstruction with object-aware attention, projected updates and pull to the old weights",
          .folds = true,
          .make = [](const Settings& settings, const BackboneInfo& backbone) -> std::unique_ptr<Method> {
            return std::make_unique<ReconstructionMethod>(settings, backbone,
                                                          std::make_unique<PullAndProjection>(settings));
          },
          .parts = settings_parts<BackboneSettings, FeatureSettings, NetworkSettings, DiscriminatorSettings,
                                  NeighbourMaskSettings, ExternalKeySettings, ReconstructionLossSettings,
                                  ClassificationLossSettings, CompressionSettings, TrainingSettings, RetentionSettings,
                                  ScoreSettings, LocalSettings, ViewSettings, RidgeSettings, ObjectSettings,
                                  PoolingSettings, BlurSettings>()};
}

}  // namespace methods
}  // namespace iuf
