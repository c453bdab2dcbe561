#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "iuf/paper/protocol.h"

namespace iuf {

/// How well scores rank defects above normal samples; a label other than 0 is a defect. All are exact, treat equal
/// scores as one threshold, and are n/a (no value) where one of the classes is absent.
struct RankMetrics {
  std::optional<double> auroc;              ///< P(defect > normal) + P(equal) / 2; below 0.5 it stays below 0.5
  std::optional<double> average_precision;  ///< sum of (recall_k - recall_{k-1}) * precision_k, no interpolation
  std::optional<double> f1_max;             ///< best F1 over all thresholds
};

/// All three from one sort. Errors: sizes that differ, a score that is not finite (its index).
RankMetrics rank_metrics(std::span<const float> scores, std::span<const uint8_t> labels);

inline std::optional<double> auroc(std::span<const float> scores, std::span<const uint8_t> labels) {
  return rank_metrics(scores, labels).auroc;
}
inline std::optional<double> average_precision(std::span<const float> scores, std::span<const uint8_t> labels) {
  return rank_metrics(scores, labels).average_precision;
}
inline std::optional<double> f1_max(std::span<const float> scores, std::span<const uint8_t> labels) {
  return rank_metrics(scores, labels).f1_max;
}

/// The same metrics over any number of scores, added image by image, bit-equal to rank_metrics of all of them in any
/// order. It keeps the exact multiset of scores: floats map to integers in the same order, whose upper
/// 16 bits choose a bucket that lists the lower 16 bits (2 bytes a score) until a table of counts is smaller. Memory is
/// thus below 4 bytes a score plus 10 MiB, and for any number of scores about 1 MiB per bucket they touch (128 buckets
/// for every factor of 2 in magnitude).
class RankAccumulator {
 public:
  /// `name` is the image, for errors: sizes that differ, a score that is not finite. On an error nothing is added.
  void add(std::string_view name, std::span<const float> scores, std::span<const uint8_t> labels);
  RankMetrics metrics() const;
  uint64_t normal() const { return total_[0]; }

 private:
  friend class PixelAccumulator;

  /// Scores of one class that share their upper 16 bits: those in the list and, once it was long, 65536 counts.
  struct Bucket {
    std::vector<uint16_t> list;
    std::vector<uint64_t> counts;

    void add(uint16_t low);
    void count_list();
  };

  /// Calls visit(key, normal, defect) for every distinct score from the highest down, until it returns false.
  template <class Visit>
  void descend(Visit&& visit) const;

  std::vector<std::array<Bucket, 2>> buckets_;  // empty before the first score, then one per upper half
  std::array<uint64_t, 2> total_{};             // by class: normal, defect
};

/// The 8-connected regions of the pixels other than 0: their indices, region by region; region r is
/// pixels[end[r - 1]] up to pixels[end[r]]. Linear in the number of pixels.
struct Regions {
  std::vector<uint32_t> pixels;
  std::vector<size_t> end;
};
Regions connected_regions(std::span<const uint8_t> mask, size_t width);

/// Pixel metrics of a test set, added image by image; the order does not matter, bit for bit. Memory as
/// RankAccumulator, and 4 bytes per defect pixel.
class PixelAccumulator {
 public:
  /// An anomaly map and its mask (0: normal), row-major, rows of `width` pixels. Errors: as RankAccumulator::add,
  /// and a width that does not divide the mask. Where `ignored` is not empty, pixels other than 0 there count as if the
  /// image had none at that place.
  void add(std::string_view name, std::span<const float> map, std::span<const uint8_t> mask, size_t width,
           std::span<const uint8_t> ignored = {});

  RankMetrics rank() const { return rank_.metrics(); }
  /// Area under the per-region overlap: the share of a region's pixels above a threshold, averaged over all regions of
  /// all masks, integrated over the false positive rate from 0 to `limit` (linear between thresholds) and divided by
  /// `limit`, which lies in (0, 1]. N/a without a region or without a normal pixel.
  std::optional<double> aupro(double limit = 0.3) const;

 private:
  void add_some(std::string_view name, std::span<const float> map, std::span<const uint8_t> mask, size_t width,
                std::span<const uint8_t> ignored);
  void add_regions(const Regions& regions, std::span<const float> map);

  RankAccumulator rank_;
  std::vector<uint32_t> region_keys_;  // the defect pixels' scores as ordered integers, region by region
  std::vector<size_t> region_end_;
};

/// A[s][i]: a metric of object i after step s; empty where it is n/a or not evaluated.
struct StepMatrix {
  StepMatrix() = default;
  /// One row per step and one column per object of the stream, in learning order; all values empty.
  explicit StepMatrix(const Stream& stream);

  std::vector<std::string> objects;
  std::vector<size_t> learned;                            ///< per object: the step that trains on it
  std::vector<std::vector<std::optional<double>>> value;  ///< steps x objects

  size_t steps() const { return value.size(); }
};

/// A mean over those objects that have what it needs; empty when none has.
struct ObjectMean {
  std::optional<double> value;
  size_t used = 0;
  size_t left_out = 0;  ///< objects that belong into the mean but whose metric is n/a
};

/// Average accuracy: the mean over the objects learned up to step `last` of A[last][i]. With fm(): [Eq. 14]
ObjectMean acc(const StepMatrix& a, size_t last);
/// What an object that was learned before step `last` has lost by then: max over the steps b before it of A[b][i],
/// minus A[last][i].
std::optional<double> forgotten(const StepMatrix& a, size_t object, size_t last);
/// Forgetting measure, 0 is best: the mean of that over all objects learned before step `last`. N/a with one step.
ObjectMean fm(const StepMatrix& a, size_t last);
/// Backward transfer: the mean over the same objects of A[last][i] - A[learned[i]][i]; negative where later steps harm.
ObjectMean bwt(const StepMatrix& a, size_t last);

/// ACC, FM and BWT after the last step.
struct StepSummary {
  ObjectMean acc, fm, bwt;
};
StepSummary summarise(const StepMatrix& a);

}  // namespace iuf
