#pragma once

#include "tensor/gemm/matrix_view.h"
#include "tensor/tensor.h"

namespace iuf::kernel {

/// The packed format of the right side B of a product, rows x cols: panels (in the sense of GotoBLAS and BLIS) of 16
/// columns, [cols / 16][rows][16], zeros behind the last column. So the micro-kernel reads B in the order of memory,
/// whole registers at a time. 16 floats are a cache line and one, two or four registers.
constexpr int64_t kPanelWidth = 16;
/// Columns rounded up to whole panels: also the channels of a map that the kernels write.
constexpr int64_t round_to_panel(int64_t cols) {
  return (cols + kPanelWidth - 1) / kPanelWidth * kPanelWidth;
}

/// Packs a matrix B of rows x cols with the leading dimension ldb.
void pack(const real* b, int64_t rows, int64_t cols, int64_t ldb, real* packed);
/// Packs the same B from its transpose, a matrix of cols x rows with the leading dimension ldb.
void pack_transposed(const real* b, int64_t rows, int64_t cols, int64_t ldb, real* packed);

/// A packed matrix in someone else's memory, and what is added to every row of a product with it: a value for each of
/// the padded columns, 64-byte aligned.
struct PackedView {
  const real *data, *bias;
  int64_t rows, cols;

  int64_t padded_cols() const { return round_to_panel(cols); }
};

/// A packed matrix and a bias. Packed once, where every product of its own would pack it again.
class PackedMatrix {
 public:
  /// The matrix is undefined until it is packed; the bias is 0.
  PackedMatrix(int64_t rows, int64_t cols);

  /// From a matrix of rows x cols with the leading dimension ldb; spread over the threads, as the next one.
  void pack(const real* b, int64_t ldb);
  /// From its transpose, cols x rows.
  void pack_transposed(const real* b, int64_t ldb);
  void scale(real factor);
  /// A value for each of the padded columns.
  real* bias() { return bias_.data(); }

  int64_t rows() const { return rows_; }
  int64_t cols() const { return cols_; }
  int64_t padded_cols() const { return bias_.size(); }
  PackedView view() const { return {data_.data(), bias_.data(), rows_, cols_}; }
  operator PackedView() const { return view(); }

 private:
  int64_t rows_, cols_;
  Tensor data_, bias_;
};

}  // namespace iuf::kernel
