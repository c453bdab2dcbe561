#pragma once

#include "iuf/settings/setting.h"

namespace iuf {

enum class BasisKind { stored, replay };  // of the old objects (Eq. 10): second moments, or their images again
inline Choices<BasisKind> choices(BasisKind) {
  return {{"stored", BasisKind::stored}, {"replay", BasisKind::replay}};
}

/// How IUF keeps the old objects.
struct RetentionSettings {
  static constexpr const char* group = "Retention";
  double pull = 0.05;
  double settle = 0.35;  // the last pull of an increment has eta = 1 - settle
  bool projection = true;
  BasisKind basis = BasisKind::stored;
  bool compress_increments = false;

  void visit(const Fields& field) {
    field("pull", pull, range(0, 1), "eta of Eq. 9: pull to the old weights after each step");
    field("settle", settle, range(0, 1), "share of an increment's change of the weights that stays; 1: all");
    field("projection", projection, "project updates away from old directions (Eq. 10-12)");
    field("basis", basis, "of the old objects: stored moments, or their images again");
    field("compress-increments", compress_increments, "Eq. 7 also after the base step");
  }
};

}  // namespace iuf
