#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "iuf/data/listing.h"

namespace iuf {

/// Of a data set.
enum class Part { train, test };

struct Sample {
  std::filesystem::path file;
  std::string object;
  bool train = false;                             // training images are always normal
  bool defect = false;                            // only test images
  std::string label_name;                         // "good", or the kind of defect: "crack"
  std::vector<std::filesystem::path> masks = {};  // what they show together; empty: not known
};

struct Dataset {
  std::vector<std::string> objects;  // alphabetical
  std::vector<Sample> samples;       // by object, training images first, by path

  /// The training or the test images of one object. Throws Error with the known names for another object.
  std::vector<Sample> select(const std::string& object, Part part) const;
};

/// Reads a data set; the layout is recognised. Image files end in .png, .jpg or .jpeg in any case, hidden files and
/// folders are ignored, links are followed. Nothing is decoded.
/// - MVTec-AD: OBJECT/train/good, OBJECT/test/good, OBJECT/test/KIND and, optional, the masks
///   OBJECT/ground_truth/KIND/STEM_mask.png (or STEM.png); also one such object alone.
/// - VisA as published: split_csv/1cls.csv (object,split,label,image,mask). Without that file OBJECT/Data/Images/Normal
///   and Anomaly with Data/Masks/Anomaly, of whose normal images every tenth becomes a test image.
/// - JSON lines, a file (.json, .jsonl) or a folder with train.json and test.json (either ending): in each line
///   {"filename", "label": 0 or 1, "label_name", "maskname", "clsname"}, as UniAD and IUF use them; all but the first
///   two are optional. Names are relative to the file's folder, or to the sub-folder of it that holds the first one. In
///   a file named neither train nor test, normal images are for training and the others for testing.
/// - One plain folder of normal images, in itself or in its sub-folder "good"; other sub-folders are kinds of defects,
///   their masks are in ground_truth as for MVTec-AD. Also a folder of such folders.
/// Throws Error naming the folder, file or line that is missing, empty, malformed or unreadable.
Dataset read_dataset(const std::filesystem::path& root);

/// One object: an MVTec-AD object folder, VisA's or a plain one. `name` replaces the folder's name.
Dataset read_object(const std::filesystem::path& folder, const std::optional<std::string>& name = std::nullopt);

/// The file itself, or all images in the folder and its sub-folders, sorted; masks, in folders called ground_truth
/// below it, are none. What cannot be read (another format, a dangling link, an unreadable folder) is told to
/// `problem`, with the reason, and left out; without a `problem` it is an Error. So is a folder without images and
/// problems.
std::vector<std::filesystem::path> list_images(const std::filesystem::path& file_or_folder,
                                               const Problem& problem = {});

}  // namespace iuf
