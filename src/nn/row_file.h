#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace iuf {

/// Whether a symbolic link is followed, or is an Error, as for a file in a folder of output.
enum class Links { refuse, follow };

/// What becomes of a last line without an end, which a power cut, an editor or a person left.
struct RowMending {
  /// Whether a line lacks nothing but its end: then it gets one. Empty: none is whole.
  std::function<bool(std::string_view line)> is_whole = {};
  /// Told of a line that was cut off, which the file PATH.cut then has. Empty: it is dropped.
  std::function<void(const std::string& text)> say = {};
};

/// A file of lines that grows at its end, for years and by several processes at once. Lines are there whole or not at
/// all: after a kill, and on a full disk. A file that was moved away (log rotation) is begun anew by the next line.
class RowFile {
 public:
  /// Opens the file, or makes it. `head` is its first line, with its end; empty: it has none. Another first line is an
  /// Error, and the file stays as it is. What follows the last line end is completed or cut off (RowMending).
  RowFile(std::filesystem::path path, std::string head, Links links = Links::refuse, RowMending mending = {});
  RowFile(const RowFile&) = delete;
  RowFile& operator=(const RowFile&) = delete;
  ~RowFile();

  /// Lines, each with its end. They outlive the process; on an Error none of them is there.
  void add(std::string_view lines);
  void sync();  // they outlive a power cut
  /// Takes the last line away, given with its end, if it still is the last one.
  void take_back(std::string_view line);
  /// The lines in the last `bytes` of the file, without the first one where it may be cut, and without the head.
  std::string tail(size_t bytes);

 private:
  void open();
  void close();
  bool is_moved() const;
  std::string read(size_t from) const;
  void check_head();
  void mend_last_line() const;
  void keep_aside(const std::string& line) const;
  void cut(size_t size) const;

  std::filesystem::path path_;
  std::string head_;
  Links links_;
  RowMending mending_;
  int fd_ = -1;
};

}  // namespace iuf
