// One NaN, infinity or changed bit in a model, and predict said ok to every image.

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "iuf/paper/anomaly_map.h"
#include "iuf/run/scores.h"
#include "iuf/stats/conformal.h"
#include "iuf/stats/gaussian.h"
#include "iuf/stats/threshold.h"
#include "nn/bytes.h"
#include "nn/file.h"
#include "nn/safetensors.h"
#include "support/dice.h"
#include "support/older_model.h"
#include "support/small_model.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN(), kInfinity = std::numeric_limits<float>::infinity();

// What loading says; empty: it says nothing.
std::string complaint(const fs::path& path) {
  try {
    Model::load(path);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

// Of each part of the method's own tensors one, and two of the backbone.
std::vector<std::string> some_tensors(const TensorFile& file) {
  std::vector<std::string> names;
  size_t backbone = 0, seen = 0;
  for (const std::string& name : file.names()) {
    const DType dtype = file.at(name).dtype;
    if (dtype != DType::f32 && dtype != DType::f64) continue;
    if (name.starts_with("backbone.") ? backbone++ % 90 == 0 : seen++ % 7 == 0 || !name.starts_with("network."))
      names.push_back(name);
  }
  return names;
}

}  // namespace

TEST_CASE("a model with a value that is not finite is refused at load, in whatever tensor, with and without a checksum",
          "[issues][broken]") {
  for (const char* method : {"iuf", "gaussian", "surroundings", "coreset", "padim", "patchcore", "draem", "cad-dne"}) {
    CAPTURE(method);
    const SmallModel small(method);
    std::vector<std::byte> bytes = without_checksum(*small.model);
    const fs::path path = small.folder / "broken.safetensors";
    write_file(path, bytes);
    REQUIRE(complaint(path).empty());
    const TensorFile file = parse_safetensors(bytes, "whole");
    Dice dice(7);
    for (const std::string& name : some_tensors(file)) {
      const StoredTensor& tensor = file.at(name);
      const size_t width = size_of(tensor.dtype), count = tensor.bytes.size() / width;
      const auto at =
          static_cast<size_t>(tensor.bytes.data() - bytes.data()) + width * dice.below(static_cast<uint32_t>(count));
      const float value = dice.below(2) ? kNaN : dice.below(2) ? kInfinity : -kInfinity;
      const double wide = static_cast<double>(value);
      std::vector<std::byte> before(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                                    bytes.begin() + static_cast<std::ptrdiff_t>(at + width));
      std::memcpy(bytes.data() + at, width == 8 ? static_cast<const void*>(&wide) : &value, width);
      write_file(path, bytes);
      CAPTURE(name);
      CHECK_THAT(complaint(path), Contains(path.string()) && Contains("'" + name + "'") && Contains("damaged"));
      std::memcpy(bytes.data() + at, before.data(), width);
    }
  }
}

TEST_CASE("no changed bit and no missing byte of a model file passes", "[issues][broken]") {
  const SmallModel small("gaussian");
  const fs::path path = small.folder / "model.safetensors";
  small.model->save(path);
  const std::vector<std::byte> whole = read_file(path);
  const auto refused = [&](size_t at, std::byte mask) {
    std::vector<std::byte> damaged = whole;
    damaged[at] ^= mask;
    write_file(path, damaged);
    const std::string said = complaint(path);
    if (said.empty()) FAIL_CHECK("byte " << at << " changed by " << static_cast<int>(mask) << ": loaded");
    if (!said.empty() && said.find(path.string()) == std::string::npos) FAIL_CHECK("byte " << at << ": " << said);
    if (!said.empty() && said.find("copy the file again") == std::string::npos)
      FAIL_CHECK("byte " << at << " does not say what to do: " << said);
  };
  const auto header = static_cast<size_t>(load_number<uint64_t>(whole)) + 8;
  for (size_t at = 0; at < 64; ++at)  // the length, the key of the checksum, its digits
    for (const int bit : {0, 3, 7}) refused(at, static_cast<std::byte>(1 << bit));
  Dice dice(11);
  for (int i = 0; i < 60; ++i) refused(dice.below(static_cast<uint32_t>(header)), std::byte(1 << dice.below(8)));
  for (int i = 0; i < 60; ++i) refused(dice.below(static_cast<uint32_t>(whole.size())), std::byte(1 << dice.below(8)));
  const std::string text(reinterpret_cast<const char*>(whole.data()), header);
  for (const char* word : {"iuf_model", "__metadata__", "format\\\":2", "threshold", "iuf_checksum"}) {
    CAPTURE(word);
    const size_t at = text.find(word);
    REQUIRE(at != std::string::npos);
    for (size_t i = 0; i < std::string(word).size(); i += 2) refused(at + i, std::byte{1});
  }
  for (const size_t size : {size_t{0}, size_t{5}, size_t{40}, header / 2, header, whole.size() / 2, whole.size() - 1}) {
    write_file(path, std::span(whole).first(size));
    CHECK_THAT(complaint(path), Contains(path.string()) && Contains("copy the file again"));
  }
}

TEST_CASE("a model of this format without a checksum is refused, one of the format before is loaded with a remark",
          "[issues][broken]") {
  const SmallModel small("gaussian");
  const fs::path path = small.folder / "model.safetensors";
  write_file(path, without_checksum(*small.model));
  std::vector<std::string> notes;
  const Progress progress({}, [&](const std::string& text) { notes.push_back(text); });
  const Model old = Model::load(path, progress);
  REQUIRE(notes.size() == 1);
  CHECK_THAT(notes[0], Contains(path.string()) && Contains("without a checksum"));
  const ImageFeatures image = small.features("gear");
  CHECK(old.judge(image).score == small.model->judge(image).score);
  old.save(path);
  CHECK_NOTHROW(Model::load(path, progress));
  CHECK(notes.size() == 1);
  write_file(path, without_checksum(*small.model, [](nlohmann::json& meta) { meta["format"] = 2; }));
  CHECK_THAT(complaint(path), Contains("its checksum is missing"));
}

TEST_CASE("a number of a model's description that makes no sense is refused by every method", "[issues][broken]") {
  for (const char* method :
       {"iuf", "gaussian", "surroundings", "coreset", "padim", "patchcore", "draem", "cad-panda", "cad-dne"}) {
    CAPTURE(method);
    const SmallModel small(method);
    const fs::path path = small.folder / "model.safetensors";
    const nlohmann::json state =
        nlohmann::json::parse(parse_safetensors(without_checksum(*small.model), "whole").metadata("iuf_model"))
            .at("method_state");
    for (const auto& [key, value] : state.items()) {
      CAPTURE(key);
      for (const nlohmann::json& wrong :
           {nlohmann::json(INT64_MIN), nlohmann::json(-1), nlohmann::json(INT64_MAX), nlohmann::json(UINT64_MAX),
            nlohmann::json(1e300), nlohmann::json(0.5), nlohmann::json(), nlohmann::json("2"), nlohmann::json::array(),
            nlohmann::json{nullptr, nullptr}, nlohmann::json{{0, 0, 0, 0}, {0, -1, 0, -1}}}) {
        CAPTURE(wrong.dump());
        write_file(path, without_checksum(*small.model,
                                          [&, &at = key](nlohmann::json& meta) { meta["method_state"][at] = wrong; }));
        if (std::string(method) == "iuf" && wrong == nlohmann::json{nullptr, nullptr}) {
          // Objects known by name alone: this score needs their statistics.
          CHECK_THROWS_AS(Model::load(path).judge(small.features("gear")), Error);
          continue;
        }
        CHECK_THAT(complaint(path), Contains(path.string()));
      }
    }
  }
}

TEST_CASE("numbers so large that the score is none are an error of the image, never a verdict", "[issues][broken]") {
  for (const auto& [method, tensor] : {std::pair{"gaussian", "object.1.whitener"},
                                       {"surroundings", "object.1.surroundings.weight"},
                                       {"coreset", "standardise.scale"},
                                       {"iuf", "network.output_proj.weight"},
                                       {"draem", "network.segmentation."},
                                       {"cad-panda", "gaussian.whitener"}}) {
    CAPTURE(method);
    const SmallModel small(method);
    std::vector<std::byte> bytes = without_checksum(*small.model);
    const TensorFile file = parse_safetensors(bytes, "whole");
    bool found = false;
    for (const std::string& name : file.names()) {
      if (!name.starts_with(tensor)) continue;
      found = true;
      const std::span<const std::byte> values = file.at(name).bytes;
      const auto at = static_cast<size_t>(values.data() - bytes.data());
      const float huge = 3e38f;
      for (size_t i = 0; i < values.size(); i += sizeof huge) std::memcpy(bytes.data() + at + i, &huge, sizeof huge);
    }
    REQUIRE(found);
    const fs::path path = small.folder / "huge.safetensors";
    write_file(path, bytes);
    const Model model = Model::load(path);
    CHECK_THROWS_WITH(model.judge(small.features("gear")), Contains("not finite") || Contains("not a finite number"));
  }
}

TEST_CASE("what is compared is finite: thresholds, fits, scales, tables", "[issues][broken]") {
  for (const double bad : {static_cast<double>(NAN), static_cast<double>(INFINITY)}) {
    for (size_t place = 0; place < 3; ++place) {
      std::vector<double> scores = {1, 2, 3};
      scores[place] = bad;
      CHECK_THROWS_WITH(quantile(scores, 0.5), Contains("not a finite number"));
      CHECK_THROWS_AS(conformal_threshold(scores, 0.1), Error);
      CHECK_THROWS_AS(alarm_rate(scores, 1), Error);
      CHECK_THROWS_WITH(most_likely(scores), Contains("object number " + std::to_string(place)));
    }
    ScoreScaleFit fit;
    fit.add(Tensor::full({2}, 1));
    fit.add(Tensor::full({2}, static_cast<real>(bad)));
    CHECK_THROWS_AS(fit.finish(), Error);
    CHECK_THROWS_AS(ScoreScale::stored(bad, 1, "f"), Error);
    CHECK_THROWS_AS(ScoreScale::stored(0, bad, "f"), Error);
    CHECK(csv_number(bad).empty());
    GaussianFit gaussian(2);
    gaussian.add(Tensor({2, 2}, std::vector<real>{1, 2, 3, static_cast<real>(bad)}));
    CHECK_THROWS_AS(gaussian.finish(0.1), Error);
  }
  CHECK_THROWS_AS(ScoreScale::stored(0, 0, "f"), Error);
  for (const char* text : {"nan", "inf", "-inf", "1e999"})
    CHECK_THROWS_WITH(from_csv<ScoredImage>("object,file,label,label_name,score,threshold,verdict,predicted_object,"
                                            "confidence\na,b,0,good," +
                                                std::string(text) + ",1,ok,a,1\n",
                                            "scores"),
                      Contains("no finite number"));
}
