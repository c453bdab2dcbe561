#include <iostream>

#include "apps/child_runs.h"
#include "apps/command.h"
#include "apps/notes.h"
#include "apps/settings_flags.h"
#include "apps/table.h"
#include "iuf/report/html.h"
#include "nn/file.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace iuf {

Action compare_command(CLI::App& app) {
  struct Flags {
    ComparisonOptions options;
    std::string steps, stream, methods = "all";
    int64_t jobs = 0;
    bool quick = false, json = false;
    std::unique_ptr<SettingsFlags> settings;
  };
  auto f = std::make_shared<Flags>();
  ComparisonOptions& o = f->options;
  std::string names, profiles;
  for (const Variant& variant : known_variants()) names += (names.empty() ? "" : ", ") + variant.name;
  for (const std::string& name : profile_names()) profiles += (profiles.empty() ? "" : "|") + name;
  app.add_option("data", o.data, "MVTec-AD or VisA folders, JSON lines, or plain folders of images")
      ->required()
      ->type_name("DATA");
  app.add_option("--out", o.out, "tables, report and a folder per run; the same command goes on where it was")
      ->required()
      ->type_name("FOLDER");
  CLI::Option* steps =
      app.add_option("--steps", f->steps, "objects of the base step and of each later one: \"a,b,c; d; e\"")
          ->type_name("STEPS");
  app.add_option(
         "--stream", f->stream,
         "the same by its name, in alphabetical order: 14-1, 10-5, 3-3x4, 10-1x5, 1x15; or written out as --steps")
      ->type_name("NAME")
      ->excludes(steps);
  app.add_option("--methods", f->methods, "all, paper, or names separated by commas")
      ->capture_default_str()
      ->type_name("A,B");
  app.add_option("--seeds", o.seeds, "each method once per seed: mean and spread")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("N,N")
      ->default_str("0");
  app.add_flag("--quick", f->quick, "a sixth of the epochs, for a first look");
  app.add_option("--jobs", f->jobs, "runs at once; 0: one per core as far as memory goes")
      ->capture_default_str()
      ->type_name("N")
      ->check(CLI::Range(0, 4096).description(""));
  app.add_option("--profile", o.profile, "where all settings below start")
      ->capture_default_str()
      ->check(CLI::IsMember(profile_names()).description(""))
      ->type_name(profiles);
  app.add_option("--weights", o.backbone_weights,
                 "of the backbone, .safetensors or .pth; default: those in the program")
      ->type_name("FILE");
  app.add_option("--cache", o.cache, "where features are kept; default: OUT/cache")->type_name("FOLDER");
  app.add_flag("--json", f->json, "print comparison.json instead of the table");
  f->settings = std::make_unique<SettingsFlags>(app);
  app.footer("Methods: " + names +
             ".\nSettings are for all methods; those that a method is defined by stay the method's own: --pull is not "
             "for finetune.\n"
             "Exit code 1 when a run failed; the others are done all the same.");

  return [f](ProgressLine& progress) {
    ComparisonOptions& c = f->options;
    const std::vector<std::string> objects = read_dataset(c.data).objects;
    if (!f->stream.empty()) {
      c.stream = parse_stream(f->stream, objects);
    } else if (!f->steps.empty()) {
      c.stream = parse_steps(f->steps, objects);
    } else {
      fail("compare: say which objects come when: --stream 3-1x2, or --steps \"a,b,c; d; e\"");
    }
    note_unused(c.stream, objects, progress);
    c.variants = parse_variants(f->methods);
    c.settings = [flags = f->settings.get(), profile = c.profile, smaller = f->quick](const std::string& method) {
      const Settings s = flags->over(starting_settings(profile, method));
      return smaller ? quick(s) : s;
    };
    c.written = [out = c.out] { write_comparison_report(out); };
    const int64_t jobs = f->jobs > 0 ? f->jobs : runs_at_once();
    const int threads = static_cast<int>(std::max<int64_t>(1, thread_count() / jobs));
    const std::vector<ComparisonRow> rows =
        compare(c, jobs, child_runs(threads),
                [&](const std::string& stage, int64_t done, int64_t total) { progress(stage, done, total); });
    progress.finish();
    if (f->json) {
      std::cout << read_text(c.out / "comparison.json") << "\n";
    } else {
      std::cout << to_string(c.stream) << "\n\n"
                << text_table(comparison_cells(rows)) << "\nreport  " << (c.out / "report.html").string() << "\n";
    }
    for (const ComparisonRow& row : rows)
      if (!row.failed.empty()) return 1;
    return 0;
  };
}

}  // namespace iuf
