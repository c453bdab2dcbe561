#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "iuf/run/heatmap.h"
#include "iuf/run/run_files.h"
#include "nn/file.h"
#include "support/temporary_folder.h"

namespace iuf {

/// A run folder with every file, as small as it can be: three steps, four objects with names that need escaping, one
/// without defects, one without masks. Tests change the parts and write() again.
struct FabricatedRun {
  nlohmann::json metrics, comparison, index;
  std::string log, scores, config;

  FabricatedRun() {
    const auto null = nlohmann::json();
    metrics = {{"format", 1},
               {"method", "iuf"},
               {"profile", "fast"},
               {"version", "0.1.0"},
               {"seed", 7},
               {"backbone", "efficientnet_lite0"},
               {"steps", {{"bottle", names[1]}, {"no defects"}, {"metal_plate"}}},
               {"objects", {"bottle", names[1], "no defects", "metal_plate"}},
               {"image_auroc", {{0.9876, 0.75, null, null}, {0.97, 0.76, null, null}, {0.9512, 0.7312, null, 0.8123}}},
               {"pixel_auroc", {{0.98, null, null, null}, {0.97, null, null, null}, {0.96, null, null, 0.9123}}},
               {"summary", {{"image_acc", 0.8316}, {"pixel_acc", 0.9362}, {"image_fm", 0.0326}, {"pixel_fm", 0.02}}},
               {"per_object", nlohmann::json::array()},
               {"seconds", 754.2},
               {"peak_memory_bytes", 1234567890},
               {"threads", 2},
               {"cpu", "A <fast> processor"}};
    const auto row = [](const char* name, const nlohmann::json& image_acc, const nlohmann::json& pixel_acc,
                        const nlohmann::json& image_fm, const nlohmann::json& pixel_fm, const nlohmann::json& seconds) {
      return nlohmann::json{{"name", name},
                            {"summary",
                             {{"image_acc", image_acc},
                              {"pixel_acc", pixel_acc},
                              {"image_fm", image_fm},
                              {"pixel_fm", pixel_fm},
                              {"seconds", seconds}}}};
    };
    comparison = {
        {"format", 1},
        {"stream", nlohmann::json::array()},
        {"profile", "fast"},
        {"version", "0.1.0"},
        {"rows", {row("fine-tuning <plain>", 0.7, 0.8, 0.1, 0.09, 700), row("cad", 0.9, null, -0.01, null, null)}},
        {"panel", nlohmann::json::array()}};
    index = {{"scale", nlohmann::json::object()}, {"items", nlohmann::json::array()}};
    scores = "object,file,label,label_name,score,threshold,verdict,predicted_object,confidence\r\n";
    for (size_t object = 0; object < 4; ++object) {
      const std::string name = metrics["objects"][object];
      const bool measured = object != 2;
      const auto value = [&](double fraction) { return measured ? nlohmann::json(fraction) : null; };
      metrics["per_object"].push_back({{"object", name},
                                       {"image_auroc", metrics["image_auroc"][2][object]},
                                       {"image_ap", value(0.9)},
                                       {"image_f1_max", value(0.8)},
                                       {"pixel_auroc", metrics["pixel_auroc"][2][object]},
                                       {"pixel_ap", null},
                                       {"pixel_f1_max", null},
                                       {"aupro", null},
                                       {"threshold", 1.5},
                                       {"test_normal", 3},
                                       {"test_defect", measured ? 2 : 0},
                                       {"recognised", 0.8}});
      index["scale"][name] = {{"low", 0.25}, {"high", 4}};
      for (int image = 0; image < (measured ? 5 : 3); ++image) {
        const bool defect = image >= 3;
        // The third normal image is a false alarm, the first defect is missed.
        const double score = image == 2 ? 1.75 : image == 3 ? 1.25 : defect ? 3 : 0.5;
        const std::string file = name + "/" + std::to_string(image) + ".png", kind = defect ? "a \"deep\" cut" : "good";
        scores += quoted(name) + ',' + quoted(file) + ',' + (defect ? "1," : "0,") + quoted(kind) + ',' +
                  nlohmann::json(score).dump() + ",1.5,normal," + quoted(name) + ",0.9\r\n";
        const std::string stem = std::to_string(object) + "_" + std::to_string(image);
        index["items"].push_back({{"object", name},
                                  {"file", file},
                                  {"label", defect ? 1 : 0},
                                  {"label_name", kind},
                                  {"score", score},
                                  {"threshold", 1.5},
                                  {"input", stem + "_input.png"},
                                  {"mask", defect && object != 1 ? nlohmann::json(stem + "_mask.png") : null},
                                  {"heat", stem + "_heat.png"}});
        if (image == 4) {  // a defect that is found, in a region
          auto& item = index["items"].back();
          item["width"] = item["height"] = 64;
          item["regions"] = {{{"x", 8},
                              {"y", 16},
                              {"width", 20},
                              {"height", 10},
                              {"area", 150},
                              {"peak", 3},
                              {"peak_x", 18},
                              {"peak_y", 20}}};
        }
      }
    }
    for (int step = 0; step < 3; ++step)
      for (int iteration = 0; iteration < 6; ++iteration) {
        nlohmann::json parts = {{{"name", "reconstruction"}, {"value", 15.0 / (1 + iteration * iteration)}},
                                {{"name", "compression"}, {"value", 0.0}}};
        if (step == 0) parts.push_back({{"name", "classification <objects>"}, {"value", 0.5}});
        log += nlohmann::json({{"step", step},
                               {"epoch", iteration / 2},
                               {"iteration", iteration},
                               {"loss", 20.0 / (1 + iteration * iteration)},
                               {"parts", parts},
                               {"grad_norm", 1.5},
                               {"lr", 0.001},
                               {"seconds", 2.5 * iteration}})
                   .dump() +
               '\n';
      }
    config = "profile = \"fast\" # <&>\nseed = 7\n";
  }

  /// Names that HTML, CSV or a careless program would trip over.
  static constexpr const char* names[] = {"bottle", "<b>cr\u00E8me</b> & \"co\", 'x'"};

  const std::filesystem::path& path() const { return folder_.path(); }

  void write() const {
    const RunFiles files{path()};
    write_file(files.metrics(), metrics.dump());
    write_file(ComparisonFiles{path()}.results(), comparison.dump());
    write_file(files.log(), log);
    write_file(files.scores(), scores);
    write_file(files.config(), config);
    make_folder(files.gallery().folder);
    write_file(files.gallery().index(), index.dump());
    const Image picture = overlay(blank_image(2, 2, 3), std::vector<float>{0, 1, 2, 3}, 2, 2, 0, 3);
    for (const auto& item : index["items"])
      for (const char* part : {"input", "mask", "heat"})
        if (item[part].is_string() && item[part].get<std::string>().ends_with("_" + std::string(part) + ".png"))
          write_png(path() / "gallery" / item[part].get<std::string>(), picture);
  }

  static std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (const char c : text) result += c == '"' ? "\"\"" : std::string(1, c);
    return result + '"';
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace iuf
