#pragma once

#include "tensor/conv.h"
#include "tensor/tensor.h"

namespace iuf {

/// Matrices in the order in which conv_rows reads a multiplier: panels of 16 columns, [columns / 16][rows][16], zeros
/// behind the last column. `step` is the distance in elements from one row of the matrix in memory to the next.
void copy_panels(const real* matrix, int64_t rows, int64_t columns, int64_t step, real* panels);
/// The same of the transpose of a matrix in memory of rows x columns: [rows / 16][columns][16].
void turn_panels(const real* matrix, int64_t rows, int64_t columns, int64_t step, real* panels);

/// The left side of a product: `rows` rows of some width, from one element of a row to the next and from one row to the
/// next so many elements in memory.
struct LeftSide {
  const real* data;
  int64_t rows, row_step, element_step = 1;
};
/// The transpose of a matrix in memory with `columns` columns, its rows `step` apart.
inline LeftSide transposed(const real* matrix, int64_t columns, int64_t step) {
  return {matrix, columns, 1, step};
}

/// Two matrices that are needed next: rows of so many elements and so far apart. A product fetches them while it
/// computes, as far as it is long enough.
struct NextRows {
  const real* data[2];
  int64_t rows, width[2], row_step[2];
};

/// out = x M: x by the matrix of inputs x outputs in `panels`. Rows of `out` are out_step apart and have room for the
/// outputs rounded up to groups. bias: as many values, 64-byte aligned. With `add` the product is added to what `out`
/// holds. A row does not depend on those beside it, bit for bit.
void multiply_panels(const real* panels, int64_t inputs, int64_t outputs, const real* bias, const LeftSide& x,
                     real* out, int64_t out_step, Activation activation = Activation::none, bool add = false,
                     const NextRows* next = nullptr);

/// The right side of a product: a matrix of inputs x outputs in panels, and a bias. Copied once, where every product of
/// its own would pack it again.
class RightSide {
 public:
  /// Room for both; the bias is 0.
  RightSide(int64_t inputs, int64_t outputs);

  /// The matrix is one in memory of inputs x outputs, rows `step` apart.
  void copy(const real* matrix, int64_t step);
  /// It is the transpose of one of outputs x inputs.
  void turn(const real* matrix, int64_t step);
  void scale(real factor);
  /// For every output, and for the places behind the last one that are stored with it in whole groups.
  real* bias() { return bias_.data(); }

  int64_t inputs() const { return inputs_; }
  int64_t outputs() const { return outputs_; }
  /// The outputs rounded up to whole groups.
  int64_t width() const { return bias_.size(); }

  /// out = f(x M + bias), rows out_step apart. A row does not depend on those beside it, bit for bit.
  void multiply(const LeftSide& x, real* out, int64_t out_step, Activation activation = Activation::none) const;
  /// The same where rows of `out` have room for width() values, which are written.
  void multiply_groups(const LeftSide& x, real* out, int64_t out_step, Activation activation = Activation::none) const {
    multiply_panels(panels_.data(), inputs_, outputs_, bias_.data(), x, out, out_step, activation);
  }

 private:
  int64_t inputs_, outputs_;
  Tensor panels_, bias_;
};

}  // namespace iuf
