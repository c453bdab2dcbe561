#include "iuf/live/reject_move.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "nn/file.h"
#include "tensor/error.h"

namespace iuf {

namespace fs = std::filesystem;

namespace {

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

[[noreturn]] void fail_to_move(const fs::path& file, const fs::path& place, int error) {
  fail(file.string(), ": cannot be moved to ", place.string(), ": ", std::generic_category().message(error),
       ": check the folder and its permissions");
}

}  // namespace

fs::path free_place(const fs::path& folder, const fs::path& name) {
  fs::path place = folder / name;
  for (int number = 2; is_there(place); ++number) {
    fs::path next = name;
    next.replace_filename(name.stem().string() + "-" + std::to_string(number) + name.extension().string());
    place = folder / next;
  }
  return place;
}

fs::path move_file(const fs::path& file, const fs::path& place) {
  make_folder(place.parent_path());
  fs::path to = place;
  while (is_there(file)) {
    if (::renameat2(AT_FDCWD, file.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) break;
    const int error = errno;
    if (error == ENOENT && !is_there(file)) break;
    if (error == EEXIST) {
      if (read_file(to) == read_file(file)) {
        fs::remove(file);
        break;
      }
      to = free_place(place.parent_path(), place.filename());
      continue;
    }
    if (error != EXDEV && error != EINVAL && error != ENOSYS) fail_to_move(file, to, error);
    if (is_there(to)) {
      if (read_file(to) != read_file(file)) {
        to = free_place(place.parent_path(), place.filename());
        continue;
      }
    } else {
      write_file(to, std::span<const std::byte>(read_file(file)));
    }
    fs::remove(file);
  }
  return to;
}

}  // namespace iuf
