#include "nn/file.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <thread>

#include "nn/file_writer.h"
#include "nn/links.h"
#include "support/temporary_folder.h"
#include "tensor/error.h"

using namespace iuf;
namespace fs = std::filesystem;

namespace {

size_t entries(const fs::path& folder) {
  return static_cast<size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

/// Files may not grow beyond `bytes`, as on a disk that is full, while the object lives.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit now = before_;
    now.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &now);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

}  // namespace

TEST_CASE("what was written is read back, in one piece or several, mapped or not", "[nn][file]") {
  const TemporaryFolder folder;
  const fs::path path = folder / "text";
  write_file(path, "first");
  CHECK(read_text(path) == "first");
  const std::string a = "some", b, c = "thing longer";
  const std::span<const std::byte> pieces[] = {std::as_bytes(std::span(a)), std::as_bytes(std::span(b)),
                                               std::as_bytes(std::span(c))};
  write_file(path, std::span<const std::span<const std::byte>>(pieces));
  CHECK(read_text(path) == a + c);
  CHECK(read_file(path).size() == 16);
  const MappedFile mapped(path);
  const MappedFile copy = mapped;
  write_file(path, "replaced");  // the mapping still shows the old file
  CHECK(copy.bytes().size() == 16);
  CHECK(copy.bytes()[0] == std::byte{'s'});
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("a file that is made piece by piece is there once it is finished, and not before", "[nn][file]") {
  const TemporaryFolder folder;
  const fs::path path = folder / "large";
  write_file(path, "old");
  const std::string small(1000, 'a'), large(100000, 'b');
  {
    FileWriter file(path);
    file.add(std::as_bytes(std::span(small)));
    file.add(std::as_bytes(std::span(large)));
  }
  CHECK(read_text(path) == "old");
  CHECK(entries(folder.path()) == 1);
  FileWriter file(path);
  for (const std::string& piece : {small, large, small, small}) file.add(std::as_bytes(std::span(piece)));
  CHECK(read_text(path) == "old");
  file.finish();
  CHECK(read_text(path) == small + large + small + small);
  CHECK(entries(folder.path()) == 1);
  CHECK_THROWS_WITH(FileWriter(folder.path()), Catch::Contains("is a folder"));
}

TEST_CASE("an empty file is written, read and mapped", "[nn][file]") {
  const TemporaryFolder folder;
  write_file(folder / "empty", "");
  CHECK(read_text(folder / "empty").empty());
  CHECK(MappedFile(folder / "empty").bytes().empty());
}

TEST_CASE("a full disk leaves the old file and no temporary", "[nn][file]") {
  const TemporaryFolder folder;
  const fs::path path = folder / "model";
  write_file(path, "old");
  const std::string large(1 << 20, 'x');
  {
    const FullDisk limit(64 << 10);
    CHECK_THROWS_WITH(write_file(path, large), Catch::Contains("model: cannot write: File too large"));
    CHECK_THROWS_AS(write_file(folder / "new", large), Error);
  }
  CHECK(read_text(path) == "old");
  CHECK(entries(folder.path()) == 1);
  write_file(path, large);
  CHECK(read_text(path) == large);
}

TEST_CASE("a device without space is no file to replace", "[nn][file]") {
  if (!fs::exists("/dev/full")) return;
  CHECK_THROWS_WITH(write_file("/dev/full", "x"), Catch::Contains("not a regular file"));
  CHECK(fs::is_character_file("/dev/full"));
}

TEST_CASE("a folder that cannot be written is an error that names the file and says what to do", "[nn][file]") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH(write_file(folder / "missing/file", "x"),
                    Catch::Contains("missing/file: cannot write") && Catch::Contains("check the path"));
  write_file(folder / "plain", "x");
  CHECK_THROWS_WITH(write_file(folder / "plain/file", "x"), Catch::Contains("Not a directory"));
  CHECK_THROWS_WITH(make_folder(folder / "plain"), Catch::Contains("plain: cannot make the folder"));
  CHECK_THROWS_WITH(make_folder(folder / "plain/below"), Catch::Contains("cannot make the folder"));
  CHECK_THROWS_WITH(write_file(folder.path(), "x"), Catch::Contains("is a folder"));
  make_folder(folder / "a/b/c");
  make_folder(folder / "a/b/c");
  CHECK(fs::is_directory(folder / "a/b/c"));
  if (::geteuid() != 0) {  // root may write anywhere
    fs::permissions(folder / "a", fs::perms::owner_read | fs::perms::owner_exec);
    CHECK_THROWS_WITH(write_file(folder / "a/file", "x"), Catch::Contains("check the permissions"));
    fs::permissions(folder / "a", fs::perms::owner_all);
  }
}

TEST_CASE("missing files, folders, pipes and oversized files are refused by name", "[nn][file]") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH(read_file(folder / "none"), Catch::Contains("none: cannot open: No such file"));
  CHECK_THROWS_WITH(read_file(folder.path()), Catch::Contains("is a folder"));
  CHECK_THROWS_WITH(MappedFile(folder / "none"), Catch::Contains("none: cannot open"));
  CHECK_THROWS_WITH(MappedFile(folder.path()), Catch::Contains("is a folder"));
  write_file(folder / "ten", "0123456789");
  CHECK(read_file(folder / "ten", 10).size() == 10);
  CHECK_THROWS_WITH(read_file(folder / "ten", 9), Catch::Contains("larger than the 9 bytes"));
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK_THROWS_WITH(MappedFile(folder / "pipe"), Catch::Contains("not a regular file"));
}

TEST_CASE("a pipe is read to its end", "[nn][file]") {
  const TemporaryFolder folder;
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  const std::string text(200'000, 'y');
  std::thread writer([&] {
    FILE* out = std::fopen((folder / "pipe").c_str(), "w");
    std::fwrite(text.data(), 1, text.size(), out);
    std::fclose(out);
  });
  CHECK(read_text(folder / "pipe") == text);
  writer.join();
}

TEST_CASE("a link is replaced, or followed where that is asked for", "[nn][file]") {
  const TemporaryFolder folder;
  write_file(folder / "target", "old");
  fs::create_symlink(folder / "target", folder / "link");
  write_file(followed(folder / "link"), "new");
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(read_text(folder / "target") == "new");
  write_file(folder / "link", "other");
  CHECK(!fs::is_symlink(folder / "link"));
  CHECK(read_text(folder / "link") == "other");
  CHECK(read_text(folder / "target") == "new");
}
