#include <algorithm>
#include <cmath>
#include <string_view>

#include "iuf/report/charts.h"
#include "iuf/report/markup.h"
#include "iuf/report/sections.h"
#include "iuf/run/text.h"

namespace iuf::report {
namespace {

std::string figure(const std::string& name, const std::string& value, const std::string& chart) {
  return join("<figure><figcaption><b title='", escape(name), "'>", escape(name), "</b><span>", value,
              "</span></figcaption>", chart, "</figure>\n");
}

constexpr size_t longest_curve = 240;

/// At most `longest_curve` points, each the mean of neighbours.
std::vector<LogEntry> thin(const std::vector<LogEntry>& log) {
  if (log.size() <= longest_curve) return log;
  std::vector<LogEntry> result;
  for (size_t bucket = 0; bucket < longest_curve; ++bucket) {
    const size_t first = bucket * log.size() / longest_curve, last = (bucket + 1) * log.size() / longest_curve;
    LogEntry entry = log[last - 1];
    for (double LogEntry::*part : {&LogEntry::loss, &LogEntry::mse, &LogEntry::ce, &LogEntry::scl}) {
      std::vector<double> values;
      for (size_t i = first; i < last; ++i) values.push_back(log[i].*part);
      entry.*part = mean(values);
    }
    result.push_back(entry);
  }
  return result;
}

}  // namespace

std::string forgetting_section(const RunFolder& run) {
  const Metrics& metrics = run.metrics;
  const std::string head = "<section id='forgetting'><h2>Forgetting</h2>\n";
  if (metrics.steps.size() < 2)
    return head + note("There is one step only: nothing could be forgotten yet.") + "</section>\n";

  double lowest = 1;
  for (const auto* matrix : {&metrics.image_auroc, &metrics.pixel_auroc})
    for (size_t step = 0; step < metrics.steps.size(); ++step)
      for (size_t i = 0; i < metrics.objects.size(); ++i)
        if (metrics.learned[i] <= step) lowest = std::fmin(lowest, (*matrix)[step][i]);
  LineChart chart;
  chart.low = std::min(90.0, std::floor(10 * lowest) * 10);
  chart.high = 100;
  chart.x_name = "step";
  chart.whole_x = chart.markers = true;
  chart.value_digits = 1;

  const auto draw = [&](const std::string& name, auto&& value) {
    chart.x.clear();
    chart.series = {{"image", "image", {}}, {"pixel", "pixel", {}}};
    for (size_t step = 0; step < metrics.steps.size(); ++step) {
      chart.x.push_back(static_cast<double>(step + 1));
      chart.series[0].y.push_back(100 * value(metrics.image_auroc, step));
      chart.series[1].y.push_back(100 * value(metrics.pixel_auroc, step));
    }
    const std::string values = join(fixed(chart.series[0].y.back(), 1), " / ", fixed(chart.series[1].y.back(), 1));
    chart.description = join(name, ": AUROC in percent over the steps; after the last step image / pixel ", values);
    return figure(name, values, line_chart(chart));
  };
  std::string figures = draw("mean of the objects learned", [&](const auto& auroc, size_t step) {
    std::vector<double> known;
    for (size_t i = 0; i < metrics.objects.size(); ++i)
      if (metrics.learned[i] <= step) known.push_back(auroc[step][i]);
    return mean(known);
  });
  for (size_t i = 0; i < metrics.objects.size(); ++i)
    figures += draw(metrics.objects[i], [&](const auto& auroc, size_t step) {
      return metrics.learned[i] <= step ? auroc[step][i] : not_available;
    });
  return join(
      head,
      R"(<p>AUROC in percent of each object from the step in which it was learned to the last; beside the name the last values,
image / pixel. A falling line is forgetting.</p>
<div class='key'><span><i class='swatch image'></i> image</span><span><i class='swatch pixel'></i> pixel</span></div>
<div class='charts'>
)",
      figures, "</div></section>\n");
}

