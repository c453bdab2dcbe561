#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "iuf/learn/verdict.h"
#include "iuf/run/text.h"
#include "tensor/text.h"

/// Pieces that several sections are made of. Texts must be escaped already, but where it says name.
namespace iuf::report {

template <class... Parts>
std::string join(const Parts&... parts) {
  std::string text;
  ((text += parts), ...);
  return text;
}

/// For element content and for attribute values in double quotes; bytes that are no UTF-8 and control characters become
/// U+FFFD.
std::string escape(std::string_view text);
std::string base64(std::span<const std::byte> bytes);

inline std::string note(std::string_view text) {
  return join("<p class='note'>", text, "</p>");
}

template <class Integer>
std::string count(Integer value) {
  return std::to_string(value);
}

/// A name for a narrow column, where it may break after an underscore.
inline std::string breakable(std::string_view name) {
  std::string text;
  for (const char c : escape(name)) text += c == '_' ? "_<wbr>" : std::string(1, c);
  return text;
}

/// A table cell; n/a is shown paler.
inline std::string cell(const std::string& text, std::string_view style = "") {
  return text == "n/a"   ? "<td class='na'>n/a</td>"
         : style.empty() ? join("<td>", text, "</td>")
                         : join("<td class='", style, "'>", text, "</td>");
}

/// A table that scrolls sideways where the page is narrow. `name` tells screen readers what it is.
inline std::string table(std::string_view name, std::string_view style, const std::vector<std::string>& columns,
                         std::string_view rows, std::string_view foot = "") {
  std::string head;
  for (const std::string& column : columns)
    head += join(head.empty() ? "<th class='sticky' scope='col'>" : "<th scope='col'>", column, "</th>");
  return join("<div class='scroll' tabindex='0' role='region' aria-label='", escape(name), "'><table class='", style,
              "'><thead><tr>", head, "</tr></thead>\n<tbody>", rows, "</tbody>", foot, "</table></div>\n");
}

/// The first cell of a row.
inline std::string row_head(std::string_view text) {
  return join("<th class='sticky' scope='row'>", text, "</th>");
}

/// A number behind a bar of its share.
inline std::string meter(double share, const std::string& text) {
  return join("<span class='meter'><i style='--t:", fixed_text(std::clamp(share, 0.0, 1.0), 2),
              "'></i></span><span class='figure'>", text, "</span>");
}

/// Of those that there are.
inline std::optional<double> mean(const std::vector<std::optional<double>>& values) {
  double sum = 0, terms = 0;
  for (const std::optional<double>& value : values)
    if (value) sum += *value, ++terms;
  return terms > 0 ? std::optional(sum / terms) : std::nullopt;
}

/// Verdicts against the truth. An image without a verdict is neither right nor wrong.
struct Tally {
  size_t normal = 0, defect = 0, alarms = 0, found = 0, unknown = 0, undecided = 0, errors = 0;
  /// An image that says whether it shows a defect and what was decided.
  template <class Image>
  void add(const Image& image) {
    const Verdict verdict = image.decision();
    if (verdict == Verdict::error) return void(++errors);
    if (verdict == Verdict::no_threshold) return void(++undecided);
    ++(image.defect ? defect : normal);
    if (is_alarm(verdict)) ++(image.defect ? found : alarms);
    unknown += verdict == Verdict::unknown;
  }
  /// "12 of 13 defective images found, 1 false alarm on 20 normal ones, of these alarms 2 as unknown, 1 not judged"
  std::string text() const {
    std::string result;
    if (defect) result = join(count(found), " of ", plural(defect, "defective image", "defective images"), " found");
    if (normal)
      result += join(result.empty() ? "" : ", ", plural(alarms, "false alarm", "false alarms"), " on ",
                     plural(normal, "normal one", "normal ones"));
    if (unknown) result += join(", of these alarms ", count(unknown), " as unknown");
    const auto also = [&](size_t some, std::string_view what) {
      if (some) result += join(result.empty() ? "" : ", ", count(some), what);
    };
    also(undecided, " without a threshold");
    also(errors, " not judged");
    return result;
  }
};

}  // namespace iuf::report
