#include "iuf/run/model_evaluation.h"

#include <algorithm>

#include "iuf/checks/description.h"
#include "iuf/run/data_check.h"
#include "iuf/run/evaluation.h"
#include "iuf/run/model_history.h"
#include "iuf/run/run_files.h"
#include "nn/file.h"
#include "nn/links.h"
#include "tensor/error.h"
#include "tensor/suggest.h"

namespace iuf {
namespace {

std::vector<std::string> names_of(const Model& model) {
  std::vector<std::string> names;
  for (const ObjectRecord& object : model.objects()) names.push_back(object.name);
  return names;
}

// The objects that the model knows and the data has, in the order of learning; if some were asked for, those.
std::vector<std::string> objects_to_evaluate(const Model& model, const Dataset& data,
                                             const std::vector<std::string>& asked) {
  const std::vector<std::string> known = names_of(model);
  for (const std::string& name : asked)
    if (std::ranges::find(known, name) == known.end())
      fail("eval: unknown object '", name, "'", suggestion(name, known), "; the model knows: ", joined(known));
  if (!asked.empty()) return asked;
  std::vector<std::string> objects;
  for (const std::string& name : known) {
    if (std::ranges::find(data.objects, name) != data.objects.end()) objects.push_back(name);
  }
  if (objects.empty())
    fail("eval: the data holds none of the model's objects (", joined(known), "), but: ", joined(data.objects));
  return objects;
}

std::vector<std::string> only_in(const std::vector<std::string>& names, const std::vector<std::string>& others) {
  std::vector<std::string> found;
  std::ranges::copy_if(names, std::back_inserter(found),
                       [&](const std::string& name) { return std::ranges::find(others, name) == others.end(); });
  return found;
}

// Makes what was measured the last row of the model's history. What was not measured keeps its value of `row`.
void record_in_history(Model& model, const std::vector<ObjectEvaluation>& objects, StepRecord row) {
  const auto step = static_cast<size_t>(model.steps() - 1);
  row.image_auroc.resize(model.objects().size());
  row.pixel_auroc.resize(model.objects().size());
  for (const ObjectEvaluation& object : objects) {
    const auto at = std::ranges::find(model.objects(), object.result.object, &ObjectRecord::name);
    const auto number = static_cast<size_t>(at - model.objects().begin());
    row.image_auroc[number] = object.result.image.auroc;
    row.pixel_auroc[number] = object.result.pixel.auroc;
  }
  model.set_history(step, row);
}

}  // namespace

ModelEvaluation evaluate_model(const ModelEvaluationOptions& o, const Progress& progress) {
  const std::filesystem::path path = model_path(o.model);
  const std::optional<MetricsSize> size =
      o.metrics_size ? std::optional(metrics_size_of(*o.metrics_size)) : std::nullopt;
  if (o.csv && o.csv->has_parent_path()) make_folder(o.csv->parent_path());
  std::optional<ModelLock> lock;
  if (o.history == History::record) lock.emplace(path);
  Model model = Model::load(path, progress);
  if (model.objects().empty()) fail(path.string(), ": has not learned any object yet");
  if (const std::string& own = model.settings().metrics_size; o.metrics_size && *o.metrics_size != own) {
    if (o.history == History::record)
      fail("eval: the model's history has pixel figures of metrics-size ", own, ": leave --metrics-size out to record");
    if (model.steps() > 1)
      progress.note("pixel AUROC of earlier steps are of metrics-size " + own + ": compare no other with them");
  }
  const Dataset data = read_dataset(o.data);
  const std::vector<std::string> objects = objects_to_evaluate(model, data, o.objects);
  const std::vector<std::string> not_in_data = only_in(names_of(model), data.objects),
                                 not_in_model = only_in(data.objects, names_of(model));
  if (!not_in_data.empty()) progress.note("not in the data and not measured: " + joined(not_in_data));
  if (!not_in_model.empty()) progress.note("not known to the model and not measured: " + joined(not_in_model));
  const auto remarks = note_data(data, objects, progress);
  const FeatureCache cache(o.cache.or_in(cache_beside(path)), model.extractor(), Unwritable::note);
  const auto notes = check_test_images(data, objects, model, cache, progress);
  std::vector<ObjectEvaluation> evaluations = evaluate(model, data, objects, cache, {}, progress, size);
  for (ObjectEvaluation& evaluation : evaluations)
    for (const auto* told : {&notes, &remarks})
      if (const auto of = told->find(evaluation.result.object); of != told->end())
        std::ranges::copy(of->second, std::back_inserter(evaluation.result.notes));
  if (o.csv) write_file(followed(*o.csv), scores_csv(evaluations));
  if (o.history == History::record) {
    if (errors_in(results_of(evaluations)) == 0) {
      const auto last = static_cast<size_t>(model.steps() - 1);
      record_in_history(model, evaluations, last < model.history().size() ? model.history()[last] : StepRecord{});
      save_version(model, path, {.command = "eval", .objects = objects, .what = "recorded what was measured"},
                   o.versions, progress);
    } else {
      progress.note("nothing is recorded, since some test images or masks cannot be used");
    }
  }
  record_in_history(model, evaluations, {});  // what is shown is of now
  if (model.steps() > 1)
    progress.note("FM compares with what earlier steps measured, on the test images that were there then");
  return {.image = history_matrix(model, Level::image),
          .pixel = history_matrix(model, Level::pixel),
          .per_object = results_of(evaluations),
          .not_in_data = not_in_data,
          .not_in_model = not_in_model};
}

}  // namespace iuf
