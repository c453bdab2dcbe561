#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "iuf/report/charts.h"
#include "iuf/report/markup.h"
#include "iuf/report/sections.h"
#include "iuf/run/text.h"
#include "tensor/suggest.h"

namespace iuf::report {
namespace {

std::string figure(const std::string& name, const std::string& value, const std::string& chart) {
  return join("<figure><figcaption><b title='", escape(name), "'>", escape(name), "</b><span>", value,
              "</span></figcaption>", chart, "</figure>\n");
}

// No value is a gap in the curve.
double drawn(std::optional<double> value) {
  return value.value_or(std::numeric_limits<double>::quiet_NaN());
}

constexpr size_t longest_curve = 240;

std::optional<double> part_of(const LogEntry& entry, const std::string& name) {
  const auto part = std::ranges::find(entry.parts, name, &LossPart::name);
  return part == entry.parts.end() ? std::nullopt : std::optional(part->value);
}

/// Names of the parts that the losses have, in their order; without those that are 0 throughout.
std::vector<std::string> parts_of(const std::vector<LogEntry>& log) {
  std::vector<std::string> names;
  for (const LogEntry& entry : log)
    for (const LossPart& part : entry.parts)
      if (part.value != 0 && std::ranges::find(names, part.name) == names.end()) names.push_back(part.name);
  return names;
}

/// At most `longest_curve` points, each the mean of neighbours.
std::vector<LogEntry> thin(std::span<const LogEntry> log, const std::vector<std::string>& parts) {
  if (log.size() <= longest_curve) return {log.begin(), log.end()};
  std::vector<LogEntry> result;
  for (size_t bucket = 0; bucket < longest_curve; ++bucket) {
    const size_t first = bucket * log.size() / longest_curve, last = (bucket + 1) * log.size() / longest_curve;
    const auto mean_of = [&](auto&& value) {
      std::vector<std::optional<double>> values;
      for (size_t i = first; i < last; ++i) values.push_back(value(log[i]));
      return mean(values);
    };
    LogEntry entry = log[last - 1];
    entry.loss =
        drawn(mean_of([](const LogEntry& e) { return std::isnan(e.loss) ? std::nullopt : std::optional(e.loss); }));
    entry.parts.clear();
    for (const std::string& name : parts)
      if (const auto value = mean_of([&](const LogEntry& e) { return part_of(e, name); }))
        entry.parts.push_back({name, *value});
    result.push_back(entry);
  }
  return result;
}

/// The loss of one step and its parts over the iterations.
LineChart loss_chart(std::span<const LogEntry> log, const std::vector<std::string>& parts) {
  LineChart chart;
  chart.x_name = "iteration";
  chart.whole_x = true;
  chart.series.push_back({"total", "total", {}});
  for (size_t i = 0; i < parts.size(); ++i) chart.series.push_back({parts[i], "part", {}, static_cast<int>(i)});
  for (const LogEntry& entry : thin(log, parts)) {
    chart.x.push_back(static_cast<double>(entry.iteration));
    chart.x_notes.push_back(join("iteration ", count(entry.iteration), ", epoch ", count(entry.epoch)));
    chart.series[0].y.push_back(entry.loss);
    for (size_t i = 0; i < parts.size(); ++i) chart.series[i + 1].y.push_back(drawn(part_of(entry, parts[i])));
  }
  const Range range = value_range(chart.series);
  chart.low = range.low;
  chart.high = range.high;
  chart.log_scale = range.log_scale;
  return chart;
}

std::string key_of(const std::vector<std::string>& parts) {
  std::string key = "<span><i class='swatch total'></i> total</span>";
  for (size_t i = 0; i < parts.size(); ++i)
    key += join("<span><i class='swatch part' style='--part:", count(i), "'></i> ", escape(parts[i]), "</span>");
  return key;
}

/// A row of the table below the charts.
std::string figures_row(size_t step, const std::string& objects, const LogEntry& first, const LogEntry& last) {
  return join("<tr>", row_head(join("Step ", count(step + 1), "<small>", escape(objects), "</small>")),
              cell(count(last.epoch)), cell(count(last.iteration)), cell(number_text(first.loss)),
              cell(number_text(last.loss)), cell(number_text(last.grad_norm)), cell(number_text(last.learning_rate)),
              "</tr>\n");
}

}  // namespace

std::string forgetting_section(const RunFolder& run) {
  const RunMetrics& metrics = run.metrics;
  const std::string head = "<section id='forgetting'><h2>Forgetting</h2>\n";
  if (metrics.steps.size() < 2) return "";  // nothing could be forgotten yet

  const std::vector<size_t>& learned = run.image.learned;
  double lowest = 1;
  for (const StepMatrix* matrix : {&run.image, &run.pixel})
    for (size_t step = 0; step < matrix->steps(); ++step)
      for (size_t i = 0; i < learned.size(); ++i)
        if (learned[i] <= step) lowest = std::min(lowest, matrix->value[step][i].value_or(1));
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
      chart.series[0].y.push_back(100 * drawn(value(run.image, step)));
      chart.series[1].y.push_back(100 * drawn(value(run.pixel, step)));
    }
    const std::string values =
        join(fixed_text(chart.series[0].y.back(), 1), " / ", fixed_text(chart.series[1].y.back(), 1));
    chart.description = join(name, ": AUROC in percent over the steps; after the last step image / pixel ", values);
    return figure(name, values, line_chart(chart));
  };
  std::string figures =
      draw("mean of the objects learned", [&](const StepMatrix& auroc, size_t step) { return acc(auroc, step).value; });
  for (size_t i = 0; i < metrics.objects.size(); ++i)
    figures += draw(metrics.objects[i], [&](const StepMatrix& auroc, size_t step) {
      return learned[i] <= step ? auroc.value[step][i] : std::nullopt;
    });
  return join(
      head,
      R"(<p>AUROC in percent of each object from the step in which it was learned to the last; beside the name the last
values, image / pixel. A falling line is forgetting.</p>
<div class='key'><span><i class='swatch image'></i> image</span><span><i class='swatch pixel'></i> pixel</span></div>
<div class='charts'>
)",
      figures, "</div></section>\n");
}

