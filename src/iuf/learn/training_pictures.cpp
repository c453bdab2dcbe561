#include "iuf/learn/training_pictures.h"

#include "iuf/data/unusual_pictures.h"
#include "tensor/error.h"

namespace iuf {

void decide_window(Settings& settings, const std::vector<std::string>& files) {
  if (settings.known_window()) return;
  if (const auto window = window_of(files)) settings.window = text_of(*window);
}

void check_training_pictures(const std::string& object, const std::vector<std::string>& files,
                             const std::vector<ImageFacts>& facts, const std::optional<ValueWindow>& window,
                             const Progress& progress) {
  const std::string *mask = nullptr, *photograph = nullptr;
  size_t masks = 0;
  Findings findings;
  for (size_t i = 0; i < files.size(); ++i) {
    const PictureFacts& picture = facts[i].picture;
    if (picture.deep && window && picture.largest > window->high)
      fail(files[i], ": a value of ", picture.largest, " lies beyond the window ", text_of(*window),
           " of 16-bit images that the model learns by; train again with --window 0:65535 or scale the image");
    const bool like_a_mask = is_like_a_mask(picture.looks);
    masks += like_a_mask;
    if (like_a_mask && !mask) mask = &files[i];
    if (is_like_a_photograph(picture.looks) && !photograph) photograph = &files[i];
    find_unusual(picture, window, i, files[i], findings);
  }
  if (mask && photograph)
    fail("object '", object, "': ", masks, " of ", files.size(),
         " normal images have at most 4 colours or are in black and white alone, as masks are, such as ", *mask,
         "; others are photographs, such as ", *photograph, "; move the masks out of the normal images");
  findings.tell(object, progress);
}

}  // namespace iuf
