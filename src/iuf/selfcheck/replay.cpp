#include "iuf/selfcheck/comparison.h"
#include "iuf/selfcheck/golden_model.h"
#include "tensor/error.h"

namespace iuf {
namespace {

// The images of every iteration.
std::vector<std::vector<int64_t>> batches_of(const TensorFile& file) {
  const Tensor order = with_axes(file, "in.order", 2);
  const std::vector<int64_t> images = file.integers("in.order");
  std::vector<std::vector<int64_t>> batches;
  for (int64_t at = 0; at < order.size(); at += order.dim(1))
    batches.emplace_back(images.begin() + at, images.begin() + at + order.dim(1));
  if (batches.empty()) fail(file.path(), ": 'in.order' is ", order.shape(), "; it needs a row for every iteration");
  return batches;
}

// What an iteration is compared by, and its name in the file.
struct Curve {
  const char* quantity;
  const char* name;
  std::function<double(const LogEntry&)> value;
};

std::vector<Curve> curves() {
  const auto part = [](const char* name) { return [name](const LogEntry& entry) { return entry.part(name); }; };
  return {{"reconstruction loss", "loss.mse", part("reconstruction")},
          {"classification loss", "loss.ce", part("classification")},
          {"compression loss", "loss.compression", part("compression")},
          {"total loss", "loss.total", [](const LogEntry& entry) { return entry.loss; }},
          {"gradient norm", "out.grad_norm", [](const LogEntry& entry) { return entry.grad_norm; }}};
}

}  // namespace

void check_replay(const TensorFile& file, FileChecks& all) {
  GoldenModel m(file);
  const std::vector<std::vector<int64_t>> batches = batches_of(file);
  const auto steps = static_cast<int64_t>(batches.size());
  for (const Curve& curve : curves())
    if (with_axes(file, curve.name, 1).dim(0) != steps)
      fail(file.path(), ": '", curve.name, "' needs ", steps, " values");
  Retention none;
  const std::vector<LogEntry> log = m.train(batches, m.settings(static_cast<int64_t>(batches[0].size()), steps), none);
  // Differences of rounding grow from step to step; 1e-4 is where another optimiser or another loss shows in 30 steps,
  // and where rounding does not reach.
  constexpr double kReplay = 1e-4;
  for (const Curve& curve : curves()) {
    // Shares of the reference's value in each step, so that late small losses count as much as early large ones.
    Tensor shares({steps});
    const Tensor reference = file.tensor(curve.name);
    for (int64_t s = 0; s < steps; ++s) {
      const double got = curve.value(log.at(static_cast<size_t>(s)));
      const auto expected = static_cast<double>(reference.data()[s]);
      shares.data()[s] = static_cast<real>(got == expected ? 1 : got / expected);
    }
    all.close(std::string(curve.quantity) + " over " + std::to_string(steps) + " steps", shares,
              Tensor::full({steps}, 1), kReplay);
  }
  all.close("reconstruction after them, evaluation mode", m.as_map(m.evaluate().feature_rec.value()),
            file.tensor("out.feature_rec"), kReplay);
}

}  // namespace iuf
