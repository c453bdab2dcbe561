#include "iuf/methods/cad.h"
#include "tensor/reduce.h"

namespace iuf {
namespace {

/// CAD + PANDA (Reiss et al. 2021): the extractor is fine-tuned to be compact, ||z - centre||^2 / C, the centre being
/// the mean embedding z of the step's images before it. Nothing stops all images, defective ones too, from becoming
/// alike. One Gaussian of the current step only. Keeps between steps: the trained blocks and that Gaussian (the next
/// step replaces it).
class CadPanda : public Cad {
 public:
  using Cad::Cad;

 protected:
  void begin(const std::function<Tensor()>& embeddings) override;
  BatchLoss loss(const std::vector<Image>& images, Run& run) const override;
  Gaussian fit(const Tensor& embeddings, int64_t step) override;

 private:
  Tensor centre_;  // C, of the step that is being learned
};

void CadPanda::begin(const std::function<Tensor()>& embeddings) {
  const Tensor rows = embeddings();
  centre_ = kernel::scale(kernel::sum_axis(rows, 0), 1 / static_cast<real>(rows.dim(0)));
}

BatchLoss CadPanda::loss(const std::vector<Image>& images, Run&) const {
  const Var z = embed(images);
  const Var compact = mse(z, Var(kernel::broadcast_to(centre_, z.shape())));
  return {.total = compact, .parts = {{"compactness", static_cast<double>(compact.value().item())}}};
}

Gaussian CadPanda::fit(const Tensor& embeddings, int64_t) {
  return shrunk(embeddings);
}

}  // namespace

namespace methods {

MethodInfo cad_panda() {
  return {.name = "cad-panda",
          .summary = "features fine-tuned to be compact; image level only",
          .make = [](const Settings& settings, const BackboneInfo&) { return std::make_unique<CadPanda>(settings); },
          .parts = settings_parts<CadSettings, TrainingSettings>()};
}

}  // namespace methods
}  // namespace iuf
