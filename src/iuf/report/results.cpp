#include <algorithm>
#include <cmath>
#include <string_view>

#include "iuf/report/markup.h"
#include "iuf/report/sections.h"
#include "iuf/run/text.h"

namespace iuf::report {
namespace {

std::string tile(std::string_view name, const std::string& value, std::string_view unit, std::string_view about) {
  return join("<li class='tile'><div class='name'>", name, "</div><div class='value'>", value,
              value == "n/a" || unit.empty() ? "" : join(" <small>", unit, "</small>"), "</div><div class='about'>",
              about, "</div></li>\n");
}

/// "4 min 05 s" with the units in small print.
std::string small_units(const std::string& text) {
  if (text == "n/a") return text;
  std::string result;
  bool unit = false;
  for (const char c : text) {
    const bool letter = c >= 'a' && c <= 'z';
    if (letter && !unit) result += "<small>";
    if (!letter && unit) result += "</small>";
    unit = letter;
    result += c;
  }
  return unit ? result + "</small>" : result;
}

std::string shade(double auroc) {
  // Half of the ramp for each side of 80 %, the upper by orders of magnitude of what is missing to 100 %.
  const double missing = std::clamp(1 - auroc, 0.005, 0.5);
  const bool high = missing <= 0.2;
  const double t = high ? std::log(0.2 / missing) / std::log(0.2 / 0.005) : (missing - 0.2) / 0.3;
  return join(high ? "high" : "low", "' style='--t:", fixed_text(t, 2));
}

std::string matrix_cell(std::optional<double> auroc, std::string_view place) {
  if (!auroc) return join("<td class='na ", place, "'>n/a</td>");
  return join("<td class='", place, ' ', shade(*auroc), "'>", percent_text(auroc), "</td>");
}

constexpr std::string_view not_learned = "<td class='blank'></td>";

/// What each object learned before the last step has lost since its best step, and the mean: FM  (Eq. 14)
std::string forgotten_row(const StepMatrix& auroc) {
  const size_t last = auroc.steps() - 1;
  std::string row = join("<tfoot><tr>", row_head("forgotten"));
  for (size_t i = 0; i < auroc.objects.size(); ++i)
    row += auroc.learned[i] == last ? std::string(not_learned) : cell(percent_text(forgotten(auroc, i, last)));
  return join(row, cell(percent_text(fm(auroc, last).value), "mean"), "</tr></tfoot>");
}

std::string matrix_table(const StepMatrix& auroc, std::string_view name) {
  std::vector<std::string> columns = {"after step"};
  for (const std::string& object : auroc.objects) columns.push_back(breakable(object));
  columns.push_back("mean");
  std::string rows;
  for (size_t step = 0; step < auroc.steps(); ++step) {
    rows += join("<tr>", row_head(count(step + 1)));
    for (size_t i = 0; i < auroc.objects.size(); ++i)
      rows += auroc.learned[i] > step ? std::string(not_learned)
                                      : matrix_cell(auroc.value[step][i], auroc.learned[i] == step ? "new" : "old");
    rows += matrix_cell(acc(auroc, step).value, "mean") + "</tr>\n";
  }
  return join("<div><h3>", name, " AUROC, %</h3>",
              table(join(name, " AUROC by step and object"), "matrix", columns, rows,
                    auroc.steps() > 1 ? forgotten_row(auroc) : ""),
              "</div>\n");
}

}  // namespace

std::string headline(const RunFolder& run, const std::string& title) {
  const RunMetrics& metrics = run.metrics;
  const Summary& summary = metrics.summary;
  std::string lead =
      join("One model has learned ", plural(metrics.objects.size(), "object", "objects"), " in ",
           plural(metrics.steps.size(), "step", "steps"), " from normal images alone.", changes_text(run));
  if (summary.image_acc) {
    lead +=
        join(" It now tells normal from defective images with a mean AUROC of ", percent_text(summary.image_acc), " %");
    if (summary.image_fm)
      lead += summary.image_fm > 0
                  ? join(", after losing ", percent_text(summary.image_fm), " points on the objects learned earlier")
                  : ", without a loss on the objects learned earlier";
    lead += ".";
  }
  if (run.scores && !run.scores->empty()) {
    Tally tally;
    for (const ScoredImage& image : *run.scores) tally.add(image);
    lead += join(" At its thresholds: ", tally.text(), ".");
  }

  const auto about = [&](const char* key, const char* text) {  // the figure, or why it is n/a
    return summary.reasons.contains(key) ? escape(reason_for(metrics, key)) : std::string(text);
  };
  std::string tags;
  const auto tag = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) tags += join("<li>", name, " ", escape(value), "</li>");
  };
  tag("method", metrics.method);
  tag("profile", metrics.profile);
  tag("backbone", metrics.backbone);
  if (metrics.seed) tag("seed", std::to_string(*metrics.seed));
  std::string differences;
  for (const std::string& difference : run.differences) differences += note(escape(difference));

  const bool several = metrics.steps.size() > 1;
  return join(
      "<header class='band'><div class='inner'><p class='kicker'>Incremental anomaly detection</p>\n<h1>",
      escape(title), "</h1>\n<p class='lead'>", lead, "</p>\n<ul class='tags'>", tags,
      "</ul></div></header>\n<div class='inner'><ul class='tiles'>\n",
      tile("Image ACC", percent_text(summary.image_acc), "%",
           about("image_acc", "mean AUROC of all objects, normal against defective images")),
      tile("Pixel ACC", percent_text(summary.pixel_acc), "%",
           about("pixel_acc", "mean AUROC of all objects, normal against defective pixels")),
      several ? tile("Image FM", percent_text(summary.image_fm), "points",
                     about("image_fm", "forgotten since the best earlier step; lower is better")) +
                    tile("Pixel FM", percent_text(summary.pixel_fm), "points", about("pixel_fm", "the same for pixels"))
              : "",
      tile("Objects", count(metrics.objects.size()), join("in ", plural(metrics.steps.size(), "step", "steps")),
           several ? "learned one after another by one model" : "learned together by one model"),
      tile("Time", small_units(duration_text(metrics.seconds)), "", "to learn all of them"), "</ul>\n", differences,
      "</div>\n");
}

