#pragma once

#include <filesystem>

// Symbolic links. Whoever laid one into a folder of output must not choose what is overwritten: write_file()
// (nn/file.h) replaces it, and what cannot be replaced is refused.
namespace iuf {

/// Where a symbolic link leads, or the path itself: for files that a user names, such as a model.
std::filesystem::path followed(const std::filesystem::path& path);

/// make_folder() for a folder within one of output. A symbolic link in its place is an Error.
void make_own_folder(const std::filesystem::path& path);

}  // namespace iuf
