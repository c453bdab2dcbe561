#include <iostream>

#include "apps/command.h"
#include "apps/flags.h"
#include "apps/table.h"
#include "iuf/run/evaluation.h"
#include "iuf/run/run_files.h"
#include "iuf/run/run_metrics.h"
#include "nn/file.h"
#include "tensor/error.h"

namespace iuf {
namespace {

struct Flags {
  std::filesystem::path model, data;
  std::vector<std::string> objects;
  std::optional<std::filesystem::path> csv, cache;
  bool json = false, record = false;
};

int eval(const Flags& f, ProgressLine& progress) {
  const std::filesystem::path path = model_path(f.model);
  if (f.csv && f.csv->has_parent_path()) make_folder(f.csv->parent_path());
  std::optional<ModelLock> lock;
  if (f.record) lock.emplace(path);
  Model model = Model::load(path);
  if (model.objects().empty()) fail(path.string(), ": has not learned any object yet");
  const Dataset data = read_dataset(f.data);
  std::vector<std::string> missing;
  const std::vector<std::string> objects = objects_to_evaluate(model, data, f.objects, missing);
  for (const std::string& name : missing) progress.note("'" + name + "' is not in the data: not measured");
  const FeatureCache cache(f.cache ? *f.cache : cache_beside(path), model.extractor());
  const std::vector<ObjectEvaluation> evaluations = evaluate(model, data, objects, cache, {}, std::ref(progress));
  progress.finish();

  record_in_history(model, evaluations);
  if (f.csv) write_file(*f.csv, scores_csv(evaluations));
  if (f.record) model.save(path);
  const std::vector<ObjectResult> results = results_of(evaluations);
  const StepMatrix image = history_matrix(model, Level::image), pixel = history_matrix(model, Level::pixel);
  if (f.json) {
    std::cout << to_json(measured(image, pixel, results)).dump(1) << "\n";
  } else {
    std::cout << matrix_text(image, pixel) << "\n" << objects_text(results);
  }
  return 0;
}

}  // namespace

Action eval_command(CLI::App& app) {
  auto f = std::make_shared<Flags>();
  add_model(app, f->model);
  app.add_option("data", f->data, "a data set with test images")->required()->type_name("DATA");
  app.add_option("--objects", f->objects, "only these")->delimiter(',')->allow_extra_args(false)->type_name("A,B");
  app.add_option("--csv", f->csv, "write the score of every image")->type_name("FILE");
  app.add_option("--cache", f->cache, "where features are kept; default: a folder `cache` beside the model")
      ->type_name("FOLDER");
  app.add_flag("--json", f->json, "print JSON instead of tables");
  app.add_flag("--record", f->record, "store the measured AUROC in the model, as the row of its last step");
  return [f](ProgressLine& progress) { return eval(*f, progress); };
}

}  // namespace iuf
