#include "iuf/report/charts.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "iuf/report/markup.h"
#include "iuf/run/text.h"

namespace iuf::report {
namespace {

/// So far below the largest number that no difference or edge of a bin overflows.
double bounded(double value) {
  return std::clamp(value, -1e100, 1e100);
}

/// Round numbers from low to high, about `count` of them.
std::vector<double> linear_ticks(double low, double high, int count) {
  const double raw = (high - low) / count;
  if (!(raw > 0) || !std::isfinite(raw)) return {};
  const double power = std::pow(10, std::floor(std::log10(raw)));
  double step = 10 * power;
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= raw * 0.999) {
      step = factor * power;
      break;
    }
  std::vector<double> ticks;
  const double first = std::ceil(low / step - 1e-6);
  for (int i = 0; i <= 2 * count && (first + i) * step <= high + step * 1e-6; ++i) ticks.push_back((first + i) * step);
  return ticks;
}

/// Powers of ten; with 2 and 5 between where there are few.
std::vector<double> log_ticks(double low, double high) {
  const double decades = std::log10(high / low);
  if (!(low > 0) || !std::isfinite(decades)) return {};
  const double stride = std::ceil(decades / 5);
  std::vector<double> ticks;
  for (double power = std::floor(std::log10(low)); power <= std::log10(high) + 1e-9; power += stride)
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double tick = factor * std::pow(10, power);
      if ((factor == 1 || decades <= 2) && tick >= low * 0.999 && tick <= high * 1.001) ticks.push_back(tick);
    }
  return ticks;
}

/// One axis: values to drawing units.
struct Axis {
  double low, high;    // values
  double start, stop;  // drawing units
  bool log_scale = false;

  double operator()(double value) const {
    const double share = log_scale ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
    return start + (share > 0 ? std::min(share, 1.0) : 0.0) * (stop - start);  // NaN, of an empty range, is the start
  }
  std::vector<double> ticks(int count) const {
    return log_scale ? log_ticks(low, high) : linear_ticks(low, high, count);
  }
};

/// Short: 0.5, 20, 1500, 20k, 1e-05.
std::string tick_label(double value) {
  const double size = std::abs(value);
  if (size >= 1e7 || (size > 0 && size < 1e-4)) {
    const double power = std::floor(std::log10(size) + 1e-9);
    return join(fixed_text(value / std::pow(10, power), 0), "e", fixed_text(power, 0));
  }
  if (size >= 1e4) return join(fixed_text(value / 1e3, std::fmod(size, 1e3) < 1 ? 0 : 1), "k");
  return trimmed_text(value, 5);
}

std::string xy(double x, double y) {
  return join(fixed_text(x, 1), ' ', fixed_text(y, 1));
}

std::string open_svg(int width, int height, const std::string& description, const std::string& points) {
  return join("<svg class='chart' viewBox='0 0 ", std::to_string(width), ' ', std::to_string(height),
              "' role='img' aria-label='", escape(description), "' data-points='", points, "'>");
}

std::string line(std::string_view style, double x1, double y1, double x2, double y2) {
  return join("<line class='", style, "' x1='", fixed_text(x1, 1), "' y1='", fixed_text(y1, 1), "' x2='",
              fixed_text(x2, 1), "' y2='", fixed_text(y2, 1), "'/>");
}

std::string label(std::string_view style, double x, double y, const std::string& text) {
  return join("<text class='", style, "' x='", fixed_text(x, 1), "' y='", fixed_text(y, 1), "'>", escape(text),
              "</text>");
}

}  // namespace

Range value_range(const std::vector<Series>& series) {
  double low = INFINITY, high = -INFINITY, low_positive = INFINITY;
  for (const Series& s : series)
    for (const double y : s.y)
      if (std::isfinite(y)) {
        low = std::min(low, bounded(y));
        high = std::max(high, bounded(y));
        if (y > 0) low_positive = std::min(low_positive, bounded(y));
      }
  if (!(low <= high)) return {};
  // A part that is switched off is 0 throughout; it does not keep the others from a log scale.
  if (low >= 0 && high > 30 * low_positive) {
    low_positive = std::max(low_positive, high * 1e-6);
    return {low_positive * 0.9, high * 1.1, true};
  }
  low = std::min(low, 0.0);
  if (high <= low) high = low + 1;
  return {low, high + 0.05 * (high - low), false};
}

