#include "iuf/run/run_model.h"

#include <algorithm>
#include <optional>
#include <span>

#include "iuf/data/json_fields.h"
#include "iuf/learn/model.h"
#include "iuf/run/run_description.h"
#include "iuf/run/text.h"
#include "nn/hash.h"
#include "tensor/error.h"
#include "tensor/suggest.h"
#include "tensor/text.h"

namespace iuf {
namespace {

namespace fs = std::filesystem;

uint64_t learned_hash(const ObjectRecord& object) {
  return hash_bytes(std::as_bytes(std::span(object.photographs)));
}

// Models that an older version wrote know no photographs, and figures of that time no hash.
bool has_other_photographs(const ObjectRecord& object, const StepResult& measured) {
  const auto learned = measured.learned.find(object.name);
  return learned != measured.learned.end() && !object.photographs.empty() && learned->second != learned_hash(object);
}

// The last step that was measured, if any.
std::optional<StepResult> last_result(const RunFiles& files) {
  size_t steps = 0;
  while (fs::exists(files.step(steps))) ++steps;
  if (steps == 0) return std::nullopt;
  return read_json_file<StepResult>(files.step(steps - 1));
}

constexpr const char* kAdvice =
    ": was the file restored from another run's? Put the right one back, or choose another folder; `iuf history` says "
    "whether a command changed it, and `iuf rollback` undoes that";

}  // namespace

std::map<std::string, uint64_t> learned_hashes(const std::vector<ObjectRecord>& objects) {
  std::map<std::string, uint64_t> hashes;
  for (const ObjectRecord& object : objects) hashes[object.name] = learned_hash(object);
  return hashes;
}

std::vector<std::string> model_differences(const std::vector<ObjectRecord>& now, const StepResult& measured) {
  std::vector<std::string> differences;
  for (const ObjectResult& result : measured.per_object) {
    const std::string name = "'" + plain_text(result.object) + "'";
    const auto object = std::ranges::find(now, result.object, &ObjectRecord::name);
    if (object == now.end()) {
      differences.push_back("the model in this folder does not know " + name + ": the figures are another model's");
    } else if (has_other_photographs(*object, measured)) {
      differences.push_back("the model in this folder learned " + name +
                            " from other photographs than the one that the figures are of");
    } else if (object->threshold != result.threshold) {
      differences.push_back("the threshold of " + name + " is " + number_text(object->threshold) +
                            " by now, the figures are of " + number_text(result.threshold) +
                            ": `iuf eval` measures it");
    }
  }
  return differences;
}

std::vector<std::string> model_differences(const RunFiles& files) {
  if (!fs::exists(files.model())) return {};
  const std::optional<StepResult> last = last_result(files);
  if (!last) return {};
  try {
    return model_differences(Model::load(files.model()).objects(), *last);
  } catch (const Error& e) {
    return {e.what()};
  }
}

std::string unlearned_note(const fs::path& model_file, int64_t steps_learned) {
  if (!in_run_folder(model_file)) return "";
  RunDescription run;
  try {
    run = read_json_file<RunDescription>(RunFiles{model_file.parent_path()}.description());
  } catch (const Error&) {  // a note, no more
    return "";
  }
  std::vector<std::string> unlearned;
  for (size_t step = static_cast<size_t>(steps_learned); step < run.steps.size(); ++step)
    for (const std::string& object : run.steps[step]) unlearned.push_back("'" + plain_text(object) + "'");
  return unlearned.empty() ? ""
                           : "the run of this model is not complete: it has learned " + std::to_string(steps_learned) +
                                 " of " + std::to_string(run.steps.size()) + " steps, and does not know " +
                                 joined(unlearned) + " yet; the same `iuf train` command goes on";
}

void require_own_model(const RunFiles& files, const std::vector<ObjectRecord>& objects,
                       const std::vector<std::string>& stream) {
  for (size_t i = 0; i < std::min(objects.size(), stream.size()); ++i)
    if (objects[i].name != stream[i])
      fail(files.model().string(), ": its object ", i + 1, " is '", plain_text(objects[i].name), "', the run's is '",
           plain_text(stream[i]), "'", kAdvice);
  const std::optional<StepResult> last = last_result(files);
  if (!last) return;
  for (const ObjectRecord& object : objects)
    if (has_other_photographs(object, *last))
      fail(files.model().string(), ": it learned '", plain_text(object.name), "' from other photographs than the run",
           kAdvice);
}

}  // namespace iuf
