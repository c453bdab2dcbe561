#include "iuf/training_run.h"

#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "nn/file.h"
#include "tensor/blas.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace iuf {
namespace {

using json = nlohmann::json;
namespace fs = std::filesystem;

json optional_json(const std::optional<double>& value) { return value ? json(*value) : json(); }
std::optional<double> optional_from(const json& value) { return value.is_null() ? std::nullopt : std::optional(value.get<double>()); }

fs::path step_file(const fs::path& out, size_t step) {
  char name[32];
  std::snprintf(name, sizeof name, "%02zu.json", step);
  return out / "steps" / name;
}

json parse_json(const fs::path& path) {
  try {
    return json::parse(read_text(path));
  } catch (const json::exception& e) {
    fail(path.string(), ": damaged JSON: ", e.what());
  }
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
  for (const LogEntry& e : log)
    lines.push_back({{"step", e.step}, {"epoch", e.epoch}, {"iteration", e.iteration}, {"loss", e.loss}, {"mse", e.mse}, {"ce", e.ce},
                     {"scl", e.scl}, {"grad_norm", e.grad_norm}, {"lr", e.learning_rate}});
  return lines;
}

// What steps/NN.json says of one object.
json object_json(const ObjectEvaluation& e, const ObjectRecord& record) {
  return {{"object", e.object},
          {"image_auroc", optional_json(e.image.auroc)},
          {"image_ap", optional_json(e.image.average_precision)},
          {"image_f1_max", optional_json(e.image.f1_max)},
          {"pixel_auroc", optional_json(e.pixel.auroc)},
          {"pixel_ap", optional_json(e.pixel.average_precision)},
          {"pixel_f1_max", optional_json(e.pixel.f1_max)},
          {"aupro", optional_json(e.aupro)},
          {"threshold", record.threshold},
          {"test_normal", e.normal},
          {"test_defect", e.defects},
          {"recognised", optional_json(e.recognised)}};
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

json matrix_json(const StepMatrix& matrix) {
  json rows = json::array();
  for (const auto& row : matrix.value) {
    json values = json::array();
    for (const auto& v : row) values.push_back(optional_json(v));
    rows.push_back(values);
  }
  return rows;
}

Stream stream_of(const Model& model) {
  Stream stream;
  for (const ObjectRecord& object : model.objects()) {
    if (static_cast<size_t>(object.step) >= stream.steps.size()) stream.steps.resize(static_cast<size_t>(object.step) + 1);
    stream.steps[static_cast<size_t>(object.step)].push_back(object.name);
  }
  return stream;
}

json run_description(const RunOptions& o, const Settings& settings) {
  return {{"format", 1},          {"data", fs::absolute(o.data).lexically_normal().string()},
          {"profile", o.profile}, {"method", o.method},
          {"steps", o.stream.steps}, {"settings", to_json(settings)}};
}

// The keys in which two descriptions differ, for the message.
std::string difference(const json& a, const json& b) {
  std::string keys;
  const auto add = [&](const std::string& key) { keys += (keys.empty() ? "" : ", ") + key; };
  for (const auto& [key, value] : a.items()) {
    if (key == "settings") continue;
    if (!b.contains(key) || b.at(key) != value) add(key);
  }
  if (a.contains("settings") && b.contains("settings"))
    for (const auto& [key, value] : a.at("settings").items())
      if (!b.at("settings").contains(key) || b.at("settings").at(key) != value) add(key);
  return keys;
}

class TrainingRun {
 public:
  TrainingRun(const RunOptions& options, const Progress& progress) : o_(options), progress_(progress), data_(read_dataset(options.data)) {}

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
        std::vector<Model::Source> sources, old;
        for (const std::string& object : o_.stream.steps[step]) sources.push_back({object, normal_images(data_, object)});
        if (settings.basis == BasisKind::replay)
          for (size_t s = 0; s < step; ++s)
            for (const std::string& object : o_.stream.steps[s]) old.push_back({object, normal_images(data_, object)});
        const fs::path state = o_.out / "state.safetensors";
        std::vector<LogEntry> log;
        model->learn(sources, cache,
                     {.state = state,
                      .checkpoint_seconds = o_.checkpoint_seconds,
                      .log = [&](const std::vector<LogEntry>& entries) {
                        log = entries;
                        write_log(step, log_lines(entries));
                      },
                      .progress = named(step)},
                     old);
        seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        write_file(o_.out / "steps" / "log.json", json{{"step", step}, {"log", log_lines(log)}, {"seconds", seconds}}.dump());
        model->save(o_.out / "model.safetensors");
        fs::remove(state);
      }
      if (!fs::exists(results)) {
        std::vector<std::string> seen;
        for (size_t s = 0; s <= step; ++s) seen.insert(seen.end(), o_.stream.steps[s].begin(), o_.stream.steps[s].end());
        make_folder(o_.out / "gallery");
        const auto evaluations = evaluate(*model, data_, seen, cache, {.folder = o_.out / "gallery"}, named(step));
        json per_object = json::array();
        for (size_t i = 0; i < evaluations.size(); ++i) per_object.push_back(object_json(evaluations[i], model->objects()[i]));
        json description = {{"step", step}, {"per_object", per_object}, {"log", json::array()}, {"seconds", seconds}};
        if (const fs::path kept = o_.out / "steps" / "log.json"; fs::exists(kept)) {
          const json log = parse_json(kept);
          if (log.at("step") == step) {
            description["log"] = log.at("log");
            description["seconds"] = log.at("seconds");
          }
        }
        write_file(o_.out / "scores.csv", scores_csv(evaluations));
        write_file(results, description.dump(1));
      }
      if (model->history().size() <= step) {
        model->set_history(step, record_of(parse_json(results)));
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
    make_folder(o_.out / "steps");
    const fs::path path = o_.out / "model.safetensors", description = o_.out / "run.json";
    Model fresh(o_.profile, o_.method, o_.settings, load_backbone(o_.settings.backbone, o_.backbone_weights));
    const json wanted = run_description(o_, fresh.settings());
    if (fs::exists(description)) {
      const json found = parse_json(description);
      if (found != wanted)
        fail(o_.out.string(), ": holds another run (other: ", difference(wanted, found), "); choose another folder, or delete this one to start again");
    } else {
      if (fs::exists(path)) fail(o_.out.string(), ": holds a model but no run.json; choose another folder");
      write_file(description, wanted.dump(1));
    }
    if (!o_.config_text.empty()) write_file(o_.out / "config.toml", o_.config_text);
    if (!fs::exists(path)) return fresh;
    return Model::load(path);
  }

  Progress named(size_t step) const {
    if (!progress_) return {};
    const std::string prefix = "step " + std::to_string(step + 1) + "/" + std::to_string(o_.stream.steps.size()) + ": ";
    return [this, prefix](const std::string& stage, int64_t done, int64_t total) { progress_(prefix + stage, done, total); };
  }

  void write_log(size_t step, const json& current) const {
    std::string lines;
    for (size_t s = 0; s < step; ++s) {
      const json earlier = parse_json(step_file(o_.out, s));
      for (const json& line : earlier.at("log")) lines += line.dump() + "\n";
    }
    for (const json& line : current) lines += line.dump() + "\n";
    write_file(o_.out / "log.jsonl", lines);
  }

  void write_metrics(const Model& model, size_t steps) const {
    Stream done;
    done.steps.assign(o_.stream.steps.begin(), o_.stream.steps.begin() + static_cast<std::ptrdiff_t>(steps));
    const std::vector<StepRecord> history(model.history().begin(), model.history().begin() + static_cast<std::ptrdiff_t>(steps));
    const StepMatrix image = matrix_of(done, history, false), pixel = matrix_of(done, history, true);
    const StepSummary i = summarise(image), p = summarise(pixel);
    const json last = parse_json(step_file(o_.out, steps - 1));
    double seconds = 0;
    for (size_t s = 0; s < steps; ++s) seconds += parse_json(step_file(o_.out, s)).at("seconds").get<double>();
    write_log(steps - 1, last.at("log"));
    const json metrics = {
        {"format", 1}, {"method", o_.method}, {"profile", o_.profile}, {"version", IUF_VERSION}, {"seed", model.settings().seed},
        {"backbone", model.settings().backbone}, {"steps", done.steps}, {"objects", done.objects()},
        {"image_auroc", matrix_json(image)}, {"pixel_auroc", matrix_json(pixel)},
        {"summary", {{"image_acc", optional_json(i.acc.value)}, {"pixel_acc", optional_json(p.acc.value)}, {"image_fm", optional_json(i.fm.value)},
                     {"pixel_fm", optional_json(p.fm.value)}, {"image_bwt", optional_json(i.bwt.value)}, {"pixel_bwt", optional_json(p.bwt.value)}}},
        {"per_object", last.at("per_object")}, {"seconds", seconds}, {"peak_memory_bytes", peak_memory_bytes()}, {"threads", thread_count()},
        {"cpu", blas_description()}};
    write_file(o_.out / "metrics.json", metrics.dump(1));
  }

  const RunOptions& o_;
  const Progress& progress_;
  Dataset data_;
};

}  // namespace

