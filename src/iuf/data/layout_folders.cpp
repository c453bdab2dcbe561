#include <algorithm>
#include <iterator>
#include <map>

#include "iuf/data/called_defects.h"
#include "iuf/data/copied_names.h"
#include "iuf/data/folder_parts.h"
#include "iuf/data/labelled_images.h"
#include "iuf/data/layouts.h"
#include "iuf/data/made_pictures.h"
#include "iuf/data/mask_files.h"
#include "iuf/data/name_forms.h"
#include "iuf/data/path_names.h"
#include "iuf/data/rare_codes.h"
#include "iuf/data/verdict_codes.h"
#include "tensor/error.h"
#include "tensor/text.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

// An object's folder, read part by part.
class ObjectReader {
 public:
  ObjectReader(const std::string& object, const Folder& root, Trust trust)
      : object_(object), root_(root), trust_(trust) {}

  Reading read() {
    if (const Folder* images = visa_images(root_))
      read_visa(*images);
    else
      read_parts();
    if (reading_.samples.empty()) fail(root_.path.string(), ": no images of the object ", object_, " in it");
    refuse_kinds_below_normal();
    leave_out_made(reading_.samples, reading_.left_out);
    std::erase_if(masks_.beside, [&](const BesideMask& mask) {
      return std::ranges::find(reading_.samples, mask.photograph, &Sample::file) == reading_.samples.end();
    });
    if (visa_images(root_)) hold_out_tenth();
    if (trust_ == Trust::names) {
      refuse_called_defects(reading_.samples, object_, reading_.remarks.lines);
      refuse_verdict_codes(reading_.samples, reading_.remarks.lines);
      std::ranges::move(rare_codes(reading_.samples), std::back_inserter(reading_.remarks.lines));
    }
    give_masks(reading_.samples, masks_, reading_.left_out);
    say_without_pictures(root_.without_pictures(), reading_.left_out);
    if (copies_.count > 0) reading_.left_out.push_back(copies_left_out(copies_));
    if (derived_.count > 0) reading_.left_out.push_back(derived_text(derived_));
    if (!others_.empty()) reading_.left_out.push_back(others_.text());
    return std::move(reading_);
  }

 private:
  // The only sub-folder of a role; nothing without one.
  const Folder* only(const Folder& folder, FolderRole role, const std::string& what) const {
    const Folder* found = nullptr;
    for (const Folder& sub : folder.folders) {
      if (sub.role() != role) continue;
      if (found) fail_ambiguous(found->path, sub.path, "both say " + what + "; put the images of one into the other");
      found = &sub;
    }
    return found;
  }

  void read_parts() {
    const Folder* normal = only(root_, FolderRole::normal, "that their images are normal");
    const Folder* train = only(root_, FolderRole::train, "that their images are for training");
    if (normal && train)
      fail_ambiguous(train->path, normal->path,
                     "which normal images are for training? Move those for testing to test/good");
    const bool parts = train || has_role(root_, FolderRole::test);
    check_parts(root_, normal, train);
    if (train) {
      leave_out_files(root_, "beside " + escaped(train->name()));
      read_train(*train);
    } else {
      take_normal(root_, Part::train);
      if (normal) read_normal(*normal, Part::train);
    }
    for (const Folder& sub : root_.folders) {
      if (&sub == normal || &sub == train) continue;
      if (sub.role() == FolderRole::mask)
        take_masks(sub, sub);
      else if (sub.role() == FolderRole::test)
        read_test(sub);
      else if (sub.role() == FolderRole::unlabelled)
        leave_out(sub, "without labels");
      else if (sub.role() == FolderRole::defect)
        read_defects(sub);
      else if (parts)
        leave_out(sub, "neither train, test nor masks");
      else
        read_kind_folder(sub);
    }
  }

  void read_train(const Folder& train) {
    const Folder* normal = only(train, FolderRole::normal, "that their images are normal");
    take_normal(train, Part::train);
    for (const Folder& sub : train.folders) {
      if (&sub == normal)
        read_normal(sub, Part::train);
      else if (is_mask_folder_of_images(sub.name()))
        take_masks(sub, sub);
      else if (sub.images() > 0)
        fail(sub.path.string(), ": training images must be normal, in train/good; move defects to test");
      else
        others_.add(sub.others());
    }
  }

