// Backups and conflict copies of images were learned as if they were photographs of further parts.
#include "iuf/data/copied_names.h"

#include <catch2/catch.hpp>

#include "iuf/checks/description.h"
#include "iuf/data/dataset.h"
#include "support/data_folder.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

const std::vector<std::string> kCopies = {"7 (conflicted copy 2024-05-01)",
                                          "7 (Anna's conflicted copy 2024-05-01)",
                                          "7 (case conflict 1)",
                                          "7.sync-conflict-20240501-123456-ABCDEFG",
                                          "7 (copy)",
                                          "7 (copy 2)",
                                          "7 (another copy)",
                                          "7 (3rd copy)",
                                          "7 - Copy",
                                          "7 - Copy (2)",
                                          "7 - Kopie",
                                          "7 - Kopie (3)",
                                          "7 (Kopie)",
                                          "7 copy",
                                          "7 copy 2",
                                          "7_copy",
                                          "7-kopie",
                                          "Copy of 7",
                                          "Copy (2) of 7",
                                          "Kopie von 7",
                                          "Copia de 7",
                                          "7 - copie",
                                          "7 - Copia",
                                          "7_conflict-20240501-120000",
                                          "7-conflict",
                                          "7 - 副本",
                                          "7 - コピー"};

}  // namespace

TEST_CASE("backups of images are left out and named", "[issues][folders][copied_names]") {
  for (const char* ending : {".bak", ".orig", "~", ".old", ".BAK", ".bak2", ".~1~", ".backup", ".tmp", ".save", "#"}) {
    INFO(ending);
    const std::string name = std::string("7.png") + ending;
    const DataFolder folder({"nut/good/7.png", "nut/good/" + name, "nut/NG/7.png", "nut/NG/" + name});
    const Dataset data = read_dataset(folder / "nut");
    CHECK(data.samples.size() == 2);
    CHECK_THAT(description(data, "nut"), Contains("2 backups of images, by their endings (" + name + ", ...)"));
    CHECK(list_images(folder / "nut").size() == 2);
  }
  const DataFolder alone({"nut/good/7.bak"});
  CHECK_THROWS_WITH(read_dataset(alone / "nut"), Contains("no "));
}

TEST_CASE("copies beside their original are left out and named", "[issues][folders][copied_names]") {
  for (const std::string& copy : kCopies) {
    INFO(copy);
    CHECK(copied_from(copy) == "7");
    const DataFolder folder({"nut/good/7.png", "nut/good/" + copy + ".png", "nut/good/8.png"});
    const Dataset data = read_dataset(folder / "nut");
    CHECK(data.samples.size() == 2);
    CHECK_THAT(description(data, "nut"),
               Contains("left out: 1 copy of the file beside it, by its name (" + copy + ".png)"));
  }
  // Of a mask, too.
  const DataFolder folder({"nut/good/0.png", "nut/NG/7.png"});
  folder.add_masks({"nut/NG/7_mask.png", "nut/NG/7_mask (copy).png", "nut/good/0_mask - Kopie.png"}, Drawn::empty_mask);
  folder.add_masks({"nut/good/0_mask.png"}, Drawn::empty_mask);
  const Dataset data = read_dataset(folder / "nut");
  CHECK(data.samples.size() == 2);
  CHECK_THAT(description(data, "nut"), Contains("2 copies of files beside them"));
}

TEST_CASE("a copy without its original is used, and said", "[issues][folders][copied_names]") {
  for (const std::string& copy : kCopies) {
    INFO(copy);
    const DataFolder folder({"nut/good/8.png", "nut/good/" + copy + ".png"});
    const Dataset data = read_dataset(folder / "nut");
    CHECK(data.samples.size() == 2);
    CHECK_THAT(description(data, "nut"), Contains("1 image is called a copy or a conflict of another (" + copy));
  }
}

TEST_CASE("names that only look like copies", "[issues][folders][copied_names]") {
  for (const char* name : {"7 (1)", "copy", "copy7", "photocopy 7", "7 (front)", "7-copyshop", "copier_7", "img (2)"}) {
    INFO(name);
    CHECK(copied_from(name).empty());
    const DataFolder folder({"nut/good/7.png", std::string("nut/good/") + name + ".png"});
    CHECK(read_dataset(folder / "nut").samples.size() == 2);
  }
}
