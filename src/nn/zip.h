#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace iuf {

/// The uncompressed entries of a zip or zip64 archive in memory (PyTorch stores its entries so). Throws Error naming
/// the file and the offset for anything that does not add up.
class ZipFile {
 public:
  /// Reads the central directory. `name` stands for the file in messages; `file` must outlive the object.
  ZipFile(std::span<const std::byte> file, std::string name);

  std::vector<std::string> names() const;
  bool contains(const std::string& entry) const { return entries_.contains(entry); }
  /// The bytes of an entry, checked against its CRC-32.
  std::span<const std::byte> read(const std::string& entry) const;

 private:
  struct Entry {
    uint64_t header = 0;  // offset of the local header
    uint64_t size = 0, stored = 0;
    uint32_t crc = 0;
    uint16_t method = 0, flags = 0;
  };
  std::span<const std::byte> at(uint64_t offset, uint64_t size, const char* what) const;

  std::span<const std::byte> file_;
  std::string name_;
  std::map<std::string, Entry> entries_;
};

}  // namespace iuf