  void read_test(const Folder& test) {
    const Folder* normal = only(test, FolderRole::normal, "that their images are normal");
    if (const fs::path first = Folder{test.path, test.files, {}, {}}.first(); !first.empty())
      fail(first.string(), ": move test images to test/good or test/KIND, which tells what they show");
    others_.add(test.files.others);
    keep_remarks(test);
    for (const Folder& sub : test.folders) {
      if (&sub == normal)
        read_normal(sub, Part::test);
      else if (is_mask_folder_of_images(sub.name()))
        take_masks(sub, sub);
      else if (sub.role() == FolderRole::defect)
        read_defects(sub);
      else if (sub.role() == FolderRole::unlabelled)
        leave_out(sub, "without labels");
      else if (const std::string name = plain_name(sub.name());
               !normal && sub.images() > 0 && (name == "0" || name == "class0"))
        fail(sub.path.string(), ": a kind of defect, or normal images? Call normal ones good");
      else
        read_kind_folder(sub);
    }
  }

  // A folder among normal images that is called as a kind of defect; or a product, parted by what its images show.
  void refuse_kinds_below_normal() const {
    for (const Sample& sample : reading_.samples)
      if (const auto found = below_normal_.find(name_key(sample.label_name));
          sample.defect && found != below_normal_.end())
        fail_ambiguous(
            found->second, sample.file.parent_path(),
            "the first lies among normal images, the second holds defects. Rename one; a product's name comes "
            "before good and bad");
  }

  // Normal images of one part, to any depth.
  void read_normal(const Folder& folder, Part part) {
    take_normal(folder, part);
    count_below_normal(folder);
    for (const Folder& sub : folder.folders) {
      if (is_mask_folder_of_images(sub.name()))
        take_masks(sub, sub);
      else if (sub.images() > 0 && is_other_than_normal(sub))
        fail_ambiguous(folder.path, sub.path,
                       "the first says that all in it is normal, the second another thing; move it out");
      else if (sub.images() > 0 && trust_ == Trust::names && says_sorted_out(sub.name()))
        fail_ambiguous(folder.path, sub.path,
                       "the first says that all in it is normal, the second that it was sorted out or shows defects; "
                       "move it out, rename it, or insist (iuf add --normal)");
      else
        read_normal(sub, part);
      if (sub.images() > 0) below_normal_.emplace(name_key(escaped(sub.name())), sub.path);
    }
  }

  // By its name, among normal images.
  static bool is_other_than_normal(const Folder& sub) {
    const FolderRole role = sub.role(), hint = hinted_role(sub.name());
    return role == FolderRole::defect || role == FolderRole::test || role == FolderRole::unlabelled ||
           hint == FolderRole::defect || hint == FolderRole::mask;
  }

  // By its path below the object's folder, where it lies in a folder for normal images.
  void count_below_normal(const Folder& folder) {
    if (!folder.files.images.empty() && folder.role() != FolderRole::normal)
      reading_.remarks.below_normal[inside(folder)] += folder.files.images.size();
  }
  std::string inside(const Folder& folder) const {
    return escaped(folder.path.lexically_relative(root_.path).string());
  }

  // A folder called "defect" or the like: its sub-folders are the kinds.
  void read_defects(const Folder& folder) {
    take_defects(folder, escaped(folder.name()));
    for (const Folder& sub : folder.folders) {
      if (is_mask_folder_of_images(sub.name()))
        take_masks(sub, sub);
      else
        read_kind_folder(sub);
    }
  }

  void read_kind_folder(const Folder& folder) {
    const FolderRole hint = folder.images() > 0 ? hinted_role(folder.name()) : FolderRole::none;
    if (hint == FolderRole::normal || hint == FolderRole::mask)
      fail(folder.path.string(), ": a kind of defect, ",
           hint == FolderRole::normal ? "or normal images? Call normal ones good"
                                      : "or masks? Put those into ground_truth/KIND",
           ", or leave that word out of its name");
    read_kind(folder, escaped(folder.name()));
  }

  // One kind of defect, to any depth.
  void read_kind(const Folder& folder, const std::string& kind) {
    if (const FolderRole role = folder.role();
        folder.images() > 0 && (role == FolderRole::normal || role == FolderRole::train || role == FolderRole::test ||
                                hinted_role(folder.name()) == FolderRole::mask))
      fail_ambiguous(folder.path.parent_path(), folder.path,
                     "the first is a kind of defect, the second says another thing; move it out");
    take_defects(folder, kind);
    for (const Folder& sub : folder.folders) {
      if (is_mask_folder_of_images(sub.name()))
        take_masks(sub, sub);
      else
        read_kind(sub, kind);
      if (!sub.files.images.empty() && !is_mask_folder_of_images(sub.name()))
        reading_.remarks.below_kinds[inside(sub)] += sub.files.images.size();
    }
  }

  // Every tenth normal image is for testing.
  void hold_out_tenth() {
    size_t normal = 0;
    for (Sample& sample : reading_.samples)
      if (sample.train && ++normal % 10 == 0) sample.train = false;
  }

