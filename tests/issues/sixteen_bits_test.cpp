#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "iuf/features/copies.h"
#include "iuf/image/value_window.h"
#include "iuf/learn/model.h"
#include "iuf/run/prediction.h"
#include "nn/file.h"
#include "nn/safetensors.h"
#include "support/notes.h"
#include "support/older_model.h"
#include "support/picture_files.h"
#include "support/temporary_folder.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Matchers::Contains;

namespace {

constexpr uint32_t kDeepSide = 48;

// A textured picture with values from 0 to `most`, both of which occur; `seed` tells pictures apart.
std::vector<uint16_t> texture(int most, uint32_t seed) {
  std::vector<uint16_t> samples;
  uint32_t state = seed * 2654435761U + 1;
  for (uint32_t i = 0; i < kDeepSide * kDeepSide; ++i) {
    state = state * 1664525 + 1013904223;
    samples.push_back(static_cast<uint16_t>((state >> 8) % (static_cast<uint32_t>(most) + 1)));
  }
  samples[0] = 0;
  samples[1] = static_cast<uint16_t>(most);
  return samples;
}

FileBytes deep(const std::vector<uint16_t>& samples, int significant_bits = 0) {
  return png_file({.width = kDeepSide, .height = kDeepSide, .samples = samples, .significant_bits = significant_bits});
}

std::string window_of_texture(const std::vector<uint16_t>& samples, int significant_bits) {
  const TemporaryFolder folder;
  write_file(folder / "a.png", deep(samples, significant_bits));
  const auto window = window_of({(folder / "a.png").string()});
  return window ? text_of(window->window) : "none";
}

std::vector<uint16_t> scaled(std::vector<uint16_t> samples, int bits, const std::string& way) {
  const int most = (1 << bits) - 1;
  for (uint16_t& v : samples) {
    const int x = v;
    v = static_cast<uint16_t>(way == "zeros"    ? x << (16 - bits)
                              : way == "bits"   ? x << (16 - bits) | x >> (2 * bits - 16)
                              : way == "linear" ? (x * 65535 + most / 2) / most
                                                : x * 65535 / most);
  }
  return samples;
}

// Pictures in files, and models of them.
struct DeepBench : Notes {
  TemporaryFolder folder;

  std::vector<std::string> pictures(const std::string& name, int most, int bits = 16) const {
    std::vector<std::string> files;
    for (uint32_t i = 0; i < 5; ++i) {
      files.push_back((folder / (name + std::to_string(i) + ".png")).string());
      std::vector<uint16_t> samples = texture(most, i);
      if (bits == 8)
        for (uint16_t& v : samples) v = static_cast<uint16_t>(v * 256 / (most + 1));
      write_file(files.back(), png_file({.width = kDeepSide, .height = kDeepSide, .bits = bits, .samples = samples}));
    }
    return files;
  }
  static Model model(const std::string& window = "auto") {
    Settings s = starting_settings("fast", "gaussian");
    s.image_size = 64;
    s.grid = 4;
    s.window = window;
    return {"fast", "gaussian", s, Backbone::embedded()};
  }
  void learn(Model& model, const std::string& object, const std::vector<std::string>& files) {
    model.learn({{object, files}}, FeatureCache(folder.path() / "cache", model.extractor()), {.progress = progress()});
  }
  double score(const Model& model, const std::string& file) const {
    return model.judge(model.extractor().read(file).image).score;
  }
};

}  // namespace

