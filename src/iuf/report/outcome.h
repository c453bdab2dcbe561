#pragma once

#include <string>

#include "iuf/learn/verdict.h"
#include "iuf/report/markup.h"

namespace iuf::report {

/// A verdict against the truth, for an image that says whether it shows a defect and what was decided. An image without
/// a verdict is neither right nor wrong.
struct Outcome {
  Verdict said;
  bool decided, right;
  std::string text;  // "✓ defect found", "✗ false alarm (unknown)", "no threshold"

  template <class Image>
  explicit Outcome(const Image& image)
      : said(image.decision()),
        decided(said != Verdict::error && said != Verdict::no_threshold),
        right(decided && image.defect == is_alarm(said)) {
    text = !decided       ? name_of(said)
           : image.defect ? (right ? "\u2713 defect found" : "\u2717 defect missed")
                          : (right ? "\u2713 passed" : "\u2717 false alarm");
    if (said == Verdict::unknown) text += " (unknown)";
  }
  bool wrong() const { return decided && !right; }
  /// As a label with its colour.
  std::string label() const {
    return join("<span class='verdict ", !decided ? "none" : right ? "right" : "wrong", "'>", text, "</span>");
  }
};

}  // namespace iuf::report
