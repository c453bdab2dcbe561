// Masks are never images, each belongs to one image, and a missing one is told about.
#include <catch2/catch.hpp>

#include "iuf/checks/description.h"
#include "iuf/data/dataset.h"
#include "support/data_folder.h"
#include "tensor/error.h"

using namespace iuf;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using Lines = std::vector<std::string>;

TEST_CASE("masks beside their photographs are theirs", "[issues][masks]") {
  const std::string name =
      GENERATE(as<std::string>(), "7_mask.png", "7_GT.png", "7-Mask.png", "7.mask.png", "mask_7.png", "7_label.png",
               "7_seg.png", "7.jpg", "7_mask_1.png", "7_ground_truth.png");
  INFO(name);
  const DataFolder folder(
      {"nut/train/good/0.png", "nut/test/good/0.png", "nut/test/crack/7.png", "nut/test/crack/8.png"});
  folder.add_masks({"nut/test/crack/" + name});
  CHECK(lines_of(read_dataset(folder.path()), folder) ==
        Lines{"nut train good nut/train/good/0.png", "nut test crack nut/test/crack/7.png nut/test/crack/" + name,
              "nut test crack nut/test/crack/8.png", "nut test good nut/test/good/0.png"});
  CHECK(list_images(folder / "nut/test/crack").size() == 2);
  CHECK_THAT(description(read_dataset(folder.path()), "nut"), Contains("1 with masks") && Contains("crack/8.png"));
}

TEST_CASE("a photograph that is called like a mask stays one", "[issues][masks]") {
  const DataFolder labels({"jar/0.png", "jar/0_label.png", "jar/1.png"});  // of the jar's label
  CHECK(read_dataset(labels / "jar").samples.size() == 3);
  const DataFolder faces({"mask/train/good/mask_0.png", "mask/train/good/mask_1.png", "cap/train/good/0.png"});
  const Dataset data = read_dataset(faces.path());
  CHECK(data.objects == Lines{"cap", "mask"});
  CHECK(data.samples.size() == 3);
}

TEST_CASE("what may be a photograph or a mask is refused", "[issues][masks]") {
  const DataFolder same({"nut/good/0.png", "nut/good/0.jpg"});
  CHECK_THROWS_WITH(read_dataset(same / "nut"), Contains("0.png") && Contains("0.jpg"));
  CHECK(list_images(same / "nut").size() == 2);  // each gets its verdict
  const DataFolder alone({"nut/good/0.png", "nut/dent/0.png"});
  alone.add_masks({"nut/dent/9_mask.png"});
  CHECK_THROWS_WITH(read_dataset(alone / "nut"), Contains("9_mask.png") && Contains("no photograph"));
}

TEST_CASE("masks in a folder beside or below the photographs are theirs", "[issues][masks]") {
  struct Case {
    std::string image, mask;
  };
  const Case at = GENERATE(values<Case>({{"test/crack/7.jpg", "ground_truth/crack/7_mask.png"},
                                         {"test/crack/7.jpg", "Ground Truth/Crack/7.png"},
                                         {"test/crack/7.jpg", "masks/test/crack/7.png"},
                                         {"test/crack/7.jpg", "test/ground_truth/crack/7.png"},
                                         {"test/crack/7.jpg", "test/crack/mask/7.png"},
                                         {"test/crack/7.jpg", "test/crack/label/7.png"},
                                         {"test/crack/images/7.jpg", "test/crack/masks/7_mask.png"},
                                         {"test/crack/day2/7.jpg", "ground_truth/crack/day2/7.png"},
                                         {"test/crack/day2/7.jpg", "ground_truth/crack/7.png"},
                                         {"test/NG/crack/7.jpg", "ground_truth/NG/crack/7.png"},
                                         {"test/NG/crack/7.jpg", "ground_truth/crack/7.png"},
                                         {"test/crack/7.jpg", "GT/7.png"},
                                         {"test/crack/A7.JPG", "ground_truth/crack/a7_MASK.PNG"}}));
  INFO(at.image << " " << at.mask);
  const DataFolder folder({"nut/train/good/7.png", "nut/test/good/7.png", "nut/" + at.image});
  folder.add_masks({"nut/" + at.mask});
  const Dataset data = read_dataset(folder.path());
  CHECK(lines_of(data, folder) == Lines{"nut train good nut/train/good/7.png",
                                        "nut test crack nut/" + at.image + " nut/" + at.mask,
                                        "nut test good nut/test/good/7.png"});
}

TEST_CASE("the masks in a folder of the image's name are united", "[issues][masks]") {
  const DataFolder folder({"nut/train/good/000.png", "nut/test/crack/000.png", "nut/test/crack/001.png"});
  folder.add_masks({"nut/ground_truth/crack/000/000.png", "nut/ground_truth/crack/000/001.png",
                    "nut/ground_truth/crack/001/000.png"});
  const Dataset data = read_dataset(folder.path());
  CHECK(data.select("nut", Part::test).at(0).masks.size() == 2);
  CHECK(data.select("nut", Part::test).at(1).masks ==
        std::vector<fs::path>{folder / "nut/ground_truth/crack/001/000.png"});
}

