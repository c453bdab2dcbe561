// Images that their names call augmented copies: what is learned and measured with them looks too good.
#include <catch2/catch.hpp>

#include "iuf/data/dataset.h"
#include "support/data_folder.h"

using namespace iuf;
using Catch::Matchers::Contains;
using Lines = std::vector<std::string>;

namespace {

std::string said(const Lines& names) {
  Lines files;
  for (const std::string& name : names) files.push_back("nut/" + name + ".png");
  const DataFolder folder(files);
  return description(read_dataset(folder / "nut"), "nut");
}

constexpr const char* kSays = "augmented cop";
constexpr const char* kOfTraining = "training image";

}  // namespace

TEST_CASE("names of augmented copies are counted", "[issues][folders][augmented_names]") {
  for (const char* name : {"7_aug1", "aug_7", "7_augmented", "7-aug", "part7Aug2", "7_Augmentation_3", "7_hflip",
                           "7_flip", "7_rot90", "7_rotated", "7_bright", "7_noise", "7_dark_2"}) {
    INFO(name);
    CHECK_THAT(said({"good/7", std::string("good/") + name}), Contains("1 image is called an augmented copy (first: "));
  }
  CHECK_THAT(said({"good/7_hflip", "good/7_rot90"}), Contains("2 images are called augmented copies"));
  CHECK_THAT(said({"train/good/a_aug1", "train/good/a", "test/good/b", "test/crack/c_aug2"}),
             Contains("2 images are called augmented copies") && !Contains(kOfTraining));
}

TEST_CASE("test images that are called copies of training images", "[issues][folders][augmented_names]") {
  CHECK_THAT(said({"train/good/p1_aug1", "test/good/p1_aug3"}),
             Contains("1 test image is called a copy of a training image"));
  CHECK_THAT(said({"train/good/p1", "train/good/p2", "test/good/p1_aug3", "test/good/aug_p2", "test/good/q"}),
             Contains("2 test images are called copies of training images (first: test/good/"));
  // Of a test image beside it, and of a defect, which no training image shows.
  CHECK_THAT(said({"train/good/1", "test/good/1", "test/good/1_aug1", "test/crack/1_aug1"}),
             Contains("2 images are called augmented copies") && !Contains(kOfTraining));
}

TEST_CASE("names that only look like augmented copies", "[issues][folders][augmented_names]") {
  for (const char* name : {"7_bright", "7_dark", "teil_rot_7", "7_flip", "2024_Aug_03_7", "03Aug2024_7", "august_7",
                           "auger_7", "rot90_7", "mirror_7", "noise_7"}) {
    INFO(name);
    CHECK_THAT(said({"good/1", std::string("good/") + name}), !Contains(kSays));
  }
  CHECK_THAT(said({"good/1_bright", "good/1_dark"}), !Contains(kSays));   // two lights
  CHECK_THAT(said({"good/1_rot90", "good/1_rot180"}), !Contains(kSays));  // turned by hand
}
