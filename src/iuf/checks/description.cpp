#include "iuf/checks/description.h"

#include <algorithm>
#include <map>
#include <set>

#include "iuf/checks/alike_pictures.h"
#include "iuf/checks/augmented_names.h"
#include "iuf/checks/conditions.h"
#include "iuf/checks/drawn_marks.h"
#include "iuf/checks/edited_names.h"
#include "iuf/checks/exchanged_colours.h"
#include "iuf/checks/jpeg_blocks.h"
#include "iuf/checks/labels_apart.h"
#include "iuf/checks/leading_names.h"
#include "iuf/checks/mask_boxes.h"
#include "iuf/checks/mask_outlines.h"
#include "iuf/checks/mask_silhouettes.h"
#include "iuf/checks/name_groups.h"
#include "iuf/checks/other_session.h"
#include "iuf/checks/overlapping_tiles.h"
#include "iuf/checks/picture_uses.h"
#include "iuf/checks/torn_frames.h"
#include "iuf/checks/turned_copies.h"
#include "iuf/data/copied_names.h"
#include "iuf/data/dataset.h"
#include "iuf/data/false_rejects.h"
#include "iuf/data/listing.h"
#include "iuf/data/made_pictures.h"
#include "iuf/data/roles.h"
#include "tensor/suggest.h"

