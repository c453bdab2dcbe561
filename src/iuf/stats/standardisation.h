#pragma once

#include <functional>
#include <string>
#include <vector>

#include "iuf/features/training_image.h"
#include "nn/safetensors.h"
#include "tensor/tensor.h"

namespace iuf {

/// Brings every channel to mean 0 and deviation 1 by the statistics of one step's images, usually the base step's.
struct Standardisation {
  Tensor mean, scale;  // C each

  /// (tokens - mean) * scale
  Tensor operator()(const Tensor& tokens) const;

  /// Of what `features` loads of each image: T x C.
  static Standardisation fit(const std::vector<TrainingImage>& images,
                             const std::function<Tensor(const TrainingImage&)>& features);
  void save(SafetensorsWriter& writer, const std::string& prefix) const;
  static Standardisation load(const TensorFile& file, const std::string& prefix);
};

}  // namespace iuf
