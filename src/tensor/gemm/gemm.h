#pragma once

#include <span>

#include "tensor/activation.h"
#include "tensor/gemm/cpu_level.h"
#include "tensor/gemm/matrix_view.h"
#include "tensor/gemm/packed_matrix.h"

namespace iuf::kernel {

/// Products whose right side is packed (packed_matrix.h), on one thread: a caller cuts A into blocks of rows and shares
/// them out. An element of C is summed in one order, from the bias on, whatever rows are computed with it: a row does
/// not depend on those beside it, bit for bit.

/// C is overwritten, or the product is added to it.
enum class Accumulate { no, yes };

/// Two matrices of equally many rows that the caller needs after a product, which prefetches them while it computes.
/// A short product prefetches only their first rows.
struct Prefetch {
  const real* data[2];
  int64_t rows, cols[2], row_stride[2];
};

struct GemmOptions {
  Activation activation = Activation::none;
  Accumulate accumulate = Accumulate::no;
  const Prefetch* prefetch = nullptr;  // none
};

/// C = f(A B + bias), or f(C + A B + bias). ldc is C's leading dimension, at least the padded columns of B, all of
/// which are written. Throws Error when A has other columns than B has rows.
void gemm_padded(const MatrixView& a, const PackedView& b, real* c, int64_t ldc, const GemmOptions& options = {});
/// The same, where only the columns of B are written and ldc may be as small as their number.
void gemm_packed(const MatrixView& a, const PackedView& b, real* c, int64_t ldc, Activation f = Activation::none);

/// A block of rows of C in an indirect gemm (Dukhan, "The Indirect Convolution Algorithm", 2019): a row of A is made of
/// segments, and where the first row's segments begin is told by pointers. So a convolution is a gemm without a copy of
/// its patches, and padding is a matter of where a pointer goes.
struct GemmBlock {
  const real* const* inputs;       // one pointer for each segment
  real* output;                    // of every row the padded columns of B are written
  const real* residual = nullptr;  // added to the sums before the activation; laid out as the output
};
/// What the blocks of a call share.
struct BlockShape {
  int64_t rows;            // of a block
  int64_t row_stride;      // of A
  int64_t ldc;             // the leading dimension of C
  int64_t col_stride = 1;  // of A, inside a segment
};
/// C = f(residual + A B + bias) for every block; a segment holds B's rows / segments elements.
void gemm_indirect(std::span<const GemmBlock> blocks, const BlockShape& shape, int64_t segments, const PackedView& b,
                   Activation f, CpuLevel level = cpu_level());

/// The slow twin of gemm_padded, element by element in double; B is not packed. bias: a value for each column, or null.
/// Only the columns of B are written.
void gemm_naive(const MatrixView& a, const MatrixView& b, const real* bias, real* c, int64_t ldc,
                const GemmOptions& options = {});

}  // namespace iuf::kernel
