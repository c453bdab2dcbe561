#include "c_api/iuf.h"

#include <omp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "iuf/run/judged_image.h"
#include "nn/file.h"
#include "support/small_model.h"
#include "tensor/float_mode.h"

namespace iuf {
namespace {

struct FreeModel {
  void operator()(iuf_model* model) const { iuf_model_free(model); }
};
struct FreeJudgement {
  void operator()(iuf_judgement* judgement) const { iuf_judgement_free(judgement); }
};
using Handle = std::unique_ptr<iuf_model, FreeModel>;
using Said = std::unique_ptr<iuf_judgement, FreeJudgement>;

// A model on disk, and a handle on it.
struct Opened {
  SmallModel small{"gaussian"};
  std::string path = (small.folder / "model.safetensors").string();
  Handle handle = {};

  Opened() {
    small.model->save(path);
    iuf_model* model = nullptr;
    REQUIRE(iuf_model_load(path.c_str(), &model) == IUF_OK);
    handle.reset(model);
  }
  iuf_model* get() const { return handle.get(); }
  std::string image(const std::string& object = "gear") const { return small.images(object).front(); }
  std::filesystem::path folder(const std::string& object) const { return small.folder / "data" / object; }
  std::string defect() const {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder("gear") / "test"))
      if (entry.is_regular_file() && entry.path().parent_path().filename() != "good") return entry.path().string();
    return "";
  }
};

iuf_summary summary_of(const iuf_judgement* judgement) {
  iuf_summary summary;
  REQUIRE(iuf_judgement_summary(judgement, &summary, sizeof summary) == IUF_OK);
  return summary;
}

Said judged(const Opened& opened, const std::string& file, const char* object = nullptr) {
  iuf_judgement* judgement = nullptr;
  INFO(iuf_last_error());
  REQUIRE(iuf_judge_file(opened.get(), file.c_str(), object, &judgement) == IUF_OK);
  return Said(judgement);
}

// A folder of images of another product.
std::filesystem::path plates(const Opened& opened) {
  const std::filesystem::path folder = opened.small.folder / "new" / "gear plate";
  std::filesystem::create_directories(folder);
  for (const std::string& file : opened.small.images("gear")) {
    Image image = read_image(file);
    for (uint8_t& value : image.pixels) value = static_cast<uint8_t>(255 - value);
    write_png(folder / std::filesystem::path(file).filename(), image);
  }
  return folder;
}

// What the program says of a photograph.
struct Expected {
  Image image;
  Prediction said = {};
  ScoreMap map = {};
};
Expected expected(const Model& model, const std::string& file) {
  Expected e{model.extractor().read(file).image};
  e.map = judge_image(model, e.image, std::nullopt, e.said);
  return e;
}

iuf_object object_of(const Opened& opened, size_t number) {
  iuf_object object;
  REQUIRE(iuf_model_object(opened.get(), number, &object, sizeof object) == IUF_OK);
  return object;
}

