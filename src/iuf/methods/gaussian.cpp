#include "iuf/methods/local_method.h"

// One Gaussian per object over the local features of all positions: the map is the Mahalanobis distance to it.
namespace iuf::methods {

MethodInfo gaussian() {
  return {.name = "gaussian",
          .summary = "mean and covariance of every object's features; nothing is forgotten",
          .folds = true,
          .trains = false,
          .make =
              [](const Settings& settings, const BackboneInfo& backbone) {
                return std::make_unique<LocalMethod>(settings, backbone, LocalKind::gaussian);
              },
          .parts = settings_parts<BackboneSettings, RidgeSettings, PoolingSettings, BlurSettings>()};
}

}  // namespace iuf::methods
