#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "iuf/data/listing.h"
#include "iuf/features/progress.h"

namespace iuf {

/// Of a data set.
enum class Part { train, test };

struct Sample {
  std::filesystem::path file = {};
  std::string object = {};
  bool train = false;                             // training images are always normal
  bool defect = false;                            // only test images
  std::string label_name = {};                    // "good", or the kind of defect: "crack"
  std::vector<std::filesystem::path> masks = {};  // what they show together; empty: not known
};

/// What names leave open, of one object.
struct Remarks {
  /// Images in sub-folders of those for normal images ("good/line2"), and of those for a kind of defect.
  std::map<std::string, size_t> below_normal = {}, below_kinds = {};
  std::vector<std::string> lines = {};
};

struct Dataset {
  std::vector<std::string> objects = {};  // alphabetical
  std::vector<Sample> samples = {};       // by object, training images first, by path
  /// What was left out, with the reason: of each object, and under "" of what belongs to none.
  std::map<std::string, std::vector<std::string>> left_out = {};
  std::map<std::string, Remarks> remarks = {};  // by object

  /// The training or the test images of one object. Throws Error with the known names for another object.
  std::vector<Sample> select(const std::string& object, Part part) const;
};

/// Reads a data set; the layout is recognised by the names of its folders (roles.h). An image is what begins as one
/// (image_header.h), whatever its name; folders are read to any depth, and links are followed. Hidden files and those
/// that are no images are counted in `left_out`. Nothing is decoded, but for pictures that may be masks.
/// - MVTec-AD: OBJECT/train/good, OBJECT/test/good, OBJECT/test/KIND and, optional, masks in
///   OBJECT/ground_truth/KIND (mask_files.h); also one such object alone, and several folders for testing.
/// - One plain folder of normal images, in itself or in its sub-folder "good"; other sub-folders beside "good", and
///   those of "bad" or the like, are kinds of defects; or these and normal test images are in "test". Also a folder of
///   such folders.
/// - VisA as published: split_csv/1cls.csv (object,split,label,image,mask). Without that file OBJECT/Data/Images/Normal
///   and Anomaly with Data/Masks/Anomaly, of whose normal images every tenth becomes a test image.
/// - JSON, a file (.json, .jsonl) or a folder with train.json and test.json (either ending), a line for each image or
///   one array of them: {"filename", "label": 0 or 1, "label_name", "maskname", "clsname"}, as UniAD and IUF use them;
///   all but the first two are optional. Names are relative to the file's folder, or to the one sub-folder of it that
///   holds them all, or absolute. In a file named neither train nor test, normal images are for training and the others
///   for testing, unless their rows say otherwise (list_rows.h).
/// Throws Error naming the folder, file or line that is missing, empty, malformed, unreadable or ambiguous: where two
/// places say different things, both are named.
Dataset read_dataset(const std::filesystem::path& root);

/// Whose word counts where a folder of images alone is called "bad" or "test", or lies in one that is, and where the
/// names of normal images have a word for a defect (7_NG).
enum class Trust { names, caller };
/// One object: an MVTec-AD object folder, VisA's or a plain one. `name` replaces the folder's name.
Dataset read_object(const std::filesystem::path& folder, const std::optional<std::string>& name = std::nullopt,
                    Trust trust = Trust::names);

/// The file itself, or all images in the folder and its sub-folders, sorted; masks, in folders called so below it or
/// beside their photographs, are none. What cannot be read (another format, a dangling link, an unreadable folder) is
/// told to `problem`, with the reason, and left out; without a `problem` it is an Error. So is a folder without images
/// and problems. What else was left out is told to `note`, in one line.
std::vector<std::filesystem::path> list_images(const std::filesystem::path& file_or_folder, const Problem& problem = {},
                                               const std::function<void(const std::string& text)>& note = {});

}  // namespace iuf
