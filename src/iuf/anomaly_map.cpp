#include "iuf/anomaly_map.h"

#include <algorithm>
#include <cmath>

#include "tensor/reduce.h"
#include "tensor/resize.h"

namespace iuf {

Tensor upsample_scores(const Tensor& scores, int64_t height, int64_t width, int64_t size) {
  return resize_bilinear(scores.reshape({1, height, width, 1}), size, size, true).reshape({size, size});
}

double image_score(const Tensor& map, Pooling pooling) {
  const auto values = map.span();
  const auto n = static_cast<double>(map.size());
  switch (pooling) {
    case Pooling::max_pool16: {
      const Tensor pooled = average_pool(map.reshape({1, map.dim(0), map.dim(1), 1}), 16, 16, 0);
      return static_cast<double>(*std::max_element(pooled.data(), pooled.data() + pooled.size()));
    }
    case Pooling::max:
      return static_cast<double>(*std::max_element(values.begin(), values.end()));
    case Pooling::mean:
      return kernel::sum(map) / n;
    case Pooling::deviation: {
      const double mean = kernel::sum(map) / n;
      double squares = 0;
      for (real v : values) squares += (static_cast<double>(v) - mean) * (static_cast<double>(v) - mean);
      return std::sqrt(squares / (n - 1));  // as torch.std
    }
  }
  return 0;
}

}  // namespace iuf
