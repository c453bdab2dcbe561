#include <iostream>

#include "apps/command.h"
#include "apps/flag_values.h"
#include "apps/flags.h"
#include "apps/notes.h"
#include "apps/table.h"
#include "iuf/data/json_fields.h"
#include "iuf/run/model_evaluation.h"
#include "iuf/run/run_metrics.h"

namespace iuf {
namespace {

struct EvalFlags {
  ModelEvaluationOptions options;
  bool json = false, record = false;
};

int eval(EvalFlags& f, ProgressLine& progress) {
  if (f.record) f.options.history = History::record;
  const ModelEvaluation found = evaluate_model(f.options, std::ref(progress));
  progress.finish();
  const int failed = say_errors(found.per_object, progress);
  if (f.json) {
    nlohmann::json all = to_json(measured(found.image, found.pixel, found.per_object));
    all["not_in_data"] = found.not_in_data;
    all["not_in_model"] = found.not_in_model;
    std::cout << all.dump(1) << "\n";
  } else {
    std::cout << matrix_text(found.image, found.pixel) << "\n"
              << objects_text(found.per_object) << remarks_text(found.per_object);
  }
  return failed;
}

}  // namespace

Action eval_command(CLI::App& app) {
  auto f = std::make_shared<EvalFlags>();
  ModelEvaluationOptions& o = f->options;
  add_model(app, o.model);
  app.add_option("data", o.data, "a data set with test images")->required()->type_name("DATA");
  add_objects(app, o.objects, "only these");
  app.add_option(
         "--metrics-size", o.metrics_size,
         "pixel figures count the pixels of: photograph, published, or a grid N x N; default: as the model says")
      ->check(accepted_by(metrics_size_of))
      ->type_name("SIZE");
  app.add_option("--csv", o.csv, "write the score of every image")->check(writable_file())->type_name("FILE");
  add_csv_safe(app);
  add_cache(app, o.cache, "a folder `cache` beside the model");
  app.add_flag("--json", f->json, "print JSON instead of tables");
  app.add_flag("--record", f->record, "store the measured AUROC in the model, as the row of its last step");
  add_versions(app, o.versions);
  app.footer("Exit code 1 where an image or a mask could not be used; the figures are those of the others.");
  return [f](ProgressLine& progress) { return eval(*f, progress); };
}

}  // namespace iuf
