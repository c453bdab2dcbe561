#include <iostream>
#include <nlohmann/json.hpp>

#include "apps/command.h"
#include "apps/settings_flags.h"
#include "apps/table.h"
#include "iuf/data/synthetic.h"
#include "iuf/report/html.h"
#include "iuf/training_run.h"
#include "nn/file.h"

namespace iuf {
namespace {

using json = nlohmann::json;
namespace fs = std::filesystem;

// What IUF is held against, by the name in tables.
const std::vector<std::pair<std::string, std::string>> kRivals = {{"finetune", "fine-tuning"}};

std::optional<double> value(const json& summary, const char* key) {
  const json& v = summary.at(key);
  return v.is_null() ? std::nullopt : std::optional(v.get<double>());
}

std::vector<std::string> summary_row(const std::string& name, const json& metrics) {
  const json& summary = metrics.at("summary");
  return {name,
          percent_text(value(summary, "image_acc")),
          percent_text(value(summary, "pixel_acc")),
          percent_text(value(summary, "image_fm")),
          percent_text(value(summary, "pixel_fm")),
          duration_text(metrics.at("seconds").get<double>())};
}

}  // namespace

Action demo_command(CLI::App& app) {
  struct Flags {
    fs::path out;
    std::string stream = "4-1x2";
    SynthOptions synth;
    std::unique_ptr<SettingsFlags> settings;
  };
  auto f = std::make_shared<Flags>();
  f->synth.train = 40;
  f->synth.test_good = 12;
  f->synth.per_defect = 4;
  app.add_option("out", f->out, "everything goes here; the same command goes on where it was")->required()->type_name("FOLDER");
  app.add_option("--stream", f->stream, "objects of the base step and of the later ones")->capture_default_str()->type_name("NAME");
  app.add_option("--size", f->synth.size, "of the generated images, in pixels")->capture_default_str()->type_name("N");
  app.add_option("--train", f->synth.train, "normal images to learn from, per object")->capture_default_str()->type_name("N");
  app.add_option("--test-good", f->synth.test_good, "normal test images, per object")->capture_default_str()->type_name("N");
  app.add_option("--per-defect", f->synth.per_defect, "defective images per object and kind of defect")->capture_default_str()->type_name("N");
  f->settings = std::make_unique<SettingsFlags>(app);
  app.footer("--seed is that of the generated images, too.");

  return [f, &app](ProgressLine& progress) {
    RunOptions run;
    run.data = f->out / "data";
    run.settings = f->settings->over(profile(run.profile));
    f->synth.seed = static_cast<uint64_t>(run.settings.seed);
    run.cache = f->out / "cache";
    run.stream = named_stream(f->stream, synthetic_object_names());
    f->synth.objects = run.stream.objects();
    f->settings->fill(run.settings);
    run.config_text = "# iuf " IUF_VERSION ". The same again: iuf demo --config FILE\n" + app.config_to_str(true);
    write_synthetic(run.data, f->synth, [&](size_t done, size_t total) {
      progress("images", static_cast<int64_t>(done), static_cast<int64_t>(total));
    });

    const auto train = [&](const std::string& method) {
      run.method = method;
      run.out = f->out / method;
      return json::parse(train_run(run, [&](const std::string& stage, int64_t done, int64_t total) { progress(method + ": " + stage, done, total); }));
    };
    const json own = train("iuf");
    std::vector<std::vector<std::string>> rows = {{"", "image ACC", "pixel ACC", "image FM", "pixel FM", "training"}, summary_row("IUF", own)};
    json comparison = {{"rows", json::array()}};
    for (const auto& [method, name] : kRivals) {
      const json metrics = train(method);
      rows.push_back(summary_row(name, metrics));
      comparison["rows"].push_back({{"name", name}, {"summary", metrics.at("summary")}, {"seconds", metrics.at("seconds")}});
    }
    write_file(f->out / "iuf" / "comparison.json", comparison.dump(1));
    write_report(f->out / "iuf");
    progress.finish();

    const RunResults results = read_results(f->out / "iuf");
    std::cout << "IUF on " << to_string(run.stream) << "\n\n"
              << matrix_text(results.image, results.pixel) << "\n"
              << text_table(rows) << "\nmodel   " << (f->out / "iuf" / "model.safetensors").string() << "\nreport  "
              << (f->out / "iuf" / "report.html").string() << "\n";
    return 0;
  };
}

}  // namespace iuf
