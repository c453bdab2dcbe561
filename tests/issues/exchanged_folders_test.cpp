// Test images whose folders or labels of good and defective ones are exchanged: AUROC 0 to 20, and nothing said.
#include <algorithm>
#include <catch2/catch.hpp>

#include "iuf/data/dataset.h"
#include "iuf/run/evaluation.h"
#include "iuf/run/exchanged_labels.h"
#include "iuf/synthetic/data_set.h"
#include "support/temporary_folder.h"
#include "tensor/suggest.h"

using namespace iuf;
using Catch::Contains;

namespace {

constexpr const char* kAsks = "are the labels or folders of good and defective ones exchanged?";

std::vector<ScoredImage> images(const std::vector<std::pair<double, bool>>& scores,
                                const std::string& judged_as = "nut") {
  std::vector<ScoredImage> all;
  for (const auto& [score, defect] : scores)
    all.push_back({.object = "nut", .defect = defect, .score = score, .threshold = 1, .predicted_object = judged_as});
  return all;
}

// So many normal ones above so many defects.
std::vector<std::pair<double, bool>> reversed(int normal, int defects) {
  std::vector<std::pair<double, bool>> scores;
  for (int i = 0; i < normal; ++i) scores.emplace_back(2 + i, false);
  for (int i = 0; i < defects; ++i) scores.emplace_back(0.1 + 0.01 * i, true);
  return scores;
}

}  // namespace

TEST_CASE("exchanged test folders are asked about", "[issues][labels]") {
  const TemporaryFolder folder;
  write_synthetic(folder / "data",
                  {.seed = 5, .size = 96, .train = 24, .test_good = 8, .per_defect = 2, .objects = {"gear"}}, {});
  Settings settings = starting_settings("fast", "gaussian");
  settings.image_size = 64;
  Model model("fast", "gaussian", settings, Backbone::embedded());
  Dataset data = read_dataset(folder / "data");
  std::vector<std::string> normal;
  for (const Sample& sample : data.select(data.objects[0], Part::train)) normal.push_back(sample.file.string());
  const FeatureCache cache(folder / "cache", model.extractor());
  model.learn({{data.objects[0], normal}}, cache, {});
  const auto said = [&] {
    const std::vector<ObjectEvaluation> measured = evaluate(model, data, data.objects, cache, {}, {});
    return joined(measured.front().result.notes, "\n");
  };
  CHECK_THAT(said(), !Contains(kAsks));
  for (Sample& sample : data.samples) {
    if (sample.train) continue;
    sample.defect = !sample.defect;
    sample.masks.clear();
  }
  CHECK_THAT(said(), Contains(kAsks));
}

TEST_CASE("labels are asked about only where chance does not explain them", "[issues][labels]") {
  CHECK_THAT(exchanged_labels(images(reversed(5, 5)), 1), Contains(kAsks) && Contains("AUROC 0.0"));
  CHECK(exchanged_labels(images(reversed(4, 4)), 1).empty());  // 1 of 70 orders
  CHECK(exchanged_labels(images(reversed(5, 5)), 3).empty());  // of three objects one is so more often
  CHECK_FALSE(exchanged_labels(images(reversed(8, 8)), 3).empty());
  CHECK(exchanged_labels(images(reversed(5, 0)), 1).empty());
  CHECK(exchanged_labels({}, 1).empty());
  CHECK(exchanged_labels(images(reversed(20, 20), "bolt"), 1).empty());  // the scores of another object

  auto below = reversed(200, 200);  // an AUROC of 40 is no chance, but no exchange either
  for (size_t i = 0; i < 80; ++i) below[200 + i].first = 1000;
  CHECK(exchanged_labels(images(below), 1).empty());
  auto right = reversed(20, 20);
  for (auto& [score, defect] : right) defect = !defect;
  CHECK(exchanged_labels(images(right), 1).empty());

  auto failed = images(reversed(5, 5));
  for (size_t i = 0; i < 4; ++i) failed[i].error = "damaged";
  CHECK(exchanged_labels(failed, 1).empty());
}
