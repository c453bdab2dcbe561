#include <algorithm>
#include <iostream>

#include "apps/command.h"
#include "apps/model_path.h"
#include "apps/table.h"
#include "iuf/run/json_file.h"
#include "iuf/run/training_run.h"
#include "nn/file.h"
#include "tensor/error.h"
#include "tensor/suggest.h"

namespace iuf {
namespace {

using json = nlohmann::json;

json evaluation_json(const StepMatrix& image, const StepMatrix& pixel, const std::vector<ObjectEvaluation>& objects) {
  json out = {{"objects", image.objects},
              {"image_auroc", matrix_json(image)},
              {"pixel_auroc", matrix_json(pixel)},
              {"summary", summary_json(image, pixel)},
              {"per_object", json::array()}};
  for (const ObjectEvaluation& o : objects) out["per_object"].push_back(object_json(o));
  return out;
}

// The objects to measure: those asked for, or all of the model that the data has.
std::vector<std::string> chosen(const Model& model, const Dataset& data, const std::vector<std::string>& asked,
                                ProgressLine& progress) {
  std::vector<std::string> known, objects;
  std::string list;
  for (const ObjectRecord& object : model.objects()) {
    known.push_back(object.name);
    list += (list.empty() ? "" : ", ") + object.name;
  }
  for (const std::string& name : asked)
    if (std::ranges::find(known, name) == known.end())
      fail("eval: unknown object '", name, "'", suggestion(name, known), "; the model knows: ", list);
  if (!asked.empty()) return asked;
  for (const std::string& name : known) {
    if (std::ranges::find(data.objects, name) != data.objects.end()) {
      objects.push_back(name);
    } else {
      progress.note("'" + name + "' is not in the data: not measured");
    }
  }
  if (objects.empty()) fail("eval: the data holds none of the model's objects (", list, ")");
  return objects;
}

}  // namespace

Action eval_command(CLI::App& app) {
  struct Flags {
    std::filesystem::path model, data;
    std::vector<std::string> objects;
    std::optional<std::filesystem::path> csv, cache;
    bool json = false, record = false;
  };
  auto f = std::make_shared<Flags>();
  app.add_option("model", f->model, "a model file or the folder of a run")->required()->type_name("MODEL");
  app.add_option("data", f->data, "a data set with test images")->required()->type_name("DATA");
  app.add_option("--objects", f->objects, "only these")->delimiter(',')->allow_extra_args(false)->type_name("A,B");
  app.add_option("--csv", f->csv, "write the score of every image")->type_name("FILE");
  app.add_option("--cache", f->cache, "where features are kept; default: a folder `cache` beside the model")
      ->type_name("FOLDER");
  app.add_flag("--json", f->json, "print JSON instead of tables");
  app.add_flag("--record", f->record, "store the measured AUROC in the model, as the row of its last step");
  return [f](ProgressLine& progress) {
    const std::filesystem::path path = model_path(f->model);
    if (f->csv && f->csv->has_parent_path()) make_folder(f->csv->parent_path());
    std::optional<ModelLock> lock;
    if (f->record) lock.emplace(path);
    Model model = Model::load(path);
    if (model.objects().empty()) fail(path.string(), ": has not learned any object yet");
    const Dataset data = read_dataset(f->data);
    const std::vector<std::string> objects = chosen(model, data, f->objects, progress);
    const FeatureCache cache(f->cache ? *f->cache : std::filesystem::absolute(path).parent_path() / "cache",
                             model.extractor());
    const auto evaluations =
        evaluate(model, data, objects, cache, {},
                 [&](const std::string& stage, int64_t done, int64_t total) { progress(stage, done, total); });
    progress.finish();

    // The last row as measured now; what was not measured now keeps its recorded value.
    const auto step = static_cast<size_t>(model.steps() - 1);
    StepRecord row = step < model.history().size() ? model.history()[step] : StepRecord{};
    row.image_auroc.resize(model.objects().size());
    row.pixel_auroc.resize(model.objects().size());
    for (const ObjectEvaluation& e : evaluations) {
      const auto at = std::ranges::find(model.objects(), e.object, &ObjectRecord::name) - model.objects().begin();
      row.image_auroc[static_cast<size_t>(at)] = e.image.auroc;
      row.pixel_auroc[static_cast<size_t>(at)] = e.pixel.auroc;
    }
    model.set_history(step, row);
    if (f->csv) write_file(*f->csv, scores_csv(evaluations));
    if (f->record) model.save(path);

    const StepMatrix image = history_matrix(model, false), pixel = history_matrix(model, true);
    if (f->json) {
      std::cout << evaluation_json(image, pixel, evaluations).dump(1) << "\n";
    } else {
      std::cout << matrix_text(image, pixel) << "\n" << objects_text(evaluations);
    }
    return 0;
  };
}

}  // namespace iuf
