#pragma once

#include <vector>

#include "iuf/paper/batch_loss.h"
#include "iuf/paper/reconstruction.h"
#include "iuf/settings/settings.h"

namespace iuf {

/// Which terms the loss has, and their weights: lambda_0, lambda_1 (0: no such term), lambda_2 and the kind of
/// compression.
struct LossOptions : ReconstructionLossSettings, ClassificationLossSettings, CompressionSettings {};
/// What the settings say for this step of the stream. Compression may be left to the base step, which is step 0.
LossOptions loss_options(const Settings& settings, int64_t step);

/// L = lambda_0 L_1 + lambda_1 L_CE + lambda_2 L_sc (Sec. 4.2) of a batch.
/// L_1 is the mean of (F_rec - F)^2 [Eq. 2] and the part `reconstruction`.
/// L_CE (Eq. 3) is the part `classification`, where the network has a discriminator.
/// L_sc (Eq. 7) is the part `compression`, where the network has latents; as released it has no gradient.
/// features: F, B x T x inplanes; labels: the object of each image.
BatchLoss training_losses(const Reconstruction::Output& out, const Tensor& features, const std::vector<int64_t>& labels,
                          const LossOptions& options);

}  // namespace iuf
