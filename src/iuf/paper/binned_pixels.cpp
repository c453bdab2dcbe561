#include "iuf/paper/binned_pixels.h"

#include <algorithm>
#include <cmath>

#include "iuf/paper/rank_sweep.h"
#include "tensor/error.h"

namespace iuf {
namespace {

constexpr float kLargest = 1e38f;  // differences of two such values are finite

void check_map(std::string_view name, const Stretch& map, const DefectMask* defects) {
  if (defects && (defects->width != map.width() || defects->height != map.height()))
    fail(name, ": a mask of ", defects->width, " x ", defects->height, " for ", map.width(), " x ", map.height(),
         " scores");
  const std::span<const float> values = map.map();
  const auto bad = std::ranges::find_if_not(values, [](float v) { return is_finite(v) && std::abs(v) <= kLargest; });
  if (bad != values.end())
    fail(name, ": score ", bad - values.begin(), " of ", values.size(), " of its anomaly map is ", *bad,
         ": metrics need finite scores; check the model and its input");
}

}  // namespace

template <class Blocks>
auto& BinnedPixels::block(Blocks& blocks, uint32_t bin) {
  auto& place = blocks[bin >> kBlockBits];
  if (!place) place = std::make_unique<typename Blocks::value_type::element_type>();
  return *place;
}

void BinnedPixels::add_normal(std::span<const float> row, const uint8_t* defect, const uint8_t* ignored) {
  constexpr size_t kChunk = 256;
  std::array<uint32_t, kChunk> bins;
  uint64_t counted = 0;
  for (size_t start = 0; start < row.size(); start += kChunk) {
    const size_t count = std::min(kChunk, row.size() - start);
    for (size_t i = 0; i < count; ++i) bins[i] = ordered_key(row[start + i]) >> kCut;
    for (size_t i = 0; i < count; ++i) {
      if ((defect && defect[start + i] != 0) || (ignored && ignored[start + i] != 0)) continue;
      ++block(normal_, bins[i])[bins[i] % kBlock];
      ++counted;
    }
  }
  normals_ += counted;
}

void BinnedPixels::add(std::string_view name, const Stretch& map, const DefectMask* defects) {
  check_map(name, map, defects);
  Stretch::Rows rows(map);
  for (size_t y = 0; y < map.height(); ++y)
    add_normal(rows(y), defects ? defects->defect.data() + y * map.width() : nullptr,
               defects && !defects->ignored.empty() ? defects->ignored.data() + y * map.width() : nullptr);
  if (!defects) return;
  const auto bin_of = [&](size_t pixel) {
    return ordered_key(map.at(pixel % map.width(), pixel / map.width())) >> kCut;
  };
  for (size_t pixel = 0; pixel < defects->defect.size(); ++pixel)
    if (defects->defect[pixel] != 0) {
      const uint32_t bin = bin_of(pixel);
      ++block(defect_, bin).count[bin % kBlock];
      ++defects_;
    }
  size_t begin = 0;
  for (const size_t end : defects->regions.end) {
    const uint64_t size = end - begin, share = (uint64_t{1} << kUnitBits) / size,
                   rest = (uint64_t{1} << kUnitBits) % size;
    for (size_t i = begin; i < end; ++i) {
      const uint32_t bin = bin_of(defects->regions.pixels[i]);
      block(defect_, bin).weight[bin % kBlock] += share + (i - begin < rest);
    }
    begin = end;
    ++regions_;
  }
}

void BinnedPixels::add(const BinnedPixels& other) {
  for (size_t b = 0; b < kBlocks; ++b) {
    const auto first = static_cast<uint32_t>(b << kBlockBits);
    if (other.normal_[b]) {
      Normals& own = block(normal_, first);
      for (size_t i = 0; i < kBlock; ++i) own[i] += (*other.normal_[b])[i];
    }
    if (other.defect_[b]) {
      Defects& own = block(defect_, first);
      for (size_t i = 0; i < kBlock; ++i) {
        own.count[i] += other.defect_[b]->count[i];
        own.weight[i] += other.defect_[b]->weight[i];
      }
    }
  }
  normals_ += other.normals_;
  defects_ += other.defects_;
  regions_ += other.regions_;
}

template <class Visit>
void BinnedPixels::descend(Visit&& visit) const {
  for (size_t b = kBlocks; b-- > 0;) {
    const Normals* normals = normal_[b].get();
    const Defects* defects = defect_[b].get();
    if (!normals && !defects) continue;
    for (size_t i = kBlock; i-- > 0;) {
      const uint64_t normal = normals ? (*normals)[i] : 0, defect = defects ? defects->count[i] : 0;
      const Wide weight = defects ? defects->weight[i] : 0;
      if ((normal | defect) != 0 && !visit(normal, defect, weight)) return;
    }
  }
}

RankMetrics BinnedPixels::rank() const {
  RankSweep sweep(normals_, defects_);
  descend([&](uint64_t normal, uint64_t defect, Wide) {
    sweep.add(normal, defect);
    return true;
  });
  return sweep.finish();
}

std::optional<double> BinnedPixels::aupro(double limit) const {
  if (!(limit > 0 && limit <= 1)) fail("aupro: limit ", limit, ": the false positive rate must lie in (0, 1]");
  if (normals_ == 0 || regions_ == 0) return std::nullopt;
  const double allowed = limit * static_cast<double>(normals_);  // false alarms at the limit
  const double unit = std::ldexp(1.0, kUnitBits);
  uint64_t above = 0;
  Wide covered = 0;  // of all regions, above the bin
  double area = 0;   // false alarms x regions covered
  descend([&](uint64_t normal, uint64_t, Wide weight) {
    const double before = static_cast<double>(covered) / unit, rise = static_cast<double>(weight) / unit;
    const auto width = static_cast<double>(normal);
    const double within = std::min(width, allowed - static_cast<double>(above));
    if (normal > 0) area += within * (before + rise * within / (2 * width));
    above += normal;
    covered += weight;
    return static_cast<double>(above) < allowed;
  });
  return area / (allowed * static_cast<double>(regions_));
}

size_t BinnedPixels::bytes() const {
  const auto held = [](const auto& blocks) {
    return static_cast<size_t>(std::ranges::count_if(blocks, [](const auto& block) { return block != nullptr; }));
  };
  return held(normal_) * sizeof(Normals) + held(defect_) * sizeof(Defects) +
         kBlocks * (sizeof(normal_[0]) + sizeof(defect_[0]));
}

}  // namespace iuf