bool says(const std::string& text) {
  INFO(iuf_last_error());
  return std::string(iuf_last_error()).find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("the C library says of a photograph what the program says, to the last bit", "[c_api]") {
  const Opened opened;
  for (const std::string& file : {opened.image("biscuit"), opened.image("gear"), opened.defect()}) {
    const Said said = judged(opened, file);
    const iuf_summary s = summary_of(said.get());
    const Expected e = expected(*opened.small.model, file);
    CHECK(s.score == e.said.score);
    CHECK(s.threshold == e.said.threshold.value());
    CHECK(s.confidence == e.said.confidence);
    CHECK((std::isnan(s.scaled_score) ? std::nullopt : std::optional(s.scaled_score)) == e.said.scaled_score);
    CHECK((std::isnan(s.novelty) ? std::nullopt : std::optional(s.novelty)) == e.said.novelty);
    CHECK(std::string(s.verdict_name) == name_of(e.said.decision()));
    CHECK(s.object == e.said.object);
    CHECK(s.fits_better == nullptr);
    CHECK(s.width == e.image.width);
    CHECK(s.height == e.image.height);
    REQUIRE(s.regions == e.said.regions.size());
    for (size_t i = 0; i < s.regions; ++i) {
      iuf_region r;
      REQUIRE(iuf_judgement_region(said.get(), i, &r, sizeof r) == IUF_OK);
      CHECK(DefectRegion{r.x, r.y, r.width, r.height, r.area, r.peak, r.peak_x, r.peak_y} == e.said.regions[i]);
    }
    REQUIRE(s.map_side == e.map.scores.dim(0));
    CHECK(std::memcmp(iuf_judgement_map(said.get()), e.map.scores.data(), e.map.scores.span().size_bytes()) == 0);
    std::vector<uint8_t> painted = e.image.pixels;
    REQUIRE(iuf_judgement_paint(said.get(), painted.data(), 0) == IUF_OK);
    CHECK(painted == e.map.over(e.image).pixels);
  }
  CHECK(summary_of(judged(opened, opened.defect()).get()).regions > 0);
  CHECK(summary_of(judged(opened, opened.image("gear"), "biscuit").get()).object == std::string("biscuit"));
  CHECK(summary_of(judged(opened, opened.image("gear"), "biscuit").get()).fits_better == std::string("gear"));
}

TEST_CASE("bytes of a file and pixels in memory are judged as the file is", "[c_api]") {
  const Opened opened;
  const std::string file = opened.defect();
  const double score = summary_of(judged(opened, file).get()).score;
  iuf_judgement* judgement = nullptr;
  const std::vector<std::byte> bytes = read_file(file);
  REQUIRE(iuf_judge_encoded(opened.get(), bytes.data(), bytes.size(), nullptr, &judgement) == IUF_OK);
  CHECK(summary_of(Said(judgement).get()).score == score);

  const Image image = expected(*opened.small.model, file).image;
  struct Layout {
    iuf_pixels format;
    size_t bytes, red, blue;
  };
  for (const Layout& layout :
       {Layout{IUF_RGB8, 3, 0, 2}, {IUF_BGR8, 3, 2, 0}, {IUF_RGBA8, 4, 0, 2}, {IUF_BGRA8, 4, 2, 0}}) {
    const size_t stride = static_cast<size_t>(image.width) * layout.bytes + 5;
    std::vector<uint8_t> pixels(stride * static_cast<size_t>(image.height), 77);
    for (int y = 0; y < image.height; ++y)
      for (size_t x = 0; x < static_cast<size_t>(image.width); ++x) {
        uint8_t* pixel = pixels.data() + static_cast<size_t>(y) * stride + x * layout.bytes;
        pixel[layout.red] = image.row(y)[3 * x];
        pixel[1] = image.row(y)[3 * x + 1];
        pixel[layout.blue] = image.row(y)[3 * x + 2];
      }
    REQUIRE(iuf_judge_pixels(opened.get(), pixels.data(), image.width, image.height, stride, layout.format, nullptr,
                             &judgement) == IUF_OK);
    CHECK(summary_of(Said(judgement).get()).score == score);
  }
}

TEST_CASE("gray pixels are judged as gray files, those of 16 bits by the model's window", "[c_api]") {
  const Opened opened;
  constexpr int side = 20;
  Image gray{side, side, 1, {}};
  std::vector<uint16_t> deep;
  for (int i = 0; i < side * side; ++i) {
    gray.pixels.push_back(static_cast<uint8_t>(i * 7 % 256));
    deep.push_back(static_cast<uint16_t>(gray.pixels.back() * 256 + 3));
  }
  const std::string file = (opened.small.folder / "gray.png").string();
  write_png(file, gray);
  const double score = summary_of(judged(opened, file).get()).score;
  iuf_judgement* judgement = nullptr;
  REQUIRE(iuf_judge_pixels(opened.get(), gray.pixels.data(), side, side, 0, IUF_GRAY8, nullptr, &judgement) == IUF_OK);
  CHECK(summary_of(Said(judgement).get()).score == score);
  REQUIRE(iuf_judge_pixels(opened.get(), deep.data(), side, side, 0, IUF_GRAY16, nullptr, &judgement) == IUF_OK);
  CHECK(summary_of(Said(judgement).get()).score == score);
}

TEST_CASE("ten threads judge by one handle, while its thresholds change", "[c_api]") {
  const Opened opened;
  const std::vector<std::string> files = {opened.image("biscuit"), opened.image("gear"), opened.defect()};
  std::vector<double> scores;
  for (const std::string& file : files) scores.push_back(expected(*opened.small.model, file).said.score);
  std::vector<int> right(10);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < right.size(); ++t)
    threads.emplace_back([&, t] {
      for (size_t i = 0; i < 6; ++i) {
        iuf_judgement* judgement = nullptr;
        const size_t which = (t + i) % files.size();
        if (iuf_judge_file(opened.get(), files[which].c_str(), nullptr, &judgement) != IUF_OK) return;
        iuf_summary summary;
        right[t] += iuf_judgement_summary(judgement, &summary, sizeof summary) == IUF_OK &&
                    summary.score == scores[which] && summary.threshold > 0;
        iuf_judgement_free(judgement);
      }
    });
  for (const double threshold : {7.0, 8.0, 9.0})
    CHECK(iuf_calibrate_threshold(opened.get(), "gear", threshold) == IUF_OK);
  for (std::thread& thread : threads) thread.join();
  CHECK(right == std::vector<int>(10, 6));
}

