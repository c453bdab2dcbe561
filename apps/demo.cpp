#include <iostream>

#include "apps/child_runs.h"
#include "apps/command.h"
#include "apps/flag_values.h"
#include "apps/settings_flags.h"
#include "apps/table.h"
#include "iuf/report/html.h"
#include "iuf/run/run_files.h"
#include "iuf/synthetic/data_set.h"
#include "tensor/error.h"

namespace iuf {
namespace {

namespace fs = std::filesystem;

// What IUF is held against.
constexpr const char* kMethods = "iuf,finetune,uniad,ewc,patchcore,coreset";

struct DemoFlags {
  fs::path out;
  std::string stream = "4-1x2";
  SynthOptions synth;
  std::unique_ptr<SettingsFlags> settings;
};

int demo(DemoFlags& f, ProgressLine& progress) {
  ComparisonOptions o{.data = f.out / "data", .out = f.out, .variants = parse_variants(kMethods)};
  o.settings = [&f, profile = o.profile](const std::string& method) {
    return f.settings->over(starting_settings(profile, method));
  };
  o.seeds = {o.settings("iuf").seed};
  o.stream = named_stream(f.stream, synthetic_object_names());
  f.synth.seed = static_cast<uint64_t>(o.seeds[0]);
  f.synth.objects = o.stream.objects();
  write_synthetic(o.data, f.synth, std::ref(progress));
  o.written = [out = o.out] { write_comparison_report(out); };
  const std::vector<ComparisonRow> rows = compare_side_by_side(o, 0, progress).rows;
  for (const ComparisonRow& row : rows)
    if (row.failed) fail("demo: ", row.name, ": ", *row.failed);
  const RunFiles own = ComparisonFiles{o.out}.run("iuf");
  write_run_report(own.folder);  // now that it can show the others

  const RunMetrics metrics = read_metrics(own.metrics());
  std::cout << "IUF on " << to_string(o.stream) << "\n\n"
            << matrix_text(step_matrix(metrics, Level::image), step_matrix(metrics, Level::pixel))
            << remarks_text(metrics.per_object) << "\n"
            << comparison_text(rows, Columns::fitting) << "\nmodel   " << own.model().string() << "\nreport  "
            << own.report().string() << "\n";
  return 0;
}

}  // namespace

Action demo_command(CLI::App& app) {
  auto f = std::make_shared<DemoFlags>();
  f->synth.train = 30;
  f->synth.test_good = 12;
  f->synth.per_defect = 4;
  app.add_option("out", f->out, "everything goes here; the same command goes on where it was")
      ->required()
      ->type_name("FOLDER");
  app.add_option("--stream", f->stream, "objects of the base step and of the later ones")
      ->capture_default_str()
      ->type_name("NAME");
  app.add_option("--size", f->synth.size, "of the generated images, in pixels")
      ->capture_default_str()
      ->check(within(range(32, 2048)))
      ->type_name("N");
  app.add_option("--train", f->synth.train, "normal images to learn from, per object")
      ->capture_default_str()
      ->check(within(range(0, synthetic_most_images)))
      ->type_name("N");
  app.add_option("--test-good", f->synth.test_good, "normal test images, per object")
      ->capture_default_str()
      ->check(within(range(0, synthetic_most_images)))
      ->type_name("N");
  app.add_option("--per-defect", f->synth.per_defect, "defective images per object and kind of defect")
      ->capture_default_str()
      ->check(within(range(0, synthetic_most_images)))
      ->type_name("N");
  f->settings = std::make_unique<SettingsFlags>(app);
  app.footer(
      "--seed is that of the generated images, too. Settings that a method is defined by stay the method's own.");

  return [f](ProgressLine& progress) { return demo(*f, progress); };
}

}  // namespace iuf
