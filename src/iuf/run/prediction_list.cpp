#include "iuf/run/prediction_list.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <span>

#include "iuf/data/json_fields.h"
#include "iuf/data/layouts.h"
#include "iuf/data/list_rows.h"
#include "iuf/data/roles.h"
#include "iuf/run/csv.h"
#include "nn/hash.h"
#include "tensor/error.h"
#include "tensor/text.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

const std::vector<std::string> file_keys = {"path", "file", "filename", "image"};
const std::vector<std::string> object_keys = {"object", "clsname", "product"};

// The keys of a row that say which image it names.
struct FileKeys {
  std::string file = {};    // empty: none
  std::string folder = {};  // of the file; empty: none
};

bool is_folder_key(const std::string& name) {
  static const std::set<std::string> keys = {"folder",        "foldername", "folderpath", "dir",         "dirname",
                                             "dirpath",       "directory",  "subfolder",  "subdir",      "parent",
                                             "directoryname", "parentdir",  "imagedir",   "imagefolder", "ordner",
                                             "directorypath", "dossier",    "carpeta",    "cartella",    "verzeichnis"};
  return keys.contains(plain_name(name));
}

// The one of these keys that is among the names; empty without one.
template <class Has>
std::string key_among(const std::string& where, const std::vector<std::string>& keys, const Has& has) {
  std::string found;
  for (const std::string& key : keys) {
    if (!has(key)) continue;
    if (!found.empty()) fail(where, ": '", found, "' and '", key, "' say the same; remove one");
    found = key;
  }
  return found;
}

// Beside a folder, "name" is the file's.
FileKeys file_keys_among(const std::string& where, const std::set<std::string>& names) {
  FileKeys keys;
  for (const std::string& name : names) {
    if (!is_folder_key(name)) continue;
    if (!keys.folder.empty())
      fail(where, ": ", quoted_name(keys.folder), " and ", quoted_name(name), " say the same; remove one");
    keys.folder = name;
  }
  const auto has = [&](const std::string& key) { return names.contains(key); };
  keys.file = key_among(where, file_keys, has);
  if (keys.file.empty() && !keys.folder.empty() && has("name")) keys.file = "name";
  return keys;
}

// What stands between the fields: the first of these by which the header names a column of files.
char separator_of(const std::string& text, const std::string& place) {
  const size_t begin = text.find_first_not_of("\r\n");
  const std::string head = text.substr(begin, text.find_first_of("\r\n", begin) - begin);
  for (const char separator : {',', ';', '\t'}) {
    const std::vector<std::string> fields = parse_csv(head, place, separator)[0].fields;
    const auto has = [&](const std::string& key) { return std::ranges::count(fields, key) > 0; };
    if (std::ranges::any_of(file_keys, has) || (has("name") && std::ranges::any_of(fields, is_folder_key)))
      return separator;
  }
  return ',';
}

// Whether the lines are names and no table: the first one is one field, and no head.
bool holds_names(const std::string& text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  const std::string first = text.substr(begin, text.find_first_of("\r\n", begin) - begin);
  const std::string plain = plain_name(first);
  return first.find_first_of(",;\t\"") == std::string::npos && plain != "name" && !is_folder_key(first) &&
         std::ranges::find(file_keys, plain) == file_keys.end() &&
         std::ranges::find(object_keys, plain) == object_keys.end();
}

class Reader {
 public:
  explicit Reader(const fs::path& file) : file_(file), folder_(file.parent_path()) {}