TEST_CASE("thresholds are changed in the model's file, and back", "[c_api]") {
  const Opened opened;
  REQUIRE(iuf_model_objects(opened.get()) == 2);
  const iuf_object before = object_of(opened, 1);
  CHECK(before.name == std::string("gear"));
  CHECK(before.images == 6);
  CHECK(before.calibration_images > 0);
  CHECK(iuf_calibrate_threshold(opened.get(), "gear", 12.5) == IUF_OK);
  CHECK(object_of(opened, 1).threshold == 12.5);
  CHECK(std::isnan(object_of(opened, 1).false_alarms));
  CHECK(Model::load(opened.path).objects()[1].threshold == 12.5);
  CHECK(summary_of(judged(opened, opened.image("gear")).get()).threshold == 12.5);
  CHECK(iuf_calibrate_back(opened.get(), "gear") == IUF_OK);
  CHECK(object_of(opened, 1).threshold == before.threshold);
  CHECK(iuf_calibrate(opened.get(), nullptr, 0.2) == IUF_OK);
  CHECK(object_of(opened, 0).false_alarms == 0.2);
  CHECK(object_of(opened, 1).false_alarms == 0.2);
  const std::string good = (opened.folder("gear") / "test" / "good").string();
  CHECK(iuf_calibrate_images(opened.get(), "gear", good.c_str(), 0, IUF_NORMAL) == IUF_OK);
  CHECK(object_of(opened, 1).calibration_images == before.calibration_images + 1);
  CHECK(std::string(before.name) == "gear");  // still there

  CHECK(iuf_calibrate(opened.get(), "gaer", 0.2) == IUF_FAILED);
  CHECK(says("did you mean 'gear'"));
  CHECK(iuf_calibrate(opened.get(), "gear", 2) == IUF_WRONG_USE);
  CHECK(iuf_calibrate_threshold(opened.get(), nullptr, 1) == IUF_FAILED);
  CHECK(says("of which object"));
}

TEST_CASE("a product is learned from a folder, told, and cancelled by the caller", "[c_api]") {
  const Opened opened;
  const std::filesystem::path data = plates(opened);
  struct Told {
    int stages = 0, stop_at = 0;
    std::string notes = {};
  } told;
  const auto progress = [](void* user, const char*, int64_t, int64_t) {
    auto& t = *static_cast<Told*>(user);
    return int{++t.stages == t.stop_at};
  };
  const auto note = [](void* user, const char* text) { static_cast<Told*>(user)->notes += text; };
  REQUIRE(iuf_model_listen(opened.get(), progress, note, &told) == IUF_OK);
  told.stop_at = 1;
  CHECK(iuf_add(opened.get(), data.c_str(), "plate", 0) == IUF_CANCELLED);
  CHECK(says("cancelled"));
  CHECK(iuf_model_objects(opened.get()) == 2);
  told.stop_at = 0;
  REQUIRE(iuf_add(opened.get(), data.c_str(), "plate", 0) == IUF_OK);
  CHECK(told.stages > 2);
  REQUIRE(iuf_model_objects(opened.get()) == 3);
  CHECK(object_of(opened, 2).name == std::string("plate"));
  CHECK(Model::load(opened.path).objects().size() == 3);

  const auto throws = [](void*, const char*) { throw std::runtime_error("from a callback"); };
  REQUIRE(iuf_model_listen(opened.get(), nullptr, throws, nullptr) == IUF_OK);
  CHECK(iuf_add(opened.get(), opened.folder("gear").c_str(), "other", 0) == IUF_FAILED);
  CHECK(iuf_model_objects(opened.get()) == 3);
}

