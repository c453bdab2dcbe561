#include "iuf/learn/training_loop.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "iuf/data/json_fields.h"
#include "iuf/features/interrupted.h"
#include "nn/diverged.h"
#include "nn/safetensors.h"
#include "tensor/elementwise.h"
#include "tensor/error.h"
#include "tensor/memory.h"

namespace iuf {
namespace {

constexpr int kStateFormat = 4;  // 4: within an epoch; a state of another format begins its step again

// The state of an unfinished step, besides tensors, optimiser and retention.
struct StepState {
  uint64_t fingerprint = 0;  // the context's
  int64_t epoch = 0;         // finished ones
  int64_t batch = 0;         // finished ones of the next
  LogEntry mean = {};        // of these
  double rate = 1;           // as a share of what the schedule says: lowered once it diverged
  std::vector<LogEntry> log = {};

  template <class Self, class Fields>
  static void visit(Self& self, Fields& field) {
    field.format(kStateFormat);
    field("fingerprint", self.fingerprint);
    field("epoch", self.epoch, kCount);
    field("batch", self.batch, kCount);
    field("mean", self.mean);
    field("rate", self.rate, kMayLack);
    field("log", self.log);
  }
};

SafetensorsWriter written(const std::vector<NamedVar>& tensors, const Optimizer& optimizer,
                          const Retention& retention) {
  SafetensorsWriter writer;
  for (const NamedVar& t : tensors) writer.add("network." + t.name, t.var.value());
  optimizer.save(writer, "optimizer.");
  retention.save_progress(writer, "retention.");
  return writer;
}

void read(const TensorFile& file, const std::vector<NamedVar>& tensors, Optimizer& optimizer, Retention& retention) {
  load_tensors(file, "network.", tensors);
  optimizer.load(file, "optimizer.");
  retention.load_progress(file, "retention.");
}

void save(const StepContext& context, const std::vector<NamedVar>& tensors, const Optimizer& optimizer,
          const Retention& retention, const StepState& state) {
  SafetensorsWriter writer = written(tensors, optimizer, retention);
  writer.set_metadata("state", to_json(state).dump());
  writer.protect();
  writer.write(context.state);
}

StepState resume(const StepContext& context, const std::vector<NamedVar>& tensors, Optimizer& optimizer,
                 Retention& retention) {
  const StepState fresh{.fingerprint = context.fingerprint};
  if (context.state.empty() || !std::filesystem::exists(context.state)) return fresh;
  const TensorFile file = read_safetensors(context.state);
  const std::string damaged = file.path() + ": damaged state of an unfinished step; delete it to start the step again";
  const nlohmann::json json = parse_json(file.metadata("state"), damaged);
  if (!json.is_object() || !json.contains("format") || json.at("format") != kStateFormat) return fresh;
  if (!file.has_checksum()) fail(damaged, ": its checksum is missing");
  auto state = from_json<StepState>(json, {damaged});
  if (state.fingerprint != fresh.fingerprint) return fresh;
  read(file, tensors, optimizer, retention);
  return state;
}

// sum += share * parts, by name.
void add_parts(std::vector<LossPart>& sum, double share, const std::vector<LossPart>& parts) {
  for (const LossPart& part : parts) {
    auto own = std::ranges::find(sum, part.name, &LossPart::name);
    if (own == sum.end()) own = sum.insert(own, {part.name, 0});
    own->value += share * part.value;
  }
}

// Batch b of so many, of nearly equal size: a last one that is smaller would be an outlier for statistics over the
// batch.
std::vector<int64_t> batch_of(const std::vector<int64_t>& order, int64_t b, int64_t batches) {
  const auto images = static_cast<int64_t>(order.size());
  return {order.begin() + b * images / batches, order.begin() + (b + 1) * images / batches};
}

// One call of train().
class Training {
 public:
  Training(std::vector<NamedVar> tensors, std::vector<NamedVar> parameters, const TrainingLoop& loop,
           const StepContext& context)
      : tensors_(std::move(tensors)),
        parameters_(std::move(parameters)),
        loop_(loop),
        context_(context),
        retention_(loop.retention ? *loop.retention : none_),
        optimizer_(loop.optimizer),
        batches_((loop.images + loop.batch - 1) / loop.batch) {}

  void run() {
    for (NamedVar& p : parameters_) p.var.set_requires_grad(true);
    const std::vector<std::byte> beginning = written(tensors_, optimizer_, retention_).bytes();
    StepState state = resume(context_, tensors_, optimizer_, retention_);
    try {
      iterate_all(state);
    } catch (const Diverged& e) {
      if (state.rate != 1) throw;
      begin_again(beginning, e.reason(), state);
      iterate_all(state);
    }
    retention_.end({.parameters = parameters_, .tensors = tensors_, .images = loop_.images, .pass = loop_.pass});
    for (NamedVar& p : parameters_) {
      p.var.set_requires_grad(false);
      p.var.clear_grad();
    }
    release_cached_memory();  // statistics and evaluation need blocks of other sizes
  }

 private:
  static constexpr double kLowered = 0.1;

