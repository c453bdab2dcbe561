#include <nlohmann/json.hpp>
#include <stdexcept>

#include "fuzz/targets.h"
#include "iuf/data/dataset.h"
#include "iuf/data/json_checksum.h"
#include "iuf/data/json_fields.h"
#include "iuf/learn/model.h"
#include "iuf/run/comparison.h"
#include "iuf/run/earlier_predictions.h"
#include "iuf/run/gallery.h"
#include "iuf/run/prediction_journal.h"
#include "iuf/run/prediction_list.h"
#include "iuf/run/run_description.h"
#include "iuf/run/run_metrics.h"
#include "iuf/run/step_result.h"
#include "iuf/run/training_log.h"
#include "nn/bytes.h"
#include "nn/hash.h"
#include "support/small_model.h"
#include "tensor/error.h"

// Lists, models, and what the program leaves in its folders.
namespace iuf::fuzz {
namespace {

namespace fs = std::filesystem;

fs::path stored(Bytes bytes, const fs::path& scratch, const char* name) {
  write_file(scratch / name, bytes);
  return scratch / name;
}

void json_lines(Bytes bytes, const fs::path& scratch) {
  read_dataset(stored(bytes, scratch, "list.jsonl"));
}
void prediction_list(Bytes bytes, const fs::path& scratch) {
  read_prediction_list(stored(bytes, scratch, "list.csv"));
}
// A model that learned two objects in a moment; what a mutated description says of it is tried, too.
const SmallModel& small_model() {
  static const SmallModel small("iuf");
  return small;
}
void model(Bytes bytes, const fs::path& scratch) {
  static const ImageFeatures features = small_model().features("gear");
  const Model loaded = Model::load(stored(bytes, scratch, "model"));
  if (loaded.settings().image_size == small_model().model->settings().image_size && !loaded.objects().empty())
    loaded.judge(features);
}

template <class T>
void read_as(const nlohmann::json& json) {
  try {
    from_json<T>(json, {"fuzz", "damaged"});
  } catch (const Error&) {
  }
}
void run_files(Bytes bytes, const fs::path& scratch) {
  nlohmann::json json = parse_json(to_view(bytes), "fuzz");
  try {
    take_checksum(json, "fuzz");
  } catch (const Error&) {
  }
  read_as<RunDescription>(json);
  read_as<StepResult>(json);
  read_as<Gallery>(json);
  read_as<ObjectRecord>(json);
  for (const auto& read :
       {+[](const fs::path& path) { read_metrics(path); }, +[](const fs::path& path) { read_comparison(path); }})
    try {
      write_file(scratch / "run.json", json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
      read(scratch / "run.json");
    } catch (const Error&) {
    }
}
void log(Bytes bytes, const fs::path& scratch) {
  read_log(stored(bytes, scratch, "log.jsonl"));
}
void journal(Bytes bytes, const fs::path& scratch) {
  stored(bytes, scratch, "predictions.partial.jsonl");
  PredictionRequest request;  // the one that the first line names
  const std::string_view line = to_view(bytes).substr(0, to_view(bytes).find('\n'));
  const nlohmann::json first = nlohmann::json::parse(line, nullptr, false);
  if (first.is_object() && first.contains("value")) try {
      request = from_json<PredictionRequest>(first.at("value"), {"fuzz"});
    } catch (const Error&) {
    }
  PredictionJournal found(scratch, request);
  Prediction row;
  row.file = "a.png";
  int64_t changed = 0;
  found.take(row, changed);
}
void predictions(Bytes bytes, const fs::path& scratch) {
  stored(bytes, scratch, "predictions.csv");
  stored(bytes, scratch, "predictions.jsonl");
  remove_pictures(scratch, earlier_predictions(scratch), {});
}

// An entry of the cache is taken or made again, never an error.
void cache_entry(Bytes bytes, const fs::path& scratch) {
  const SmallModel& small = small_model();
  static const std::string file = small.images("gear").front();
  static const uint64_t hash = hash_bytes(read_file(file));
  const FeatureCache probe(scratch, small.model->extractor());
  probe.load(file, hash, {});
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(scratch))
    if (entry.is_regular_file()) write_file(entry.path(), bytes);
  const ImageFeatures loaded = probe.load(file, hash, {});
  if (!small.model->extractor().fits(loaded, {})) throw std::runtime_error("features of another shape");
}

std::vector<std::vector<std::byte>> models() {
  std::vector<std::vector<std::byte>> seeds;
  for (const char* method : {"iuf", "padim", "coreset"}) seeds.push_back(SmallModel(method).model->bytes());
  return seeds;
}
std::vector<std::vector<std::byte>> cache_entries() {
  std::vector<std::vector<std::byte>> seeds;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(small_model().folder / "cache"))
    if (entry.is_regular_file() && seeds.size() < 2) seeds.push_back(read_file(entry.path()));
  return seeds;
}

}  // namespace

const std::vector<Target>& folder_targets() {
  static const std::vector<Target> all = {
      {"json-lines",
       json_lines,
       {},
       {"{\"filename\": \"a.png\", \"label\": 0, \"label_name\": \"good\", \"clsname\": \"gear\"}\n"
        "{\"filename\": \"b.png\", \"label\": 1, \"maskname\": \"m.png\", \"clsname\": \"gear\"}\n",
        "[{\"image\": \"a.png\", \"split\": \"train\"}]"}},
      {"prediction-list",
       prediction_list,
       {},
       {"path,object\na.png,gear\n\"b c.png\",biscuit\n", "{\"file\": \"a.png\", \"object\": \"gear\"}\n"}},
      {"model", model, {}, {}, mend_safetensors, models},
      {"run-files",
       run_files,
       {"fuzz/seeds/run.json", "fuzz/seeds/step.json", "fuzz/seeds/metrics.json", "fuzz/seeds/index.json"}},
      {"log", log, {"fuzz/seeds/log.jsonl"}},
      {"journal", journal, {"fuzz/seeds/predictions.partial.jsonl"}, {}, mend_lines},
      {"predictions", predictions, {"fuzz/seeds/predictions.csv", "fuzz/seeds/predictions.jsonl"}},
      {"cache-entry", cache_entry, {}, {}, mend_safetensors, cache_entries}};
  return all;
}

}  // namespace iuf::fuzz
