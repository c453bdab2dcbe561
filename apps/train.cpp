#include <iostream>

#include "apps/command.h"
#include "apps/flag_values.h"
#include "apps/flags.h"
#include "apps/notes.h"
#include "apps/settings_flags.h"
#include "apps/table.h"
#include "iuf/checks/description.h"
#include "iuf/data/dataset.h"
#include "iuf/data/json_fields.h"
#include "iuf/report/html.h"
#include "iuf/run/run_files.h"
#include "iuf/run/training_run.h"

namespace iuf {
namespace {

struct TrainFlags {
  RunOptions run;
  StreamFlags stream;
  CLI::Option* profile = nullptr;
  bool joint = false, json = false;
  std::unique_ptr<SettingsFlags> settings;
};

void declare(CLI::App& app, TrainFlags& f) {
  RunOptions& run = f.run;
  add_data(app, run.data);
  app.add_option("--out", run.out, "the folder of this run; the same command goes on where it was")
      ->required()
      ->type_name("FOLDER");
  f.stream.add(app, "objects of the base step and of each later one: \"a,b,c; d; e\"; default: all in one step",
               "a stream by its name, in alphabetical order: 10-1x5 is 10 objects, then 5 times 1");
  app.add_flag("--joint", f.joint, "all objects of the stream in one step, as an upper bound");
  f.profile = add_profile(app, run.profile, "where all settings below start");
  app.add_option("--method", run.method, "what learns")
      ->capture_default_str()
      ->check(CLI::IsMember(method_names()).description(""))
      ->type_name(joined(method_names(), "|"));
  add_weights(app, run.backbone_weights);
  add_ignore(app, run.ignore,
             "a mask of what to leave out of every image: what is not black is ignored; or a folder with one for each "
             "object, OBJECT.png");
  add_cache(app, run.cache, "OUT/cache");
  add_csv_safe(app);
  add_checkpoint_seconds(app, run.checkpoint_seconds);
  add_versions(app, run.versions);
  app.add_flag("--json", f.json, "print metrics.json instead of tables");
  f.settings = std::make_unique<SettingsFlags>(app);
  app.footer(
      "The profile sets all settings, the method some of them, the configuration file those it has, flags come last. "
      "What a method is\n"
      "defined by cannot be set otherwise. Defaults shown: profile fast.");
}

// The run that the flags ask for.
void complete(TrainFlags& f, ProgressLine& progress) {
  RunOptions& o = f.run;
  const Settings start = starting_settings(o.profile, o.method);
  o.settings = f.settings->adjusted(start, o.method);
  judged([&] { check(o.settings); });
  const Dataset data = read_dataset(o.data);
  const std::vector<std::string>& objects = data.objects;
  if (const std::optional<Stream> stream = f.stream.over(objects)) {
    o.stream = *stream;
  } else {
    o.stream.steps = {objects};
    progress.note("no --steps: all objects (" + std::to_string(objects.size()) + ") are learned in one step");
  }
  note_unused(o.stream, objects, progress);
  o.remarks = note_data(data, o.stream.objects(), std::ref(progress));
  if (f.joint) o.stream = joint(o.stream);
  for (const std::string& name : f.settings->unread(start, o.method))
    progress.note("method '" + o.method + "' does not read --" + name + ": no score depends on it");
}

// What is stored with the run says everything by itself: every flag with its effective value.
std::string config_text(const CLI::App& app, TrainFlags& f) {
  f.settings->fill(f.run.settings);
  f.stream.stream_option->clear();
  f.stream.steps_option->clear();
  f.stream.steps_option->add_result(to_string(f.run.stream));
  f.profile->clear();
  f.profile->add_result(f.run.profile);
  return "# iuf " IUF_VERSION ". The same run again: iuf train --config FILE\n" + app.config_to_str(true);
}

int train(const CLI::App& app, TrainFlags& f, ProgressLine& progress) {
  complete(f, progress);
  f.run.config_text = config_text(app, f);
  const RunMetrics metrics = train_run(f.run, std::ref(progress));
  const RunFiles files{f.run.out};
  write_run_report(f.run.out);
  progress.finish();
  const int failed = say_errors(metrics.per_object, progress);
  if (f.json) {
    std::cout << to_json(metrics).dump(1) << "\n";
    return failed;
  }
  const Model model = Model::load(files.model());
  for (const ObjectRecord& object : model.objects()) note_threshold(object, progress);
  std::cout << matrix_text(step_matrix(metrics, Level::image), step_matrix(metrics, Level::pixel))
            << remarks_text(metrics.per_object) << "\nmodel   " << files.model().string() << "\nreport  "
            << files.report().string() << "\n";
  return failed;
}

}  // namespace

Action train_command(CLI::App& app) {
  auto f = std::make_shared<TrainFlags>();
  declare(app, *f);
  return [f, &app](ProgressLine& progress) { return train(app, *f, progress); };
}

}  // namespace iuf
