// Pictures made from photographs were learned and judged as photographs, and frames of one part counted as parts.
#include "iuf/checks/name_groups.h"

#include <catch2/catch.hpp>

#include "iuf/checks/description.h"
#include "iuf/data/made_pictures.h"
#include "iuf/image/image.h"
#include "support/data_folder.h"

using namespace iuf;
using Catch::Matchers::Contains;
using Lines = std::vector<std::string>;
namespace fs = std::filesystem;

namespace {

Lines numbered(size_t count, const std::string& before, const std::string& behind) {
  Lines names;
  for (size_t i = 0; i < count; ++i) names.push_back(before + (i < 10 ? "00" : "0") + std::to_string(i) + behind);
  return names;
}

Lines operator+(Lines a, const Lines& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

struct Found {
  size_t train = 0, test = 0;
  std::string line;
};

Found read(const Lines& names) {
  Lines files;
  for (const std::string& name : names) files.push_back("nut/" + name + ".png");
  const DataFolder folder(files);
  const Dataset data = read_dataset(folder / "nut");
  Found found{.line = description(data, "nut")};
  for (const Sample& sample : data.samples) ++(sample.train ? found.train : found.test);
  return found;
}

std::vector<fs::path> paths(const Lines& names) {
  std::vector<fs::path> files;
  for (const std::string& name : names) files.emplace_back(name + ".png");
  return files;
}

size_t count_groups(const Lines& names) {
  const std::vector<size_t> groups = name_groups(paths(names));
  REQUIRE(groups.size() == names.size());
  return *std::ranges::max_element(groups) + 1;
}

constexpr const char* kMade = "from photographs beside them";
constexpr const char* kGroups = "named in groups";

}  // namespace

TEST_CASE("pictures made from photographs beside them are left out", "[issues][folders][name_groups]") {
  for (const char* word :
       {"_diff",   "_ref",      "-golden",    ".template",  " depth",      "_crop",   "_roi",       "_bin",
        "_edge",   "_residual", "_small",     "_thumb",     "_gray",       "_norm",   "_aligned",   "_heat",
        "_result", "_overlay",  "_annotated", "_segm",      "_prob",       "_score",  "_bbox",      "_DIFF",
        "_diff_1", "_diff2",    "diff",       "_score_map", "_diff_image", " (diff)", "_Ausschnitt"}) {
    INFO(word);
    const Found found =
        read(numbered(4, "train/good/", "") + numbered(4, "train/good/", word) + numbered(3, "test/good/", "") +
             numbered(3, "test/good/", word) + numbered(3, "test/crack/", "") + numbered(3, "test/crack/", word));
    CHECK(found.train == 4);
    CHECK(found.test == 6);
    CHECK_THAT(found.line, Contains("4 normal to learn from, 3 normal and 3 defective") && Contains(kMade) &&
                               Contains("left out: 10 pictures") && !Contains(kGroups));
  }
  for (const char* word : {"ref_", "diff-", "crop ", "thumb_", "golden_"}) {
    INFO(word);
    const Found found = read(numbered(4, "good/", "") + numbered(4, std::string("good/") + word, ""));
    CHECK(found.train == 4);
    CHECK_THAT(found.line, Contains("4 pictures") && Contains(kMade) && Contains(" beside 000.png"));
  }
}

TEST_CASE("several kinds of made pictures, and gaps among them", "[issues][folders][name_groups]") {
  const Found two = read(numbered(4, "", "") + numbered(4, "", "_ref") + numbered(4, "", "_diff"));
  CHECK(two.train == 4);
  CHECK_THAT(two.line, Contains("left out: 8 pictures"));
  const Found few = read(numbered(9, "", "") + numbered(2, "", "_crop"));
  CHECK(few.train == 9);
  // The photograph of one of ten is gone.
  const Found gap = read(numbered(9, "", "") + numbered(10, "", "_diff"));
  CHECK(gap.train == 9);
  CHECK_THAT(gap.line, Contains("left out: 10 pictures"));
  const Found visa = read(numbered(20, "Data/Images/Normal/", "") + numbered(20, "Data/Images/Normal/", "_diff") +
                          numbered(2, "Data/Images/Anomaly/", ""));
  CHECK(visa.train == 18);
  CHECK(visa.test == 4);
}

TEST_CASE("a mask of a made picture goes with it", "[issues][folders][name_groups]") {
  const DataFolder folder({"nut/good/0.png", "nut/bad/1.png", "nut/bad/1_diff.png", "nut/bad/2.png"});
  folder.add_masks({"nut/bad/1_mask.png", "nut/bad/1_diff_mask.png"});
  const Dataset data = read_dataset(folder / "nut");
  CHECK(data.samples.size() == 3);
  CHECK(data.samples[1].masks.size() == 1);
}

TEST_CASE("without the photograph a made picture is one", "[issues][folders][name_groups]") {
  const Found crops = read(numbered(4, "good/", "_crop"));
  CHECK(crops.train == 4);
  CHECK_THAT(crops.line, !Contains(kMade) && !Contains(kGroups));
  const Found two = read(numbered(4, "good/", "_rgb") + numbered(4, "good/", "_depth"));
  CHECK(two.train == 8);
  CHECK_THAT(two.line, Contains("named in groups of 2 (000_depth.png, 000_rgb.png): if a group shows one part, all 8 "
                                "are of 4 parts"));
  // Half have a photograph: nobody knows.
  const Found half = read(numbered(4, "", "") + numbered(9, "", "_crop"));
  CHECK(half.train == 13);
  CHECK_THAT(half.line, Contains("4 images are named as made from photographs beside them (first: 000_crop.png beside "
                                 "000.png): they are used as photographs"));
  // Those to learn from have none.
  const Found learned =
      read(numbered(4, "train/good/", "_crop") + numbered(9, "test/good/", "") + numbered(9, "test/good/", "_crop") +
           numbered(9, "test/crack/", "") + numbered(9, "test/crack/", "_crop"));
  CHECK(learned.train == 4);
  CHECK(learned.test == 36);
  CHECK_THAT(learned.line, Contains("18 images are named as made from photographs beside them"));
}

TEST_CASE("a list's images stay, and it is said", "[issues][lists][name_groups]") {
  const DataFolder folder({"0.png", "0_diff.png", "1.png", "1_diff.png"});
  folder.add("train.jsonl",
             R"({"filename": "0.png", "label": 0, "clsname": "nut"}
{"filename": "0_diff.png", "label": 0, "clsname": "nut"}
{"filename": "1.png", "label": 0, "clsname": "nut"}
{"filename": "1_diff.png", "label": 0, "clsname": "nut"}
)");
  const Dataset data = read_dataset(folder.path());
  CHECK(data.samples.size() == 4);
  CHECK_THAT(description(data, "nut"), Contains("2 images are named as made from photographs beside them (first: "
                                                "0_diff.png beside 0.png): they are used as photographs"));
}

TEST_CASE("names in groups are said", "[issues][folders][name_groups]") {
  for (const auto& [one, other] : {std::pair("_a", "_b"),
                                   {"_top", "_side"},
                                   {"", "_1"},
                                   {"", " (1)"},
                                   {"-left", "-right"},
                                   {"_dark", "_bright"},
                                   {"_shift_1", "_regular"}}) {
    INFO(one << " " << other);
    const Found found = read(numbered(4, "good/", one) + numbered(4, "good/", other));
    CHECK(found.train == 8);
    CHECK_THAT(found.line, Contains("8 of those to learn from are named in groups of 2 (") &&
                               Contains("all 8 are of 4 parts") && !Contains(kMade));
  }
  Lines burst;
  for (int part = 1; part <= 4; ++part)
    for (int frame = 1; frame <= 5; ++frame)
      burst.push_back("part0" + std::to_string(part) + "_f" + std::to_string(frame));
  CHECK_THAT(read(burst).line, Contains("20 of those to learn from are named in groups of 5 (part01_f1.png, "
                                        "part01_f2.png, ...): if a group shows one part, all 20 are of 4 parts"));
  burst.pop_back();
  CHECK_THAT(read(burst).line, Contains("all 19 are of 4 parts"));
  CHECK(count_groups(burst) == 4);
  CHECK(count_groups(burst + Lines{"other_f1"}) == 5);
}

TEST_CASE("views of one defective part are counted as such", "[issues][folders][name_groups]") {
  for (const char* word : {"_view", "_cam", "-v"}) {
    INFO(word);
    Lines names = numbered(8, "train/good/", "") + numbered(4, "test/good/", "");
    for (int part = 0; part < 5; ++part)
      for (int view = 1; view <= 4; ++view)
        names.push_back("test/scratch/P100" + std::to_string(part) + word + std::to_string(view));
    CHECK_THAT(read(names).line, Contains("20 defective images are named in groups of 4 (P1000") &&
                                     Contains("if a group shows one part, all 20 are of 5 parts; a view that does not "
                                              "show the defect counts as one that is missed"));
  }
  Lines kinds = numbered(8, "train/good/", "");
  for (const char* kind : {"test/crack/", "test/dent/", "test/hole/", "test/scratch/"})
    kinds = kinds + numbered(5, kind, "") + numbered(2, kind, "_large");
  CHECK_THAT(read(kinds).line, !Contains("defective images are named"));
}

TEST_CASE("ordinary names are in no groups", "[issues][folders][name_groups]") {
  Lines days, screws, times, ids, sessions, tiles;
  for (int i = 0; i < 20; ++i) {
    const std::string two = (i < 10 ? "0" : "") + std::to_string(i);
    for (const char* day : {"day1_0", "day2_0"}) days.push_back(day + two);
    for (const char* day : {"cam1_0", "cam2_0", "cam3_0", "cam4_0"})
      if (i < 8) sessions.push_back(day + two);
    for (const char* day : {"20240101_", "20240102_", "20240103_", "2024-01-04_"})
      if (i < 5) tiles.push_back(day + two);
    screws.push_back("screw" + std::to_string(i) + "_a");
    times.push_back("IMG_20240101_12" + two + "07");
    ids.push_back("a3f" + two + "b1c-44d0-4e1a-9f00-0123456789" + two);
  }
  for (const Lines& names :
       {numbered(12, "", ""), numbered(12, "train_", ""), numbered(12, "img (", ")"), numbered(12, "img_", "_x"), days,
        screws, times, ids, sessions, tiles, Lines{"img"} + numbered(12, "img (", ")"),
        numbered(5, "red_", "") + numbered(5, "green_", "") + numbered(5, "blue_", "")}) {
    INFO(names.front());
    const Found found = read(names);
    CHECK(found.train == names.size());
    CHECK_THAT(found.line, !Contains(kGroups) && !Contains(kMade) && !Contains("named"));
    CHECK(count_groups(names) == names.size());
  }
}

TEST_CASE("groups have numbers, by folder", "[issues][folders][name_groups]") {
  const Lines names = {"a/1_x", "a/1_y", "b/1_x", "a/2_x", "a/2_y", "c/3_x", "c/3_y", "c/4_x", "c/4_y", "c/solo"};
  CHECK(name_groups(paths(names)) == std::vector<size_t>{0, 0, 1, 2, 2, 3, 3, 4, 4, 5});
  CHECK(name_groups({}).empty());
}

TEST_CASE("test images that are named as frames of learned parts", "[issues][folders][name_groups]") {
  Lines train, test, random_train, random_test;
  for (int part = 0; part < 8; ++part)
    for (int frame = 1; frame <= 5; ++frame) {
      const std::string name = "good/part" + std::to_string(part) + "_f" + std::to_string(frame);
      (frame < 5 ? train : test).push_back((frame < 5 ? "train/" : "test/") + name);
      const bool tested = (part * 5 + frame * frame) % 3 == 0;
      (tested ? random_test : random_train).push_back((tested ? "test/" : "train/") + name);
    }
  const Lines defects = numbered(4, "test/crack/part9", "_f1");
  CHECK_THAT(read(train + test + defects).line,
             Contains("8 of 8 normal test images are named like frames of learned parts (part0_f5.png beside "
                      "part0_f1.png): figures with them say little of new parts"));
  CHECK_THAT(read(random_train + random_test + defects).line, Contains("named like frames of learned parts"));
  // Other parts; and numbers that begin anew.
  CHECK_THAT(
      read(numbered(4, "train/good/", "_0") + numbered(4, "train/good/", "_1") + numbered(9, "test/good/", "")).line,
      Contains(kGroups) && !Contains("frames of learned"));
  CHECK_THAT(read(train + numbered(4, "test/good/part2", "_f1")).line, !Contains("frames of learned"));
  CHECK_THAT(read(numbered(4, "train/good/", "_a") + numbered(4, "train/good/", "_b") +
                  numbered(4, "test/good/", "_a") + numbered(4, "test/good/", "_b"))
                 .line,
             Contains(kGroups) && !Contains("frames of learned"));
}

TEST_CASE("sub-folders of a kind of defect are counted", "[issues][folders]") {
  CHECK_THAT(read({"train/good/0", "test/crack/rgb/0", "test/crack/rgb/1", "test/crack/day2/2", "test/crack/3"}).line,
             Contains("for defects, in sub-folders: test/crack/day2 1, test/crack/rgb 2"));
  CHECK_THAT(read({"good/0", "NG/crack/0", "NG/dent/rgb/1"}).line,
             Contains("for defects, in sub-folders: NG/dent/rgb 1"));
}

TEST_CASE("test images of another size than the learned ones", "[issues][folders]") {
  const auto said = [](int width, int height, const std::vector<std::pair<int, int>>& tests) {
    const DataFolder folder;
    const auto add = [&](const std::string& name, int w, int h) {
      const std::vector<std::byte> bytes = encode_png(blank_image(w, h, 3));
      folder.add("nut/" + name + ".png", text_of(bytes));
    };
    for (int i = 0; i < 3; ++i) add("train/good/" + std::to_string(i), width, height);
    for (size_t i = 0; i < tests.size(); ++i)
      add((i % 2 ? "test/crack/" : "test/good/") + std::to_string(i), tests[i].first, tests[i].second);
    return description(read_dataset(folder / "nut"), "nut");
  };
  CHECK_THAT(said(64, 64, {{32, 32}, {32, 32}}),
             Contains("2 of 2 test images are of another size than those to learn from (crack/1.png: 32 x 32, not 64 x "
                      "64)"));
  CHECK_THAT(
      said(64, 64, {{64, 64}, {64, 64}, {64, 36}}),
      Contains("1 of 3 test images is of another aspect ratio than those to learn from (good/2.png: 64 x 36, not "
               "64 x 64)"));
  CHECK_THAT(said(64, 48, {{48, 64}, {64, 48}}), !Contains("another"));
  CHECK_THAT(said(64, 63, {{64, 64}, {62, 62}}), !Contains("another"));
}