TEST_CASE("masks in a folder of the image's name that are no numbered parts are refused", "[issues][masks]") {
  const std::vector<std::string> masks = GENERATE(values<std::vector<std::string>>({
      {"7_v1", "7_v2"},
      {"v1", "v2"},
      {"anna", "bert"},
      {"7_anna", "7_bert"},
      {"annotator1", "annotator2"},
      {"7_mask", "7_mask_final"},
      {"000", "final"},
      {"7", "7_1"},
      {"20240501", "20240601"},
      {"rev_1", "rev_2"},
  }));
  INFO(masks[0] << " " << masks[1]);
  const DataFolder folder({"nut/train/good/0.png", "nut/test/crack/7.png"});
  for (const std::string& mask : masks) folder.add_masks({"nut/ground_truth/crack/7/" + mask + ".png"});
  CHECK_THROWS_WITH(read_dataset(folder.path()),
                    Contains("/" + masks[0] + ".png") && Contains("/" + masks[1] + ".png") && Contains("two masks"));
}

TEST_CASE("numbered masks with usual words are parts of one", "[issues][masks]") {
  const std::string name = GENERATE(as<std::string>(), "7_", "mask_", "7_mask_", "region", "scratch_", "Part 7 mask ");
  const DataFolder folder({"nut/train/good/0.png", "nut/test/crack/7.png"});
  for (const char* number : {"0", "1", "10"}) folder.add_masks({"nut/ground_truth/crack/7/" + name + number + ".png"});
  INFO(name);
  CHECK(read_dataset(folder.path()).samples.back().masks.size() == 3);
}

TEST_CASE("versions of a mask beside its photograph are no photographs", "[issues][masks]") {
  const std::vector<std::string> masks = GENERATE(values<std::vector<std::string>>({{"7_mask_v1", "7_mask_v2"},
                                                                                    {"7_mask_anna", "7_mask_bert"},
                                                                                    {"7_mask", "7_mask_final"},
                                                                                    {"7_GT-1a", "7_GT-1b"}}));
  INFO(masks[0] << " " << masks[1]);
  const DataFolder folder({"nut/train/good/0.png", "nut/test/crack/7.png"});
  folder.add_masks({"nut/test/crack/" + masks[0] + ".png"});
  CHECK(read_dataset(folder.path()).samples.back().masks.size() == 1);
  folder.add_masks({"nut/test/crack/" + masks[1] + ".png"});
  CHECK_THROWS_WITH(read_dataset(folder.path()), Contains(masks[0]) && Contains(masks[1]) && Contains("two masks"));
}

TEST_CASE("two masks of one image and one of two images are refused", "[issues][masks]") {
  const std::vector<std::string> masks = GENERATE(values<std::vector<std::string>>({
      {"ground_truth/crack/7.png", "ground_truth/crack/7_mask.png"},
      {"ground_truth/crack/7.png", "ground_truth/crack/7.jpg"},
      {"ground_truth/crack/7.png", "masks/crack/7.png"},
      {"ground_truth/crack/7.png", "test/crack/7_mask.png"},
      {"ground_truth/crack/7.png", "ground_truth/Crack/7.png"},
      {"ground_truth/crack/7/000.png", "ground_truth/crack/7.png"},
  }));
  const DataFolder folder({"nut/train/good/0.png", "nut/test/crack/7.png"});
  for (const std::string& mask : masks) folder.add_masks({"nut/" + mask});
  CHECK_THROWS_WITH(read_dataset(folder.path()), Contains(masks[0]) && Contains(masks[1]) && Contains("two masks"));
  const DataFolder kinds({"nut/good/0.png", "nut/bad/crack/7.png", "nut/bad/dent/7.png"});
  kinds.add_masks({"nut/mask/7.png"});
  CHECK_THROWS_WITH(read_dataset(kinds / "nut"), Contains("crack/7.png") && Contains("dent/7.png"));
}

TEST_CASE("one missing or misnamed mask is told about", "[issues][masks]") {
  const DataFolder folder(
      {"nut/train/good/0.png", "nut/test/crack/0.png", "nut/test/crack/1.png", "nut/test/dent/0.png"});
  folder.add_masks({"nut/ground_truth/crack/0.png", "nut/ground_truth/crack/l.png", "nut/ground_truth/denk/0.png"});
  const std::string text = description(read_dataset(folder.path()), "nut");
  CHECK_THAT(text, Contains("1 with masks, the first of 2 without: crack/1.png") &&
                       Contains("2 masks that fit no image (l.png, ...)"));
}

TEST_CASE("a normal image with a mask that marks something is refused", "[issues][masks]") {
  const std::string mask = GENERATE(as<std::string>(), "train/good/0_mask.png", "train/0_GT.png",
                                    "ground_truth/good/1.png", "test/good/mask/1.png");
  const DataFolder folder({"nut/train/good/0.png", "nut/train/0.png", "nut/test/good/1.png", "nut/test/dent/2.png"});
  folder.add_masks({"nut/" + mask}, Drawn::empty_mask);
  CHECK_THAT(description(read_dataset(folder.path()), "nut"), Contains("1 empty mask"));
  folder.add_masks({"nut/" + mask});
  INFO(mask);
  CHECK_THROWS_WITH(read_dataset(folder.path()), Contains(mask) && Contains("marks a defect"));
}
