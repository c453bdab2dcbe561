#include "iuf/data/dataset.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string_view>
#include <tuple>
#include <utility>

#include "nn/file.h"
#include "tensor/error.h"
#include "tensor/suggest.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

constexpr size_t max_list_bytes = size_t{1} << 28;
constexpr size_t max_line_bytes = size_t{1} << 16;
constexpr size_t max_name_bytes = 200;

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

/// Printable UTF-8: what can stand in a message, in JSON and in a table.
bool is_plain_text(const std::string& text) {
  if (std::any_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; })) return false;
  try {
    static_cast<void>(nlohmann::json(text).dump());
    return true;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

/// Text from a list for a message: one line, not too long.
std::string quoted(const std::string& text) {
  std::ostringstream shown;
  if (is_plain_text(text)) {
    shown << '\'' << text.substr(0, max_name_bytes) << (text.size() > max_name_bytes ? "..." : "") << '\'';
  } else {
    shown << '(' << text.size() << " bytes that are not plain text)";
  }
  return shown.str();
}

/// Names of objects and defects become names of files, table columns and page headings.
const std::string& checked_name(const std::string& where, const std::string& name) {
  if (name.empty() || name == "." || name == ".." || name.size() > max_name_bytes || !is_plain_text(name) ||
      name.find('/') != std::string::npos) {
    fail(where, ": ", quoted(name), " cannot be the name of an object or a defect; use 1 to ", max_name_bytes,
         " printable characters without /");
  }
  return name;
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}
bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}
void need_folder(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) {
    fail(path.string(), ": ", error ? error.message() : "no such file or folder", "; check the path");
  }
}

/// What one folder holds, each sorted by name.
struct Listing {
  std::vector<fs::path> folders, images, others;  // others: images of a kind that is not read
};

Listing list(const fs::path& folder, const Problem& problem = {}) {
  static const std::set<std::string> read = {".png", ".jpg", ".jpeg"};
  static const std::set<std::string> not_read = {".bmp", ".gif", ".tif", ".tiff", ".webp",
                                                 ".ppm", ".pgm", ".jp2", ".heic"};
  Listing found;
  const auto complain = [&](const fs::path& path, const std::string& reason) {
    if (!problem) fail(reason);
    problem(path, reason);
  };
  std::error_code error;
  fs::directory_iterator entry(folder, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    const fs::path& path = entry->path();
    if (path.filename().native().front() == '.') continue;
    const std::string extension = lower(path.extension().string());
    std::error_code failed;
    const fs::file_type type = entry->status(failed).type();
    if (type == fs::file_type::directory) {
      found.folders.push_back(path);
    } else if (read.contains(extension)) {
      if (type == fs::file_type::not_found) {
        complain(path, path.string() + ": the link leads nowhere; repair or remove it");
      } else if (type != fs::file_type::regular) {
        complain(path, path.string() + ": cannot be read" + (failed ? " (" + failed.message() + ")" : "") +
                           "; repair or remove it");
      } else if (!is_plain_text(path.filename().string())) {
        complain(path, folder.string() + ": the image " + quoted(path.filename().string()) +
                           " needs a printable UTF-8 name; rename it");
      } else {
        found.images.push_back(path);
      }
    } else if (not_read.contains(extension)) {
      found.others.push_back(path);
    }
  }
  if (error)
    complain(folder, folder.string() + ": the folder cannot be listed: " + error.message() + "; check the permissions");
  for (auto* paths : {&found.folders, &found.images, &found.others}) std::sort(paths->begin(), paths->end());
  return found;
}

std::string not_read(const fs::path& other) {
  return other.string() + ": only PNG and JPEG images are read; convert this file";
}

/// The images of one folder. Those of a kind that is not read are an error: a data set must not shrink unnoticed.
const std::vector<fs::path>& images_of(const Listing& listing) {
  if (!listing.others.empty()) {
    fail(not_read(listing.others.front()),
         listing.others.size() > 1 ? " and " + std::to_string(listing.others.size() - 1) + " more in its folder" : "");
  }
  return listing.images;
}
std::vector<fs::path> images_in(const fs::path& folder) {
  return is_folder(folder) ? images_of(list(folder)) : std::vector<fs::path>();
}

fs::path full_path(const fs::path& folder) {
  std::error_code error;
  fs::path full = fs::canonical(folder, error);
  if (error) fail(folder.string(), ": ", error.message(), "; check the path");
  return full;
}
/// Also of "." and "data/", which have no name of their own.
std::string name_of(const fs::path& folder) {
  return full_path(folder).filename().string();
}

