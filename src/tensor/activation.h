#pragma once

namespace iuf {

enum class Activation { none, relu, relu6, silu, gelu, sigmoid };

}  // namespace iuf
