#include "iuf/stats/standardisation.h"

#include <cmath>

#include "iuf/features/in_order.h"
#include "iuf/stats/k_centre.h"
#include "tensor/elementwise.h"
#include "tensor/error.h"

namespace iuf {

Tensor Standardisation::operator()(const Tensor& tokens) const {
  return kernel::mul(kernel::sub(tokens, mean), scale);
}

Standardisation Standardisation::fit(const std::vector<TrainingImage>& images,
                                     const std::function<Tensor(const TrainingImage&)>& features) {
  if (images.empty()) fail("standardisation: no images to measure");
  std::vector<double> sum, squares;
  double count = 0;
  std::vector<Tensor> loaded(kInOrderSlots);
  in_order(
      images.size(),
      [&](size_t i, size_t slot) {
        loaded[slot] = features(images[i]);
        require_finite_rows(images[i].file + ": features", loaded[slot]);
      },
      [&](size_t, size_t slot) {
        const Tensor& x = loaded[slot];
        const auto channels = static_cast<size_t>(x.dim(-1));
        sum.resize(channels);
        squares.resize(channels);
        for (size_t j = 0; j < static_cast<size_t>(x.size()); ++j) {
          const double v = static_cast<double>(x.data()[j]);
          sum[j % channels] += v;
          squares[j % channels] += v * v;
        }
        count += static_cast<double>(x.dim(0));
      });
  const auto channels = static_cast<int64_t>(sum.size());
  Standardisation result{Tensor({channels}), Tensor({channels})};
  for (size_t c = 0; c < sum.size(); ++c) {
    const double mean = sum[c] / count, variance = std::max(squares[c] / count - mean * mean, 0.0);
    result.mean.data()[c] = static_cast<real>(mean);
    result.scale.data()[c] = static_cast<real>(1 / std::sqrt(variance + 1e-6));
  }
  return result;
}

void Standardisation::save(SafetensorsWriter& writer, const std::string& prefix) const {
  writer.add(prefix + "mean", mean);
  writer.add(prefix + "scale", scale);
}

Standardisation Standardisation::load(const TensorFile& file, const std::string& prefix) {
  Standardisation s{file.tensor(prefix + "mean"), file.tensor(prefix + "scale")};
  if (s.mean.rank() != 1 || !(s.mean.shape() == s.scale.shape()))
    fail(file.path(), ": '", prefix, "' holds a mean ", s.mean.shape(), " and a scale ", s.scale.shape(),
         " that do not fit");
  return s;
}

}  // namespace iuf
