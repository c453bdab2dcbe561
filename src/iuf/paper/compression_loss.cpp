#include "iuf/paper/compression_loss.h"

#include <algorithm>

#include "autograd/ops.h"
#include "tensor/blas.h"
#include "tensor/error.h"
#include "tensor/reduce.h"

namespace iuf {

Var compression_loss(std::span<const Var> latents, int64_t t) {
  if (latents.empty()) fail("compression_loss: no latents; it needs at least two decoder layers");
  Var total;
  for (const Var& m : latents) {
    const Var tail = svd_tail(mean_axis(m, 1), t);
    total = total.defined() ? total + tail : tail;
  }
  return total * (1 / static_cast<real>(latents.size()));
}

int64_t compression_start(double share, int64_t batch, int64_t channels) {
  return 1 + static_cast<int64_t>(share * static_cast<double>(std::min(batch, channels)));
}

double compression_loss_released(std::span<const Var> latents, double ratio) {
  double total = 0;
  for (const Var& m : latents) {
    const kernel::Svd parts =
        kernel::svd(kernel::scale(kernel::sum_axis(m.value(), 1), 1 / static_cast<real>(m.dim(1))));
    const double sum = kernel::sum(parts.s);
    for (real s : parts.s.span())
      if (static_cast<double>(s) / sum < ratio / 256) total += static_cast<double>(s) / sum;
  }
  return latents.empty() ? 0 : total / static_cast<double>(latents.size());
}

}  // namespace iuf
