#include "nn/links.h"

#include <system_error>

#include "nn/file.h"
#include "tensor/error.h"

namespace iuf {

namespace fs = std::filesystem;

fs::path followed(const fs::path& path) {
  std::error_code error;
  if (!fs::is_symlink(path, error)) return path;
  fs::path target = fs::weakly_canonical(path, error);
  if (error) fail(path.string(), ": cannot follow the link: ", error.message(), ": check the path");
  return target;
}

void make_own_folder(const fs::path& path) {
  std::error_code error;
  if (fs::is_symlink(path, error))
    fail(path.string(), ": is a link, which is not followed: remove it, or choose another folder for the output");
  make_folder(path);
}

}  // namespace iuf
