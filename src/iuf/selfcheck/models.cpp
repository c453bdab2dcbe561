#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "iuf/paper/compression_loss.h"
#include "iuf/paper/projected_update.h"
#include "iuf/selfcheck/comparison.h"
#include "iuf/selfcheck/golden_model.h"
#include "tensor/error.h"
#include "tensor/permute.h"
#include "tensor/reduce.h"
#include "tensor/resize.h"

namespace iuf {
namespace {

void check_forward(const TensorFile& file, FileChecks& all) {
  GoldenModel m(file);
  const auto& o = m.network.options;
  const Reconstruction::Output out = m.evaluate();
  all.close("reconstruction, evaluation mode", m.as_map(out.feature_rec.value()), file.tensor("out.feature_rec"),
            m.value_tolerance);
  if (out.class_out.defined())
    all.close("class scores", out.class_out.value(), file.tensor("out.class_out"), m.value_tolerance);
  FileChecks::Family latents(all, "latents", m.value_tolerance);
  for (size_t i = 0; i < out.latents.size(); ++i) {
    const std::string name = "out.latent." + std::to_string(i);
    latents.add(name, kernel::permute(out.latents[i].value(), std::vector<int>{0, 2, 1}), file.tensor(name));
  }
  if (!out.latents.empty()) latents.finish();
  const Tensor expected = with_axes(file, "out.pred", 4);
  const Tensor norm =
      residual_norm(out.feature_rec.value(), m.feature).reshape({m.feature.dim(0), o.height, o.width, 1});
  all.close("anomaly map",
            kernel::permute(kernel::resize_bilinear(norm, expected.dim(2), expected.dim(3), kernel::Align::corners),
                            std::vector<int>{0, 3, 1, 2}),
            expected, m.value_tolerance);
  all.close("compression loss, evaluation mode", compression_loss(out.latents, integer(file, "t")).value(),
            file.tensor("loss.compression_eval"), m.value_tolerance);
  // Shares of a sum of 1, most often all above the limit: a value of 0. The reference's limit is 0.1 / 256.
  all.close("compression loss, as released", compression_loss_released(out.latents, 0.1),
            static_cast<double>(file.tensor("loss.compression_released_eval").item()), m.value_tolerance, 1);
}

// One iteration on all images.
std::vector<LogEntry> train_once(GoldenModel& m, const Settings& settings, Retention& retention) {
  std::vector<int64_t> batch(static_cast<size_t>(settings.batch));
  std::iota(batch.begin(), batch.end(), 0);
  return m.train({batch}, settings, retention);
}

/// Keeps the clipped gradients. With SGD at a learning rate of 1 the updates are these with the other sign.
class GradientKeeper : public Retention {
 public:
  UpdateFilter filter() const override {
    return {.wants = [](const std::string&) { return true; },
            .apply = [this](const std::string& name, Tensor& update) { gradients_[name] = kernel::scale(update, -1); }};
  }
  /// Undefined for a parameter without a gradient.
  Tensor gradient(const std::string& name) const {
    const auto found = gradients_.find(name);
    return found == gradients_.end() ? Tensor() : found->second;
  }

 private:
  mutable std::map<std::string, Tensor> gradients_;
};

/// Puts the golden's gradients, which are clipped, in place of the network's own.
class GoldenGradients : public Retention {
 public:
  explicit GoldenGradients(const TensorFile& file) : file_(file) {}

  double penalise(std::vector<NamedVar>& parameters) override {
    for (NamedVar& p : parameters) {
      p.var.clear_grad();
      const std::string name = "grad." + p.name;
      if (!file_.contains(name)) continue;
      const Tensor gradient = file_.tensor(name);
      if (!(gradient.shape() == p.var.shape()))
        fail(file_.path(), ": '", name, "' is ", gradient.shape(), ", the parameter ", p.var.shape());
      p.var.set_grad(gradient);
    }
    return 0;
  }

 private:
  const TensorFile& file_;
};

/// The same, and projects the updates (Eq. 10-13) by the basis `in.basis`, r x C, which is that of every layer.
class GoldenProjection : public GoldenGradients {
 public:
  GoldenProjection(const TensorFile& file, const std::vector<NamedVar>& parameters) : GoldenGradients(file) {
    // Images whose token means are the rows of the basis, the first one the longest: their basis is the given one.
    Tensor means = with_axes(file, "in.basis", 2).clone();
    const int64_t rank = means.dim(0), channels = means.dim(1);
    for (int64_t i = 0; i < means.size(); ++i) means.data()[i] *= static_cast<real>(rank - i / channels);
    OldBasis basis;
    for (const NamedVar& p : parameters)
      if (p.name.ends_with(".linear2.weight"))
        basis.add(p.name.substr(0, p.name.rfind('.')), means.reshape({rank, 1, channels}));
    projected_ = ProjectedUpdate(basis, parameters);
  }
  UpdateFilter filter() const override { return projected_.filter(); }

