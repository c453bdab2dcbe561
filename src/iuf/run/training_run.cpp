#include "iuf/run/training_run.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>

#include "iuf/data/json_fields.h"
#include "iuf/data/published_weights.h"
#include "iuf/run/evaluation.h"
#include "iuf/run/run_description.h"
#include "iuf/run/run_files.h"
#include "iuf/run/training_log.h"
#include "nn/file.h"
#include "tensor/blas.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace iuf {
namespace {

using json = nlohmann::json;
namespace fs = std::filesystem;

int64_t peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<int64_t>(usage.ru_maxrss) * 1024;
}

class TrainingRun {
 public:
  TrainingRun(const RunOptions& options, const Progress& progress)
      : o_(options), files_{options.out}, progress_(progress), data_(read_dataset(options.data)) {}

  RunMetrics operator()() {
    for (const std::string& object : o_.stream.objects()) normal_images(data_, object);  // errors before hours of work
    Model model = open();
    const FeatureCache cache(o_.cache ? *o_.cache : files_.cache(), model.extractor());
    RunMetrics metrics;
    for (size_t step = 0; step < o_.stream.steps.size(); ++step) {
      if (static_cast<size_t>(model.steps()) <= step) learn(model, step, cache);
      if (!fs::exists(files_.step(step))) measure(model, step, cache);
      if (model.history().size() <= step) {
        model.set_history(step, record_of(read_json_file<StepResult>(files_.step(step)).per_object));
        model.save(files_.model());
      }
      metrics = metrics_after(model, step + 1);
      write_json_file(files_.metrics(), metrics);
    }
    return metrics;
  }

 private:
  // The model to go on with: that of an earlier call with the same options, or a new one.
  Model open() {
    make_folder(o_.out);
    lock_.emplace(o_.out);
    make_folder(files_.steps());
    Model fresh(o_.profile, o_.method, o_.settings, load_backbone(o_.settings.backbone, o_.backbone_weights));
    const RunDescription wanted = description_of(fresh);
    const bool learned = fs::exists(files_.model());
    if (learned && !fs::exists(files_.description()))
      fail(o_.out.string(), ": holds a model but no run.json; choose another folder");
    Model model = learned ? Model::load(files_.model()) : std::move(fresh);
    const bool begun = learned || fs::exists(files_.state()) || fs::exists(files_.step(0));
    if (begun && fs::exists(files_.description())) require_same_run(wanted, model);  // else nothing is lost
    write_json_file(files_.description(), wanted);
    images_ = wanted.images;
    if (!o_.config_text.empty()) write_file(files_.config(), o_.config_text);
    return model;
  }

  RunDescription description_of(const Model& model) const {
    return {.data = absolute_text(o_.data),
            .images = image_hashes(data_, o_.stream.objects(), progress_),
            .profile = o_.profile,
            .method = o_.method,
            .steps = o_.stream.steps,
            .weights = model.backbone().content_hash(),
            .settings = to_json(model.settings())};
  }

  // Other images of an object that comes later do no harm.
  void require_same_run(const RunDescription& wanted, const Model& model) const {
    json found = read_json_file(files_.description()), now = to_json(wanted);
    for (const std::string& object : o_.stream.objects())
      if (std::ranges::find(model.objects(), object, &ObjectRecord::name) == model.objects().end())
        for (json* side : {&found, &now})
          if (side->is_object() && side->contains("images")) side->at("images").erase(object);
    require_same(o_.out, "run", found, now);
  }

  Progress named(size_t step) const {
    return progress_.named("step " + std::to_string(step + 1) + "/" + std::to_string(o_.stream.steps.size()) + ": ");
  }

  std::vector<Model::Source> sources_of(size_t step) const {
    std::vector<Model::Source> sources;
    for (const std::string& object : o_.stream.steps[step]) sources.push_back({object, normal_images(data_, object)});
    return sources;
  }

  void require_unchanged_images(size_t step) const {
    for (const auto& [object, hash] : image_hashes(data_, o_.stream.steps[step], named(step)))
      if (images_.at(object) != hash)
        fail("the images of '", object, "' changed since this run began; the same command goes on with the new ones");
  }

