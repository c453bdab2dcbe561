#include "iuf/image/tiff_directories.h"

#include <algorithm>
#include <utility>

namespace iuf {
namespace {

constexpr uint64_t kByte = 1, kShort = 3, kLong = 4, kLong8 = 16;  // types of TIFF
constexpr uint64_t kMostEntries = 65535;                           // as many as the two bytes of TIFF can say
constexpr size_t kMostDirectories = size_t{1} << 20;

size_t size_of(uint64_t type) {
  return type == kByte ? 1 : type == kShort ? 2 : type == kLong ? 4 : type == kLong8 ? 8 : 0;
}

}  // namespace

TiffDirectories::TiffDirectories(ReadAt read) : read_(std::move(read)) {
  const std::string_view start = to_view(read_(0, 4));
  using namespace std::string_view_literals;
  high_first_ = start == "MM\0*"sv || start == "MM\0+"sv;
  big_ = start == "II+\0"sv || start == "MM\0+"sv;
  if (!high_first_ && !big_ && start != "II*\0"sv) return;
  offset_size_ = big_ ? 8 : 4;
  next_ = at(big_ ? 8 : 4, offset_size_);
}

TiffDirectories::TiffDirectories(Bytes file)
    : TiffDirectories([file](uint64_t offset, size_t count) {
        if (offset >= file.size()) return Bytes();
        return file.subspan(offset, std::min(count, file.size() - static_cast<size_t>(offset)));
      }) {}

std::optional<uint64_t> TiffDirectories::at(uint64_t offset, size_t size) const {
  const Bytes bytes = read_(offset, size);
  if (bytes.size() < size) return std::nullopt;
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i)
    value = value << 8 | std::to_integer<uint64_t>(bytes[high_first_ ? i : size - 1 - i]);
  return value;
}

// A count, as many entries, and the offset of the next directory.
bool TiffDirectories::next() {
  entries_ = 0;
  if (next_.value_or(0) == 0 || seen_.size() == kMostDirectories || !seen_.insert(*next_).second) return false;
  const size_t count_size = big_ ? 8 : 2, entry_size = big_ ? 20 : 12;
  const auto count = at(*next_, count_size);
  if (!count) return false;
  entries_at_ = *next_ + count_size;
  entries_ = std::min(*count, kMostEntries);
  next_ = at(entries_at_ + entries_ * entry_size, offset_size_);
  return true;
}

// An entry is tag, type, count, and the value or its offset.
std::optional<uint64_t> TiffDirectories::number(uint32_t tag, bool alone) const {
  const size_t entry_size = big_ ? 20 : 12;
  for (uint64_t entry = entries_at_; entry < entries_at_ + entries_ * entry_size; entry += entry_size) {
    const auto own = at(entry, 2);
    if (!own) return std::nullopt;
    if (*own != tag) continue;
    const size_t size = size_of(at(entry + 2, 2).value_or(0));
    const uint64_t count = at(entry + 4, offset_size_).value_or(0), value = entry + 4 + offset_size_;
    if (size == 0 || count == 0 || (alone && count != 1)) return std::nullopt;
    if (read_(value, offset_size_).size() < offset_size_) return std::nullopt;
    if (count <= offset_size_ / size) return at(value, size);
    return at(at(value, offset_size_).value_or(0), size);
  }
  return std::nullopt;
}

std::optional<uint64_t> tiff_number(Bytes file, uint32_t tag) {
  TiffDirectories directories(file);
  return directories.next() ? directories.number(tag) : std::nullopt;
}

}  // namespace iuf
