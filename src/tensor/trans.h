#pragma once

namespace iuf {

/// op(A) of a product: A or its transpose.
enum class Trans { no, yes };

}  // namespace iuf