TEST_CASE("of 16 bits all those of the window are used, and of the whole window the high byte", "[issues][window]") {
  const std::vector<uint16_t> samples = {0, 1, 15, 16, 255, 256, 4095, 4096, 65279, 65280, 65535};
  const FileBytes file = png_file({.width = 11, .height = 1, .samples = samples});
  const auto values = [&](std::optional<ValueWindow> window) {
    const Photograph photograph = decode_photograph(file, "deep", {.window = window});
    CHECK((photograph.facts.deep && photograph.facts.largest == 65535));
    std::vector<int> gray;
    for (size_t i = 0; i < photograph.image.pixels.size(); i += 3) gray.push_back(photograph.image.pixels[i]);
    return gray;
  };
  const std::vector<int> high_bytes = {0, 0, 0, 0, 0, 1, 15, 16, 254, 255, 255};
  CHECK(values(std::nullopt) == high_bytes);
  CHECK(values(ValueWindow{}) == high_bytes);
  CHECK(values(ValueWindow{0, 4095}) == std::vector<int>{0, 0, 0, 1, 15, 16, 255, 255, 255, 255, 255});
  CHECK(values(ValueWindow{16, 271}) == std::vector<int>{0, 0, 0, 0, 239, 240, 255, 255, 255, 255, 255});
  CHECK(values(ValueWindow{15, 16}) == std::vector<int>{0, 0, 0, 128, 128, 128, 128, 128, 128, 128, 128});
  const FileBytes shallow = png_file({.width = 3, .height = 1, .bits = 8, .samples = {0, 7, 255}});
  const Photograph photograph = decode_photograph(shallow, "shallow", {.window = ValueWindow{0, 100}});
  CHECK_FALSE(photograph.facts.deep);
  CHECK(photograph.image.pixels == std::vector<uint8_t>{0, 0, 0, 7, 7, 7, 255, 255, 255});
}

TEST_CASE("the first images say how many bits they need, and so does sBIT where its values are not scaled",
          "[issues][window]") {
  for (const auto& [most, window] : std::map<int, std::string>{{3, "0:255"},
                                                               {255, "0:255"},
                                                               {256, "0:511"},
                                                               {1023, "0:1023"},
                                                               {4095, "0:4095"},
                                                               {4300, "0:8191"},
                                                               {65535, "0:65535"}})
    CHECK(window_of_texture(texture(most, 1), 0) == window);
  for (const int bits : {9, 10, 12, 14, 15}) {
    INFO(bits << " bits");
    const int most = (1 << bits) - 1;
    const std::string own = "0:" + std::to_string(most);
    CHECK(window_of_texture(texture(most, 1), bits) == own);
    CHECK(window_of_texture(texture(most / 5, 1), bits) == own);  // a dark picture of the same camera
    CHECK(window_of_texture(std::vector<uint16_t>(kDeepSide * kDeepSide), bits) == own);
    for (const char* way : {"zeros", "bits", "linear", "cut off"}) {
      INFO(way);
      CHECK(window_of_texture(scaled(texture(most, 1), bits, way), bits) == "0:65535");
      CHECK(window_of_texture(scaled(texture(most >> 5, 1), bits, way), bits) == "0:65535");  // dark, but scaled
    }
  }
  CHECK(window_of_texture(texture(5000, 1), 12) == "0:8191");  // more than the 12 bits that it names
  CHECK(window_of_texture(texture(4095, 1), 16) == "0:4095");
}

TEST_CASE("a 12-bit camera in 16-bit files gives the scores of its 8-bit files", "[issues][window]") {
  DeepBench bench;
  const auto deep_files = bench.pictures("deep", 4095), shallow_files = bench.pictures("shallow", 4095, 8);
  Model deep_model = DeepBench::model(), shallow_model = DeepBench::model();
  bench.learn(deep_model, "object", deep_files);
  bench.learn(shallow_model, "object", shallow_files);
  CHECK(deep_model.settings().window == "0:4095");
  CHECK(shallow_model.settings().window == "auto");
  CHECK(deep_model.objects()[0].threshold == shallow_model.objects()[0].threshold);
  for (size_t i = 0; i < deep_files.size(); ++i) {
    CHECK(bench.score(deep_model, deep_files[i]) == bench.score(shallow_model, shallow_files[i]));
    CHECK(bench.score(deep_model, deep_files[i]) == bench.score(deep_model, shallow_files[i]));
  }
  deep_model.save(bench.folder / "model.safetensors");
  const Model loaded = Model::load(bench.folder / "model.safetensors");
  CHECK(loaded.settings().window == "0:4095");
  CHECK(bench.score(loaded, deep_files[1]) == bench.score(deep_model, deep_files[1]));
}

