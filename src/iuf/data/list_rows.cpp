#include "iuf/data/list_rows.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "iuf/data/roles.h"
#include "tensor/error.h"
#include "tensor/suggest.h"
#include "tensor/text.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

using nlohmann::json;
using WordSet = std::set<std::string_view>;

// Keys as plain_name() has them.
const WordSet excluding = {"exclude", "excluded",   "ignore",        "ignored",    "skip",      "skipped",  "omit",
                           "omitted", "drop",       "dropped",       "discard",    "discarded", "donotuse", "dontuse",
                           "notused", "unused",     "leaveout",      "leftout",    "deleted",   "removed",  "disabled",
                           "invalid", "donotlearn", "ausschliessen", "ignorieren", "ungultig"};
const WordSet including = {"use", "used", "usable", "include", "included", "valid", "enabled", "active", "keep"};
const WordSet splitting = {"split", "subset", "phase", "part", "partition", "usage", "use", "set"};
const WordSet kinds = {"defecttype",  "defectkind",  "defectclass", "defectname",
                       "anomalytype", "anomalykind", "anomalyclass"};
const WordSet states = {"class",    "category",  "quality",  "status", "state",      "verdict", "result",
                        "decision", "judgement", "judgment", "grade",  "inspection", "kind",    "type"};

std::string text_of(const json& value) {
  return value.is_string() ? lower_case(value.get<std::string>()) : std::string();
}

bool says_nothing(const json& value) {
  static const std::set<std::string> nothing = {"", "-", "none", "null", "n/a", "nan"};
  return value.is_null() || (value.is_string() && nothing.contains(text_of(value))) ||
         (value.is_structured() && value.empty());
}

std::optional<bool> truth(const json& value) {
  static const std::set<std::string> yes = {"1", "true", "yes", "y", "x", "on", "ja", "oui", "si"},
                                     no = {"0", "false", "no", "n", "off", "nein", "non"};
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number()) return value == 0 ? std::optional(false) : value == 1 ? std::optional(true) : std::nullopt;
  if (yes.contains(text_of(value))) return true;
  if (no.contains(text_of(value))) return false;
  return std::nullopt;
}

std::string shown(const json& value) {
  return quoted_name(value.is_string() ? value.get<std::string>()
                                       : value.dump(-1, ' ', false, json::error_handler_t::replace));
}

const char* state_name(bool defect) {
  return defect ? "defect" : "normal";
}

// What "anomaly": 1, "defects": ["crack"], "is_ok": false say of the part.
std::optional<bool> shows_defect(const std::string& plain, const json& value) {
  if (const bool is_kind = kinds.contains(plain); is_kind || states.contains(plain)) {
    if (!value.is_string()) return std::nullopt;
    if (const auto said = defect_label(value.get<std::string>()); said && text_of(value).size() > 1) return said;
    return is_kind && truth(value) != false ? std::optional(true) : std::nullopt;
  }
  std::string_view name = plain;
  for (const std::string_view prefix : {"is", "has"})
    if (name.starts_with(prefix) && role_of(name) == FolderRole::none) name.remove_prefix(prefix.size());
  const FolderRole role = role_of(name);
  if (role != FolderRole::normal && role != FolderRole::defect) return std::nullopt;
  if (const auto is = truth(value)) return *is == (role == FolderRole::defect);
  if (value.is_string())
    if (const auto said = defect_label(value.get<std::string>())) return said;
  if (role == FolderRole::normal) return std::nullopt;
  return !value.is_number() || value > 0;  // a kind, how many, or where
}

}  // namespace

ListKeys::ListKeys(const fs::path& list, std::vector<std::string> read)
    : list_(list.filename().string()), read_(std::move(read)) {}

void ListKeys::set_split(const std::string& where, const std::string& key, bool train, RowRemarks& remarks) const {
  const auto name = [](bool part) { return part ? "training" : "testing"; };
  if (remarks.train && *remarks.train != train)
    fail(where, ": ", quoted_name(remarks.split_key), " says ", name(*remarks.train), ", ", quoted_name(key), " says ",
         name(train), "; correct one of them");
  remarks.train = train;
  remarks.split_key = key;
}

