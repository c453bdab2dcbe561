#include "iuf/run/gallery.h"

#include <algorithm>
#include <string_view>

#include "iuf/image/image.h"
#include "iuf/report/markup.h"
#include "iuf/report/outcome.h"
#include "iuf/report/sections.h"
#include "iuf/run/heatmap.h"
#include "iuf/run/text.h"
#include "nn/file.h"
#include "nn/hash.h"
#include "tensor/error.h"

namespace iuf::report {
namespace {

std::string path_of(const RunFolder& run, const std::optional<std::string>& name) {
  return name ? (run.gallery_folder / *name).string() : "";
}

std::string shot(const RunFolder& run, const GalleryItem& item, const Pictures& pictures) {
  const Outcome outcome(item);
  const std::string kind = item.label_name.empty() ? item.defect ? "defect" : "normal" : item.label_name;
  const PictureMarks marks{item.width, item.height, item.regions};
  return join("<li class='shot' data-groups='all ", item.defect ? "defect" : "normal", outcome.right ? "" : " wrong",
              "'><button type='button' class='panels' aria-label='Enlarge ", escape(item.file), "'>",
              pictures.panel(path_of(run, item.input), "input", "", marks),
              pictures.panel(path_of(run, item.mask), "ground truth", item.defect ? "no mask" : "no defect"),
              pictures.panel(path_of(run, item.heat), "heatmap", "image level only", marks),
              "</button><div class='facts'>", outcome.label(), "<span>", escape(kind),
              "</span><span class='score'>score ", number_text(item.score), " \u00B7 threshold ",
              number_text(item.threshold),
              item.regions.empty() ? "" : join(" \u00B7 ", plural(item.regions.size(), "region", "regions")),
              "</span><span class='file'>", escape(item.file), "</span></div></li>\n");
}

std::string ramp_gradient() {
  std::string stops;
  for (const Colour& colour : colour_ramp())
    stops +=
        join(stops.empty() ? "" : ",", "rgb(", count(colour[0]), " ", count(colour[1]), " ", count(colour[2]), ")");
  return join("linear-gradient(90deg,", stops, ")");
}

// Buttons that show a part of the images.
std::string filter_of(const std::vector<const GalleryItem*>& items) {
  std::string text = "<div class='filter' role='group' aria-label='Which images to show'>";
  const std::pair<std::string_view, const char*> groups[] = {
      {"all", "all"}, {"wrong", "wrong verdict"}, {"defect", "defective"}, {"normal", "normal"}};
  for (const auto& [group, name] : groups) {
    const auto in_group = [&, &wanted = group](const GalleryItem* item) {
      return wanted == "all" || (wanted == "wrong" ? !Outcome(*item).right : item->defect == (wanted == "defect"));
    };
    const auto members = static_cast<size_t>(std::ranges::count_if(items, in_group));
    if (members > 0)
      text += join("<button type='button' data-group='", group, "' aria-pressed='", group == "all" ? "true" : "false",
                   "'>", name, " ", count(members), "</button>");
  }
  return text + "</div>";
}

// A picture that is not the one that the run wrote is an Error: JPEG alone would not tell.
PictureSource picture_of(const RunFolder& run, const GalleryItem& item, const std::string& name, bool mask = false) {
  const std::filesystem::path path = run.gallery_folder / name;
  PictureSource source = picture_file(path, mask);
  if (const auto known = item.hashes.find(name); known != item.hashes.end())
    source.read = [path, hash = known->second] {
      const std::vector<std::byte> bytes = read_file(path);
      if (hash_bytes(bytes) != hash) fail(path.string(), ": damaged: its checksum is another");
      return decode_image(bytes, path.string());
    };
  return source;
}

}  // namespace

std::vector<PictureSource> gallery_sources(const RunFolder& run) {
  std::vector<PictureSource> sources;
  if (!run.gallery) return sources;
  for (const GalleryItem& item : run.gallery->items) {
    sources.push_back(picture_of(run, item, item.input));
    if (item.mask) sources.push_back(picture_of(run, item, *item.mask, true));
    if (item.heat) sources.push_back(picture_of(run, item, *item.heat));
  }
  return sources;
}

std::string gallery_text(const RunFolder& run, const std::string& object, const Pictures& pictures) {
  std::vector<const GalleryItem*> items;
  for (const GalleryItem& item : run.gallery->items)
    if (item.object == object) items.push_back(&item);
  if (items.empty()) return note("The gallery holds no images of this object.");
  std::ranges::stable_sort(items, std::ranges::greater(),
                           [](const GalleryItem* item) { return Outcome(*item).wrong(); });

  const auto scale = run.gallery->scales.find(object);
  const bool heat = std::ranges::any_of(items, [](const GalleryItem* item) { return item->heat.has_value(); });
  std::string key;
  if (heat && scale != run.gallery->scales.end())
    key = join("<span title='One scale for all images of this object'>", trimmed_text(scale->second.low, 3),
               " <i class='ramp' style='background:", ramp_gradient(), "'></i> ", trimmed_text(scale->second.high, 3),
               "</span>");
  if (std::ranges::any_of(items, [](const GalleryItem* item) { return !item->regions.empty(); }))
    key += "<span><i class='swatch box'></i> region above the threshold</span>";
  std::string text = join("<div class='bar-head'><h4>Input, ground truth, heatmap</h4><div class='key'>", key, "</div>",
                          filter_of(items), "</div>\n<ul class='gallery'>\n");
  size_t left_out = 0;
  for (const GalleryItem* item : items) {
    if (!pictures.has(path_of(run, item->input))) {
      ++left_out;
      continue;
    }
    text += shot(run, *item, pictures);
  }
  text += "</ul>\n";
  if (left_out)
    text += note(join(plural(left_out, "more image is", "more images are"),
                      " in the run's gallery folder; the report would grow too large (--pictures beside has them)."));
  return text;
}

}  // namespace iuf::report
