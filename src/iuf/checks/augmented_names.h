#pragma once

#include <string>
#include <vector>

#include "iuf/data/dataset.h"

namespace iuf {

/// Of one object, what names say of copies made by augmentation (7_aug1, aug_7, 7_hflip): how many images, and how many
/// normal test images are called copies of training images; a sentence each, none without such names. Words such as
/// "rot90" and "noise" count where the folder has the name without them, or where the object's names have several;
/// "bright" and the like, which may be a light, only in the first case, so too "aug" beside a year. Exports of one
/// image that differ in their hash (exported_from) are copies but for the first of a folder. So is what Augmentor
/// writes (good_original_7.png_UUID), always.
std::vector<std::string> augmented_copies(const Dataset& data, const std::string& object);

}  // namespace iuf
