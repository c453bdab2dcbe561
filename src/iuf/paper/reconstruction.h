#pragma once

#include <optional>

#include "iuf/paper/discriminator.h"
#include "iuf/paper/object_aware_attention.h"

namespace iuf {

/// A decoder layer (post-norm): a learned query embedding attends to the encoder's output, the memory, and then to the
/// previous layer's output.
struct DecoderLayer {
  Var learned_embed;  // T x C
  MultiheadAttention self_attn, multihead_attn;
  Linear linear1, linear2;
  LayerNorm norm1, norm2, norm3;
  real rate = 0;

  DecoderLayer() = default;
  DecoderLayer(int64_t tokens, int64_t channels, int64_t heads, int64_t feed_forward, real dropout, Random& random);
  /// previous, memory, memory_key (memory + pos, the same for all layers): B x T x C; pos: T x C; masks: T x T or
  /// undefined. `name` is what the run's tap is told.
  Var operator()(const Var& previous, const Var& memory, const Var& memory_key, const Var& pos, const Tensor& mask1,
                 const Tensor& mask2, const std::string& name, Run& run) const;
  void visit(const Visit& v);
};

/// Sizes and variants of the network.
struct ReconstructionOptions {
  int64_t inplanes = 192;           // channels of a feature token
  int64_t height = 14, width = 14;  // of the token grid: T = height * width
  int64_t hidden = 256, heads = 8, encoder_layers = 4, decoder_layers = 4, feed_forward = 1024;
  real dropout = real(0.1), jitter = 20;  // in training; see jitter()
  bool mask_encoder = false, mask_decoder1 = false, mask_decoder2 = false;
  int64_t neighbour_height = 7, neighbour_width = 7;
  bool oasa = true;                 // object-aware self-attention and its discriminator
  bool external_key = false;        // in every encoder layer
  int64_t classes = 1, patch = 16;  // of the discriminator
};

/// 0 where two positions of a height x width grid may see each other, -inf within the neighbourhood: T x T.
Tensor neighbour_mask(int64_t height, int64_t width, int64_t neighbour_height, int64_t neighbour_width);

/// x^ = f_r(x; theta): backbone features x, here F, and their reconstruction F_rec. [Eq. 1]
/// The encoder's queries are multiplied by the discriminator's maps Co (Eq. 3-4), where there is one. visit() names
/// tensors as the published checkpoints do.
struct Reconstruction {
  ReconstructionOptions options;
  Var row_embed, col_embed;  // height x C/2, width x C/2
  std::vector<EncoderLayer> encoder;
  std::vector<DecoderLayer> decoder;
  LayerNorm decoder_norm;
  Linear input_proj, output_proj;
  std::optional<Discriminator> discriminator;

  Reconstruction() = default;
  Reconstruction(const ReconstructionOptions& options, Random& random);

  struct Output {
    Var feature_rec;           // F_rec: B x T x inplanes
    Var class_out;             // y of Eq. 3, before the softmax: B x classes; undefined without oasa
    std::vector<Var> latents;  // M of Eq. 5: every decoder layer but the last, after the shared norm, B x T x hidden
  };
  /// image: B x H x W x 3, normalised (unused without oasa); feature: F, B x T x inplanes.
  Output operator()(const Tensor& image, const Tensor& feature, Run& run);
  void visit(const Visit& v);

 private:
  Tensor encoder_mask_, decoder1_mask_, decoder2_mask_;
};

/// token + N(0,1) * ||token|| / C * factor, for every token (... x C).
Tensor jitter(const Tensor& tokens, real factor, uint64_t stream);

/// ||feature_rec - feature||_2 per position: B x T.
Tensor residual_norm(const Tensor& feature_rec, const Tensor& feature);

}  // namespace iuf
