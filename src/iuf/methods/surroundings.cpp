#include "iuf/methods/local_method.h"

// Every position's local features, given its place and its surroundings (stats/surroundings.h).
namespace iuf::methods {

MethodInfo surroundings() {
  return {.name = "surroundings",
          .summary = "every position's features, given its place and surroundings; nothing is forgotten",
          .make = [](const Settings& settings,
                     const BackboneInfo&) { return std::make_unique<LocalMethod>(settings, LocalKind::surroundings); },
          .parts = settings_parts<BackboneSettings, RidgeSettings, PoolingSettings, BlurSettings>()};
}

}  // namespace iuf::methods
