#include "iuf/selfcheck/selfcheck.h"

#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>

#include "apps/command.h"
#include "apps/table.h"

namespace iuf {
namespace {

std::string error_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, value == 0 ? "0" : "%.1e", value);
  return std::isinf(value) ? "-" : text;
}

std::vector<std::vector<std::string>> rows_of(const std::vector<Check>& checks) {
  std::vector<std::vector<std::string>> rows = {{"file", "quantity", "max error", "tolerance", ""}};
  for (const Check& c : checks)
    rows.push_back({c.file, c.quantity, error_text(c.error), error_text(c.tolerance), c.ok() ? "ok" : "FAIL"});
  return rows;
}

std::string markdown(const std::vector<Check>& checks) {
  std::string text;
  for (const auto& row : rows_of(checks)) {
    for (const std::string& cell : row) text += "| " + cell + (cell.empty() ? "" : " ");
    text += text.find('\n') == std::string::npos ? "|\n| --- | --- | --- | --- | --- |\n" : "|\n";
  }
  return text;
}

nlohmann::ordered_json json(const std::vector<Check>& checks) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Check& c : checks)  // JSON has no infinity: null
    list.push_back({{"file", c.file},
                    {"quantity", c.quantity},
                    {"error", c.error},
                    {"tolerance", c.tolerance},
                    {"ok", c.ok()},
                    {"worst", c.detail}});
  return list;
}

}  // namespace

Action selfcheck_command(CLI::App& app) {
  struct Flags {
    std::filesystem::path folder;
    bool json = false, markdown = false;
  };
  auto f = std::make_shared<Flags>();
  app.add_option("folder", f->folder, "golden files: what a reference implementation computed")
      ->required()
      ->type_name("GOLDEN_FOLDER");
  CLI::Option* as_json = app.add_flag("--json", f->json, "print JSON, with the worst element of each quantity");
  app.add_flag("--markdown", f->markdown, "print a table for a document")->excludes(as_json);
  app.footer(
      "Errors are shares of the largest expected value. Exit code 1 when one is above its tolerance, or a file is "
      "damaged.");
  return [f](ProgressLine& progress) {
    const std::vector<Check> checks = selfcheck(f->folder);
    std::cout << (f->json       ? json(checks).dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"
                  : f->markdown ? markdown(checks)
                                : text_table(rows_of(checks)));
    int failed = 0;
    for (const Check& c : checks)
      if (!c.ok()) {
        ++failed;
        progress.error(c.file + ": " + c.quantity + ": " + c.detail);
      }
    if (!f->json && !f->markdown)
      std::cout << "\n" << checks.size() - static_cast<size_t>(failed) << " ok, " << failed << " failed\n";
    return failed ? 1 : 0;
  };
}

}  // namespace iuf
