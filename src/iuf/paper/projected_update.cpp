#include "iuf/paper/projected_update.h"

#include <cmath>

#include "tensor/blas.h"
#include "tensor/error.h"

namespace iuf {

Tensor channel_gate(int64_t channels) {
  Tensor gate({channels});
  const double largest = channels > 1 ? std::log(static_cast<double>(channels)) : 1;
  for (int64_t c = 0; c < channels; ++c)
    gate.data()[c] = static_cast<real>(std::log(static_cast<double>(c + 1)) / largest);
  return gate;
}

Tensor project_update(const Tensor& update, const Tensor& basis, const Tensor& gate) {
  const int64_t channels = update.dim(0), width = channels ? update.size() / channels : 0;
  if (basis.rank() != 2 || basis.dim(1) != channels || gate.size() != channels)
    fail("project_update: update ", update.shape(), " with basis ", basis.shape(), " and gate ", gate.shape());
  const int64_t rank = basis.dim(0);
  Tensor inside({rank, width}), projected = update.clone();
  kernel::parallel_gemm(Trans::no, Trans::no, rank, width, channels, 1, basis.data(), channels, update.data(), width, 0,
                        inside.data(), width);
  for (int64_t r = 0; r < rank; ++r)
    for (int64_t w = 0; w < width; ++w) inside.data()[r * width + w] *= gate.data()[r] - 1;
  kernel::parallel_gemm(Trans::yes, Trans::no, channels, width, rank, 1, basis.data(), channels, inside.data(), width,
                        1, projected.data(), width);
  return projected;
}

ProjectedUpdate::ProjectedUpdate(const OldBasis& old, std::span<const NamedVar> parameters) {
  for (const NamedVar& p : parameters) {
    const size_t dot = p.name.rfind('.');
    const std::string layer = p.name.substr(0, dot);
    if (dot == std::string::npos || !layer.ends_with(".linear2")) continue;
    const Tensor basis = old.basis(layer);
    if (basis.defined()) spaces_[p.name] = {basis, channel_gate(p.var.dim(0))};
  }
}

UpdateFilter ProjectedUpdate::filter() const {
  return {.wants = [this](const std::string& name) { return spaces_.contains(name); },
          .apply =
              [this](const std::string& name, Tensor& update) {
                const Space& space = spaces_.at(name);
                update = project_update(update, space.basis, space.gate);
              }};
}

}  // namespace iuf
