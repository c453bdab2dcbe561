#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "iuf/data/dataset.h"
#include "iuf/image/image.h"
#include "iuf/learn/calibration.h"
#include "iuf/learn/model.h"
#include "iuf/run/calibrate_model.h"
#include "iuf/run/exchanged_labels.h"
#include "iuf/run/figure_doubts.h"
#include "iuf/run/update_object.h"
#include "iuf/synthetic/data_set.h"
#include "nn/file.h"
#include "support/notes.h"
#include "support/temporary_folder.h"
#include "tensor/suggest.h"

using namespace iuf;
using Catch::Contains;

// One or two defects among the images to learn from, or in a lot that is calibrated with, set a threshold that passed
// nearly all defects; lots with wear that grew slowly were learned one after the other.

namespace {

std::vector<NormalScore> numbered_scores(const std::vector<double>& values) {
  std::vector<NormalScore> scores;
  for (size_t i = 0; i < values.size(); ++i)
    scores.push_back({.image = {"image" + std::to_string(i) + ".png", i, 0}, .score = values[i]});
  return scores;
}

// As an exponential distribution has them, or the absolute values of a normal one would be narrower still.
std::vector<double> exponential_scores(size_t count) {
  std::vector<double> values;
  for (size_t i = 0; i < count; ++i)
    values.push_back(3 - std::log(1 - (static_cast<double>(i) + 0.5) / static_cast<double>(count)));
  return values;
}

struct GearLots {
  TemporaryFolder folder = {};
  std::vector<std::filesystem::path> files = {};

  GearLots() {
    write_synthetic(folder / "parts", {.size = 96, .train = 100, .test_good = 1, .per_defect = 1, .objects = {"gear"}},
                    {});
    files = list_images(folder / "parts/gear/train");
  }
  // `count` parts from this one on, with a line across that is lighter by so many levels on every `every`th.
  std::vector<std::string> lot(const std::string& name, size_t begin, size_t count, int lighter,
                               size_t every = 1) const {
    std::filesystem::create_directories(folder / name);
    std::vector<std::string> images;
    for (size_t i = 0; i < count; ++i) {
      Image image = read_image(files[begin + i]);
      if (i % every == 0)
        for (int y = 44; y < 52; ++y)
          for (int x = 0; x < 3 * image.width; ++x)
            image.row(y)[x] = static_cast<uint8_t>(std::min(255, image.row(y)[x] + lighter));
      images.push_back((folder / name / (std::to_string(i) + ".png")).string());
      write_png(images.back(), image);
    }
    return images;
  }
  Model learned() const {
    Settings settings = starting_settings("fast", "gaussian");
    settings.image_size = 64;
    Model model("fast", "gaussian", settings, Backbone::embedded());
    model.learn({{"gear", lot("good", 0, 40, 0)}}, FeatureCache(folder / "cache", model.extractor()), {});
    model.save(folder / "model.safetensors");
    return model;
  }
  std::vector<double> scaled(const std::vector<std::string>& images) const {
    const Model model = Model::load(folder / "model.safetensors", {});
    std::vector<double> scores;
    for (const std::string& image : images)
      scores.push_back(*scaled_score(model.objects()[0], model.judge(read_image(image), 0).score));
    return scores;
  }
};

}  // namespace

TEST_CASE("a threshold that hangs on few images names them", "[issues][hanging]") {
  std::vector<double> values = exponential_scores(60);
  CHECK(hangs_on_text(numbered_scores(values), {}, 0.01).empty());
  const double highest = values.back(), middle = values[30];
  values.push_back(middle + 2.3 * (highest - middle));
  CHECK_THAT(hangs_on_text(numbered_scores(values), {}, 0.01),
             Contains("hangs on 1 of 61 normal images, image60.png, and would"));
  values.push_back(values.back() + 0.1);
  values.push_back(values.back() + 0.1);
  CHECK_THAT(hangs_on_text(numbered_scores(values), {}, 0.01),
             Contains("hangs on 3 of 63 normal images, the highest score: image62.png, and would"));

  SECTION("many high ones are how the scores are") {
    for (int i = 0; i < 8; ++i) values.push_back(values.back() + 0.1);
    CHECK(hangs_on_text(numbered_scores(values), {}, 0.01).empty());
  }
  SECTION("among others, only one that is known is named") {
    CHECK(hangs_on_text(numbered_scores({4, 5}), values, 0.01).empty());
    CHECK_THAT(hangs_on_text(numbered_scores({4, 5, 100}), values, 0.01),
               Contains("hangs on 1 of 66 normal images, image2.png"));
  }
  SECTION("a threshold far below the highest scores does not hang on them") {
    std::vector<double> many = exponential_scores(1000);
    many.push_back(50);
    CHECK(hangs_on_text(numbered_scores(many), {}, 0.01).empty());
    CHECK_THAT(hangs_on_text(numbered_scores(many), {}, 0.0005), Contains("hangs on 1 of 1001"));
  }
}

