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

// Whether a table names a file right in the folder of heatmaps.
bool is_heatmap(const std::string& name) {
  const fs::path path = name;
  return path.parent_path() == PredictionFiles::heatmap_folder && path.extension() == ".png" &&
         path.lexically_normal() == path;
}

void add_from_csv(EarlierPredictions& earlier, const fs::path& path) {
  const std::vector<CsvRecord> records = parse_csv(read_text(path), path.string());
  const std::vector<std::string>& head = records.front().fields;
  const auto column = static_cast<size_t>(std::ranges::find(head, "heatmap") - head.begin());
  if (!std::ranges::count(head, "verdict") || column == head.size()) return;  // someone else's table
  earlier.csv = true;
  for (const CsvRecord& record : records)
    if (column < record.fields.size() && is_heatmap(record.fields[column]))
      earlier.heatmaps.insert(record.fields[column]);
}

void add_from_jsonl(EarlierPredictions& earlier, const fs::path& path) {
  const std::string text = read_text(path);
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const nlohmann::json row = nlohmann::json::parse(std::string_view(text).substr(at, end - at));
    at = end + 1;
    if (!row.is_object() || !row.contains("file") || !row.contains("verdict")) return;  // someone else's table
    earlier.jsonl = true;
    const auto heatmap = row.find("heatmap");
    if (heatmap != row.end() && heatmap->is_string() && is_heatmap(heatmap->get<std::string>()))
      earlier.heatmaps.insert(heatmap->get<std::string>());
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

int64_t remove_heatmaps(const fs::path& out, const EarlierPredictions& earlier, const std::set<std::string>& kept) {
  int64_t removed = 0;
  for (const std::string& name : earlier.heatmaps) {
    std::error_code ignored;
    if (!kept.contains(name) && fs::symlink_status(out / name, ignored).type() == fs::file_type::regular)
      removed += fs::remove(out / name, ignored);
  }
  return removed;
}

}  // namespace iuf
