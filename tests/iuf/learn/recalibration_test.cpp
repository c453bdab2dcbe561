#include "iuf/learn/recalibration.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "iuf/features/training_image.h"
#include "iuf/learn/calibration.h"
#include "iuf/learn/held_out.h"
#include "iuf/stats/conformal.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Contains;

namespace {

ObjectRecord learned() {
  ObjectRecord object;
  object.name = "gear";
  for (int i = 1; i <= 199; ++i) object.scores.push_back(i);
  object.threshold = 198;
  object.false_alarms = 0.01;
  object.low = 0;
  object.high = 2 * 198;
  return object;
}

}  // namespace

TEST_CASE("a threshold is set anew from the scores that are kept, and brought back", "[iuf][calibration]") {
  ObjectRecord object = learned();
  set_false_alarms(object, 0.1);
  CHECK(object.threshold == 180);
  CHECK(object.false_alarms == 0.1);
  CHECK(object.high == 360);  // the middle of the colour scale
  set_threshold(object, 50);
  CHECK(object.threshold == 50);
  CHECK_FALSE(object.false_alarms);
  CHECK(object.earlier.size() == 2);
  CHECK_THROWS_WITH(take_normal_scores(object, {{1}, {7}}, LaterImages::add, std::nullopt), Contains("say which one"));
  undo_calibration(object);
  CHECK(object.threshold == 180);
  undo_calibration(object);
  CHECK(object.threshold == 198);
  CHECK(object.high == 396);
  CHECK_THROWS_WITH(undo_calibration(object), Contains("'gear'") && Contains("never changed"));
  CHECK_THROWS_AS(set_threshold(object, NAN), Error);
}

TEST_CASE("later normal scores are added to those of learning, or take their place", "[iuf][calibration]") {
  ObjectRecord object = learned();
  take_normal_scores(object, {{500, 400}, {9, 8}}, LaterImages::add, std::nullopt);
  CHECK(object.scores.size() == 201);
  CHECK(object.scores.back() == 500);
  CHECK(object.later_photographs == std::vector<uint64_t>{8, 9});
  CHECK(object.threshold == 400);  // 2 of 202 ranks
  take_normal_scores(object, {{3, 1, 2}, {5, 6, 7}}, LaterImages::replace, 0.5);
  CHECK(object.scores == std::vector<double>{1, 2, 3});
  CHECK(object.later_photographs.size() == 3);
  CHECK(object.threshold == 2);
  undo_calibration(object);
  CHECK(object.scores.size() == 201);
  ObjectRecord old;
  old.name = "washer";
  old.threshold = 3;
  CHECK_THROWS_WITH(set_false_alarms(old, 0.01), Contains("'washer'") && Contains("keeps no scores"));
  set_threshold(old, 4);
  CHECK(old.threshold == 4);
}

TEST_CASE("many changes keep what learning gave and the last ones", "[iuf][calibration]") {
  ObjectRecord object = learned();
  for (int i = 1; i <= 50; ++i) set_threshold(object, i);
  CHECK(object.earlier.size() == kMostEarlier + 1);
  CHECK(object.earlier.front().threshold == 198);
  CHECK(object.earlier.back().threshold == 49);
}

TEST_CASE("a calibration that makes no sense has a fault", "[iuf][calibration]") {
  CHECK(fault_of(learned()).empty());
  CHECK(fault_of(Calibration()).empty());
  CHECK_FALSE(fault_of({.scores = {2, 1}}).empty());
  CHECK_FALSE(fault_of({.scores = {1, NAN}}).empty());
  CHECK_FALSE(fault_of({.threshold = INFINITY}).empty());
  for (const double share : {0.0, 1.0, -1.0, static_cast<double>(NAN)})
    CHECK_FALSE(fault_of({.false_alarms = share}).empty());
}

TEST_CASE("a scaled score is 1 at the threshold and 0 where scores are usual", "[iuf][calibration]") {
  const ObjectRecord object = learned();
  CHECK(scaled_score(object, 198) == Approx(1));
  CHECK(scaled_score(object, 100) == Approx(0));
  CHECK(scaled_score(object, 1000) > 1);
  CHECK_FALSE(scaled_score(ObjectRecord(), 1));
  Calibration all_alike{.threshold = 2, .scores = {2, 2, 2}};
  CHECK_FALSE(scaled_score(all_alike, 2));
}

TEST_CASE("images are spread over folds evenly, groups together, and very many are not all judged",
          "[iuf][calibration]") {
  const auto assigned = [](size_t count, size_t in_group) {
    std::vector<TrainingImage> images(count);
    std::vector<size_t> groups;
    for (size_t i = 0; i < count; ++i) groups.push_back(i / in_group);
    assign_folds(images, groups, 7);
    return images;
  };
  const auto sizes = [](const std::vector<TrainingImage>& images) {
    std::vector<int> count(kMostFolds);
    for (const TrainingImage& image : images)
      if (image.fold >= 0) ++count.at(static_cast<size_t>(image.fold));
    return count;
  };
  for (const int size : sizes(assigned(100, 1))) CHECK(size == 5);
  for (const TrainingImage& image : assigned(1, 1)) CHECK(image.fold == -1);
  for (const TrainingImage& image : assigned(6, 6)) CHECK(image.fold == -1);
  for (const TrainingImage& image : assigned(2, 1)) CHECK(image.fold == -1);  // one would be left
  for (const TrainingImage& image : assigned(3, 2)) CHECK(image.fold == -1);
  CHECK(assigned(3, 1)[0].fold + assigned(3, 1)[1].fold + assigned(3, 1)[2].fold == 3);
  const std::vector<TrainingImage> frames = assigned(60, 3);
  for (size_t i = 0; i < frames.size(); ++i) CHECK(frames[i].fold == frames[i / 3 * 3].fold);
  for (const int size : sizes(frames)) CHECK(size == 3);
  int judged = 0;
  for (const int size : sizes(assigned(5000, 1))) judged += size;
  CHECK(judged == static_cast<int>(kMostJudged));
}

TEST_CASE("groups are held out together, until there are enough", "[iuf][calibration]") {
  const std::vector<int64_t> order = {3, 0, 1, 2, 4, 5, 6, 7, 8, 9};
  CHECK(held_out_groups({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, order, 0.15) == std::set<size_t>{3, 0});
  CHECK(held_out_groups({0, 0, 0, 1, 1, 1, 2, 2, 2, 3}, order, 0.15) == std::set<size_t>{1});
  CHECK(held_out_groups({0, 0, 0, 1, 1, 1, 2, 2, 2, 3}, order, 0.4) == std::set<size_t>{1, 0});
  CHECK(held_out_groups({0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, order, 0.15).empty());
  CHECK(held_out_groups({0, 1, 2}, {0, 1, 2}, 0.5).empty());
}
