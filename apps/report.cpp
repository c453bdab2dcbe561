#include <iostream>

#include "apps/command.h"
#include "iuf/report/html.h"

namespace iuf {

Action report_command(CLI::App& app) {
  auto run = std::make_shared<std::filesystem::path>();
  app.add_option("run", *run, "the folder that `iuf train` or `iuf compare` made")->required()->type_name("FOLDER");
  return [run](ProgressLine&) {
    if (std::filesystem::exists(*run / "comparison.json") && !std::filesystem::exists(*run / "metrics.json")) {
      write_comparison_report(*run);
    } else {
      write_report(*run);
    }
    std::cout << (*run / "report.html").string() << "\n";
    return 0;
  };
}

}  // namespace iuf