TEST_CASE("images that need more than the window are not learned, and judged with a word", "[issues][window]") {
  DeepBench bench;
  const auto low = bench.pictures("low", 1023), high = bench.pictures("high", 4095),
             eight = bench.pictures("8", 255, 8);
  Model model = DeepBench::model();
  bench.learn(model, "eight", eight);
  CHECK(model.settings().window == "auto");  // a model of 8-bit images can learn any window later
  bench.learn(model, "low", low);
  CHECK(model.settings().window == "0:1023");
  // Both objects are drawn alike, which is said as well.
  REQUIRE(bench.notes.size() == 2);
  CHECK(bench.notes[0] == "16-bit images: the window is 0:1023");
  CHECK_THAT(bench.notes[1], Contains("look like 'eight'"));
  bench.notes.clear();
  CHECK_THROWS_WITH(bench.learn(model, "high", high), Contains("object 'high': 5 of 5 normal images") &&
                                                          Contains("high0.png, where 7") && Contains("up to 4095") &&
                                                          Contains("0:1023") && Contains("--window 0:65535"));
  Model fixed = DeepBench::model("0:2000");
  CHECK_THROWS_WITH(bench.learn(fixed, "high", high), Contains("high0.png") && Contains("0:2000"));
  CHECK(bench.notes.empty());
  std::vector<std::filesystem::path> inputs(low.begin(), low.end());
  inputs.insert(inputs.end(), high.begin(), high.end());
  inputs.insert(inputs.end(), eight.begin(), eight.end());
  predict(model, {.inputs = inputs, .out = bench.folder / "out", .heatmaps = Heatmaps::none}, {}, bench.progress());
  REQUIRE(bench.notes.size() == 3);
  CHECK_THAT(bench.notes[0],
             Contains("beyond the model's window 0:1023") && Contains(": 5, first ") && Contains("high0.png"));
  for (size_t i = 1; i < 3; ++i) CHECK_THAT(bench.notes[i], Contains("are photographs that it was learned from"));
}

TEST_CASE("hot pixels decide nothing, and are said", "[issues][window]") {
  for (const int value : {4096, 65535}) {
    DeepBench bench;
    const auto files = bench.pictures("hot", 1023);
    std::vector<uint16_t> samples = texture(1023, 3);
    samples[100] = samples[900] = static_cast<uint16_t>(value);
    write_file(files[3], deep(samples));
    Model model = DeepBench::model();
    bench.learn(model, "object", files);
    CHECK(model.settings().window == "0:1023");
    REQUIRE(bench.notes.size() == 2);
    CHECK_THAT(bench.notes[1], Contains("object: pictures with a few values beyond the model's window 0:1023") &&
                                   Contains("hot pixels?") && Contains(": 1, first ") && Contains("hot3.png"));
    samples[101] = samples[901] = static_cast<uint16_t>(value);  // more than a thousandth
    write_file(files[3], deep(samples));
    const auto choice = window_of(files);
    REQUIRE(choice);
    CHECK(choice->window.high == (value == 4096 ? 8191 : 65535));
  }
}

TEST_CASE("images of other depths are named, and one of many does not decide for all", "[issues][window]") {
  const auto learn = [](DeepBench& bench, int low, int high, int lows, int highs) {
    std::vector<std::string> files;
    for (int i = 0; i < lows + highs; ++i) {
      files.push_back((bench.folder / (std::to_string(10 + i) + ".png")).string());
      write_file(files.back(), deep(texture(i < lows ? low : high, static_cast<uint32_t>(i))));
    }
    Model model = DeepBench::model();
    bench.learn(model, "part", files);
    return model.settings().window;
  };
  for (const int low : {1023, 4095}) {
    DeepBench bench;
    CHECK_THROWS_WITH(learn(bench, low, 65535, 10, 1),
                      Contains("object 'part': 1 of 11 normal images do not fit the window 0:" + std::to_string(low)) &&
                          Contains("20.png, where 9") && Contains("--window 0:65535"));
    REQUIRE(bench.notes.size() == 1);
    CHECK_THAT(bench.notes[0], Contains("1 of 11 needs 0:65535, first ") && Contains("20.png"));
  }
  DeepBench mixed;
  CHECK(learn(mixed, 4095, 65535, 3, 3) == "0:65535");
  REQUIRE(mixed.notes.size() == 2);
  CHECK_THAT(mixed.notes[0], Contains("the window is 0:65535; only 3 of 6 need 0:4095, first ") && Contains("10.png") &&
                                 Contains("fewer levels"));
  CHECK_THAT(mixed.notes[1], Contains("part: pictures that use less than a quarter of the model's window 0:65535") &&
                                 Contains(": 3, first ") && Contains("10.png"));
  DeepBench alike;
  CHECK(learn(alike, 3000, 7000, 5, 5) == "0:8191");  // exposures of one camera
  CHECK(alike.notes == std::vector<std::string>{"16-bit images: the window is 0:8191"});
}

