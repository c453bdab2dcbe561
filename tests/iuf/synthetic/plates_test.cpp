#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <set>
#include <sstream>

#include "iuf/image/image.h"
#include "iuf/image/mask.h"
#include "iuf/synthetic/data_set.h"
#include "iuf/synthetic/plate_scene.h"
#include "nn/file.h"
#include "support/synth_hash.h"
#include "support/temporary_folder.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

using namespace iuf;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;
using synthetic::Vec2;

namespace {

constexpr uint64_t all_indices = 10;  // after which contrasts repeat
const Extent small{640, 512};

std::vector<Vec2> marked(const Image& mask) {
  std::vector<Vec2> places;
  for (int y = 0; y < mask.height; ++y)
    for (int x = 0; x < mask.width; ++x)
      if (mask.row(y)[x] != 0) places.push_back(synthetic::pixel_centre(x, y));
  return places;
}

bool is_marked(const Image& mask, int x, int y) {
  return x >= 0 && y >= 0 && x < mask.width && y < mask.height && mask.row(y)[x] != 0;
}
/// Whether every pixel within `reach` rows and columns is marked, or any of them.
enum class Which { all, any };
bool around(const Image& mask, int x, int y, int reach, Which which) {
  for (int dy = -reach; dy <= reach; ++dy)
    for (int dx = -reach; dx <= reach; ++dx)
      if (is_marked(mask, x + dx, y + dy) == (which == Which::any)) return which == Which::any;
  return which == Which::all;
}

int level_sum(const Image& image, int x, int y) {
  int sum = 0;
  for (int c = 0; c < image.channels; ++c) sum += image.row(y)[x * image.channels + c];
  return sum;
}

/// The change of the level in the flaw's middle, as a share of the level of the twin.
double contrast(const SynthImage& picture) {
  double image = 0, twin = 0;
  for (int y = 0; y < picture.mask.height; ++y)
    for (int x = 0; x < picture.mask.width; ++x) {
      const bool middle = is_marked(picture.mask, x - 1, y) && is_marked(picture.mask, x + 1, y) &&
                          is_marked(picture.mask, x, y - 1) && is_marked(picture.mask, x, y + 1);
      if (!middle || (picture.kind == "disc" && !around(picture.mask, x, y, 2, Which::all))) continue;
      image += level_sum(picture.image, x, y);
      twin += level_sum(picture.good_twin, x, y);
    }
  return image / twin - 1;
}

double mean_level(const Image& image) {
  double sum = 0;
  for (const uint8_t value : image.pixels) sum += value;
  return sum / static_cast<double>(image.pixels.size());
}

/// Calls f(picture, index) for every contrast of every kind of flaw on every plate.
template <class F>
void each_flaw(const F& f) {
  for (const std::string& object : synthetic_object_names(SynthScene::plates))
    for (const std::string& kind : synthetic_defect_kinds(object))
      for (uint64_t index = 0; index < all_indices; ++index) {
        INFO(object << " " << kind << " " << index);
        f(render_synthetic(object, kind, 4, index, small), index);
      }
}

}  // namespace

TEST_CASE("plates are photographed in their own sizes or the one asked for", "[data][synthetic][plates]") {
  CHECK(synthetic_object_names(SynthScene::plates) == std::vector<std::string>{"plate", "strip"});
  for (const auto& [object, own, channels] : {std::tuple{"plate", Extent(2448, 2048), 1}, {"strip", {4096, 1000}, 3}}) {
    CHECK(synthetic_defect_kinds(object) == std::vector<std::string>{"disc", "scratch"});
    for (const Extent& asked : {Extent(), small, Extent(500), Extent(1600, 384)}) {
      const SynthImage picture = render_synthetic(object, asked == Extent() ? "disc" : "scratch", 1, 2, asked);
      const Extent size = asked == Extent() ? own : asked;
      INFO(object << " " << size);
      CHECK(Extent(picture.image.width, picture.image.height) == size);
      CHECK(Extent(picture.mask.width, picture.mask.height) == size);
      CHECK(picture.image.channels == channels);
      CHECK(picture.mask.channels == 1);
      CHECK_FALSE(marked(picture.mask).empty());
    }
  }
}

TEST_CASE("the pixels of plates are what they always were, for any number of threads",
          "[data][synthetic][plates][golden]") {
  const std::map<std::string, uint64_t> golden = {
      {"plate good", 0xE210455BB54B3269}, {"plate disc", 0x80CBF5CDB5C497C7}, {"plate scratch", 0x37B819584BF87F6C},
      {"strip good", 0x4C8FDBD831BF490A}, {"strip disc", 0x3FB5E0A02B5F3F1F}, {"strip scratch", 0x7DFCC142226AC397}};
  const int threads = thread_count();
  for (const std::string object : {"plate", "strip"})
    for (const std::string kind : {"good", "disc", "scratch"})
      for (const int count : {1, 4}) {
        set_thread_count(count);
        const uint64_t value = synth_hash(render_synthetic(object, kind, 7, 3, small));
        set_thread_count(threads);
        INFO(object << " " << kind << ": hash now 0x" << std::hex << std::uppercase << value);
        CHECK((golden.count(object + " " + kind) > 0 && value == golden.at(object + " " + kind)));
      }
}

