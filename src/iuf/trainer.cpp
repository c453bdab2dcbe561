#include "iuf/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "iuf/compression_loss.h"
#include "tensor/error.h"
#include "tensor/memory.h"
#include "tensor/parallel.h"

namespace iuf {
namespace {

struct Batch {
  Tensor images, features;  // B x H x W x 3 or undefined, B x T x C
  std::vector<int64_t> labels;
};

nlohmann::json log_json(const std::vector<LogEntry>& log) {
  nlohmann::json json = nlohmann::json::array();
  for (const LogEntry& e : log)
    json.push_back({e.step, e.epoch, e.iteration, e.loss, e.mse, e.ce, e.scl, e.grad_norm, e.learning_rate});
  return json;
}

std::vector<LogEntry> log_from_json(const nlohmann::json& json) {
  std::vector<LogEntry> log;
  for (const auto& e : json)
    log.push_back({e.at(0), e.at(1), e.at(2), e.at(3), e.at(4), e.at(5), e.at(6), e.at(7), e.at(8)});
  return log;
}

class Trainer {
 public:
  Trainer(Reconstruction& network, const TrainingSet& set, const Settings& settings, Retention& retention, const StepContext& context)
      : network_(network),
        set_(set),
        settings_(settings),
        retention_(retention),
        context_(context),
        key_(step_key(settings, set.step)),
        epochs_(set.base ? settings.epochs : settings.increment_epochs),
        batches_((set.count + settings.batch - 1) / settings.batch),
        compress_(settings.compression != CompressionKind::off && network.options.decoder_layers > 1 && (set.base || settings.compress_increments)),
        schedule_{.kind = settings.schedule, .peak = set.base ? settings.learning_rate : settings.increment_learning_rate},
        optimizer_(optimizer_options(settings, set.base)),
        parameters_(parameters(network)),
        tensors_(all_tensors(network)),
        filter_(retention.filter()) {}

  void operator()() {
    for (NamedVar& p : parameters_) p.var.set_requires_grad(true);
    load_state();
    auto last_state = std::chrono::steady_clock::now();
    while (epoch_ < epochs_) {
      log_.push_back(train_epoch());
      ++epoch_;
      if (context_.log) context_.log(log_);
      const auto now = std::chrono::steady_clock::now();
      if (!context_.state.empty() && epoch_ < epochs_ && std::chrono::duration<double>(now - last_state).count() >= context_.checkpoint_seconds) {
        save_state();
        last_state = now;
      }
    }
    retention_.end({.parameters = parameters_, .tensors = tensors_, .images = set_.count, .pass = [this](int64_t image) { return review(image); }});
    for (NamedVar& p : parameters_) {
      p.var.set_requires_grad(false);
      p.var.clear_grad();
    }
    release_cached_memory();  // statistics and evaluation need blocks of other sizes
  }

 private:
  // Examples order[from] ... order[to - 1].
  Batch load(const std::vector<int64_t>& order, int64_t from, int64_t to) const {
    const ReconstructionOptions& o = network_.options;
    const int64_t size = to - from;
    Batch batch{.images = {}, .features = Tensor({size, o.height * o.width, o.inplanes}), .labels = std::vector<int64_t>(static_cast<size_t>(size))};
    if (network_.discriminator) batch.images = Tensor({size, settings_.image_size, settings_.image_size, 3});
    parallel_for(size, 1, [&](int64_t i, int64_t) {
      const Example e = set_.example(order[static_cast<size_t>(from + i)]);
      if (network_.discriminator) std::copy_n(e.image.data(), e.image.size(), batch.images.data() + i * e.image.size());
      std::copy_n(e.feature.data(), e.feature.size(), batch.features.data() + i * e.feature.size());
      batch.labels[static_cast<size_t>(i)] = e.label;
    });
    return batch;
  }

  // The means of an epoch.
  LogEntry train_epoch() {
    const std::vector<int64_t> order = random_permutation(set_.count, mix_key(key_, static_cast<uint64_t>(epoch_)));
    LogEntry mean{.step = set_.step, .epoch = epoch_};
    for (int64_t b = 0; b < batches_; ++b) {
      // Batches of nearly equal size, so that the last one is no outlier for statistics over the batch.
      const LogEntry e = train_batch(load(order, b * set_.count / batches_, (b + 1) * set_.count / batches_), epoch_ * batches_ + b);
      const auto share = 1 / static_cast<double>(batches_);
      mean.loss += share * e.loss;
      mean.mse += share * e.mse;
      mean.ce += share * e.ce;
      mean.scl += share * e.scl;
      mean.grad_norm += share * e.grad_norm;
      mean.learning_rate = e.learning_rate;
      mean.iteration = e.iteration;
      if (context_.progress) context_.progress("training", e.iteration, epochs_ * batches_);
    }
    return mean;
  }

