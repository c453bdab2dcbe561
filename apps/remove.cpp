#include <iostream>

#include "apps/command.h"
#include "apps/flags.h"
#include "iuf/run/run_files.h"
#include "iuf/run/update_object.h"

namespace iuf {

Action remove_command(CLI::App& app) {
  auto o = std::make_shared<EditOptions>();
  auto object = std::make_shared<std::string>();
  add_model(app, o->model);
  app.add_option("--object", *object, "that the model forgets")->required()->type_name("NAME");
  app.add_option("--out", o->out, "write the new model here and keep the old one")->type_name("FILE");
  add_versions(app, o->versions);
  app.footer(
      "Images of it are judged by the other objects from now on. These are judged against as before; a network keeps "
      "its weights.");
  return [o, object](ProgressLine& progress) {
    o->model = model_path(o->model);
    remove_object(*o, *object, std::ref(progress));
    progress.finish();
    std::cout << "forgot '" << *object << "'\nmodel   " << (o->out ? *o->out : o->model).string() << "\n";
    return 0;
  };
}

}  // namespace iuf
