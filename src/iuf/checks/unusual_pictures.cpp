#include "iuf/checks/unusual_pictures.h"

#include "iuf/image/value_window.h"

namespace iuf {

namespace {

constexpr double kSmallPart = 1.0 / 4;  // of the window, as of a camera of 2 bits less

// Of a 16-bit picture; nothing where it fits the window.
std::string misfit(const PictureFacts& picture, const ValueWindow& window) {
  const std::string of = "the model's window " + text_of(window);
  if (picture.beyond > 0.5) return "pictures with most values beyond " + of + ", which become its highest";
  if (picture.beyond > kHotShare) return "pictures with values beyond " + of + ", which become its highest";
  if (picture.beyond > 0) return "pictures with a few values beyond " + of + " (hot pixels?), which become its highest";
  const auto levels = static_cast<double>(window.high - window.low + 1);
  if (!picture.looks.nearly_constant && static_cast<double>(picture.common - window.low) < kSmallPart * levels)
    return "pictures that use less than a quarter of " + of + " (of another depth?)";
  return "";
}

}  // namespace

void find_unusual(const PictureFacts& picture, const std::optional<ValueWindow>& window, size_t number,
                  const std::string& file, Findings& findings) {
  const PictureLooks& looks = picture.looks;
  if (looks.nearly_constant) {
    findings.add("pictures that are nearly constant (is the lens closed?)", number, file);
  } else if (is_like_a_mask(looks)) {
    findings.add("pictures of at most 4 colours or in black and white alone (masks?)", number, file);
  }
  if (picture.deep && !window) {
    findings.add("pictures of 16 bits for a model of 8-bit images, whose high bytes are taken", number, file);
  } else if (picture.deep) {
    if (const std::string text = misfit(picture, *window); !text.empty()) findings.add(text, number, file);
  }
  if (picture.pictures > 1)
    findings.add("files that hold several pictures, of which only the first counts", number, file);
  if (picture.transparent > 0)
    findings.add("pictures with transparent places, of which the colours below count", number, file);
}

}  // namespace iuf
