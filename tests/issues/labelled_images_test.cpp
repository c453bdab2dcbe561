// A folder "images" out of a data set with labels was learned as normal, defects included.
#include <catch2/catch.hpp>

#include "iuf/checks/description.h"
#include "iuf/data/dataset.h"
#include "support/data_folder.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

struct Case {
  std::string images, labels;
};

std::string image(const Case& at, int number) {
  return at.images + "/part_" + std::to_string(number) + ".jpg";
}

std::string label(const Case& at, int number, const std::string& ending = ".png") {
  return at.labels + "/part_" + std::to_string(number) + ending;
}

}  // namespace

TEST_CASE("images with masks in a folder beside theirs are refused", "[issues][folders][labelled_images]") {
  const Case at = GENERATE(values<Case>({{"set/imagesTr", "set/labelsTr"},
                                         {"set/train/images", "set/train/labels"},
                                         {"set/images/train", "set/labels/train"},
                                         {"nut/images", "nut/masks"},
                                         {"nut/Images", "nut/Ground Truth"},
                                         {"nut/img", "nut/ann"},
                                         {"nut/imgs_2024", "nut/masks_2024"},
                                         {"voc/JPEGImages", "voc/SegmentationClass"}}));
  INFO(at.images);
  const DataFolder folder({image(at, 1), image(at, 2)});
  folder.add_masks({label(at, 1)}, Drawn::empty_mask);
  CHECK(read_dataset(folder / at.images).samples.size() == 2);
  folder.add_masks({label(at, 2)});
  const auto refused = [&](const auto& read) {
    CHECK_THROWS_WITH(read(), Contains(image(at, 2)) && Contains(label(at, 2)) && Contains("may show defects"));
  };
  refused([&] { read_dataset(folder / at.images); });
  refused([&] { read_object(folder / at.images); });
  refused([&] { read_object(folder / at.images, "nut"); });
  CHECK(read_object(folder / at.images, "nut", Trust::caller).samples.size() == 2);
}

TEST_CASE("so are they where the folder above is given", "[issues][folders][labelled_images]") {
  const DataFolder folder({"set/imagesTr/case_0000.png", "set/imagesTs/case_0000.png"});
  folder.add_masks({"set/labelsTr/case.png"});
  CHECK_THROWS_WITH(read_dataset(folder / "set"), Contains("case_0000.png") && Contains("labelsTr/case.png"));
  const DataFolder yolo({"set/images/train/a.png", "set/images/train/b.png"});
  yolo.add_masks({"set/labels/train/b_mask.png"});
  CHECK_THROWS_WITH(read_dataset(yolo / "set/images"), Contains("b_mask.png"));
}

TEST_CASE("texts that label images in a folder beside theirs are told", "[issues][folders][labelled_images]") {
  const Case at = GENERATE(values<Case>({{"set/train/images", "set/train/labels"},
                                         {"set/images/train", "set/labels/train"},
                                         {"voc/JPEGImages", "voc/Annotations"}}));
  const DataFolder folder(
      {image(at, 1), image(at, 2), label(at, 1, ".txt"), label(at, 2, ".txt"), at.labels + "/z.txt"});
  const Dataset data = read_object(folder / at.images, "nut");
  CHECK_THAT(description(data, "nut"), Contains("2 files (part_1.txt, ...) in ") && Contains("not read"));
}

TEST_CASE("what lies beside other folders of images says nothing", "[issues][folders][labelled_images]") {
  const Case at = GENERATE(values<Case>({{"set/nut", "set/labels"},
                                         {"set/images", "set/other"},
                                         {"set/images/good", "set/masks/good"},
                                         {"set/images", "labels"}}));
  INFO(at.images);
  const DataFolder folder({image(at, 1), image(at, 2)});
  folder.add_masks({label(at, 1), label(at, 2)});
  CHECK_THAT(description(read_object(folder / at.images, "nut"), "nut"), !Contains("labels"));
}

TEST_CASE("labels of other images say nothing", "[issues][folders][labelled_images]") {
  const DataFolder folder({"set/images/a.png"});
  folder.add_masks({"set/labels/b.png"});
  CHECK(read_dataset(folder / "set/images").samples.size() == 1);
}
