#include <iostream>

#include "apps/command.h"
#include "apps/flags.h"
#include "apps/notes.h"
#include "iuf/run/run_files.h"
#include "iuf/run/update_object.h"
#include "tensor/text.h"

namespace iuf {

Action update_command(CLI::App& app) {
  auto o = std::make_shared<UpdateOptions>();
  add_model(app, o->model);
  app.add_option("folder", o->folder, "more normal images of the object, such as those under another lamp")
      ->required()
      ->type_name("FOLDER");
  app.add_option("--object", o->object, "that they are of")->required()->type_name("NAME");
  app.add_flag_callback(
      "--replace", [o] { o->later = LaterImages::replace; },
      "their scores alone make the threshold, for a line that has changed for good");
  app.add_flag_callback(
      "--normal", [o] { o->trust = Trust::caller; },
      "all images of the folder are normal, though most are defects by the present threshold, as under another lamp, "
      "or "
      "it, one further up, or names of files say \"bad\", \"test\" or the like");
  app.add_option("--out", o->out, "write the new model here and keep the old one")->type_name("FILE");
  add_ignore(app, o->ignore, "the mask that the object was learned with, which is used anyway; another one is refused");
  add_cache(app, o->cache, "a folder `cache` beside the model");
  add_checkpoint_seconds(app, o->checkpoint_seconds);
  add_versions(app, o->versions);
  app.footer(
      "What the model keeps of the object becomes that of all its images, and a network learns on with the other "
      "objects protected as\n"
      "by `iuf add`. `iuf calibrate` changes the threshold alone. Methods whose network forgets refuse.");
  return [o](ProgressLine& progress) {
    o->model = model_path(o->model);
    const Updated done = update_object(*o, std::ref(progress));
    progress.finish();
    const std::filesystem::path path = o->out ? *o->out : o->model;
    if (!done.learned) {
      std::cout << "nothing to do: '" << o->object << "' was already learned from these photographs\n";
      return 0;
    }
    note_threshold(done.now, progress);
    if (in_run_folder(path))
      progress.note("the run's tables and report stay as they were; `iuf eval " + path.string() +
                    " DATA` measures this model");
    const auto images = [](const ObjectRecord& object) { return object.train_images + object.held_out_images; };
    std::cout << "learned " << plural(images(done.now) - images(done.before), "more image", "more images") << " of '"
              << o->object << "', " << images(done.now) << " in all, threshold " << number_text(done.before.threshold)
              << " -> " << number_text(done.now.threshold) << " from " << done.now.scores.size() << " scores\nmodel   "
              << path.string() << "\n";
    return 0;
  };
}

}  // namespace iuf
