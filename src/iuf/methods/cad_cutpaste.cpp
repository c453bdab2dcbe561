#include "iuf/methods/cad_cutpaste.h"

#include "iuf/methods/cad_defects.h"
#include "tensor/parallel.h"

namespace iuf {

CadCutPaste::CadCutPaste(const Settings& settings) : Cad(settings) {
  Random random{mix_key(static_cast<uint64_t>(settings.seed), 0x63757470)};
  classifier_ = Linear(channels(), 2, random);
  for (Var* v : {&classifier_.weight, &classifier_.bias}) v->set_requires_grad(false);
}

BatchLoss CadCutPaste::loss(const std::vector<Image>& images, Run& run) const {
  const size_t count = images.size();
  std::vector<Image> both = images;
  both.resize(2 * count);
  const uint64_t stream = run.random.stream();
  parallel_for(static_cast<int64_t>(count), 1, [&](int64_t i, int64_t) {
    const auto at = static_cast<size_t>(i);
    const uint64_t own = mix_key(stream, static_cast<uint64_t>(i));
    both[count + at] = (own & 1 ? paste_patch(images[at], own) : paste_scar(images[at], own)).image;
  });
  std::vector<int64_t> labels(2 * count, 0);
  std::fill(labels.begin() + static_cast<std::ptrdiff_t>(count), labels.end(), 1);
  const Var ce = cross_entropy(classifier_(embed(both)), labels);
  return {.total = ce, .parts = {{"classification", static_cast<double>(ce.value().item())}}};
}

Gaussian CadCutPaste::fit(const Tensor& embeddings, int64_t) {
  return shrunk(embeddings);
}

void CadCutPaste::visit_head(const Visit& v) const {
  classifier_.visit(under("classifier", v));
}

namespace methods {

MethodInfo cad_cutpaste() {
  return {.name = "cad-cutpaste",
          .summary = "a classifier of pasted defects, fine-tuned step by step; image level only",
          .make = [](const Settings& settings, const BackboneInfo&) { return std::make_unique<CadCutPaste>(settings); },
          .parts = settings_parts<CadSettings, TrainingSettings>()};
}

}  // namespace methods
}  // namespace iuf