// ---- one object in folders

bool is_mvtec_object(const fs::path& folder) {
  return is_folder(folder / "train" / "good") || is_folder(folder / "test" / "good") ||
         (is_folder(folder / "train") && is_folder(folder / "test"));
}
bool is_visa_object(const fs::path& folder) {
  return is_folder(folder / "Data" / "Images" / "Normal");
}
bool is_plain_object(const fs::path& folder) {
  const Listing listing = list(folder);
  return !listing.images.empty() || !listing.others.empty() || is_folder(folder / "good");
}

using Samples = std::vector<Sample>;

void add_good(Samples& samples, const std::string& object, bool train, const std::vector<fs::path>& files) {
  for (const fs::path& file : files) samples.push_back({file, object, train, false, "good", std::nullopt});
}

/// Defective test images; a mask is named as its image, with or without "_mask".
void add_defects(Samples& samples, const std::string& object, const fs::path& folder, const std::string& kind,
                 const fs::path& mask_folder) {
  checked_name(folder.string(), kind);
  std::map<std::string, fs::path> masks;
  for (const fs::path& mask : images_in(mask_folder)) masks[mask.stem().string()] = mask;
  const std::vector<fs::path> files = images_in(folder);
  bool fits = masks.empty() || files.empty();
  for (const fs::path& file : files) {
    Sample sample{file, object, false, true, kind, std::nullopt};
    auto mask = masks.find(file.stem().string() + "_mask");
    if (mask == masks.end()) mask = masks.find(file.stem().string());
    if (mask != masks.end()) sample.mask = mask->second;
    fits = fits || sample.mask;
    samples.push_back(std::move(sample));
  }
  if (!fits) {
    fail(mask_folder.string(), ": no mask fits an image; name the mask of ", files.front().filename().string(), " ",
         files.front().stem().string(), "_mask.png");
  }
}

void add_mvtec_object(Samples& samples, const std::string& object, const fs::path& folder) {
  if (is_folder(folder / "train")) {
    const Listing train = list(folder / "train");
    add_good(samples, object, true, images_of(train));
    for (const fs::path& sub : train.folders) {
      if (sub.filename() != "good") {
        fail(sub.string(), ": training images must be normal, in train/good; move defects to test");
      }
      add_good(samples, object, true, images_in(sub));
    }
  }
  if (!is_folder(folder / "test")) return;
  const Listing test = list(folder / "test");
  if (!images_of(test).empty()) {
    fail(test.images.front().string(), ": move test images to test/good or test/KIND, which tells what they show");
  }
  for (const fs::path& sub : test.folders) {
    const std::string kind = sub.filename().string();
    if (kind == "good") {
      add_good(samples, object, false, images_in(sub));
    } else {
      add_defects(samples, object, sub, kind, folder / "ground_truth" / kind);
    }
  }
}

void add_visa_object(Samples& samples, const std::string& object, const fs::path& folder) {
  const fs::path data = folder / "Data";
  const std::vector<fs::path> normal = images_in(data / "Images" / "Normal");
  for (size_t i = 0; i < normal.size(); ++i) add_good(samples, object, i % 10 != 9, {normal[i]});
  add_defects(samples, object, data / "Images" / "Anomaly", "anomaly", data / "Masks" / "Anomaly");
}

void add_plain_object(Samples& samples, const std::string& object, const fs::path& folder) {
  const Listing listing = list(folder);
  add_good(samples, object, true, images_of(listing));
  for (const fs::path& sub : listing.folders) {
    const std::string kind = sub.filename().string();
    if (kind == "good") {
      add_good(samples, object, true, images_in(sub));
    } else if (kind != "ground_truth") {
      add_defects(samples, object, sub, kind, folder / "ground_truth" / kind);
    }
  }
}

/// False if the folder is not an object's.
bool add_object(Samples& samples, const std::string& object, const fs::path& folder) {
  const auto add = is_mvtec_object(folder)   ? add_mvtec_object
                   : is_visa_object(folder)  ? add_visa_object
                   : is_plain_object(folder) ? add_plain_object
                                             : nullptr;
  if (!add) return false;
  checked_name(folder.string(), object);
  const size_t before = samples.size();
  add(samples, object, folder);
  if (samples.size() == before) fail(folder.string(), ": no PNG or JPEG images of the object ", object, " in it");
  return true;
}

