#include <algorithm>
#include <cmath>

#include "iuf/report/markup.h"
#include "iuf/report/sections.h"
#include "iuf/run/text.h"
#include "tensor/suggest.h"

namespace iuf::report {
namespace {

// A row's mean image AUROC over the objects: when each had just been learned, and after the last step.
struct Course {
  std::string name;
  double learned, ended;

  double lost() const { return learned - ended; }
};

std::optional<Course> course_of(const Comparison& comparison, const ComparisonRow& row) {
  const size_t steps = comparison.stream.size();
  if (row.failed || row.joint || row.image_auroc.size() != steps || steps == 0) return std::nullopt;
  std::vector<std::optional<double>> learned, ended;
  size_t object = 0;
  for (size_t step = 0; step < steps; ++step)
    for (size_t i = 0; i < comparison.stream[step].size(); ++i, ++object) {
      if (object >= row.image_auroc[step].size() || object >= row.image_auroc.back().size()) return std::nullopt;
      const std::optional<double> at_first = row.image_auroc[step][object], at_last = row.image_auroc.back()[object];
      if (!at_first || !at_last) continue;  // objects that were measured both times
      learned.push_back(at_first);
      ended.push_back(at_last);
    }
  if (learned.empty()) return std::nullopt;
  return Course{row.name, *mean(learned), *mean(ended)};
}

std::string points(double fraction) {
  return fixed_text(100 * fraction, 1);
}

std::string sum_of(const Course& c) {
  return join("<b>", escape(c.name), "</b> ends at ", points(c.ended), " = ", points(c.learned), " when just learned ",
              c.lost() < 0 ? "+ " : "\u2212 ", points(std::abs(c.lost())), c.lost() < 0 ? " gained" : " lost",
              " since");
}

// "0.3 to 24.6"
template <class Value>
std::pair<double, double> ends_of(const std::vector<Course>& courses, const Value& value) {
  const auto [low, high] = std::ranges::minmax_element(courses, {}, value);
  return {value(*low), value(*high)};
}

}  // namespace

std::string ranking_reason(const Comparison& comparison) {
  std::vector<Course> courses;
  for (const ComparisonRow& row : comparison.rows)
    if (const auto course = course_of(comparison, row)) courses.push_back(*course);
  if (courses.size() < 2) return "";
  std::ranges::stable_sort(courses, std::ranges::greater(), &Course::ended);
  std::vector<std::string> order;
  for (const Course& c : courses) order.push_back(join(escape(c.name), " ", points(c.ended)));
  std::string text =
      join("<b>Why they rank so.</b> By mean image AUROC over the objects at the end: ", joined(order), ". ");
  if (comparison.stream.size() < 2)
    return join("<p class='reason'>", text, "There is one step: nothing is forgotten, ",
                "and the rows differ by how well they learn alone.</p>\n");
  const auto [worst_learned, best_learned] = ends_of(courses, [](const Course& c) { return c.learned; });
  const auto [least_lost, most_lost] = ends_of(courses, [](const Course& c) { return c.lost(); });
  const double learning = best_learned - worst_learned, forgetting = most_lost - least_lost;
  text += join(sum_of(courses.front()), "; ", sum_of(courses.back()), ". When just learned, the rows lie ",
               points(learning), " points apart; in what they lost since, ", points(forgetting), ": ");
  text += learning < 0.0005 && forgetting < 0.0005 ? "they hardly differ."
          : forgetting > 1.5 * learning            ? "the order is one of forgetting."
          : learning > 1.5 * forgetting            ? "the order is one of how well an object is learned at all."
                                                   : "both make the order.";
  return join("<p class='reason'>", text, "</p>\n");
}

}  // namespace iuf::report
