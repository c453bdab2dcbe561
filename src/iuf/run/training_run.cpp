#include "iuf/run/training_run.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>

#include "iuf/checks/description.h"
#include "iuf/data/json_fields.h"
#include "iuf/features/published_weights.h"
#include "iuf/run/data_check.h"
#include "iuf/run/evaluation.h"
#include "iuf/run/ignore_masks.h"
#include "iuf/run/model_history.h"
#include "iuf/run/run_description.h"
#include "iuf/run/run_files.h"
#include "iuf/run/run_model.h"
#include "iuf/run/training_log.h"
#include "nn/checksum.h"
#include "nn/file.h"
#include "nn/links.h"
#include "tensor/blas.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/suggest.h"
#include "tensor/text.h"

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
    if (model.steps() == 0) model.decide_window(sources_of(0), progress_);
    const FeatureCache cache(o_.cache.or_in(files_.cache()), model.extractor());
    notes_ = check_images(data_, o_.stream.objects(), cache, progress_);
    require_masks_fit(masks_, data_, cache, progress_);
    keep_remarks();
    begin(model);
    RunMetrics metrics;
    for (size_t step = 0; step < o_.stream.steps.size(); ++step) {
      if (static_cast<size_t>(model.steps()) <= step) learn(model, step, cache);
      const bool measured = is_measured(step) && !is_outdated(model, step);
      if (!measured) measure(model, step, cache);
      if (!measured || model.history().size() <= step) {
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
    make_own_folder(files_.steps());
    if (fs::is_symlink(files_.model()))
      fail(files_.model().string(), ": is a link, which is not followed: remove it, or choose another folder");
    Model fresh(o_.profile, o_.method, o_.settings, load_backbone(o_.settings.backbone, o_.backbone_weights));
    const bool learned = fs::exists(files_.model());
    if (learned && !fs::exists(files_.description()))
      fail(o_.out.string(), ": holds a model but no run.json; choose another folder");
    wanted_ = {.data = absolute_text(o_.data),
               .profile = o_.profile,
               .method = o_.method,
               .weights = fresh.backbone().content_hash(),
               .settings = to_json(fresh.settings())};
    Model model = learned ? Model::load(files_.model()) : std::move(fresh);
    const bool begun = learned || fs::exists(files_.state()) || is_measured(0);
    if (begun && fs::exists(files_.description()))
      found_ = read_json_file(files_.description());  // else nothing is lost
    if (found_ && found_->is_object()) keep_name();
    wanted_.steps = o_.stream.steps;
    if (o_.ignore) masks_ = read_ignore_masks(*o_.ignore, o_.stream.objects());
    for (const auto& [object, mask] : masks_) wanted_.ignore[object] = mask.region(o_.settings.image_size).hash();
    if (found_) require_same_run(model, Images::ignored);  // before all images are read
    if (learned) require_own_model(files_, model.objects(), o_.stream.objects());
    return model;
  }

  // Behind those that the check of the images has told.
  void keep_remarks() {
    for (const std::string& object : o_.stream.objects()) {
      const std::vector<std::string> remarks = o_.remarks ? o_.remarks->at(object) : data_remarks(data_, object);
      std::ranges::copy(remarks, std::back_inserter(notes_[object]));
    }
  }

  // Writes what this run is, once all its images were read and it is known to be the one that the folder holds.
  void begin(const Model& model) {
    wanted_.images = training_hashes(data_, o_.stream.objects(), progress_);
    if (found_) require_same_run(model, Images::compared);
    moved_ = found_ && found_->value("data", json()) != wanted_.data;
    write_json_file(files_.description(), wanted_);
    if (!o_.config_text.empty() && !renamed_) write_file(files_.config(), o_.config_text);
  }

  // A folder of one object gives it its name. Renamed, it still holds the object that the run knows.
  void keep_name() {
    const std::vector<std::string> now = o_.stream.objects();
    if (now.size() != 1 || data_.objects != now || now[0] != folder_name(o_.data)) return;
    const json steps = found_->value("steps", json()), images = found_->value("images", json());
    if (!steps.is_array() || steps.size() != 1 || !steps[0].is_array() || steps[0].size() != 1) return;
    const json& known = steps[0][0];
    if (!known.is_string() || known == now[0] || !images.is_object() || !images.contains(known.get<std::string>()))
      return;
    const auto name = known.get<std::string>();
    if (images.at(name) != training_hashes(data_, now, progress_).at(now[0])) return;
    progress_.note("the images of '" + now[0] + "' are those that this run knows as '" + name +
                   "': it keeps that name");
    renamed_ = true;
    data_.objects = {name};
    if (o_.remarks) (*o_.remarks)[name] = o_.remarks->at(now[0]);
    if (auto remarks = data_.remarks.extract(now[0])) {
      remarks.key() = name;
      data_.remarks.insert(std::move(remarks));
    }
    for (Sample& sample : data_.samples) sample.object = name;
    o_.stream.steps = {{name}};
  }

  // Other training images of an object that comes later do no harm.
  enum class Images { ignored, compared };
  void require_same_run(const Model& model, Images images) const {
    json found = *found_, now = to_json(wanted_);
    for (json* side : {&found, &now})
      if (side->is_object() && side->contains("images") && side->at("images").is_object()) {
        if (images == Images::ignored) side->erase("images");
        for (const std::string& object : o_.stream.objects())
          if (images == Images::compared &&
              std::ranges::find(model.objects(), object, &ObjectRecord::name) == model.objects().end())
            side->at("images").erase(object);
      }
    require_same(o_.out, "run", found, now);
  }

  bool is_measured(size_t step) const { return fs::exists(files_.step(step)); }

  // Whether the last learned step was measured on other test images than those of now, or with errors, or before the
  // data moved. Earlier steps, whose models are gone, keep what they measured.
  bool is_outdated(const Model& model, size_t step) const {
    const size_t learned = static_cast<size_t>(model.steps());
    if (step + 1 != std::min(learned, o_.stream.steps.size())) return false;
    const auto result = read_json_file<StepResult>(files_.step(step));
    const bool other = result.testing != testing_hashes(data_, first_steps(step + 1).objects(), named(step));
    if (learned == step + 1) return other || moved_ || errors_in(result.per_object) > 0;
    if (other)  // `iuf add` went on with this model
      progress_.note("the test images changed, but the model has learned more objects since: the figures stay");
    return false;
  }

  Progress named(size_t step) const {
    return progress_.named("step " + std::to_string(step + 1) + "/" + std::to_string(o_.stream.steps.size()) + ": ");
  }

  std::vector<Model::Source> sources_of(size_t step) const {
    std::vector<Model::Source> sources;
    for (const std::string& object : o_.stream.steps[step]) {
      sources.push_back({object, normal_images(data_, object)});
      if (const auto mask = masks_.find(object); mask != masks_.end()) sources.back().ignore = mask->second;
    }
    return sources;
  }

  void require_unchanged_images(size_t step) const {
    for (const auto& [object, hash] : training_hashes(data_, o_.stream.steps[step], named(step)))
      if (wanted_.images.at(object) != hash)
        fail("the training images of '", object,
             "' changed since this run began; the same command goes on with the new ones");
  }

  // All images could be read when the run began. Figures that lack one since would stay, once the step's model is gone.
  void require_whole_figures(size_t step) const {
    for (const ObjectResult& object : read_json_file<StepResult>(files_.step(step)).per_object)
      if (object.errors > 0)
        fail(object.error_texts.empty() ? object.object : object.error_texts.front(), "; step ", step + 1,
             " is not measured whole: the same command measures it again and goes on");
  }

  // Leaves the model and the step's log.
  void learn(Model& model, size_t step, const FeatureCache& cache) {
    const auto start = std::chrono::steady_clock::now();
    if (step > 0) {
      require_whole_figures(step - 1);
      require_unchanged_images(step);  // hours may lie between the first look at them and now
    }
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
    write_json_file(files_.step_log(), kept);
    const std::vector<std::string>& objects = o_.stream.steps[step];
    save_version(model, files_.model(), {.command = "train", .objects = objects, .what = "learned " + joined(objects)},
                 o_.versions, progress_);
    fs::remove(files_.state());
  }

  // Leaves the scores, the gallery and the step's results.
  void measure(const Model& model, size_t step, const FeatureCache& cache) {
    const std::vector<std::string> seen = first_steps(step + 1).objects();
    const GalleryOptions gallery{.folder = files_.gallery().folder};
    make_own_folder(gallery.folder);
    std::map<std::string, uint64_t> testing = testing_hashes(data_, seen, named(step));
    const std::vector<ObjectEvaluation> evaluations = evaluate(model, data_, seen, cache, gallery, named(step));
    StepResult result{.learning = {.step = static_cast<int64_t>(step)},
                      .per_object = results_of(evaluations),
                      .testing = std::move(testing),
                      .learned = learned_hashes(model.objects())};
    for (ObjectResult& object : result.per_object) {
      const auto record = std::ranges::find(model.objects(), object.object, &ObjectRecord::name);
      if (record != model.objects().end())
        object.notes.insert(object.notes.end(), record->remarks.begin(), record->remarks.end());
      if (const auto notes = notes_.find(object.object); notes != notes_.end())
        object.notes.insert(object.notes.end(), notes->second.begin(), notes->second.end());
    }
    if (fs::exists(files_.step_log()))
      if (const auto log = read_json_file<StepLog>(files_.step_log()); log.step == result.learning.step)
        result.learning = log;
    result.learning.peak_memory_bytes = std::max(peak_memory_bytes(), result.learning.peak_memory_bytes);
    const std::string scores = scores_csv(evaluations);
    write_file(files_.scores(), scores);
    result.scores = checksum_of(scores);
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

  // Of the objects that earlier steps measured on other test images than the last one.
  static void note_other_images(const std::vector<std::map<std::string, uint64_t>>& testing,
                                std::vector<ObjectResult>& objects) {
    for (ObjectResult& object : objects) {
      std::vector<std::string> other;  // steps
      for (size_t s = 0; s + 1 < testing.size(); ++s)
        if (const auto found = testing[s].find(object.object);
            found != testing[s].end() && found->second != testing.back().at(object.object))
          other.push_back(std::to_string(s + 1));
      if (!other.empty())
        object.notes.push_back("its test images changed after " + std::string(other.size() == 1 ? "step " : "steps ") +
                               joined(other) + ", which had others and keep their figures");
    }
  }

  // Brings the log up to date, too.
  RunMetrics metrics_after(const Model& model, size_t steps) {
    const Stream done = first_steps(steps);
    const StepMatrix image = matrix_of(done, model.history(), Level::image),
                     pixel = matrix_of(done, model.history(), Level::pixel);
    RunMetrics metrics;
    double seconds = 0;
    int64_t memory = 0;  // at most, in whichever process a step ended
    std::vector<std::map<std::string, uint64_t>> testing;
    for (size_t s = 0; s < steps; ++s) {
      auto result = read_json_file<StepResult>(files_.step(s));
      testing.push_back(result.testing);
      seconds += result.learning.seconds;
      memory = std::max(memory, result.learning.peak_memory_bytes);
      if (s + 1 < steps) continue;
      write_log(s, result.learning.log);
      note_other_images(testing, result.per_object);
      static_cast<Measured&>(metrics) = measured(image, pixel, result.per_object);
      metrics.scores = result.scores;
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

  RunOptions o_;
  const RunFiles files_;
  const Progress& progress_;
  Dataset data_;
  std::optional<FileLock> lock_ = {};                           // of the run's folder
  std::optional<nlohmann::json> found_ = {};                    // run.json of the run that goes on
  RunDescription wanted_ = {};                                  // and what it becomes
  std::map<std::string, IgnoreMask> masks_ = {};                // by object
  bool renamed_ = false, moved_ = false;                        // the object; the data, since then
  std::map<std::string, std::vector<std::string>> notes_ = {};  // on the images of an object
  std::string log_text_ = {};                                   // of the steps before log_steps_
  size_t log_steps_ = 0;
};

}  // namespace

bool is_up_to_date(const RunOptions& o, const std::map<std::string, uint64_t>& testing) {
  const RunFiles files{o.out};
  if (o.stream.steps.empty() || !fs::exists(files.description())) return false;
  const json description = read_json_file(files.description());
  if (!description.is_object() || description.value("data", json()) != absolute_text(o.data)) return false;
  const auto result = read_json_file<StepResult>(files.step(o.stream.steps.size() - 1));
  return result.testing == testing && errors_in(result.per_object) == 0;
}

RunMetrics train_run(const RunOptions& options, const Progress& progress) {
  return TrainingRun(options, progress)();
}

}  // namespace iuf
