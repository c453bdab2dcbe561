#include "iuf/report/threshold_panel.h"

#include <catch2/catch.hpp>

#include "iuf/report/sections.h"

using namespace iuf;
using namespace iuf::report;
using Catch::Contains;

using Truth = SortedImage::Truth;

TEST_CASE("a score has as many digits as keep it on its side of the threshold", "[report][threshold]") {
  CHECK(score_text(0.125, 1.0) == "0.125");
  CHECK(score_text(1.23456789, 2.0) == "1.23457");
  CHECK(score_text(1.00000004, 1.0) == "1.00000004");
  CHECK(score_text(0.99999996, 1.0) == "1");  // not above it either
  CHECK(score_text(1.0, 1.0) == "1");
  CHECK(score_text(123456.7, std::nullopt) == "123457");
}

TEST_CASE("what the threshold does not decide is counted apart", "[report][threshold]") {
  const ThresholdPanel panel{.object = "a <nut>",
                             .id = "cost-0",
                             .threshold = 1,
                             .images = {{0.5, Truth::normal, Verdict::ok, true},
                                        {2, Truth::normal, Verdict::defect, true},
                                        {0.1, Truth::normal, Verdict::unknown, false},
                                        {3, Truth::defect, Verdict::defect, true},
                                        {0.2, Truth::defect, Verdict::ok, false},
                                        {0, Truth::defect, Verdict::error, false}}};
  const std::string text = threshold_panel(panel);
  CHECK_THAT(text, Contains("data-normal='0.5 2' data-defect='3' data-unlabelled='' data-settled='1 1 1 0 0 0'"));
  CHECK_THAT(text, Contains("<b data-count='found'>1</b> of 2 found") &&
                       Contains("<b data-count='alarms'>2</b> of 3 false alarms") &&
                       Contains("cost <b data-count='cost'>12</b>") && Contains("2 images stay as judged"));
  CHECK_THAT(text, Contains("Threshold of a &lt;nut&gt;") && !Contains("<nut>"));
  CHECK_THAT(threshold_table({panel}), Contains("<td data-sum='cost'>12</td>"));
}

TEST_CASE("without labels the panel counts what is rejected; without a threshold there is nothing to move",
          "[report][threshold]") {
  ThresholdPanel panel{.object = "nut",
                       .threshold = 1,
                       .images = {{0.5, Truth::unlabelled, Verdict::ok, true},
                                  {2, Truth::unlabelled, Verdict::defect, true},
                                  {9, Truth::unlabelled, Verdict::unknown, false}}};
  CHECK_THAT(threshold_panel(panel),
             Contains("<b data-count='rejected'>2</b> of 3 rejected") && Contains(">66.7</b> %"));
  panel.threshold.reset();
  CHECK_THAT(threshold_panel(panel), !Contains("threshold-panel") && Contains("no threshold"));
  CHECK(threshold_panel({.object = "nut", .threshold = 1}).empty());
  CHECK(threshold_table({panel}).empty());
}

namespace {

ComparisonRow row(const std::string& name, double first, double second, double first_later) {
  ComparisonRow row{.id = name, .name = name};
  row.image_auroc = {{first, std::nullopt}, {first_later, second}};
  return row;
}

}  // namespace

TEST_CASE("why rows rank as they do follows from their figures", "[report][ranking]") {
  Comparison comparison{.stream = {{"a"}, {"b"}},
                        .rows = {row("keeps <it>", 0.95, 0.96, 0.95), row("forgets", 0.96, 0.97, 0.60)}};
  CHECK_THAT(ranking_reason(comparison), Contains("keeps &lt;it&gt; 95.5, forgets 78.5") &&
                                             Contains("ends at 78.5 = 96.5 when just learned "
                                                      "\u2212 18.0 lost since") &&
                                             Contains("the order is one of forgetting"));
  comparison.rows[1] = row("blind", 0.6, 0.6, 0.6);
  CHECK_THAT(ranking_reason(comparison), Contains("how well an object is learned at all"));
  comparison.rows[1] = row("same", 0.95, 0.96, 0.95);
  CHECK_THAT(ranking_reason(comparison), Contains("they hardly differ"));
  comparison.rows[1] = row("both", 0.9, 0.9, 0.8);
  CHECK_THAT(ranking_reason(comparison), Contains("both make the order"));
  comparison.rows[1].failed = "out of memory";
  CHECK(ranking_reason(comparison).empty());
  comparison = {.stream = {{"a", "b"}}, .rows = {{.name = "x"}, {.name = "y"}}};
  for (ComparisonRow& r : comparison.rows) r.image_auroc = {{0.9, r.name == "x" ? 0.8 : 0.7}};
  CHECK_THAT(ranking_reason(comparison), Contains("There is one step"));
}
