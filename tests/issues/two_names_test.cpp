// Two products in one folder were learned as one, and two pictures of a part as two parts.
#include <catch2/catch.hpp>

#include "iuf/checks/description.h"
#include "iuf/data/dataset.h"
#include "support/data_folder.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Matchers::Contains;
using Lines = std::vector<std::string>;

namespace {

// Numbered, those of the second word from another number on.
Lines named(const Lines& words, const std::string& between = "_", int each = 4, int apart = 0) {
  Lines names;
  for (size_t w = 0; w < words.size(); ++w)
    for (int i = 0; i < each; ++i)
      names.push_back(words[w] + between + std::to_string(100 + i + apart * static_cast<int>(w)));
  return names;
}

std::string said_of_two(const Lines& names, const std::string& place = "good/") {
  Lines files;
  for (const std::string& name : names) files.push_back("part/" + place + name + ".png");
  const DataFolder folder(files);
  return description(read_dataset(folder / "part"), "part");
}

}  // namespace

TEST_CASE("names that begin with several words", "[issues][folders][two_names]") {
  for (const int apart : {0, 50})
    for (const std::string place : {"", "good/", "train/good/"}) {
      CHECK_THAT(said_of_two(named({"bolt", "washer"}, "_", 4, apart), place),
                 Contains("names begin with bolt (4) and washer (4)") && Contains("give each a folder"));
      CHECK_THAT(said_of_two(named({"bolt", "nut", "washer"}, "-", 4, apart), place),
                 Contains("bolt (4), nut (4) and washer (4)"));
      CHECK_THAT(said_of_two(named({"bolt_m3", "bolt_m4"}, "_", 3, apart), place),
                 Contains("bolt_m3 (3) and bolt_m4 (3)"));
      CHECK_THAT(said_of_two(named({"bolt", "washer"}, "", 4, apart), place), Contains("bolt (4) and washer (4)"));
      CHECK_THAT(said_of_two(named({"cam1", "cam2"}, "_", 4, apart), place), Contains("cam1 (4) and cam2 (4)"));
    }
}

TEST_CASE("names of one product", "[issues][folders][two_names]") {
  for (const Lines& names :
       {named({"bolt"}), named({"mon", "tue"}), named({"20240501", "20240502"}), named({"2024-05-01", "2024-05-02"}),
        named({"day1", "day2"}), named({"line1", "line2"}), named({"a", "b", "c", "d", "e"}), named({"good", "ok"}),
        Lines{"bolt_1", "bolt_2", "bolt_3", "nut_1"}, Lines{"bolt_1", "bolt_2", "bolt_3", "4", "5", "6"},
        Lines{"SN4711_1", "SN4712_1", "SN4713_1", "SN4714_1", "SN4715_1", "SN4716_1"}})
    CHECK_THAT(said_of_two(names), !Contains("names begin with"));
}

TEST_CASE("two kinds of pictures in groups", "[issues][folders][two_names]") {
  CHECK_THAT(said_of_two({"1_rgb", "1_laser", "2_rgb", "2_laser", "3_rgb", "3_laser"}),
             Contains("named in groups of 2") && Contains("if only one of the two is a photograph of a part"));
  CHECK_THAT(said_of_two({"1_f1", "1_f2", "2_f1", "2_f2", "3_f1", "3_f2"}),
             Contains("named in groups of 2") && !Contains("if only one"));
}

TEST_CASE("a reference beside a picture of another word", "[issues][folders][two_names]") {
  for (const std::string word : {"temp", "templ", "tmpl", "golden", "std", "template", "ref"}) {
    INFO(word);
    const auto pairs = [&](const std::string& other) {
      Lines names;
      for (const char* number : {"00041000", "00041001", "00041002", "00041003"})
        for (const std::string& kind : {word, other}) names.push_back(std::string(number) + "_" + kind);
      return names;
    };
    CHECK_THROWS_WITH(said_of_two(pairs("test")), Contains("00041000_" + word) && Contains("00041000_test.png") &&
                                                      Contains("Move the others away"));
    CHECK_THAT(said_of_two(pairs("img")), Contains("4 normal to learn from") && Contains("left out: 4 pictures"));
    Lines alone;
    for (const std::string number : {"1", "2", "3"}) alone.push_back(number + "_" + word);
    CHECK_THAT(said_of_two(alone), Contains("3 normal to learn from"));
  }
}
