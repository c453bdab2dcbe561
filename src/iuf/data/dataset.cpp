#include "iuf/data/dataset.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "iuf/data/layouts.h"
#include "iuf/data/list_rows.h"
#include "iuf/data/listing.h"
#include "iuf/data/path_names.h"
#include "iuf/data/product_names.h"
#include "iuf/data/roles.h"
#include "iuf/image/image_header.h"
#include "tensor/error.h"
#include "tensor/suggest.h"
#include "tensor/text.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

Dataset finished(Samples samples) {
  const auto key = [](const Sample& s) { return std::tie(s.object, s.file); };
  std::sort(samples.begin(), samples.end(), [&](const Sample& a, const Sample& b) {
    return a.object == b.object && a.train != b.train ? a.train : key(a) < key(b);
  });
  Dataset data{.objects = {}, .samples = std::move(samples), .left_out = {}, .remarks = {}};
  for (const Sample& sample : data.samples) {
    if (data.objects.empty() || data.objects.back() != sample.object) data.objects.push_back(sample.object);
  }
  return data;
}

Dataset one_object(const std::string& name, const Folder& folder, Trust trust) {
  Reading reading = read_object_folder(name, folder, trust);
  Dataset data = finished(std::move(reading.samples));
  data.left_out[name] = std::move(reading.left_out);
  data.remarks[name] = std::move(reading.remarks);
  return data;
}

[[noreturn]] void fail_without_images(const Folder& root) {
  const fs::path& folder = root.path;
  std::error_code error;
  if (fs::is_empty(folder, error))
    fail(folder.string(), ": the folder is empty; put images into it or give another one");
  if (!root.left_out.empty())
    fail(folder.string(), ": no images found, only ", joined(root.left_out), "; rename what holds photographs");
  fail(folder.string(), ": no images found; needed are OBJECT/train/good (MVTec-AD), split_csv/1cls.csv (VisA), ",
       "train.json (JSON lines) or images (", formats_read(), ") of normal parts in it or in its sub-folder good");
}

// Of a folder called "good" or "train" it is the name above; one called "mask" that is given as a product is one.
std::string object_name(const fs::path& folder) {
  const fs::path full = full_path(folder);
  for (fs::path path = full; path.has_relative_path(); path = path.parent_path())
    if (const FolderRole role = role_of(path.filename().string());
        role == FolderRole::none || (path == full && role == FolderRole::mask))
      return escaped(path.filename().string());
  return escaped(full.filename().string());
}

Dataset finished_list(const fs::path& file, Reading reading) {
  if (reading.samples.empty()) fail(file.string(), ": lists no images; add a line for each or give another file");
  Dataset data = finished(std::move(reading.samples));
  ProductNames names;
  for (const std::string& object : data.objects) names.add(object, file.string() + ": " + quoted_name(object));
  if (!reading.left_out.empty()) data.left_out[""] = std::move(reading.left_out);
  data.remarks = std::move(reading.listed);
  return data;
}

// The lists in a folder, by what they are for.
std::vector<JsonList> json_lists(const fs::path& root) {
  std::vector<JsonList> lists;
  for (const auto& [stem, split] : {std::pair{"train", Split::train}, {"test", Split::test}}) {
    const size_t before = lists.size();
    for (const char* extension : {".json", ".jsonl"})
      if (const fs::path file = root / (std::string(stem) + extension); is_file(file)) lists.push_back({file, split});
    if (lists.size() > before + 1)
      fail(lists[before].file.string(), " and ", lists[before + 1].file.string(),
           ": two lists of one part; move one away");
  }
  return lists;
}

Dataset read_lists(const fs::path& root, const std::vector<fs::path>& lists, Reading reading) {
  Dataset data = finished_list(lists.front(), std::move(reading));
  std::ranges::move(not_listed(root, lists, data.samples), std::back_inserter(data.left_out[""]));
  return data;
}

Dataset read_list_file(const fs::path& file) {
  const std::string extension = lower_case(file.extension().string()), stem = lower_case(file.stem().string());
  if (extension != ".json" && extension != ".jsonl") {
    fail(file.string(), ": a folder of images or a list in JSON lines (.json, .jsonl) is needed");
  }
  const Split split = stem == "train" ? Split::train : stem == "test" ? Split::test : Split::by_label;
  Dataset data = finished_list(file, read_json_lists({{file, split}}));
  const fs::path folder = file.parent_path();
  std::ranges::move(beside_lists(folder.empty() ? "." : folder, {file}, data.samples),
                    std::back_inserter(data.left_out[""]));
  return data;
}