TEST_CASE("a part of the picture is ignored, and a known product gets more images", "[c_api]") {
  const Opened opened;
  const std::filesystem::path data = plates(opened);
  Image mask = read_image(opened.image());
  for (size_t i = 0; i < mask.pixels.size(); ++i) mask.pixels[i] = i < mask.pixels.size() / 2 ? 255 : 0;
  const std::string file = opened.small.folder / "ignored.png";
  write_png(file, mask);
  CHECK(iuf_add_ignoring(opened.get(), data.c_str(), "half", "/nowhere.png", IUF_VARIANT) == IUF_FAILED);
  CHECK(says("/nowhere.png"));
  CHECK(iuf_add_ignoring(opened.get(), data.c_str(), "half", nullptr, IUF_VARIANT) == IUF_WRONG_USE);
  REQUIRE(iuf_add_ignoring(opened.get(), data.c_str(), "half", file.c_str(), IUF_VARIANT) == IUF_OK);
  CHECK(Model::load(opened.path).ignored(2)->share() == 0.5);

  const int64_t images = object_of(opened, 1).images;
  CHECK(iuf_update(opened.get(), opened.folder("gear").c_str(), "gaer", IUF_NORMAL) == IUF_FAILED);
  CHECK(iuf_update(opened.get(), opened.folder("gear").c_str(), nullptr, IUF_NORMAL) == IUF_WRONG_USE);
  CHECK(iuf_update(opened.get(), opened.folder("gear").c_str(), "gear", IUF_VARIANT) == IUF_WRONG_USE);
  REQUIRE(iuf_update(opened.get(), (opened.folder("gear") / "test" / "good").c_str(), "gear", IUF_NORMAL) == IUF_OK);
  CHECK(object_of(opened, 1).images > images);
}

TEST_CASE("a model that another process changed is taken again, and a damaged one is not", "[c_api]") {
  const Opened opened;
  Model other = Model::load(opened.path);
  ObjectRecord record = other.objects()[0];
  record.threshold = 3;
  other.set_calibration(0, record);
  other.save(opened.path);
  CHECK(object_of(opened, 0).threshold != 3);
  CHECK(iuf_model_reload(opened.get()) == IUF_OK);
  CHECK(object_of(opened, 0).threshold == 3);
  write_file(opened.path, std::string_view("no model"));
  CHECK(iuf_model_reload(opened.get()) == IUF_FAILED);
  CHECK(says("model.safetensors"));
  CHECK(object_of(opened, 0).threshold == 3);
}

