#include "iuf/run/earlier_predictions.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "iuf/run/csv.h"
#include "iuf/run/run_files.h"
#include "nn/file.h"
#include "tensor/error.h"

namespace iuf {

namespace fs = std::filesystem;

namespace {

constexpr const char* kPictures[] = {"heatmap", "mask", "map"};  // columns and keys

// Whether a table names a file right in a folder of pictures.
bool is_picture(const std::string& name) {
  const fs::path path = name;
  return std::ranges::count(PredictionFiles::picture_folders, path.parent_path()) > 0 &&
         (path.extension() == ".png" || path.extension() == ".npy") && path.lexically_normal() == path;
}

void add_from_csv(EarlierPredictions& earlier, const fs::path& path) {
  const std::vector<CsvRecord> records = parse_csv(read_text(path), path.string());
  const std::vector<std::string>& head = records.front().fields;
  const auto place = [&](const char* name) {
    return static_cast<size_t>(std::ranges::find(head, name) - head.begin());
  };
  if (place("verdict") == head.size() || place("heatmap") == head.size()) return;  // someone else's table
  earlier.csv = true;
  for (const CsvRecord& record : records)
    if (record.fields.size() != head.size()) fail(path.string(), ": line ", record.line, ": lacks columns");
  for (const CsvRecord& record : records)
    for (const char* name : kPictures)
      if (const size_t column = place(name); column < record.fields.size() && is_picture(record.fields[column]))
        earlier.pictures.insert(record.fields[column]);
}

void add_from_jsonl(EarlierPredictions& earlier, const fs::path& path) {
  const std::string text = read_text(path);
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const nlohmann::json row = nlohmann::json::parse(std::string_view(text).substr(at, end - at));
    at = end + 1;
    if (!row.is_object() || !row.contains("file") || !row.contains("verdict")) return;  // someone else's table
    earlier.jsonl = true;
    for (const char* name : kPictures)
      if (const auto found = row.find(name);
          found != row.end() && found->is_string() && is_picture(found->get<std::string>()))
        earlier.pictures.insert(found->get<std::string>());
  }
}

}  // namespace

EarlierPredictions earlier_predictions(const fs::path& out) {
  const PredictionFiles files{out};
  EarlierPredictions earlier;
  const auto read = [&](const fs::path& path, const auto& add) {
    if (!fs::is_regular_file(path)) return;
    try {
      add(earlier, path);
    } catch (const std::exception&) {
      earlier.unreadable = path.string();
    }
  };
  read(files.csv(), add_from_csv);
  read(files.jsonl(), add_from_jsonl);
  return earlier;
}

std::map<std::string, int64_t> remove_pictures(const fs::path& out, const EarlierPredictions& earlier,
                                               const std::set<std::string>& kept) {
  std::map<std::string, int64_t> removed;
  for (const std::string& name : earlier.pictures) {
    std::error_code ignored;
    if (fs::is_symlink((out / name).parent_path(), ignored)) continue;
    if (!kept.contains(name) && fs::symlink_status(out / name, ignored).type() == fs::file_type::regular &&
        fs::remove(out / name, ignored))
      ++removed[fs::path(name).parent_path().string()];
  }
  return removed;
}

}  // namespace iuf
