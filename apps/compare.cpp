#include <iostream>

#include "apps/child_runs.h"
#include "apps/command.h"
#include "apps/flags.h"
#include "apps/notes.h"
#include "apps/settings_flags.h"
#include "apps/table.h"
#include "iuf/checks/description.h"
#include "iuf/data/dataset.h"
#include "iuf/data/json_fields.h"
#include "iuf/report/html.h"
#include "iuf/run/comparison_tables.h"
#include "iuf/run/run_files.h"

namespace iuf {
namespace {

struct CompareFlags {
  ComparisonOptions options;
  StreamFlags stream;
  std::string methods = "all";
  int64_t jobs = 0;
  bool quick = false, json = false;
  Columns columns = Columns::fitting;
  std::unique_ptr<SettingsFlags> settings;
};

void declare(CLI::App& app, CompareFlags& f) {
  ComparisonOptions& o = f.options;
  add_data(app, o.data);
  app.add_option("--out", o.out, "tables, report and a folder per run; the same command goes on where it was")
      ->required()
      ->type_name("FOLDER");
  f.stream.add(
      app, "objects of the base step and of each later one: \"a,b,c; d; e\"",
      "the same by its name, in alphabetical order: 14-1, 10-5, 3-3x4, 10-1x5, 1x15; or written out as --steps");
  app.add_option("--methods", f.methods, "all, paper, or names separated by commas")
      ->capture_default_str()
      ->check(accepted_by(parse_variants))
      ->type_name("A,B");
  app.add_option("--seeds", o.seeds, "each method once per seed: mean and spread")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("N,N")
      ->default_str("0");
  app.add_flag("--quick", f.quick, "a sixth of the epochs, for a first look");
  app.add_option("--jobs", f.jobs, "runs at once; 0: one per core as far as memory goes")
      ->capture_default_str()
      ->type_name("N")
      ->check(within(range(0, 4096)));
  add_profile(app, o.profile, "where all settings below start");
  add_weights(app, o.backbone_weights);
  add_ignore(app, o.ignore, "masks as of iuf train, for every method");
  add_cache(app, o.cache, "OUT/cache");
  add_csv_safe(app);
  app.add_flag("--json", f.json, "print comparison.json instead of the table");
  app.add_flag_callback(
      "--wide", [&f] { f.columns = Columns::all; }, "every figure in the printed table, however wide it becomes");
  f.settings = std::make_unique<SettingsFlags>(app);
  app.footer(
      "comparison.csv has all figures of every method and seed, comparison_objects.csv those of every object.\n"
      "Methods: " +
      joined(variant_names()) +
      ".\nSettings are for all methods; those that a method is defined by stay the method's own: --pull is not "
      "for finetune.\n"
      "Exit code 1 when a run failed or could not use an image or a mask; the others are done all the same.");
}

int compare(CompareFlags& f, ProgressLine& progress) {
  ComparisonOptions& o = f.options;
  const Dataset data = read_dataset(o.data);
  const std::vector<std::string>& objects = data.objects;
  const std::optional<Stream> stream = f.stream.over(objects);
  if (!stream) throw UsageError("compare: say which objects come when: --stream 3-1x2, or --steps \"a,b,c; d; e\"");
  o.stream = *stream;
  note_unused(o.stream, objects, progress);
  note_data(data, o.stream.objects(), std::ref(progress));
  o.variants = parse_variants(f.methods);
  o.settings = [&f](const std::string& method) {
    const Settings s = f.settings->over(starting_settings(f.options.profile, method));
    return f.quick ? quick(s) : s;
  };
  o.written = [&o] { write_comparison_report(o.out); };
  const Comparison comparison = compare_side_by_side(o, f.jobs, progress);
  if (f.json) {
    std::cout << to_json(comparison).dump(1) << "\n";
  } else {
    std::cout << to_string(o.stream) << "\n\n" << comparison_text(comparison.rows, f.columns) << "\n";
    for (const std::string& remark : comparison_remarks(comparison.rows)) std::cout << remark << "\n";
    std::cout << "report  " << ComparisonFiles{o.out}.report().string() << "\n";
  }
  return std::ranges::any_of(comparison.rows, [](const ComparisonRow& row) { return row.failed || row.errors > 0; });
}

}  // namespace

Action compare_command(CLI::App& app) {
  auto f = std::make_shared<CompareFlags>();
  declare(app, *f);
  return [f](ProgressLine& progress) { return compare(*f, progress); };
}

}  // namespace iuf