Dataset finished(Samples samples) {
  const auto key = [](const Sample& s) { return std::tie(s.object, s.file); };
  std::sort(samples.begin(), samples.end(), [&](const Sample& a, const Sample& b) {
    return a.object == b.object && a.train != b.train ? a.train : key(a) < key(b);
  });
  Dataset data{{}, std::move(samples)};
  for (const Sample& sample : data.samples) {
    if (data.objects.empty() || data.objects.back() != sample.object) data.objects.push_back(sample.object);
  }
  return data;
}

[[noreturn]] void fail_without_images(const fs::path& folder) {
  std::error_code error;
  if (fs::is_empty(folder, error))
    fail(folder.string(), ": the folder is empty; put images into it or give another one");
  fail(folder.string(), ": no images found; needed are OBJECT/train/good (MVTec-AD), split_csv/1cls.csv (VisA), ",
       "train.json (JSON lines) or PNG and JPEG images of normal parts in it or in its sub-folder good");
}

// ---- lists: JSON lines and CSV

/// Calls use(where, line) for each line that is not blank; `where` names file and line for messages.
template <class Use>
void for_each_line(const fs::path& file, Use&& use) {
  const std::vector<std::byte> bytes = read_file(file, max_list_bytes);
  std::string_view rest(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);
  for (size_t number = 1; !rest.empty(); ++number) {
    const size_t length = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, length);
    rest.remove_prefix(std::min(length + 1, rest.size()));
    const std::string where = file.string() + ": line " + std::to_string(number);
    if (line.size() > max_line_bytes)
      fail(where, ": longer than ", max_line_bytes, " bytes; one image per line is needed");
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") != std::string_view::npos) use(where, line);
  }
}

/// A file that a list names.
fs::path listed_file(const std::string& where, const fs::path& folder, const std::string& name) {
  const fs::path path = folder / name;
  if (!is_plain_text(name) || !is_file(path)) {
    fail(where, ": no such file: ", quoted(name), " in ", folder.string(), "; correct the name or add the file");
  }
  return path;
}

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
  return parts.size() >= 4 ? parts[parts.size() - 4] : name_of(folder);
}

enum class Split { train, test, by_label };

void add_json_lines(Samples& samples, const fs::path& file, Split split) {
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  fs::path base;
  for_each_line(file, [&](const std::string& where, std::string_view line) {
    const JsonRecord record = parse_record(where, line);
    if (base.empty()) {
      base = folder;
      if (!is_file(folder / record.filename)) {
        for (const fs::path& sub : list(folder).folders) {
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
    if (record.defect && !record.mask.empty()) sample.mask = listed_file(where, base, record.mask);
    samples.push_back(std::move(sample));
  });
}

/// The fields of one line; quotes as in RFC 4180, but no line break inside them.
std::vector<std::string> csv_fields(const std::string& where, std::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') {
      if (quoted && i + 1 < line.size() && line[i + 1] == '"')
        fields.back() += line[i++];
      else
        quoted = !quoted;
    } else if (line[i] == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += line[i];
    }
  }
  if (quoted) fail(where, ": a quote is not closed");
  return fields;
}

void add_visa_csv(Samples& samples, const fs::path& root, const fs::path& file) {
  const std::array<std::string, 5> names = {"object", "split", "label", "image", "mask"};
  std::array<size_t, 5> column{};
  size_t columns = 0;
  for_each_line(file, [&](const std::string& where, std::string_view line) {
    const std::vector<std::string> fields = csv_fields(where, line);
    if (columns == 0) {
      columns = fields.size();
      for (size_t i = 0; i < names.size(); ++i) {
        column[i] = static_cast<size_t>(std::find(fields.begin(), fields.end(), names[i]) - fields.begin());
        if (column[i] == columns) fail(where, ": the header must name the columns ", joined(names));
      }
      return;
    }
    if (fields.size() != columns) fail(where, ": ", fields.size(), " fields, the header has ", columns);
    const auto field = [&](size_t i) -> const std::string& { return fields[column[i]]; };
    const std::string &split = field(1), &label = field(2), &mask = field(4);
    if (split != "train" && split != "test") fail(where, ": the split must be train or test, not ", quoted(split));
    if (label != "normal" && label != "anomaly")
      fail(where, ": the label must be normal or anomaly, not ", quoted(label));
    const bool train = split == "train", defect = label == "anomaly";
    if (train && defect) fail(where, ": a training image must be normal");
    Sample sample{listed_file(where, root, field(3)),
                  checked_name(where, field(0)),
                  train,
                  defect,
                  defect ? "anomaly" : "good",
                  std::nullopt};
    if (defect && !mask.empty()) sample.mask = listed_file(where, root, mask);
    samples.push_back(std::move(sample));
  });
}

Dataset finished_list(const fs::path& file, Samples samples) {
  if (samples.empty()) fail(file.string(), ": lists no images; add a line for each or give another file");
  return finished(std::move(samples));
}

Dataset read_json_file(const fs::path& file) {
  const std::string extension = lower(file.extension().string()), stem = lower(file.stem().string());
  if (extension != ".json" && extension != ".jsonl") {
    fail(file.string(), ": a folder of images or a list in JSON lines (.json, .jsonl) is needed");
  }
  Samples samples;
  add_json_lines(samples, file, stem == "train" ? Split::train : stem == "test" ? Split::test : Split::by_label);
  return finished_list(file, std::move(samples));
}

void collect_images(const fs::path& folder, const Problem& problem, std::set<fs::path>& visited,
                    std::vector<fs::path>& images) {
  if (!visited.insert(full_path(folder)).second) return;  // a link back to where we have been
  const Listing listing = list(folder, problem);
  if (problem)
    for (const fs::path& other : listing.others) problem(other, not_read(other));
  const std::vector<fs::path>& here = problem ? listing.images : images_of(listing);
  images.insert(images.end(), here.begin(), here.end());
  for (const fs::path& sub : listing.folders)
    if (sub.filename() != "ground_truth") collect_images(sub, problem, visited, images);
}

}  // namespace

