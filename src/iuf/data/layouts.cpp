#include "iuf/data/layouts.h"

#include <algorithm>

#include "iuf/data/name_forms.h"
#include "nn/file.h"
#include "tensor/error.h"
#include "tensor/suggest.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

constexpr size_t max_list_bytes = size_t{1} << 28;
constexpr size_t max_line_bytes = size_t{1} << 16;

}  // namespace

std::string read_list(const fs::path& file) {
  const std::vector<std::byte> bytes = read_file(file, max_list_bytes);
  std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return text.starts_with("\xef\xbb\xbf") ? text.substr(3) : text;
}

void for_each_line(const fs::path& file, std::string_view rest,
                   const std::function<void(const std::string& where, std::string_view line)>& use) {
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

namespace {

// As it stands, or part by part in the other of the two forms of Unicode.
fs::path in_some_form(const fs::path& folder, const fs::path& name) {
  if (is_file(folder / name)) return folder / name;
  fs::path file = folder;
  std::error_code ignored;
  for (const fs::path& part : name) {
    fs::path next = file / part;
    for (const std::string& other : {composed(part.string()), decomposed(part.string())})
      if (!fs::exists(next, ignored)) next = file / other;
    file = std::move(next);
  }
  return is_file(file) ? file : fs::path();
}

}  // namespace

fs::path file_below(const fs::path& folder, const std::string& name) {
  if (name.empty() || name.find('\0') != std::string::npos) return {};
  if (fs::path found = in_some_form(folder, name); !found.empty()) return found;
  std::string turned = name;
  std::ranges::replace(turned, '\\', '/');
  return turned != name ? in_some_form(folder, turned) : fs::path();
}

void say_without_pictures(const std::vector<std::string>& folders, std::vector<std::string>& left_out) {
  constexpr size_t most = 5;
  if (folders.empty()) return;
  std::vector<std::string> names(folders.begin(),
                                 folders.begin() + static_cast<std::ptrdiff_t>(std::min(most, folders.size())));
  if (folders.size() > most) names.emplace_back("...");
  left_out.push_back(std::to_string(folders.size()) +
                     (folders.size() == 1 ? " folder without pictures (" : " folders without pictures (") +
                     joined(names) + ")");
}

std::string left_out_text(const Folder& folder, const std::string& why) {
  const size_t count = folder.images();
  return std::to_string(count) + (count == 1 ? " image, " : " images, ") + why;
}

std::string derived_text(const Count& pictures) {
  return count_text(pictures, "picture made from a photograph beside it", "pictures made from photographs beside them");
}

void fail_without_file(const std::string& where, const std::string& name, const fs::path& folder) {
  fail(where, ": no such file: ", quoted_name(name), fs::path(name).is_absolute() ? "" : " in " + folder.string(),
       "; correct the name or add the file");
}

}  // namespace iuf
