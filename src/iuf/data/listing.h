#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

// What folders hold, and names from files and lists that can stand in a message, in JSON and in a table.
namespace iuf {

/// Told about what cannot be read, with the reason.
using Problem = std::function<void(const std::filesystem::path& file, const std::string& reason)>;

bool is_folder(const std::filesystem::path& path);
bool is_file(const std::filesystem::path& path);
/// Throws Error when there is neither a file nor a folder.
void need_existing(const std::filesystem::path& path);
/// Without links and dots; throws Error when there is no such folder.
std::filesystem::path full_path(const std::filesystem::path& folder);
/// Also of "." and "data/", which have no name of their own; as it can stand in a table.
std::string folder_name(const std::filesystem::path& folder);
/// A file and the folder that holds it, as they can stand in a message.
std::string place_of(const std::filesystem::path& file);
/// "1 image is old (first: good/7.png)" or "3 images are old (first: good/7.png)".
std::string with_first(size_t count, const std::string& one, const std::string& many, const std::string& first);

/// An image that cannot be read, or a folder, with a message that names it.
struct Unread {
  std::filesystem::path file;
  std::string reason;
  bool dangling = false;  // a link to what is not there: a file, or a folder of them
};

/// How many, and the first.
struct Count {
  size_t count = 0;
  std::filesystem::path first = {};

  void add(const std::filesystem::path& file) { add(Count{1, file}); }
  void add(const Count& other);
};

/// What is no image: files, hidden ones too, and hidden folders.
struct Others {
  std::vector<std::filesystem::path> tables = {};  // by their names; they may say which images are defective
  Count annotations = {};                          // the same
  Count absent = {};                               // placeholders of images, and what is not yet downloaded
  Count backups = {};                              // images by their content, by their endings backups
  Count files = {}, folders = {};                  // other files; hidden folders

  void add(const Others& other);
  bool empty() const { return text().empty(); }
  /// "2 files that may say which images are defective, not read (a.csv, ...), 1 file that is no image (b.md)", tables
  /// named first; empty for none.
  std::string text() const;
};

/// Sorts files that are no images, by their names: a text is an annotation where it is called as one of these images,
/// or as lists of them are, or lies in a folder of labels.
Others sorted_others(const std::vector<std::filesystem::path>& files, const std::vector<std::filesystem::path>& images);

/// What one folder holds, each sorted by name. An image is what its first bytes say (image_header.h), whatever its
/// name, but for backups.
struct Listing {
  std::vector<std::filesystem::path> folders, images;
  std::vector<Unread> unread;  // by their bytes or their names images, but damaged or of another format; dangling links
  Others others;
  std::vector<std::filesystem::path> outputs;  // folders that this program wrote, whose pictures are no photographs
};
Listing list_folder(const std::filesystem::path& folder);
/// Those that are not hidden, sorted; none for a folder that cannot be listed.
std::vector<std::filesystem::path> list_subfolders(const std::filesystem::path& folder);

/// Files that `iuf predict`, `iuf train` and `iuf compare` leave, by which their folders are known.
struct OutputNames {
  static constexpr const char* predictions_csv = "predictions.csv";
  static constexpr const char* predictions_jsonl = "predictions.jsonl";
  static constexpr const char *heatmaps = "heatmaps", *masks = "masks", *maps = "maps";
  static constexpr const char* run = "run.json";
  static constexpr const char* run_config = "config.toml";
  static constexpr const char* comparison = "compare.json";
};

/// Whether a name ends as those of images do, also of those that are not read.
bool has_image_ending(const std::filesystem::path& path);
/// The same of those that are read.
bool has_read_ending(const std::filesystem::path& path);
std::string lower_case(std::string text);
/// Printable UTF-8.
bool is_plain_text(const std::string& text);
/// Text from a list for a message: one line, not too long.
std::string quoted_name(const std::string& text);
/// The name, which becomes that of files, table columns and page headings. Throws Error naming `where` for one that
/// cannot.
const std::string& checked_name(const std::string& where, const std::string& name);
/// "3 files (a.txt, ...)", the first by its name alone, for "file" and "files".
std::string count_text(const Count& count, const std::string& one, const std::string& many);

}  // namespace iuf