TEST_CASE("outside of its soft edge a small flaw changes no pixel, and within its mask all in one direction",
          "[data][synthetic][plates]") {
  each_flaw([](const SynthImage& picture, uint64_t index) {
    const int sign = index % 2 == 1 ? 1 : -1;
    bool outside_equal = true, one_direction = true;
    int changed = 0, inside = 0;
    for (int y = 0; y < small.height; ++y)
      for (int x = 0; x < small.width; ++x) {
        const int change = sign * (level_sum(picture.image, x, y) - level_sum(picture.good_twin, x, y));
        if (!around(picture.mask, x, y, 4, Which::any)) outside_equal = outside_equal && change == 0;
        if (!is_marked(picture.mask, x, y)) continue;
        one_direction = one_direction && change >= 0;
        changed += change > 0;
        ++inside;
      }
    CHECK(outside_equal);
    CHECK(one_direction);
    CHECK(changed >= 0.95 * inside);
  });
}

TEST_CASE("masks of discs are discs of 12 pixels, those of scratches lines of 3", "[data][synthetic][plates]") {
  each_flaw([](const SynthImage& picture, uint64_t) {
    const std::vector<Vec2> places = marked(picture.mask);
    const auto count = static_cast<float>(places.size());
    Vec2 middle;
    float across = 0;
    for (const Vec2& p : places) {
      middle = middle + (1 / count) * p;
      for (const Vec2& other : places) across = std::max(across, synthetic::length(p - other));
    }
    if (picture.kind == "disc") {
      CHECK(count == Approx(3.14159 * 36).margin(6));
      float furthest = 0;
      for (const Vec2& p : places) furthest = std::max(furthest, synthetic::length(p - middle));
      CHECK(furthest < 6.2F);
      return;
    }
    CHECK(across > 75);
    CHECK(across < 256);
    CHECK(count / (across + 1) > 2.7F);
    CHECK(count / (across + 1) < 3.4F);
    for (const Vec2& p : places)
      if (around(picture.mask, static_cast<int>(p.x), static_cast<int>(p.y), 2, Which::all)) FAIL("5 pixels wide");
  });
}

TEST_CASE("the contrast of small flaws is 25 to 40 % of the level below them", "[data][synthetic][plates]") {
  each_flaw([](const SynthImage& picture, uint64_t index) {
    const double share = contrast(picture), drawn = 0.40 - 0.15 * static_cast<double>(index) / 9;
    CHECK((share > 0) == (index % 2 == 1));
    CHECK(std::abs(share) > 0.86 * drawn);
    CHECK(std::abs(share) < 1.03 * drawn);
  });
}

TEST_CASE("small flaws lie on the part, away from its rim and openings", "[data][synthetic][plates]") {
  for (const synthetic::Plate& plate : synthetic::plates())
    for (const std::string_view kind : synthetic::small_flaw_kinds())
      for (uint64_t i = 0; i < 12; ++i) {
        const synthetic::Random random(i);
        const synthetic::View view = synthetic::make_view(small, random.fork("pose"));
        synthetic::Canvas canvas(small, plate.channels);
        plate.paint(canvas, view, random.fork("object"));
        const synthetic::SmallFlaw flaw(kind, plate, canvas, view, 0, i % 2 == 1, random.fork("defect"));
        float room = 1000;
        for (const Vec2& p : marked(flaw.mask(small))) room = std::min(room, plate.room(small, view(p)));
        INFO(plate.name << " " << kind << " " << i);
        CHECK(room > 10);
      }
}

TEST_CASE("normal photographs of plates differ in place, texture and light, by little", "[data][synthetic][plates]") {
  for (const std::string object : {"plate", "strip"}) {
    INFO(object);
    std::vector<double> means;
    std::set<uint64_t> hashes;
    for (uint64_t index = 0; index < 8; ++index) {
      const SynthImage picture = render_synthetic(object, "good", 2, index, small);
      CHECK(picture.image.pixels == picture.good_twin.pixels);
      CHECK(marked(picture.mask).empty());
      means.push_back(mean_level(picture.image));
      hashes.insert(synth_hash(picture));
    }
    CHECK(hashes.size() == means.size());
    const auto [low, high] = std::ranges::minmax(means);
    CHECK(high / low > 1.01);
    CHECK(high / low < 1.15);
    CHECK(low > 70);
    CHECK(high < 180);
  }
}

TEST_CASE("a normal plate has single odd pixels of its own", "[data][synthetic][plates]") {
  // Sensor noise, hairs and specks: of the steps from a pixel to the one below, some go far beyond the usual one.
  for (const std::string object : {"plate", "strip"}) {
    const Image image = render_synthetic(object, "good", 0, 0, small).image;
    std::vector<int> steps;
    for (int y = 200; y < 300; ++y)
      for (int x = 50; x < 590; ++x)
        steps.push_back(std::abs(level_sum(image, x, y) - level_sum(image, x, y + 1)) / image.channels);
    std::ranges::sort(steps);
    INFO(object);
    CHECK(steps[steps.size() / 2] >= 2);
    CHECK(steps[steps.size() * 999 / 1000] >= 5 * steps[steps.size() / 2]);
  }
}

