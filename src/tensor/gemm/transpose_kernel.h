// Included by packed_matrix.cpp through for_each_cpu_level.h: packing a transposed matrix.

template <int... I>
struct Lanes {};
typedef decltype(Vec{} < Vec{}) LaneIndices;

// Exchanges the upper right and lower left quarters of every square of 2 H lanes of two rows that are H apart.
template <int H, int... I>
inline void exchange(Vec& a, Vec& b, Lanes<I...>) {
  const Vec low = a, high = b;
  a = __builtin_shuffle(low, high, LaneIndices{((I & H) ? kLanes + I - H : I)...});
  b = __builtin_shuffle(low, high, LaneIndices{((I & H) ? kLanes + I : I + H)...});
}

template <int H>
inline void exchange_all(Vec* rows) {
  if constexpr (H > 0) {
#pragma GCC unroll 16
    for (int r = 0; r < kLanes; ++r)
      if (!(r & H)) exchange<H>(rows[r], rows[r + H], Lanes<__integer_pack(kLanes)...>{});
    exchange_all<H / 2>(rows);
  }
}

// to[j * kPanelWidth + i] = from[i * ld + j] for a square of kLanes x kLanes elements.
inline void transpose_square(const real* from, int64_t ld, real* to) {
  Vec rows[kLanes];
#pragma GCC unroll 16
  for (int r = 0; r < kLanes; ++r) rows[r] = *reinterpret_cast<const UnalignedVec*>(from + r * ld);
  exchange_all<kLanes / 2>(rows);
#pragma GCC unroll 16
  for (int r = 0; r < kLanes; ++r) *reinterpret_cast<UnalignedVec*>(to + r * kPanelWidth) = rows[r];
}

// One panel of B from kPanelWidth rows of its transpose in memory, each with `rows` elements.
inline void transpose_panel(const real* b, int64_t rows, int64_t ld, real* panel) {
  int64_t j = 0;
  for (; j + kLanes <= rows; j += kLanes)
    for (int64_t i = 0; i < kPanelWidth; i += kLanes) transpose_square(b + i * ld + j, ld, panel + j * kPanelWidth + i);
  for (; j < rows; ++j)
    for (int64_t i = 0; i < kPanelWidth; ++i) panel[j * kPanelWidth + i] = b[i * ld + j];
}