std::string loss_section(const RunFolder& run) {
  const std::string head = "<section id='training'><h2>Training</h2>\n";
  if (!run.log) return head + note("This run has no log.jsonl: the loss curves are left out.") + "</section>\n";
  if (run.log->empty()) return "";  // the method learns in closed form

  const std::vector<std::string> parts = parts_of(*run.log);
  std::string figures, rows;
  bool log_scale = false;
  for (std::span<const LogEntry> rest = *run.log; !rest.empty();) {
    const auto step = static_cast<size_t>(rest.front().step);
    const auto end = std::ranges::find_if(rest, [&](const LogEntry& e) { return e.step != rest.front().step; });
    const auto entries = rest.first(static_cast<size_t>(end - rest.begin()));
    rest = rest.subspan(entries.size());
    const LogEntry &first = entries.front(), &last = entries.back();
    const std::string objects =
        step < run.metrics.steps.size() ? joined(run.metrics.steps[step]) : std::string("not finished");
    const std::string name = join("Step ", count(step + 1), ": ", objects);
    const std::string change = join(number_text(first.loss), " \u2192 ", number_text(last.loss));
    LineChart chart = loss_chart(entries, parts);
    chart.description = join(name, ": training loss over the iterations, total from ", change);
    log_scale = log_scale || chart.log_scale;
    figures += figure(name, change, line_chart(chart));
    rows += figures_row(step, objects, first, last);
  }
  const std::vector<std::string> columns = {"step",      "last epoch",         "last iteration", "first loss",
                                            "last loss", "last gradient norm", "last rate"};
  return join(head, "<p>The loss of every step and its parts",
              log_scale ? ", on a logarithmic scale where they span much" : "", ".</p>\n<div class='key'>",
              key_of(parts), "</div>\n<div class='charts'>\n", figures,
              "</div>\n<details><summary>Figures of each step</summary>",
              table("Training figures of each step", "", columns, rows), "</details></section>\n");
}

}  // namespace iuf::report
