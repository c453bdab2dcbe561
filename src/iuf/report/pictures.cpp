#include "iuf/report/pictures.h"

#include <algorithm>

#include "iuf/image/jpeg_writer.h"
#include "iuf/image/resize.h"
#include "iuf/report/markup.h"
#include "nn/file.h"

namespace iuf::report {
namespace {

namespace fs = std::filesystem;

struct Size {
  int side, quality;
};
constexpr Size kSizes[] = {{320, 82}, {256, 80}, {208, 78}, {160, 75}, {128, 72}, {96, 70}, {72, 68}, {56, 65}};

std::string data_url(const PictureSource& source, const Size& size) {
  const Image image = source.read();
  if (!source.mask) return join("data:image/jpeg;base64,", base64(encode_jpeg(fitted(image, size.side), size.quality)));
  const int longest = std::max(image.width, image.height);
  const auto shrunk = [&](int pixels) {
    return longest <= size.side ? pixels
                                : static_cast<int>(std::max(int64_t{1}, int64_t{pixels} * size.side / longest));
  };
  const Image small = resize_nearest(image, shrunk(image.width), shrunk(image.height));
  Image gray = blank_image(small.width, small.height, 1);
  for (size_t i = 0; i < gray.pixels.size(); ++i)
    gray.pixels[i] = small.pixels[i * static_cast<size_t>(small.channels)];
  return join("data:image/png;base64,", base64(encode_png(gray)));
}

// The size to begin with, by some of the pictures.
size_t likely_size(const std::vector<PictureSource>& sources) {
  constexpr size_t kSample = 24;
  const size_t stride = std::max<size_t>(1, sources.size() / kSample);
  for (size_t size = 0; size + 1 < std::size(kSizes); ++size) {
    size_t bytes = 0, count = 0;
    for (size_t i = 0; i < sources.size(); i += stride, ++count) bytes += data_url(sources[i], kSizes[size]).size();
    if (bytes / std::max<size_t>(1, count) * sources.size() <= kPictureBytes) return size;
  }
  return std::size(kSizes) - 1;
}

// A path as a URL relative to the report.
std::string url_of(const fs::path& path) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string url;
  for (const char c : path.generic_string()) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
                       c == '.' || c == '-' || c == '_';
    const auto byte = static_cast<uint8_t>(c);
    url += plain ? std::string(1, c) : join("%", std::string(1, digits[byte >> 4]), std::string(1, digits[byte & 15]));
  }
  return url;
}

std::string drawn(const PictureMarks& marks) {
  if (marks.width < 1 || marks.height < 1 || marks.regions.empty()) return "";
  std::string boxes;
  for (const DefectRegion& r : marks.regions)
    boxes += join("<rect x='", count(r.x), "' y='", count(r.y), "' width='", count(r.width), "' height='",
                  count(r.height), "'/>");
  return join("<svg class='regions' viewBox='0 0 ", count(marks.width), " ", count(marks.height), "' role='img' ",
              "aria-label='", plural(marks.regions.size(), "region", "regions"), " above the threshold'>", boxes,
              "</svg>");
}

}  // namespace

PictureSource picture_file(const fs::path& file, bool mask) {
  return {.name = file.string(), .mask = mask, .read = [file] { return read_image(file); }};
}

Pictures::Pictures(const std::vector<PictureSource>& sources) {
  size_t size = likely_size(sources);
  while (!fill(sources, size)) ++size;
}

// False where they do not fit and a smaller size is left.
bool Pictures::fill(const std::vector<PictureSource>& sources, size_t size) {
  urls_.clear();
  left_out_ = 0;
  size_t used = 0;
  for (const PictureSource& source : sources) {
    std::string url = data_url(source, kSizes[size]);
    if (used + url.size() > kPictureBytes) {
      if (size + 1 < std::size(kSizes)) return false;
      ++left_out_;
      continue;
    }
    used += url.size();
    urls_[source.name] = std::move(url);
  }
  return true;
}

Pictures::Pictures(const std::vector<PictureSource>& files, const fs::path& report_folder) {
  const fs::path from = fs::weakly_canonical(report_folder);
  for (const PictureSource& file : files) {
    file.read();
    urls_[file.name] = url_of(fs::weakly_canonical(file.name).lexically_relative(from));
  }
}

std::string Pictures::panel(const std::string& name, std::string_view what, std::string_view without,
                            const PictureMarks& marks) const {
  const auto url = urls_.find(name);
  const std::string content =
      name.empty() || url == urls_.end()
          ? join("<span class='none'>", name.empty() ? without : "left out", "</span>")
          : join("<img decoding='async' alt='", what, "' src='", url->second, "'>", drawn(marks));
  return join("<span class='panel'><span class='frame'>", content, "</span><span class='what'>", what,
              "</span></span>");
}

}  // namespace iuf::report
