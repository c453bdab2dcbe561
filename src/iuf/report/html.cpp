#include "iuf/report/html.h"

#include "iuf/report/markup.h"
#include "iuf/report/page.h"
#include "iuf/report/sections.h"
#include "iuf/run/run_files.h"
#include "nn/file.h"

namespace iuf {
namespace {

using namespace report;

constexpr std::string_view terms = R"(<section id='terms'><h2>Terms</h2>
<dl class='terms'>
<dt>Score and threshold</dt><dd>The higher an image's score, the less it looks like the normal images of its object. The
threshold comes from normal images that were held out of training, never from test images; an image above it is called
defective.</dd>
<dt>AUROC</dt><dd>The chance that a defective image (or pixel) scores higher than a normal one: 100 is perfect, 50 is
guessing.</dd>
<dt>ACC and FM</dt><dd>ACC is the mean AUROC of all objects after the last step. FM, the forgetting measure, is the
mean loss of the earlier objects against their best earlier step; 0 is no forgetting, below 0 they improved. BWT,
backward transfer, is their mean change since the step that learned them.</dd>
<dt>&#177;</dt><dd>Of several runs of a method that differ in their random numbers, tables and charts show the
mean, &#177; the standard deviation; heatmaps are those of the first run.</dd>
<dt>AP, F1-max, AUPRO</dt><dd>The area under the precision-recall curve; the best F1 over all thresholds; the mean
share of each defect region that is covered, over false positive rates up to 30 %.</dd>
</dl></section>
)";

Pictures pictures_at(PicturePlace place, const std::vector<PictureSource>& sources,
                     const std::filesystem::path& folder) {
  return place == PicturePlace::inside ? Pictures(sources) : Pictures(sources, folder);
}

std::string run_name(const std::filesystem::path& run) {
  std::error_code error;
  const std::filesystem::path whole = std::filesystem::weakly_canonical(run, error);
  const std::string name = (error ? run : whole).filename().string();
  return name.empty() ? "run" : name;
}

}  // namespace

void write_run_report(const std::filesystem::path& run, PicturePlace place, const Progress& progress) {
  const RunFolder folder = read_run_folder(run);
  const std::string name = run_name(run);
  std::vector<PictureSource> sources = gallery_sources(folder);
  if (folder.comparison)
    for (PictureSource& source : comparison_sources(*folder.comparison, folder.comparison_folder))
      sources.push_back(std::move(source));
  const Pictures pictures = pictures_at(place, sources, run);
  const std::string body = join(matrix_section(folder), changes_section(folder), forgetting_section(folder),
                                comparison_section(folder, pictures), objects_section(folder, pictures),
                                loss_section(folder), settings_section(folder), terms);
  write_file(RunFiles{run}.report(),
             page(escape(name) + " \u2013 anomaly detection report",
                  join("<a class='skip' href='#objects'>Skip to the results</a>\n", headline(folder, name),
                       navigation(body), "<main class='inner'>\n", body, "</main>\n"),
                  folder.metrics.version));
  for (const std::string& difference : folder.differences) progress.note(difference);
}

void write_comparison_report(const std::filesystem::path& folder, PicturePlace place) {
  const ComparisonFiles files{folder};
  const Comparison comparison = read_comparison(files.results());
  size_t objects = 0, ended = 0;
  for (const auto& step : comparison.stream) objects += step.size();
  for (const ComparisonRow& row : comparison.rows) ended += !row.seeds.empty() && !row.failed;
  const Pictures pictures = pictures_at(place, comparison_sources(comparison, folder), folder);
  write_file(
      files.report(),
      page(escape(run_name(folder)) + " \u2013 comparison of methods",
           join("<header class='band'><div class='inner'><p class='kicker'>Incremental anomaly detection</p>\n<h1>",
                escape(run_name(folder)), "</h1>\n<p class='lead'>", plural(ended, "method", "methods"), " learned ",
                plural(objects, "object", "objects"), " in ", plural(comparison.stream.size(), "step", "steps"),
                " from the same normal images, features and budget.</p></div></header>\n<main class='inner'>\n",
                comparison_text(comparison, folder, "", pictures), terms, "</main>\n"),
           comparison.version));
}

std::filesystem::path write_report(const std::filesystem::path& folder, PicturePlace place, const Progress& progress) {
  const ComparisonFiles comparison{folder};
  const RunFiles run{folder};
  if (std::filesystem::exists(comparison.results()) && !std::filesystem::exists(run.metrics())) {
    write_comparison_report(folder, place);
    return comparison.report();
  }
  write_run_report(folder, place, progress);
  return run.report();
}

}  // namespace iuf
