#pragma once

#include <span>

#include "autograd/ops.h"

namespace iuf {

/// Semantic compression loss over latents M (each B x T x C): the positions are averaged to B x C [Eq. 5], that matrix
/// is decomposed [Eq. 6], and the singular values from the t-th on (counting from 1) are summed [Eq. 7]; the mean over
/// latents.
Var compression_loss(std::span<const Var> latents, int64_t t);

/// The loss as the published code computes it: singular values divided by their sum, those below ratio / 256 added up.
/// It carries no gradient there, so it is a plain number here.
double compression_loss_released(std::span<const Var> latents, double ratio);

}  // namespace iuf
