#include "iuf/run/comparison.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "iuf/data/published_weights.h"
#include "iuf/run/json_file.h"
#include "iuf/run/text.h"
#include "nn/file.h"
#include "tensor/error.h"
#include "tensor/suggest.h"

namespace iuf {
namespace {

using json = nlohmann::json;
namespace fs = std::filesystem;

// The published code's choices at the comparison's backbone, sizes and budget.
void released(Settings& s) {
  Settings r = profile("released");
  r.backbone = s.backbone;
  r.image_size = s.image_size;
  r.grid = s.grid;
  r.stem = s.stem;
  r.hidden = s.hidden;
  r.heads = s.heads;
  r.encoder_layers = s.encoder_layers;
  r.decoder_layers = s.decoder_layers;
  r.feed_forward = s.feed_forward;
  r.epochs = s.epochs;
  r.increment_epochs = s.increment_epochs;
  r.batch = s.batch;
  r.seed = s.seed;
  r.held_out = s.held_out;
  r.quantile = s.quantile;
  s = r;
}

const std::vector<Figure> kFigures = {
    {"image_acc", "image ACC", Figure::Kind::percent, 1},
    {"pixel_acc", "pixel ACC", Figure::Kind::percent, 1},
    {"image_fm", "image FM", Figure::Kind::percent, -1},
    {"pixel_fm", "pixel FM", Figure::Kind::percent, -1},
    {"image_bwt", "image BWT", Figure::Kind::percent, 1},
    {"pixel_bwt", "pixel BWT", Figure::Kind::percent, 1},
    {"image_ap", "image AP", Figure::Kind::percent, 1},
    {"pixel_ap", "pixel AP", Figure::Kind::percent, 1},
    {"image_f1_max", "image F1-max", Figure::Kind::percent, 1},
    {"pixel_f1_max", "pixel F1-max", Figure::Kind::percent, 1},
    {"aupro", "AUPRO", Figure::Kind::percent, 1},
    {"seconds", "time", Figure::Kind::seconds, 0},
    {"peak_memory_bytes", "peak memory", Figure::Kind::bytes, 0},
    {"kept_bytes", "kept", Figure::Kind::bytes, 0},
};

std::string figure_text(const Figure& figure, double value) {
  char text[64];
  switch (figure.kind) {
    case Figure::Kind::percent:
      return report::percent(value);
    case Figure::Kind::seconds:
      std::snprintf(text, sizeof text, "%.0f s", value);
      break;
    case Figure::Kind::bytes:
      std::snprintf(text, sizeof text, "%.1f MiB", value / (1 << 20));
      break;
  }
  return text;
}

// What a model file holds besides the backbone.
double kept_bytes(const fs::path& model) {
  const TensorFile file = read_safetensors(model);
  size_t bytes = 0;
  for (const std::string& name : file.names())
    if (!name.starts_with("backbone.")) bytes += file.at(name).bytes.size();
  return static_cast<double>(bytes);
}

constexpr int kFormat = 2;  // of compare.json; 2: with the images, the weights and every method's settings

// Everything that rows share, and what each method starts from; the same folder may get more rows and seeds later.
json description(const ComparisonOptions& o, const Dataset& data, const Progress& progress) {
  json settings = json::object();
  for (const MethodInfo& method : known_methods()) {
    settings[method.name] = to_json(o.settings(method.name));
    settings[method.name].erase("seed");
  }
  return {{"format", kFormat},
          {"data", fs::absolute(o.data).lexically_normal().string()},
          {"images", image_hashes(data, o.stream.objects(), progress)},
          {"profile", o.profile},
          {"steps", o.stream.steps},
          {"first_seed", o.seeds.at(0)},
          {"weights", o.backbone_weights ? hash_bytes(read_file(*o.backbone_weights)) : 0},
          {"settings", settings}};
}

bool finished(const RunOptions& run) {
  const fs::path metrics = run.out / "metrics.json";
  return fs::exists(metrics) && read_json(metrics, [&](const json& m) { return m.at("steps") == run.stream.steps; });
}

void add_mean(std::map<std::string, double>& figures, const json& objects, const char* key) {
  double sum = 0, count = 0;
  for (const json& object : objects)
    if (const json& value = object.at(key); !value.is_null()) {
      sum += value.get<double>();
      ++count;
    }
  if (count > 0) figures[key] = sum / count;
}

std::map<std::string, double> figures_of(const fs::path& run) {
  std::map<std::string, double> figures;
  read_json(run / "metrics.json", [&](const json& metrics) {
    for (const auto& [key, value] : metrics.at("summary").items())
      if (!value.is_null()) figures[key] = value.get<double>();
    for (const char* key : {"image_ap", "pixel_ap", "image_f1_max", "pixel_f1_max", "aupro"})
      add_mean(figures, metrics.at("per_object"), key);
    for (const char* key : {"seconds", "peak_memory_bytes"}) figures[key] = metrics.at(key).get<double>();
  });
  figures["kept_bytes"] = kept_bytes(run / "model.safetensors");
  return figures;
}

// The mean over runs of A[step][object], where every run has it.
StepMatrix mean_matrix(const std::vector<StepMatrix>& runs) {
  StepMatrix mean = runs.at(0);
  for (size_t s = 0; s < mean.value.size(); ++s)
    for (size_t o = 0; o < mean.objects.size(); ++o) {
      double sum = 0;
      for (const StepMatrix& run : runs) {
        if (!run.value[s][o]) mean.value[s][o].reset();
        if (mean.value[s][o]) sum += *run.value[s][o];
      }
      if (mean.value[s][o]) mean.value[s][o] = sum / static_cast<double>(runs.size());
    }
  return mean;
}

// One row from what its runs left. `failures`: by folder.
ComparisonRow collect(const ComparisonOptions& o, const Variant& variant,
                      const std::map<fs::path, std::string>& failures) {
  ComparisonRow row{.variant = variant};
  std::vector<StepMatrix> image, pixel;
  for (size_t seed = 0; seed < o.seeds.size(); ++seed) {
    const RunOptions run = run_of(o, variant, seed);
    if (const auto failure = failures.find(run.out); failure != failures.end()) {
      row.failed =
          o.seeds.size() > 1 ? "seed " + std::to_string(o.seeds[seed]) + ": " + failure->second : failure->second;
      continue;
    }
    if (!finished(run)) continue;
    row.seeds.push_back(o.seeds[seed]);
    row.by_seed.push_back(figures_of(run.out));
    const RunResults results = read_results(run.out);
    image.push_back(results.image);
    pixel.push_back(results.pixel);
  }
  if (row.seeds.empty()) return row;
  row.image = mean_matrix(image);
  row.pixel = mean_matrix(pixel);
  for (const Figure& figure : kFigures) {
    double sum = 0, squares = 0, count = 0;
    for (const auto& values : row.by_seed)
      if (const auto value = values.find(figure.key); value != values.end()) sum += value->second, ++count;
    if (count == 0) continue;
    ComparisonRow::Value& mean = row.figures[figure.key];
    mean.mean = sum / count;
    for (const auto& values : row.by_seed)
      if (const auto value = values.find(figure.key); value != values.end())
        squares += (value->second - mean.mean) * (value->second - mean.mean);
    if (count > 1) mean.spread = std::sqrt(squares / (count - 1));
  }
  return row;
}

// Pictures for the panel: of each object a defective image that most galleries show, with every row's heatmap. Paths
// are relative to the comparison's folder.
json panel_json(const ComparisonOptions& o) {
  json panel = json::array();
  std::map<std::array<std::string, 3>, size_t> place;  // by object, kind of defect and file
  std::set<std::string> shown;                         // objects
  for (const Variant& variant : o.variants) {
    const fs::path folder = run_of(o, variant, 0).out / "gallery";
    if (!fs::exists(folder / "index.json")) continue;
    const auto path = [&](const json& name) {
      return (folder.lexically_relative(o.out) / name.get<std::string>()).generic_string();
    };
    read_json(folder / "index.json", [&](const json& index) {
      for (const json& item : index.at("items")) {
        const std::string object = item.at("object"), file = item.at("file"), kind = item.at("label_name");
        const auto key = std::array{object, kind, file};  // kinds of defects number their files anew
        if (!place.contains(key)) {
          if (item.at("label") != 1 || item.at("mask").is_null() || !shown.insert(object).second) continue;
          place[key] = panel.size();
          panel.push_back({{"object", object},
                           {"file", file},
                           {"label_name", kind},
                           {"input", path(item.at("input"))},
                           {"mask", path(item.at("mask"))},
                           {"heat", json::object()}});
        }
        if (!item.at("heat").is_null()) panel[place[key]]["heat"][variant.name] = path(item.at("heat"));
      }
    });
  }
  return panel;
}

void write_results(const ComparisonOptions& o, const std::vector<ComparisonRow>& rows) {
  json document = {{"format", 1},
                   {"stream", o.stream.steps},
                   {"profile", o.profile},
                   {"version", IUF_VERSION},
                   {"rows", json::array()}};
  for (const ComparisonRow& row : rows) {
    json entry = {{"id", row.variant.name},
                  {"name", row.variant.label},
                  {"failed", row.failed.empty() ? json() : json(row.failed)},
                  {"seeds", row.seeds},
                  {"joint", row.variant.joint},
                  {"summary", json::object()},
                  {"spread", json::object()},
                  {"by_seed", row.by_seed},
                  {"image_auroc", matrix_json(row.image)},
                  {"pixel_auroc", matrix_json(row.pixel)}};
    for (const Figure& figure : kFigures) {
      const auto value = row.figures.find(figure.key);
      entry["summary"][figure.key] = value == row.figures.end() ? json() : json(value->second.mean);
      entry["spread"][figure.key] =
          value == row.figures.end() || !value->second.spread ? json() : json(*value->second.spread);
    }
    document["rows"].push_back(entry);
  }
  document["panel"] = panel_json(o);
  write_file(o.out / "comparison.json", document.dump(1));

  std::ostringstream csv;
  csv.precision(9);
  csv << "name,label,seed,failed";
  for (const Figure& figure : kFigures) csv << ',' << figure.key;
  csv << '\n';
  for (const ComparisonRow& row : rows) {
    for (size_t s = 0; s < row.seeds.size(); ++s) {
      csv << csv_field(row.variant.name) << ',' << csv_field(row.variant.label) << ',' << row.seeds[s] << ',';
      for (const Figure& figure : kFigures) {
        const auto value = row.by_seed[s].find(figure.key);
        csv << ',';
        if (value != row.by_seed[s].end()) csv << value->second;
      }
      csv << '\n';
    }
    if (!row.failed.empty())
      csv << csv_field(row.variant.name) << ',' << csv_field(row.variant.label) << ",," << csv_field(row.failed)
          << std::string(kFigures.size(), ',') << '\n';
  }
  write_file(o.out / "comparison.csv", csv.str());

  std::string markdown;
  const auto cells = comparison_cells(rows);
  for (size_t r = 0; r < cells.size(); ++r) {
    markdown += "|";
    for (const std::string& text : cells[r]) {
      std::string escaped;
      for (char c : text) escaped += c == '|' ? std::string("\\|") : std::string(1, c);
      markdown += " " + escaped + " |";
    }
    markdown += "\n";
    if (r == 0) {
      markdown += "|";
      for (size_t i = 0; i < cells[r].size(); ++i) markdown += i ? " ---: |" : " --- |";
      markdown += "\n";
    }
  }
  write_file(o.out / "comparison.md", markdown);
  if (o.written) o.written();
}

// The settings of a row as its method adjusts them.
Settings final_settings(const ComparisonOptions& o, const Variant& variant) {
  Settings settings = run_of(o, variant, 0).settings;
  method_info(variant.method).adjust(settings);
  return settings;
}

// Computes the features that these rows share, so that none pays for them.
void prepare_features(const ComparisonOptions& o, const std::vector<Variant>& variants, const Dataset& data,
                      const Progress& progress) {
  std::set<uint64_t> done;
  for (const Variant& variant : variants) {
    const Settings settings = final_settings(o, variant);
    const Backbone backbone = load_backbone(settings.backbone, o.backbone_weights);
    const FeatureExtractor extractor(backbone, settings);
    if (!done.insert(extractor.fingerprint()).second) continue;
    const FeatureCache cache(*run_of(o, variant, 0).cache, extractor);
    for (const std::string& object : o.stream.objects()) {
      std::vector<std::string> files;
      for (const bool train : {true, false})
        for (const Sample& sample : data.select(object, train)) files.push_back(sample.file.string());
      cache.prepare(files, [&](size_t n, size_t total) {
        if (progress) progress("features of " + object, static_cast<int64_t>(n), static_cast<int64_t>(total));
      });
    }
  }
}

}  // namespace

const std::vector<Variant>& known_variants() {
  static const std::vector<Variant> variants = {
      {"padim", "PaDiM", "padim", true},
      {"patchcore", "PatchCore", "patchcore", true},
      {"draem", "DRAEM", "draem", true},
      {"cad-dne", "CAD + DNE", "cad-dne", true},
      {"cad-cutpaste", "CAD + CutPaste", "cad-cutpaste", true},
      {"cad-panda", "CAD + PANDA", "cad-panda", true},
      {"uniad", "UniAD", "uniad", true},
      {"ewc", "UniAD + EWC", "ewc", true},
      {"si", "UniAD + SI", "si", true},
      {"mas", "UniAD + MAS", "mas", true},
      {"lvt", "UniAD + LVT", "lvt", true},
      {"finetune", "IUF, fine-tuned (lower bound)", "finetune"},
      {"iuf", "IUF", "iuf", true},
      {"iuf-no-oasa", "IUF without OASA", "iuf", true, {}, [](Settings& s) { s.oasa = false; }},
      {"iuf-no-scl", "IUF without SCL", "iuf", true, {}, [](Settings& s) { s.compression = CompressionKind::off; }},
      {"iuf-no-projection",
       "IUF without projected updates",
       "iuf",
       true,
       {},
       [](Settings& s) { s.projection = false; }},
      {"iuf-raw", "IUF, raw score", "iuf", false, {}, [](Settings& s) { s.score = ScoreKind::raw; }},
      {"iuf-whitened", "IUF, whitened score", "iuf", false, {}, [](Settings& s) { s.score = ScoreKind::whitened; }},
      {"iuf-released", "IUF as released", "iuf", false, "released", released},
      {"joint", "IUF, joint training (upper bound)", "iuf", false, {}, [](Settings&) {}, true},
      {"patchcore-all",
       "PatchCore, bank of all steps",
       "patchcore",
       false,
       {},
       [](Settings& s) { s.memory = Memory::all; }},
      {"padim-all", "PaDiM, merged", "padim", false, {}, [](Settings& s) { s.memory = Memory::all; }},
      {"coreset", "coreset", "coreset"},
      {"gaussian", "gaussian", "gaussian"},
  };
  return variants;
}

std::vector<Variant> parse_variants(const std::string& list) {
  std::vector<std::string> names;
  for (const Variant& variant : known_variants()) names.push_back(variant.name);
  std::vector<Variant> chosen;
  std::set<std::string> taken;
  std::istringstream text(list);
  for (std::string name; std::getline(text, name, ',');) {
    name.erase(0, name.find_first_not_of(' '));
    name.erase(name.find_last_not_of(' ') + 1);
    const size_t before = chosen.size();
    for (const Variant& variant : known_variants())
      if ((name == "all" || name == variant.name || (name == "paper" && variant.paper)) &&
          taken.insert(variant.name).second)
        chosen.push_back(variant);
    if (chosen.size() == before && !taken.contains(name)) {
      std::string known = "all, paper";
      for (const std::string& n : names) known += ", " + n;
      if (name != "all" && name != "paper")
        fail("unknown method '", name, "'", suggestion(name, names), "; there are: ", known);
    }
  }
  if (chosen.empty()) fail("no methods to compare; name some, or `all`, or `paper`");
  return chosen;
}

Settings quick(Settings settings) {
  settings.epochs = std::max<int64_t>(1, settings.epochs / 6);
  settings.increment_epochs = std::max<int64_t>(1, settings.increment_epochs / 6);
  return settings;
}

RunOptions run_of(const ComparisonOptions& o, const Variant& variant, size_t seed) {
  RunOptions run{.data = o.data,
                 .out = o.out / (seed == 0 ? variant.name : variant.name + "-seed" + std::to_string(o.seeds.at(seed))),
                 .backbone_weights = o.backbone_weights,
                 .cache = o.cache ? *o.cache : o.out / "cache",
                 .profile = variant.profile.empty() ? o.profile : variant.profile,
                 .method = variant.method,
                 .stream = variant.joint ? joint(o.stream) : o.stream,
                 .settings = o.settings(variant.method)};
  run.settings.seed = o.seeds.at(seed);
  variant.adjust(run.settings);
  return run;
}

const std::vector<Figure>& comparison_figures() {
  return kFigures;
}

std::vector<ComparisonRow> compare(const ComparisonOptions& o, int64_t jobs, const Launch& launch,
                                   const Progress& progress) {
  if (o.variants.empty() || o.seeds.empty()) fail("compare: no methods or no seeds to compare");
  if (std::set<int64_t>(o.seeds.begin(), o.seeds.end()).size() != o.seeds.size())
    fail("compare: a seed is given twice");
  const Dataset data = read_dataset(o.data);
  for (const std::string& object : o.stream.objects()) data.select(object, true);  // all errors before hours of work
  make_folder(o.out);
  const FileLock kept(o.out);
  const fs::path asked = o.out / "compare.json";
  const json wanted = description(o, data, progress);
  if (fs::exists(asked)) read_json(asked, [&](const json& found) { require_same(o.out, "comparison", found, wanted); });
  std::map<fs::path, std::string> failures;  // by folder
  std::vector<Variant> fitting;
  for (const Variant& variant : o.variants) {
    try {
      check(final_settings(o, variant));
      fitting.push_back(variant);
    } catch (const Error& e) {
      for (size_t seed = 0; seed < o.seeds.size(); ++seed) failures[run_of(o, variant, seed).out] = e.what();
    }
  }
  if (fitting.empty()) fail(failures.begin()->second);
  prepare_features(o, fitting, data, progress);
  write_file(asked, wanted.dump(1));  // all images can be read

  struct Job {
    size_t variant, seed;
  };
  std::vector<Job> queue;
  for (size_t seed = 0; seed < o.seeds.size(); ++seed)
    for (size_t v = 0; v < o.variants.size(); ++v)
      if (const RunOptions run = run_of(o, o.variants[v], seed); !failures.contains(run.out) && !finished(run))
        queue.push_back({v, seed});
  const auto rows = [&] {
    std::vector<ComparisonRow> all;
    for (const Variant& variant : o.variants) all.push_back(collect(o, variant, failures));
    return all;
  };
  std::mutex mutex;
  size_t next = 0, done = 0;
  std::exception_ptr unwritten;
  const auto work = [&] {
    for (;;) {
      RunOptions run;
      {
        const std::lock_guard lock(mutex);
        if (next == queue.size() || unwritten) return;
        const Job& job = queue[next++];
        run = run_of(o, o.variants[job.variant], job.seed);
      }
      std::string failure;
      try {
        failure = launch(run);
      } catch (const std::exception& e) {
        failure = e.what();
      }
      const std::lock_guard lock(mutex);
      try {
        if (!failure.empty()) failures[run.out] = failure;
        write_results(o, rows());
        if (progress) progress("runs", static_cast<int64_t>(++done), static_cast<int64_t>(queue.size()));
      } catch (...) {
        unwritten = std::current_exception();
      }
    }
  };
  std::vector<std::jthread> threads;
  for (int64_t t = 1; t < std::min<int64_t>(jobs, static_cast<int64_t>(queue.size())); ++t) threads.emplace_back(work);
  work();
  threads.clear();  // joins
  if (unwritten) std::rethrow_exception(unwritten);
  const std::vector<ComparisonRow> all = rows();
  write_results(o, all);
  return all;
}

std::string train_here(const RunOptions& run) {
  try {
    train_run(run, {});
    return "";
  } catch (const std::exception& e) {
    return e.what();
  }
}

std::vector<std::vector<std::string>> comparison_cells(const std::vector<ComparisonRow>& rows) {
  std::vector<std::vector<std::string>> cells = {{"method"}};
  for (const Figure& figure : kFigures) cells[0].push_back(figure.title);
  for (const ComparisonRow& row : rows) {
    std::vector<std::string>& line = cells.emplace_back();
    line.push_back(row.variant.label + (row.failed.empty() ? "" : " (failed: " + row.failed + ")"));
    for (const Figure& figure : kFigures) {
      const auto value = row.figures.find(figure.key);
      std::string text = value == row.figures.end() ? "n/a" : figure_text(figure, value->second.mean);
      if (value != row.figures.end() && value->second.spread && figure.kind == Figure::Kind::percent)
        text += " \u00B1" + figure_text(figure, *value->second.spread);
      line.push_back(text);
    }
  }
  return cells;
}

}  // namespace iuf
