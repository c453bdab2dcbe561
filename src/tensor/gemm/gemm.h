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

/// Two matrices of rows x cols that are needed next: the product fetches them while it computes, as far as it is long
/// enough.
struct Prefetch {
  const real* data[2];
  int64_t rows, cols[2], row_stride[2];
};

struct GemmOptions {
  Activation activation = Activation::none;
  Accumulate accumulate = Accumulate::no;
  const Prefetch* prefetch = nullptr;  // none
};

/// C = f(A B + bias), or f(C + A B + bias). Rows of C are ldc apart, have room for the padded columns of B, and all of
/// these are written. Throws Error when A has other columns than B has rows.
void gemm_padded(const MatrixView& a, const PackedView& b, real* c, int64_t ldc, const GemmOptions& options = {});
/// The same where C has the columns of B and no more.
void gemm_packed(const MatrixView& a, const PackedView& b, real* c, int64_t ldc, Activation f = Activation::none);

/// A block of rows of C in an indirect gemm (Dukhan, "The Indirect Convolution Algorithm", 2019): a row of A is made of
/// segments, and where the first row's segments begin is told by pointers. So a convolution is a gemm without a copy of
/// its patches, and padding is a matter of where a pointer goes.
struct GemmBlock {
  const real* const* inputs;       // one pointer for each segment
  real* output;                    // room for the padded columns of B in every row
  const real* residual = nullptr;  // added to the sums before the activation; laid out as the output
};
/// What the blocks of a call share: rows in each, and from one row of A, one row of C, one element of a segment to the
/// next so many elements in memory.
struct BlockShape {
  int64_t rows, row_stride, ldc, col_stride = 1;
};
/// C = f(residual + A B + bias) for every block; a segment holds B's rows / segments elements.
void gemm_indirect(std::span<const GemmBlock> blocks, const BlockShape& shape, int64_t segments, const PackedView& b,
                   Activation f, CpuLevel level = cpu_level());

/// The slow twin of gemm_padded, element by element in double; B is not packed. bias: a value for each column, or null.
/// Only the columns of B are written.
void gemm_naive(const MatrixView& a, const MatrixView& b, const real* bias, real* c, int64_t ldc,
                const GemmOptions& options = {});

}  // namespace iuf::kernel
