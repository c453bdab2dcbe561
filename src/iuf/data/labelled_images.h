#pragma once

#include <string>
#include <vector>

#include "iuf/data/folder_tree.h"

namespace iuf {

/// An object's folder, or its folder for training, that is, or lies in, one called "images", "imagesTr" or "img",
/// beside which a folder of labels
/// ("labels", "labelsTr", "masks") holds files of the same names: it is a part of a data set whose images may show
/// defects. Throws Error naming both for a mask that marks something in one of its images; adds a remark about other
/// files, such as texts and XML. Images in a folder called normal are not looked at.
void refuse_labelled_images(const Folder& folder, std::vector<std::string>& remarks);

}  // namespace iuf
