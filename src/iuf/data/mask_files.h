#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "iuf/data/dataset.h"

// Which pictures are masks, and of which photograph.
namespace iuf {

/// A mask beside its photograph.
struct BesideMask {
  std::filesystem::path file, photograph;
};

/// The pictures of one folder. Masks are called STEM_mask or the like (mask_name) beside a photograph STEM, or have its
/// stem with another ending; weak names and equal stems count only for pictures of two values. Pictures made from a
/// photograph beside them (derived_from) are neither.
struct Pictures {
  std::vector<std::filesystem::path> photographs;
  std::vector<BesideMask> masks;
  std::vector<std::filesystem::path> derived;
};
/// What is no photograph for sure is an Error naming both files, or a photograph.
enum class Doubtful { error, photograph };
Pictures tell_masks(const std::vector<std::filesystem::path>& images, Doubtful doubtful);

/// A mask in `folder`, which holds nothing else, or below.
struct FolderMask {
  std::filesystem::path file, folder;
};

struct FoundMasks {
  std::vector<FolderMask> in_folders;
  std::vector<BesideMask> beside;
};

/// Gives images their masks. One in a folder of masks is called as its image, with or without "_mask", below folders of
/// the same names as the image's: ground_truth/crack/7_mask.png is that of test/crack/7.jpg, case aside; so are all
/// numbered pictures of ground_truth/crack/7 (000, 001). Defects come before normal images of that name. Adds what was
/// left out to `left_out`. Throws Error naming both for two masks of one image, two images of one mask, a mask that
/// marks a normal image, and for a kind of defect with masks of which none fits.
void give_masks(std::vector<Sample>& samples, const FoundMasks& masks, std::vector<std::string>& left_out);

/// Of masks that a list names for its images: normal images lose theirs, which must be empty, as above. Throws Error
/// naming both for two images of one mask.
void check_listed_masks(std::vector<Sample>& samples, std::vector<std::string>& left_out);

}  // namespace iuf
