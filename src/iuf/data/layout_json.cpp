#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "iuf/data/called_defects.h"
#include "iuf/data/json_fields.h"
#include "iuf/data/layouts.h"
#include "iuf/data/list_rows.h"
#include "iuf/data/mask_files.h"
#include "iuf/data/repeated_rows.h"
#include "iuf/data/roles.h"
#include "tensor/error.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

struct JsonRecord {
  std::string where, filename, object, kind, mask;
  bool defect = false;
  Split split = Split::by_label;
  RowRemarks remarks = {};
};

// What says of each row of a list whether it is for training.
Split split_of(const std::string& where, Split list, const RowRemarks& remarks) {
  if (!remarks.train) return list;
  const Split row = *remarks.train ? Split::train : Split::test;
  if (list != Split::by_label && list != row)
    fail(where, ": the list is for ", list == Split::train ? "training" : "testing", ", ",
         quoted_name(remarks.split_key), " says ", row == Split::train ? "training" : "testing",
         "; correct one of them");
  return row;
}

std::optional<bool> shows_defect(const nlohmann::json& label) {
  if (label.is_boolean()) return label.get<bool>();
  if (label.is_string()) return defect_label(label.get<std::string>());
  if (label.is_number() && (label == 0 || label == 1)) return label == 1;
  return std::nullopt;
}

bool says_nothing(const std::string& kind, const std::string& object) {
  const std::string lower = lower_case(kind);
  return lower.empty() || lower == "none" || lower == "-" || kind == object;
}

// None where the row is left out.
std::optional<JsonRecord> parse_record(const std::string& where, const nlohmann::json& entry, Split split,
                                       ListKeys& keys) {
  if (!entry.is_object()) fail(where, ": not a JSON object; each line must be one, complete");
  RowRemarks remarks;
  for (const auto& [key, value] : entry.items()) keys.add(where, key, value, remarks);
  if (!remarks.left_out_by.empty()) {
    keys.leave_out(where, remarks);
    return std::nullopt;
  }
  const auto text = [&](const char* key) {
    const auto value = entry.find(key);
    if (value == entry.end() || value->is_null()) return std::string();
    if (!value->is_string()) fail(where, ": \"", key, "\" must be a string");
    return value->get<std::string>();
  };
  JsonRecord record{where, text("filename"), text("clsname"), text("label_name"), text("maskname")};
  record.split = split_of(where, split, remarks);
  if (record.filename.empty()) fail(where, ": \"filename\" is missing; each line must name an image");
  const auto label = entry.find("label");
  const std::optional<bool> defect = label == entry.end() ? std::nullopt : shows_defect(*label);
  if (!defect) fail(where, ": \"label\" must be 0 (normal) or 1 (defect)");
  record.defect = *defect;
  // A kind of defect whose label is normal must not be learned.
  const std::optional<bool> kind = defect_label(record.kind);
  const bool other = kind ? *kind != record.defect : !record.defect && !says_nothing(record.kind, record.object);
  if (other)
    fail(where, ": \"label\" says ", record.defect ? "defect" : "normal", ", \"label_name\" says ",
         quoted_name(record.kind), "; correct one of them");
  check_label(where, record.defect, remarks);
  record.remarks = std::move(remarks);
  return record;
}

// Where one row of a list says what it is for, all do.
void check_splits(const std::vector<JsonRecord>& records) {
  const auto says = [](const JsonRecord& record) { return record.remarks.train.has_value(); };
  const auto with = std::ranges::find_if(records, says), without = std::ranges::find_if_not(records, says);
  if (with != records.end() && without != records.end() && without->split == Split::by_label)
    fail(without->where, ": does not say whether it is for training or testing, but others do by ",
         quoted_name(with->remarks.split_key), "; add it");
}

