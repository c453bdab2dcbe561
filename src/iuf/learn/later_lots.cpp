#include "iuf/learn/later_lots.h"

#include <algorithm>
#include <bit>

#include "tensor/error.h"

namespace iuf {
namespace {

const char* const kPlaces = "photographs";  // int64: lot, bits of the hash; of one view after the other
const char* const kLotViews = "views";

}  // namespace

void LaterLots::add(const std::vector<uint64_t>& photographs, const std::vector<std::vector<float>>& views) {
  const int64_t lot = seen_.empty() ? 0 : seen_.back().lot + 1;
  for (size_t i = 0; i < photographs.size(); ++i)
    if (!views.at(i).empty()) seen_.push_back({lot, photographs[i], views[i]});
}

void LaterLots::keep(const std::vector<uint64_t>& photographs) {
  std::erase_if(seen_, [&](const Seen& s) { return !std::ranges::binary_search(photographs, s.photograph); });
}

std::vector<KnownViews> LaterLots::among(const std::vector<uint64_t>& photographs) const {
  std::vector<KnownViews> lots;
  int64_t lot = -1;
  for (const Seen& s : seen_) {
    if (!std::ranges::binary_search(photographs, s.photograph)) continue;
    if (lots.empty() || s.lot != lot) lots.emplace_back();
    lot = s.lot;
    lots.back().add(s.view);
  }
  return lots;
}

void LaterLots::save(SafetensorsWriter& writer, const std::string& prefix) const {
  KnownViews views;
  std::vector<int64_t> places;
  for (const Seen& s : seen_) {
    views.add(s.view);
    places.insert(places.end(), {s.lot, std::bit_cast<int64_t>(s.photograph)});
  }
  if (seen_.empty()) return;
  views.save(writer, prefix + kLotViews);
  writer.add(prefix + kPlaces, places);
}

LaterLots LaterLots::load(const TensorFile& file, const std::string& prefix) {
  LaterLots lots;
  const KnownViews views = KnownViews::load(file, prefix + kLotViews);
  if (views.size() == 0) return lots;
  const std::vector<int64_t> places = file.integers(prefix + kPlaces);
  if (places.size() != 2 * views.size())
    fail(file.path(), ": damaged model: '", prefix, kPlaces, "' has ", places.size(), " numbers for ", views.size(),
         " views");
  for (size_t i = 0; i < views.size(); ++i) {
    const int64_t lot = places[2 * i];
    if (lot < (i == 0 ? 0 : lots.seen_.back().lot))
      fail(file.path(), ": damaged model: '", prefix, kPlaces, "' does not number the lots in their order");
    lots.seen_.push_back({lot, std::bit_cast<uint64_t>(places[2 * i + 1]), views.view(i)});
  }
  return lots;
}

}  // namespace iuf