  // VisA's names its parts by what the images show.
  void read_visa(const Folder& images) {
    const Folder& data = *child(root_, "data");
    for (const Folder& sub : root_.folders) {
      if (&sub == &data) continue;
      if (sub.role() != FolderRole::none)
        fail_ambiguous(images.path, sub.path, "two layouts in one folder; move one of them away");
      leave_out(sub, "beside Data");
    }
    leave_out_files(root_, "beside Data");
    leave_out_files(data, "beside Images");
    leave_out_files(images, "beside Normal");
    const Folder* normal = only(images, FolderRole::normal, "that their images are normal");
    read_normal(*normal, Part::train);
    for (const Folder& sub : images.folders)
      if (&sub != normal) read_kind(sub, "anomaly");
    for (const Folder& sub : data.folders) {
      if (sub.role() == FolderRole::mask)
        take_masks(sub, sub);
      else if (&sub != &images)
        leave_out(sub, "beside Images");
    }
  }

  void take_normal(const Folder& folder, Part part) {
    const bool judged = folder.role() == FolderRole::normal ? folder.images() > 0 : !folder.files.images.empty();
    if (trust_ == Trust::names && judged) {
      refuse_link(folder.path, FolderRole::defect, "normal images");
      refuse_link(folder.path, FolderRole::mask, "normal images");
    }
    take(folder, {.train = part == Part::train, .label_name = "good"});
  }
  void take_defects(const Folder& folder, const std::string& kind) {
    if (folder.images() > 0) {
      checked_name(folder.path.string(), kind);
      refuse_link(folder.path, FolderRole::normal, "defects");
    }
    take(folder, {.defect = true, .label_name = kind});
  }

  // The images of the folder itself.
  void take(const Folder& folder, Sample sample) {
    need_readable(folder);
    const Pictures pictures = tell_masks(without_copies(folder), Doubtful::error);
    sample.object = object_;
    for (const fs::path& file : pictures.photographs) {
      sample.file = file;
      reading_.samples.push_back(sample);
    }
    masks_.beside.insert(masks_.beside.end(), pictures.masks.begin(), pictures.masks.end());
    for (const fs::path& picture : pictures.derived) derived_.add(picture);
    others_.add(folder.files.others);
    keep_remarks(folder);
  }

  void take_masks(const Folder& folder, const Folder& root) {
    need_readable(folder);
    for (const fs::path& file : without_copies(folder)) masks_.in_folders.push_back({file, root.path});
    others_.add(folder.files.others);
    keep_remarks(folder);
    for (const Folder& sub : folder.folders) take_masks(sub, root);
  }

  std::vector<fs::path> without_copies(const Folder& folder) {
    CopiedPictures pictures = set_copies_apart(folder.files.images);
    for (const fs::path& copy : pictures.copies) copies_.add(copy);
    return std::move(pictures.others);
  }

  // A data set must not shrink unnoticed.
  static void need_readable(const Folder& folder) {
    const std::vector<Unread>& unread = folder.files.unread;
    if (unread.empty()) return;
    fail(unread.front().reason,
         unread.size() > 1 ? " and " + std::to_string(unread.size() - 1) + " more in its folder" : "");
  }

  void keep_remarks(const Folder& folder) {
    reading_.left_out.insert(reading_.left_out.end(), folder.left_out.begin(), folder.left_out.end());
  }

  void leave_out(const Folder& folder, const std::string& why) {
    if (folder.images() > 0)
      reading_.left_out.push_back(escaped(folder.name()) + " (" + left_out_text(folder, why) + ")");
    else
      others_.add(folder.others());
  }

  void leave_out_files(const Folder& folder, const std::string& why) {
    const Folder own{folder.path, folder.files, {}, {}};
    others_.add(folder.files.others);
    keep_remarks(folder);
    if (own.images() > 0)
      reading_.left_out.push_back(count_text({own.images(), own.first()}, "image " + why, "images " + why));
  }

  const std::string& object_;
  const Folder& root_;
  Trust trust_;
  Reading reading_ = {};
  FoundMasks masks_ = {};
  Others others_ = {};
  Count derived_ = {}, copies_ = {};
  std::map<std::string, fs::path> below_normal_ = {};  // folders among normal images by their names in lower case
};

}  // namespace

Reading read_object_folder(const std::string& object, const Folder& folder, Trust trust) {
  checked_name(folder.path.string(), object);
  Reading reading = ObjectReader(object, folder, trust).read();
  if (trust == Trust::names) refuse_labelled_images(folder, reading.remarks.lines);
  return reading;
}

}  // namespace iuf
