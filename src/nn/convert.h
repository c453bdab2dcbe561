#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "nn/pth.h"

namespace iuf {

/// What convert_weights() wrote.
struct ConvertReport {
  size_t tensors = 0;
  uint64_t bytes = 0;  // of tensor data
  size_t widened = 0;  // half precision and bfloat16 tensors written as float32
};

/// Writes the tensors and their metadata as safetensors, sorted by name, with float16 and bfloat16 widened to float32.
ConvertReport convert_weights(const WeightsFile& weights, const std::filesystem::path& out);

}  // namespace iuf