  PredictionList read(const std::string& text) {
    const size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string::npos) fail(file_.string(), ": the list is empty");
    if (text.find('\0') != std::string::npos)
      add_names(text, '\0');
    else if (text[begin] == '{')
      for_each_line(file_, text, [&](const std::string& where, std::string_view line) {
        add_json(where, try_parse_json(line, where));
      });
    else if (text[begin] == '[')
      add_array(text);
    else if (holds_names(text))
      add_names(text, '\n');
    else
      add_table(text);
    if (list_.images.empty()) fail(file_.string(), ": lists no images");
    for (const auto& [used, keys] : keys_) std::ranges::move(keys.left_out(), std::back_inserter(list_.left_out));
    list_.content = hash_bytes(std::as_bytes(std::span(text)));
    return std::move(list_);
  }

 private:
  void add_names(const std::string& text, char end) {
    std::string_view rest = text;
    for (size_t number = 1; !rest.empty(); ++number) {
      const size_t length = std::min(rest.find(end), rest.size());
      std::string_view name = rest.substr(0, length);
      rest.remove_prefix(std::min(length + 1, rest.size()));
      if (end == '\n' && name.ends_with('\r')) name.remove_suffix(1);
      if (name.find_first_not_of(" \t") == std::string_view::npos) continue;
      const std::string where = file_.string() + (end == '\n' ? ": line " : ": name ") + std::to_string(number);
      add(where, {"", std::string(name)}, "", {}, keys_of({"path", ""}, ""));
    }
  }

  void add_array(const std::string& text) {
    const nlohmann::json array = try_parse_json(text, file_.string());
    if (!array.is_array()) fail(file_.string(), ": begins as a JSON array but is none; is it complete?");
    for (size_t i = 0; i < array.size(); ++i) add_json(file_.string() + ": entry " + std::to_string(i + 1), array[i]);
  }

  void add_json(const std::string& where, const nlohmann::json& json) {
    if (!json.is_object()) fail(where, ": not a JSON object; each line must be one, complete");
    std::set<std::string> names;
    for (const auto& [key, value] : json.items()) names.insert(key);
    const auto has = [&](const std::string& key) { return names.contains(key); };
    const FileKeys file = file_keys_among(where, names);
    const std::string object = key_among(where, object_keys, has);
    if (file.file.empty()) fail(where, ": \"filename\" is missing; each line must name an image");
    const auto text = [&](const std::string& key) {
      if (key.empty() || json[key].is_null()) return std::string();
      if (!json[key].is_string()) fail(where, ": \"", key, "\" must be a string");
      return json[key].get<std::string>();
    };
    RowRemarks remarks;
    ListKeys& keys = keys_of(file, object);
    for (const auto& [key, value] : json.items()) keys.add(where, key, value, remarks);
    add(where, {text(file.folder), text(file.file)}, text(object), remarks, keys);
  }

  void add_table(const std::string& text) {
    const std::vector<CsvRecord> records = parse_csv(text, file_.string(), separator_of(text, file_.string()));
    const std::vector<std::string>& head = records[0].fields;
    const std::string at_head = file_.string() + ": line " + std::to_string(records[0].line);
    std::set<std::string> names;
    for (const std::string& name : head)
      if (!names.insert(name).second && !name.empty())
        fail(at_head, ": the column ", quoted_name(name), " is there twice; remove one");
    const auto has = [&](const std::string& key) { return names.contains(key); };
    const FileKeys file = file_keys_among(at_head, names);
    const std::string object = key_among(at_head, object_keys, has);
    if (file.file.empty())
      fail(at_head, ": the header must name a column path (or file, filename, image), and may name one object, with ",
           "commas, semicolons or tabs between them");
    ListKeys& keys = keys_of(file, object);
    for (const CsvRecord& record : std::span(records).subspan(1)) {
      const std::string where = file_.string() + ": line " + std::to_string(record.line);
      if (record.fields.size() != head.size())
        fail(where, ": ", record.fields.size(), " fields, the header has ", head.size());
      std::map<std::string, std::string> row;
      RowRemarks remarks;
      for (size_t i = 0; i < head.size(); ++i) {
        row[head[i]] = record.fields[i];
        keys.add(where, head[i], record.fields[i], remarks);
      }
      add(where, {file.folder.empty() ? "" : row[file.folder], row[file.file]}, object.empty() ? "" : row[object],
          remarks, keys);
    }
  }

  // What a row calls its image.
  struct ImageName {
    std::string folder, file;  // the first may be empty
  };

  // A file's name may begin with its folder itself.
  std::string joined_name(const ImageName& image) const {
    if (image.folder.empty() || image.file.empty() || fs::path(image.file).is_absolute()) return image.file;
    const std::string full = (fs::path(image.folder) / image.file).string();
    const auto slashes = [](std::string text) {
      std::ranges::replace(text, '\\', '/');
      return fs::path(text).lexically_normal() / "";
    };
    const std::string folder = slashes(image.folder).string(), file = slashes(image.file).string();
    const bool repeats = file.starts_with(folder) && file_below(folder_, full).empty();
    return repeats ? image.file : full;
  }

  void add(const std::string& where, const ImageName& called, const std::string& object, const RowRemarks& remarks,
           ListKeys& keys) {
    if (!remarks.left_out_by.empty()) return keys.leave_out(where, remarks);
    if (called.file.empty()) fail(where, ": no image is named");
    const std::string name = joined_name(called);
    ListedImage image{where, file_below(folder_, name), object};
    if (image.file.empty()) {
      image.file = folder_ / fs::path(name.substr(0, name.find('\0')));
      image.error = where + ": no such file: " + quoted_name(name) +
                    (fs::path(name).is_absolute() ? "" : " in " + (folder_.empty() ? "." : folder_.string())) +
                    "; correct the name";
    }
    list_.images.push_back(std::move(image));
  }

  // Lines may use other keys than the lines before.
  ListKeys& keys_of(const FileKeys& file, const std::string& object) {
    const std::vector<std::string> used = {file.file, file.folder, object};
    return keys_.try_emplace(used, file_, used).first->second;
  }

  const fs::path file_, folder_;
  std::map<std::vector<std::string>, ListKeys> keys_ = {};
  PredictionList list_ = {};
};

}  // namespace

PredictionList parse_prediction_list(const std::string& text, const fs::path& file) {
  return Reader(file).read(text);
}

PredictionList read_prediction_list(const fs::path& file) {
  need_existing(file);
  if (is_folder(file)) fail(file.string(), ": a list is needed, not a folder");
  return parse_prediction_list(read_list(file), file);
}

}  // namespace iuf
