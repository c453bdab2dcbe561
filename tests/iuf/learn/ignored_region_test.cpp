#include "iuf/image/ignored_region.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "iuf/learn/model.h"
#include "iuf/paper/anomaly_map.h"
#include "iuf/run/pixel_figures.h"
#include "iuf/synthetic/data_set.h"
#include "nn/file.h"
#include "support/small_model.h"
#include "tensor/random.h"

using namespace iuf;
using Catch::Contains;

namespace {

// White on black: rectangles of a mask.
Image mask_of(int width, int height, int left, int top, int right, int bottom) {
  Image mask = blank_image(width, height, 1);
  for (int y = top; y < bottom; ++y) std::fill(mask.row(y) + left, mask.row(y) + right, uint8_t{255});
  return mask;
}

void write_mask(const std::filesystem::path& path, const Image& mask) {
  write_png(path, mask);
}

// The image with other content in a rectangle.
Image painted(Image image, int left, int top, int right, int bottom) {
  for (int y = top; y < bottom; ++y)
    for (int x = left; x < right; ++x)
      for (int c = 0; c < 3; ++c) image.row(y)[3 * x + c] = static_cast<uint8_t>(37 * x + 91 * y + 50 * c);
  return image;
}

void check_equal(const Judgement& a, const Judgement& b) {
  CHECK(a.score == b.score);
  CHECK(a.object == b.object);
  CHECK(a.novelty == b.novelty);
  CHECK(a.confidence == b.confidence);
  CHECK(a.map.defined() == b.map.defined());
  if (a.map.defined()) CHECK(std::ranges::equal(a.map.span(), b.map.span()));
}

// A small model whose third object, capsule, was learned with the lower half ignored.
struct Ignoring : SmallModel {
  explicit Ignoring(const std::string& method) : SmallModel(method) {
    write_synthetic(folder / "more", {.size = 64, .train = 6, .test_good = 1, .per_defect = 1, .objects = {"capsule"}},
                    {});
    for (int i = 0; i < 6; ++i)
      files.push_back((folder / "more/capsule/train/good").string() + "/00" + std::to_string(i) + ".png");
    write_mask(folder / "mask.png", mask_of(32, 32, 0, 16, 32, 32));
    const FeatureCache cache(folder / "cache", model->extractor());
    model->learn({{"capsule", files, IgnoreMask::read(folder / "mask.png")}}, cache, {});
  }
  std::vector<std::string> files = {};
};

}  // namespace

TEST_CASE("a pixel of the square is ignored where more than half of it is", "[iuf][ignore]") {
  Image mask = blank_image(6, 4, 1);
  for (const auto& [x, y] : {std::pair{0, 0}, {1, 0}, {0, 1}, {1, 1}, {2, 0}, {3, 3}, {4, 3}, {4, 2}, {5, 2}, {5, 3}})
    mask.row(y)[x] = 9;
  // 2 x 2 pixels of 3 x 2 each: five of six; none; none; five of six.
  const IgnoredRegion two = IgnoredRegion::of(mask, 2);
  CHECK(std::ranges::equal(two.pixels(), std::vector<uint8_t>{1, 0, 0, 1}));
  CHECK(two.share() == 0.5);
  CHECK(std::ranges::equal(two.at(4, 2), std::vector<uint8_t>{1, 1, 0, 0, 0, 0, 1, 1}));
  const IgnoredRegion larger = IgnoredRegion::of(mask, 12);  // larger than the mask: the pixel under it
  for (int y = 0; y < 12; ++y)
    for (int x = 0; x < 12; ++x) CHECK(larger.holds(y * 12 + x) == (mask.row(y / 3)[x / 2] != 0));
  CHECK_THROWS_WITH(IgnoredRegion::of(blank_image(3, 3, 1), 4), Contains("nothing is ignored"));
  CHECK_THROWS_WITH(IgnoredRegion::of(mask_of(3, 3, 0, 0, 3, 3), 4), Contains("all is ignored"));
  const uint8_t grey[3] = {1, 2, 3};
  const Image blank = two.blanked(painted(blank_image(4, 4, 3), 0, 0, 4, 4), grey);
  CHECK(std::ranges::equal(std::span(blank.row(1), 6), std::vector<uint8_t>{1, 2, 3, 1, 2, 3}));
  CHECK(blank.row(1)[6] == static_cast<uint8_t>(37 * 2 + 91));
}

