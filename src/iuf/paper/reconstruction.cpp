#include "iuf/paper/reconstruction.h"

#include <cmath>
#include <limits>

#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/resize.h"

namespace iuf {

DecoderLayer::DecoderLayer(int64_t tokens, int64_t channels, int64_t heads, int64_t feed_forward, real dropout,
                           Random& random)
    : self_attn(channels, heads, dropout, random),
      multihead_attn(channels, heads, dropout, random),
      linear1(channels, feed_forward, random),
      linear2(feed_forward, channels, random),
      norm1(channels),
      norm2(channels),
      norm3(channels),
      rate(dropout) {
  Tensor embed({tokens, channels});
  fill_normal(embed, 0, 1, random.stream());
  learned_embed = Var(embed, RequiresGrad::yes);
}

Var DecoderLayer::operator()(const Var& previous, const Var& memory, const Var& memory_key, const Var& pos,
                             const Tensor& mask1, const Tensor& mask2, const std::string& name, Run& run) const {
  // All images ask with the same learned queries: a batch of one until the first residual.
  const Var query = reshape(learned_embed, {1, learned_embed.dim(0), learned_embed.dim(1)});
  const Var first = self_attn(query + pos, memory_key, memory, mask1, run);
  const Var asked = norm1(query, first, draw_dropout(rate, run));
  const Var second = multihead_attn(asked + pos, previous + pos, previous, mask2, run);
  const Var attended = norm2(asked, second, draw_dropout(rate, run));
  const Var ff =
      feed_forward(attended, linear1.weight, linear1.bias, linear2.weight, linear2.bias, draw_dropout(rate, run));
  if (run.tap) run.tap(name + ".linear2", ff.value());
  return norm3(attended, ff, draw_dropout(rate, run));
}

void DecoderLayer::visit(const Visit& v) {
  v("learned_embed.weight", learned_embed, Role::parameter);
  self_attn.visit(under("self_attn", v));
  multihead_attn.visit(under("multihead_attn", v));
  linear1.visit(under("linear1", v));
  linear2.visit(under("linear2", v));
  norm1.visit(under("norm1", v));
  norm2.visit(under("norm2", v));
  norm3.visit(under("norm3", v));
}

Tensor neighbour_mask(int64_t height, int64_t width, int64_t neighbour_height, int64_t neighbour_width) {
  Tensor mask = Tensor::zeros({height * width, height * width});
  for (int64_t i = 0; i < height; ++i)
    for (int64_t j = 0; j < width; ++j)
      for (int64_t y = std::max<int64_t>(0, i - neighbour_height / 2);
           y <= std::min(height - 1, i + neighbour_height / 2); ++y)
        for (int64_t x = std::max<int64_t>(0, j - neighbour_width / 2);
             x <= std::min(width - 1, j + neighbour_width / 2); ++x)
          mask.data()[(i * width + j) * height * width + y * width + x] = -std::numeric_limits<real>::infinity();
  return mask;
}

Reconstruction::Reconstruction(const ReconstructionOptions& o, Random& random)
    : options(o),
      decoder_norm(o.hidden),
      input_proj(o.inplanes, o.hidden, random),
      output_proj(o.hidden, o.inplanes, random) {
  const int64_t tokens = o.height * o.width;
  Tensor rows({o.height, o.hidden / 2}), columns({o.width, o.hidden / 2});
  fill_uniform(rows, 0, 1, random.stream());
  fill_uniform(columns, 0, 1, random.stream());
  row_embed = Var(rows, RequiresGrad::yes);
  col_embed = Var(columns, RequiresGrad::yes);
  for (int64_t i = 0; i < o.encoder_layers; ++i)
    encoder.emplace_back(o.hidden, o.heads, o.feed_forward, o.dropout, random);
  if (o.external_key)
    for (EncoderLayer& layer : encoder) layer.external.emplace(tokens, o.hidden);
  for (int64_t i = 0; i < o.decoder_layers; ++i)
    decoder.emplace_back(tokens, o.hidden, o.heads, o.feed_forward, o.dropout, random);
  if (o.oasa) discriminator.emplace(o.classes, o.hidden, o.patch, random);
  if (o.mask_encoder || o.mask_decoder1 || o.mask_decoder2) {
    const Tensor mask = neighbour_mask(o.height, o.width, o.neighbour_height, o.neighbour_width);
    if (o.mask_encoder) encoder_mask_ = mask;
    if (o.mask_decoder1) decoder1_mask_ = mask;
    if (o.mask_decoder2) decoder2_mask_ = mask;
  }
}

Reconstruction::Output Reconstruction::operator()(const Tensor& image, const Tensor& feature, Run& run) {
  const ReconstructionOptions& o = options;
  const int64_t tokens = o.height * o.width;
  if (feature.rank() != 3 || feature.dim(1) != tokens || feature.dim(2) != o.inplanes)
    fail("reconstruction: needs features B x ", tokens, " x ", o.inplanes, ", not ", feature.shape());
  const int64_t batch = feature.dim(0);
  Output out;
  std::vector<Var> conditions(encoder.size());
  if (discriminator) {
    Discriminator::Output judged = (*discriminator)(image, run);
    out.class_out = judged.logits;
    for (size_t i = 0; i < encoder.size() && i < judged.maps.size(); ++i)
      conditions[i] =
          Var(kernel::pool_area(judged.maps[i].value(), o.height, o.width).reshape({batch, tokens, o.hidden}));
  }
  // Position: column embedding beside row embedding, T x C.
  const Shape grid = {o.height, o.width, o.hidden / 2};
  const Var pos = reshape(concat({broadcast_to(reshape(col_embed, {1, o.width, o.hidden / 2}), grid),
                                  broadcast_to(reshape(row_embed, {o.height, 1, o.hidden / 2}), grid)},
                                 2),
                          {tokens, o.hidden});
  const bool shaken = run.training && o.jitter > 0;
  Var x = input_proj(Var(shaken ? jitter(feature, o.jitter, run.random.stream()) : feature));
  // As in the reference, layers beyond the discriminator's maps do not run.
  for (size_t i = 0; i < (discriminator ? std::min(encoder.size(), discriminator->vit_blocks.size()) : encoder.size());
       ++i)
    x = encoder[i](x, pos, conditions[i], encoder_mask_, "transformer.encoder.layers." + std::to_string(i), run);
  const Var memory = x, memory_key = memory + pos;
  for (size_t i = 0; i < decoder.size(); ++i) {
    x = decoder[i](x, memory, memory_key, pos, decoder1_mask_, decoder2_mask_,
                   "transformer.decoder.layers." + std::to_string(i), run);
    if (i + 1 < decoder.size()) out.latents.push_back(decoder_norm(x));
  }
  out.feature_rec = output_proj(decoder_norm(x));
  return out;
}

void Reconstruction::visit(const Visit& v) {
  v("pos_embed.row_embed.weight", row_embed, Role::parameter);
  v("pos_embed.col_embed.weight", col_embed, Role::parameter);
  for (size_t i = 0; i < encoder.size(); ++i)
    encoder[i].visit(under("transformer.encoder.layers." + std::to_string(i), v));
  for (size_t i = 0; i < decoder.size(); ++i)
    decoder[i].visit(under("transformer.decoder.layers." + std::to_string(i), v));
  decoder_norm.visit(under("transformer.decoder.norm", v));
  input_proj.visit(under("input_proj", v));
  output_proj.visit(under("output_proj", v));
  if (discriminator) discriminator->visit(under("vitclassifiy", v));  // the published key
}

Tensor jitter(const Tensor& tokens, real factor, uint64_t stream) {
  const int64_t channels = tokens.dim(-1), rows = tokens.size() / channels;
  Tensor shaken(tokens.shape());
  fill_normal(shaken, 0, 1, stream);
  parallel_for(rows, 64, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      const real* x = tokens.data() + r * channels;
      real* y = shaken.data() + r * channels;
      real squares = 0;
      for (int64_t c = 0; c < channels; ++c) squares += x[c] * x[c];
      const real size = std::sqrt(squares) / static_cast<real>(channels) * factor;
      for (int64_t c = 0; c < channels; ++c) y[c] = x[c] + y[c] * size;
    }
  });
  return shaken;
}

Tensor residual_norm(const Tensor& feature_rec, const Tensor& feature) {
  const int64_t channels = feature.dim(-1), rows = feature.size() / channels;
  Tensor norm({feature.dim(0), rows / std::max<int64_t>(feature.dim(0), 1)});
  parallel_for(rows, 256, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      real squares = 0;
      for (int64_t c = 0; c < channels; ++c) {
        const real d = feature_rec.data()[r * channels + c] - feature.data()[r * channels + c];
        squares += d * d;
      }
      norm.data()[r] = std::sqrt(squares);
    }
  });
  return norm;
}

}  // namespace iuf
