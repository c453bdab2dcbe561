#include <iostream>

#include "apps/command.h"
#include "apps/flags.h"
#include "apps/notes.h"
#include "apps/table.h"
#include "iuf/run/calibrate_model.h"
#include "iuf/run/run_files.h"
#include "iuf/run/text.h"

namespace iuf {

Action calibrate_command(CLI::App& app) {
  auto o = std::make_shared<CalibrateOptions>();
  add_model(app, o->model);
  app.add_option("folder", o->folder, "normal images that came later, of one object: their scores count from now on")
      ->type_name("FOLDER");
  app.add_option("--object", o->object, "this object alone; default: all")->type_name("NAME");
  add_false_alarms(app, o->false_alarms, "share of normal parts to be called defects: 0.005 or 0.5%");
  app.add_option("--threshold", o->threshold, "image scores above it are a defect")->type_name("X");
  app.add_flag_callback(
      "--replace", [o] { o->later = LaterImages::replace; },
      "the folder's scores count alone, for a line that has changed for good");
  app.add_flag("--back", o->back, "undo the last change");
  app.add_flag_callback(
      "--normal", [o] { o->trust = Trust::caller; },
      "all images of the folder are normal and none was taken out, though it, one further up, or names of files say "
      "\"bad\", \"test\" or the "
      "like");
  app.add_option("--out", o->out, "write the new model here and keep the old one")->type_name("FILE");
  add_cache(app, o->cache, "a folder `cache` beside the model");
  add_versions(app, o->versions);
  app.footer(
      "Nothing is learned: scores of normal images, which the model keeps, give the threshold anew. What it was is "
      "kept,\n"
      "too. `iuf info MODEL` shows what to expect of every threshold.");
  return [o](ProgressLine& progress) {
    o->model = model_path(o->model);
    const std::vector<Recalibrated> changed = calibrate_model(*o, std::ref(progress));
    progress.finish();
    std::vector<std::vector<std::string>> rows = {{"object", "before", "threshold", "normal scores", "false alarms"}};
    for (const auto& [before, object] : changed) {
      note_threshold(object, progress);
      rows.push_back({object.name, number_text(before.threshold), number_text(object.threshold),
                      std::to_string(object.scores.size()), expected_false_alarms(object)});
    }
    std::cout << text_table(rows);
    return 0;
  };
}

}  // namespace iuf
