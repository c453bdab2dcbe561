#include "iuf/report/charts.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "support/occurrences.h"

using namespace iuf::report;

namespace {

void check_drawable(const std::string& svg) {
  for (const char* attribute : {" x='", " y='", " cx='", " cy='", " d='", " x1='", " y1='", " width='", " height='"})
    for (size_t at = svg.find(attribute); at != std::string::npos; at = svg.find(attribute, at + 1)) {
      const size_t start = at + std::string(attribute).size();
      const std::string value = svg.substr(start, svg.find('\'', start) - start);
      INFO(attribute << value);
      CHECK(value.find_first_not_of("0123456789. ML-") == std::string::npos);
    }
}

}  // namespace

TEST_CASE("a line breaks where a value is missing and is drawn to scale", "[report][charts]") {
  LineChart chart{.description = "a <test>",
                  .x_name = "step",
                  .x = {1, 2, 3, 4, 5},
                  .x_notes = {},
                  .series = {{"image", "image", {0, 100, NAN, 50, 25}}},
                  .low = 0,
                  .high = 100};
  chart.markers = true;
  const std::string svg = line_chart(chart);
  check_drawable(svg);
  CHECK(iuf::occurrences(svg, "M") == 2);
  CHECK(iuf::occurrences(svg, "<circle") == 4);
  CHECK(svg.find("aria-label='a &lt;test&gt;'") != std::string::npos);
  CHECK(svg.find("step 2 \u00B7 image 100") != std::string::npos);
  // The highest value stands on the top of the plot, the lowest on its bottom.
  CHECK(svg.find("cy='10.0'") != std::string::npos);
  CHECK(svg.find("cy='174.0'") != std::string::npos);
  CHECK(svg.find("cy='92.0'") != std::string::npos);
}

TEST_CASE("a log scale is taken for positive values far apart, and zeros are left out of it", "[report][charts]") {
  CHECK_FALSE(value_range({{"", "", {1, 2, 3}}}).log_scale);
  CHECK(value_range({{"", "", {1, 2, 300}}, {"", "", {0, 0, NAN}}}).log_scale);
  CHECK_FALSE(value_range({{"", "", {-1, 300}}}).log_scale);
  const Range none = value_range({{"", "", {NAN, INFINITY}}});
  CHECK(none.low < none.high);
  const Range flat = value_range({{"", "", {0, 0}}});
  CHECK(flat.low < flat.high);

  LineChart chart{.description = "",
                  .x_name = "iteration",
                  .x = {0, 1, 2},
                  .x_notes = {},
                  .series = {{"a", "a", {1, 10, 100}}, {"b", "b", {0, 0, 0}}},
                  .low = 1,
                  .high = 100,
                  .log_scale = true};
  const std::string svg = line_chart(chart);
  check_drawable(svg);
  CHECK(iuf::occurrences(svg, "<path") == 1);
  CHECK(svg.find("L196.0 92.0") != std::string::npos);  // 10 is half way between 1 and 100
}

TEST_CASE("every score is in a bar, and the threshold is an edge between bars", "[report][charts]") {
  Histogram chart{.description = "", .groups = {{"normal", "normal", {}}, {"defect", "defect", {}}}, .threshold = 2.0};
  for (int i = 0; i < 100; ++i) chart.groups[0].scores.push_back(1 + 0.0099 * i);  // up to 1.98
  for (int i = 0; i < 50; ++i) chart.groups[1].scores.push_back(2.02 + 0.05 * i);  // from 2.02
  const std::string svg = histogram(chart);
  check_drawable(svg);
  CHECK(svg.find("100 normal") != std::string::npos);
  CHECK(svg.find("50 defect") != std::string::npos);
  CHECK(svg.find("threshold 2.000") != std::string::npos);
  // No bar holds scores of both sides.
  const size_t from = svg.find("data-points='"), to = svg.find('\'', from + 13);
  size_t normal = 0, defect = 0;
  std::string points = svg.substr(from + 13, to - from - 13) + '\n';
  for (size_t at = 0; at < points.size(); at = points.find('\n', at) + 1) {
    const std::string point = points.substr(at, points.find('\n', at) - at), dot = " \u00B7 ";
    const size_t first = point.find(dot) + dot.size(), second = point.find(dot, first) + dot.size();
    const size_t n = std::stoul(point.substr(first)), d = std::stoul(point.substr(second));
    CHECK((n == 0 || d == 0));
    normal += n;
    defect += d;
  }
  CHECK(normal == 100);
  CHECK(defect == 50);
}

TEST_CASE("charts of nothing, of one value and of extreme values are still drawn", "[report][charts]") {
  const double huge = std::numeric_limits<double>::max(), tiny = std::numeric_limits<double>::denorm_min();
  for (const std::vector<double>& values : std::vector<std::vector<double>>{{},
                                                                            {NAN},
                                                                            {0},
                                                                            {5, 5},
                                                                            {-3},
                                                                            {1e17, 1e17},
                                                                            {INFINITY, -INFINITY},
                                                                            {huge, -huge},
                                                                            {tiny, huge},
                                                                            {tiny, 1},
                                                                            {-1e-300, 1e-300}}) {
    CAPTURE(values);
    for (const double threshold : {1.0, static_cast<double>(NAN), static_cast<double>(INFINITY), huge, -huge, tiny}) {
      check_drawable(histogram({.description = "", .groups = {{"images", "image", values}}, .threshold = threshold}));
      check_drawable(histogram(
          {.description = "", .groups = {{"a", "normal", {1, 2}}, {"b", "defect", values}}, .threshold = threshold}));
    }
    LineChart chart{.description = "", .x_name = "x", .x = {}, .x_notes = {}, .series = {{"a", "a", values}}};
    for (size_t i = 0; i < values.size(); ++i) chart.x.push_back(static_cast<double>(i));
    const Range range = value_range(chart.series);
    chart.low = range.low;
    chart.high = range.high;
    chart.log_scale = range.log_scale;
    check_drawable(line_chart(chart));
    chart.x.assign(values.size(), huge);
    check_drawable(line_chart(chart));
  }
}
