#include "iuf/paper/object_aware_attention.h"

namespace iuf {

EncoderLayer::EncoderLayer(int64_t channels, int64_t heads, int64_t feed_forward, real dropout, Random& random)
    : self_attn(channels, heads, dropout, random),
      linear1(channels, feed_forward, random),
      linear2(feed_forward, channels, random),
      norm1(channels),
      norm2(channels),
      rate(dropout) {}

Var EncoderLayer::operator()(const Var& src, const Var& pos, const Var& condition, const Tensor& mask,
                             const std::string& name, Run& run) const {
  const Var k = src + pos;
  const Var q = condition.defined() ? condition * k : k;
  const Var seen = external ? external->attend(self_attn, q, k, src, mask, run) : self_attn(q, k, src, mask, run);
  const Var attended = norm1(src, seen, draw_dropout(rate, run));
  const Var ff =
      feed_forward(attended, linear1.weight, linear1.bias, linear2.weight, linear2.bias, draw_dropout(rate, run));
  if (run.tap) run.tap(name + ".linear2", ff.value());
  return norm2(attended, ff, draw_dropout(rate, run));
}

void EncoderLayer::visit(const Visit& v) {
  self_attn.visit(under("self_attn", v));
  if (external) external->visit(under("self_attn", v));
  linear1.visit(under("linear1", v));
  linear2.visit(under("linear2", v));
  norm1.visit(under("norm1", v));
  norm2.visit(under("norm2", v));
}

}  // namespace iuf
