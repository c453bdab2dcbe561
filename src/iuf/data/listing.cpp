#include "iuf/data/listing.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "iuf/data/copied_names.h"
#include "iuf/image/image_header.h"
#include "tensor/error.h"
#include "tensor/text.h"

namespace iuf {
namespace fs = std::filesystem;
namespace {

constexpr size_t max_name_bytes = 200;  // of objects and defects

std::string why_unread(const fs::path& path, const ImageHeader& header) {
  if (header.format == ImageHeader::Format::unread && has_read_ending(path))
    return path.string() + ": " + header.name + " by its content; " + unread_text(header);
  if (header.format == ImageHeader::Format::unread || !has_read_ending(path))
    return path.string() + ": " + unread_text(header);
  std::error_code ignored;
  if (fs::file_size(path, ignored) == 0) return path.string() + ": the file is empty; replace or remove it";
  return path.string() + ": not a " + formats_read("or") + " image; convert or remove the file";
}

// Also one to an unmounted disk, a folder that may not be entered, or to itself.
bool is_dangling(const fs::path& path, fs::file_type type, const std::error_code& failed) {
  std::error_code ignored;
  return (failed || type == fs::file_type::not_found) && fs::is_symlink(fs::symlink_status(path, ignored));
}

void sort_file(Listing& found, std::vector<fs::path>& others, const fs::path& path, fs::file_type type,
               const std::error_code& failed) {
  const bool named_image = has_image_ending(path);
  if (is_dangling(path, type, failed)) {
    const std::string reason = failed && type != fs::file_type::not_found ? "cannot be read (" + failed.message() + ")"
                                                                          : "the link leads nowhere";
    found.unread.push_back({path, path.string() + ": " + reason + "; repair or remove it", true});
    return;
  }
  if (type != fs::file_type::regular) {
    if (!named_image) return others.push_back(path);
    const std::string reason = failed ? ": cannot be read (" + failed.message() + ")" : ": cannot be read";
    found.unread.push_back({path, path.string() + reason + "; repair or remove it"});
    return;
  }
  try {
    const ImageHeader header = first_bytes(path);
    if (header.format != ImageHeader::Format::none && is_backup(path)) {
      found.others.backups.add(path);
    } else if (header.readable()) {
      found.images.push_back(path);
    } else if (named_image || header.format == ImageHeader::Format::unread) {
      found.unread.push_back({path, why_unread(path, header)});
    } else {
      others.push_back(path);
    }
  } catch (const Error& e) {
    if (named_image)
      found.unread.push_back({path, e.what()});
    else
      others.push_back(path);
  }
}

// Takes out the folders that earlier calls of this program wrote, and thumbnails and rubbish of the system.
void set_outputs_apart(Listing& found, const std::set<std::string>& names) {
  static const std::set<std::string> made = {"@eadir",
                                             "__macosx",
                                             "$recycle.bin",
                                             "lost+found",
                                             "#recycle",
                                             "@recycle",
                                             "#snapshot",
                                             "~snapshot",
                                             "@snapshots",
                                             "@snapshot",
                                             "system volume information"};
  static const std::set<std::string> pictures = {OutputNames::heatmaps, OutputNames::masks, OutputNames::maps};
  const bool predictions =
      names.contains(OutputNames::predictions_csv) || names.contains(OutputNames::predictions_jsonl);
  const auto is_output = [&](const fs::path& sub) {
    return made.contains(lower_case(sub.filename().string())) ||
           (predictions && pictures.contains(sub.filename().string())) || is_file(sub / OutputNames::comparison) ||
           (is_file(sub / OutputNames::run) && is_file(sub / OutputNames::run_config));
  };
  std::ranges::copy_if(found.folders, std::back_inserter(found.outputs), is_output);
  std::erase_if(found.folders, is_output);
}

}  // namespace

std::string lower_case(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

bool has_read_ending(const fs::path& path) {
  static const std::set<std::string> endings = {".png", ".jpg", ".jpeg", ".jpe",  ".jfif", ".jif",
                                                ".bmp", ".dib", ".tif",  ".tiff", ".webp"};
  return endings.contains(lower_case(path.extension().string()));
}

bool has_image_ending(const fs::path& path) {
  static const std::set<std::string> endings = {".png", ".jpg", ".jpeg", ".jpe",  ".jfif", ".jif",  ".bmp", ".dib",
                                                ".gif", ".tif", ".tiff", ".webp", ".ppm",  ".pgm",  ".pbm", ".pnm",
                                                ".jp2", ".j2k", ".jxl",  ".heic", ".heif", ".avif", ".psd", ".dng"};
  return endings.contains(lower_case(path.extension().string()));
}

bool is_plain_text(const std::string& text) {
  return plain_text(text) == text;
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

std::string count_text(const Count& count, const std::string& one, const std::string& many) {
  return std::to_string(count.count) + " " + (count.count == 1 ? one : many) + " (" +
         escaped(count.first.filename().string()) + (count.count == 1 ? ")" : ", ...)");
}

Listing list_folder(const fs::path& folder) {
  Listing found;
  std::set<std::string> names;
  std::vector<fs::path> others;
  std::error_code error;
  fs::directory_iterator entry(folder, error), end;
  std::vector<fs::directory_entry> entries;
  for (; !error && entry != end; entry.increment(error)) entries.push_back(*entry);
  if (error)
    found.unread.push_back(
        {folder, folder.string() + ": the folder cannot be listed: " + error.message() + "; check the permissions"});
  std::ranges::sort(entries, {}, &fs::directory_entry::path);
  for (const fs::directory_entry& item : entries) {
    const std::string name = item.path().filename().string();
    std::error_code failed;
    const fs::file_type type = item.status(failed).type();
    if (name.front() == '.' && type == fs::file_type::directory)
      found.others.folders.add(item.path());
    else if (name.front() == '.')
      others.push_back(item.path());
    else if (type == fs::file_type::directory)
      found.folders.push_back(item.path());
    else
      sort_file(found, others, item.path(), type, failed);
    names.insert(name);
  }
  found.others.add(sorted_others(others, found.images));
  set_outputs_apart(found, names);
  return found;
}

std::vector<fs::path> list_subfolders(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (entry->path().filename().native().front() != '.' && is_folder(entry->path())) found.push_back(entry->path());
  std::ranges::sort(found);
  return found;
}

fs::path full_path(const fs::path& folder) {
  std::error_code error;
  fs::path full = fs::canonical(folder, error);
  if (error) fail(folder.string(), ": ", error.message(), "; check the path");
  return full;
}

std::string folder_name(const fs::path& folder) {
  return escaped(full_path(folder).filename().string());
}

std::string place_of(const fs::path& file) {
  return escaped((file.parent_path().filename() / file.filename()).string());
}

std::string with_first(size_t count, const std::string& one, const std::string& many, const std::string& first) {
  return std::to_string(count) + " " + (count == 1 ? one : many) + " (first: " + first + ")";
}

}  // namespace iuf
