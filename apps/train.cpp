#include <iostream>

#include "apps/command.h"
#include "apps/notes.h"
#include "apps/settings_flags.h"
#include "apps/table.h"
#include "iuf/report/html.h"
#include "iuf/run/training_run.h"

namespace iuf {
namespace {

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : "|") + name;
  return text;
}

}  // namespace

Action train_command(CLI::App& app) {
  struct Flags {
    RunOptions run;
    std::string steps, stream;
    bool joint = false, json = false;
    std::unique_ptr<SettingsFlags> settings;
  };
  auto f = std::make_shared<Flags>();
  RunOptions& run = f->run;
  std::vector<std::string> methods;
  for (const MethodInfo& info : known_methods()) methods.push_back(info.name);
  app.add_option("data", run.data, "MVTec-AD or VisA folders, JSON lines, or plain folders of images")
      ->required()
      ->type_name("DATA");
  app.add_option("--out", run.out, "the folder of this run; the same command goes on where it was")
      ->required()
      ->type_name("FOLDER");
  CLI::Option* steps =
      app.add_option("--steps", f->steps,
                     "objects of the base step and of each later one: \"a,b,c; d; e\"; default: all in one step")
          ->type_name("STEPS");
  CLI::Option* stream =
      app.add_option("--stream", f->stream,
                     "a stream by its name, in alphabetical order: 10-1x5 is 10 objects, then 5 times 1")
          ->type_name("NAME")
          ->excludes(steps);
  app.add_flag("--joint", f->joint, "all objects of the stream in one step, as an upper bound");
  CLI::Option* profile = app.add_option("--profile", run.profile, "where all settings below start")
                             ->capture_default_str()
                             ->check(CLI::IsMember(profile_names()).description(""))
                             ->type_name(listed(profile_names()));
  app.add_option("--method", run.method, "what learns")
      ->capture_default_str()
      ->check(CLI::IsMember(methods).description(""))
      ->type_name(listed(methods));
  app.add_option("--weights", run.backbone_weights,
                 "of the backbone, .safetensors or .pth; default: those in the program")
      ->type_name("FILE");
  app.add_option("--cache", run.cache, "where features are kept; default: OUT/cache")->type_name("FOLDER");
  app.add_option("--checkpoint-seconds", run.checkpoint_seconds, "least time between two states to go on from")
      ->capture_default_str()
      ->type_name("X");
  app.add_flag("--json", f->json, "print metrics.json instead of tables");
  f->settings = std::make_unique<SettingsFlags>(app);
  app.footer(
      "The profile sets all settings, the method some of them, the configuration file those it has, flags come last. "
      "What a method is\n"
      "defined by cannot be set otherwise. Defaults shown: profile fast.");

  return [f, &app, steps, stream, profile](ProgressLine& progress) {
    RunOptions& o = f->run;
    const std::vector<std::string> objects = read_dataset(o.data).objects;
    if (!f->stream.empty()) {
      o.stream = parse_stream(f->stream, objects);
    } else if (!f->steps.empty()) {
      o.stream = parse_steps(f->steps, objects);
    } else {
      o.stream.steps = {objects};
      progress.note("no --steps: all objects (" + std::to_string(objects.size()) + ") are learned in one step");
    }
    note_unused(o.stream, objects, progress);
    if (f->joint) o.stream = joint(o.stream);
    const Settings start = starting_settings(o.profile, o.method);
    o.settings = f->settings->adjusted(start, o.method);
    check(o.settings);
    for (const std::string& name : f->settings->unread(start, o.method))
      progress.note("method '" + o.method + "' does not read --" + name + ": no score depends on it");

    // What is stored with the run says everything by itself.
    f->settings->fill(o.settings);
    stream->clear();
    steps->clear();
    steps->add_result(to_string(o.stream));
    profile->clear();
    profile->add_result(o.profile);
    o.config_text = "# iuf " IUF_VERSION ". The same run again: iuf train --config FILE\n" + app.config_to_str(true);

    const std::string metrics =
        train_run(o, [&](const std::string& stage, int64_t done, int64_t total) { progress(stage, done, total); });
    write_report(o.out);
    progress.finish();
    if (f->json) {
      std::cout << metrics << "\n";
      return 0;
    }
    const Model model = Model::load(o.out / "model.safetensors");
    for (const ObjectRecord& object : model.objects()) note_threshold(object, progress);
    const RunResults results = read_results(o.out);
    std::cout << matrix_text(results.image, results.pixel) << "\nmodel   " << (o.out / "model.safetensors").string()
              << "\nreport  " << (o.out / "report.html").string() << "\n";
    return 0;
  };
}

}  // namespace iuf