std::string train_run(const RunOptions& options, const Progress& progress) { return TrainingRun(options, progress)(); }

RunResults read_results(const fs::path& out) {
  const json description = parse_json(out / "run.json");
  try {
    Stream stream{description.at("steps").get<std::vector<std::vector<std::string>>>()};
    std::vector<StepRecord> history;
    for (size_t s = 0; s < stream.steps.size() && fs::exists(step_file(out, s)); ++s) history.push_back(record_of(parse_json(step_file(out, s))));
    stream.steps.resize(history.size());
    return {matrix_of(stream, history, false), matrix_of(stream, history, true)};
  } catch (const json::exception& e) {
    fail(out.string(), ": damaged run description: ", e.what());
  }
}

StepMatrix history_matrix(const Model& model, bool pixel) { return matrix_of(stream_of(model), model.history(), pixel); }

bool add_object(const AddOptions& options, const Progress& progress) {
  const Dataset data = read_object(options.folder, options.name);
  const std::string name = data.objects.at(0);
  Model model = Model::load(options.model);
  const fs::path target = options.out ? *options.out : options.model;
  const fs::path state = fs::path(target).concat(".adding");
  const FeatureCache cache(options.cache ? *options.cache : fs::absolute(options.model).parent_path() / "cache", model.extractor());
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
  if (done(model) || (fs::exists(target) && done(Model::load(target)))) {
    fs::remove(state);
    return false;
  }
  model.learn({source}, cache, {.state = state, .checkpoint_seconds = options.checkpoint_seconds, .progress = progress});
  model.save(target);
  fs::remove(state);
  return true;
}

}  // namespace iuf