std::string line_chart(const LineChart& chart) {
  constexpr int width = 360, height = 210;
  const double first = chart.x.empty() ? 0 : chart.x.front(), last = chart.x.empty() ? 1 : chart.x.back();
  const double margin = last > first ? 0 : 1;  // a single point stands in the middle
  const double inset = chart.markers ? 12 : 0;
  const Axis x{first - margin, last + margin, 44 + inset, width - 12 - inset};
  const Axis y{chart.low, chart.high, height - 36.0, 10, chart.log_scale};
  const auto value_text = [&](double value) {
    return chart.value_digits < 0 ? number_text(value) : fixed_text(value, chart.value_digits);
  };

  std::string points;
  for (size_t i = 0; i < chart.x.size(); ++i) {
    std::string text = i < chart.x_notes.size() ? chart.x_notes[i] : chart.x_name + ' ' + tick_label(chart.x[i]);
    for (const Series& s : chart.series)
      if (!std::isnan(s.y[i])) text += join(" \u00B7 ", s.name, ' ', value_text(s.y[i]));
    points += join(i ? "\n" : "", fixed_text(x(chart.x[i]), 1), '\t', escape(text));
  }
  std::string svg = open_svg(width, height, chart.description, points);

  for (const double tick : y.ticks(4)) {
    svg += line("grid", 44, y(tick), width - 12, y(tick));
    svg += label("tick y", 38, y(tick) + 4, tick_label(tick));
  }
  svg += line("axis", 44, height - 36, width - 12, height - 36);
  for (const double tick : x.ticks(5))
    if (tick >= first && tick <= last && (!chart.whole_x || tick == std::round(tick)))
      svg += label("tick x", x(tick), height - 20, tick_label(tick));
  svg += label("tick x", (44 + width - 12) / 2, height - 4, chart.x_name);

  for (const Series& s : chart.series) {
    std::string path, dots;
    bool drawing = false;
    for (size_t i = 0; i < chart.x.size(); ++i) {
      const bool shown = std::isfinite(s.y[i]) && !(chart.log_scale && s.y[i] <= 0);
      if (shown) {
        path += join(drawing ? "L" : "M", xy(x(chart.x[i]), y(s.y[i])));
        if (chart.markers)
          dots += join("<circle class='dot ", s.style, "' cx='", fixed_text(x(chart.x[i]), 1), "' cy='",
                       fixed_text(y(s.y[i]), 1), "' r='4'/>");
      }
      drawing = shown;
    }
    const std::string number = s.part < 0 ? "" : join("' style='--part:", std::to_string(s.part));
    if (!path.empty()) svg += join("<path class='line ", s.style, number, "' d='", path, "'/>", dots);
  }
  return join(svg, line("cursor", 0, 10, 0, height - 36), "</svg>");
}

namespace {

/// Bins are equally wide on the axis, and the threshold is an edge between two.
struct Bins {
  bool log_scale = false;
  double origin = 0, width = 1, first = 0;  // on the axis' scale; first: the first bin, counted from the origin
  size_t count = 1;

  double scale(double value) const { return log_scale ? std::log(value) : value; }
  double edge(size_t bin) const {
    const double at = origin + (first + static_cast<double>(bin)) * width;
    return log_scale ? std::exp(at) : at;
  }
  size_t bin_of(double score) const {
    const double bin = std::floor((scale(bounded(score)) - origin) / width) - first;
    return std::min(static_cast<size_t>(std::max(bin, 0.0)), count - 1);
  }
};

Bins bins_of(const Histogram& chart) {
  double low = INFINITY, high = -INFINITY;
  const auto include = [&](double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, bounded(value));
    high = std::max(high, bounded(value));
  };
  for (const ScoreGroup& group : chart.groups) std::ranges::for_each(group.scores, include);
  include(chart.threshold);
  if (!(low <= high)) low = 0, high = 1;
  const double smallest = 1e-9 * std::max({std::abs(low), std::abs(high), 1e-100});
  if (high - low < smallest) {
    const double half = std::max(0.5, std::abs(low) / 100);
    low -= half;
    high += half;
  }
  Bins bins{.log_scale = low > 1e-100 && high > 10 * low};
  bins.width = (bins.scale(high) - bins.scale(low)) / 36;
  bins.origin = std::isfinite(chart.threshold) ? bins.scale(bounded(chart.threshold)) : bins.scale(low);
  bins.first = std::floor((bins.scale(low) - bins.origin) / bins.width);
  const double last = std::ceil((bins.scale(high) - bins.origin) / bins.width);
  bins.count = static_cast<size_t>(std::clamp(last - bins.first, 1.0, 40.0));
  return bins;
}

