#pragma once

#include <map>
#include <string>
#include <vector>

#include "nn/safetensors.h"
#include "tensor/tensor.h"

namespace iuf {

/// The old objects' channel space (Eq. 10) of every linear2 layer. The paper takes V_old from the SVD of M^, a matrix
/// with a row m for each old image: the mean of the layer's output over its positions. V_old are also the eigenvectors
/// of the second moment (M^)^T M^ = sum(m m^T). So C x C numbers a layer are kept instead of the images, and moments of
/// several steps add up.
class OldBasis {
 public:
  /// output: B x T x C of `layer`; adds B rows to M^. Another C than before is an Error.
  void add(const std::string& layer, const Tensor& output);

  /// V_old^T: its leading r <= C rows, the most important first; directions without data (eigenvalue below 1e-12 of the
  /// largest) are left out. Undefined for an unknown layer.
  Tensor basis(const std::string& layer) const;

  void save(SafetensorsWriter& writer, const std::string& prefix) const;
  void load(const TensorFile& file, const std::string& prefix);

 private:
  struct Moment {
    int64_t channels = 0, count = 0;  // C, rows of M^
    std::vector<double> sum;          // C x C
  };
  std::map<std::string, Moment> moments_;
};

}  // namespace iuf
