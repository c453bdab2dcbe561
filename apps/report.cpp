#include <iostream>

#include "apps/command.h"
#include "apps/flags.h"
#include "apps/progress.h"
#include "iuf/report/html.h"

namespace iuf {

namespace {

struct ReportFlags {
  std::filesystem::path run;
  PicturePlace pictures = PicturePlace::inside;
};

}  // namespace

Action report_command(CLI::App& app) {
  auto f = std::make_shared<ReportFlags>();
  app.add_option("run", f->run, "the folder that `iuf train` or `iuf compare` made")->required()->type_name("FOLDER");
  add_choice(app, "--pictures", choice_of(f->pictures),
             "previews in the report, which then is one file below 3 MB, or the larger ones of the folder beside it");
  return [f](ProgressLine& progress) {
    std::cout << write_report(f->run, f->pictures, std::ref(progress)).string() << "\n";
    return 0;
  };
}

}  // namespace iuf
