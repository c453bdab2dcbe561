#include "iuf/report/run_folder.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <functional>

#include "fabricated_run.h"
#include "iuf/data/json_fields.h"
#include "tensor/error.h"

using namespace iuf;
using namespace iuf::report;
using Catch::Contains;

namespace {

std::string complaint(const FabricatedRun& run) {
  try {
    read_run_folder(run.path());
  } catch (const Error& error) {
    return error.what();
  }
  return "no complaint";
}

}  // namespace

TEST_CASE("a complete run folder is read as it was written", "[report]") {
  FabricatedRun run;
  run.write();
  const RunFolder folder = read_run_folder(run.path());
  const RunMetrics& metrics = folder.metrics;
  CHECK(metrics.objects[1] == FabricatedRun::names[1]);
  CHECK(folder.image.learned == std::vector<size_t>{0, 0, 1, 2});
  CHECK(folder.image.value == metrics.image_auroc);
  CHECK(folder.pixel.value == metrics.pixel_auroc);
  CHECK(metrics.image_auroc[2][1] == 0.7312);
  CHECK_FALSE(metrics.image_auroc[0][3]);
  CHECK(metrics.per_object[2].test_normal == 3);
  CHECK_FALSE(metrics.per_object[2].image.average_precision);
  CHECK(folder.comparison->rows.at(1).figures.at("image_fm") == -0.01);
  CHECK(folder.log->size() == 18);
  CHECK(folder.log->at(1).part("reconstruction") == 7.5);
  CHECK(folder.scores->size() == 18);
  CHECK(folder.scores->at(8).label_name == "a \"deep\" cut");
  CHECK(folder.scores->at(8).object == FabricatedRun::names[1]);
  CHECK(folder.scores->at(8).defect);
  CHECK_FALSE(folder.scores->at(8).flagged());
  CHECK(folder.gallery->items.size() == 18);
  CHECK_FALSE(folder.gallery->items[8].mask);
  CHECK(folder.gallery->scales.at("bottle").high == 4);
  CHECK(*folder.config == run.config);
}

TEST_CASE("optional files may be missing, metrics.json may not", "[report]") {
  FabricatedRun run;
  write_file(run.path() / "metrics.json", run.metrics.dump());
  const RunFolder folder = read_run_folder(run.path());
  CHECK_FALSE(folder.comparison);
  CHECK_FALSE(folder.log);
  CHECK_FALSE(folder.scores);
  CHECK_FALSE(folder.gallery);
  CHECK_FALSE(folder.config);
  std::filesystem::remove(run.path() / "metrics.json");
  CHECK_THAT(complaint(run), Contains("metrics.json"));
  CHECK_THROWS_AS(read_run_folder(run.path() / "absent"), Error);
}