std::string matrix_section(const RunFolder& run) {
  const RunMetrics& metrics = run.metrics;
  if (metrics.steps.size() < 2) return "";  // the table of the objects says the same
  return join(R"(<section id='matrix'><h2>What the model knows after each step</h2>
<p>One row a step, one column an object in the order of learning. A good stream keeps its colour down every column.</p>
<div class='pair)",
              metrics.objects.size() > 5 ? " stacked" : "", "'>", matrix_table(run.image, "Image"),
              matrix_table(run.pixel, "Pixel"), R"(</div>
<div class='key'><span>50 <i class='ramp shade'></i> 99.5</span>
<span><i class='swatch under'></i> the step in which the object was learned</span><span>empty: not yet learned</span>
<span>n/a: the reason stands below the figures of each object</span></div></section>
)");
}

std::string settings_section(const RunFolder& run) {
  const RunMetrics& metrics = run.metrics;
  std::string list;
  const auto entry = [&](std::string_view name, const std::string& value) {
    if (!value.empty() && value != "n/a") list += join("<dt>", name, "</dt><dd>", escape(value), "</dd>\n");
  };
  entry("program", metrics.version.empty() ? "" : join("iuf ", metrics.version));
  entry("method", metrics.method);
  entry("profile", metrics.profile);
  entry("backbone", metrics.backbone);
  entry("seed", fixed_text(metrics.seed, 0));
  entry("computed on", metrics.cpu);
  entry("threads", fixed_text(metrics.threads, 0));
  entry("peak memory", memory_text(metrics.peak_memory_bytes));
  entry("time", duration_text(metrics.seconds));
  return join("<section id='settings'><h2>Settings and versions</h2>\n<dl class='settings'>\n", list, "</dl>\n",
              run.config ? join("<details><summary>Effective configuration</summary><pre tabindex='0'>",
                                escape(*run.config), "</pre></details>")
                         : note("This run has no config.toml: the effective configuration is left out."),
              "</section>\n");
}

}  // namespace iuf::report
