#include "iuf/paper/old_basis.h"

#include <algorithm>
#include <cstring>

#include "tensor/blas.h"
#include "tensor/elementwise.h"
#include "tensor/error.h"
#include "tensor/reduce.h"

namespace iuf {

void OldBasis::add(const std::string& layer, const Tensor& output) {
  const int64_t batch = output.dim(0), tokens = output.dim(1), channels = output.dim(2);
  const Tensor means = kernel::scale(kernel::sum_axis(output, 1), 1 / static_cast<real>(tokens));
  Moment& moment = moments_[layer];
  if (moment.sum.empty()) {
    moment.channels = channels;
    moment.sum.assign(static_cast<size_t>(channels * channels), 0);
  }
  if (moment.channels != channels) fail("old basis: '", layer, "' had ", moment.channels, " channels, now ", channels);
  for (int64_t b = 0; b < batch; ++b) {
    const real* m = means.data() + b * channels;
    for (int64_t i = 0; i < channels; ++i)
      for (int64_t j = 0; j < channels; ++j)
        moment.sum[static_cast<size_t>(i * channels + j)] += static_cast<double>(m[i]) * static_cast<double>(m[j]);
  }
  moment.count += batch;
}

Tensor OldBasis::basis(const std::string& layer) const {
  const auto found = moments_.find(layer);
  if (found == moments_.end()) return {};
  const int64_t c = found->second.channels;
  const kernel::Eigen eigen = kernel::eigen_symmetric(found->second.sum, c);
  int64_t rank = 0;
  while (rank < c && eigen.values[static_cast<size_t>(rank)] > 1e-12 * eigen.values[0]) ++rank;
  Tensor rows({rank, c});
  std::transform(eigen.vectors.begin(), eigen.vectors.begin() + rank * c, rows.data(),
                 [](double v) { return static_cast<real>(v); });
  return rows;
}

void OldBasis::save(SafetensorsWriter& writer, const std::string& prefix) const {
  for (const auto& [layer, moment] : moments_) {
    const int64_t count[] = {moment.count};
    writer.add(prefix + layer + ".count", std::span<const int64_t>(count));
    writer.add(prefix + layer + ".sum",
               StoredTensor{DType::f64, {moment.channels, moment.channels}, std::as_bytes(std::span(moment.sum))});
  }
}

void OldBasis::load(const TensorFile& file, const std::string& prefix) {
  moments_.clear();
  for (const std::string& name : file.names()) {
    if (!name.starts_with(prefix) || !name.ends_with(".sum")) continue;
    const std::string layer = name.substr(prefix.size(), name.size() - prefix.size() - 4);
    const StoredTensor& stored = file.at(name);
    const std::vector<int64_t> count = file.integers(prefix + layer + ".count");
    if (stored.dtype != DType::f64 || stored.shape.size() != 2 || stored.shape[0] != stored.shape[1])
      fail(file.path(), ": '", name, "' is not a square matrix of doubles");
    constexpr int64_t kMost = int64_t{1} << 53;
    if (count.size() != 1 || count[0] < 0 || count[0] > kMost)
      fail(file.path(), ": '", prefix + layer, ".count' is no count of images; the file is damaged");
    Moment moment{stored.shape[0], count[0],
                  std::vector<double>(static_cast<size_t>(stored.shape[0] * stored.shape[0]))};
    std::memcpy(moment.sum.data(), stored.bytes.data(), stored.bytes.size());
    moments_[layer] = std::move(moment);
  }
}

}  // namespace iuf
