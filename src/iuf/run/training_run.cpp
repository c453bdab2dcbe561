#include "iuf/run/training_run.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>

#include "iuf/data/published_weights.h"
#include "iuf/run/json_file.h"
#include "nn/file.h"
#include "tensor/blas.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/random.h"
#include "tensor/suggest.h"

namespace iuf {
namespace {

using json = nlohmann::json;
namespace fs = std::filesystem;

std::optional<double> optional_from(const json& value) {
  return value.is_null() ? std::nullopt : std::optional(value.get<double>());
}

constexpr int kRunFormat = 2;  // 2: with the images and the weights

fs::path step_file(const fs::path& out, size_t step) {
  char name[32];
  std::snprintf(name, sizeof name, "%02zu.json", step);
  return out / "steps" / name;
}

int64_t peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<int64_t>(usage.ru_maxrss) * 1024;
}

std::vector<std::string> normal_images(const Dataset& data, const std::string& object) {
  std::vector<std::string> files;
  for (const Sample& sample : data.select(object, true))
    if (!sample.defect) files.push_back(sample.file.string());
  if (files.empty()) fail("object '", object, "' has no normal training images in the data set");
  return files;
}

json log_lines(const std::vector<LogEntry>& log) {
  json lines = json::array();
  for (const LogEntry& entry : log) lines.push_back(to_json(entry));
  return lines;
}

// What steps/NN.json says of one object.
json step_object_json(const ObjectEvaluation& evaluation, const ObjectRecord& record) {
  json object = object_json(evaluation);
  object["threshold"] = record.threshold;
  return object;
}

StepRecord record_of(const json& step) {
  StepRecord record;
  for (const json& object : step.at("per_object")) {
    record.image_auroc.push_back(optional_from(object.at("image_auroc")));
    record.pixel_auroc.push_back(optional_from(object.at("pixel_auroc")));
  }
  return record;
}

StepMatrix matrix_of(const Stream& stream, const std::vector<StepRecord>& history, bool pixel) {
  StepMatrix matrix(stream);
  for (size_t s = 0; s < history.size() && s < matrix.value.size(); ++s) {
    const auto& row = pixel ? history[s].pixel_auroc : history[s].image_auroc;
    for (size_t o = 0; o < row.size() && o < matrix.objects.size(); ++o) matrix.value[s][o] = row[o];
  }
  return matrix;
}

Stream stream_of(const Model& model) {
  Stream stream;
  for (const ObjectRecord& object : model.objects()) {
    if (static_cast<size_t>(object.step) >= stream.steps.size())
      stream.steps.resize(static_cast<size_t>(object.step) + 1);
    stream.steps[static_cast<size_t>(object.step)].push_back(object.name);
  }
  return stream;
}

// Everything that the results depend on.
json run_description(const RunOptions& o, const Settings& settings, const Backbone& backbone, const Dataset& data,
                     const Progress& progress) {
  return {{"format", kRunFormat},
          {"data", fs::absolute(o.data).lexically_normal().string()},
          {"images", image_hashes(data, o.stream.objects(), progress)},
          {"profile", o.profile},
          {"method", o.method},
          {"steps", o.stream.steps},
          {"weights", backbone.content_hash()},
          {"settings", to_json(settings)}};
}

class TrainingRun {
 public:
  TrainingRun(const RunOptions& options, const Progress& progress)
      : o_(options), progress_(progress), data_(read_dataset(options.data)) {}

