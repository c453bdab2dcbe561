#include "iuf/data/dataset.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "iuf/data/layouts.h"
#include "iuf/data/listing.h"
#include "tensor/error.h"
#include "tensor/suggest.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

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

Dataset finished_list(const fs::path& file, Samples samples) {
  if (samples.empty()) fail(file.string(), ": lists no images; add a line for each or give another file");
  return finished(std::move(samples));
}

Dataset read_list_file(const fs::path& file) {
  const std::string extension = lower_case(file.extension().string()), stem = lower_case(file.stem().string());
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
  const Listing listing = list_folder(folder, problem);
  if (problem)
    for (const fs::path& other : listing.others) problem(other, not_read_text(other));
  const std::vector<fs::path>& here = problem ? listing.images : readable_images(listing);
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
  need_existing(root);
  if (!is_folder(root)) return read_list_file(root);
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
  const std::vector<fs::path> folders = list_folder(root).folders;
  const bool several = std::any_of(folders.begin(), folders.end(), [](const fs::path& folder) {
    return is_mvtec_object(folder) || is_visa_object(folder);
  });
  if (!several && is_plain_object(root)) return read_object(root);
  for (const fs::path& folder : folders) add_object(samples, folder.filename().string(), folder);
  if (samples.empty()) fail_without_images(root);
  return finished(std::move(samples));
}

Dataset read_object(const fs::path& folder, const std::optional<std::string>& name) {
  need_existing(folder);
  if (!is_folder(folder)) fail(folder.string(), ": a folder of images is needed, not a file");
  Samples samples;
  if (!add_object(samples, name.value_or(folder_name(folder)), folder)) {
    std::vector<std::string> inside;
    for (const fs::path& sub : list_folder(folder).folders) {
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
  need_existing(file_or_folder);
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
