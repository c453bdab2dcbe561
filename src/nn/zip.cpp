#include "nn/zip.h"

#include <zlib.h>

#include <algorithm>
#include <utility>

#include "nn/bytes.h"
#include "nn/tensor_file.h"
#include "tensor/error.h"

namespace iuf {
namespace {

// Signatures and fixed sizes of the records (PKWARE's APPNOTE, sections 4.3.7 to 4.3.16); all fields are little-endian.
constexpr uint32_t kLocal = 0x04034b50, kCentral = 0x02014b50, kEnd = 0x06054b50;
constexpr uint32_t kEnd64 = 0x06064b50, kLocator64 = 0x07064b50;
constexpr size_t kLocalSize = 30, kCentralSize = 46, kEndSize = 22, kEnd64Size = 56, kLocator64Size = 20;
constexpr size_t kMaxComment = 0xffff;
constexpr uint32_t kIn64 = 0xffffffff;  // the true value is in a zip64 record
constexpr uint16_t kZip64Extra = 1, kEncrypted = 1;

template <class T>
T field(Bytes record, size_t offset) {
  return load_number<T>(record.subspan(offset));
}

/// The value of a zip64 extra block of type `kZip64Extra`, or nothing.
Bytes zip64_block(Bytes extra) {
  while (extra.size() >= 4) {
    const auto type = field<uint16_t>(extra, 0), size = field<uint16_t>(extra, 2);
    if (size > extra.size() - 4) break;
    if (type == kZip64Extra) return extra.subspan(4, size);
    extra = extra.subspan(4 + size_t{size});
  }
  return {};
}

}  // namespace

Bytes ZipFile::at(uint64_t offset, uint64_t size, const char* what) const {
  if (offset > file_.size() || size > file_.size() - offset) {
    fail(name_, ": ", what, " of ", size, " bytes at offset ", offset, " lies outside the file of ", file_.size(),
         " bytes: damaged, copy the file again");
  }
  return file_.subspan(offset, size);
}

ZipFile::ZipFile(Bytes file, std::string name) : file_(file), name_(std::move(name)) {
  if (file.size() < kEndSize) fail(name_, ": ", file.size(), " bytes are too few for a zip archive");
  size_t end = file.size() - kEndSize;
  const size_t first = end - std::min(end, kMaxComment);
  const auto is_end = [&](size_t offset) {
    return field<uint32_t>(file, offset) == kEnd &&
           field<uint16_t>(file, offset + 20) == file.size() - offset - kEndSize;  // the comment fills the rest
  };
  while (!is_end(end)) {
    if (end-- == first) fail(name_, ": no end of the zip directory: incomplete, download or copy it again");
  }
  const Bytes record = at(end, kEndSize, "the zip directory's end");
  uint64_t count = field<uint16_t>(record, 10), size = field<uint32_t>(record, 12), start = field<uint32_t>(record, 16);
  if (end >= kLocator64Size && field<uint32_t>(file, end - kLocator64Size) == kLocator64) {
    const Bytes record64 = at(field<uint64_t>(file, end - kLocator64Size + 8), kEnd64Size, "the zip64 directory's end");
    if (field<uint32_t>(record64, 0) != kEnd64) fail(name_, ": no zip64 directory where one should be: damaged");
    count = field<uint64_t>(record64, 32);
    size = field<uint64_t>(record64, 40);
    start = field<uint64_t>(record64, 48);
  }
  Bytes rest = at(start, size, "the zip directory");
  for (uint64_t i = 0; i < count; ++i) {
    const auto damaged = [&] { fail(name_, ": entry ", i, " of the zip directory is damaged"); };
    if (rest.size() < kCentralSize || field<uint32_t>(rest, 0) != kCentral) damaged();
    Entry entry;
    entry.flags = field<uint16_t>(rest, 8);
    entry.method = field<uint16_t>(rest, 10);
    entry.crc = field<uint32_t>(rest, 16);
    entry.stored = field<uint32_t>(rest, 20);
    entry.size = field<uint32_t>(rest, 24);
    entry.header = field<uint32_t>(rest, 42);
    const size_t name_size = field<uint16_t>(rest, 28), extra_size = field<uint16_t>(rest, 30);
    const size_t total = kCentralSize + name_size + extra_size + field<uint16_t>(rest, 32);
    if (rest.size() < total) damaged();
    Bytes block = zip64_block(rest.subspan(kCentralSize + name_size, extra_size));
    for (uint64_t* value : {&entry.size, &entry.stored, &entry.header}) {
      if (*value != kIn64) continue;
      if (block.size() < 8) damaged();
      *value = field<uint64_t>(block, 0);
      block = block.subspan(8);
    }
    const std::string entry_name(to_view(rest.subspan(kCentralSize, name_size)));
    if (!entries_.emplace(entry_name, entry).second) fail(name_, ": '", printable(entry_name), "' is there twice");
    rest = rest.subspan(total);
  }
}

std::vector<std::string> ZipFile::names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) names.push_back(name);
  return names;
}

Bytes ZipFile::read(const std::string& entry_name) const {
  const std::string who = name_ + ": entry '" + printable(entry_name) + "'";
  const auto found = entries_.find(entry_name);
  if (found == entries_.end()) fail(who, " is missing: damaged, copy the file again");
  const Entry& entry = found->second;
  if (entry.flags & kEncrypted) fail(who, " is encrypted");
  if (entry.method != 0 || entry.stored != entry.size) {
    fail(who, " is compressed; PyTorch stores its entries plain: load and save it again with PyTorch");
  }
  const Bytes header = at(entry.header, kLocalSize, "a zip entry's header");
  if (field<uint32_t>(header, 0) != kLocal) fail(who, ": no header at offset ", entry.header, ": damaged");
  const size_t skip = kLocalSize + field<uint16_t>(header, 26) + field<uint16_t>(header, 28);
  at(entry.header, skip, "a zip entry's header");
  const Bytes data = at(entry.header + skip, entry.size, "a zip entry");
  const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(data.data()), data.size());
  if (crc != entry.crc) fail(who, ": its checksum does not match: damaged, download or copy it again");
  return data;
}

}  // namespace iuf
