#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace iuf {

/// Whether a symbolic link is followed, or is an Error, as for a file in a folder of output.
enum class Links { refuse, follow };

/// A file of lines that grows at its end, for years and by several processes at once. Lines are there whole or not at
/// all: after a kill, and on a full disk. A file that was moved away (log rotation) is begun anew by the next line.
class RowFile {
 public:
  /// Opens the file, or makes it. `head` is its first line, with its end; empty: it has none. Another first line is an
  /// Error. What follows the last line end is cut off: a power cut left it.
  RowFile(std::filesystem::path path, std::string head, Links links = Links::refuse);
  RowFile(const RowFile&) = delete;
  RowFile& operator=(const RowFile&) = delete;
  ~RowFile();

  /// Lines, each with its end. They outlive the process; on an Error none of them is there.
  void add(std::string_view lines);
  void sync();  // they outlive a power cut
  /// The lines in the last `bytes` of the file, without the first one where it may be cut, and without the head.
  std::string tail(size_t bytes);

 private:
  void open();
  void close();
  bool is_moved() const;
  std::string read(size_t from) const;
  void check_head();
  void cut_torn_line() const;

  std::filesystem::path path_;
  std::string head_;
  Links links_;
  int fd_ = -1;
};

}  // namespace iuf
