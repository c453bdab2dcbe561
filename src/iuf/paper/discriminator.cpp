#include "iuf/paper/discriminator.h"

#include <algorithm>

#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/permute.h"

namespace iuf {
namespace {

constexpr int64_t kBandPositions = 448;  // of a band of image rows: its tensors share the second-level cache

}  // namespace

RowAttention::RowAttention(int64_t channels, int64_t heads_, Random& random)
    : query(channels, channels, random),
      key(channels, channels, random),
      value(channels, channels, random),
      out(channels, channels, random),
      heads(heads_) {}

Var RowAttention::operator()(const Var& x) const {
  const Shape shape = x.shape();
  const Shape rows = {shape.dim(0) * shape.dim(1), shape.dim(2), shape.dim(3)};  // every image row is a sequence
  const auto as_rows = [&](const Linear& layer) { return reshape(layer(x), rows); };
  return out(reshape(attention(as_rows(query), as_rows(key), as_rows(value), {.heads = heads}), shape));
}

void RowAttention::visit(const Visit& v) {
  query.visit(under("query", v));
  key.visit(under("key", v));
  value.visit(under("value", v));
  out.visit(under("out", v));
}

VitBlock::VitBlock(int64_t channels, int64_t heads, int64_t mlp, Random& random)
    : norm1(channels),
      norm2(channels),
      self_attention(channels, heads, random),
      mlp0(channels, mlp, random),
      mlp2(mlp, channels, random) {}

Var VitBlock::operator()(const Var& x) const {
  const Var y = x + self_attention(norm1(x));
  return y + mlp2(activate(Activation::gelu, mlp0(norm2(y))));
}

void VitBlock::visit(const Visit& v) {
  norm1.visit(under("norm1", v));
  self_attention.visit(under("self_attention", v));
  norm2.visit(under("norm2", v));
  mlp0.visit(under("mlp.mlp.0", v));
  mlp2.visit(under("mlp.mlp.2", v));
}

Discriminator::Discriminator(int64_t classes, int64_t channels, int64_t patch_, Random& random)
    : patch(patch_),
      conv1(xavier_uniform({channels, 3, patch_, patch_}, 3 * patch_ * patch_, channels * patch_ * patch_, random)),
      bn1(channels) {
  for (int i = 0; i < 4; ++i) vit_blocks.emplace_back(channels, 4, 128, random);
  fc0 = Linear(channels, channels, random);
  fc2 = Linear(channels, classes, random);
}

Var Discriminator::stem(const Var& patches, const Run& run) {
  const Var weight = reshape(conv1, {conv1.dim(0), 3 * patch * patch});
  return activate(Activation::relu, bn1(linear(patches, weight, Var()), run));
}

Discriminator::Output Discriminator::operator()(const Tensor& image, const Run& run) {
  if (image.rank() != 4 || image.dim(3) != 3) fail("discriminator: needs B x H x W x 3, not ", image.shape());
  const Tensor patches = kernel::patches(image, patch);
  Output out;
  Var x;
  if (run.training || needs_gradient(*this)) {
    x = stem(Var(patches), run);
    for (const VitBlock& block : vit_blocks) {
      x = block(x);
      out.maps.push_back(x.detach());
    }
  } else {
    out.maps = evaluate(patches, run);
    x = out.maps.back();
  }
  const Var pooled = mean_axis(reshape(x, {x.dim(0), x.dim(1) * x.dim(2), x.dim(3)}), 1);
  out.logits = fc2(fc0(pooled, Activation::relu));
  return out;
}

// No image row knows of another one: a few at a time pass through everything while they are in cache.
std::vector<Var> Discriminator::evaluate(const Tensor& patches, const Run& run) {
  const int64_t rows = patches.dim(0) * patches.dim(1), width = patches.dim(2), channels = conv1.dim(0);
  const Tensor all = patches.reshape({rows, 1, width, patches.dim(3)});
  std::vector<Tensor> maps;
  for (size_t i = 0; i < vit_blocks.size(); ++i) maps.emplace_back(Shape{rows, 1, width, channels});
  const int64_t threads = in_parallel() ? 1 : thread_count();
  const int64_t band =
      std::clamp<int64_t>(kBandPositions / width, 1, std::max<int64_t>(1, (rows + threads - 1) / threads));
  parallel_for(rows, band, [&](int64_t begin, int64_t end) {
    Var x = stem(Var(all.rows(begin, end - begin)), run);
    for (size_t i = 0; i < vit_blocks.size(); ++i) {
      x = vit_blocks[i](x);
      std::copy_n(x.value().data(), x.value().size(), maps[i].rows(begin, end - begin).data());
    }
  });
  std::vector<Var> out;
  for (const Tensor& map : maps) out.emplace_back(map.reshape({patches.dim(0), patches.dim(1), width, channels}));
  return out;
}

void Discriminator::extend_classes(int64_t classes, Random& random) {
  const Linear old = fc2;
  const int64_t channels = old.weight.dim(1);
  if (classes < old.weight.dim(0))
    fail("discriminator: cannot shrink from ", old.weight.dim(0), " to ", classes, " objects");
  fc2 = Linear(channels, classes, random);
  std::copy_n(old.weight.value().data(), old.weight.value().size(), fc2.weight.mutable_value().data());
  std::copy_n(old.bias.value().data(), old.bias.value().size(), fc2.bias.mutable_value().data());
}

void Discriminator::remove_class(int64_t object) {
  const int64_t classes = fc2.weight.dim(0), channels = fc2.weight.dim(1);
  if (object < 0 || object >= classes || classes < 2)
    fail("discriminator: cannot remove object ", object, " of ", classes);
  const auto without_row = [&](Var& rows, const Shape& shape, int64_t width) {
    Tensor fewer(shape);
    const real* from = rows.value().data();
    std::copy_n(from, object * width, fewer.data());
    std::copy_n(from + (object + 1) * width, (classes - object - 1) * width, fewer.data() + object * width);
    const bool trained = rows.requires_grad();
    rows = Var(fewer);
    rows.set_requires_grad(trained);
  };
  without_row(fc2.weight, {classes - 1, channels}, channels);
  without_row(fc2.bias, {classes - 1}, 1);
}

void Discriminator::visit(const Visit& v) {
  v("conv1.weight", conv1, Role::parameter);
  bn1.visit(under("bn1", v));
  for (size_t i = 0; i < vit_blocks.size(); ++i) vit_blocks[i].visit(under("vit_blocks." + std::to_string(i), v));
  fc0.visit(under("fc.0", v));
  fc2.visit(under("fc.2", v));
}

}  // namespace iuf