std::vector<Sample> Dataset::select(const std::string& object, Part part) const {
  if (std::find(objects.begin(), objects.end(), object) == objects.end()) {
    fail("no object named '", object, "' in the data; known are: ", joined(objects));
  }
  std::vector<Sample> chosen;
  std::copy_if(samples.begin(), samples.end(), std::back_inserter(chosen),
               [&](const Sample& sample) { return sample.object == object && sample.train == (part == Part::train); });
  return chosen;
}

Dataset read_dataset(const fs::path& root) {
  need_folder(root);
  if (!is_folder(root)) return read_json_file(root);
  Samples samples;
  if (const fs::path csv = root / "split_csv" / "1cls.csv"; is_file(csv)) {
    add_visa_csv(samples, root, csv);
    return finished_list(csv, std::move(samples));
  }
  fs::path lists;
  for (const auto& [stem, split] : {std::pair{"train", Split::train}, {"test", Split::test}}) {
    for (const char* extension : {".json", ".jsonl"}) {
      const fs::path file = root / (std::string(stem) + extension);
      if (!is_file(file)) continue;
      lists = file;
      add_json_lines(samples, file, split);
    }
  }
  if (!lists.empty()) return finished_list(lists, std::move(samples));
  if (is_mvtec_object(root) || is_visa_object(root)) return read_object(root);

  // A folder of objects, unless it is a plain object, whose sub-folders are kinds of defects.
  const std::vector<fs::path> folders = list(root).folders;
  const bool several = std::any_of(folders.begin(), folders.end(), [](const fs::path& folder) {
    return is_mvtec_object(folder) || is_visa_object(folder);
  });
  if (!several && is_plain_object(root)) return read_object(root);
  for (const fs::path& folder : folders) add_object(samples, folder.filename().string(), folder);
  if (samples.empty()) fail_without_images(root);
  return finished(std::move(samples));
}

Dataset read_object(const fs::path& folder, const std::optional<std::string>& name) {
  need_folder(folder);
  if (!is_folder(folder)) fail(folder.string(), ": a folder of images is needed, not a file");
  Samples samples;
  if (!add_object(samples, name.value_or(name_of(folder)), folder)) {
    std::vector<std::string> inside;
    for (const fs::path& sub : list(folder).folders) {
      if (is_mvtec_object(sub) || is_visa_object(sub) || is_plain_object(sub))
        inside.push_back(sub.filename().string());
    }
    if (!inside.empty())
      fail(folder.string(), ": not one object but a folder of ", joined(inside), "; give one of them");
    fail_without_images(folder);
  }
  return finished(std::move(samples));
}

std::vector<fs::path> list_images(const fs::path& file_or_folder, const Problem& problem) {
  need_folder(file_or_folder);
  if (!is_folder(file_or_folder)) return {file_or_folder};
  std::vector<fs::path> images;
  std::set<fs::path> visited;
  bool problems = false;
  const auto tell = [&](const fs::path& file, const std::string& reason) {
    problems = true;
    problem(file, reason);
  };
  collect_images(file_or_folder, problem ? Problem(tell) : Problem(), visited, images);
  if (images.empty() && !problems) {
    fail(file_or_folder.string(), ": no PNG or JPEG images in this folder or below; give another one");
  }
  std::sort(images.begin(), images.end());
  return images;
}

}  // namespace iuf
