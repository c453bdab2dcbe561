#include "iuf/methods/local_method.h"

// Every position's local features, given its place and its surroundings (stats/surroundings.h).
namespace iuf::methods {

MethodInfo surroundings() {
  return {.name = "surroundings",
          .summary = "every position's features, given its place and surroundings; nothing is forgotten",
          .folds = true,
          .trains = false,
          .make =
              [](const Settings& settings, const BackboneInfo& backbone) {
                return std::make_unique<LocalMethod>(settings, backbone, LocalKind::surroundings);
              },
          .parts = settings_parts<BackboneSettings, ViewSettings, RidgeSettings, PoolingSettings, BlurSettings>()};
}

}  // namespace iuf::methods
