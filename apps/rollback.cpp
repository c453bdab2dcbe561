#include <iostream>

#include "apps/command.h"
#include "apps/flags.h"
#include "iuf/run/model_history.h"
#include "iuf/run/run_files.h"

namespace iuf {
namespace {

struct RollbackFlags {
  std::filesystem::path model;
  std::optional<int64_t> version = {};
  VersionLimits versions = {};
};

}  // namespace

Action rollback_command(CLI::App& app) {
  auto f = std::make_shared<RollbackFlags>();
  add_model(app, f->model);
  app.add_option("--to", f->version, "this version; default: the newest predecessor")
      ->check(within(at_least(1)))
      ->type_name("N");
  add_versions(app, f->versions);
  app.footer(
      "The model becomes its predecessor, as a further version; what it was is kept beside it, so that a second "
      "rollback undoes the\n"
      "first. `iuf history MODEL` lists what is kept.");
  return [f](ProgressLine& progress) {
    const std::filesystem::path model = model_path(f->model);
    const RolledBack done = rollback_model(model, f->version, f->versions, std::ref(progress));
    progress.finish();
    std::cout << "version " << done.from << " is back, as version " << done.version << "\nmodel   " << model.string()
              << "\n";
    return 0;
  };
}

}  // namespace iuf
