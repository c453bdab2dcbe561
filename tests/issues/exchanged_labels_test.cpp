// A list in which 1 says good: its defects were learned as normal images.
#include <catch2/catch.hpp>

#include "iuf/checks/description.h"
#include "iuf/data/dataset.h"
#include "support/data_folder.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

std::string row(const std::string& file, int label, const std::string& more = "") {
  return R"({"filename": ")" + file + R"(", "label": )" + std::to_string(label) + R"(, "clsname": "nut")" + more +
         "}\n";
}

// `good` images in img and `bad` ones as they are called, with these labels.
std::string list(const DataFolder& folder, int good, const std::vector<std::string>& bad, int label_of_good) {
  std::string rows;
  for (int i = 0; i < good; ++i) {
    const std::string file = "img/" + std::to_string(100 + i) + ".png";
    folder.add(file);
    rows += row(file, label_of_good);
  }
  for (const std::string& file : bad) {
    folder.add(file);
    rows += row(file, 1 - label_of_good);
  }
  return rows;
}

}  // namespace

TEST_CASE("a list that calls defects normal by their names or folders is refused", "[issues][lists]") {
  const std::string bad =
      GENERATE("img/crack_7.png", "img/7_NG.png", "crack/7.png", "Kratzer 2/7.png", "img/7_hibás.png");
  INFO(bad);
  const DataFolder folder;
  folder.add("all.json", list(folder, 5, {bad, "img/8.png"}, 1));
  CHECK_THROWS_WITH(read_dataset(folder / "all.json"),
                    Contains("all.json: line 6: the label says normal (0 is normal") && Contains("says defect"));
  folder.add("all.json", list(folder, 5, {bad, "img/8.png"}, 0));
  CHECK(read_dataset(folder / "all.json").samples.size() == 7);
  folder.add("all.json", list(folder, 5, {"img/8.png"}, 0) + row(bad, 0, R"(, "checked": true)"));
  CHECK(read_dataset(folder / "all.json").samples.size() == 7);
  // A word of all files says nothing.
  folder.add_all({"scratch_project/crack_1.png", "scratch_project/crack_2.png"});
  folder.add("all.json", row("scratch_project/crack_1.png", 0) + row("scratch_project/crack_2.png", 1));
  CHECK(read_dataset(folder / "all.json").samples.size() == 2);
}

TEST_CASE("a list of more defects than normal images is asked for its labels", "[issues][lists]") {
  constexpr const char* says = "a label 0 says normal, 1 a defect; are they exchanged?";
  const DataFolder folder;
  folder.add("all.json", list(folder, 8, {"img/1.png", "img/2.png"}, 1));
  CHECK_THAT(description(read_dataset(folder / "all.json"), "nut"),
             Contains("2 normal to learn from, 0 normal and 8 defective to test") && Contains(says));
  folder.add("all.json", list(folder, 8, {"img/1.png", "img/2.png"}, 0));
  CHECK_THAT(description(read_dataset(folder / "all.json"), "nut"), !Contains(says));
}
