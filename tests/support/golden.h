#pragma once

#include <string>

#include "nn/tensor_file.h"

namespace iuf {

/// tests/golden/NAME; ".safetensors" is added when the name has no extension.
TensorFile golden(const std::string& name);

struct WorstElement {
  double error = 0;  // |got - expected|; infinite where only one is finite, 0 where both are the same or NaN
  double scale = 0;  // max |expected|, at least 1e-30
  int64_t index = 0;
};
/// Of two tensors of the same size.
WorstElement worst_element(const Tensor& got, const Tensor& expected);

/// Equal shapes, and every |got - expected| <= tolerance * max |expected| + floor; a NaN on one side only
/// fails. A failure names `what`, the worst element's index and both values.
void check_close(const std::string& what, const Tensor& got, const Tensor& expected, double tolerance,
                 double floor = 0);

}  // namespace iuf
