#include "tensor/gemm/gemm.h"

#include <algorithm>

#include "tensor/error.h"
#include "tensor/gemm/epilogue.h"
#include "tensor/simd.h"

namespace iuf::kernel {
namespace {

struct GemmJob {
  const GemmBlock* blocks;
  int64_t block_count;
  const real *packed, *bias;
  int64_t segments, depth;       // of a row of A: how many, and the elements of each
  int64_t panels, panel_stride;  // of B
  BlockShape shape;
  Epilogue epilogue;
  const Prefetch* prefetch = nullptr;
  // Set by plan_prefetch(). The strides of prefetching are those of the next tile's rows of A (the first one alone), or
  // of the two matrices of `prefetch`. Its rows are shared out over the tiles, in fixed point with 32 bits of fraction.
  int64_t fetch_stride[2] = {}, fetch_rows_per_tile = 0, tiles_per_panel = 0;
};

#define IUF_KERNEL "tensor/gemm/micro_kernel.h"
#include "tensor/gemm/for_each_cpu_level.h"

void run(std::span<const GemmBlock> blocks, const BlockShape& shape, int64_t segments, const PackedView& b,
         Activation f, const Prefetch* prefetch, CpuLevel level) {
  GemmJob job{.blocks = blocks.data(),
              .block_count = static_cast<int64_t>(blocks.size()),
              .packed = b.data,
              .bias = b.bias,
              .segments = segments,
              .depth = b.rows / segments,
              .panels = b.padded_cols() / kPanelWidth,
              .panel_stride = b.rows * kPanelWidth,
              .shape = shape,
              .epilogue = Epilogue(f),
              .prefetch = prefetch};
  IUF_ON_CPU_LEVEL(level, multiply(job))
}

}  // namespace

void gemm_indirect(std::span<const GemmBlock> blocks, const BlockShape& shape, int64_t segments, const PackedView& b,
                   Activation f, CpuLevel level) {
  run(blocks, shape, segments, b, f, nullptr, level);
}

void gemm_padded(const MatrixView& a, const PackedView& b, real* c, int64_t ldc, const GemmOptions& options) {
  if (a.cols != b.rows) fail("gemm: A has ", a.cols, " columns, B ", b.rows, " rows; they must be equal");
  const GemmBlock block{
      .inputs = &a.data, .output = c, .residual = options.accumulate == Accumulate::yes ? c : nullptr};
  run({&block, 1}, {a.rows, a.row_stride, ldc, a.col_stride}, 1, b, options.activation, options.prefetch, cpu_level());
}

void gemm_packed(const MatrixView& a, const PackedView& b, real* c, int64_t ldc, Activation f) {
  const int64_t padded = b.padded_cols();
  if (padded == b.cols) return gemm_padded(a, b, c, ldc, {.activation = f});
  Tensor whole({a.rows, padded});
  gemm_padded(a, b, whole.data(), padded, {.activation = f});
  for (int64_t r = 0; r < a.rows; ++r) std::copy_n(whole.data() + r * padded, b.cols, c + r * ldc);
}

}  // namespace iuf::kernel