 private:
  ProjectedUpdate projected_;
};

void check_losses(const LogEntry& entry, const GoldenModel& m, FileChecks& all) {
  const auto close = [&](const char* quantity, double got, const char* expected) {
    all.close(quantity, Tensor::scalar(static_cast<real>(got)), m.file.tensor(expected), m.value_tolerance);
  };
  close("reconstruction loss, training mode", entry.part("reconstruction"), "loss.mse");
  if (m.network.discriminator) close("classification loss", entry.part("classification"), "loss.ce");
  close("compression loss", entry.part("compression"), "loss.compression");
  close("total loss", entry.loss, "loss.total");
  all.close("gradient norm", entry.grad_norm, static_cast<double>(m.file.tensor("out.grad_norm").item()),
            m.gradient_tolerance);
}

void check_gradients(const GradientKeeper& kept, GoldenModel& m, FileChecks& all) {
  const TensorFile& file = m.file;
  const std::vector<NamedVar> trained = parameters(m.network);
  // Some gradients are 0 but for rounding (a key's bias shifts all scores alike): the floor for them is a share of the
  // largest.
  double largest = 0;
  for (const NamedVar& p : trained)
    if (file.contains("grad." + p.name))
      largest = std::max(largest, std::sqrt(kernel::sum_of_squares(file.tensor("grad." + p.name))));
  FileChecks::Family gradients(all, "clipped gradients", m.gradient_tolerance);
  for (const NamedVar& p : trained) {
    const std::string name = "grad." + p.name;
    const Tensor got = kept.gradient(p.name);
    if (!file.contains(name)) {
      if (got.defined()) gradients.failed(name, "the reference has no gradient here");
    } else if (!got.defined()) {
      gradients.failed(name, "no gradient");
    } else {
      gradients.add_norm(name, got, file.tensor(name), 1e-3 * largest);
    }
  }
  gradients.finish();
}

// The loss of one iteration, its parts and its clipped gradients.
void check_loss(const TensorFile& file, FileChecks& all) {
  GoldenModel m(file);
  Settings settings = m.settings(m.feature.dim(0), 1);
  settings.optimizer = OptimizerKind::sgd;
  settings.learning_rate = 1;
  GradientKeeper keeper;
  check_losses(train_once(m, settings, keeper).at(0), m, all);
  check_gradients(keeper, m, all);
}

constexpr double kStep = 4 * 0x1p-24;  // a handful of roundings

// The weights after one iteration. It starts from the golden's gradients: Adam's first step is lr * sign(g) but for its
// eps, and the sign of a gradient that is 0 but for rounding is noise.
void check_step(const std::string& quantity, const std::string& prefix, GoldenModel& m, Settings settings,
                Retention& retention, double tolerance, FileChecks& all) {
  settings.clip = 0;  // the golden's are clipped
  train_once(m, settings, retention);
  FileChecks::Family family(all, quantity, tolerance);
  for (const NamedVar& p : parameters(m.network))
    if (m.file.contains("grad." + p.name)) family.add(prefix + p.name, p.var.value(), m.file.tensor(prefix + p.name));
  family.finish();
}

void check_adamw_step(const TensorFile& file, FileChecks& all) {
  GoldenModel m(file);
  GoldenGradients gradients(file);
  check_step("one AdamW step", "adamw.", m, m.settings(m.feature.dim(0), 1), gradients, kStep, all);
}

void check_projected_step(const TensorFile& file, FileChecks& all) {
  GoldenModel m(file);
  Settings settings = m.settings(m.feature.dim(0), 1);
  settings.optimizer = OptimizerKind::sgd;
  settings.learning_rate = number(file, "sgd_lr");
  GoldenProjection projection(file, parameters(m.network));
  check_step("one projected step (Eq. 10-13)", "projected.", m, settings, projection,
             kStep + rounding(2, static_cast<double>(m.network.options.hidden)), all);
}

}  // namespace

void check_model(const TensorFile& file, FileChecks& all) {
  check_forward(file, all);
  check_loss(file, all);
  check_adamw_step(file, all);
  check_projected_step(file, all);
}

}  // namespace iuf
