#pragma once

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
/// Also of "." and "data/", which have no name of their own.
std::string folder_name(const std::filesystem::path& folder);

/// What one folder holds, each sorted by name; hidden files and folders are left out.
struct Listing {
  std::vector<std::filesystem::path> folders, images, others;  // others: images of a kind that is not read
};
/// Dangling links and the like are told to `problem`; without one they are an Error.
Listing list_folder(const std::filesystem::path& folder, const Problem& problem = {});
/// Its images. Those of a kind that is not read are an Error: a data set must not shrink unnoticed.
const std::vector<std::filesystem::path>& readable_images(const Listing& listing);
/// The same of a folder; none where there is no folder.
std::vector<std::filesystem::path> images_in(const std::filesystem::path& folder);
/// The message about an image of a kind that is not read.
std::string not_read_text(const std::filesystem::path& other);

std::string lower_case(std::string text);
/// Printable UTF-8.
bool is_plain_text(const std::string& text);
/// Text from a list for a message: one line, not too long.
std::string quoted_name(const std::string& text);
/// The name, which becomes that of files, table columns and page headings. Throws Error naming `where` for one that
/// cannot.
const std::string& checked_name(const std::string& where, const std::string& name);

}  // namespace iuf
