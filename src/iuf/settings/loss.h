#pragma once

#include "iuf/settings/setting.h"

namespace iuf {

enum class CompressionKind { paper, released, off };  // Eq. 7, or as the published code computes it, or not at all
inline Choices<CompressionKind> choices(CompressionKind) {
  return {{"paper", CompressionKind::paper}, {"released", CompressionKind::released}, {"off", CompressionKind::off}};
}

/// The mean squared error of the reconstruction.
struct ReconstructionLossSettings {
  static constexpr const char* group = "Loss";
  double reconstruction_weight = 1;

  void visit(const Fields& field) { field("reconstruction-weight", reconstruction_weight, at_least(0), "lambda 0"); }
};

/// The cross entropy of the discriminator.
struct ClassificationLossSettings {
  static constexpr const char* group = "Loss";
  double classification_weight = 0.5;

  void visit(const Fields& field) { field("classification-weight", classification_weight, at_least(0), "lambda 1"); }
};

/// The semantic compression loss (Eq. 7).
struct CompressionSettings {
  static constexpr const char* group = "Loss";
  double compression_weight = 1;
  CompressionKind compression = CompressionKind::paper;
  double compression_from = 0.5;  // t of Eq. 7 as a share of min(batch, channels); released: the ratio over 256

  void visit(const Fields& field) {
    field("compression-weight", compression_weight, at_least(0), "lambda 2");
    field("compression", compression, "semantic compression loss (Eq. 7)");
    field("compression-from", compression_from, range(0, 1), "t as a share of the singular values");
  }
};

}  // namespace iuf
