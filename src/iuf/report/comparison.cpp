#include "iuf/run/comparison.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "iuf/report/charts.h"
#include "iuf/report/markup.h"
#include "iuf/report/sections.h"
#include "iuf/report/threshold_panel.h"
#include "iuf/run/comparison_tables.h"
#include "iuf/run/text.h"
#include "nn/file.h"

namespace iuf::report {
namespace {

/// As the table prints it.
std::string value_text(const Figure& figure, std::optional<double> value) {
  switch (figure.kind) {
    case Figure::Kind::percent:
      return percent_text(value);
    case Figure::Kind::seconds:
      return duration_text(value);
    case Figure::Kind::bytes:
      return memory_text(value);
  }
  return "";
}

/// "image ACC, %", "image FM, points"
std::string column_title(const Figure& figure) {
  const std::string_view key = figure.key;
  if (figure.kind != Figure::Kind::percent) return figure.title;
  return join(figure.title, key.ends_with("_fm") || key.ends_with("_bwt") ? ", points" : ", %");
}

std::string table_of(const std::vector<ComparisonRow>& methods, const std::string& own) {
  std::vector<const Figure*> columns;  // without those that no method has
  for (const Figure& figure : comparison_figures())
    if (std::any_of(methods.begin(), methods.end(),
                    [&](const ComparisonRow& m) { return value_of(m.figures, figure.key).has_value(); }))
      columns.push_back(&figure);
  std::vector<std::string> names = {"method"};
  for (const Figure* column : columns) names.push_back(column_title(*column));
  std::string rows;
  for (const ComparisonRow& method : methods) {
    rows += join(!own.empty() && (method.id == own || method.name == own) ? "<tr class='own'>" : "<tr>",
                 row_head(join(escape(method.name),
                               method.failed ? join("<small>failed: ", escape(*method.failed), "</small>") : "")));
    for (const Figure* column : columns) {
      const std::optional<double> value = value_of(method.figures, column->key),
                                  spread = value_of(method.spread, column->key);
      const auto beats = [&](const ComparisonRow& other) {  // as printed: what reads the same is marked the same
        const std::optional<double> theirs = value_of(other.figures, column->key);
        return theirs && column->better * std::round(1000 * *theirs) > column->better * std::round(1000 * *value);
      };
      const bool best = column->better != 0 && value && std::ranges::none_of(methods, beats);
      std::string text = value_text(*column, value);
      const std::string_view key = column->key;
      if (text != "n/a" && (key == "image_acc" || key == "pixel_acc")) text = meter(2 * *value - 1, text);
      if (column->kind == Figure::Kind::percent && spread)
        text += join(" <small>\u00B1", percent_text(spread), "</small>");
      rows += value ? join("<td", best ? " class='best'" : "", " data-v='", score_text(*value, {}), "'>", text, "</td>")
                    : cell(text);
    }
    rows += "</tr>\n";
  }
  std::string remarks;
  for (const std::string& remark : comparison_remarks(methods)) remarks += note(escape(remark));
  return table("Comparison of methods", "sortable", names, rows) + remarks;
}

/// What each method kept of the objects of the first step.
std::string curves(const Comparison& comparison) {
  if (comparison.stream.size() < 2) return "";
  const size_t base = comparison.stream[0].size();
  const auto kept = [&](const std::vector<std::vector<std::optional<double>>>& auroc) {
    std::vector<double> means;
    for (const std::vector<std::optional<double>>& step : auroc)
      means.push_back(100 * mean({step.begin(), step.begin() + static_cast<std::ptrdiff_t>(base)}).value_or(NAN));
    return means;
  };
  double lowest = 90;
  std::vector<LineChart> charts;
  for (const ComparisonRow& method : comparison.rows) {
    if (method.image_auroc.size() < 2) continue;  // joint training has nothing to forget
    LineChart& chart = charts.emplace_back();
    chart.description = method.name;
    chart.x_name = "step";
    chart.whole_x = chart.markers = true;
    chart.value_digits = 1;
    chart.series = {{"image", "image", kept(method.image_auroc)}, {"pixel", "pixel", kept(method.pixel_auroc)}};
    for (size_t step = 0; step < method.image_auroc.size(); ++step) chart.x.push_back(static_cast<double>(step + 1));
    for (const Series& series : chart.series)
      for (const double y : series.y) lowest = std::fmin(lowest, y);
  }
  std::string figures;
  for (LineChart& chart : charts) {
    const std::string name = escape(chart.description);
    const std::string last =
        join(fixed_text(chart.series[0].y.back(), 1), " / ", fixed_text(chart.series[1].y.back(), 1));
    chart.low = std::floor(lowest / 10) * 10;
    chart.high = 100;
    chart.description = join(
        chart.description, ": mean AUROC of the first step's objects over the steps; image / pixel at the end ", last);
    figures += join("<figure><figcaption><b title='", name, "'>", name, "</b><span>", last, "</span></figcaption>",
                    line_chart(chart), "</figure>\n");
  }
  if (figures.empty()) return "";
  return join("<h3>What is left of the first step's objects</h3><p>Mean AUROC in percent of the ",
              plural(base, "object", "objects"),
              " of the first step, after each step; beside the name the last values, image / pixel. All charts share "
              "one scale.</p>\n",
              "<div class='key'><span><i class='swatch image'></i> image</span><span><i class='swatch pixel'></i> "
              "pixel</span></div>"
              "<div class='charts'>\n",
              figures, "</div>\n");
}

/// Input, each method's map, ground truth.
std::string heatmaps(const Comparison& comparison, const std::filesystem::path& folder, const Pictures& pictures) {
  const auto panel = [&](const std::string& file, std::string_view what) {
    return pictures.panel((folder / file).string(), what, "");
  };
  std::string images;
  size_t left_out = 0;
  for (const PanelImage& image : comparison.panel) {
    if (!pictures.has((folder / image.input).string())) {
      ++left_out;
      continue;
    }
    std::string panels = panel(image.input, "input");
    for (const ComparisonRow& method : comparison.rows)
      if (const auto heat = image.heat.find(method.id); heat != image.heat.end())
        panels += panel(heat->second, escape(method.name));
    panels += panel(image.mask, "ground truth");
    images +=
        join("<li class='shot'><button type='button' class='panels' aria-label='Enlarge ", escape(image.object), " ",
             escape(image.file), "'>", panels, "</button><div class='facts'><span>", escape(image.object), ": ",
             escape(image.label_name), "</span><span class='file'>", escape(image.file), "</span></div></li>\n");
  }
  if (images.empty()) return "";
  if (left_out)
    images += join(
        "<li>",
        note(join(plural(left_out, "more image is", "more images are"), " left out; the report would grow too large.")),
        "</li>");
  return join(
      "<div class='object' id='heatmaps'><h3>Heatmaps after the last step</h3><p>Each method on its own scale: blue is "
      "what it usually gives to normal "
      "images of the object, red is far above its threshold.</p>\n<ul class='gallery wide'>\n",
      images, "</ul></div>\n");
}

}  // namespace

std::string comparison_section(const RunFolder& run, const Pictures& pictures) {
  if (!run.comparison || run.comparison->rows.empty()) return "";
  Comparison comparison = *run.comparison;
  const auto has = [&](const std::string& own) {
    return std::ranges::any_of(comparison.rows,
                               [&](const ComparisonRow& row) { return row.id == own || row.name == own; });
  };
  const std::string own = has(run.name) ? run.name : run.metrics.method;
  if (!has(own)) {
    const Summary& s = run.metrics.summary;
    ComparisonRow row{.id = own, .name = own};
    row.figures = {{"image_acc", s.image_acc},
                   {"pixel_acc", s.pixel_acc},
                   {"image_fm", s.image_fm},
                   {"pixel_fm", s.pixel_fm},
                   {"seconds", run.metrics.seconds}};
    row.reasons = s.reasons;
    comparison.rows.insert(comparison.rows.begin(), std::move(row));
  }
  return comparison_text(comparison, run.comparison_folder, own, pictures);
}

std::vector<PictureSource> comparison_sources(const Comparison& comparison, const std::filesystem::path& folder) {
  std::vector<PictureSource> sources;
  for (const PanelImage& image : comparison.panel) {
    sources.push_back(picture_file(folder / image.input));
    sources.push_back(picture_file(folder / image.mask, true));
    for (const ComparisonRow& method : comparison.rows)
      if (const auto heat = image.heat.find(method.id); heat != image.heat.end())
        sources.push_back(picture_file(folder / heat->second));
  }
  return sources;
}

std::string comparison_text(const Comparison& comparison, const std::filesystem::path& folder, const std::string& own,
                            const Pictures& pictures) {
  return join(
      "<section id='comparison'><h2>Comparison</h2>\n<p>The same steps for every method. ACC: higher is better (bars "
      "start at 50, which is "
      "guessing); FM: lower is better. The best of a column is bold",
      own.empty() ? "" : ", this run is shaded", ".</p>\n", ranking_reason(comparison), table_of(comparison.rows, own),
      curves(comparison), "</section>\n", heatmaps(comparison, folder, pictures));
}

}  // namespace iuf::report
