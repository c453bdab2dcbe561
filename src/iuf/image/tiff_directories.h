#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>

#include "nn/bytes.h"

namespace iuf {

/// The directories of a TIFF or BigTIFF file, each of a picture, or of an Exif block. Files may lie about lengths and
/// offsets: what is not there is none.
class TiffDirectories {
 public:
  /// At most 32 bytes from an offset on, fewer at the end of the file; they stay until the next call.
  using ReadAt = std::function<Bytes(uint64_t offset, size_t count)>;
  explicit TiffDirectories(ReadAt read);
  explicit TiffDirectories(Bytes file);

  /// On to the first directory, then to the next; false behind the last, also where the list comes back to itself.
  bool next();
  /// The one number of this tag: BYTE, SHORT, LONG or LONG8.
  std::optional<uint64_t> number(uint32_t tag) const { return number(tag, true); }
  /// The first of its numbers, however many it has.
  std::optional<uint64_t> first_number(uint32_t tag) const { return number(tag, false); }

 private:
  std::optional<uint64_t> at(uint64_t offset, size_t size) const;
  std::optional<uint64_t> number(uint32_t tag, bool alone) const;

  ReadAt read_;
  bool high_first_ = false, big_ = false;
  size_t offset_size_ = 4;
  uint64_t entries_at_ = 0, entries_ = 0;
  std::optional<uint64_t> next_ = {};
  std::set<uint64_t> seen_ = {};
};

/// A number of the first directory.
std::optional<uint64_t> tiff_number(Bytes file, uint32_t tag);

}  // namespace iuf
