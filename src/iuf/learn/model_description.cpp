#include "iuf/learn/model_description.h"

#include <algorithm>

#include "iuf/data/json_fields.h"
#include "iuf/learn/method.h"
#include "tensor/error.h"

namespace iuf {
namespace {

constexpr int kWithoutChecksum = 1;

// What models were learned with before these were settings.
Settings settings_of_older_models() {
  Settings settings;
  settings.window = text_of(ValueWindow{});
  settings.orientation = Orientation::ignore;
  settings.metrics_size = "published";
  settings.local = LocalKind::gaussian;
  settings.fusion = Fusion::sum;
  settings.views = "coarse";
  return settings;
}

// The threshold of older models was a quantile of held-out scores.
nlohmann::json of_this_version(nlohmann::json settings) {
  if (!settings.is_object() || !settings.contains("quantile")) return settings;
  if (const nlohmann::json& q = settings["quantile"]; q.is_number())
    settings["false-alarms"] = std::clamp(1 - q.get<double>(), 1e-6, 1 - 1e-6);
  settings.erase("quantile");
  return settings;
}

// Throws Error for a format that is not read, before anything that depends on it is looked at.
void check_format(const nlohmann::json& json, const std::string& path, const std::string& damaged) {
  const JsonOrigin origin{damaged};
  const JsonNode node(json, origin);
  const int64_t found = node["format"].integer();
  if (found < kWithoutChecksum)
    fail(damaged, ": format ", found, " is none, the first one was ", kWithoutChecksum,
         "; copy the file again or make the model anew");
  if (found <= ModelDescription::ignoring_format) return;
  const std::string writer = node.has("version") ? " (" + printable(node["version"].text()) + ")" : "";
  fail(path, ": a model of format ", found, ", of a newer version of iuf", writer,
       "; this one, " IUF_VERSION ", reads the formats up to ", ModelDescription::ignoring_format,
       ": use the newer one");
}

// Versions of a model go up.
void check_changes(const std::vector<ModelChange>& changes, const std::string& damaged) {
  int64_t version = 0;
  for (const ModelChange& change : changes) {
    if (change.version <= version) fail(damaged, ": changes: version ", change.version, " after version ", version);
    version = change.version;
  }
}

}  // namespace

bool is_model(const TensorFile& file) {
  return file.metadata().contains(ModelDescription::key);
}

ModelDescription model_description(const TensorFile& file, const Progress& progress) {
  const std::string damaged = file.path() + ": damaged model description";
  nlohmann::json json = parse_json(file.metadata(ModelDescription::key), damaged);
  check_format(json, file.path(), damaged);
  const bool old = json["format"] == kWithoutChecksum;
  json["format"] = ModelDescription::format;  // the others have the same keys
  auto description = from_json<ModelDescription>(json, {damaged});
  if (!old && !file.has_checksum())
    fail(file.path(),
         ": damaged: its checksum is missing, which every model of this format has; copy the file again "
         "or make the model anew");
  if (old && !file.has_checksum())
    progress.note(file.path() +
                  ": a model of an earlier version, without a checksum: damage that leaves all numbers "
                  "finite would not be seen; any command that changes the model writes it anew");
  check_changes(description.changes, damaged);
  return description;
}

int64_t version_of(const std::vector<ModelChange>& changes, int64_t steps) {
  return changes.empty() ? std::min<int64_t>(steps, 1) : changes.back().version;
}

Settings described_settings(const ModelDescription& description, const std::string& where) {
  Settings settings = settings_from_json(of_this_version(description.settings), settings_of_older_models(), where);
  try {
    check(settings);
    // A model that looks deep names its views. Older ones did not where these were all that there were.
    if (settings.views == "auto" && looks_deep(method_info(description.method), settings))
      settings.views = "coarse,fine,deep";
  } catch (const Error& e) {
    fail(where, ": ", e.what());
  }
  return settings;
}

}  // namespace iuf