TEST_CASE("a malformed run is refused with the file and the key", "[report]") {
  struct Case {
    std::function<void(FabricatedRun&)> damage;
    std::string file, part;
  };
  const std::vector<Case> cases = {
      {[](auto& run) { run.metrics["format"] = 2; }, "metrics.json", "format: only format 1"},
      {[](auto& run) { run.metrics.erase("summary"); }, "metrics.json", "key 'summary' is missing"},
      {[](auto& run) { run.metrics["summary"]["image_acc"] = "high"; }, "metrics.json", "summary.image_acc: a number"},
      {[](auto& run) { run.metrics["summary"]["image_fm"] = -1.5; }, "metrics.json",
       "summary.image_fm: the value -1.5"},
      {[](auto& run) { run.metrics["image_auroc"][1][0] = 97; }, "metrics.json", "image_auroc[1][0]: the value 97"},
      {[](auto& run) { run.metrics["image_auroc"].erase(2); }, "metrics.json", "image_auroc: has 2 entries, 3"},
      {[](auto& run) { run.metrics["pixel_auroc"][1].push_back(1); }, "metrics.json",
       "pixel_auroc[1]: has 5 entries, 4"},
      {[](auto& run) { run.metrics["pixel_auroc"] = nullptr; }, "metrics.json", "pixel_auroc: a list"},
      {[](auto& run) { run.metrics["steps"][1][0] = "spoon"; }, "metrics.json", "steps[1][0]: 'spoon' is none"},
      {[](auto& run) { run.metrics["steps"][1][0] = "bottle"; }, "metrics.json",
       "steps[1][0]: 'bottle' is learned twice"},
      {[](auto& run) { run.metrics["steps"].erase(1); }, "metrics.json", "objects[2]: 'no defects' is in no step"},
      {[](auto& run) { run.metrics["objects"][2] = "bottle"; }, "metrics.json", "objects[2]: 'bottle' comes twice"},
      {[](auto& run) { run.metrics["objects"][2] = 5; }, "metrics.json", "objects[2]: a string"},
      {[](auto& run) { run.metrics["per_object"][3]["object"] = "spoon"; }, "metrics.json", "per_object[3].object"},
      {[](auto& run) { run.metrics["per_object"][3].erase("aupro"); }, "metrics.json", "per_object[3]: key 'aupro'"},
      {[](auto& run) { run.metrics["per_object"][3]["test_defect"] = -1; }, "metrics.json",
       "per_object[3].test_defect"},
      {[](auto& run) {
         run.metrics = {1, 2, 3};
       },
       "metrics.json", "an object is expected"},
      {[](auto& run) { run.comparison["rows"][1].erase("name"); }, "comparison.json", "rows[1]: key 'name'"},
      {[](auto& run) { run.comparison["rows"][0]["summary"] = 1; }, "comparison.json", "rows[0].summary"},
      {[](auto& run) {
         run.comparison["stream"] = {{"a"}, {"b"}};
         run.comparison["rows"][0]["image_auroc"] = {{1, nullptr}, {1, 1}};
         run.comparison["rows"][0]["pixel_auroc"] = nlohmann::json::array();
       },
       "comparison.json", "rows[0].pixel_auroc"},
      {[](auto& run) { run.log.replace(run.log.find('\n') + 1, 1, "["); }, "log.jsonl", "line 2: not valid JSON"},
      {[](auto& run) { run.log += "{\"step\":-1,\"iteration\":0,\"loss\":1}\n"; }, "log.jsonl", "line 19: step"},
      {[](auto& run) { run.log += "{\"step\":null,\"iteration\":0,\"loss\":1}\n"; }, "log.jsonl", "line 19: step"},
      {[](auto& run) { run.log += "{\"step\":0,\"iteration\":0}\n"; }, "log.jsonl", "line 19: key 'loss'"},
      {[](auto& run) { run.log += "{\"step\":0,\"iteration\":1e999,\"loss\":1}\n"; }, "log.jsonl", "line 19"},
      {[](auto& run) { run.log += "{\"step\":0,\"iteration\":9,\"loss\":1,\"parts\":[{\"name\":\"a\"}]}\n"; },
       "log.jsonl", "line 19: parts[0]: key 'value'"},
      {[](auto& run) { run.comparison.erase("format"); }, "comparison.json", "key 'format' is missing"},
      {[](auto& run) { run.comparison["rows"][1]["summary"]["image_acc"] = 7; }, "comparison.json",
       "rows[1].summary.image_acc: the value 7"},
      {[](auto& run) {
         run.comparison["panel"] = {
             {{"object", "a"}, {"file", "b"}, {"input", "../c"}, {"mask", "d"}, {"heat", nlohmann::json::object()}}};
       },
       "comparison.json", "panel[0].input"},
      {[](auto& run) { run.scores = ""; }, "scores.csv", "header"},
      {[](auto& run) { run.scores = "object,file\r\nbottle,a.png\r\n"; }, "scores.csv", "column 'label' is missing"},
      {[](auto& run) { run.scores += "bottle,a.png,0\r\n"; }, "scores.csv", "line 20: has 3 fields, the header 9"},
      {[](auto& run) { run.scores += "bottle,a.png,2,x,1,1,n,x,1\r\n"; }, "scores.csv", "line 20: label '2'"},
      {[](auto& run) { run.scores += "bottle,a.png,0,x,1.5x,1,n,x,1\r\n"; }, "scores.csv", "line 20: score '1.5x'"},
      {[](auto& run) { run.scores += "bottle,\"a.png,0,x,1,1,n,x,1\r\n"; }, "scores.csv",
       "line 20: a quote is not closed"},
      {[](auto& run) { run.scores += "bottle,\"a\"b,0,x,1,1,n,x,1\r\n"; }, "scores.csv", "line 20: text after"},
      {[](auto& run) { run.index["items"][2]["label"] = 3; }, "index.json", "items[2].label: 0 or 1"},
      {[](auto& run) { run.index["items"][2]["heat"] = "../../secret.png"; }, "index.json", "items[2].heat"},
      {[](auto& run) { run.index["items"][2]["input"] = ".."; }, "index.json", "items[2].input"},
      {[](auto& run) { run.index["items"][2]["mask"] = "/etc/passwd"; }, "index.json", "items[2].mask"},
      {[](auto& run) { run.index["items"][2]["object"] = 5; }, "index.json", "items[2].object: a string"},
      {[](auto& run) { run.index["scale"]["bottle"].erase("low"); }, "index.json", "scale.bottle: key 'low'"},
  };
  for (const Case& damaged : cases) {
    FabricatedRun run;
    damaged.damage(run);
    run.write();
    const std::string text = complaint(run);
    CHECK_THAT(text, Contains(damaged.file) && Contains(damaged.part));
    CHECK(text.find('\n') == std::string::npos);
  }
}

