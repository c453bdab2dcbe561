// A picture without a part is `unknown` or `defect`, whatever the method; a picture with one is neither for that.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "iuf/features/features.h"
#include "iuf/learn/model.h"
#include "support/temporary_folder.h"
#include "tensor/random.h"

using namespace iuf;
namespace fs = std::filesystem;

namespace {

constexpr int kPartSide = 192;

// A table with a sensor's noise, and on it what `paint` gives: a colour, or nothing.
template <class Paint>
Image photograph(uint64_t key, std::array<double, 3> table, double noise, const Paint& paint) {
  Image image = blank_image(kPartSide, kPartSide, 3);
  Tensor grain({kPartSide * kPartSide * 3});
  fill_normal(grain, 0, static_cast<real>(noise), key);
  for (int y = 0; y < kPartSide; ++y)
    for (int x = 0; x < kPartSide; ++x) {
      const std::optional<std::array<double, 3>> part = paint(x, y);
      for (size_t c = 0; c < 3; ++c) {
        const auto at = static_cast<size_t>(y * kPartSide + x) * 3 + c;
        const double v = (part ? *part : table)[c] + static_cast<double>(grain.data()[at]);
        image.pixels[at] = static_cast<uint8_t>(std::clamp(std::round(v), 0.0, 255.0));
      }
    }
  return image;
}
using Nothing = std::optional<std::array<double, 3>>;

// The light varies from picture to picture, and so does the table's grain.
std::array<double, 3> table(uint64_t key) {
  const double light = 120 + 8 * static_cast<double>(key % 9);
  return {light, light, light + 5};
}
double grain(uint64_t key) {
  return 3 + static_cast<double>(key % 4);
}

// A disc with a hole that lies elsewhere each time.
Image washer(uint64_t key) {
  const auto across = static_cast<double>(key * 7 % 60), down = static_cast<double>(key * 11 % 50);
  return photograph(key, table(key), grain(key), [&](int x, int y) -> Nothing {
    const double r = std::hypot(x - 65 - across, y - 70 - down);
    if (r > 34 || r < 10) return {};
    return std::array<double, 3>{190 - r, 110 + static_cast<double>(key % 5), 40};
  });
}
// Stripes that fill the picture.
Image cloth(uint64_t key) {
  const double shift = static_cast<double>(key % 11);
  return photograph(key, table(key), 5, [&](int x, int y) -> Nothing {
    const double wave = 60 * std::sin((x + shift) / 3.0) + 25 * std::cos(y / 2.0);
    return std::array<double, 3>{90 + wave, 120 + wave / 2, 160};
  });
}
Image plain(uint64_t key, std::array<double, 3> colour, double noise) {
  return photograph(key, colour, noise, [](int, int) { return Nothing{}; });
}

std::vector<std::pair<std::string, Image>> pictures_without_a_part() {
  std::vector<std::pair<std::string, Image>> pictures;
  for (uint64_t i = 1000; i < 1018; ++i) pictures.emplace_back("empty table", plain(i, table(i), grain(i)));
  for (double v = 0; v <= 256; v += 32) {
    const double level = std::min(v, 255.0);
    const std::string name = std::to_string(level) + " with noise ";
    for (const double noise : {0.0, 2.0, 10.0, 40.0})
      pictures.emplace_back(name + std::to_string(noise),
                            plain(2000 + static_cast<uint64_t>(v), {level, level, level}, noise));
  }
  return pictures;
}

struct DrawnObjects {
  TemporaryFolder folder;

  std::vector<std::string> write(const std::string& name, Image (*draw)(uint64_t), uint64_t count) const {
    std::vector<std::string> files;
    fs::create_directories(folder / name);
    for (uint64_t i = 0; i < count; ++i) {
      files.push_back((folder / name / (std::to_string(i) + ".png")).string());
      write_png(files.back(), draw(i));
    }
    return files;
  }
  Model model(const std::string& method) const {
    Settings s = starting_settings("fast", method);
    s.image_size = kPartSide;
    s.grid = 12;
    s.epochs = s.increment_epochs = 1;
    return {"fast", method, s, Backbone::embedded()};
  }
  void learn(Model& model, const std::string& name, const std::vector<std::string>& files) const {
    model.learn({{name, files}}, FeatureCache(folder / "cache", model.extractor()), {});
  }
};

Verdict decision(const Model& model, const Image& image) {
  const Judgement j = model.judge(image);
  return verdict(j.score, model.objects()[static_cast<size_t>(j.object)].threshold, j.novelty);
}

}  // namespace

