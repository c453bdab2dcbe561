#include "iuf/report/predictions.h"

#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "nn/file.h"
#include "support/notes.h"
#include "support/occurrences.h"
#include "support/small_model.h"

using namespace iuf;
using Catch::Contains;

namespace fs = std::filesystem;

namespace {

// Predictions of the images in a folder, with a report.
struct Bench {
  SmallModel small{"gaussian"};
  Notes notes = {};

  std::string report(PredictionOptions options) {
    const PredictionFiles files{options.out};
    const Progress progress = notes.progress();
    options.report = [&](const std::vector<Prediction>& list) {
      write_prediction_report(files, *small.model, list, progress);
    };
    predict(*small.model, options, {}, progress);
    return read_text(files.report());
  }
};

}  // namespace

TEST_CASE("the report of predictions counts verdicts, shows pictures and regions, and escapes names",
          "[report][prediction]") {
  Bench bench;
  const fs::path in = bench.small.folder / "in", out = bench.small.folder / "out <b>";
  make_folder(in);
  Image image = read_image(bench.small.images("biscuit").front());
  write_png(in / "good <i>.png", image);
  for (int y = 8; y < 14; ++y) std::fill_n(image.row(y) + 3 * 30, 3 * 20, uint8_t{0});
  write_png(in / "bar & <i>.png", image);
  write_png(in / "gear.png", read_image(bench.small.images("gear").back()));
  write_file(in / "broken<b>.png", std::string_view("no picture"));
  const std::string page = bench.report({.inputs = {in}, .out = out});
  CHECK(page.find("<i>.png") == page.npos);
  CHECK(page.find("broken<b>") == page.npos);
  CHECK_THAT(page, Contains("bar &amp; &lt;i&gt;.png"));
  CHECK_THAT(page, Contains("<section id='unread'") && Contains("1 image could not be read or judged"));
  CHECK(occurrences(page, "<div class='object'") == 2);
  CHECK(occurrences(page, "<li class='shot'") == 3);
  CHECK(occurrences(page, "<img ") == 6);  // photographs and heatmaps
  CHECK(occurrences(page, "<tr data-s='") + occurrences(page, ">unknown</span></td>") == 3);
  const std::string jsonl = read_text(PredictionFiles{out}.jsonl());
  CHECK((jsonl.find("\"regions\"") != jsonl.npos) == (page.find("<svg class='regions'") != page.npos));
  CHECK(occurrences(page, "<a href='#unread'>") == 1);
  CHECK(page.find("nan") == page.npos);

  const std::string command =
      std::string("sh '" IUF_SOURCE_DIR "/tests/report_browser.sh' '") + PredictionFiles{out}.report().string() + "'";
  const int status = std::system(command.c_str());
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (code == 77) WARN("skipped: no Chromium that runs here");
  CHECK((code == 0 || code == 77));

  // Without heatmaps the photographs are there; a call without a report removes that of an earlier call.
  CHECK(occurrences(bench.report({.inputs = {in}, .out = out, .heatmaps = Heatmaps::none}), "<img ") == 3);
  predict(*bench.small.model, {.inputs = {in}, .out = out}, {}, bench.notes.progress());
  CHECK_FALSE(fs::exists(PredictionFiles{out}.report()));
  CHECK_THAT(bench.notes.notes.back(), Contains("predictions.html: removed"));
}

TEST_CASE("a report of nothing but errors is still one", "[report][prediction]") {
  Bench bench;
  const fs::path in = bench.small.folder / "in";
  make_folder(in);
  write_file(in / "broken.png", std::string_view("no picture"));
  const std::string page = bench.report({.inputs = {in}, .out = bench.small.folder / "out"});
  CHECK_THAT(page, Contains("0 images were judged") && Contains("broken.png"));
}
