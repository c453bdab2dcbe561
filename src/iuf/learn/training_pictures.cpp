#include "iuf/learn/training_pictures.h"

#include <algorithm>
#include <cmath>

#include "iuf/checks/unusual_pictures.h"
#include "iuf/image/value_window.h"
#include "tensor/error.h"

namespace iuf {

void decide_window(Settings& settings, const std::vector<std::string>& files, const Progress& progress) {
  if (settings.known_window()) return;
  const auto choice = window_of(files);
  if (!choice) return;
  settings.window = text_of(choice->window);
  progress.note(choice->text);
}

namespace {

[[noreturn]] void refuse_beyond(const std::string& object, const std::vector<std::string>& files,
                                const std::vector<ImageFacts>& facts, const ValueWindow& window) {
  const auto is_beyond = [](const ImageFacts& f) { return f.picture.deep && f.picture.beyond > kHotShare; };
  const auto first = std::ranges::find_if(facts, is_beyond);
  fail("object '", object, "': ", std::ranges::count_if(facts, is_beyond), " of ", files.size(),
       " normal images do not fit the window ", text_of(window), " of 16-bit images, such as ",
       files[static_cast<size_t>(first - facts.begin())], ", where ", std::llround(100 * first->picture.beyond),
       " % of the values are above it, up to ", first->picture.largest,
       "; scale these images or take them out, or train again with --window 0:65535");
}

}  // namespace

void check_training_pictures(const std::string& object, const std::vector<std::string>& files,
                             const std::vector<ImageFacts>& facts, const std::optional<ValueWindow>& window,
                             const Progress& progress) {
  const std::string *mask = nullptr, *photograph = nullptr;
  size_t masks = 0;
  Findings findings;
  for (size_t i = 0; i < files.size(); ++i) {
    const PictureFacts& picture = facts[i].picture;
    if (picture.deep && window && picture.beyond > kHotShare) refuse_beyond(object, files, facts, *window);
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
