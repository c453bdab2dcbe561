// A test image or a mask that could not be used ended the whole run; a missing mask made every pixel figure of its
// object n/a without a reason.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "iuf/run/evaluation.h"
#include "iuf/run/object_figures.h"
#include "support/temporary_folder.h"
#include "tensor/error.h"

using namespace iuf;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;

namespace {

Image picture(int number) {
  Image image = blank_image(80, 60, 3);
  for (size_t i = 0; i < image.pixels.size(); ++i)
    image.pixels[i] =
        static_cast<uint8_t>(100 + 20 * ((i / 37) % 3) + (i * 7919 + static_cast<size_t>(number) * 31) % 9);
  return image;
}

Image spot(int number) {
  Image image = picture(number);
  for (int y = 20; y < 35; ++y) std::fill_n(image.row(y) + 3 * 30, 3 * 20, static_cast<uint8_t>(250));
  return image;
}

Image spot_mask() {
  Image mask = blank_image(80, 60, 1);
  for (int y = 20; y < 35; ++y) std::fill_n(mask.row(y) + 30, 20, static_cast<uint8_t>(255));
  return mask;
}

void write_text(const fs::path& file, const std::string& text) {
  std::ofstream(file) << text;
}

// But for that these are few images (too_few_to_rank), which holds throughout.
std::vector<std::string> notes_of(ObjectResult result) {
  std::erase_if(result.notes, [](const std::string& note) { return note.ends_with("so that it says little"); });
  return result.notes;
}

/// A model that has learned one object, and its test images, which a test may spoil: 3 normal ones and 4 defects.
struct ModelBench {
  TemporaryFolder folder;
  Model model;
  Dataset data;
  std::vector<std::string> said = {};

  static Settings settings(const std::string& method) {
    Settings s = starting_settings("fast", method);
    s.image_size = 64;
    s.grid = 4;
    return s;
  }
  explicit ModelBench(const std::string& method = "gaussian")
      : model("fast", method, settings(method), Backbone::embedded()) {
    std::vector<std::string> normal;
    for (int i = 0; i < 6; ++i) {
      normal.push_back((folder / ("train" + std::to_string(i) + ".png")).string());
      write_png(normal.back(), picture(i));
    }
    model.learn({{"part", normal}}, cache(), {});
    data.objects = {"part"};
    for (int i = 0; i < 3; ++i) add("good" + std::to_string(i), picture(10 + i), {});
    for (int i = 0; i < 4; ++i) {
      const fs::path mask = folder / ("mask" + std::to_string(i) + ".png");
      write_png(mask, spot_mask());
      add("spot" + std::to_string(i), spot(20 + i), {mask});
    }
  }
  void add(const std::string& stem, const Image& image, const std::vector<fs::path>& masks) {
    const fs::path file = folder / (stem + ".png");
    write_png(file, image);
    const bool defect = stem.starts_with("spot");
    data.samples.push_back({file, "part", false, defect, defect ? "spot" : "good", masks});
  }
  Sample& defect(size_t i) { return data.samples[3 + i]; }
  FeatureCache cache() const { return {folder.path() / "cache", model.extractor()}; }
  ObjectEvaluation measure() { return evaluate(model, data, {"part"}, cache(), {.folder = gallery()}, {}).at(0); }
  fs::path gallery() const {
    fs::create_directories(folder / "gallery");
    return folder / "gallery";
  }
};

}  // namespace

TEST_CASE("good data has all figures, no reasons and no errors", "[issues][unusable]") {
  const ObjectEvaluation whole = ModelBench().measure();
  CHECK(whole.result.image.auroc);
  CHECK(*whole.result.pixel.auroc > 0.5);
  CHECK(whole.result.aupro);
  CHECK(whole.result.pixel_images == 7);
  CHECK(whole.result.errors == 0);
  CHECK(whole.result.reasons.empty());
  CHECK(notes_of(whole.result).empty());
  CHECK(remarks_on({whole.result}).size() == 1);
}

