#include "iuf/data/layouts.h"

#include <algorithm>
#include <map>

#include "iuf/data/listing.h"
#include "nn/file.h"
#include "tensor/error.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

constexpr size_t max_list_bytes = size_t{1} << 28;
constexpr size_t max_line_bytes = size_t{1} << 16;

}  // namespace

void add_good(Samples& samples, const std::string& object, Part part, const std::vector<fs::path>& files) {
  for (const fs::path& file : files) samples.push_back({file, object, part == Part::train, false, "good", {}});
}

void add_defects(Samples& samples, const std::string& object, const fs::path& folder, const std::string& kind,
                 const fs::path& mask_folder) {
  checked_name(folder.string(), kind);
  std::map<std::string, fs::path> masks;
  for (const fs::path& mask : images_in(mask_folder)) masks[mask.stem().string()] = mask;
  const std::vector<fs::path> files = images_in(folder);
  bool fits = masks.empty() || files.empty();
  for (const fs::path& file : files) {
    Sample sample{file, object, false, true, kind, {}};
    auto mask = masks.find(file.stem().string() + "_mask");
    if (mask == masks.end()) mask = masks.find(file.stem().string());
    if (mask != masks.end()) sample.masks = {mask->second};
    fits = fits || !sample.masks.empty();
    samples.push_back(std::move(sample));
  }
  if (!fits) {
    fail(mask_folder.string(), ": no mask fits an image; name the mask of ", files.front().filename().string(), " ",
         files.front().stem().string(), "_mask.png");
  }
}

void for_each_line(const fs::path& file,
                   const std::function<void(const std::string& where, std::string_view line)>& use) {
  const std::vector<std::byte> bytes = read_file(file, max_list_bytes);
  std::string_view rest(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);
  for (size_t number = 1; !rest.empty(); ++number) {
    const size_t length = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, length);
    rest.remove_prefix(std::min(length + 1, rest.size()));
    const std::string where = file.string() + ": line " + std::to_string(number);
    if (line.size() > max_line_bytes)
      fail(where, ": longer than ", max_line_bytes, " bytes; one image per line is needed");
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") != std::string_view::npos) use(where, line);
  }
}

fs::path listed_file(const std::string& where, const fs::path& folder, const std::string& name) {
  const fs::path path = folder / name;
  if (!is_plain_text(name) || !is_file(path)) {
    fail(where, ": no such file: ", quoted_name(name), " in ", folder.string(), "; correct the name or add the file");
  }
  return path;
}

}  // namespace iuf
