#include "iuf/paper/projected_update.h"

#include <cmath>

#include "tensor/elementwise.h"
#include "tensor/error.h"
#include "tensor/matmul.h"

namespace iuf {

Tensor channel_gate(int64_t channels) {
  Tensor gate({channels});
  const double largest = channels > 1 ? std::log(static_cast<double>(channels)) : 1;
  for (int64_t c = 0; c < channels; ++c)
    gate.data()[c] = static_cast<real>(std::log(static_cast<double>(c + 1)) / largest);
  return gate;
}

Tensor project_update(const Tensor& update, const Tensor& basis, const Tensor& gate) {
  const int64_t channels = update.dim(0);
  if (basis.rank() != 2 || basis.dim(1) != channels || gate.size() != channels)
    fail("project_update: update ", update.shape(), " with basis ", basis.shape(), " and gate ", gate.shape(),
         ": needs C x W or C, r x C and C");
  const int64_t rank = basis.dim(0);
  const Tensor u = update.reshape({channels, channels ? update.size() / channels : 0});
  const Tensor damping = kernel::sub(gate.rows(0, rank), Tensor::scalar(1)).reshape({rank, 1});  // gamma - 1
  const Tensor change = kernel::mul(damping, kernel::matmul(basis, u));                          // (gamma - 1) * V^T U
  Tensor projected = u.clone();
  kernel::add_matmul(projected, basis, change, Trans::yes);  // U + V ((gamma - 1) * V^T U)
  return projected.reshape(update.shape());
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