TEST_CASE("a test image that cannot be used costs its own figures alone", "[issues][unusable]") {
  ModelBench bench;
  const size_t which = GENERATE(size_t{1}, size_t{4});  // a normal image, a defect
  const fs::path file = bench.data.samples[which].file;
  SECTION("damaged") {
    fs::resize_file(file, 300);
  }
  SECTION("no image") {
    write_text(file, "not a picture");
  }
  SECTION("empty") {
    write_text(file, "");
  }
  SECTION("gone") {
    fs::remove(file);
  }
  const ObjectEvaluation found = bench.measure();
  REQUIRE(found.images.size() == 7);
  for (size_t i = 0; i < 7; ++i) {
    CHECK((found.images[i].decision() == Verdict::error) == (i == which));
    CHECK(found.images[i].error.empty() == (i != which));
  }
  CHECK_THAT(found.images[which].error, Contains(file.filename().string()));
  CHECK(std::isnan(found.images[which].score));
  CHECK(found.result.errors == 1);
  REQUIRE(found.result.error_texts.size() == 1);
  CHECK_THAT(found.result.error_texts[0], Contains(file.filename().string()));
  CHECK(found.result.test_normal + found.result.test_defect == 6);
  CHECK(found.result.pixel_images == 6);
  CHECK(found.result.image.auroc);
  CHECK(found.result.aupro);
  REQUIRE(notes_of(found.result).size() == 1);
  CHECK_THAT(notes_of(found.result)[0], Contains("1 test image") && Contains(file.filename().string()));
  // The same figures as without the image.
  bench.data.samples.erase(bench.data.samples.begin() + static_cast<std::ptrdiff_t>(which));
  const ObjectEvaluation without = bench.measure();
  CHECK(found.result.image.auroc == without.result.image.auroc);
  CHECK(found.result.pixel.average_precision == without.result.pixel.average_precision);
  CHECK(found.result.aupro == without.result.aupro);
}

TEST_CASE("a mask that cannot be used costs the pixel figures of its image alone", "[issues][unusable]") {
  ModelBench bench;
  const ObjectEvaluation whole = bench.measure();
  const fs::path mask = bench.defect(2).masks[0];
  SECTION("of another size") {
    write_png(mask, blank_image(60, 80, 1));
  }
  SECTION("damaged") {
    fs::resize_file(mask, 40);
  }
  SECTION("no image") {
    write_text(mask, "not a mask");
  }
  SECTION("gone") {
    fs::remove(mask);
  }
  SECTION("beside a good one") {
    bench.defect(2).masks.insert(bench.defect(2).masks.begin(), bench.defect(1).masks[0]);
    fs::remove(mask);
  }
  const ObjectEvaluation found = bench.measure();
  CHECK(found.result.errors == 1);
  CHECK_THAT(found.result.error_texts.at(0), Contains("mask2.png"));
  CHECK_THAT(found.images[5].mask_error, Contains("mask2.png"));
  CHECK(found.images[5].error.empty());
  CHECK(found.images[5].score == whole.images[5].score);
  CHECK(found.result.image.auroc == whole.result.image.auroc);
  CHECK(found.result.test_defect == 4);
  CHECK(found.result.pixel_images == 6);
  CHECK(found.result.aupro);
  CHECK(read_gallery(GalleryFiles{bench.gallery()}).items.size() == 5);
}

TEST_CASE("pixel figures are of the images that have what they need", "[issues][unusable]") {
  ModelBench bench;
  const size_t missing = GENERATE(size_t{1}, size_t{3});
  for (size_t i = 0; i < missing; ++i) bench.defect(i).masks.clear();
  const ObjectResult some = bench.measure().result;
  CHECK(some.pixel.auroc);
  CHECK(some.aupro);
  CHECK(some.without_mask == static_cast<int64_t>(missing));
  CHECK(some.pixel_images == 7 - static_cast<int64_t>(missing));
  CHECK(some.errors == 0);
  REQUIRE(notes_of(some).size() == 1);
  CHECK_THAT(notes_of(some)[0], Contains(std::to_string(missing) + " defective image") && Contains("spot0.png"));
}

