#include "tensor/conv/geometry.h"

#include "tensor/error.h"

namespace iuf::kernel {

Geometry geometry(const char* who, const Shape& x, int64_t kernel_height, int64_t kernel_width, const ConvOptions& o) {
  if (x.rank() != 4) fail(who, ": needs maps of shape [B, H, W, C], not ", x);
  const int64_t spare_rows = x[1] + o.rows.before + o.rows.after - kernel_height;
  const int64_t spare_columns = x[2] + o.columns.before + o.columns.after - kernel_width;
  if (o.stride < 1) fail(who, ": stride ", o.stride, "; it must be at least 1");
  if (std::min({o.rows.before, o.rows.after, o.columns.before, o.columns.after}) < 0)
    fail(who, ": a padding of ", o.rows.before, " + ", o.rows.after, " rows and ", o.columns.before, " + ",
         o.columns.after, " columns; it must not be negative");
  if (std::min(kernel_height, kernel_width) < 1)
    fail(who, ": a kernel of ", kernel_height, " x ", kernel_width, " has no pixels");
  if (std::min(spare_rows, spare_columns) < 0)
    fail(who, ": a kernel of ", kernel_height, " x ", kernel_width, " is larger than maps of ", x, " with ",
         o.rows.before, " + ", o.rows.after, " rows and ", o.columns.before, " + ", o.columns.after,
         " columns around them");
  return {x[0],
          x[1],
          x[2],
          x[3],
          kernel_height,
          kernel_width,
          o.stride,
          o.rows.before,
          o.columns.before,
          spare_rows / o.stride + 1,
          spare_columns / o.stride + 1};
}

void need_gradient(const char* who, const Shape& dy, const Geometry& g, int64_t outputs) {
  if (!(dy == Shape{g.batch, g.out_height, g.out_width, outputs}))
    fail(who, ": gradient ", dy, " for an output of [", g.batch, ", ", g.out_height, ", ", g.out_width, ", ", outputs,
         "]");
}

void need_bias(const char* who, const Tensor& bias, int64_t outputs) {
  if (bias.defined() && !(bias.shape() == Shape{outputs}))
    fail(who, ": bias ", bias.shape(), " for ", outputs, " outputs");
}

}  // namespace iuf::kernel
