#include <iostream>

#include "apps/command.h"
#include "iuf/report/html.h"

namespace iuf {

Action report_command(CLI::App& app) {
  auto run = std::make_shared<std::filesystem::path>();
  app.add_option("run", *run, "the folder that `iuf train` or `iuf compare` made")->required()->type_name("FOLDER");
  return [run](ProgressLine&) {
    std::cout << write_report(*run).string() << "\n";
    return 0;
  };
}

}  // namespace iuf
