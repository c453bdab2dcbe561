#pragma once

#include <filesystem>

namespace iuf {

/// A place for the file of this name in the folder, which nothing has taken: NAME, NAME-2, NAME-3 ...
std::filesystem::path free_place(const std::filesystem::path& folder, const std::filesystem::path& name);

/// Moves a file to a place in another folder, which is made, also on another disk. Nothing is replaced: where the place
/// is taken, the next free one is used. Returns where the file is now. A move that was interrupted is ended by the same
/// call: a file that is there with the same content, or whose source is gone, was moved.
std::filesystem::path move_file(const std::filesystem::path& file, const std::filesystem::path& place);

}  // namespace iuf
