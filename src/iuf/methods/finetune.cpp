#include "iuf/methods/reconstruction_method.h"

// Fine-tuning, the lower bound: IUF's network and score without projection, pull and compression loss. Keeps between
// steps what ReconstructionMethod keeps, the old objects' Gaussians among it: what it forgets is what the network
// forgets.
namespace iuf::methods {

MethodInfo finetune() {
  return {.name = "finetune",
          .summary = "the same network, trained on without any protection of old objects (lower bound)",
          .folds = true,
          .adjust =
              [](Settings& s) {
                s.pull = 0;
                s.settle = 1;
                s.projection = false;
                s.compression = CompressionKind::off;
              },
          .make = [](const Settings& settings, const BackboneInfo& backbone) -> std::unique_ptr<Method> {
            return std::make_unique<ReconstructionMethod>(settings, backbone, std::make_unique<Retention>());
          },
          .parts = settings_parts<BackboneSettings, FeatureSettings, NetworkSettings, DiscriminatorSettings,
                                  NeighbourMaskSettings, ExternalKeySettings, ReconstructionLossSettings,
                                  ClassificationLossSettings, TrainingSettings, ScoreSettings, LocalSettings,
                                  ViewSettings, RidgeSettings, ObjectSettings, PoolingSettings, BlurSettings>()};
}

}  // namespace iuf::methods