TEST_CASE("a part that is not there does not pass, whatever the method", "[issues][novelty]") {
  const DrawnObjects drawn;
  // Methods of every kind: a Gaussian, a bank, one that takes all for the newest object, a network.
  for (const char* method : {"gaussian", "coreset", "padim", "iuf"}) {
    Model model = drawn.model(method);
    drawn.learn(model, "cloth", drawn.write("cloth", cloth, 12));
    drawn.learn(model, "washer", drawn.write("washer", washer, 12));
    for (const auto& [name, picture] : pictures_without_a_part()) {
      INFO(method << ": " << name);
      CHECK(is_alarm(decision(model, picture)));
    }
    for (uint64_t i = 100; i < 120; ++i) {
      INFO(method << ": normal image " << i);
      CHECK(decision(model, washer(i)) != Verdict::unknown);
      CHECK(decision(model, cloth(i)) != Verdict::unknown);  // padim takes it for a washer
    }
  }
}

TEST_CASE("a verdict `defect` stays an alarm, and what tells missing parts outlives the file", "[issues][novelty]") {
  const DrawnObjects drawn;
  Model model = drawn.model("gaussian");
  drawn.learn(model, "washer", drawn.write("washer", washer, 12));
  const fs::path path = drawn.folder / "model.safetensors";
  model.save(path);
  const Model loaded = Model::load(path);
  const TensorFile file = read_safetensors(path);
  SafetensorsWriter older;  // as an older version wrote it
  size_t bytes = 0;
  for (const std::string& name : file.names()) {
    if (name.starts_with("novelty.")) {
      bytes += file.bytes(name).size();
    } else {
      older.add(name, file.at(name));
    }
  }
  nlohmann::json description = nlohmann::json::parse(file.metadata("iuf_model"));
  description["format"] = 1;
  older.set_metadata("iuf_model", description.dump());
  older.write(drawn.folder / "older.safetensors");
  const Model old = Model::load(drawn.folder / "older.safetensors");
  CHECK((bytes > 0 && bytes < 65536));
  CHECK((model.has_novelty(0) && loaded.has_novelty(0) && !old.has_novelty(0)));
  std::vector<std::pair<std::string, Image>> pictures = pictures_without_a_part();
  for (uint64_t i = 100; i < 110; ++i) pictures.emplace_back("normal", washer(i));
  for (const auto& [name, picture] : pictures) {
    const Judgement j = model.judge(picture), again = loaded.judge(picture), without = old.judge(picture);
    INFO(name);
    REQUIRE(j.novelty);
    CHECK(again.novelty == j.novelty);
    CHECK_FALSE(without.novelty);
    CHECK(without.score == j.score);
    if (decision(old, picture) == Verdict::defect) CHECK(is_alarm(decision(model, picture)));
  }
}

TEST_CASE("what is usual is learned from different photographs, each once", "[issues][novelty]") {
  const DrawnObjects drawn;
  const std::vector<std::string> files = drawn.write("washer", washer, 9);
  Model once = drawn.model("gaussian"), twice = drawn.model("gaussian"), few = drawn.model("gaussian");
  drawn.learn(once, "washer", files);
  std::vector<std::string> repeated = files;
  for (const std::string& file : files) {
    repeated.push_back(file + ".copy.png");
    fs::copy_file(file, repeated.back());
  }
  std::ranges::reverse(repeated);
  drawn.learn(twice, "washer", repeated);
  CHECK(once.judge(washer(50)).novelty == twice.judge(washer(50)).novelty);
  // Three images do not say how much normal ones differ; nothing is claimed.
  drawn.learn(few, "washer", {files[0], files[1], files[2], repeated[8]});
  CHECK_FALSE(few.has_novelty(0));
  CHECK_FALSE(few.judge(washer(50)).novelty);
}