std::vector<JsonRecord> read_records(const JsonList& list, ListKeys& keys) {
  std::vector<JsonRecord> records;
  const auto add = [&](const std::string& where, const nlohmann::json& entry) {
    if (auto record = parse_record(where, entry, list.split, keys)) records.push_back(std::move(*record));
  };
  const std::string text = read_list(list.file);
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos || text[begin] != '[') {
    for_each_line(list.file, text,
                  [&](const std::string& where, std::string_view line) { add(where, try_parse_json(line, where)); });
    check_splits(records);
    return records;
  }
  const nlohmann::json array = try_parse_json(text, list.file.string());
  if (!array.is_array()) fail(list.file.string(), ": begins as a JSON array but is none; is it complete?");
  for (size_t i = 0; i < array.size(); ++i) add(list.file.string() + ": entry " + std::to_string(i + 1), array[i]);
  check_splits(records);
  return records;
}

/// UniAD's own fallback for a missing clsname: filenames are OBJECT/train/good/000.png.
std::string object_of(std::string filename, const fs::path& folder) {
  std::ranges::replace(filename, '\\', '/');
  fs::path name = fs::path(filename).relative_path();
  if (const fs::path inside = fs::path(filename).lexically_relative(full_path(folder));
      !inside.empty() && *inside.begin() != "..")
    name = inside;  // an absolute one
  std::vector<std::string> parts;
  for (const fs::path& part : name) parts.push_back(part.string());
  return parts.size() >= 4 ? parts[parts.size() - 4] : folder_name(folder);
}

// The first record whose image is not below the folder.
size_t first_missing(const std::vector<JsonRecord>& records, const fs::path& folder) {
  const auto missing = [&](const JsonRecord& record) { return file_below(folder, record.filename).empty(); };
  return static_cast<size_t>(std::ranges::find_if(records, missing) - records.begin());
}

// Where the names of a list begin: its folder or one of the sub-folders, but none of masks. Absolute names begin
// nowhere.
fs::path base_of(std::vector<JsonRecord> records, const fs::path& folder) {
  const auto is_absolute = [](const JsonRecord& record) { return fs::path(record.filename).is_absolute(); };
  for (const JsonRecord& record : records)
    if (is_absolute(record) && file_below(folder, record.filename).empty())
      fail_without_file(record.where, record.filename, folder);
  std::erase_if(records, is_absolute);
  if (records.empty()) return folder;
  std::vector<fs::path> places = {folder}, bases;
  for (const fs::path& sub : list_subfolders(folder))
    if (role_of(sub.filename().string()) != FolderRole::mask) places.push_back(sub);
  fs::path nearest = folder;  // the place where a later name than elsewhere is the first to be missing
  size_t found = 0;
  for (const fs::path& place : places) {
    const size_t missing = first_missing(records, place);
    if (missing == records.size()) bases.push_back(place);
    if (missing > found) nearest = place;
    found = std::max(found, missing);
  }
  if (bases.size() > 1)
    fail(bases[0].string(), " and ", bases[1].string(), ": the names in ", records.front().where,
         " and all others are files of both; move one away, or put the folder into the names");
  if (bases.empty()) fail_without_file(records[found].where, records[found].filename, nearest);
  return bases[0];
}

// Finds the mask of a record: relative to the images' place, the lists' folder or a folder of masks in it.
class MaskPlaces {
 public:
  MaskPlaces(const fs::path& folder, std::set<fs::path> photographs)
      : places_{folder}, photographs_(std::move(photographs)) {
    for (const fs::path& sub : list_subfolders(folder))
      if (role_of(sub.filename().string()) == FolderRole::mask) places_.push_back(sub);
  }

