#pragma once

#include <map>
#include <string>
#include <vector>

#include "nn/safetensors.h"
#include "tensor/tensor.h"

namespace iuf {

/// The old objects' channel space of every linear2 layer, as the accumulated second moment sum(m m^T) of the token
/// means m of its outputs (one m per training image): C x C numbers a layer replace the images. Moments of several
/// steps add up.
class OldBasis {
 public:
  /// output: B x T x C of `layer`; adds B rows.
  void add(const std::string& layer, const Tensor& output);
  void add(const OldBasis& other);
  int64_t images() const;

  /// V_old^T: the leading r <= C eigenvectors of the moment as rows, the most important first; directions without data
  /// (eigenvalue below 1e-12 of the largest) are left out. Undefined for an unknown layer.
  Tensor basis(const std::string& layer) const;

  void save(SafetensorsWriter& writer, const std::string& prefix) const;
  void load(const TensorFile& file, const std::string& prefix);

 private:
  struct Moment {
    int64_t channels = 0, count = 0;
    std::vector<double> sum;  // C x C
  };
  std::map<std::string, Moment> moments_;
};

}  // namespace iuf
