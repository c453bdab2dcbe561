#include "iuf/live/drift_watch.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "iuf/run/verdict_log.h"
#include "support/small_model.h"
#include "support/temporary_folder.h"
#include "tensor/random.h"

using namespace iuf;
using Catch::Contains;

namespace {

// A model whose gear was learned from images with these scores.
ModelVersion version_of(const std::string& name, const std::vector<double>& scores) {
  static const SmallModel kept("gaussian");
  const auto path = kept.folder / "model.safetensors";
  kept.model->save(path);
  Model model = Model::load(path);
  ObjectRecord gear = model.objects()[1];
  gear.scores = scores;
  std::ranges::sort(gear.scores);
  gear.threshold = 100;
  model.set_calibration(1, gear);
  return {std::move(model), {.model = name}};
}

std::vector<double> drawn(int64_t count, double mean, uint64_t stream) {
  Tensor values({count});
  fill_normal(values, static_cast<real>(mean), 1, stream);
  return {values.data(), values.data() + count};
}

// What is said of images with these scores, one by one, and after how many.
struct Said {
  std::vector<std::string> notes = {};
  size_t after = 0;
};
Said said(DriftWatch& watch, const ModelVersion& version, const std::vector<double>& scores) {
  Said all;
  for (size_t i = 0; i < scores.size(); ++i)
    for (const std::string& note : watch.take(version, {.score = scores[i], .threshold = 100, .object = "gear"})) {
      all.notes.push_back(note);
      all.after = i + 1;
    }
  return all;
}

}  // namespace

TEST_CASE("what comes one by one and drifts is said once, until another model is used", "[live][drift]") {
  const ModelVersion first = version_of("first", drawn(60, 0, 1)), second = version_of("second", drawn(60, 0, 1));
  DriftWatch watch;
  CHECK(said(watch, first, drawn(300, 0, 2)).notes.empty());
  const Said sudden = said(watch, first, drawn(300, 3, 3));
  REQUIRE(sudden.notes.size() == 1);
  CHECK_THAT(sudden.notes[0], Contains("'gear': the 25 images") && Contains("clearly higher"));
  CHECK(sudden.after == 25);
  CHECK(watch.said() == sudden.notes);
  CHECK(said(watch, second, drawn(20, 3, 4)).notes.empty());  // too few yet
  CHECK(watch.said().empty());
  DriftWatch alarmed;
  CHECK_THAT(said(alarmed, second, std::vector<double>(80, 200)).notes.at(0), Contains("25 of 25 images are alarms"));
  // A little: more of them are needed.
  DriftWatch patient;
  const Said slow = said(patient, first, drawn(400, 1, 5));
  REQUIRE(slow.notes.size() == 1);
  CHECK(slow.after > 25);
  // Errors, and objects that the model does not know.
  CHECK(patient.take(first, {.error = "no image", .object = "gear"}).empty());
  CHECK(patient.take(first, {.object = "gaer"}).empty());
}

TEST_CASE("what drifts over many short calls is said", "[live][drift]") {
  const ModelVersion version = version_of("first", drawn(60, 0, 1));
  const TemporaryFolder folder;
  for (const std::string name : {"log.csv", "log.jsonl"}) {
    INFO(name);
    const std::vector<double> scores = drawn(40, 3, 3);
    size_t notes = 0, silent = 0;
    for (size_t call = 0; call < 5; ++call) {  // each of eight images
      VerdictLog log(folder / name);
      DriftWatch watch;
      watch.recall(version, log.judged("first", 1000, 1 << 20));
      size_t said = 0;
      for (size_t i = 8 * call; i < 8 * call + 8; ++i) {
        const Prediction p{.file = "a, b.png", .score = scores[i], .threshold = 100, .object = "gear"};
        said += watch.take(version, p).size();
        log.add(log.line(p, version.by));
      }
      notes += said;
      silent += said == 0;
    }
    CHECK(silent == 3);  // 24 images
    CHECK(notes == 2);
    VerdictLog log(folder / name);
    CHECK(log.judged("other", 1000, 1 << 20).empty());
    CHECK(log.judged("first", 10, 1 << 20).size() == 10);
    const Prediction last = log.judged("first", 1, 1 << 20).at(0);
    CHECK(last.score == scores[39]);
    CHECK(last.threshold == 100.0);
    CHECK(last.object == "gear");
    CHECK(!last.novelty);
  }
}

TEST_CASE("chance alone says little of what does not drift", "[live][drift]") {
  int fired = 0;
  constexpr int kRuns = 50, kImages = 2000;
  for (uint64_t run = 0; run < kRuns; ++run) {
    const ModelVersion version = version_of("m", drawn(60, 0, 3 * run + 100));
    DriftWatch watch;
    fired += !said(watch, version, drawn(kImages, 0, 3 * run + 101)).notes.empty();
  }
  CHECK(fired <= 4);
}
