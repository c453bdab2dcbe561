#include "iuf/run/drift_notes.h"

#include <catch2/catch.hpp>
#include <functional>

#include "iuf/stats/drift.h"
#include "tensor/random.h"

using namespace iuf;
using Catch::Contains;

namespace {

std::vector<double> drawn(int64_t count, double mean, uint64_t stream) {
  Tensor values({count});
  fill_normal(values, static_cast<real>(mean), 1, stream);
  return {values.data(), values.data() + count};
}

std::vector<std::string> notes_of(const std::vector<double>& scores, double threshold) {
  ObjectRecord gear;
  gear.name = "gear";
  gear.scores = drawn(60, 0, 1);
  gear.threshold = threshold;
  std::vector<Prediction> predictions;
  for (const double score : scores) {
    Prediction& p = predictions.emplace_back();
    p.score = score;
    p.threshold = threshold;
    p.object = "gear";
  }
  return drift_notes({gear}, predictions);
}

}  // namespace

TEST_CASE("a beta-binomial distribution sums up as its definition says", "[iuf][drift]") {
  // Beta(1, 1): every number of successes is equally likely. A chance known exactly: the binomial distribution.
  CHECK(beta_binomial(2, 9, 1, 1) == Approx(0.3));
  CHECK(beta_binomial(9, 9, 3, 5) == Approx(1));
  CHECK(beta_binomial(1, 3, 5e6, 5e6) == Approx(0.5).epsilon(1e-4));
}

TEST_CASE("scores that are clearly higher or lower than the calibration's are a drift, others are none",
          "[iuf][drift]") {
  CHECK(score_drift(drawn(60, 0, 1), drawn(40, 2, 2)) == Drift::up);
  CHECK(score_drift(drawn(60, 0, 1), drawn(40, -2, 3)) == Drift::down);
  CHECK(score_drift(drawn(60, 0, 1), drawn(10, 5, 4)) == Drift::none);  // too few
  CHECK(score_drift(drawn(10, 0, 1), drawn(40, 5, 5)) == Drift::none);
  int fired = 0;
  for (uint64_t r = 0; r < 1000; ++r)
    fired += score_drift(drawn(31, 0, 2 * r + 100), drawn(25, 0, 2 * r + 101)) != Drift::none;
  CHECK(fired <= 3);  // two sides of one in ten thousand
}

namespace {

// Images of the gear with these names, of which those of every second one score otherwise.
std::vector<std::string> notes_of_lanes(const std::function<std::string(size_t)>& name, double second) {
  ObjectRecord gear;
  gear.name = "gear";
  gear.scores = drawn(60, 0, 1);
  gear.threshold = 100;
  const std::vector<double> usual = drawn(60, 0, 7);
  std::vector<Prediction> predictions;
  for (size_t i = 0; i < usual.size(); ++i) {
    Prediction& p = predictions.emplace_back();
    p.file = name(i);
    p.score = usual[i] + (i % 2 == 0 ? 0 : second);
    p.threshold = 100;
    p.object = "gear";
  }
  return drift_notes({gear}, predictions);
}

}  // namespace

TEST_CASE("one of two lanes that changed is said", "[iuf][drift]") {
  const auto number = [](size_t i) { return std::to_string(1000 + i / 2); };
  const auto folder = [&](size_t i) {
    return "day/" + std::string(i % 2 ? "right" : "left") + "/" + number(i) + ".png";
  };
  const auto before = [&](size_t i) { return (i % 2 ? "day/laneB_" : "day/laneA_") + number(i) + ".png"; };
  const auto behind = [&](size_t i) { return "day/" + number(i) + (i % 2 ? "-2.png" : "-1.png"); };
  const auto turns = [](size_t i) { return "day/" + std::to_string(1000 + i) + ".png"; };
  const auto note = [](const std::function<std::string(size_t)>& name, double second) {
    const std::vector<std::string> notes = notes_of_lanes(name, second);
    return notes.size() == 1 ? notes[0] : std::to_string(notes.size()) + " notes";
  };
  CHECK_THAT(note(folder, -1.7), Contains("the 30 images without a defect in 'right' score clearly lower"));
  CHECK_THAT(note(before, -1.7), Contains("with 'b' in their names (laneB_1000.png) score clearly lower"));
  CHECK_THAT(note(behind, 2.5), Contains("with '2' in their names (1000-2.png) score clearly higher"));
  CHECK_THAT(note(turns, 2.5), Contains("that are every second one, from the second on score clearly higher"));
  for (const std::function<std::string(size_t)>& name :
       std::vector<std::function<std::string(size_t)>>{folder, before, behind, turns})
    CHECK(notes_of_lanes(name, 0).empty());
}

TEST_CASE("a call whose normal images or alarms are unlike the calibration is said", "[iuf][drift]") {
  CHECK(notes_of(drawn(40, 0, 7), 100).empty());
  const std::vector<std::string> higher = notes_of(drawn(40, 2, 8), 100);
  REQUIRE(higher.size() == 1);
  CHECK_THAT(higher[0], Contains("'gear': the 40 images") && Contains("clearly higher") && Contains("iuf calibrate"));
  CHECK_THAT(notes_of(drawn(40, -2, 9), 100).at(0), Contains("clearly lower"));
  CHECK_THAT(notes_of(drawn(40, 9, 10), 2).at(0), Contains("40 of 40 images are alarms"));
  CHECK(notes_of(drawn(10, 9, 11), 2).empty());
}
