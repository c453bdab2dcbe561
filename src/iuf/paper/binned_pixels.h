#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "iuf/image/stretch.h"
#include "iuf/paper/defect_mask.h"
#include "iuf/paper/metrics.h"

namespace iuf {

/// Pixel metrics of any number of images of any size in bounded memory: scores are counted in bins, and all scores of a
/// bin are one threshold. A bin is what shares sign, exponent and the upper 13 bits of the fraction of a float: it
/// spans less than 2^-13 (0.0123 %) of its scores.
///
/// Deviation. The figures are exactly those of the scores cut to 13 bits. Against uncut scores only the order within a
/// bin is lost. With shares n_b of the normal and d_b of the defect pixels in bin b, and o_b the mean over regions of
/// the share of their pixels in it:
/// - AUROC counts 1/2 for each pair within a bin, where the truth is between 0 and 1: it deviates by at most
///   sum_b n_b d_b / 2.
/// - The curve of AUPRO is a straight line across a bin's rectangle n_b x o_b, where the true one rises in any way from
///   corner to corner: at most sum_b n_b o_b / (2 limit), and n_b o_b / limit for the bin that holds the limit.
/// - A bin's defects have in the average precision the precision at its end, where the truth lies between TP / (TP +
///   FP + normal_b) and (TP + defect_b) / (TP + defect_b + FP) of the counts above it: at most the sum over bins of d_b
///   times the greater of the two distances. F1-max misses thresholds within bins: it is never too high, and too low by
///   at most the greatest 2 (TP + defect_b) / (TP + defect_b + FP + defects) of all bins, minus itself.
///
/// Memory: 8 KiB for each range of 2^10 bins (an eighth of a factor of 2) that normal pixels touch, 24 KiB for each
/// that defect pixels touch; at most 128 MiB, all finite floats. Only integers are summed: neither the order of the
/// images nor how they are split among accumulators matters, bit for bit.
class BinnedPixels {
 public:
  BinnedPixels() : normal_(kBlocks), defect_(kBlocks) {}

  /// An anomaly map at the size at which pixels are counted, and the defects there; none: all pixels are normal.
  /// `name` is the image, for errors: sizes that differ, a value that is not finite or above 1e38 in size. On an error
  /// nothing is added.
  void add(std::string_view name, const Stretch& map, const DefectMask* defects);
  /// Adds what another one has counted.
  void add(const BinnedPixels& other);

  uint64_t normal() const { return normals_; }
  uint64_t regions() const { return regions_; }
  RankMetrics rank() const;
  /// As PixelAccumulator::aupro.
  std::optional<double> aupro(double limit = 0.3) const;
  /// What the counts take.
  size_t bytes() const;

 private:
  static constexpr int kCut = 10;  // low bits of a key that are not told apart
  static constexpr int kBlockBits = 10;
  static constexpr size_t kBlock = size_t{1} << kBlockBits, kBlocks = size_t{1} << (32 - kCut - kBlockBits);

  // Every region weighs kUnit, spread over its pixels as evenly as integers allow: a share of one is off by at most its
  // number of pixels / kUnit, below 2^-32.
  __extension__ using Wide = unsigned __int128;
  static constexpr int kUnitBits = 60;

  using Normals = std::array<uint64_t, kBlock>;
  struct Defects {
    std::array<uint64_t, kBlock> count = {};
    std::array<Wide, kBlock> weight = {};
  };

  template <class Blocks>
  static auto& block(Blocks& blocks, uint32_t bin);
  void add_normal(std::span<const float> row, const uint8_t* defect, const uint8_t* ignored);
  /// Calls visit(normal, defect, weight) for every bin that is not empty, from the highest scores down, until it
  /// returns false.
  template <class Visit>
  void descend(Visit&& visit) const;

  std::vector<std::unique_ptr<Normals>> normal_;
  std::vector<std::unique_ptr<Defects>> defect_;
  uint64_t normals_ = 0, defects_ = 0, regions_ = 0;  // pixels; regions
};

}  // namespace iuf