TEST_CASE("the score of a map is that of what is not ignored", "[iuf][ignore]") {
  Tensor map({32, 32});
  fill_uniform(map, 0, 1, 7);
  const IgnoredRegion region = IgnoredRegion::of(mask_of(32, 32, 0, 0, 32, 20), 32);
  map.data()[5] = 100;  // ignored
  const double lower = image_score(map.reshape({32, 32}), Pooling::max, region);
  CHECK(lower == static_cast<double>(*std::max_element(map.data() + 20 * 32, map.data() + 32 * 32)));
  double sum = 0;
  for (int64_t i = 20 * 32; i < 32 * 32; ++i) sum += static_cast<double>(map.data()[i]);
  CHECK(image_score(map, Pooling::mean, region) == Approx(sum / (12 * 32)));
  // Patches of 16 x 16: of the lower two, twelve rows of sixteen are kept.
  double best = 0;
  for (const int64_t left : {0, 16}) {
    double patch = 0;
    for (int64_t y = 20; y < 32; ++y)
      for (int64_t x = left; x < left + 16; ++x) patch += static_cast<double>(map.data()[y * 32 + x]);
    best = std::max(best, patch / (12 * 16));
  }
  CHECK(image_score(map, Pooling::max_pool16, region) == Approx(best));
  // A strip of which no patch keeps half.
  CHECK(image_score(map, Pooling::max_pool16, IgnoredRegion::of(mask_of(32, 32, 0, 0, 32, 31), 32)) > 0);
}

TEST_CASE("what is ignored changes nothing of what a model says, to the last bit", "[iuf][ignore]") {
  const std::string method = GENERATE("gaussian", "surroundings", "coreset", "padim", "patchcore", "iuf", "cad-dne");
  CAPTURE(method);
  const Ignoring ignoring(method);
  const Model& model = *ignoring.model;
  REQUIRE(model.ignored(2));
  CHECK_FALSE(model.ignored(0));
  CHECK(model.ignored(2)->share() == 0.5);
  const Image image = read_image(ignoring.files[0]);
  const Judgement usual = model.judge(image, 2);
  check_equal(model.judge(painted(image, 0, 32, 64, 64), 2), usual);
  CHECK(model.judge(painted(image, 0, 0, 64, 32), 2).score != usual.score);
  REQUIRE(usual.ignored);
  if (usual.map.defined())
    for (int64_t i = 32 * 64; i < 64 * 64; ++i) CHECK(usual.map.data()[i] <= usual.map.data()[0]);
  // Other objects see all of it, and judge as ever.
  if (method != "padim" && method != "patchcore")  // which remember the last object alone
    CHECK_FALSE(model.judge(read_image(ignoring.images("gear")[0]), 1).ignored);
  // The same from features, by a cache and without.
  const FeatureCache cache(ignoring.folder / "cache", model.extractor());
  const ImageFacts facts = cache.read({ignoring.files[0]}, "", {}).front();
  check_equal(model.judge(cache.load(ignoring.files[0], facts.content), 2), usual);
  check_equal(model.judge(model.extractor()(image), 2), usual);

  const auto path = ignoring.folder / "model.safetensors";
  model.save(path);
  Model loaded = Model::load(path);
  check_equal(loaded.judge(image, 2), usual);
  CHECK(read_safetensors(path).metadata("iuf_model").find("\"format\":3") != std::string::npos);
  if (method == "gaussian") {
    loaded.remove("biscuit");
    check_equal(loaded.judge(painted(image, 0, 32, 64, 64), 1), loaded.judge(image, 1));
    CHECK(loaded.judge(image, 1).score == usual.score);
    loaded.remove("capsule");  // nothing ignores anything any more
    const std::vector<std::byte> bytes = loaded.bytes();
    CHECK(parse_safetensors(bytes, "model").metadata("iuf_model").find("\"format\":2") != std::string::npos);
  }
}

TEST_CASE("an object is found whatever is in what it ignores", "[iuf][ignore]") {
  const Ignoring ignoring("gaussian");
  for (size_t i = 0; i < 3; ++i) {
    CHECK(ignoring.model->judge(read_image(ignoring.files[i])).object == 2);
    CHECK(ignoring.model->judge(painted(read_image(ignoring.files[i]), 0, 32, 64, 64)).object == 2);
    CHECK(ignoring.model->judge(read_image(ignoring.images("biscuit")[i])).object == 0);
    CHECK(ignoring.model->judge(read_image(ignoring.images("gear")[i])).object == 1);
  }
}

