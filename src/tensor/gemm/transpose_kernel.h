// Included by packed_matrix.cpp through for_each_cpu_level.h: packing a transposed matrix.

template <class T, T... I>
struct Lanes {};
#if defined(__clang__)
template <int N>
using AllLanes = __make_integer_seq<Lanes, int, N>;
#define IUF_SHUFFLE(low, high, ...) __builtin_shufflevector(low, high, __VA_ARGS__)
#else
template <int N>
using AllLanes = Lanes<int, __integer_pack(N)...>;
typedef decltype(Vec{} < Vec{}) LaneIndices;
#define IUF_SHUFFLE(low, high, ...) __builtin_shuffle(low, high, LaneIndices{__VA_ARGS__})
#endif

// Exchanges the upper right and lower left quarters of every square of 2 H lanes of two rows that are H apart.
template <int H, int... I>
inline void exchange(Vec& a, Vec& b, Lanes<int, I...>) {
  const Vec low = a, high = b;
  a = IUF_SHUFFLE(low, high, ((I & H) ? kLanes + I - H : I)...);
  b = IUF_SHUFFLE(low, high, ((I & H) ? kLanes + I : I + H)...);
}
#undef IUF_SHUFFLE

template <int H>
inline void exchange_all(Vec* rows) {
  if constexpr (H > 0) {
#pragma GCC unroll 16
    for (int r = 0; r < kLanes; ++r)
      if (!(r & H)) exchange<H>(rows[r], rows[r + H], AllLanes<kLanes>{});
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
