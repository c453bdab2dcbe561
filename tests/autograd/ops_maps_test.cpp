#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "autograd/ops.h"
#include "iuf/selfcheck/comparison.h"
#include "support/golden.h"

using namespace iuf;

namespace {

Var leaf(const std::string& name, const Shape& shape) {
  Tensor x = generated_values(name, shape);
  for (real& v : x.span()) v = 2 * v - 1;
  return Var(x, RequiresGrad::yes);
}

enum class Bias { none, present };

// Output and gradients against PyTorch's; sums of `length` products in float.
void check_against(const TensorFile& file, const std::string& name, const Var& y, double length,
                   std::initializer_list<std::pair<const char*, Var>> inputs) {
  INFO(name);
  const double close = rounding(1, length);
  check_close(name + ".y", y.value().rank() ? y.value() : y.value().reshape({1}), file.tensor(name + ".y"), close);
  Tensor weight = y.value().rank() ? generated_values(name + ".weight", y.shape()) : Tensor::full({}, real(1.5));
  for (real& v : weight.span()) v -= real(0.5);
  backward(sum(mul(y, Var(weight))));
  for (const auto& [key, input] : inputs)
    check_close(name + ".d" + key, input.grad(), file.tensor(name + ".d" + key), close);
}

}  // namespace

TEST_CASE("convolutions and their gradients are PyTorch's", "[autograd][conv]") {
  const TensorFile file = golden("parts/training_ops");
  const auto dense = [&](const std::string& name, const Shape& shape, const Shape& weight, Bias bias,
                         const kernel::ConvOptions& options) {
    const Var x = leaf(name + ".x", shape), w = leaf(name + ".w", weight),
              b = bias == Bias::present ? leaf(name + ".b", {weight[0]}) : Var();
    const Var y = conv2d(x, w, b, options);
    const auto length = static_cast<double>(std::max(weight.size(1, 4), y.value().size() / weight[0]));
    if (b.defined()) return check_against(file, name, y, length, {{"x", x}, {"w", w}, {"b", b}});
    check_against(file, name, y, length, {{"x", x}, {"w", w}});
  };
  const auto depthwise = [&](const std::string& name, const Shape& shape, const Shape& weight, Bias bias,
                             const kernel::ConvOptions& options) {
    const Var x = leaf(name + ".x", shape), w = leaf(name + ".w", weight),
              b = bias == Bias::present ? leaf(name + ".b", {weight[0]}) : Var();
    const Var y = depthwise_conv2d(x, w, b, options);
    const auto length = static_cast<double>(y.value().size() / weight[0]);
    if (b.defined()) return check_against(file, name, y, length, {{"x", x}, {"w", w}, {"b", b}});
    check_against(file, name, y, length, {{"x", x}, {"w", w}});
  };
  dense("conv.same", {2, 9, 12, 5}, {7, 5, 3, 3}, Bias::present, kernel::ConvOptions::centred(3));
  dense("conv.asymmetric", {2, 10, 9, 3}, {8, 3, 3, 3}, Bias::none, {.stride = 2, .rows = {0, 1}, .columns = {0, 1}});
  dense("conv.five", {1, 11, 13, 4}, {6, 4, 5, 5}, Bias::present, {.stride = 3, .rows = {1, 2}, .columns = {2, 2}});
  dense("conv.pointwise", {3, 5, 7, 20}, {9, 20, 1, 1}, Bias::present, {});
  depthwise("depthwise.same", {2, 8, 9, 17}, {17, 1, 3, 3}, Bias::present, kernel::ConvOptions::centred(3));
  depthwise("depthwise.asymmetric", {2, 9, 10, 6}, {6, 1, 5, 5}, Bias::none,
            {.stride = 2, .rows = {1, 2}, .columns = {1, 2}});
  depthwise("depthwise.window", {2, 14, 15, 3}, {3, 1, 11, 1}, Bias::none, {.rows = {5, 5}});
}

