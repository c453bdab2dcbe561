#include <nlohmann/json.hpp>

#include "iuf/data/layouts.h"
#include "iuf/data/listing.h"
#include "tensor/error.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

struct JsonRecord {
  std::string where, filename, object, kind, mask;
  bool defect = false;
};

JsonRecord parse_record(const std::string& where, std::string_view line) {
  const nlohmann::json json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_object()) fail(where, ": not a JSON object; each line must be one, complete");
  const auto text = [&](const char* key) {
    const auto value = json.find(key);
    if (value == json.end() || value->is_null()) return std::string();
    if (!value->is_string()) fail(where, ": \"", key, "\" must be a string");
    return value->get<std::string>();
  };
  JsonRecord record{where, text("filename"), text("clsname"), text("label_name"), text("maskname")};
  if (record.filename.empty()) fail(where, ": \"filename\" is missing; each line must name an image");
  const auto label = json.find("label");
  if (label == json.end() || !label->is_number_integer() || (*label != 0 && *label != 1)) {
    fail(where, ": \"label\" must be 0 (normal) or 1 (defect)");
  }
  record.defect = *label == 1;
  return record;
}

/// UniAD's own fallback for a missing clsname: filenames are OBJECT/train/good/000.png.
std::string object_of(const std::string& filename, const fs::path& folder) {
  const fs::path path(filename);
  std::vector<std::string> parts;
  for (const fs::path& part : path) parts.push_back(part.string());
  return parts.size() >= 4 ? parts[parts.size() - 4] : folder_name(folder);
}

}  // namespace

void add_json_lines(Samples& samples, const fs::path& file, Split split) {
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  fs::path base;
  for_each_line(file, [&](const std::string& where, std::string_view line) {
    const JsonRecord record = parse_record(where, line);
    if (base.empty()) {
      base = folder;
      if (!is_file(folder / record.filename)) {
        for (const fs::path& sub : list_folder(folder).folders) {
          if (is_file(sub / record.filename)) base = sub;
        }
      }
    }
    Sample sample;
    sample.file = listed_file(where, base, record.filename);
    sample.object = checked_name(where, record.object.empty() ? object_of(record.filename, folder) : record.object);
    sample.train = split == Split::train || (split == Split::by_label && !record.defect);
    sample.defect = record.defect;
    sample.label_name = !record.defect ? "good" : record.kind.empty() ? "defect" : checked_name(where, record.kind);
    if (sample.train && sample.defect)
      fail(where, ": a training image must be normal (label 0); move it to the test list");
    if (record.defect && !record.mask.empty()) sample.masks = {listed_file(where, base, record.mask)};
    samples.push_back(std::move(sample));
  });
}

}  // namespace iuf
