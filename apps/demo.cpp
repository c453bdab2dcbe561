#include <iostream>

#include "apps/child_runs.h"
#include "apps/command.h"
#include "apps/settings_flags.h"
#include "apps/table.h"
#include "iuf/report/html.h"
#include "iuf/synthetic/data_set.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace iuf {
namespace {

namespace fs = std::filesystem;

// What IUF is held against.
constexpr const char* kMethods = "iuf,finetune,uniad,ewc,patchcore,coreset";

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
  app.add_option("out", f->out, "everything goes here; the same command goes on where it was")
      ->required()
      ->type_name("FOLDER");
  app.add_option("--stream", f->stream, "objects of the base step and of the later ones")
      ->capture_default_str()
      ->type_name("NAME");
  app.add_option("--size", f->synth.size, "of the generated images, in pixels")->capture_default_str()->type_name("N");
  app.add_option("--train", f->synth.train, "normal images to learn from, per object")
      ->capture_default_str()
      ->type_name("N");
  app.add_option("--test-good", f->synth.test_good, "normal test images, per object")
      ->capture_default_str()
      ->type_name("N");
  app.add_option("--per-defect", f->synth.per_defect, "defective images per object and kind of defect")
      ->capture_default_str()
      ->type_name("N");
  f->settings = std::make_unique<SettingsFlags>(app);
  app.footer(
      "--seed is that of the generated images, too. Settings that a method is defined by stay the method's own.");

  return [f](ProgressLine& progress) {
    ComparisonOptions o{.data = f->out / "data", .out = f->out, .variants = parse_variants(kMethods)};
    o.settings = [f, profile = o.profile](const std::string& method) {
      return f->settings->over(starting_settings(profile, method));
    };
    o.seeds = {o.settings("iuf").seed};
    o.stream = named_stream(f->stream, synthetic_object_names());
    f->synth.seed = static_cast<uint64_t>(o.seeds[0]);
    f->synth.objects = o.stream.objects();
    write_synthetic(o.data, f->synth, [&](size_t done, size_t total) {
      progress("images", static_cast<int64_t>(done), static_cast<int64_t>(total));
    });
    o.written = [out = o.out] { write_comparison_report(out); };
    const int64_t jobs = runs_at_once();
    const std::vector<ComparisonRow> rows =
        compare(o, jobs, child_runs(static_cast<int>(std::max<int64_t>(1, thread_count() / jobs))),
                [&](const std::string& stage, int64_t done, int64_t total) { progress(stage, done, total); });
    progress.finish();
    for (const ComparisonRow& row : rows)
      if (!row.failed.empty()) fail("demo: ", row.variant.label, ": ", row.failed);
    write_report(f->out / "iuf");  // now that it can show the others

    const RunResults results = read_results(f->out / "iuf");
    std::cout << "IUF on " << to_string(o.stream) << "\n\n"
              << matrix_text(results.image, results.pixel) << "\n"
              << text_table(comparison_cells(rows)) << "\nmodel   " << (f->out / "iuf" / "model.safetensors").string()
              << "\nreport  " << (f->out / "iuf" / "report.html").string() << "\n";
    return 0;
  };
}

}  // namespace iuf