namespace iuf {
namespace {

struct Counts {
  size_t train = 0, normal = 0, defects = 0, with_mask = 0;
  std::map<std::string, size_t> kinds = {};
  const Sample* without_mask = nullptr;  // the first
};

Counts count(const Dataset& data, const std::string& object) {
  Counts counts;
  for (const Sample& sample : data.samples) {
    if (sample.object != object) continue;
    if (!sample.defect) {
      ++(sample.train ? counts.train : counts.normal);
      continue;
    }
    ++counts.defects;
    ++counts.kinds[sample.label_name];
    counts.with_mask += !sample.masks.empty();
    if (sample.masks.empty() && !counts.without_mask) counts.without_mask = &sample;
  }
  return counts;
}

std::string masks_text(const Counts& counts) {
  if (counts.with_mask == counts.defects) return "all with masks";
  if (counts.with_mask == 0) return "no masks";
  const std::filesystem::path& first = counts.without_mask->file;
  return std::to_string(counts.with_mask) + " with masks, the first of " +
         std::to_string(counts.defects - counts.with_mask) + " without: " + place_of(first);
}

// "crack 3, dent 4", of many the first.
std::string counted_names(const std::map<std::string, size_t>& counts) {
  constexpr size_t most = 12;
  std::vector<std::string> names;
  for (const auto& [name, count] : counts)
    if (names.size() < most) names.push_back(name + " " + std::to_string(count));
  if (counts.size() > most) names.push_back(std::to_string(counts.size() - most) + " more");
  return joined(names);
}

std::string kinds_text(const Counts& counts) {
  if (counts.kinds.size() == 1) return "kind " + counts.kinds.begin()->first + ", ";
  return std::to_string(counts.kinds.size()) + " kinds: " + counted_names(counts.kinds) + "; ";
}

// Normal images beside a folder "good", which says nothing of them.
Count beside_good(const Dataset& data, const std::string& object) {
  std::map<std::filesystem::path, Count> folders;
  for (const Sample& sample : data.samples)
    if (sample.object == object && sample.train) folders[sample.file.parent_path()].add(sample.file);
  std::set<std::filesystem::path> above_good;
  for (const auto& [images, count] : folders)
    for (std::filesystem::path folder = images; folder.has_filename(); folder = folder.parent_path())
      if (role_of(folder.filename().string()) == FolderRole::normal) above_good.insert(folder.parent_path());
  Count beside;
  for (const std::filesystem::path& folder : above_good)
    if (const auto found = folders.find(folder); found != folders.end()) beside.add(found->second);
  return beside;
}

// What names say of images that belong together.
std::vector<std::string> name_remarks(const Dataset& data, const std::string& object) {
  std::vector<std::string> remarks = augmented_copies(data, object);
  for (const std::string& remark : edited_copies(data, object)) remarks.push_back(remark);
  std::vector<std::filesystem::path> files;
  for (const Sample& sample : data.samples)
    if (sample.object == object) files.push_back(sample.file);
  const GroupRemarks groups = group_remarks(data, object);
  if (const std::string made = made_text(files); !made.empty())
    remarks.push_back(made + ": they are used as photographs");
  else if (remarks.empty())
    for (const std::string& names : {groups.grouped, groups.views, leading_names(data, object)})
      remarks.push_back(names);
  remarks.push_back(groups.frames);
  remarks.push_back(copies_used(files));
  std::erase(remarks, "");
  return remarks;
}

std::string remarks_and_left_out(const Dataset& data, const std::string& object,
                                 const std::vector<std::string>& remarks) {
  std::string text;
  for (const std::string& remark : remarks) text += "; " + remark;
  if (const auto left_out = data.left_out.find(object); left_out != data.left_out.end() && !left_out->second.empty())
    text += "; left out: " + joined(left_out->second);
  return text;
}

}  // namespace

std::vector<std::string> data_remarks(const Dataset& data, const std::string& object) {
  std::vector<std::string> all;
  if (const auto remarks = data.remarks.find(object); remarks != data.remarks.end()) all = remarks->second.lines;
  for (const std::string& remark : name_remarks(data, object)) all.push_back(remark);
  if (const std::string rejects = false_rejects(data, object); !rejects.empty()) all.push_back(rejects);
  for (const std::string& remark : different_conditions(data, object)) all.push_back(remark);
  std::vector<PictureUse> uses = picture_uses(data, object);
  for (const std::string& remark :
       {drawn_marks(uses), still_frames(uses), turned_copies(uses), torn_images(uses), overlapping_tiles(uses),
        constant_part(uses), other_session(uses), labels_apart(uses), exchanged_colours(uses), jpeg_blocks(uses),
        outline_masks(data, object), box_masks(data, object), silhouette_masks(data, object)})
    if (!remark.empty()) all.push_back(remark);
  return all;
}

std::string description(const Dataset& data, const std::string& object) {
  return description(data, object, data_remarks(data, object));
}

std::string description(const Dataset& data, const std::string& object, const std::vector<std::string>& remarks) {
  const Counts counts = count(data, object);
  std::string text = object + ": " + std::to_string(counts.train) + " normal to learn from, ";
  if (const Count beside = beside_good(data, object); beside.count > 0)
    text += count_text(beside, "of them", "of them") + " beside the folder of normal images, ";
  if (counts.normal + counts.defects == 0)
    text += "none to test";
  else
    text += std::to_string(counts.normal) + " normal and " + std::to_string(counts.defects) + " defective to test";
  if (counts.defects > 0) text += " (" + kinds_text(counts) + masks_text(counts) + ")";
  if (counts.normal == 0) text += "; without normal images to test (in test/good) false alarms cannot be measured";
  if (const auto found = data.remarks.find(object); found != data.remarks.end()) {
    if (const auto& below = found->second.below_normal; !below.empty())
      text += "; for normal, in sub-folders: " + counted_names(below);
    if (const auto& below = found->second.below_kinds; !below.empty())
      text += "; for defects, in sub-folders: " + counted_names(below);
  }
  return text + remarks_and_left_out(data, object, remarks);
}

std::string left_out_beside(const Dataset& data) {
  const auto left_out = data.left_out.find("");
  return left_out == data.left_out.end() || left_out->second.empty()
             ? ""
             : "left out beside the objects: " + joined(left_out->second);
}

void note_normal_images(const Dataset& data, const std::string& object, const Progress& progress) {
  progress.note(object + ": " + std::to_string(count(data, object).train) + " normal images" +
                remarks_and_left_out(data, object, data_remarks(data, object)));
  if (const std::string beside = left_out_beside(data); !beside.empty()) progress.note(beside);
}

std::map<std::string, std::vector<std::string>> note_data(const Dataset& data, const std::vector<std::string>& objects,
                                                          const Progress& progress) {
  std::map<std::string, std::vector<std::string>> remarks;
  for (const std::string& object : objects) {
    if (!std::ranges::binary_search(data.objects, object)) continue;
    remarks[object] = data_remarks(data, object);
    progress.note(description(data, object, remarks[object]));
  }
  if (const std::string beside = left_out_beside(data); !beside.empty()) progress.note(beside);
  return remarks;
}

}  // namespace iuf
