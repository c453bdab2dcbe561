#include "iuf/report/markup.h"

#include <algorithm>

#include "nn/file.h"
#include "tensor/error.h"

namespace iuf::report {
namespace {

std::vector<std::byte> read_png_bytes(const std::filesystem::path& path) {
  std::vector<std::byte> bytes = read_file(path, picture_budget);
  constexpr std::string_view signature = "\x89PNG\r\n\x1a\n";
  if (bytes.size() < signature.size() ||
      !std::equal(signature.begin(), signature.end(), bytes.begin(),
                  [](char a, std::byte b) { return static_cast<std::byte>(a) == b; }))
    fail(path.string(), ": not a PNG file, though the gallery names it");
  return bytes;
}

}  // namespace

std::string picture_panel(const std::filesystem::path& path, std::string_view what, std::string_view without,
                          size_t& budget) {
  std::string content = join("<span class='none'>", without, "</span>");
  if (!path.empty()) {
    const std::vector<std::byte> bytes = read_png_bytes(path);
    budget -= std::min(budget, bytes.size());
    content = join("<img decoding='async' alt='", what, "' src='data:image/png;base64,", base64(bytes), "'>");
  }
  return join("<span class='panel'><span class='frame'>", content, "</span><span class='what'>", what,
              "</span></span>");
}

}  // namespace iuf::report
