#pragma once

#include <map>
#include <string>
#include <vector>

#include "iuf/data/dataset.h"
#include "iuf/features/progress.h"

namespace iuf {

/// What to know of an object's images before its figures are believed, a sentence each: what names leave open, which
/// belong together (name_groups.h, leading_names.h, made_pictures.h), whether normal and defective images are of
/// different cameras (conditions.h), have marks drawn in (drawn_marks.h), are frames of one part or hold something else
/// beside the photograph (alike_pictures.h), differ in something that is no defect (labels_apart.h), or have masks of
/// outlines (mask_outlines.h), of boxes (mask_boxes.h) or of the part (mask_silhouettes.h). For all but names and
/// cameras it reads some of the files.
std::vector<std::string> data_remarks(const Dataset& data, const std::string& object);
/// What reading made of an object, in one line: how many images of what, which kinds, how many below which sub-folders
/// of normal images, these remarks, and what was left out.
std::string description(const Dataset& data, const std::string& object, const std::vector<std::string>& remarks);
std::string description(const Dataset& data, const std::string& object);
/// Of what belongs to no object; empty where nothing was left out.
std::string left_out_beside(const Dataset& data);
/// Notes how many normal images there are of an object to learn from, its remarks, and what was left out.
void note_normal_images(const Dataset& data, const std::string& object, const Progress& progress);
/// Notes both, for each of these objects. Returns their data_remarks(), by object.
std::map<std::string, std::vector<std::string>> note_data(const Dataset& data, const std::vector<std::string>& objects,
                                                          const Progress& progress);

}  // namespace iuf
