#include "iuf/methods/uniad.h"

#include <algorithm>

// UniAD, trained on step by step without any protection. Keeps between steps what ReconstructionMethod keeps: the
// network and, per object, Gaussians; the plain score uses none of them but to name the object.
namespace iuf::methods {

void uniad_settings(Settings& s) {
  s.oasa = false;
  s.external_key = false;
  s.object = ObjectChoice::best_fit;
  s.neighbour_mask = std::min(s.neighbour_mask, largest_neighbour_mask(s.grid));
  s.compression = CompressionKind::off;
  s.pull = 0;
  s.settle = 1;
  s.projection = false;
}

void uniad_defaults(Settings& s) {
  s.neighbour_mask = 7;
  s.score = ScoreKind::raw;
}

MethodInfo uniad() {
  return {.name = "uniad",
          .summary = "UniAD: reconstruction with masked attention, trained on without protection of old objects",
          .folds = true,
          .adjust = uniad_settings,
          .make = [](const Settings& settings, const BackboneInfo& backbone) -> std::unique_ptr<Method> {
            return std::make_unique<ReconstructionMethod>(settings, backbone, std::make_unique<Retention>());
          },
          .defaults = uniad_defaults,
          .parts = uniad_parts<>()};
}

}  // namespace iuf::methods
