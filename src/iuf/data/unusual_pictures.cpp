#include "iuf/data/unusual_pictures.h"

namespace iuf {

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
  } else if (picture.deep && picture.largest > window->high) {
    findings.add("pictures with values beyond the model's window " + text_of(*window) + ", which become its highest",
                 number, file);
  }
}

}  // namespace iuf