  fs::path find(const JsonRecord& record, const fs::path& base) const {
    std::map<fs::path, fs::path> found;  // without links, as named
    bool photograph = false;
    std::vector<fs::path> places = places_;
    places.push_back(base);
    for (const fs::path& place : places) {
      const fs::path file = file_below(place, record.mask);
      if (file.empty()) continue;
      const fs::path target = full_path(file);
      if (photographs_.contains(target))
        photograph = true;
      else
        found.emplace(target, file);
    }
    if (found.size() > 1)
      fail(record.where, ": the mask ", quoted_name(record.mask), " is ", found.begin()->second.string(), " or ",
           std::next(found.begin())->second.string(), "; put the folder into the name");
    if (found.empty() && photograph)
      fail(record.where, ": the mask ", quoted_name(record.mask), " is a photograph of the list; correct the name");
    if (found.empty()) fail_without_file(record.where, record.mask, base);
    return found.begin()->second;
  }

 private:
  std::vector<fs::path> places_;
  std::set<fs::path> photographs_;
};

// The image of a record, without its mask.
Sample sample_of(const JsonRecord& record, const fs::path& folder, const fs::path& base) {
  Sample sample;
  sample.file = file_below(base, record.filename);
  sample.object =
      checked_name(record.where, record.object.empty() ? object_of(record.filename, folder) : record.object);
  sample.train = record.split == Split::train || (record.split == Split::by_label && !record.defect);
  sample.defect = record.defect;
  sample.label_name = !record.defect        ? "good"
                      : record.kind.empty() ? "defect"
                                            : checked_name(record.where, record.kind);
  if (sample.train && sample.defect)
    fail(record.where, ": a training image must be normal (label 0); move it to the test list");
  if (!record.remarks.checked) check_place(record.where, sample.file, folder, sample.defect);
  return sample;
}

// Objects whose labels may say 1 for good: more defects than normal images, and no normal one to test.
std::set<std::string> exchanged_labels(const Samples& samples) {
  struct ExchangedCounts {
    size_t learned = 0, normal = 0, defects = 0;
  };
  std::map<std::string, ExchangedCounts> all;
  for (const Sample& sample : samples) {
    ExchangedCounts& counts = all[sample.object];
    ++(sample.train ? counts.learned : sample.defect ? counts.defects : counts.normal);
  }
  std::set<std::string> found;
  for (const auto& [object, counts] : all)
    if (counts.normal == 0 && counts.learned > 0 && counts.defects > counts.learned) found.insert(object);
  return found;
}

}  // namespace

Reading read_json_lists(const std::vector<JsonList>& lists) {
  struct Wanted {
    size_t sample;
    JsonRecord record;
    fs::path base;
  };
  Reading reading;
  Samples& samples = reading.samples;
  std::vector<Wanted> masks;
  std::vector<bool> checked;
  std::vector<std::string> where;
  const fs::path parent = lists.front().file.parent_path(), folder = parent.empty() ? fs::path(".") : parent;
  for (const JsonList& list : lists) {
    ListKeys keys(list.file, {"filename", "label", "label_name", "maskname", "clsname"});
    const std::vector<JsonRecord> records = read_records(list, keys);
    std::ranges::move(keys.left_out(), std::back_inserter(reading.left_out));
    if (records.empty()) continue;
    const fs::path base = base_of(records, folder);
    for (const JsonRecord& record : records) {
      if (!record.mask.empty()) masks.push_back({samples.size(), record, base});
      samples.push_back(sample_of(record, folder, base));
      checked.push_back(record.remarks.checked);
      where.push_back(record.where);
    }
  }
  std::set<fs::path> photographs;
  for (const Sample& sample : samples) photographs.insert(full_path(sample.file));
  const MaskPlaces places(folder, std::move(photographs));
  for (const Wanted& mask : masks) samples[mask.sample].masks = {places.find(mask.record, mask.base)};
  unite_rows(reading, where, checked);
  refuse_listed_defects(samples, where, checked);
  find_unlisted_masks(samples, folder, checked);
  check_listed_masks(samples, reading.left_out);
  for (const std::string& object : exchanged_labels(samples))
    reading.listed[object].lines.push_back(
        "the list has more defects than normal images, and none of these to test: a label 0 says normal, 1 a defect; "
        "are they exchanged?");
  return reading;
}

}  // namespace iuf
