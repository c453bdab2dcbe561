// Images that their names call augmented copies: what is learned and measured with them looks too good.
#include <catch2/catch.hpp>

#include "iuf/checks/name_groups.h"
#include "iuf/data/dataset.h"
#include "support/data_folder.h"

using namespace iuf;
using Catch::Matchers::Contains;
using Lines = std::vector<std::string>;

namespace {

constexpr const char* kAugmentedNames = "augmented cop";
constexpr const char* kOfTraining = "training image";

}  // namespace

TEST_CASE("names of augmented copies are counted", "[issues][folders][augmented_names]") {
  for (const char* name : {"7_aug1", "aug_7", "7_augmented", "7-aug", "part7Aug2", "7_Augmentation_3", "7_hflip",
                           "7_flip", "7_rot90", "7_rotated", "7_bright", "7_noise", "7_dark_2"}) {
    INFO(name);
    CHECK_THAT(said_of_names({"good/7", std::string("good/") + name}),
               Contains("1 image is called an augmented copy (first: "));
  }
  CHECK_THAT(said_of_names({"good/7_hflip", "good/7_rot90"}), Contains("2 images are called augmented copies"));
  CHECK_THAT(said_of_names({"train/good/a_aug1", "train/good/a", "test/good/b", "test/crack/c_aug2"}),
             Contains("2 images are called augmented copies") && !Contains(kOfTraining));
}

TEST_CASE("test images that are called copies of training images", "[issues][folders][augmented_names]") {
  CHECK_THAT(said_of_names({"train/good/p1_aug1", "test/good/p1_aug3"}),
             Contains("1 test image is called a copy of a training image"));
  CHECK_THAT(said_of_names({"train/good/p1", "train/good/p2", "test/good/p1_aug3", "test/good/aug_p2", "test/good/q"}),
             Contains("2 test images are called copies of training images (first: test/good/"));
  // Of a test image beside it, and of a defect, which no training image shows.
  CHECK_THAT(said_of_names({"train/good/1", "test/good/1", "test/good/1_aug1", "test/crack/1_aug1"}),
             Contains("2 images are called augmented copies") && !Contains(kOfTraining));
}

TEST_CASE("names that only look like augmented copies", "[issues][folders][augmented_names]") {
  for (const char* name : {"7_bright", "7_dark", "teil_rot_7", "7_flip", "2024_Aug_03_7", "03Aug2024_7", "august_7",
                           "auger_7", "rot90_7", "mirror_7", "noise_7"}) {
    INFO(name);
    CHECK_THAT(said_of_names({"good/1", std::string("good/") + name}), !Contains(kAugmentedNames));
  }
  CHECK_THAT(said_of_names({"good/1_bright", "good/1_dark"}), !Contains(kAugmentedNames));   // two lights
  CHECK_THAT(said_of_names({"good/1_rot90", "good/1_rot180"}), !Contains(kAugmentedNames));  // turned by hand
}

TEST_CASE("exports of one image that differ in their hash are copies", "[issues][folders][augmented_names]") {
  const auto copy = [](const std::string& name, int number) {
    return name + ".rf." + std::to_string(number) + "f0e1d2c3b4a5968778695a4b3c2d1e0f";
  };
  CHECK_THAT(said_of_names({copy("good/board01_png", 1), copy("good/board01_png", 2), copy("good/board01_png", 3),
                            copy("good/board02_jpg", 4)}),
             Contains("2 images are called augmented copies"));
  CHECK_THAT(said_of_names({copy("good/board01_png", 1), copy("good/board02_png", 2)}), !Contains(kAugmentedNames));
  CHECK_THAT(said_of_names({copy("train/good/board01_png", 1), copy("train/good/board02_png", 2),
                            copy("test/good/board01_png", 3), copy("test/good/board03_png", 4), "test/good/board02",
                            copy("test/crack/board01_png", 5), "test/crack/board02"}),
             Contains("3 test images are called copies of training images (first: test/crack/board01_png"));
  // The hash has no words.
  CHECK_THAT(said_of_names({"good/b1_png.rf.NGabcdef", "good/b2_png.rf.okNG1234"}), !Contains(kAugmentedNames));
}

TEST_CASE("exports of one image are one group by name", "[issues][folders][augmented_names]") {
  const auto groups = [](const Lines& names) {
    std::vector<std::filesystem::path> files;
    for (const std::string& name : names) files.emplace_back("good/" + name + ".jpg");
    return name_groups(files);
  };
  using Groups = std::vector<size_t>;
  CHECK(groups({"b1_png.rf.00112233aa", "b1_png.rf.44556677bb", "b2_jpg.rf.00112233aa", "b1"}) == Groups{0, 0, 1, 2});
  // Together with frames of a part.
  Lines names;
  for (const char* part : {"p1", "p2", "p3", "p4"})
    for (const char* frame : {"_f1", "_f2"})
      for (const char* hash : {"00112233aa", "44556677bb"})
        names.push_back(std::string(part) + frame + "_png.rf." + hash);
  CHECK(groups(names) == Groups{0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3});
}

TEST_CASE("names that Augmentor writes are copies", "[issues][folders][augmented_names]") {
  const auto copy = [](const std::string& name) { return name + "_3f2b8c1d-09ab-4c5e-8f10-a1b2c3d4e5f6"; };
  CHECK_THAT(said_of_names({copy("good/good_original_000.png"), copy("good/good_original_part 01.jpg"), "good/1"}),
             Contains("2 images are called augmented copies"));
  CHECK_THAT(
      said_of_names({"train/good/000", "train/good/1", copy("test/good/good_original_000.png"), "test/good/2"}),
      Contains("1 test image is called a copy of a training image (first: test/good/good_original_000.png_3f2b"));
  CHECK_THAT(said_of_names({"train/good/1", copy("test/good/good_original_000.png")}), !Contains(kOfTraining));
  for (const std::string& name :
       {std::string("good_original_7"), copy("part"), std::string("good_original_000.png_3f2b8c1d-09ab-4c5e-8f10"),
        std::string("good_original_000.png_zf2b8c1d-09ab-4c5e-8f10-a1b2c3d4e5f6")}) {
    INFO(name);
    CHECK_THAT(said_of_names({"good/1", "good/" + name}), !Contains(kAugmentedNames));
  }
}
