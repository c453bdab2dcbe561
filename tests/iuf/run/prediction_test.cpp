#include "iuf/run/prediction.h"

#include <catch2/catch.hpp>

#include "iuf/image/image.h"
#include "iuf/run/run_files.h"
#include "nn/file.h"
#include "support/temporary_folder.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Contains;

namespace fs = std::filesystem;

namespace {

void put_image(const fs::path& path) {
  make_folder(path.parent_path());
  write_png(path, {.width = 2, .height = 1, .channels = 3, .pixels = {1, 2, 3, 4, 5, 6}});
}

}  // namespace

TEST_CASE("a line of the CSV holds a verdict with exact numbers, or an error and nothing else", "[run][prediction]") {
  Prediction p{.file = "a,b.png", .heatmap = "heatmaps/a,b.png", .width = 4, .height = 3, .score = 0.1};
  p.threshold = 0.25;
  p.confidence = 1;
  p.object = "nut";
  CHECK(prediction_csv_line(p) == "\"a,b.png\",0.1,0.25,ok,nut,1,,,4,3,\"heatmaps/a,b.png\",,,0,,\n");
  p.novelty = 2;
  p.fits_better = "bolt";
  CHECK(prediction_csv_line(p) == "\"a,b.png\",0.1,0.25,unknown,nut,1,2,bolt,4,3,\"heatmaps/a,b.png\",,,0,,\n");
  p.novelty.reset();
  p.score = 0.5;
  CHECK_THAT(prediction_csv_line(p), Contains(",defect,"));
  p.threshold.reset();
  CHECK_THAT(prediction_csv_line(p), Contains(",0.5,,no threshold,"));
  p.error = "damaged, \"badly\"";
  CHECK(prediction_csv_line(p) == "\"a,b.png\",,,error,,,,,,,,\"damaged, \"\"badly\"\"\",,,,\n");
  const std::string head = prediction_csv_head(), line = prediction_csv_line({.file = "x"});
  CHECK(std::ranges::count(head, ',') == std::ranges::count(line, ','));
}

TEST_CASE("a JSON line says the same, and carries names that are no UTF-8", "[run][prediction]") {
  Prediction p{.file = "a\xFF\\.png", .width = 4, .height = 3, .score = 0.5, .threshold = 0.25, .confidence = 1};
  p.object = "nut";
  CHECK(prediction_json_line(p) ==
        "{\"file\":\"a\\\\xff\\\\\\\\.png\",\"score\":0.5,\"threshold\":0.25,\"scaled_score\":null,\"verdict\":"
        "\"defect\",\"object\":\"nut\","
        "\"confidence\":1.0,\"novelty\":null,\"width\":4,\"height\":3}\n");
  p.threshold.reset();
  CHECK_THAT(prediction_json_line(p),
             Contains("\"threshold\":null,\"scaled_score\":null,\"verdict\":\"no threshold\""));
  p.error = "damaged";
  CHECK(prediction_json_line(p) == "{\"file\":\"a\\\\xff\\\\\\\\.png\",\"verdict\":\"error\",\"error\":\"damaged\"}\n");
}

TEST_CASE("heatmaps are called as their images, numbered where a name is taken and cut between characters",
          "[run][prediction]") {
  const TemporaryFolder folder;
  const std::string longest = std::string(199, 'n') + "\u00E8";  // the last character ends beyond the limit
  put_image(folder.path() / "in" / "a" / "x.png");
  put_image(folder.path() / "in" / "a_x.png");
  put_image(folder.path() / "in" / (longest + ".png"));
  const std::vector<Prediction> list = list_inputs(
      {.inputs = {folder.path() / "in", folder.path() / "in" / "a" / "x.png"}, .out = folder.path() / "out"});
  REQUIRE(list.size() == 4);
  std::vector<std::string> names;
  for (const Prediction& p : list) names.push_back(p.heatmap);
  std::ranges::sort(names);
  CHECK(names == std::vector<std::string>{"heatmaps/a_x-2.png", "heatmaps/a_x.png",
                                          "heatmaps/" + std::string(199, 'n') + ".png", "heatmaps/x.png"});
  for (const Prediction& p :
       list_inputs({.inputs = {folder.path() / "in"}, .out = folder.path() / "out", .heatmaps = Heatmaps::none}))
    CHECK(p.heatmap.empty());
}

TEST_CASE("what is no image follows those of its folder with the reason, and own heatmaps are left out",
          "[run][prediction]") {
  const TemporaryFolder folder;
  const fs::path out = folder.path() / "in" / "out";
  put_image(folder.path() / "in" / "a.png");
  put_image(PredictionFiles{out}.heatmaps() / "a.png");
  write_file(folder.path() / "in" / "scan.tiff", std::string_view("x"));
  const std::vector<Prediction> list = list_inputs(
      {.inputs = {folder.path() / "in", folder.path() / "nowhere", PredictionFiles{out}.heatmaps()}, .out = out});
  REQUIRE(list.size() == 4);
  CHECK(list[0].error.empty());
  CHECK_THAT(list[1].file, Contains("scan.tiff"));
  CHECK_THAT(list[1].error, Contains("not a PNG, JPEG"));
  CHECK_THAT(list[2].error, Contains("nowhere"));
  CHECK_THAT(list[3].error, Contains("holds no images but heatmaps"));
}
