#include "tensor/conv/max_pool.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "tensor/conv/geometry.h"
#include "tensor/parallel.h"
#include "tensor/simd.h"

namespace iuf::kernel {
namespace {

IUF_SIMD void take_larger(real* y, const real* x, int64_t n) {
  for (int64_t i = 0; i < n; ++i) y[i] = x[i] > y[i] ? x[i] : y[i];
}

}  // namespace

Tensor max_pool(const Tensor& x, int64_t size, const ConvOptions& options) {
  const Geometry g = geometry("max_pool", x.shape(), size, size, options);
  Tensor y = Tensor::full({g.batch, g.out_height, g.out_width, g.channels}, -std::numeric_limits<real>::infinity());
  parallel_for(g.batch, 1, [&](int64_t image, int64_t) {
    const real* in = x.data() + image * g.height * g.width * g.channels;
    for (int64_t p = 0; p < g.pixels(); ++p) {
      real* out = y.data() + (image * g.pixels() + p) * g.channels;
      visit_patch(g, p, [&](int64_t, int64_t from, int64_t n) {
        for (int64_t i = 0; i < n; i += g.channels) take_larger(out, in + from + i, g.channels);
      });
    }
  });
  return y;
}

Tensor max_pool_backward(const Tensor& dy, const Tensor& x, const Tensor& y, int64_t size, const ConvOptions& options) {
  const Geometry g = geometry("max_pool", x.shape(), size, size, options);
  need_gradient("max_pool", dy.shape(), g, g.channels);
  Tensor dx = Tensor::zeros(x.shape());
  parallel_for(g.batch, 1, [&](int64_t image, int64_t) {
    const int64_t offset = image * g.height * g.width * g.channels;
    std::vector<char> given(static_cast<size_t>(g.channels));
    for (int64_t p = 0; p < g.pixels(); ++p) {
      const int64_t at = (image * g.pixels() + p) * g.channels;
      std::fill(given.begin(), given.end(), char(0));
      visit_patch(g, p, [&](int64_t, int64_t from, int64_t n) {
        for (int64_t i = 0; i < n; ++i) {
          const int64_t c = i % g.channels;
          char& done = given[static_cast<size_t>(c)];
          if (done || x.data()[offset + from + i] != y.data()[at + c]) continue;
          dx.data()[offset + from + i] += dy.data()[at + c];
          done = 1;
        }
      });
    }
  });
  return dx;
}

}  // namespace iuf::kernel
