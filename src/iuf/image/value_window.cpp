#include "iuf/image/value_window.h"

#include <algorithm>
#include <bit>

#include "iuf/image/image_header.h"
#include "nn/file.h"
#include "tensor/parallel.h"
#include "tensor/text.h"

namespace iuf {
namespace {

constexpr int kBits = 16, kFewestBits = 8;
constexpr int kClearly = 2;  // bits

// Whether v comes from one of `bits` bits by a way that the PNG specification names (12.4): its bits again and again,
// zeros behind them, or a linear function, rounded or cut off.
bool is_scaled(int v, int bits) {
  const int most = (1 << bits) - 1, all = (1 << kBits) - 1;
  const int top = v >> (kBits - bits);
  int repeated = 0;
  for (int shift = kBits - bits; shift > -bits; shift -= bits) repeated |= shift >= 0 ? top << shift : top >> -shift;
  const auto linear = [&](int64_t half) {
    const int64_t nearest = (int64_t{v} * most + all / 2) / all;
    return (nearest * all + half) / most == v;
  };
  return v == top << (kBits - bits) || v == repeated || linear(0) || linear(most / 2);
}

std::string window_text(int bits) {
  return text_of({0, (int64_t{1} << bits) - 1});
}

// Images that need a number of bits for which `is` holds, with the first: "2 of 12 need 0:65535, first FILE".
template <class Is>
std::string need_text(const std::vector<std::string>& files, const std::vector<int>& bits, const Is& is) {
  size_t all = 0, count = 0, first = 0;
  int most = 0;
  for (size_t i = 0; i < bits.size(); ++i) {
    all += bits[i] > 0;
    if (bits[i] == 0 || !is(bits[i])) continue;
    if (count++ == 0) first = i;
    most = std::max(most, bits[i]);
  }
  if (count == 0) return "";
  return std::to_string(count) + " of " + std::to_string(all) + " need" + (count == 1 ? "s " : " ") +
         window_text(most) + ", first " + plain_text(files[first]);
}

}  // namespace

DeepValues::DeepValues(const Raster& raster)
    : count_(size_t{1} << kBits),
      all_(static_cast<int64_t>(raster.count())),
      significant_bits_(raster.significant_bits) {
  for (size_t i = 0; i < raster.count(); ++i) ++count_[static_cast<size_t>(raster.at(i))];
  largest_ = (1 << kBits) - 1;
  while (largest_ > 0 && count_[static_cast<size_t>(largest_)] == 0) --largest_;
  const auto hot = static_cast<int64_t>(kHotShare * static_cast<double>(all_));
  int64_t above = 0;
  for (common_ = largest_; common_ > 0; --common_)
    if ((above += count_[static_cast<size_t>(common_)]) > hot) break;
}

double DeepValues::share_above(int64_t value) const {
  int64_t above = 0;
  for (int64_t v = value + 1; v <= largest_; ++v) above += count_[static_cast<size_t>(v)];
  return static_cast<double>(above) / static_cast<double>(all_);
}

int DeepValues::bits_needed() const {
  const int said = significant_bits_;
  const int own = std::max(kFewestBits, static_cast<int>(std::bit_width(static_cast<unsigned>(common_))));
  if (said <= 0 || said >= kBits) return own;
  bool scaled = common_ > 0;
  for (int v = 1; v <= common_ && scaled; ++v) scaled = count_[static_cast<size_t>(v)] == 0 || is_scaled(v, said);
  if (scaled) return kBits;
  return common_ < 1 << said ? std::max(kFewestBits, said) : own;
}

std::optional<WindowChoice> window_of(const std::vector<std::string>& files) {
  std::vector<int> bits(files.size());  // 0: not of 16 bits
  parallel_for(static_cast<int64_t>(files.size()), 1, [&](int64_t n, int64_t) {
    const auto i = static_cast<size_t>(n);
    if (!read_header(files[i]).is_deep()) return;
    const Raster raster = decode_raster(read_file(files[i]), files[i], default_max_pixels, Transparency::drop);
    bits[i] = DeepValues(raster).bits_needed();
  });
  std::vector<int> sorted = bits;
  std::erase(sorted, 0);
  if (sorted.empty()) return std::nullopt;
  std::ranges::sort(sorted);
  const int most = sorted.back(), of_nearly_all = sorted[sorted.size() - sorted.size() / 10 - 1];
  const int chosen = most >= of_nearly_all + kClearly ? of_nearly_all : most;
  WindowChoice choice{.window = {0, (int64_t{1} << chosen) - 1},
                      .text = "16-bit images: the window is " + window_text(chosen)};
  const std::string more = need_text(files, bits, [&](int b) { return b > chosen; }),
                    less = need_text(files, bits, [&](int b) { return b <= chosen - kClearly; });
  if (!more.empty()) choice.text += "; " + more;
  if (!less.empty())
    choice.text += "; only " + less + ": they keep fewer levels (mixed depths? --window LOW:HIGH decides)";
  return choice;
}

}  // namespace iuf