  LogEntry train_batch(const Batch& batch, int64_t iteration) {
    Run run{.training = true, .random = {mix_key(key_, static_cast<uint64_t>(iteration) + (uint64_t{1} << 40))}};
    const Losses losses = training_losses(network_(batch.images, batch.features, run), batch.features, batch.labels, settings_, compress_);
    LogEntry e{.iteration = iteration + 1, .mse = losses.mse, .ce = losses.ce, .scl = losses.scl};
    backward(losses.total);
    retention_.observe(parameters_);
    e.loss = static_cast<double>(losses.total.value().item()) + losses.constant + retention_.penalise(parameters_);
    if (!std::isfinite(e.loss))
      fail("training: the loss is not finite at step ", set_.step, ", epoch ", epoch_, "; lower the learning rate (", schedule_.peak, ") or clip");
    e.grad_norm = clip_gradients(parameters_, settings_.clip);
    e.learning_rate = learning_rate(schedule_, iteration, epochs_ * batches_);
    optimizer_.step(parameters_, e.learning_rate, filter_);
    retention_.after_update(tensors_);
    return e;
  }

  StepReview::Pass review(int64_t image) const {
    const Batch batch = load({image}, 0, 1);
    Run run;
    const Reconstruction::Output out = network_(batch.images, batch.features, run);
    return {training_losses(out, batch.features, batch.labels, settings_, compress_).total, out.feature_rec};
  }

  void load_state() {
    if (context_.state.empty() || !std::filesystem::exists(context_.state)) return;
    const TensorFile file = read_safetensors(context_.state);
    const nlohmann::json meta = nlohmann::json::parse(file.metadata("state"));
    if (meta.at("fingerprint") != context_.fingerprint) return;
    load_module(network_, file, "network.");
    optimizer_.load(file, "optimizer.");
    retention_.load_progress(file, "retention.");
    epoch_ = meta.at("epoch");
    log_ = log_from_json(meta.at("log"));
  }

  void save_state() const {
    SafetensorsWriter writer;
    save_module(network_, writer, "network.");
    optimizer_.save(writer, "optimizer.");
    retention_.save_progress(writer, "retention.");
    writer.set_metadata("state", nlohmann::json{{"fingerprint", context_.fingerprint}, {"epoch", epoch_}, {"log", log_json(log_)}}.dump());
    writer.write(context_.state);
  }

  Reconstruction& network_;
  const TrainingSet& set_;
  const Settings& settings_;
  Retention& retention_;
  const StepContext& context_;
  const uint64_t key_;
  const int64_t epochs_, batches_;
  const bool compress_;
  const ScheduleOptions schedule_;
  Optimizer optimizer_;
  std::vector<NamedVar> parameters_, tensors_;
  const UpdateFilter filter_;
  int64_t epoch_ = 0;
  std::vector<LogEntry> log_;
};

}  // namespace

Losses training_losses(const Reconstruction::Output& out, const Tensor& features, const std::vector<int64_t>& labels, const Settings& s,
                       bool compress) {
  const Var mse_loss = mse(out.feature_rec, Var(features));  // [Eq. 2]
  Losses losses{.total = scale(mse_loss, static_cast<real>(s.reconstruction_weight)), .mse = static_cast<double>(mse_loss.value().item())};
  if (out.class_out.defined() && s.classification_weight > 0) {
    const Var ce = cross_entropy(out.class_out, labels);
    losses.ce = static_cast<double>(ce.value().item());
    losses.total = add(losses.total, scale(ce, static_cast<real>(s.classification_weight)));
  }
  if (compress && s.compression == CompressionKind::paper) {
    const int64_t values = std::min(features.dim(0), s.hidden);
    const int64_t t = 1 + static_cast<int64_t>(s.compression_from * static_cast<double>(values));
    const Var scl = compression_loss(out.latents, t);
    losses.scl = static_cast<double>(scl.value().item());
    losses.total = add(losses.total, scale(scl, static_cast<real>(s.compression_weight)));
  } else if (compress) {
    losses.scl = compression_loss_released(out.latents, s.compression_from);
    losses.constant = s.compression_weight * losses.scl;  // no gradient, as published
  }
  return losses;
}

OptimizerOptions optimizer_options(const Settings& settings, bool base) {
  const OptimizerKind kind = base ? settings.optimizer : settings.increment_optimizer;
  return {.kind = kind, .weight_decay = kind == OptimizerKind::adamw ? settings.weight_decay : 0};
}

uint64_t step_key(const Settings& settings, int64_t step) {
  return mix_key(mix_key(static_cast<uint64_t>(settings.seed), 0x747261696e), static_cast<uint64_t>(step));
}

void train(Reconstruction& network, const TrainingSet& set, const Settings& settings, Retention& retention, const StepContext& context) {
  Trainer(network, set, settings, retention, context)();
}

}  // namespace iuf
