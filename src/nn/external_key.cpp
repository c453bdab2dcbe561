#include "nn/external_key.h"

#include <cmath>

namespace iuf {

ExternalKey::ExternalKey(int64_t tokens, int64_t channels)
    : key(Tensor::zeros({tokens, channels}), RequiresGrad::yes),
      bias(Tensor::zeros({tokens, tokens}), RequiresGrad::yes) {}

Var ExternalKey::attend(const MultiheadAttention& attention, const Var& q, const Var& k, const Var& v,
                        const Tensor& mask, Run& run) const {
  const int64_t batch = q.dim(0), tokens = q.dim(1), channels = q.dim(2), heads = attention.heads,
                depth = channels / heads;
  const auto by_head = [&](const Var& x) { return reshape(x, {batch, tokens, heads, depth}); };
  const auto rows = [&](const Var& x) {
    return reshape(permute(by_head(x), {0, 2, 1, 3}), {batch * heads, tokens, depth});
  };
  const Var keys = by_head(add(attention.project(k, 1), key));
  const Var columns = reshape(permute(keys, {0, 2, 3, 1}), {batch * heads, depth, tokens});
  const Var scores = scale(matmul(rows(attention.project(q, 0)), columns), 1 / std::sqrt(static_cast<real>(depth)));
  const Var weights =
      dropout(softmax(add(scores, mask.defined() ? add(bias, Var(mask)) : bias)), attention.dropout, run);
  const Var y = reshape(matmul(weights, rows(attention.project(v, 2))), {batch, heads, tokens, depth});
  return attention.out_proj(reshape(permute(y, {0, 2, 1, 3}), {batch, tokens, channels}));
}

void ExternalKey::visit(const Visit& v) {
  v("external_key", key, Role::parameter);
  v("external_bias", bias, Role::parameter);
}

}  // namespace iuf