  std::string operator()() {
    for (const auto& step : o_.stream.steps)
      for (const std::string& object : step) normal_images(data_, object);  // all errors before hours of work
    std::optional<Model> model = open();
    const Settings& settings = model->settings();
    const FeatureCache cache(o_.cache ? *o_.cache : o_.out / "cache", model->extractor());
    for (size_t step = 0; step < o_.stream.steps.size(); ++step) {
      const fs::path results = step_file(o_.out, step);
      double seconds = 0;
      if (static_cast<size_t>(model->steps()) <= step) {
        const auto start = std::chrono::steady_clock::now();
        if (step > 0)  // hours may lie between the first look at its images and now
          for (const auto& [object, hash] : image_hashes(data_, o_.stream.steps[step], named(step)))
            if (images_.at(object) != hash)
              fail("the images of '", object,
                   "' changed since this run began; the same command goes on with the new ones");
        std::vector<Model::Source> sources, old;
        for (const std::string& object : o_.stream.steps[step])
          sources.push_back({object, normal_images(data_, object)});
        if (settings.basis == BasisKind::replay)
          for (size_t s = 0; s < step; ++s)
            for (const std::string& object : o_.stream.steps[s]) old.push_back({object, normal_images(data_, object)});
        const fs::path state = o_.out / "state.safetensors";
        std::vector<LogEntry> log;
        double earlier = 0;
        model->learn(sources, cache,
                     {.state = state,
                      .checkpoint_seconds = o_.checkpoint_seconds,
                      .log =
                          [&](const std::vector<LogEntry>& entries) {
                            if (log.empty() && entries.size() > 1)
                              earlier = entries[entries.size() - 2].seconds;  // before it was interrupted
                            log = entries;
                            write_log(step, log_lines(entries));
                          },
                      .progress = named(step)},
                     old);
        seconds = earlier + std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        write_file(o_.out / "steps" / "log.json", json{{"step", step},
                                                       {"log", log_lines(log)},
                                                       {"seconds", seconds},
                                                       {"peak_memory_bytes", peak_memory_bytes()}}
                                                      .dump());
        model->save(o_.out / "model.safetensors");
        fs::remove(state);
      }
      if (!fs::exists(results)) {
        std::vector<std::string> seen;
        for (size_t s = 0; s <= step; ++s)
          seen.insert(seen.end(), o_.stream.steps[s].begin(), o_.stream.steps[s].end());
        make_folder(o_.out / "gallery");
        const auto evaluations = evaluate(*model, data_, seen, cache, {.folder = o_.out / "gallery"}, named(step));
        json per_object = json::array();
        for (size_t i = 0; i < evaluations.size(); ++i)
          per_object.push_back(step_object_json(evaluations[i], model->objects()[i]));
        json description = {{"step", step},
                            {"per_object", per_object},
                            {"log", json::array()},
                            {"seconds", seconds},
                            {"peak_memory_bytes", peak_memory_bytes()}};
        if (const fs::path kept = o_.out / "steps" / "log.json"; fs::exists(kept)) {
          read_json(kept, [&](const json& log) {
            if (log.at("step") != step) return;
            description["log"] = log.at("log");
            description["seconds"] = log.at("seconds");
            description["peak_memory_bytes"] =
                std::max(peak_memory_bytes(), log.at("peak_memory_bytes").get<int64_t>());
          });
        }
        write_file(o_.out / "scores.csv", scores_csv(evaluations));
        write_file(results, description.dump(1));
      }
      if (model->history().size() <= step) {
        model->set_history(step, read_json(results, record_of));
        model->save(o_.out / "model.safetensors");
      }
      write_metrics(*model, step + 1);
    }
    return read_text(o_.out / "metrics.json");
  }

 private:
  // The model to go on with: that of an earlier call with the same options, or a new one.
  Model open() {
    make_folder(o_.out);
    lock_.emplace(o_.out);
    make_folder(o_.out / "steps");
    const fs::path path = o_.out / "model.safetensors", description = o_.out / "run.json";
    Model fresh(o_.profile, o_.method, o_.settings, load_backbone(o_.settings.backbone, o_.backbone_weights));
    json wanted = run_description(o_, fresh.settings(), fresh.backbone(), data_, progress_);
    if (fs::exists(path) && !fs::exists(description))
      fail(o_.out.string(), ": holds a model but no run.json; choose another folder");
    Model model = fs::exists(path) ? Model::load(path) : std::move(fresh);
    const bool begun = fs::exists(path) || fs::exists(o_.out / "state.safetensors") || fs::exists(step_file(o_.out, 0));
    if (fs::exists(description) && begun)  // else nothing is lost
      read_json(description, [&](json found) {
        json same = wanted;
        for (const std::string& object : o_.stream.objects())  // other images of an object that comes later do no harm
          if (std::ranges::find(model.objects(), object, &ObjectRecord::name) == model.objects().end())
            for (json* images : {&found, &same})
              if (images->contains("images")) images->at("images").erase(object);
        require_same(o_.out, "run", found, same);
      });
    write_file(description, wanted.dump(1));
    images_ = std::move(wanted["images"]);
    if (!o_.config_text.empty()) write_file(o_.out / "config.toml", o_.config_text);
    return model;
  }