  // Leaves the model and the step's log.
  void learn(Model& model, size_t step, const FeatureCache& cache) {
    const auto start = std::chrono::steady_clock::now();
    if (step > 0) require_unchanged_images(step);  // hours may lie between the first look at them and now
    std::vector<Model::Source> old;
    if (model.settings().basis == BasisKind::replay)
      for (size_t s = 0; s < step; ++s)
        for (Model::Source& source : sources_of(s)) old.push_back(std::move(source));
    StepLog kept{.step = static_cast<int64_t>(step)};
    double earlier = 0;  // seconds before it was interrupted
    const auto on_log = [&](const std::vector<LogEntry>& entries) {
      if (kept.log.empty() && entries.size() > 1) earlier = entries[entries.size() - 2].seconds;
      kept.log = entries;
      write_log(step, entries);
    };
    model.learn(
        sources_of(step), cache,
        {.state = files_.state(), .checkpoint_seconds = o_.checkpoint_seconds, .log = on_log, .progress = named(step)},
        old);
    kept.seconds = earlier + std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    kept.peak_memory_bytes = peak_memory_bytes();
    write_file(files_.step_log(), to_json(kept).dump());
    model.save(files_.model());
    fs::remove(files_.state());
  }

  // Leaves the scores, the gallery and the step's results.
  void measure(const Model& model, size_t step, const FeatureCache& cache) {
    const std::vector<std::string> seen = first_steps(step + 1).objects();
    const GalleryOptions gallery{.folder = files_.gallery().folder};
    make_folder(gallery.folder);
    const std::vector<ObjectEvaluation> evaluations = evaluate(model, data_, seen, cache, gallery, named(step));
    StepResult result{.learning = {.step = static_cast<int64_t>(step)}, .per_object = results_of(evaluations)};
    if (fs::exists(files_.step_log()))
      if (const auto log = read_json_file<StepLog>(files_.step_log()); log.step == result.learning.step)
        result.learning = log;
    result.learning.peak_memory_bytes = std::max(peak_memory_bytes(), result.learning.peak_memory_bytes);
    write_file(files_.scores(), scores_csv(evaluations));
    write_json_file(files_.step(step), result);
  }

  // The log of all steps up to this one, whose entries are `current`.
  void write_log(size_t step, const std::vector<LogEntry>& current) {
    for (; log_steps_ < step; ++log_steps_)
      log_text_ += log_lines(read_json_file<StepResult>(files_.step(log_steps_)).learning.log);
    write_file(files_.log(), log_text_ + log_lines(current));
  }

  Stream first_steps(size_t count) const {
    return {{o_.stream.steps.begin(), o_.stream.steps.begin() + static_cast<std::ptrdiff_t>(count)}};
  }

  // Brings the log up to date, too.
  RunMetrics metrics_after(const Model& model, size_t steps) {
    const Stream done = first_steps(steps);
    const StepMatrix image = matrix_of(done, model.history(), Level::image),
                     pixel = matrix_of(done, model.history(), Level::pixel);
    RunMetrics metrics;
    double seconds = 0;
    int64_t memory = 0;  // at most, in whichever process a step ended
    for (size_t s = 0; s < steps; ++s) {
      const auto result = read_json_file<StepResult>(files_.step(s));
      seconds += result.learning.seconds;
      memory = std::max(memory, result.learning.peak_memory_bytes);
      if (s + 1 < steps) continue;
      write_log(s, result.learning.log);
      static_cast<Measured&>(metrics) = measured(image, pixel, result.per_object);
    }
    metrics.method = o_.method;
    metrics.profile = o_.profile;
    metrics.version = IUF_VERSION;
    metrics.seed = model.settings().seed;
    metrics.backbone = model.settings().backbone;
    metrics.steps = done.steps;
    metrics.seconds = seconds;
    metrics.peak_memory_bytes = memory;
    metrics.threads = thread_count();
    metrics.cpu = blas_description();
    return metrics;
  }

  const RunOptions& o_;
  const RunFiles files_;
  const Progress& progress_;
  Dataset data_;
  std::optional<FileLock> lock_ = {};            // of the run's folder
  std::map<std::string, uint64_t> images_ = {};  // what run.json says of them
  std::string log_text_ = {};                    // of the steps before log_steps_
  size_t log_steps_ = 0;
};

}  // namespace

RunMetrics train_run(const RunOptions& options, const Progress& progress) {
  return TrainingRun(options, progress)();
}

}  // namespace iuf