TEST_CASE("a data set of plates has MVTec-AD's layout, and is known again by its options",
          "[data][synthetic][plates]") {
  const TemporaryFolder folder;
  const fs::path out = folder.path() / "data";
  SynthOptions options = synth_defaults(SynthScene::plates);
  CHECK(options.size == Extent());
  CHECK(options.train == 30);
  CHECK(options.test_good == 10);
  CHECK(options.per_defect == 10);
  options.size = {480, 400}, options.train = 2, options.test_good = 1, options.per_defect = 1;
  CHECK_FALSE(is_written(out, options));
  // Over what another scene left.
  write_synthetic(out, {.size = 32, .train = 1, .test_good = 1, .per_defect = 1, .objects = {"gear"}}, {});
  CHECK_FALSE(is_written(out, options));
  write_synthetic(out, options, {});
  std::set<std::string> expected = {"synth.json"};
  for (const std::string object : {"plate", "strip"}) {
    expected.insert({object + "/train/good/000.png", object + "/train/good/001.png", object + "/test/good/000.png"});
    for (const std::string kind : {"disc", "scratch"})
      expected.insert({object + "/test/" + kind + "/000.png", object + "/ground_truth/" + kind + "/000_mask.png"});
  }
  CHECK(files_below(out) == expected);
  const SynthImage picture = render_synthetic("plate", "scratch", 0, 0, {480, 400});
  CHECK(read_mask(out / "plate/ground_truth/scratch/000_mask.png").image.pixels == picture.mask.pixels);
  const Image stored = read_image(out / "plate/test/scratch/000.png");  // gray is replicated
  for (size_t i = 0; i < picture.image.pixels.size(); ++i)
    if (stored.pixels[3 * i] != picture.image.pixels[i]) FAIL("pixel " << i << " is another one in the file");
  CHECK(is_written(out, options));
  SynthOptions other = options;
  other.seed = 1;
  CHECK_FALSE(is_written(out, other));
  other = options, other.size = Extent();
  CHECK_FALSE(is_written(out, other));
  // And back again.
  write_synthetic(out, {.size = 32, .train = 1, .test_good = 0, .per_defect = 0, .objects = {"gear"}}, {});
  CHECK(files_below(out) == std::set<std::string>{"gear/train/good/000.png", "synth.json"});
}

TEST_CASE("what plates cannot be is an error that says what they can", "[data][synthetic][plates]") {
  const TemporaryFolder folder;
  const auto with = [&](auto change) {
    SynthOptions options = synth_defaults(SynthScene::plates);
    options.train = options.test_good = options.per_defect = 0;
    change(options);
    write_synthetic(folder.path() / "new", options, {});
  };
  CHECK_THROWS_WITH(with([](SynthOptions& o) { o.objects = {"gear"}; }), Contains("gear") && Contains("strip"));
  CHECK_THROWS_WITH(with([](SynthOptions& o) { o.size = {383, 500}; }), Contains("383x500") && Contains("384"));
  CHECK_THROWS_WITH(with([](SynthOptions& o) { o.size = {500, 8193}; }), Contains("500x8193") && Contains("8192"));
  CHECK_THROWS_WITH(with([](SynthOptions& o) { o.size = {4000, 400}; }), Contains("8 times"));
  const auto product = [&](auto change) {
    SynthOptions options;
    change(options);
    write_synthetic(folder.path() / "new", options, {});
  };
  CHECK_THROWS_WITH(product([](SynthOptions& o) { o.objects = {"plate"}; }), Contains("plate") && Contains("gear"));
  CHECK_THROWS_WITH(product([](SynthOptions& o) { o.size = {64, 96}; }), Contains("64x96") && Contains("squares"));
  CHECK_THROWS_WITH(product([](SynthOptions& o) { o.size = Extent(); }), Contains("size"));
  CHECK_THROWS_WITH(render_synthetic("plate", "rust", 0, 0, small), Contains("rust") && Contains("scratch"));
  CHECK_FALSE(fs::exists(folder.path() / "new"));
}

TEST_CASE("the size of a picture has a text that is read again", "[data][synthetic][plates]") {
  const auto read = [](const std::string& text) -> std::optional<Extent> {
    std::istringstream in(text);
    Extent extent;
    if (!(in >> extent) || in.peek() != std::istringstream::traits_type::eof()) return std::nullopt;
    return extent;
  };
  for (const Extent& extent : {Extent(7), Extent(2448, 2048), Extent(1, 99999)}) {
    std::ostringstream out;
    out << extent;
    CHECK(read(out.str()) == extent);
  }
  CHECK(read("256") == Extent(256, 256));
  for (const std::string text : {"", "x", "x4", "4x", "4xa", "4X5", "4x5x6", "4 x5", "99999999999"}) {
    INFO(text);
    CHECK_FALSE(read(text).has_value());
  }
}