TEST_CASE("a judged image that does not fit the window gets a remark by name", "[issues][window]") {
  DeepBench bench;
  Model model = DeepBench::model("0:4095");
  bench.learn(model, "object", bench.pictures("normal", 4095));
  CHECK(bench.notes.empty());
  for (const auto& [most, remark] : std::map<int, std::string>{{65535, "with most values beyond"},
                                                               {5000, "with values beyond"},
                                                               {1023, "that use less than a quarter of"},
                                                               {2000, ""}}) {
    bench.notes.clear();
    const auto files = bench.pictures("judged", most);
    predict(model, {.inputs = {files.begin(), files.end()}, .out = bench.folder / "out", .heatmaps = Heatmaps::none},
            {}, bench.progress());
    INFO(most);
    REQUIRE(bench.notes.size() == (remark.empty() ? 0 : 1));
    if (!remark.empty())
      CHECK_THAT(bench.notes[0], Contains("pictures " + remark + " the model's window 0:4095") &&
                                     Contains(": 5, first ") && Contains("judged0.png"));
  }
}

TEST_CASE("16-bit images are equal where all their bits are, whatever the window", "[issues][window][copies]") {
  const DeepBench bench;
  std::vector<uint16_t> samples = texture(4095, 1), other = samples;
  for (size_t i = 2; i < other.size(); i += 7) other[i] ^= 1;
  std::vector<uint16_t> rgb;
  for (const uint16_t v : samples) rgb.insert(rgb.end(), 3, v);
  write_file(bench.folder / "a.png", deep(samples));
  write_file(bench.folder / "b.png", deep(other));
  write_file(bench.folder / "c.png",
             png_file({.width = kDeepSide, .height = kDeepSide, .channels = 3, .samples = rgb}));
  std::vector<std::string> files;
  for (const char* name : {"a.png", "b.png", "c.png"}) files.push_back((bench.folder / name).string());
  std::vector<uint64_t> hashes;
  for (const char* window : {"auto", "0:4095", "0:65535", "4000:4095"}) {
    const Model model = DeepBench::model(window);
    const auto facts = FeatureCache(bench.folder.path() / "cache", model.extractor()).read(files, "", {});
    CHECK(originals(facts) == std::vector<size_t>{0, 1, 0});
    hashes.push_back(facts[0].photograph);
  }
  CHECK(std::set<uint64_t>(hashes.begin(), hashes.end()).size() == 1);
}

TEST_CASE("the cache keeps a 16-bit image once for each window, and an 8-bit image once for all", "[issues][window]") {
  const DeepBench bench;
  const std::string deep_file = bench.pictures("deep", 4095)[0], shallow_file = bench.pictures("shallow", 255, 8)[0];
  Model model = DeepBench::model(), narrow = DeepBench::model("0:4095");
  const FeatureCache cache(bench.folder.path() / "cache", model.extractor()),
      narrow_cache(bench.folder.path() / "cache", narrow.extractor());
  const auto facts = cache.read({deep_file, shallow_file}, "", {});
  CHECK(narrow_cache.load(deep_file, facts[0].content).pixels != cache.load(deep_file, facts[0].content).pixels);
  CHECK(narrow_cache.read({deep_file, shallow_file}, "", {})[0].content == facts[0].content);
  CHECK(narrow_cache.load(deep_file, facts[0].content).pixels ==
        narrow.extractor()(narrow.extractor().read(deep_file)).pixels);
  CHECK(narrow_cache.load(shallow_file, facts[1].content).pixels == cache.load(shallow_file, facts[1].content).pixels);
  size_t entries = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(bench.folder.path() / "cache"))
    entries += file.is_regular_file();
  CHECK(entries == 3);
}

TEST_CASE("a model that knows neither window nor orientation keeps what it was learned with", "[issues][window]") {
  DeepBench bench;
  Model model = DeepBench::model();
  bench.learn(model, "object", bench.pictures("eight", 255, 8));
  write_file(bench.folder / "old.safetensors", without_checksum(model, [](nlohmann::json& description) {
               for (const char* newer : {"window", "orientation"})
                 REQUIRE(description.at("settings").erase(newer) == 1);
             }));
  const Model old = Model::load(bench.folder / "old.safetensors");
  CHECK(old.settings().window == "0:65535");
  CHECK(old.settings().orientation == Orientation::ignore);
}
