#include <iostream>
#include <nlohmann/json.hpp>

#include "apps/command.h"
#include "apps/flags.h"
#include "apps/table.h"
#include "iuf/data/json_fields.h"
#include "iuf/run/model_history.h"
#include "iuf/run/run_files.h"
#include "tensor/error.h"
#include "tensor/suggest.h"
#include "tensor/text.h"

namespace iuf {
namespace {

std::string state_text(VersionState state) {
  return state == VersionState::current ? "current" : state == VersionState::kept ? "kept" : "gone";
}

nlohmann::json history_json(const std::filesystem::path& model, const ModelHistory& history) {
  nlohmann::json json = {{"model", plain_text(model.string())},
                         {"version", nullptr},
                         {"fault", nullptr},
                         {"changes", nlohmann::json::array()}};
  if (history.fault.empty()) json["version"] = history.version;
  if (!history.fault.empty()) json["fault"] = plain_text(history.fault);
  for (const HistoryEntry& entry : history.entries) {
    nlohmann::json change = to_json(static_cast<const WrittenChange&>(entry));
    change["objects"] = entry.objects;
    for (const char* key : {"time", "hash"})
      if (change[key] == "") change[key] = nullptr;
    change["state"] = state_text(entry.state);
    change["file"] = nullptr;
    if (!entry.file.empty()) change["file"] = plain_text(entry.file.string());
    json["changes"].push_back(std::move(change));
  }
  return json;
}

int history(const std::filesystem::path& model, bool as_json, ProgressLine& progress) {
  const ModelHistory history = model_history(model, std::ref(progress));
  if (history.entries.empty() && !history.fault.empty()) fail(history.fault);
  if (as_json) {
    std::cout << history_json(model, history).dump(1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
  } else {
    std::vector<std::vector<std::string>> rows = {{"version", "time", "command", "what", "program", "file"}};
    for (const HistoryEntry& e : history.entries)
      rows.push_back({e.version > 0 ? std::to_string(e.version) : "?", e.time.empty() ? "n/a" : e.time,
                      e.command.empty() ? "n/a" : e.command, plain_text(e.what), e.program.empty() ? "n/a" : e.program,
                      state_text(e.state)});
    std::cout << text_table(rows);
  }
  if (history.fault.empty()) return 0;
  progress.error(history.fault + predecessor_advice(model));
  return 1;
}

}  // namespace

Action history_command(CLI::App& app) {
  auto model = std::make_shared<std::filesystem::path>();
  auto json = std::make_shared<bool>(false);
  add_model(app, *model);
  app.add_flag("--json", *json, "print JSON instead of a table");
  app.footer(
      "A version is what a command left: the model remembers which and what it did, the folder MODEL.versions beside "
      "it "
      "when. Its file\n"
      "is the current one, kept there (`iuf rollback` brings it back), or gone. JSON: model, version, fault (why the "
      "model cannot be\n"
      "read), changes (version, time, command, program, objects, what, hash, state, file); null is not known.");
  return [model, json](ProgressLine& progress) { return history(model_path(*model), *json, progress); };
}

}  // namespace iuf