TEST_CASE("any cut of the JSON files is refused, never a crash", "[report]") {
  FabricatedRun run;
  run.write();
  for (const char* file : {"metrics.json", "comparison.json", "gallery/index.json"}) {
    const std::string whole = read_text(run.path() / file);
    for (size_t length = 0; length < whole.size(); length += 7) {
      write_file(run.path() / file, std::string_view(whole).substr(0, length));
      CHECK_THAT(complaint(run), Contains(std::filesystem::path(file).filename().string()));
    }
    write_file(run.path() / file, whole);
  }
  CHECK(complaint(run) == "no complaint");
}

TEST_CASE("a log that is cut is refused, of a resumed one no line counts twice", "[report]") {
  FabricatedRun run;
  run.log =
      "{\"step\":0,\"iteration\":2,\"loss\":5}\n\n{\"step\":0,\"iteration\":1,\"loss\":6}\n"
      "{\"step\":0,\"iteration\":2,\"loss\":null}\n{\"step\":0,\"iteration\":2,\"loss\":4}\n{\"step\":0,\"itera";
  run.write();
  CHECK_THROWS_WITH(read_run_folder(run.path()), Contains("log.jsonl: line 6") && Contains("cut"));
  run.log.erase(run.log.rfind('\n') + 1);
  run.write();
  const std::vector<LogEntry> log = *read_run_folder(run.path()).log;
  REQUIRE(log.size() == 2);
  CHECK(log[0].iteration == 1);
  CHECK(log[1].loss == 4);
  CHECK(log[1].parts.empty());
}

TEST_CASE("CSV fields may hold commas, quotes and line ends, and lines may end either way", "[report]") {
  FabricatedRun run;
  run.scores =
      "file,object,label,label_name,score,threshold,verdict,predicted_object,confidence\n"
      "\"a,\r\nb \"\"c\"\".png\",bottle,1,,2.5,1,defect,,\r\n"
      "\"\",bottle,0,x,,1,normal,bottle,0.5";
  run.write();
  const std::vector<ScoredImage> scores = *read_run_folder(run.path()).scores;
  REQUIRE(scores.size() == 2);
  CHECK(scores[0].file == "a,\r\nb \"c\".png");
  CHECK(scores[0].score == 2.5);
  CHECK(std::isnan(scores[0].confidence));
  CHECK(scores[1].file.empty());
  CHECK(std::isnan(scores[1].score));
  CHECK(scores[1].predicted_object == "bottle");
}

TEST_CASE("what a running step has written ahead of metrics.json does not disturb", "[report]") {
  FabricatedRun run;
  run.log += "{\"step\":3,\"iteration\":0,\"loss\":1}\n";
  run.scores += "next,a.png,0,good,1,1.5,normal,next,1\r\n";
  run.index["items"][0]["object"] = "next";
  run.write();
  const RunFolder folder = read_run_folder(run.path());
  CHECK(folder.log->back().step == 3);
  CHECK(folder.scores->size() == 18);
  CHECK(folder.gallery->items.size() == 17);
}
