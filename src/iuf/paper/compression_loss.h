#pragma once

#include <span>

#include "autograd/var.h"

namespace iuf {

/// Semantic compression loss L_sc, the mean over latents M, each B x T x C with T = H W positions.
/// M is averaged over its positions: M^, B x C. [Eq. 5]
/// M^ = U S V^T is decomposed. [Eq. 6]
/// Its singular values sigma_t, sigma_{t+1}, ... are summed, t counting from 1. [Eq. 7]
Var compression_loss(std::span<const Var> latents, int64_t t);

/// The t that leaves this share of the min(B, C) singular values free: 1 + floor(share * min(B, C)).
int64_t compression_start(double share, int64_t batch, int64_t channels);

/// The loss as the published code computes it: singular values divided by their sum, those below ratio / 256 added up.
/// It carries no gradient there, so it is a plain number here.
double compression_loss_released(std::span<const Var> latents, double ratio);

}  // namespace iuf
