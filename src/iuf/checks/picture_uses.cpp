#include "iuf/checks/picture_uses.h"

#include "iuf/checks/jpeg_blocks.h"
#include "iuf/checks/spread_sample.h"
#include "iuf/image/image_formats.h"
#include "iuf/image/value_window.h"
#include "nn/file.h"
#include "tensor/parallel.h"

namespace iuf {
namespace {

// In the whole window a camera of 12 bits would have 16 levels, and different parts would differ by no more than noise.
ValueWindow window_needed(const std::vector<PictureUse>& uses) {
  std::vector<std::string> files;
  for (const PictureUse& use : uses)
    for (const size_t i : spread_sample(use.samples.size())) files.push_back(use.samples[i]->file.string());
  try {
    if (const auto choice = window_of(files)) return choice->window;
  } catch (const std::exception&) {  // told about where it is used
  }
  return {};
}

}  // namespace

std::vector<PictureUse> picture_uses(const Dataset& data, const std::string& object) {
  std::vector<PictureUse> all = {{.name = "images to learn from", .train = true},
                                 {.name = "normal test images"},
                                 {.name = "defective test images", .defect = true}};
  for (const Sample& sample : data.samples)
    if (sample.object == object) all[sample.train ? 0 : sample.defect ? 2 : 1].samples.push_back(&sample);
  std::erase_if(all, [](const PictureUse& use) { return use.samples.empty(); });
  const ValueWindow window = window_needed(all);
  for (PictureUse& use : all) {
    use.window = window;
    use.hues.resize(use.samples.size());
    use.scenes.resize(use.samples.size());
    use.traces.resize(use.samples.size());
    const std::vector<size_t> which = spread_sample(use.samples.size());
    parallel_for(static_cast<int64_t>(which.size()), 1, [&](int64_t n, int64_t) {
      const size_t i = which[static_cast<size_t>(n)];
      try {
        const Image image = read_image(use.samples[i]->file, window);
        use.hues[i] = vivid_hues(image);
        use.scenes[i] = scene_of(image);
        use.traces[i] = PictureTraces{.tiles = frame_tiles(image),
                                      .pieces = pieces_of(image),
                                      .red_over_blue = red_over_blue(image),
                                      .block_edges = block_edges(image),
                                      .layout = layout_of(image)};
      } catch (const std::exception&) {  // told about where it is used
      }
    });
  }
  return all;
}

Image read_image(const std::filesystem::path& file, const ValueWindow& window) {
  return image_of(decode_raster(read_file(file), file.string(), default_max_pixels, Transparency::drop), window);
}

}  // namespace iuf
