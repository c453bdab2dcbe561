#include <iostream>

#include "apps/command.h"
#include "apps/flags.h"
#include "iuf/run/run_files.h"
#include "iuf/run/update_object.h"

namespace iuf {

Action rename_command(CLI::App& app) {
  auto o = std::make_shared<EditOptions>();
  auto names = std::make_shared<std::pair<std::string, std::string>>();
  add_model(app, o->model);
  app.add_option("old", names->first, "an object of the model")->required()->type_name("OLD");
  app.add_option("new", names->second, "what it is called from now on")->required()->type_name("NEW");
  app.add_option("--out", o->out, "write the new model here and keep the old one")->type_name("FILE");
  add_versions(app, o->versions);
  return [o, names](ProgressLine& progress) {
    o->model = model_path(o->model);
    rename_object(*o, names->first, names->second, std::ref(progress));
    progress.finish();
    std::cout << "'" << names->first << "' is called '" << names->second << "'\nmodel   "
              << (o->out ? *o->out : o->model).string() << "\n";
    return 0;
  };
}

}  // namespace iuf
