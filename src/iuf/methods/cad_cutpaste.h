#pragma once

#include "iuf/methods/cad.h"
#include "nn/layers.h"

namespace iuf {

/// CAD + CutPaste: the extractor is fine-tuned to tell normal images from the same images with a piece of them pasted
/// elsewhere. One Gaussian of the current step only. Keeps between steps: the trained blocks, the classifier, that
/// Gaussian (the next step replaces it).
class CadCutPaste : public Cad {
 public:
  explicit CadCutPaste(const Settings& settings);

 protected:
  BatchLoss loss(const std::vector<Image>& images, Run& run) const override;
  Gaussian fit(const Tensor& embeddings, int64_t step) override;
  void visit_head(const Visit& visit) const override;

 private:
  mutable Linear classifier_;  // normal, pasted
};

}  // namespace iuf