TEST_CASE("a defect in a lot for calibration is named", "[issues][hanging]") {
  const GearLots parts;
  parts.learned();
  for (int lighter = 4; lighter < 100; lighter += 2) {  // a defect, but not one that stands apart
    const double score = parts.scaled(parts.lot("one", 40, 1, lighter))[0];
    if (score > 1.7) break;
  }
  std::filesystem::rename(parts.folder / "one/0.png", parts.folder / "one/missed.png");
  const std::vector<std::string> good = parts.lot("lot", 41, 20, 0);
  std::filesystem::rename(parts.folder / "one/missed.png", parts.folder / "lot/missed.png");
  CalibrateOptions o;
  o.model = parts.folder / "model.safetensors";
  o.object = "gear";
  o.folder = parts.folder / "lot";
  Notes notes;
  calibrate_model(o, notes.progress());
  INFO(joined(notes.notes, "\n"));
  CHECK_THAT(joined(notes.notes, "\n"), Contains("hangs on 1 of 61 normal images, ") && Contains("missed.png"));
}

TEST_CASE("wear that grows from lot to lot is told", "[issues][hanging]") {
  const GearLots parts;
  parts.learned();
  Notes notes;
  int lighter = 0;
  for (size_t n = 0; n < 4; ++n) {
    const std::string name = "lot" + std::to_string(n);
    std::vector<std::string> images;
    for (int more = 40; more > 0; more -= 2) {  // as far as the present model goes along
      images = parts.lot(name, 40 + 15 * n, 15, lighter + more);
      const std::vector<double> scores = parts.scaled(images);
      if (2 * std::ranges::count_if(scores, [](double s) { return s > 1; }) > std::ssize(scores)) continue;
      lighter += more;
      break;
    }
    UpdateOptions o;
    o.model = parts.folder / "model.safetensors";
    o.object = "gear";
    o.folder = parts.folder / name;
    update_object(o, notes.progress());
  }
  INFO(joined(notes.notes, "\n"));
  CHECK_THAT(joined(notes.notes, "\n"), Contains("these images score clearly higher than the normal ones"));
  CHECK_THAT(joined(notes.notes, "\n"), Contains("gear: by version 1, ") && Contains("changed lot by lot"));
}

TEST_CASE("defects that pass above every normal image, and labels that scores do not follow", "[issues][hanging]") {
  std::vector<ScoredImage> images;
  const auto add = [&](bool defect, double score) {
    images.push_back({.object = "gear", .defect = defect, .score = score, .threshold = 9, .predicted_object = "gear"});
  };
  for (int i = 0; i < 40; ++i) add(false, 3 + 0.05 * i);
  for (int i = 0; i < 40; ++i) add(true, 6 + 0.1 * i);
  CHECK_THAT(passed_above_normal(images), Contains("of 40 defective test images pass, though they score above every"));
  CHECK(labels_without_order(images).empty());
  for (ScoredImage& image : images) image.threshold = 7;
  CHECK(passed_above_normal(images).empty());
  for (ScoredImage& image : images) image.threshold = 9;
  images[0].score = 8.5;  // a normal one that is as high: no threshold would do
  CHECK(passed_above_normal(images).empty());

  for (size_t i = 0; i < images.size(); ++i) images[i].score = static_cast<double>(i % 40);
  CHECK_THAT(labels_without_order(images), Contains("no better than chance does (image AUROC 50.0)"));
  images.resize(44);  // four defects: chance has any AUROC
  CHECK(labels_without_order(images).empty());
  for (ScoredImage& image : images) image.predicted_object = "bolt";
  CHECK(labels_without_order(images).empty());
}

TEST_CASE("an AUROC of so few images that chance gives 100 is questioned", "[issues][hanging]") {
  const auto images = [](size_t normal, size_t defects) {
    std::vector<ScoredImage> all(normal + defects);
    for (size_t i = 0; i < all.size(); ++i)
      all[i] = {.object = "gear", .defect = i >= normal, .score = static_cast<double>(i), .predicted_object = "gear"};
    return all;
  };
  CHECK_THAT(too_few_to_rank(images(2, 2)), Contains("2 normal and 2 defective test images") && Contains(" 16.7 %"));
  CHECK_THAT(too_few_to_rank(images(60, 1)), Contains(" 1.6 %"));
  CHECK(too_few_to_rank(images(5, 5)).empty());
  CHECK(too_few_to_rank(images(100, 1)).empty());
  CHECK(too_few_to_rank(images(14, 8)).empty());
  CHECK(too_few_to_rank(images(9, 0)).empty());
  CHECK(too_few_to_rank(images(0, 9)).empty());
}
