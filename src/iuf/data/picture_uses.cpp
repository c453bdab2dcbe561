#include "iuf/data/picture_uses.h"

#include "iuf/data/spread_sample.h"
#include "tensor/parallel.h"

namespace iuf {

std::vector<PictureUse> picture_uses(const Dataset& data, const std::string& object) {
  std::vector<PictureUse> all = {{.name = "images to learn from", .train = true},
                                 {.name = "normal test images"},
                                 {.name = "defective test images", .defect = true}};
  for (const Sample& sample : data.samples)
    if (sample.object == object) all[sample.train ? 0 : sample.defect ? 2 : 1].samples.push_back(&sample);
  std::erase_if(all, [](const PictureUse& use) { return use.samples.empty(); });
  for (PictureUse& use : all) {
    use.hues.resize(use.samples.size());
    use.scenes.resize(use.samples.size());
    const std::vector<size_t> which = spread_sample(use.samples.size());
    parallel_for(static_cast<int64_t>(which.size()), 1, [&](int64_t n, int64_t) {
      const size_t i = which[static_cast<size_t>(n)];
      try {
        const Image image = read_image(use.samples[i]->file);
        use.hues[i] = vivid_hues(image);
        use.scenes[i] = scene_of(image);
      } catch (const std::exception&) {  // told about where it is used
      }
    });
  }
  return all;
}

}  // namespace iuf
