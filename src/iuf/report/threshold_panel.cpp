#include "iuf/report/threshold_panel.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "iuf/report/charts.h"
#include "iuf/report/markup.h"
#include "iuf/run/text.h"

namespace iuf::report {
namespace {

using Truth = SortedImage::Truth;

bool is_judged(const SortedImage& image) {
  return image.verdict != Verdict::error && image.verdict != Verdict::no_threshold;
}

// Images by truth and verdict.
struct Counts {
  size_t normal = 0, alarms = 0, defects = 0, found = 0, unlabelled = 0, rejected = 0;

  void add(const SortedImage& image) {
    const bool alarm = is_alarm(image.verdict);
    if (image.truth == Truth::normal) ++normal, alarms += alarm;
    if (image.truth == Truth::defect) ++defects, found += alarm;
    if (image.truth == Truth::unlabelled) ++unlabelled, rejected += alarm;
  }
  int64_t cost() const {
    return static_cast<int64_t>(alarms) * kFalseAlarmCost + static_cast<int64_t>(defects - found) * kMissCost;
  }
};

Counts counts_of(const std::vector<SortedImage>& images) {
  Counts counts;
  for (const SortedImage& image : images)
    if (is_judged(image)) counts.add(image);
  return counts;
}

// The scores that the slider sorts, of one truth.
std::string scores_text(const ThresholdPanel& panel, Truth truth) {
  std::string text;
  for (const SortedImage& image : panel.images)
    if (image.movable && image.truth == truth)
      text += join(text.empty() ? "" : " ", score_text(image.score, panel.threshold));
  return text;
}

std::string histogram_of(const ThresholdPanel& panel, bool labelled) {
  std::vector<ScoreGroup> groups = {{"normal", "normal", {}}, {"defect", "defect", {}}};
  if (!labelled) groups = {{"images", "image", {}}};
  for (const SortedImage& image : panel.images)
    groups[labelled && image.truth == Truth::defect ? 1 : 0].scores.push_back(image.score);
  const Counts counts = counts_of(panel.images);
  std::string description = labelled ? join(count(counts.found), " of ", count(counts.defects), " found, ",
                                            count(counts.alarms), " of ", count(counts.normal), " false alarms")
                                     : join(count(counts.rejected), " of ", count(counts.unlabelled), " rejected");
  return histogram({.description = join("Scores of ", panel.object, ": ", description),
                    .groups = std::move(groups),
                    .threshold = panel.threshold.value_or(NAN),
                    .x_name = panel.x_name});
}

// What the threshold counts, which the script brings up to date.
std::string counts_text(const Counts& counts, bool labelled) {
  if (!labelled)
    return join(
        "<span><b data-count='rejected'>", count(counts.rejected), "</b> of ", count(counts.unlabelled),
        " rejected</span><span><b data-count='share'>",
        percent_text(counts.unlabelled ? static_cast<double>(counts.rejected) / static_cast<double>(counts.unlabelled)
                                       : 0.0),
        "</b> %</span>");
  return join("<span><b data-count='found'>", count(counts.found), "</b> of ", count(counts.defects),
              " found</span><span><b data-count='alarms'>", count(counts.alarms), "</b> of ", count(counts.normal),
              " false alarms</span><span>cost <b data-count='cost'>", count(counts.cost()), "</b></span>");
}

// What stays whatever the threshold is: "normal alarms defects found unlabelled rejected".
std::string settled_text(const Counts& settled) {
  return join(count(settled.normal), " ", count(settled.alarms), " ", count(settled.defects), " ", count(settled.found),
              " ", count(settled.unlabelled), " ", count(settled.rejected));
}

}  // namespace

std::string score_text(double score, std::optional<double> threshold) {
  for (int digits = 6; digits < 17 && std::isfinite(score); ++digits) {
    char text[40];
    std::snprintf(text, sizeof text, "%.*g", digits, score);
    double read = 0;
    std::from_chars(text, text + std::char_traits<char>::length(text), read);
    if (!threshold || (read > *threshold) == (score > *threshold)) return text;
  }
  return exact_text(score);
}

std::string threshold_panel(const ThresholdPanel& panel) {
  if (panel.images.empty()) return "";
  const bool labelled =
      std::ranges::none_of(panel.images, [](const SortedImage& image) { return image.truth == Truth::unlabelled; });
  const auto movable = static_cast<size_t>(std::ranges::count(panel.images, true, &SortedImage::movable));
  const std::string figure = join("<figure>", histogram_of(panel, labelled), "</figure>");
  if (!panel.threshold || movable == 0)
    return figure + note(panel.threshold ? "No verdict is decided by this object's threshold: there is nothing to move."
                                         : "The object has no threshold, and its images no verdict.");
  std::vector<SortedImage> fixed;
  std::ranges::copy_if(panel.images, std::back_inserter(fixed),
                       [](const SortedImage& image) { return !image.movable; });
  const Counts settled = counts_of(fixed);
  const size_t stay = settled.normal + settled.defects + settled.unlabelled;
  const std::string name = escape(panel.object);
  return join(
      "<div class='threshold-panel' data-row='", panel.id, "' data-threshold='", exact_text(*panel.threshold),
      "' data-raw='", exact_text(panel.zero), " ", exact_text(panel.unit), "' data-normal='",
      scores_text(panel, Truth::normal), "' data-defect='", scores_text(panel, Truth::defect), "' data-unlabelled='",
      scores_text(panel, Truth::unlabelled), "' data-settled='", settled_text(settled), "'>", figure,
      "<input class='slider' type='range' min='0' max='1000' step='1' aria-label='Threshold of ", name,
      "'>\n<div class='counts' role='status'><span>threshold <b data-count='threshold'>", number_text(panel.threshold),
      "</b></span>", counts_text(counts_of(panel.images), labelled), "</div>\n<div class='actions'>",
      labelled ? "<button type='button' data-do='cheapest'>Cheapest on these images</button>" : "",
      "<button type='button' data-do='reset'>Back to the model's</button><code data-object='", name, "'></code></div>",
      stay ? join("<p class='aside'>", plural(stay, "image stays", "images stay"),
                  " as judged: unknown, or taken for another object.</p>")
           : "",
      "</div>\n");
}

std::string threshold_table(const std::vector<ThresholdPanel>& panels) {
  std::string rows;
  Counts all;
  for (const ThresholdPanel& panel : panels) {
    if (!panel.threshold || panel.images.empty()) continue;
    const Counts counts = counts_of(panel.images);
    for (const SortedImage& image : panel.images)
      if (is_judged(image)) all.add(image);
    const auto live = [&](const char* what, const std::string& text) {
      return join("<td data-count='", what, "'>", text, "</td>");
    };
    rows +=
        join("<tr id='", panel.id, "'>", row_head(breakable(panel.object)),
             live("threshold", number_text(panel.threshold)), live("found", count(counts.found)),
             live("missed", count(counts.defects - counts.found)), live("alarms", count(counts.alarms)),
             cell(count(counts.defects)), cell(count(counts.normal)), live("cost", count(counts.cost())), "</tr>\n");
  }
  if (rows.empty()) return "";
  const auto sum = [](const char* what, const std::string& text) {
    return join("<td data-sum='", what, "'>", text, "</td>");
  };
  const std::string foot =
      join("<tfoot><tr>", row_head("all"), "<td></td>", sum("found", count(all.found)),
           sum("missed", count(all.defects - all.found)), sum("alarms", count(all.alarms)), cell(count(all.defects)),
           cell(count(all.normal)), sum("cost", count(all.cost())), "</tr></tfoot>");
  const auto weight = [](const char* id, const char* label, int value) {
    return join("<label>", label, " <input type='number' id='", id, "' min='0' step='any' value='", count(value),
                "'></label>");
  };
  return join(
      "<section id='thresholds'><h2>Thresholds and what they cost</h2>\n<p>Found defects and false alarms of the test "
      "images at each object's threshold. The sliders below the score charts move it, and all counts follow; a "
      "threshold that is chosen by test images looks better on them than on the line.</p>\n<div class='weights'>",
      weight("cost-alarm", "a false alarm costs", kFalseAlarmCost),
      weight("cost-miss", "a missed defect costs", kMissCost),
      "<button type='button' id='all-cheapest'>Cheapest for every object</button>"
      "<button type='button' id='all-reset'>The model's thresholds</button></div>\n",
      table("Thresholds and their costs", "sortable",
            {"object", "threshold", "found", "missed", "false alarms", "defective images", "normal images", "cost"},
            rows, foot),
      "</section>\n");
}

}  // namespace iuf::report
