#include "iuf/learn/training_pictures.h"

#include "iuf/data/unusual_pictures.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace iuf {

void decide_window(Settings& settings, const std::vector<std::string>& files) {
  if (settings.known_window()) return;
  if (const auto window = window_of(files)) settings.window = text_of(*window);
}

void check_training_pictures(const std::string& object, const std::vector<std::string>& files,
                             const std::vector<uint64_t>& hashes, const FeatureCache& cache, const Progress& progress) {
  const std::optional<ValueWindow> window = cache.extractor().reading().window;
  std::vector<PictureFacts> facts(files.size());
  parallel_for(static_cast<int64_t>(files.size()), 16, [&](int64_t begin, int64_t end) {
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i)
      facts[i] = cache.facts(files[i], hashes[i]);
  });
  const std::string *mask = nullptr, *photograph = nullptr;
  size_t masks = 0;
  Findings findings;
  for (size_t i = 0; i < files.size(); ++i) {
    if (facts[i].deep && window && facts[i].largest > window->high)
      fail(files[i], ": a value of ", facts[i].largest, " lies beyond the window ", text_of(*window),
           " of 16-bit images that the model learns by; train again with --window 0:65535 or scale the image");
    const bool like_a_mask = is_like_a_mask(facts[i].looks);
    masks += like_a_mask;
    if (like_a_mask && !mask) mask = &files[i];
    if (is_like_a_photograph(facts[i].looks) && !photograph) photograph = &files[i];
    find_unusual(facts[i], window, i, files[i], findings);
  }
  if (mask && photograph)
    fail("object '", object, "': ", masks, " of ", files.size(),
         " normal images have at most 4 colours or are in black and white alone, as masks are, such as ", *mask,
         "; others are photographs, such as ", *photograph, "; move the masks out of the normal images");
  findings.tell(object, progress);
}

}  // namespace iuf