  Progress named(size_t step) const {
    if (!progress_) return {};
    const std::string prefix = "step " + std::to_string(step + 1) + "/" + std::to_string(o_.stream.steps.size()) + ": ";
    return [this, prefix](const std::string& stage, int64_t done, int64_t total) {
      progress_(prefix + stage, done, total);
    };
  }

  void write_log(size_t step, const json& current) {
    for (; log_steps_ < step; ++log_steps_)
      read_json(step_file(o_.out, log_steps_), [&](const json& earlier) {
        for (const json& line : earlier.at("log")) log_lines_ += line.dump() + "\n";
      });
    std::string lines = log_lines_;
    for (const json& line : current) lines += line.dump() + "\n";
    write_file(o_.out / "log.jsonl", lines);
  }

  void write_metrics(const Model& model, size_t steps) {
    Stream done;
    done.steps.assign(o_.stream.steps.begin(), o_.stream.steps.begin() + static_cast<std::ptrdiff_t>(steps));
    const std::vector<StepRecord> history(model.history().begin(),
                                          model.history().begin() + static_cast<std::ptrdiff_t>(steps));
    const StepMatrix image = matrix_of(done, history, false), pixel = matrix_of(done, history, true);
    double seconds = 0;
    int64_t memory = 0;  // at most, in whichever process a step ended
    json per_object;
    for (size_t s = 0; s < steps; ++s)
      read_json(step_file(o_.out, s), [&](const json& step) {
        seconds += step.at("seconds").get<double>();
        memory = std::max(memory, step.at("peak_memory_bytes").get<int64_t>());
        if (s + 1 < steps) return;
        write_log(s, step.at("log"));
        per_object = step.at("per_object");
      });
    const json metrics = {{"format", 1},
                          {"method", o_.method},
                          {"profile", o_.profile},
                          {"version", IUF_VERSION},
                          {"seed", model.settings().seed},
                          {"backbone", model.settings().backbone},
                          {"steps", done.steps},
                          {"objects", done.objects()},
                          {"image_auroc", matrix_json(image)},
                          {"pixel_auroc", matrix_json(pixel)},
                          {"summary", summary_json(image, pixel)},
                          {"per_object", per_object},
                          {"seconds", seconds},
                          {"peak_memory_bytes", memory},
                          {"threads", thread_count()},
                          {"cpu", blas_description()}};
    write_file(o_.out / "metrics.json", metrics.dump(1));
  }

  const RunOptions& o_;
  const Progress& progress_;
  Dataset data_;
  std::optional<FileLock> lock_ = {};  // of the run's folder
  json images_ = {};                   // what run.json says of them
  std::string log_lines_ = {};         // of the steps before log_steps_
  size_t log_steps_ = 0;
};

}  // namespace

std::map<std::string, uint64_t> image_hashes(const Dataset& data, const std::vector<std::string>& objects,
                                             const Progress& progress) {
  std::map<std::string, uint64_t> hashes;
  for (const std::string& object : objects) {
    std::vector<const Sample*> samples;
    for (const Sample& sample : data.samples)
      if (sample.object == object) samples.push_back(&sample);
    std::vector<uint64_t> each(samples.size());
    std::mutex mutex;
    int64_t done = 0;
    parallel_for(static_cast<int64_t>(samples.size()), 1, [&](int64_t i, int64_t) {
      const Sample& sample = *samples[static_cast<size_t>(i)];
      each[static_cast<size_t>(i)] =
          mix_key(hash_bytes(read_file(sample.file)), (sample.train ? 1U : 0U) | (sample.defect ? 2U : 0U));
      const std::lock_guard lock(mutex);
      if (progress) progress("reading " + object, ++done, static_cast<int64_t>(samples.size()));
    });
    uint64_t& all = hashes[object];
    for (const uint64_t hash : each) all = mix_key(all, hash);
  }
  return hashes;
}