TEST_CASE("more images of an object are learned without what it ignores", "[iuf][ignore]") {
  Ignoring ignoring("gaussian"), twin("gaussian");
  std::vector<std::string> plain, other;
  for (int i = 0; i < 3; ++i) {
    const Image image = render_synthetic("capsule", "good", 9, static_cast<uint64_t>(i), 64).image;
    for (const bool is_other : {false, true}) {
      std::vector<std::string>& files = is_other ? other : plain;
      files.push_back((ignoring.folder / (std::to_string(i) + (is_other ? "b.png" : "a.png"))).string());
      write_png(files.back(), is_other ? painted(image, 0, 32, 64, 64) : image);
    }
  }
  const FeatureCache cache(ignoring.folder / "cache", ignoring.model->extractor()),
      twins(twin.folder / "cache", twin.model->extractor());
  CHECK(ignoring.model->update({"capsule", plain}, cache, {}, LaterImages::add));
  CHECK(twin.model->update({"capsule", other}, twins, {}, LaterImages::add));
  const Image image = read_image(ignoring.files[1]);
  CHECK(ignoring.model->judge(image, 2).score == Approx(twin.model->judge(image, 2).score).epsilon(1e-4));
  write_mask(ignoring.folder / "mask.png", mask_of(64, 64, 0, 0, 64, 8));
  const IgnoreMask mask = IgnoreMask::read(ignoring.folder / "mask.png");
  CHECK_THROWS_WITH(ignoring.model->update({"capsule", other, mask}, cache, {}, LaterImages::add),
                    Contains("with another mask"));
  CHECK_THROWS_WITH(ignoring.model->update({"gear", other, mask}, cache, {}, LaterImages::add),
                    Contains("without a mask"));
}

TEST_CASE("masks that make no sense are refused with what to do", "[iuf][ignore]") {
  const TemporaryFolder folder;
  const auto path = folder / "mask.png";
  write_mask(path, blank_image(8, 8, 1));
  CHECK_THROWS_WITH(IgnoreMask::read(path), Contains("black everywhere") && Contains("paint it white"));
  write_mask(path, mask_of(8, 8, 0, 0, 8, 8));
  CHECK_THROWS_WITH(IgnoreMask::read(path), Contains("without a black pixel"));
  write_mask(path, mask_of(80, 60, 0, 0, 40, 30));
  const IgnoreMask mask = IgnoreMask::read(path);
  CHECK_NOTHROW(mask.require_fit("a.png", 640, 480));
  CHECK_NOTHROW(mask.require_fit("a.png", 801, 600));  // 80 x 60 is its smaller copy
  CHECK_THROWS_WITH(mask.require_fit("a.png", 480, 640), Contains("80 x 60") && Contains("480 x 640"));
  CHECK_THROWS_WITH(mask.require_fit("a.png", 640, 640), Contains("other ratios"));
  write_mask(path, mask_of(4000, 3000, 5, 5, 7, 7));
  CHECK_THROWS_WITH(IgnoreMask::read(path).region(64), Contains("nothing is ignored") && Contains("too small"));
  write_file(path, std::string_view("no image"));
  CHECK_THROWS_WITH(IgnoreMask::read(path), Contains("mask.png"));
  CHECK_THROWS_WITH(IgnoreMask::read(folder / "none.png"), Contains("none.png"));
}

TEST_CASE("ignored pixels are in no pixel figure", "[iuf][ignore]") {
  constexpr int side = 16;
  const IgnoredRegion region = IgnoredRegion::of(mask_of(side, side, 0, 0, side, 6), side);
  Tensor map({side, side});
  fill_uniform(map, 0, 1, 3);
  Image mask = mask_of(side, side, 3, 4, 9, 9);  // a defect that reaches into what is ignored
  for (const char* size : {"published", "photograph", "8"}) {
    CAPTURE(size);
    PixelFigures with(metrics_size_of(size), side), cut(metrics_size_of(size), side);
    with.add("a", map.span(), side, side, &mask, &region);
    with.add("b", map.span(), side, side, nullptr, &region);
    // What is ignored has no say, whatever the map is there.
    Tensor other = map.clone();
    std::fill(other.data(), other.data() + 6 * side, real(9));
    cut.add("a", other.span(), side, side, &mask, &region);
    cut.add("b", other.span(), side, side, nullptr, &region);
    CHECK(with.result().rank.auroc == cut.result().rank.auroc);
    CHECK(with.result().aupro == cut.result().aupro);
    PixelFigures all(metrics_size_of(size), side);
    all.add("a", map.span(), side, side, &mask);
    all.add("b", map.span(), side, side, nullptr);
    CHECK(with.result().rank.auroc != all.result().rank.auroc);
  }
  // As if the image ended there.
  PixelFigures whole(metrics_size_of("published"), side);
  whole.add("a", map.span(), side, side, &mask, &region);
  PixelAccumulator rest;
  rest.add("a", map.span().subspan(6 * side), std::span<const uint8_t>(mask.pixels).subspan(6 * side), side);
  CHECK(whole.result().rank.auroc == rest.rank().auroc);
  CHECK(whole.result().aupro == rest.aupro());
}