std::vector<double> count_scores(const std::vector<double>& scores, const Bins& bins) {
  std::vector<double> counts(bins.count);
  for (const double score : scores)
    if (std::isfinite(score)) ++counts[bins.bin_of(score)];
  return counts;
}

// Where a group's bars stand in the drawing.
struct Band {
  double top, bottom;
};

// Bars of a group, the highest of `highest` images.
std::string bars_of(const ScoreGroup& group, const std::vector<double>& counts, double highest, const Bins& bins,
                    const Axis& x, const Band& band) {
  std::string bars;
  for (size_t bin = 0; bin < bins.count; ++bin) {
    if (counts[bin] == 0) continue;
    const double from = x(bins.edge(bin)), to = x(bins.edge(bin + 1));
    const double tall = std::max(1.5, counts[bin] / highest * (band.bottom - band.top));
    bars += join("<rect class='bar ", group.style, "' x='", fixed_text(from + 0.5, 1), "' y='",
                 fixed_text(band.bottom - tall, 1), "' width='", fixed_text(to - from - 1, 1), "' height='",
                 fixed_text(tall, 1), "'/>");
  }
  return bars;
}

// What the read-out says of each bin that holds images.
std::string bin_notes(const Histogram& chart, const std::vector<std::vector<double>>& counts, const Bins& bins,
                      const Axis& x) {
  std::string points;
  for (size_t bin = 0; bin < bins.count; ++bin) {
    std::string text;
    double images = 0;
    for (size_t g = 0; g < counts.size(); ++g) {
      images += counts[g][bin];
      text += join(" \u00B7 ", fixed_text(counts[g][bin], 0), " ", escape(chart.groups[g].name));
    }
    if (images == 0) continue;
    points += join(points.empty() ? "" : "\n", fixed_text((x(bins.edge(bin)) + x(bins.edge(bin + 1))) / 2, 1),
                   "\tscore ", number_text(bins.edge(bin)), " to ", number_text(bins.edge(bin + 1)), text);
  }
  return points;
}

}  // namespace

std::string histogram(const Histogram& chart) {
  constexpr int width = 560;
  constexpr double left = 36, right = width - 12;
  const double tall = chart.groups.size() == 1 ? 150 : 80;  // of a group's bars
  const auto band = [&](size_t g) {
    const double top = 44 + (tall + 26) * static_cast<double>(g);
    return Band{top, top + tall};
  };
  const double lowest = band(chart.groups.size() - 1).bottom;
  const int height = static_cast<int>(lowest) + 40;
  const Bins bins = bins_of(chart);
  const Axis x{bins.edge(0), bins.edge(bins.count), left, right, bins.log_scale};
  std::vector<std::vector<double>> counts;
  for (const ScoreGroup& group : chart.groups) counts.push_back(count_scores(group.scores, bins));

  std::string svg = open_svg(width, height, chart.description, bin_notes(chart, counts, bins, x));
  svg.insert(svg.size() - 1,
             join(" data-axis='", exact_text(x.low), " ", exact_text(x.high), " ", x.log_scale ? "log" : "linear", " ",
                  fixed_text(left, 0), " ", fixed_text(right, 0), "'"));
  for (size_t g = 0; g < counts.size(); ++g) {  // each group has its own scale: they differ in size and spread
    const auto [top, bottom] = band(g);
    const double highest = std::max(1.0, *std::ranges::max_element(counts[g]));
    svg += line("grid", left, top, right, top) + line("axis", left, bottom, right, bottom);
    svg += label("tick y", left - 6, top + 4, fixed_text(highest, 0)) + label("tick y", left - 6, bottom + 4, "0");
    const double total = std::accumulate(counts[g].begin(), counts[g].end(), 0.0);
    svg += label("group", right, top - 7, join(fixed_text(total, 0), ' ', chart.groups[g].name));
    svg += bars_of(chart.groups[g], counts[g], highest, bins, x, {top, bottom});
  }
  for (const double tick : x.ticks(6)) svg += label("tick x", x(tick), height - 22, tick_label(tick));
  svg += label("tick x", (left + right) / 2, height - 4, join(chart.x_name, bins.log_scale ? " (log scale)" : ""));
  if (std::isfinite(chart.threshold)) {
    const double at = x(chart.threshold);
    svg += line("threshold", at, 18, at, lowest);
    svg += label(at < (left + right) / 2 ? "threshold" : "threshold end", at, 13,
                 join("threshold ", number_text(chart.threshold)));
  }
  return join(svg, line("cursor", 0, 44, 0, lowest), "</svg>");
}

}  // namespace iuf::report