TEST_CASE("every figure that is n/a has a reason", "[issues][unusable]") {
  ModelBench bench;
  const auto reasons_of = [&](const std::vector<std::string>& keys, const std::string& text, const std::string& file) {
    const ObjectResult result = bench.measure().result;
    std::vector<std::string> got;
    for (const auto& [key, reason] : result.reasons) {
      got.push_back(key);
      CHECK_THAT(reason, Contains(text) && Contains(file));
    }
    CHECK(got == keys);
    CHECK(remarks_on({result}).size() >= 1);
    CHECK(result.image.auroc.has_value() != result.reasons.contains("image_auroc"));
    CHECK(result.pixel.auroc.has_value() != result.reasons.contains("pixel_auroc"));
    CHECK(result.aupro.has_value() != result.reasons.contains("aupro"));
    CHECK(result.false_alarms.has_value() != result.reasons.contains("false_alarms"));
    CHECK(result.defects_found.has_value() != result.reasons.contains("defects_found"));
  };
  const std::vector<std::string> pixel = {"aupro", "pixel_ap", "pixel_auroc", "pixel_f1_max"};
  SECTION("no mask") {
    for (size_t i = 0; i < 4; ++i) bench.defect(i).masks.clear();
    reasons_of(pixel, "no mask for any of 4 defective images", "spot0.png");
  }
  SECTION("empty masks") {
    for (size_t i = 0; i < 4; ++i) write_png(bench.defect(i).masks[0], blank_image(80, 60, 1));
    reasons_of(pixel, "no mask that shows anything for any of 4 defective images", "spot0.png");
  }
  SECTION("masks of another size") {
    for (size_t i = 0; i < 4; ++i) write_png(bench.defect(i).masks[0], blank_image(8, 6, 1));
    reasons_of(pixel, "no mask that can be used for any of 4 defective images", "mask0.png");
  }
  SECTION("no normal image") {
    bench.data.samples.erase(bench.data.samples.begin(), bench.data.samples.begin() + 3);
    reasons_of({"false_alarms", "image_ap", "image_auroc", "image_f1_max"}, "no normal test image", "test/good");
  }
  SECTION("no defect") {
    bench.data.samples.resize(3);
    reasons_of({"aupro", "defects_found", "image_ap", "image_auroc", "image_f1_max", "pixel_ap", "pixel_auroc",
                "pixel_f1_max"},
               "no defective test image", "test/KIND");
  }
  SECTION("nothing") {
    bench.data.samples.clear();
    reasons_of({"aupro", "defects_found", "false_alarms", "image_ap", "image_auroc", "image_f1_max", "pixel_ap",
                "pixel_auroc", "pixel_f1_max", "recognised"},
               "no test image", "test/good");
  }
  SECTION("nothing that can be used") {
    for (const Sample& sample : bench.data.samples) write_text(sample.file, "x");
    reasons_of({"aupro", "defects_found", "false_alarms", "image_ap", "image_auroc", "image_f1_max", "pixel_ap",
                "pixel_auroc", "pixel_f1_max", "recognised"},
               "no test image that can be used", "good0.png");
  }
}

TEST_CASE("scores.csv says which images were not measured, and files without these columns are still read",
          "[issues][unusable]") {
  ModelBench bench;
  write_text(bench.data.samples[1].file, "x");
  write_text(bench.defect(0).masks[0], "x");
  const std::string csv = scores_csv({bench.measure()});
  const std::vector<ScoredImage> images = from_csv<ScoredImage>(csv, "csv");
  CHECK(std::ranges::count(images, Verdict::error, &ScoredImage::decision) == 1);
  CHECK_THAT(images[1].error, Contains("good1.png"));
  CHECK(images[1].decision() == Verdict::error);
  CHECK_THAT(images[3].mask_error, Contains("mask0.png"));
  CHECK(images[3].decision() != Verdict::error);
  const std::string old =
      "object,file,label,label_name,score,threshold,verdict,predicted_object,confidence\npart,a.png,0,good,1,2,ok,part,"
      "1\n";
  CHECK(from_csv<ScoredImage>(old, "old").at(0).decision() == Verdict::ok);
}

TEST_CASE("an image that is unlike all normal ones is an alarm, and counted apart", "[issues][unusable]") {
  ModelBench bench;
  ObjectFigures figures(bench.model.objects()[0]);
  const auto add = [&](bool defect, double score, std::optional<double> novelty) {
    figures.add({.object = "part",
                 .file = "f",
                 .defect = defect,
                 .score = score,
                 .threshold = 1.0,
                 .predicted_object = "part",
                 .novelty = novelty},
                PixelShare::counted);
  };
  add(true, 2, 3);
  add(true, 0.5, 3);
  add(true, 0.5, 0.5);
  add(false, 0.5, 1.5);
  add(false, 0.5, std::nullopt);
  add(false, 0.5, NAN);
  const ObjectResult result = figures.result({}, {});
  CHECK(result.defects_found == 2);
  CHECK(result.unknown_defect == 2);
  CHECK(result.false_alarms == 1);
  CHECK(result.unknown_normal == 1);
  CHECK(result.test_normal == 2);
  CHECK(result.errors == 1);
  CHECK(result.notes.size() == 1);  // of the image that is no number alone
  for (int i = 0; i < 3; ++i) add(false, 5, 1.5);
  const std::vector<std::string> notes = figures.result({}, {}).notes;
  CHECK(std::ranges::any_of(notes, [](const std::string& note) {
    return note.starts_with("4 of 5 normal test images are unlike all that was learned");
  }));
}