void ListKeys::add(const std::string& where, const std::string& key, const json& value, RowRemarks& remarks) {
  if (std::ranges::count(read_, key)) return;
  const std::string plain = plain_name(key);
  for (const std::string& known : read_)
    if (plain == plain_name(known)) fail(where, ": the key ", quoted_name(key), " is not known; is it '", known, "'?");
  if (says_nothing(value)) return;
  if (plain == "checked") {
    if (!truth(value)) fail(where, ": ", quoted_name(key), " must be true or false, not ", shown(value));
    remarks.checked = *truth(value);
    return;
  }
  if (splitting.contains(plain)) {
    const FolderRole role = value.is_string() ? role_of(value.get<std::string>()) : FolderRole::none;
    if (role == FolderRole::train || role == FolderRole::test)
      return set_split(where, key, role == FolderRole::train, remarks);
    if (plain == "split") fail(where, ": ", quoted_name(key), " must be train or test, not ", shown(value));
  }
  const std::string bare = plain.starts_with("is") ? plain.substr(2) : plain;
  if (const bool out = excluding.contains(bare); out || including.contains(bare)) {
    const std::optional<bool> is = truth(value);
    if (!is) fail(where, ": ", quoted_name(key), " must be true or false, not ", shown(value));
    if (*is == out) remarks.left_out_by = key;
    return;
  }
  if (const std::optional<bool> defect = shows_defect(plain, value)) {
    remarks.defect[key] = *defect;
    return;
  }
  ++unused_[key];
}

void ListKeys::leave_out(const std::string& where, const RowRemarks& remarks) {
  if (rows_left_out_++ == 0)
    first_left_out_ = where.substr(where.rfind(": ") + 2) + ": " + quoted_name(remarks.left_out_by);
}

std::vector<std::string> ListKeys::left_out() const {
  std::vector<std::string> found;
  const auto rows = [](size_t count) { return std::to_string(count) + (count == 1 ? " row" : " rows"); };
  if (rows_left_out_ > 0)
    found.push_back(rows(rows_left_out_) + " of " + escaped(list_) + " that say so (" + first_left_out_ +
                    (rows_left_out_ > 1 ? ", ...)" : ")"));
  if (unused_.empty()) return found;
  std::vector<std::string> keys;
  for (const auto& [key, count] : unused_) {
    if (keys.size() == 8) {
      keys.emplace_back("...");
      break;
    }
    keys.push_back(escaped(key) + " (" + rows(count) + ")");
  }
  found.push_back("what " + escaped(list_) + " says by keys that are not used: " + joined(keys));
  return found;
}

void check_label(const std::string& where, bool defect, const RowRemarks& remarks) {
  for (const auto& [key, says] : remarks.defect)
    if (says != defect)
      fail(where, ": the label says ", state_name(defect), ", ", quoted_name(key), " says ", state_name(says),
           "; correct one of them");
}

namespace {

// The folders that tell of a file, the nearest last.
std::vector<std::string> folders_of(const fs::path& file, const fs::path& list_folder) {
  constexpr size_t kElsewhere = 3;
  const fs::path inside = file.lexically_relative(list_folder);
  const bool is_inside = !inside.empty() && *inside.begin() != "..";
  std::vector<std::string> folders;
  for (const fs::path& folder : (is_inside ? inside : file.relative_path()).parent_path())
    folders.push_back(folder.string());
  if (!is_inside && folders.size() > kElsewhere)
    folders.erase(folders.begin(), folders.end() - static_cast<std::ptrdiff_t>(kElsewhere));
  return folders;
}

}  // namespace

void check_place(const std::string& where, const fs::path& file, const fs::path& list_folder, bool defect) {
  const auto check = [&](const fs::path& path, const fs::path& root) {
    std::vector<std::string> folders = folders_of(path, root);
    for (; !folders.empty(); folders.pop_back()) {
      const std::string& name = folders.back();
      const bool hints = !defect && hinted_role(name) == FolderRole::defect;
      const FolderRole role = hints ? FolderRole::defect : role_of(name);
      if (role != FolderRole::mask && role != FolderRole::normal && role != FolderRole::defect) continue;
      if (role != FolderRole::mask && (role == FolderRole::defect) == defect) return;
      fail(where, ": the label says ", state_name(defect), ", the folder ", quoted_name(name), " of ",
           plain_text(path.string()), " says ", role == FolderRole::mask ? "mask" : state_name(!defect),
           "; correct one of them, or say that the label is right by \"checked\": true in the row");
    }
  };
  check(fs::absolute(file).lexically_normal(), fs::absolute(list_folder).lexically_normal());
  check(full_path(file), full_path(list_folder));
}

}  // namespace iuf
