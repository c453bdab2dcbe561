#pragma once

#include "iuf/methods/reconstruction_method.h"

namespace iuf::methods {

/// UniAD: the reconstruction without discriminator and object-aware attention, all attentions masked to what lies
/// outside of the 7 x 7 neighbourhood (on a grid below 8: outside of the largest neighbourhood that leaves something),
/// scored by the norm of the plain residual. Neighbourhood and score are defaults, which the user may change: `--score
/// fused` compares the networks under IUF's own score.
void uniad_settings(Settings& s);
void uniad_defaults(Settings& s);
/// What it reads, and what a retention on top of it reads besides.
template <class... More>
std::vector<SettingsPart> uniad_parts() {
  return settings_parts<BackboneSettings, FeatureSettings, NetworkSettings, NeighbourMaskSettings,
                        ReconstructionLossSettings, TrainingSettings, ScoreSettings, LocalSettings, ViewSettings,
                        RidgeSettings, ObjectSettings, PoolingSettings, BlurSettings, More...>();
}

/// UniAD and a retention, which gets the final settings.
template <class OldObjects>
std::unique_ptr<Method> make_uniad(const Settings& settings, const BackboneInfo& backbone) {
  return std::make_unique<ReconstructionMethod>(settings, backbone, std::make_unique<OldObjects>(settings));
}

}  // namespace iuf::methods