void require_same(const fs::path& folder, const std::string& what, const json& found, const json& now) {
  constexpr const char* advice = "; choose another folder, or delete this one to start again";
  if (found.value("format", 0) != now.at("format"))
    fail(folder.string(), ": holds a ", what, " of another version of this program", advice);
  if (found == now) return;
  std::set<std::string> names;
  const auto compare = [&](const auto& self, const json& x, const json& y, const std::string& name) -> void {
    if (x == y) return;
    if (!x.is_object() || !y.is_object()) {
      names.insert(name);
      return;
    }
    const bool images = name == "images";
    for (const json* side : {&x, &y})
      for (const auto& [key, value] : side->items()) {
        const auto of = [&key = key](const json& j) { return j.contains(key) ? j.at(key) : json(); };
        self(self, of(x), of(y), images ? "images of " + key : key);
      }
  };
  compare(compare, found, now, "");
  fail(folder.string(), ": holds another ", what, " (other: ", joined(names), ")", advice);
}

ModelLock::ModelLock(const fs::path& model) {
  if (const fs::path folder = fs::absolute(model).parent_path(); fs::exists(folder / "run.json")) run_.emplace(folder);
  model_.emplace(model);
}

std::string train_run(const RunOptions& options, const Progress& progress) {
  return TrainingRun(options, progress)();
}

RunResults read_results(const fs::path& out) {
  Stream stream{read_json(out / "run.json", [](const json& description) {
    return description.at("steps").get<std::vector<std::vector<std::string>>>();
  })};
  std::vector<StepRecord> history;
  for (size_t s = 0; s < stream.steps.size() && fs::exists(step_file(out, s)); ++s)
    history.push_back(read_json(step_file(out, s), record_of));
  stream.steps.resize(history.size());
  return {matrix_of(stream, history, false), matrix_of(stream, history, true)};
}

StepMatrix history_matrix(const Model& model, bool pixel) {
  return matrix_of(stream_of(model), model.history(), pixel);
}

bool add_object(const AddOptions& options, const Progress& progress) {
  const Dataset data = read_object(options.folder, options.name);
  const std::string name = data.objects.at(0);
  const fs::path target = options.out ? *options.out : options.model;
  if (options.out && target.has_parent_path()) make_folder(target.parent_path());
  std::optional<ModelLock> lock;
  if (fs::exists(target)) lock.emplace(target);
  Model model = Model::load(options.model);
  const fs::path state = fs::path(target).concat(".adding");
  const FeatureCache cache(options.cache ? *options.cache : fs::absolute(options.model).parent_path() / "cache",
                           model.extractor());
  const Model::Source source{name, normal_images(data, name)};
  // Asked again after it was done (perhaps killed just after the last write): nothing is left to do.
  const auto hashes = cache.prepare(source.images, [&](size_t n, size_t total) {
    if (progress) progress("features of " + name, static_cast<int64_t>(n), static_cast<int64_t>(total));
  });
  const auto done = [&, fingerprint = object_fingerprint(name, hashes)](const Model& m) {
    for (const ObjectRecord& object : m.objects())
      if (object.name == name && object.fingerprint == fingerprint) return true;
    return false;
  };
  const bool written = fs::exists(target) && done(Model::load(target));
  if (written || done(model)) {
    if (!written) model.save(target);
    fs::remove(state);
    return false;
  }
  model.learn({source}, cache,
              {.state = state, .checkpoint_seconds = options.checkpoint_seconds, .progress = progress});
  model.save(target);
  fs::remove(state);
  return true;
}

}  // namespace iuf