TEST_CASE("pooling and upsampling and their gradients are PyTorch's", "[autograd][conv]") {
  const TensorFile file = golden("parts/training_ops");
  const Var pooled = leaf("max_pool.x", {2, 9, 8, 5});
  check_against(file, "max_pool", max_pool(pooled, 3, kernel::ConvOptions::centred(3, 2)), 1, {{"x", pooled}});
  const Var small = leaf("upsample.x", {2, 5, 6, 4});
  check_against(file, "upsample", upsample(small, 10, 13), 16, {{"x", small}});
}

TEST_CASE("structural similarity and focal loss and their gradients are PyTorch's", "[autograd][loss]") {
  const TensorFile file = golden("parts/training_ops");
  const Var x(generated_values("ssim.x", {2, 16, 14, 3}), RequiresGrad::yes),
      y(generated_values("ssim.y", {2, 16, 14, 3}), RequiresGrad::yes);
  // Variances are differences of means of squares: what rounds off the means, 2^-24, is divided by about 1/20.
  check_against(file, "ssim", ssim(x, y), 400, {{"x", x}, {"y", y}});
  Tensor values = generated_values("focal.x", {40, 3});
  for (real& v : values.span()) v = 8 * v - 4;
  std::vector<int64_t> labels;
  for (int64_t i = 0; i < 40; ++i) labels.push_back(i * 7 % 3);
  const Var logits(values, RequiresGrad::yes);
  check_against(file, "focal", focal_loss(logits, labels, 2), 16, {{"x", logits}});
}

TEST_CASE("an image is most similar to itself", "[autograd][loss]") {
  const Var x(generated_values("ssim.x", {1, 20, 20, 3}), RequiresGrad::yes),
      y(generated_values("ssim.y", {1, 20, 20, 3}));
  const Var own = ssim(x, x.detach());
  CHECK(own.value().item() == Approx(1).epsilon(1e-5));
  CHECK(ssim(x, y).value().item() < 0.5);
  backward(own);
  for (const real v : x.grad().span()) REQUIRE(std::abs(v) < 1e-4);  // a maximum
}

TEST_CASE("shapes that do not fit are named", "[autograd][conv]") {
  const Var x(Tensor::zeros({1, 4, 4, 3}));
  CHECK_THROWS_WITH(conv2d(x, Var(Tensor::zeros({2, 4, 3, 3})), Var()),
                    Catch::Contains("[2, 4, 3, 3]") && Catch::Contains("[1, 4, 4, 3]"));
  CHECK_THROWS_WITH(conv2d(x, Var(Tensor::zeros({2, 3, 5, 5})), Var()), Catch::Contains("5 x 5 is larger than maps"));
  CHECK_THROWS_WITH(conv2d(x, Var(Tensor::zeros({2, 3, 1, 1})), Var(), {.rows = {-1, 0}}),
                    Catch::Contains("-1 + 0 rows") && Catch::Contains("must not be negative"));
  CHECK_THROWS_WITH(depthwise_conv2d(x, Var(Tensor::zeros({2, 1, 3, 3})), Var()), Catch::Contains("[2, 1, 3, 3]"));
  CHECK_THROWS_WITH(conv2d(x, Var(Tensor::zeros({2, 3, 3, 3})), Var(Tensor::zeros({3}))), Catch::Contains("bias [3]"));
  CHECK_THROWS_WITH(max_pool(x, 2, {.stride = 0}), Catch::Contains("stride 0"));
  CHECK_THROWS_WITH(ssim(x, Var(Tensor::zeros({1, 4, 4, 1}))), Catch::Contains("[1, 4, 4, 1]"));
  CHECK_THROWS_WITH(focal_loss(Var(Tensor::zeros({2, 3})), {0, 3}, 2), Catch::Contains("label 3"));
  CHECK_THROWS_WITH(cross_entropy(Var(Tensor::zeros({3})), {0}), Catch::Contains("logits [3] need two axes"));
  CHECK_THROWS_WITH(cross_entropy(Var(Tensor::zeros({2, 3})), {0}), Catch::Contains("1 labels for logits [2, 3]"));
}
