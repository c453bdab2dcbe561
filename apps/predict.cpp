#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <sstream>

#include "apps/command.h"
#include "apps/flags.h"
#include "iuf/learn/recalibration.h"
#include "iuf/report/predictions.h"
#include "iuf/run/calibrate_model.h"
#include "iuf/run/prediction.h"
#include "iuf/run/run_files.h"
#include "iuf/run/run_model.h"
#include "iuf/run/verdict_log.h"
#include "nn/file.h"
#include "nn/hash.h"
#include "tensor/error.h"
#include "tensor/random.h"
#include "tensor/suggest.h"
#include "tensor/text.h"

namespace iuf {
namespace {

struct PredictFlags {
  std::filesystem::path model;
  PredictionOptions prediction;
  bool no_heatmaps = false, masks = false, report = false;
  std::optional<double> false_alarms = {};

  // What the call asked for besides what the model says, for the log.
  std::string changes() const {
    if (!false_alarms) return "";
    std::ostringstream text;
    text << "false-alarms=" << *false_alarms;
    return text.str();
  }
};

void note_missing_novelty(const Model& model, ProgressLine& progress) {
  std::vector<std::string> names;
  for (size_t o = 0; o < model.objects().size(); ++o)
    if (!model.has_novelty(o)) names.push_back(model.objects()[o].name);
  if (!names.empty())
    progress.note("the model cannot tell pictures without a part of: " + joined(names) +
                  " (fewer than four images, or learned by an older version)");
}

// What standard input holds, for the image or the list "-".
std::string read_piped(const PredictionOptions& o) {
  const bool image = std::ranges::find(o.inputs, kStandardInput) != o.inputs.end(), list = o.list == kStandardInput;
  if (image && list) throw UsageError("predict: standard input is an image or a list of images: name - once");
  if (!image && !list) return "";
  if (::isatty(STDIN_FILENO) == 1)
    throw UsageError("predict: - reads standard input, which is a terminal; a pipe or a file is needed");
  constexpr size_t kMost = size_t{1} << 29;
  std::string text, piece(1 << 16, '\0');
  while (std::cin.read(piece.data(), static_cast<std::streamsize>(piece.size())), std::cin.gcount() > 0) {
    text.append(piece, 0, static_cast<size_t>(std::cin.gcount()));
    if (text.size() > kMost) fail("standard input: is larger than the ", kMost, " bytes that are read here");
  }
  if (text.empty()) fail("standard input: holds nothing; is what feeds it running?");
  return text;
}

int predict(PredictFlags& f, ProgressLine& progress) {
  PredictionOptions& o = f.prediction;
  if (o.append) judged([&] { VerdictLog::check_name(*o.append); });
  o.piped = read_piped(o);
  if (f.no_heatmaps) o.heatmaps = Heatmaps::none;
  if (f.masks) o.masks = Masks::draw;
  const std::filesystem::path path = model_path(f.model);
  const uint64_t content = o.model = hash_bytes(MappedFile(path).bytes());
  Model model = Model::load(path, std::ref(progress));
  if (f.false_alarms) o.model = mix_key(o.model, hash_bytes(std::as_bytes(std::span(&*f.false_alarms, 1))));
  for (size_t i = 0; f.false_alarms && i < model.objects().size(); ++i) {
    ObjectRecord object = model.objects()[i];
    if (object.scores.empty()) {
      progress.note(threshold_stays(object));
      continue;
    }
    set_false_alarms(object, *f.false_alarms);
    model.set_calibration(i, object);
  }
  o.by = judged_by(model, content, f.changes());
  if (model.objects().empty()) fail(path.string(), ": has not learned any object yet");
  if (std::ranges::any_of(model.objects(), [](const ObjectRecord& object) { return !object.threshold; }))
    progress.note("objects without a threshold get no verdict, and their heatmaps span each image's own scores");
  note_missing_novelty(model, progress);
  if (const std::string unlearned = unlearned_note(path, model.steps()); !unlearned.empty()) progress.note(unlearned);
  const Progress drawing = std::ref(progress);
  if (f.report)
    o.report = [&](const std::vector<Prediction>& list) { write_prediction_report({o.out}, model, list, drawing); };
  const PredictionCounts counts = iuf::predict(
      model, o, [&](const std::string& error) { progress.error(error); }, std::ref(progress));
  progress.finish();
  std::cout << plural(counts.images, "image", "images") << ": " << counts.defects << " defect, " << counts.unknown
            << " unknown, " << counts.images - counts.defects - counts.unknown - counts.without_verdict << " ok";
  if (counts.without_verdict) std::cout << ", " << counts.without_verdict << " without a verdict";
  if (counts.errors) std::cout << ", " << counts.errors << " not read or judged";
  if (counts.fit_better) std::cout << "; another object fits " << counts.fit_better << " better";
  std::cout << ", by version " << model.version() << " of the model\n"
            << plain_text((f.report ? PredictionFiles{o.out}.report() : o.out).string()) << "\n";
  return counts.errors ? 1 : 0;
}

}  // namespace

Action predict_command(CLI::App& app) {
  auto f = std::make_shared<PredictFlags>();
  PredictionOptions& o = f->prediction;
  add_model(app, f->model);
  app.add_option("inputs", o.inputs, "images, and folders of images; -: an image from standard input")
      ->type_name("FILES|FOLDERS");
  app.add_option("--list", o.list,
                 "images in a table (CSV: path,object) or JSON lines, each with the object to judge it against, or "
                 "names one a line; -: from standard input")
      ->type_name("FILE");
  app.callback([&o] {
    if (o.inputs.empty() && !o.list) throw CLI::RequiredError("inputs or --list");
  });
  app.add_option("--out", o.out, "predictions.csv, predictions.jsonl and pictures go here")
      ->required()
      ->type_name("FOLDER");
  app.add_option("--append", o.append,
                 "a log, .csv or .jsonl, that every row is added to, with time, model and settings")
      ->type_name("FILE");
  add_choice(app, "--format", choice_of(o.format), "of the predictions");
  app.add_option("--object", o.object,
                 "judge images against this object, not the one that fits best; a row of the list may name another")
      ->check([](const std::string& name) { return name.empty() ? "needs a name" : ""; })
      ->type_name("NAME");
  add_false_alarms(app, f->false_alarms,
                   "thresholds of this call for this share of normal parts: 0.005 or 0.5%; default: the model's");
  app.add_flag("--no-heatmaps", f->no_heatmaps, "without them");
  app.add_flag("--masks", f->masks,
               "masks/: regions above the threshold in white on black, PNG of the photograph's size");
  app.add_flag("--report", f->report,
               "predictions.html: verdicts, scores of each object with a slider for its threshold, pictures, lists");
  add_choice(app, "--maps", choice_of(o.maps),
             "maps/: anomaly maps of the photograph's size, as 16-bit PNG where " + std::to_string(kMapThreshold) +
                 " is the threshold, or as NumPy arrays of the raw values");
  add_csv_safe(app);
  app.footer(
      "Score: how unlike the object's normal images; scaled_score: 1 is the threshold. Verdict: `unknown` where the "
      "whole image is unlike\n"
      "every normal one (novelty above 1), else `defect` above the threshold, else `ok`. Regions: where a defect is, "
      "in "
      "pixels of the\n"
      "photograph (predictions.jsonl). Confidence: how sure the object is among those that the model knows, 0 to 1.\n"
      "Heatmaps: blue is what is usual for the object, the middle of the scale is its threshold, red is far above. "
      "Masks are left\n"
      "out. Exit code 1 when an image could not be read or judged; the others are done all the "
      "same. After an\n"
      "interruption the same command goes on; what an earlier one left in the folder is replaced at the end.");
  return [f](ProgressLine& progress) { return predict(*f, progress); };
}

}  // namespace iuf