  void begin_again(std::span<const std::byte> beginning, const std::string& reason, StepState& state) {
    std::ostringstream text;
    text << "training diverged in step " << loop_.step << ", epoch " << state.epoch << ": " << reason
         << "; it begins again from the weights before the step, with a learning rate of "
         << kLowered * loop_.schedule.peak << " instead of " << loop_.schedule.peak;
    context_.progress.note(text.str());
    for (NamedVar& p : parameters_) p.var.clear_grad();
    read(parse_safetensors(beginning, "the state before the step"), tensors_, optimizer_, retention_);
    state = {.fingerprint = state.fingerprint, .rate = kLowered};
  }

  void iterate_all(StepState& state) {
    filter_ = retention_.filter();
    const auto start = std::chrono::steady_clock::now();
    const double earlier = state.log.empty() ? 0 : state.log.back().seconds;
    auto last_saved = start;
    while (state.epoch < loop_.epochs) {
      LogEntry entry = epoch(state);
      const auto now = std::chrono::steady_clock::now();
      entry.seconds = earlier + std::chrono::duration<double>(now - start).count();
      state.log.push_back(std::move(entry));
      ++state.epoch;
      if (context_.log) context_.log(state.log);
      if (!context_.state.empty() && state.epoch < loop_.epochs &&
          std::chrono::duration<double>(now - last_saved).count() >= context_.checkpoint_seconds) {
        save(context_, tensors_, optimizer_, retention_, state);
        last_saved = now;
      }
    }
    for (const NamedVar& t : tensors_)
      if (!kernel::all_finite(t.var.value())) throw Diverged("'" + t.name + "' is not finite after the last iteration");
  }

  std::vector<int64_t> order(int64_t epoch) const {
    if (!loop_.order) return random_permutation(loop_.images, mix_key(loop_.key, static_cast<uint64_t>(epoch)));
    std::vector<int64_t> order = loop_.order(epoch);
    if (static_cast<int64_t>(order.size()) != loop_.images)
      fail("training: the order of epoch ", epoch, " has ", order.size(), " images; an epoch has ", loop_.images);
    return order;
  }

  // The batches of an epoch that are left; the means over all. Interrupted, it leaves the state after the last batch.
  LogEntry epoch(StepState& state) {
    const std::vector<int64_t> images = order(state.epoch);
    LogEntry mean = std::exchange(state.mean, {});
    mean.step = loop_.step;
    mean.epoch = state.epoch;
    for (int64_t b = std::exchange(state.batch, 0); b < batches_; ++b) {
      const int64_t iteration = state.epoch * batches_ + b;
      iterate(batch_of(images, b, batches_), iteration, state.rate, mean);
      try {
        context_.progress("training", iteration + 1, loop_.epochs * batches_);
      } catch (const Interrupted&) {
        state.batch = b + 1;
        state.mean = mean;
        if (!context_.state.empty()) save(context_, tensors_, optimizer_, retention_, state);
        throw;
      }
    }
    return mean;
  }

  void iterate(const std::vector<int64_t>& images, int64_t iteration, double rate, LogEntry& mean) {
    if (images.size() > largest_batch_) {  // the blocks of smaller ones would only lie beside
      release_cached_memory();
      largest_batch_ = images.size();
    }
    Run run{.training = true, .random = {mix_key(loop_.key, static_cast<uint64_t>(iteration) + (uint64_t{1} << 40))}};
    const BatchLoss loss = loop_.loss(images, run);
    backward(loss.total);
    retention_.after_backward(parameters_);
    const double value =
        static_cast<double>(loss.total.value().item()) + loss.constant + retention_.penalise(parameters_);
    if (!std::isfinite(value)) throw Diverged("the loss is not finite");
    const auto share = 1 / static_cast<double>(batches_);
    mean.loss += share * value;
    add_parts(mean.parts, share, loss.parts);
    mean.grad_norm += share * clip_gradients(parameters_, loop_.clip);
    mean.learning_rate = rate * learning_rate(loop_.schedule, iteration, loop_.epochs * batches_);
    mean.iteration = iteration + 1;
    optimizer_.step(parameters_, mean.learning_rate, filter_);
    retention_.after_update(tensors_);
  }

  std::vector<NamedVar> tensors_, parameters_;
  const TrainingLoop& loop_;
  const StepContext& context_;
  Retention none_;
  Retention& retention_;
  Optimizer optimizer_;
  UpdateFilter filter_;
  int64_t batches_;           // in an epoch
  size_t largest_batch_ = 0;  // so far
};

}  // namespace

TrainingLoop training_loop(const Settings& s, int64_t step, int64_t images) {
  const bool base = step == 0;
  const OptimizerKind kind = base ? s.optimizer : s.increment_optimizer;
  // Weight decay is AdamW's: SGD at a learning rate of 1 would take the weights themselves away.
  return {.step = step,
          .images = images,
          .epochs = base ? s.epochs : s.increment_epochs,
          .batch = s.batch,
          .clip = s.clip,
          .optimizer = {.kind = kind, .weight_decay = kind == OptimizerKind::adamw ? s.weight_decay : 0},
          .schedule = {.kind = s.schedule, .peak = base ? s.learning_rate : s.increment_learning_rate},
          .key = step_key(s, step)};
}

uint64_t step_key(const Settings& settings, int64_t step) {
  return mix_key(mix_key(static_cast<uint64_t>(settings.seed), 0x747261696e), static_cast<uint64_t>(step));
}

void train(std::vector<NamedVar> tensors, std::vector<NamedVar> parameters, const TrainingLoop& loop,
           const StepContext& context) {
  Training(std::move(tensors), std::move(parameters), loop, context).run();
}

}  // namespace iuf
