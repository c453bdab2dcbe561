#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "iuf/data/listing.h"

// Files that their names call copies: backups of programs, conflicts of services that synchronise folders, and what a
// file manager makes of a file that is pasted where it lies.
namespace iuf {

/// By its ending: 7.png.bak, 7.png~, 7.orig.
bool is_backup(const std::filesystem::path& file);
/// The stem of the original, in lower case: "7" of "7 (conflicted copy 2024-05-01)",
/// "7.sync-conflict-20240501-123456-AB", "7 (copy 2)", "7 - Kopie", "Copy of 7"; empty for other names. "7 (1)" may be
/// a name of its own.
std::string copied_from(std::string_view stem);

/// The pictures of one folder: copies whose original lies beside them, and the others, each in order.
struct CopiedPictures {
  std::vector<std::filesystem::path> copies, others;
};
CopiedPictures set_copies_apart(const std::vector<std::filesystem::path>& pictures);
/// "2 copies of a file beside them, by their names (7 (copy).png, ...)"; for what stands in Reading::left_out.
std::string copies_left_out(const Count& copies);
/// Of copies that are used: how many and the first, in one sentence; empty for none.
std::string copies_used(const std::vector<std::filesystem::path>& files);

}  // namespace iuf
