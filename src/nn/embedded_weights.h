#pragma once

#include <cstddef>
#include <span>

namespace iuf {

/// The default backbone's weights (EfficientNet-Lite0 up to block 14, a safetensors file) inside the program.
std::span<const std::byte> embedded_lite0();

}  // namespace iuf