// The first folder below that is a product by its sub-folders, by its path from here; empty without one.
std::string product_inside(const Folder& folder) {
  for (const Folder& sub : folder.folders) {
    if (sub.images() == 0) continue;
    if (has_parts(sub)) return escaped(sub.name());
    if (const std::string inner = product_inside(sub); !inner.empty()) return escaped(sub.name()) + "/" + inner;
  }
  return "";
}

// Sub-folders are the objects.
Dataset read_objects(const Folder& root) {
  Samples samples;
  std::map<std::string, std::vector<std::string>> left_out;
  std::map<std::string, Remarks> remarks;
  ProductNames names;
  std::vector<const Folder*> products;
  std::vector<std::string> without_pictures;
  Others others = root.files.others;
  bool plain = false;  // whether only its place says of one that it is normal
  for (const Folder& sub : root.folders) {
    const std::string name = escaped(sub.name());
    if (sub.images() == 0) {
      without_pictures.push_back(name);
      others.add(sub.others());
      for (const std::string& what : sub.left_out) left_out[""].push_back(name + "/" + what);
      continue;
    }
    if (!is_object(sub)) {
      const std::string inner = product_inside(sub);
      left_out[""].push_back(name + " (" +
                             left_out_text(sub, inner.empty() ? "in folders of which none says that it is normal"
                                                              : "of products further down, such as " + inner +
                                                                    ": give this folder instead, or move them up") +
                             ")");
      continue;
    }
    names.add(sub.name(), sub.path.string());
    products.push_back(&sub);
    plain = plain || !has_parts(sub);
    Reading reading = read_object_folder(name, sub, Trust::names);
    std::ranges::move(reading.samples, std::back_inserter(samples));
    left_out[name] = std::move(reading.left_out);
    remarks[name] = std::move(reading.remarks);
  }
  if (samples.empty()) {
    if (root.images() > 0)
      fail(root.path.string(), ": none of its folders says which images are normal (", joined(left_out[""]),
           "); put those of each product into PRODUCT/good");
    fail_without_images(root);
  }
  if (plain) refuse_by_name(root.path, 1);
  refuse_classes(root.path, products);
  if (const Folder own{root.path, root.files, {}, {}}; own.images() > 0)
    left_out[""].push_back(count_text({own.images(), own.first()}, "image", "images") +
                           " beside the folders of the objects");
  say_without_pictures(without_pictures, left_out[""]);
  if (!others.empty()) left_out[""].push_back(others.text());
  std::ranges::copy(root.left_out, std::back_inserter(left_out[""]));
  Dataset data = finished(std::move(samples));
  data.left_out = std::move(left_out);
  data.remarks = std::move(remarks);
  return data;
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
  need_existing(root);
  if (!is_folder(root)) return read_list_file(root);
  const fs::path csv = root / "split_csv" / "1cls.csv";
  const std::vector<JsonList> lists = json_lists(root);
  if (is_file(csv) || !lists.empty()) {
    std::vector<fs::path> files;
    for (const JsonList& list : lists) files.push_back(list.file);
    if (is_file(csv)) files.insert(files.begin(), csv);
    if (is_file(csv) && !lists.empty())
      fail(csv.string(), " and ", lists.front().file.string(), ": two lists of one data set; move one away");
    return read_lists(root, files, is_file(csv) ? read_visa_csv(root, csv) : read_json_lists(lists));
  }
  Folder folder = read_folders(root);
  need_no_dangling_links(folder);
  const auto is_own_object = [](const Folder& sub) { return role_among(sub) == FolderRole::none && has_parts(sub); };
  const bool roles = is_visa_object(folder) || std::ranges::any_of(folder.folders, [](const Folder& sub) {
                       return role_among(sub) != FolderRole::none;
                     });
  if (!roles && (!is_object(folder) || std::ranges::any_of(folder.folders, is_own_object))) return read_objects(folder);
  leave_out_repeats(folder);
  if (!has_parts(folder)) refuse_by_name(root, 2);
  return one_object(object_name(root), folder, Trust::names);
}

Dataset read_object(const fs::path& root, const std::optional<std::string>& name, Trust trust) {
  need_existing(root);
  if (!is_folder(root)) fail(root.string(), ": a folder of images is needed, not a file");
  Folder folder = read_folders(root);
  need_no_dangling_links(folder);
  leave_out_repeats(folder);
  if (!is_object(folder) && folder.images() > 0) {
    std::vector<std::string> inside;
    for (const Folder& sub : folder.folders)
      if (sub.images() > 0) inside.push_back(escaped(sub.name()));
    fail(root.string(), ": not one object but a folder of ", joined(inside), "; give one of them");
  }
  if (!is_object(folder)) fail_without_images(folder);
  if (trust == Trust::names && !has_parts(folder)) refuse_by_name(root, 2);
  return one_object(name.value_or(object_name(root)), folder, trust);
}

}  // namespace iuf