TEST_CASE("what makes no sense is said, and nothing is thrown", "[c_api]") {
  const Opened opened;
  iuf_model* model = opened.get();
  iuf_judgement* judgement = nullptr;
  CHECK(iuf_model_load("/nowhere/model.safetensors", &model) == IUF_FAILED);
  CHECK(model == nullptr);
  CHECK(says("/nowhere/model.safetensors"));
  CHECK(iuf_model_load(nullptr, &model) == IUF_WRONG_USE);
  CHECK(iuf_model_load("x", nullptr) == IUF_WRONG_USE);
  CHECK(iuf_judge_file(nullptr, "x", nullptr, &judgement) == IUF_WRONG_USE);
  CHECK(says("model is a null pointer"));
  CHECK(iuf_judge_file(opened.get(), "x", nullptr, nullptr) == IUF_WRONG_USE);
  CHECK(iuf_judge_file(opened.get(), "/nowhere.png", nullptr, &judgement) == IUF_FAILED);
  CHECK(says("/nowhere.png"));
  CHECK(iuf_judge_file(opened.get(), opened.image().c_str(), "gaer", &judgement) == IUF_FAILED);
  CHECK(says("did you mean 'gear'"));
  CHECK(iuf_judge_encoded(opened.get(), "GIF", 3, nullptr, &judgement) == IUF_FAILED);
  CHECK(iuf_judge_encoded(opened.get(), "", 0, nullptr, &judgement) == IUF_FAILED);
  const uint8_t pixels[12] = {};
  for (const auto& [width, height, stride, format] :
       {std::tuple{0, 2, 0, 2}, {2, -1, 0, 2}, {2, 2, 5, 2}, {2, 2, 0, 0}, {2, 2, 0, 99}, {1 << 30, 1 << 30, 0, 1}})
    CHECK(iuf_judge_pixels(opened.get(), pixels, width, height, static_cast<size_t>(stride), format, nullptr,
                           &judgement) == IUF_WRONG_USE);
  CHECK(judgement == nullptr);
  const Said said = judged(opened, opened.image());
  iuf_region region;
  CHECK(iuf_judgement_region(said.get(), 1000, &region, sizeof region) == IUF_WRONG_USE);
  iuf_object object;
  CHECK(iuf_model_object(opened.get(), 2, &object, sizeof object) == IUF_WRONG_USE);
  CHECK(iuf_add(opened.get(), "x", nullptr, 128) == IUF_WRONG_USE);
  CHECK(iuf_set_threads(-1) == IUF_WRONG_USE);
  CHECK(iuf_model_objects(nullptr) == 0);
  CHECK(iuf_judgement_map(nullptr) == nullptr);
  iuf_judgement_free(nullptr);
  std::thread([] { CHECK(std::string(iuf_last_error()).empty()); }).join();
}

TEST_CASE("structs of other versions are filled as far as both sides know them", "[c_api]") {
  const Opened opened;
  const Said said = judged(opened, opened.image());
  const iuf_summary whole = summary_of(said.get());
  struct {
    iuf_summary known;
    double later;
  } newer;
  std::memset(&newer, 0xFF, sizeof newer);
  REQUIRE(iuf_judgement_summary(said.get(), &newer.known, sizeof newer) == IUF_OK);
  CHECK(newer.known.score == whole.score);
  CHECK(newer.later == 0);
  iuf_summary older;
  std::memset(&older, 0xFF, sizeof older);
  REQUIRE(iuf_judgement_summary(said.get(), &older, offsetof(iuf_summary, threshold)) == IUF_OK);
  CHECK(older.score == whole.score);
  CHECK(std::isnan(older.threshold));
  CHECK(older.regions == SIZE_MAX);
}

TEST_CASE("a child of the process judges, too", "[c_api]") {
  const Opened opened;
  const std::string file = opened.image();
  const double score = summary_of(judged(opened, file).get()).score;
  const pid_t child = ::fork();
  if (child == 0) {
    iuf_judgement* judgement = nullptr;
    iuf_summary summary = {};
    if (iuf_judge_file(opened.get(), file.c_str(), nullptr, &judgement) == IUF_OK)
      iuf_judgement_summary(judgement, &summary, sizeof summary);
    ::_exit(summary.score == score ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

TEST_CASE("the caller's floating-point mode and number of threads are its own again", "[c_api]") {
  const Opened opened;
  std::thread([&] {
    const auto mode = [] { return float_mode() & ~uint64_t{0x3F}; };  // without what was seen
    const uint64_t before = mode();
    omp_set_num_threads(5);
    CHECK(iuf_set_threads(1) == IUF_OK);
    iuf_judgement_free(judged(opened, opened.image()).release());
    CHECK(iuf_set_threads(0) == IUF_OK);
    CHECK(mode() == before);
    CHECK(omp_get_max_threads() == 5);
  }).join();
}

}  // namespace iuf
