#include <iostream>

#include "apps/command.h"
#include "apps/progress.h"
#include "iuf/report/html.h"
#include "iuf/run/run_model.h"

namespace iuf {

Action report_command(CLI::App& app) {
  auto run = std::make_shared<std::filesystem::path>();
  app.add_option("run", *run, "the folder that `iuf train` or `iuf compare` made")->required()->type_name("FOLDER");
  return [run](ProgressLine& progress) {
    std::cout << write_report(*run).string() << "\n";
    for (const std::string& difference : model_differences(RunFiles{*run})) progress.note(difference);
    return 0;
  };
}

}  // namespace iuf
