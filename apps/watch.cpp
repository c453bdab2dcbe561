#include "iuf/live/watch.h"

#include <iostream>

#include "apps/broker_flags.h"
#include "apps/command.h"
#include "apps/flags.h"
#include "apps/stop_signal.h"
#include "iuf/run/run_files.h"
#include "iuf/run/text.h"
#include "iuf/run/verdict_log.h"
#include "tensor/text.h"

namespace iuf {
namespace {

std::chrono::milliseconds of_seconds(double seconds) {
  return std::chrono::milliseconds(static_cast<int64_t>(1000 * seconds));
}

struct WatchFlags {
  WatchOptions watch;
  BrokerFlags mqtt;
  double settle = 2, command_seconds = 60;
  std::optional<double> poll = {};
};

// "2026-03-01T08:15:02.125Z defect       1.73 bottle line1/0001.png"
void print(const Prediction& p, const std::filesystem::path& folder) {
  std::string verdict = name_of(p.decision());
  verdict.resize(std::max<size_t>(verdict.size(), 12), ' ');
  const std::string file = plain_text(std::filesystem::path(p.file).lexically_relative(folder).string());
  std::cout << utc_text(p.time) << " " << verdict << " "
            << (p.error.empty() ? number_text(p.scaled_score) + " " + p.object + " " + file : file) << std::endl;
}

int watch(WatchFlags& f, ProgressLine& progress) {
  WatchOptions& o = f.watch;
  if (o.append) judged([&] { VerdictLog::check_name(*o.append); });
  o.model = model_path(o.model);
  if (o.out.empty()) o.out = (o.folder / "").parent_path().string() + ".verdicts";
  o.settle = of_seconds(f.settle);
  o.command_limit = of_seconds(f.command_seconds);
  if (f.poll) o.poll = of_seconds(*f.poll);
  o.stop = stop_descriptor();
  const std::unique_ptr<VerdictPublisher> publisher = f.mqtt.publisher(progress);
  WatchListener listener{.judged = [&](const Prediction& p) { print(p, o.folder); },
                         .kept = hook_of(publisher.get()),
                         .problem = [&](const std::string& error) { progress.error(error); },
                         .progress = std::ref(progress)};
  progress.note("watching " + o.folder.string() + ", what comes out of it is in " + o.out.string());
  const WatchCounts counts = iuf::watch(o, listener);
  const int64_t unsent = publisher ? publisher->finish() : 0;
  std::cout << plural(counts.images, "image", "images") << ": " << counts.defects << " defect, " << counts.unknown
            << " unknown, " << counts.images - counts.defects - counts.unknown - counts.without_verdict << " ok";
  if (counts.without_verdict) std::cout << ", " << counts.without_verdict << " without a verdict";
  if (counts.errors) std::cout << "; " << plural(counts.errors, "error", "errors");
  if (counts.links) std::cout << "; " << counts.links << (counts.links == 1 ? " link" : " links") << " left alone";
  std::cout << "\n";
  if (o.once) return counts.errors || unsent ? 1 : 0;
  progress.note("stopped; the same command goes on with what comes from now on and came meanwhile");
  return 0;
}

}  // namespace

Action watch_command(CLI::App& app) {
  auto f = std::make_shared<WatchFlags>();
  WatchOptions& o = f->watch;
  add_model(app, o.model);
  app.add_option("folder", o.folder, "where images arrive, also in folders below it")->required()->type_name("FOLDER");
  app.add_option("--out", o.out, "journal, log.csv and heatmaps/ go here; default: FOLDER.verdicts")
      ->type_name("FOLDER");
  app.add_option("--move-rejects", o.rejects, "images go here that are a defect, unknown or cannot be judged")
      ->type_name("FOLDER");
  app.add_option("--exec", o.command,
                 "told of every verdict: $IUF_FILE, $IUF_VERDICT, $IUF_OBJECT, $IUF_SCORE, $IUF_THRESHOLD, "
                 "$IUF_SCALED_SCORE, $IUF_HEATMAP, $IUF_MODEL, $IUF_TIME, and the row as JSON on standard input")
      ->type_name("COMMAND");
  app.add_option("--exec-seconds", f->command_seconds, "then the command is killed")
      ->capture_default_str()
      ->check(within(range(0.01, 86400)))
      ->type_name("X");
  app.add_option("--append", o.append, "another log, .csv or .jsonl; default: log.csv in the folder of --out")
      ->type_name("FILE");
  app.add_option("--object", o.object, "judge images against this object, not the one that fits best")
      ->type_name("NAME");
  add_choice(app, "--heatmaps", choice_of(o.heatmaps), "of which images they are drawn");
  app.add_option("--settle", f->settle,
                 "seconds that a file which nobody was seen closing must stay as it is, to count as complete")
      ->capture_default_str()
      ->check(within(range(0, 3600)))
      ->type_name("X");
  app.add_option("--poll", f->poll,
                 "look at the folder every X seconds, where the system does not tell what comes, as on network drives")
      ->check(within(range(0.01, 3600)))
      ->type_name("X");
  app.add_flag("--once", o.once, "end when every image that is there is judged; exit code 1 when something failed");
  f->mqtt.add(app);
  add_csv_safe(app);
  app.footer(
      "Every image gets one row, whatever is killed when: it is judged, noted, added to the log, moved, and the "
      "command\n"
      "told, in this order; the next call does what is left. A command that had begun is not begun again. A new model\n"
      "file is used from the next image on; one that is damaged is said, and the old one goes on. SIGTERM and SIGINT "
      "end\n"
      "with the image at hand.");
  return [f](ProgressLine& progress) { return watch(*f, progress); };
}

}  // namespace iuf
