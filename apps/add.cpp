#include <iostream>

#include "apps/command.h"
#include "apps/flags.h"
#include "apps/notes.h"
#include "iuf/run/add_object.h"
#include "iuf/run/run_files.h"
#include "tensor/text.h"

namespace iuf {

Action add_command(CLI::App& app) {
  auto o = std::make_shared<AddOptions>();
  add_model(app, o->model);
  app.add_option("folder", o->folder, "normal images of the new object: a plain folder, or one of a data set's objects")
      ->required()
      ->type_name("FOLDER");
  app.add_option("--name", o->name, "of the new object; default: the folder's")->type_name("NAME");
  app.add_option("--out", o->out, "write the new model here and keep the old one")->type_name("FILE");
  app.add_flag_callback(
      "--normal", [o] { o->trust = Trust::caller; },
      "all images of the folder are normal, though it, one further up, or names of files say \"bad\", \"test\" or the "
      "like");
  app.add_flag_callback(
      "--variant", [o] { o->alike = Alike::accepted; },
      "an object of its own, though most images look like one that the model knows, and some are defects by it");
  add_ignore(app, o->ignore,
             "a mask of what to leave out of every image: what is not black is ignored; or a folder with NAME.png");
  add_cache(app, o->cache, "a folder `cache` beside the model");
  add_checkpoint_seconds(app, o->checkpoint_seconds);
  add_versions(app, o->versions);
  return [o](ProgressLine& progress) {
    o->model = model_path(o->model);
    const bool learned = add_object(*o, std::ref(progress));
    progress.finish();
    const std::filesystem::path path = o->out ? *o->out : o->model;
    if (!learned) {
      std::cout << "nothing to do: the object was already learned from these images\n";
      return 0;
    }
    const Model model = Model::load(path);
    const ObjectRecord& object = model.objects().back();
    note_threshold(object, progress);
    if (in_run_folder(path))
      progress.note("the run's tables and report stay as they were; `iuf eval " + path.string() +
                    " DATA` measures this model");
    std::cout << "learned '" << object.name << "' from " << plural(object.train_images, "image", "images")
              << ", threshold " << object.threshold.value() << " from " << object.scores.size() << " others\nmodel   "
              << path.string() << "\n";
    return 0;
  };
}

}  // namespace iuf
