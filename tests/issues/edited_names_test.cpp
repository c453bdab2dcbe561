// Phones export a photograph and its edited copy; split at random, one was learned and the other one measured.
#include <catch2/catch.hpp>

#include "iuf/data/dataset.h"
#include "support/data_folder.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kEditedCopy = "edited cop";
constexpr const char* kOtherVersion = "other version";

}  // namespace

TEST_CASE("edited copies of photographs to learn from are said", "[issues][folders][edited_names]") {
  for (const auto& [plain, edited] :
       std::vector<std::pair<std::string, std::string>>{{"IMG_1000", "IMG_E1000"},
                                                        {"7", "7-edited"},
                                                        {"7", "7_edit"},
                                                        {"7", "7-edited-2"},
                                                        {"7", "7_Bearbeitet"},
                                                        {"7", "7 (edited)"},
                                                        {"7", "7_cropped"},
                                                        {"7", "7~2"},
                                                        {"PXL_20240501_123456789", "PXL_20240501_123456789~3"},
                                                        {"DSC_0007", "DSC_0007_HDR"}}) {
    INFO(edited);
    CHECK_THAT(said_of_names({"train/good/" + plain, "train/good/other", "test/good/" + edited}),
               Contains("1 image is called an edited copy of another (first: ") &&
                   Contains("1 normal test image is called another version of a training image"));
    CHECK_THAT(said_of_names({"train/good/" + edited, "train/good/other", "test/good/" + plain}),
               Contains("1 image is called an edited copy of another (first: ") &&
                   Contains("1 normal test image is called another version of a training image"));
  }
  CHECK_THAT(said_of_names({"train/good/IMG_1000", "train/good/IMG_E1000", "test/good/IMG_2000"}),
             Contains("1 image is called an edited copy") && !Contains(kOtherVersion));
  CHECK_THAT(said_of_names({"train/good/p~2", "train/good/o", "test/good/p~3"}),
             Contains("2 images are called edited copies") && Contains(kOtherVersion));
}

TEST_CASE("names that only look like edited copies", "[issues][folders][edited_names]") {
  for (const char* name : {"7_hdr", "7-edited", "IMG_E1000", "edit_7", "credit", "PROGRA~1", "8~2", "IMG_EAST"}) {
    INFO(name);
    CHECK_THAT(said_of_names({"train/good/1", std::string("test/good/") + name}),
               !Contains(kEditedCopy) && !Contains(kOtherVersion));
  }
  // Numbers that begin anew, and a copy of a test image beside it.
  CHECK_THAT(said_of_names({"train/good/IMG_1000", "train/good/IMG_E1000", "test/good/IMG_1000"}),
             Contains(kEditedCopy) && !Contains(kOtherVersion));
  CHECK_THAT(said_of_names({"train/good/IMG_1000", "test/good/IMG_1000", "test/good/IMG_E1000"}),
             Contains(kEditedCopy) && !Contains(kOtherVersion));
  CHECK_THAT(said_of_names({"train/good/1", "test/scratch/1~2"}), !Contains(kOtherVersion));
}