std::string loss_section(const RunFolder& run) {
  const std::string head = "<section id='training'><h2>Training</h2>\n";
  if (!run.log) return head + note("This run has no log.jsonl: the loss curves are left out.") + "</section>\n";
  if (run.log->empty()) return head + note("No loss was logged: the loss curves are left out.") + "</section>\n";

  struct Part {
    const char *name, *style, *title;
    double LogEntry::*value;
  };
  constexpr Part parts[] = {{"total", "total", "total", &LogEntry::loss},
                            {"mse", "mse", "reconstruction (MSE)", &LogEntry::mse},
                            {"ce", "ce", "object classes (cross entropy)", &LogEntry::ce},
                            {"scl", "scl", "semantic compression (SCL)", &LogEntry::scl}};
  const auto worth_showing = [&](const Part& part) {
    return std::any_of(run.log->begin(), run.log->end(),
                       [&](const LogEntry& entry) { return !std::isnan(entry.*part.value) && entry.*part.value != 0; });
  };
  std::vector<Part> shown;
  std::string key;
  for (const Part& part : parts)
    if (worth_showing(part)) {
      shown.push_back(part);
      key += join("<span><i class='swatch ", part.style, "'></i> ", part.title, "</span>");
    }

  std::string figures, rows;
  bool log_scale = false;
  for (auto begin = run.log->begin(); begin != run.log->end();) {
    const size_t step = begin->step;
    const auto end = std::find_if(begin, run.log->end(), [&](const LogEntry& entry) { return entry.step != step; });
    const std::vector<LogEntry> entries(begin, end);
    begin = end;
    std::string names = step < run.metrics.steps.size() ? "" : "not finished";
    if (step < run.metrics.steps.size())
      for (const std::string& object : run.metrics.steps[step]) names += join(names.empty() ? "" : ", ", object);
    const std::string name = join("Step ", count(step + 1), ": ", names);
    const LogEntry first = entries.front(), last = entries.back();
    rows += join("<tr>", row_head(join("Step ", count(step + 1), "<small>", escape(names), "</small>")),
                 cell(trimmed(last.epoch, 1)), cell(fixed(last.iteration, 0)), cell(number(first.loss)),
                 cell(number(last.loss)), cell(number(last.grad_norm)), cell(number(last.lr)), "</tr>\n");

    LineChart chart;
    chart.x_name = "iteration";
    chart.whole_x = true;
    for (const Part& part : shown) chart.series.push_back({part.name, part.style, {}});
    for (const LogEntry& entry : thin(entries)) {
      chart.x.push_back(entry.iteration);
      chart.x_notes.push_back(join("iteration ", fixed(entry.iteration, 0),
                                   std::isnan(entry.epoch) ? "" : join(", epoch ", trimmed(entry.epoch, 1))));
      for (size_t i = 0; i < shown.size(); ++i) chart.series[i].y.push_back(entry.*shown[i].value);
    }
    const Range range = value_range(chart.series);
    chart.low = range.low;
    chart.high = range.high;
    chart.log_scale = range.log_scale;
    log_scale = log_scale || range.log_scale;
    const std::string change = join(number(first.loss), " \u2192 ", number(last.loss));
    chart.description = join(name, ": training loss over the iterations, total from ", change);
    figures += figure(name, change, line_chart(chart));
  }
  const std::vector<std::string> columns = {"step",      "last epoch",         "last iteration", "first loss",
                                            "last loss", "last gradient norm", "last rate"};
  return join(head, "<p>The loss of every step and its parts",
              log_scale ? ", on a logarithmic scale where they span much" : "", ".</p>\n<div class='key'>", key,
              "</div>\n<div class='charts'>\n", figures, "</div>\n<details><summary>Figures of each step</summary>",
              table("Training figures of each step", "", columns, rows), "</details></section>\n");
}

}  // namespace iuf::report
