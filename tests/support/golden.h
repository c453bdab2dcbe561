#pragma once

#include <string>

#include "nn/tensor_file.h"

namespace iuf {

/// tests/golden/NAME; ".safetensors" is added when the name has no extension.
TensorFile golden(const std::string& name);

/// Equal shapes and values.
bool equal(const Tensor& a, const Tensor& b);

/// Equal shapes, and every |got - expected| <= tolerance * max |expected| + floor; a NaN on one side only
/// fails. A failure names `what`, the worst element's index and both values.
void check_close(const std::string& what, const Tensor& got, const Tensor& expected, double tolerance,
                 double floor = 0);

}  // namespace iuf
