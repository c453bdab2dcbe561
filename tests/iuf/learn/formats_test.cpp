// Models of every format are read, and judge as they did (docs/models.md). The files are models without a backbone
// (formats/make_formats.py).

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "iuf/learn/model.h"
#include "iuf/synthetic/data_set.h"
#include "nn/file.h"
#include "nn/safetensors.h"
#include "support/notes.h"
#include "support/small_model.h"
#include "support/temporary_folder.h"

using namespace iuf;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

// The file with the program's backbone, and the checksum that its format has.
void complete(const fs::path& from, const fs::path& to) {
  const TensorFile part = read_safetensors(from);
  const nlohmann::json description = nlohmann::json::parse(part.metadata("iuf_model"));
  const Backbone backbone = Backbone::embedded().shallow();
  SafetensorsWriter writer;
  for (const auto& [name, tensor] : backbone.state()) writer.add("backbone." + name, tensor);
  for (const std::string& name : part.names()) writer.add(name, part.at(name));
  writer.set_metadata("iuf_model", part.metadata("iuf_model"));
  if (description.at("format") > 1) writer.protect();
  writer.write(to);
}

}  // namespace

TEST_CASE("models of every format are read, judge as they did, go on, and are written in the newest",
          "[iuf][formats]") {
  const TemporaryFolder folder;
  const fs::path path = folder / "model.safetensors";
  for (const std::string method : {"gaussian", "iuf"})
    for (const int format : {1, 2, 3}) {
      if (format == 3 && method != "gaussian") continue;
      CAPTURE(method, format);
      complete(fs::path(IUF_SOURCE_DIR) / "tests/iuf/learn/formats" /
                   (method + "_" + std::to_string(format) + ".safetensors"),
               path);
      Notes notes;
      Model model = Model::load(path, notes.progress());
      CHECK(notes.notes.size() == (format == 1 ? 1 : 0));
      REQUIRE(model.objects().size() == 2);
      CHECK(model.settings().false_alarms == Approx(0.01));
      CHECK(model.version() == (format == 1 ? 1 : 2));
      CHECK(model.has_novelty(0) == (format >= 2));
      CHECK((model.ignored(1) != nullptr) == (format == 3));
      // Its own normal images are usual, a defect of the most visible kind is not.
      for (const int64_t object : {0, 1}) {
        const std::string name = object == 0 ? "biscuit" : "gear";
        const double threshold = model.objects()[static_cast<size_t>(object)].threshold.value();
        for (const uint64_t index : {0, 1, 2})
          CHECK(model.judge(render_synthetic(name, "good", 0, index, 64).image, object).score <= threshold);
      }
      Image black = render_synthetic("gear", "good", 0, 0, 64).image;
      std::fill(black.pixels.begin(), black.pixels.begin() + static_cast<std::ptrdiff_t>(black.pixels.size() / 2),
                uint8_t{0});
      CHECK(model.judge(black, 1).score > model.objects()[1].threshold.value());
      model.note_change({.command = "test", .what = "nothing"});
      model.save(path);
      const Model now = Model::load(path, notes.progress());
      CHECK(read_safetensors(path).has_checksum());
      CHECK(now.version() == (format == 1 ? 2 : 3));
      CHECK(nlohmann::json::parse(read_safetensors(path).metadata("iuf_model"))["format"] == std::max(format, 2));
      CHECK(now.judge(black, 1).score == model.judge(black, 1).score);
    }
}

TEST_CASE("a model of surroundings that did not name its views has those that there were", "[iuf][formats]") {
  const SmallModel small("surroundings", {{"views", "coarse,fine,deep"}});
  const fs::path path = small.folder / "model.safetensors";
  small.model->save(path);
  const TensorFile file = read_safetensors(path);
  nlohmann::json description = nlohmann::json::parse(file.metadata("iuf_model"));
  description["settings"]["views"] = "auto";
  SafetensorsWriter writer;
  for (const std::string& name : file.names()) writer.add(name, file.at(name));
  for (const auto& [key, value] : file.metadata()) writer.set_metadata(key, value);
  writer.set_metadata("iuf_model", description.dump());
  writer.protect();
  const fs::path older = small.folder / "older.safetensors";
  writer.write(older);
  CHECK(Model::load(older).settings().views == "coarse,fine,deep");
}
