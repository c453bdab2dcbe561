#pragma once

#include "iuf/settings/setting.h"

namespace iuf {

struct Settings;

enum class Stem { patch16, pixel };  // of the discriminator
inline Choices<Stem> choices(Stem) {
  return {{"patch16", Stem::patch16}, {"pixel", Stem::pixel}};
}

/// The transformer that reconstructs features.
struct NetworkSettings {
  static constexpr const char* group = "Network";
  int64_t hidden = 128;
  int64_t heads = 8;
  int64_t encoder_layers = 4;
  int64_t decoder_layers = 4;
  int64_t feed_forward = 512;
  double dropout = 0;
  double jitter = 20;  // token += N(0,1) * ||token|| / C * jitter

  void visit(const Fields& field) {
    field("hidden", hidden, multiple_of(2, 2, 8192), "channels of the transformer");
    field("heads", heads, at_least(1).called("must divide hidden"), "attention heads of the transformer");
    field("encoder-layers", encoder_layers, range(1, 64), "");
    field("decoder-layers", decoder_layers, range(1, 64), "");
    field("feed-forward", feed_forward, range(1, 65536), "hidden units of the feed-forward layers");
    field("dropout", dropout, from_to_below(0, 1), "");
    field("jitter", jitter, range(0, 1e6), "noise on the tokens while training");
  }
  void check(const Settings& all) const;
};

/// The discriminator (Eq. 3) and the object-aware self-attention that it steers (Eq. 4).
struct DiscriminatorSettings {
  static constexpr const char* group = "Network";
  Stem stem = Stem::patch16;
  bool oasa = true;

  void visit(const Fields& field) {
    field("stem", stem, "of the discriminator");
    field("oasa", oasa, "object-aware self-attention (Eq. 3-4)");
  }
};

/// What all attentions are masked to: what lies outside of a square neighbourhood (7 x 7 in UniAD).
struct NeighbourMaskSettings {
  static constexpr const char* group = "Network";
  int64_t neighbour_mask = 0;

  void visit(const Fields& field) {
    field("neighbour-mask", neighbour_mask, "side of the masked neighbourhood in attention; 0: none");
  }
  void check(const Settings& all) const;
};
/// The side of the largest neighbourhood that still lets every position of a grid x grid image see something.
int64_t largest_neighbour_mask(int64_t grid);

/// A property of the encoder's attention: LVT is defined by it, IUF and fine-tuning may have it.
struct ExternalKeySettings {
  static constexpr const char* group = "Network";
  bool external_key = false;

  void visit(const Fields& field) {
    field("external-key", external_key, "learnable key and bias in the encoder's attention (lvt)");
  }
};

}  // namespace iuf
