// The number of a part behind a time stamp, in names of images to learn from and to test, was not seen.
#include <catch2/catch.hpp>
#include <functional>

#include "iuf/checks/description.h"
#include "iuf/data/dataset.h"
#include "support/data_folder.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kPartNumbers = "normal test images have the number of a learned part in their names";

std::string stamp(int minute) {
  const auto two = [](int value) { return (value < 10 ? "0" : "") + std::to_string(value); };
  return "20240502T" + two(6 + minute / 60) + two(minute % 60) + two(minute * 37 % 60);
}

// Names with a number, of which every second training image's comes again among the tests.
std::string said_of_parts(const std::function<std::string(int minute, int part)>& name, int first_test = 0) {
  const DataFolder folder;
  for (int part = 0; part < 20; ++part) folder.add("nut/train/good/" + name(part, part) + ".png");
  for (int part = 0; part < 10; ++part) folder.add("nut/test/good/" + name(100 + part, first_test + 2 * part) + ".png");
  return description(read_dataset(folder / "nut"), "nut");
}

}  // namespace

TEST_CASE("a part's number behind a time stamp is seen again", "[issues][folders][part_numbers]") {
  const std::string kind = GENERATE("_SN", "_", "_serial_", "-K7_SN");
  INFO(kind);
  const auto name = [&](int minute, int part) { return stamp(minute) + kind + std::to_string(481000 + 7 * part); };
  CHECK_THAT(said_of_parts(name),
             Contains("10 of 10 " + std::string(kPartNumbers)) && Contains("481000.png beside " + stamp(0)));
  CHECK_THAT(said_of_parts(name, 21), !Contains(kPartNumbers));
}

TEST_CASE("serial numbers one behind another are seen again, behind their word", "[issues][folders][part_numbers]") {
  CHECK_THAT(said_of_parts([](int minute, int part) { return stamp(minute) + "_SN" + std::to_string(481000 + part); }),
             Contains(kPartNumbers));
  CHECK_THAT(
      said_of_parts([](int minute, int part) { return "SN" + std::to_string(481000 + part) + "_" + stamp(minute); }),
      Contains("10 of 10"));
}

TEST_CASE("counters that begin anew, times and days are no numbers of parts", "[issues][folders][part_numbers]") {
  const auto counter = [](int minute, int part) { return stamp(minute) + "_" + std::to_string(1000 + part); };
  CHECK_THAT(said_of_parts(counter), !Contains(kPartNumbers));
  CHECK_THAT(said_of_parts([](int, int part) { return "img_" + std::to_string(100 + part); }, 0),
             !Contains(kPartNumbers));
  CHECK_THAT(said_of_parts(
                 [](int minute, int part) {
                   return std::string(minute < 100 ? "20240502" : "20240503") + "_" +
                          std::to_string(100000 + 61 * part) + "_" + std::to_string(minute);
                 },
                 21),
             !Contains(kPartNumbers));
}
