#include "iuf/methods/draem_network.h"

#include <string>

namespace iuf {
namespace {

Var halved(const Var& x) {
  return max_pool(x, 2, {.stride = 2});
}

Conv2d last_layer(int64_t in, int64_t out, Random& random) {
  return Conv2d(in, out, 3, kernel::ConvOptions::centred(3), random);
}

}  // namespace

DraemReconstruction::DraemReconstruction(int64_t w, Random& random) : out(last_layer(w, 3, random)) {
  const int64_t channels[] = {3, w, 2 * w, 4 * w, 8 * w, 8 * w}, narrowed[] = {8 * w, 4 * w, 2 * w, w, w};
  for (int i = 0; i < 5; ++i) down[i] = DoubleConv(channels[i], channels[i + 1], channels[i + 1], random);
  for (int i = 0; i < 4; ++i) {
    widen[i] = UpConv(narrowed[i], narrowed[i], random);
    up[i] = DoubleConv(narrowed[i], narrowed[i], narrowed[i + 1], random);
  }
}

Var DraemReconstruction::operator()(Var x, const Run& run) {
  for (int i = 0; i < 5; ++i) x = down[i](i ? halved(x) : x, run);
  for (int i = 0; i < 4; ++i) x = up[i](widen[i](x, run), run);
  return out(x);
}

void DraemReconstruction::visit(const Visit& v) {
  for (int i = 0; i < 5; ++i) down[i].visit(under("encoder.block" + std::to_string(i + 1), v));
  for (int i = 0; i < 4; ++i) {
    widen[i].visit(under("decoder.up" + std::to_string(i + 1), v));
    up[i].visit(under("decoder.db" + std::to_string(i + 1), v));
  }
  out.visit(under("decoder.fin_out.0", v));
}

DraemSegmentation::DraemSegmentation(int64_t w, Random& random) : out(last_layer(w, 2, random)) {
  const int64_t channels[] = {6, w, 2 * w, 4 * w, 8 * w, 8 * w, 8 * w}, narrowed[] = {8 * w, 8 * w, 4 * w, 2 * w, w, w};
  for (int i = 0; i < 6; ++i) down[i] = DoubleConv(channels[i], channels[i + 1], channels[i + 1], random);
  for (int i = 0; i < 5; ++i) {
    widen[i] = UpConv(narrowed[i], narrowed[i + 1], random);
    up[i] = DoubleConv(narrowed[i + 1] + channels[5 - i], narrowed[i + 1], narrowed[i + 1], random);
  }
}

Var DraemSegmentation::operator()(Var x, const Run& run) {
  Var stages[6];
  for (int i = 0; i < 6; ++i) stages[i] = x = down[i](i ? halved(x) : x, run);
  for (int i = 0; i < 5; ++i) x = up[i](concat({widen[i](x, run), stages[4 - i]}, 3), run);
  return out(x);
}

void DraemSegmentation::visit(const Visit& v) {
  const char* const names[] = {"_b", "1", "2", "3", "4"};
  for (int i = 0; i < 6; ++i) down[i].visit(under("encoder_segment.block" + std::to_string(i + 1), v));
  for (int i = 0; i < 5; ++i) {
    widen[i].visit(under(std::string("decoder_segment.up") + names[i], v));
    up[i].visit(under(std::string("decoder_segment.db") + names[i], v));
  }
  out.visit(under("decoder_segment.fin_out.0", v));
}

DraemNetwork::Output DraemNetwork::operator()(const Var& x, const Run& run) {
  const Var image = reconstruction(x, run);
  return {image, segmentation(concat({image, x}, 3), run)};
}

void DraemNetwork::visit(const Visit& v) {
  reconstruction.visit(under("reconstruction", v));
  segmentation.visit(under("segmentation", v));
}

DraemLoss draem_loss(const DraemNetwork::Output& out, const Tensor& normal, const std::vector<int64_t>& labels) {
  const Var target(normal), one(Tensor::scalar(1));
  DraemLoss loss{.total = {},
                 .reconstruction = mse(out.image, target) + (one - ssim(out.image, target)),
                 .segmentation = focal_loss(out.logits, labels, 2)};
  loss.total = loss.reconstruction + loss.segmentation;
  return loss;
}

}  // namespace iuf
