#pragma once

#include "nn/conv_layers.h"

namespace iuf {

/// Image to image through a bottleneck at 1/16 of its size: what is left of an anomaly is not meant to pass. Five
/// stages of w, 2w, 4w, 8w, 8w channels down, four up.
struct DraemReconstruction {
  DoubleConv down[5], up[4];
  UpConv widen[4];
  Conv2d out;

  DraemReconstruction() = default;
  DraemReconstruction(int64_t width, Random& random);
  Var operator()(Var x, const Run& run);
  void visit(const Visit& v);
};

/// U-Net of six stages (w, 2w, 4w, 8w, 8w, 8w) from the reconstruction beside the image, 6 channels, to two logits a
/// pixel: normal, anomalous.
struct DraemSegmentation {
  DoubleConv down[6], up[5];
  UpConv widen[5];
  Conv2d out;

  DraemSegmentation() = default;
  DraemSegmentation(int64_t width, Random& random);
  Var operator()(Var x, const Run& run);
  void visit(const Visit& v);
};

/// Both networks of DRAEM (Zavrtanik et al. 2021). Names are those of the published checkpoints, under `reconstruction`
/// and `segmentation`.
struct DraemNetwork {
  DraemReconstruction reconstruction;
  DraemSegmentation segmentation;

  DraemNetwork() = default;
  /// `width`: w of both networks; published: 128 and 64.
  DraemNetwork(int64_t width, Random& random) : reconstruction(width, random), segmentation(width, random) {}
  struct Output {
    Var image, logits;  // B x H x W x 3, B x H x W x 2
  };
  /// x: B x H x W x 3 in [0, 1], H and W multiples of 32.
  Output operator()(const Var& x, const Run& run);
  void visit(const Visit& v);
};

/// L2 + (1 - SSIM) of the reconstruction against the image without anomaly, and focal loss (gamma 2) of the logits.
struct DraemLoss {
  Var total, reconstruction, segmentation;
};
DraemLoss draem_loss(const DraemNetwork::Output& out, const Tensor& normal, const std::vector<int64_t>& labels);

}  // namespace iuf
