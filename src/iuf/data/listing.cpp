#include "iuf/data/listing.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "tensor/error.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

constexpr size_t max_name_bytes = 200;  // of objects and defects

}  // namespace

std::string lower_case(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

bool is_plain_text(const std::string& text) {
  if (std::any_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; })) return false;
  try {
    static_cast<void>(nlohmann::json(text).dump());
    return true;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

std::string quoted_name(const std::string& text) {
  std::ostringstream shown;
  if (is_plain_text(text)) {
    shown << '\'' << text.substr(0, max_name_bytes) << (text.size() > max_name_bytes ? "..." : "") << '\'';
  } else {
    shown << '(' << text.size() << " bytes that are not plain text)";
  }
  return shown.str();
}

const std::string& checked_name(const std::string& where, const std::string& name) {
  const char* wrong = name.empty()                          ? "it is empty"
                      : name == "." || name == ".."         ? "it stands for a folder"
                      : name.size() > max_name_bytes        ? "it is longer than 200 bytes"
                      : !is_plain_text(name)                ? "it has characters that cannot be printed"
                      : name.find('/') != std::string::npos ? "it has a /"
                                                            : nullptr;
  if (wrong)
    fail(where, ": ", quoted_name(name), " cannot be the name of an object or a defect: ", wrong, "; rename it");
  return name;
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

void need_existing(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) {
    fail(path.string(), ": ", error ? error.message() : "no such file or folder", "; check the path");
  }
}

Listing list_folder(const fs::path& folder, const Problem& problem) {
  static const std::set<std::string> read = {".png", ".jpg", ".jpeg"};
  static const std::set<std::string> not_read = {".bmp", ".gif", ".tif", ".tiff", ".webp",
                                                 ".ppm", ".pgm", ".jp2", ".heic"};
  Listing found;
  const auto complain = [&](const fs::path& path, const std::string& reason) {
    if (!problem) fail(reason);
    problem(path, reason);
  };
  std::error_code error;
  fs::directory_iterator entry(folder, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    const fs::path& path = entry->path();
    if (path.filename().native().front() == '.') continue;
    const std::string extension = lower_case(path.extension().string());
    std::error_code failed;
    const fs::file_type type = entry->status(failed).type();
    if (type == fs::file_type::directory) {
      found.folders.push_back(path);
    } else if (read.contains(extension)) {
      if (type == fs::file_type::not_found) {
        complain(path, path.string() + ": the link leads nowhere; repair or remove it");
      } else if (type != fs::file_type::regular) {
        complain(path, path.string() + ": cannot be read" + (failed ? " (" + failed.message() + ")" : "") +
                           "; repair or remove it");
      } else if (!is_plain_text(path.filename().string())) {
        complain(path, folder.string() + ": the image " + quoted_name(path.filename().string()) +
                           " needs a printable UTF-8 name; rename it");
      } else {
        found.images.push_back(path);
      }
    } else if (not_read.contains(extension)) {
      found.others.push_back(path);
    }
  }
  if (error)
    complain(folder, folder.string() + ": the folder cannot be listed: " + error.message() + "; check the permissions");
  for (auto* paths : {&found.folders, &found.images, &found.others}) std::sort(paths->begin(), paths->end());
  return found;
}

std::string not_read_text(const fs::path& other) {
  return other.string() + ": only PNG and JPEG images are read; convert this file";
}

const std::vector<fs::path>& readable_images(const Listing& listing) {
  if (!listing.others.empty()) {
    fail(not_read_text(listing.others.front()),
         listing.others.size() > 1 ? " and " + std::to_string(listing.others.size() - 1) + " more in its folder" : "");
  }
  return listing.images;
}

std::vector<fs::path> images_in(const fs::path& folder) {
  return is_folder(folder) ? readable_images(list_folder(folder)) : std::vector<fs::path>();
}

fs::path full_path(const fs::path& folder) {
  std::error_code error;
  fs::path full = fs::canonical(folder, error);
  if (error) fail(folder.string(), ": ", error.message(), "; check the path");
  return full;
}

std::string folder_name(const fs::path& folder) {
  return full_path(folder).filename().string();
}

}  // namespace iuf
