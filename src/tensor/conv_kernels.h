// Included by conv.cpp alone, once per CPU level, inside a namespace that sets kVectorBytes (the width of a register),
// kTileRows and kTilePanels (output pixels and groups of 16 channels whose sums are held in registers). Vectors are
// GCC's portable ones: such code is lowered before functions are cloned, so IUF_SIMD cannot widen it. Nothing of the
// standard library is used: an inline function compiled here could replace the portable one of the whole program.

typedef real Vec __attribute__((vector_size(kVectorBytes)));
typedef real UnalignedVec __attribute__((vector_size(kVectorBytes), aligned(sizeof(real))));
constexpr int kLanes = kVectorBytes / static_cast<int>(sizeof(real));
constexpr int kPanelVectors = static_cast<int>(kChannelGroup) / kLanes;

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

// to[j * kChannelGroup + i] = from[i * step + j] for a square of kLanes x kLanes elements.
inline void turn_square(const real* from, int64_t step, real* to) {
  Vec rows[kLanes];
#pragma GCC unroll 16
  for (int r = 0; r < kLanes; ++r) rows[r] = *reinterpret_cast<const UnalignedVec*>(from + r * step);
  exchange_all<kLanes / 2>(rows);
#pragma GCC unroll 16
  for (int r = 0; r < kLanes; ++r) *reinterpret_cast<UnalignedVec*>(to + r * kChannelGroup) = rows[r];
}

// The transpose of one group of rows.
inline void turn_panel(const real* matrix, int64_t columns, int64_t step, real* panel) {
  int64_t j = 0;
  for (; j + kLanes <= columns; j += kLanes)
    for (int64_t i = 0; i < kChannelGroup; i += kLanes)
      turn_square(matrix + i * step + j, step, panel + j * kChannelGroup + i);
  for (; j < columns; ++j)
    for (int64_t i = 0; i < kChannelGroup; ++i) panel[j * kChannelGroup + i] = matrix[i * step + j];
}

// x * sigmoid(x). float: as few operations as a relative error of 1e-6 allows (above -20; absolute 1e-13 below), since
// this costs the larger networks more than their depthwise convolutions. Below -80 the result is the one of -80,
// -1e-33.
inline Vec silu(Vec x) {
  if constexpr (sizeof(real) == 8) {
    for (int i = 0; i < kLanes; ++i) x[i] *= simd::sigmoid(x[i]);
    return x;
  } else {
    typedef uint32_t Bits __attribute__((vector_size(kVectorBytes)));
    x = x < -80 ? Vec{} - 80 : x;
    const Vec t = (x > 80 ? Vec{} + 80 : x) * real(-1.44269504);
    // y = 1 + e^-x: e^-x = 2^(n + f) with n whole and |f| <= 1/2; the low bits of `shifted` hold n.
    constexpr real kMagic = 12582912;
    const Vec shifted = t + kMagic, f = t - (shifted - kMagic);
    Vec p = f * real(1.3276469e-3) + real(9.6755419e-3);
    p = p * f + real(5.5507135e-2);
    p = p * f + real(2.4022120e-1);
    p = p * f + real(6.9314694e-1);
    p = p * f + real(1.0000001);
    const Vec y = 1 + (Vec)((Bits)p + ((Bits)shifted << 23));
    // r = 1 / y from a guess within 5 %, by a step of second and one of third order.
    Vec r = (Vec)(0x7EF311C7u - (Bits)y);
    r += r * (1 - y * r);
    const Vec d = 1 - y * r;
    r += r * (d + d * d);
    return x * r;
  }
}

template <class Job>
Vec activated(const Job& job, Vec value) {
  if (job.clamp) {
    value = value < job.low ? Vec{} + job.low : value;  // a NaN stays
    value = value > job.high ? Vec{} + job.high : value;
  }
  return job.silu ? silu(value) : value;
}

// The other activations, on what is stored already.
template <class Job>
void activate(const Job& job, real* values, int64_t n) {
  if (job.activation == Activation::gelu)
    for (int64_t i = 0; i < n; ++i) values[i] = gelu(values[i]);
  else
    for (int64_t i = 0; i < n; ++i) values[i] = simd::sigmoid(values[i]);
}

// Elements [x, x + Rows) of a row for Panels groups of outputs.
template <int Rows, int Panels, class Job>
void conv_tile(const Job& t, const ConvRow& row, int64_t x, int64_t panel) {
  constexpr int kVectors = Panels * kPanelVectors;
  Vec sum[Rows][kVectors];
  const real* bias = t.bias + panel * kChannelGroup;
#pragma GCC unroll 8
  for (int v = 0; v < kVectors; ++v) {
    const Vec b = *reinterpret_cast<const Vec*>(bias + v * kLanes);
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) sum[r][v] = b;
  }
  const int64_t stride = t.steps.input_stride, step = t.steps.input_step;
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r)
    for (int v = 0; v < kVectors; v += kPanelVectors < 64 / kVectorBytes ? kPanelVectors : 64 / kVectorBytes)
      __builtin_prefetch(row.output + (x + r) * t.steps.output_stride + panel * kChannelGroup + v * kLanes, 1);
  for (int64_t y = 0; y < t.height; ++y) {
    const real* w = t.weight + (panel * t.height + y) * t.length * kChannelGroup;
    // Rows are reached from every third one: x86 has too few registers for a pointer to each.
    constexpr int kBases = (Rows + 2) / 3;
    const real* a[kBases];
#pragma GCC unroll 8
    for (int i = 0; i < kBases; ++i) a[i] = row.inputs[y] + (x + 3 * i) * stride;
    // Memory is fetched while the sums keep the core busy: the next tile's input, or what the caller wants next.
    const real *soon = a[0] + Rows * stride, *other = soon;
    const int64_t soon_step = t.soon_steps[0], other_step = t.soon_steps[1];
    if (t.next) {
      const int64_t r = (panel / kTilePanels * t.tiles_in_row + x / kTileRows) * t.next_rows >> 32;
      soon = t.next->data[0] + r * t.next->row_step[0];
      other = t.next->data[1] + r * t.next->row_step[1];
    }
    for (const real* const end = w + t.length * kChannelGroup; w != end; w += kChannelGroup) {
      __builtin_prefetch(soon);
      __builtin_prefetch(other);
      soon += soon_step;
      other += other_step;
      Vec b[kVectors];
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v)
        b[v] = *reinterpret_cast<const Vec*>(w + (v / kPanelVectors) * t.panel_step + (v % kPanelVectors) * kLanes);
#pragma GCC unroll 16
      for (int r = 0; r < Rows; ++r) {
        const real value = a[r / 3][r % 3 * stride];
#pragma GCC unroll 8
        for (int v = 0; v < kVectors; ++v) sum[r][v] += value * b[v];
      }
#pragma GCC unroll 8
      for (int i = 0; i < kBases; ++i) a[i] += step;
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r) {
    const int64_t offset = (x + r) * t.steps.output_stride + panel * kChannelGroup;
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) {
      Vec value = sum[r][v];
      if (row.residual) value += *reinterpret_cast<const UnalignedVec*>(row.residual + offset + v * kLanes);
      *reinterpret_cast<UnalignedVec*>(row.output + offset + v * kLanes) = activated(t, value);
    }
  }
  if (t.curved)
    for (int r = 0; r < Rows; ++r)
      activate(t, row.output + (x + r) * t.steps.output_stride + panel * kChannelGroup, Panels * kChannelGroup);
}

constexpr int next_tile(int size) {
  return size > 8 ? 8 : size > 4 ? 4 : size > 2 ? 2 : 1;
}

// A row from pixel x on: tiles of Rows pixels, then smaller ones for what is left.
template <int Rows, int Panels, class Job>
void conv_row(const Job& t, const ConvRow& row, int64_t x, int64_t panel) {
  for (; x + Rows <= t.steps.pixels; x += Rows) conv_tile<Rows, Panels>(t, row, x, panel);
  if constexpr (Rows > 1)
    if (x < t.steps.pixels) conv_row<next_tile(Rows), Panels>(t, row, x, panel);
}

template <class Job>
void conv(Job& t) {
  const int64_t stride = t.steps.input_stride, length = t.length > 0 ? t.length : 1;
  // Input that is cut into far rows is left to the processor.
  t.soon_steps[0] = t.steps.input_step != 1 ? t.steps.input_step
                    : stride > 2 * length   ? 0
                                            : kTileRows * stride / length;
  if (t.next) {
    t.tiles_in_row = (t.steps.pixels + kTileRows - 1) / kTileRows;
    const int64_t tiles = t.tiles_in_row * ((t.panels + kTilePanels - 1) / kTilePanels),
                  rows = (t.next->rows + tiles - 1) / tiles;
    t.next_rows = (t.next->rows << 32) / tiles;
    for (int i = 0; i < 2; ++i) {
      const bool close = t.next->row_step[i] == t.next->width[i];  // several rows are one long one
      t.soon_steps[i] = (t.next->width[i] * (close ? rows : 1) + length - 1) / length;
    }
  }
  int64_t panel = 0;
  for (; panel + kTilePanels <= t.panels; panel += kTilePanels)
    for (int64_t i = 0; i < t.count; ++i) conv_row<kTileRows, kTilePanels>(t, t.rows[i], 0, panel);
  for (; panel < t.panels; ++panel)
    for (int64_t i = 0; i < t.count; ++i) conv_row<kTileRows, 1>(t, t.rows[i], 0, panel);
}

// Pixels [x, x + Pixels) of kLanes channels; returns what they add up to.
template <int Size, int Stride, int Pixels, class Job>
Vec depthwise_tile(const Job& job, int64_t x, const real* weight, int64_t channel) {
  Vec sum[Pixels], total{};
#pragma GCC unroll 16
  for (int p = 0; p < Pixels; ++p) sum[p] = *reinterpret_cast<const Vec*>(job.bias + channel);
#pragma GCC unroll 5
  for (int y = 0; y < Size; ++y) {
    const real* in = job.inputs[y] + x * Stride * job.step + channel;
#pragma GCC unroll 5
    for (int i = 0; i < Size; ++i) {
      const Vec w = *reinterpret_cast<const Vec*>(weight + (y * Size + i) * kChannelGroup);
#pragma GCC unroll 16
      for (int p = 0; p < Pixels; ++p)
        sum[p] += w * *reinterpret_cast<const UnalignedVec*>(in + (p * Stride + i) * job.step);
    }
  }
#pragma GCC unroll 16
  for (int p = 0; p < Pixels; ++p) {
    sum[p] = activated(job, sum[p]);
    *reinterpret_cast<UnalignedVec*>(job.output + (x + p) * job.step + channel) = sum[p];
    total += sum[p];
  }
  return total;
}

// A row of kLanes channels from pixel x on, in tiles as above.
template <int Size, int Stride, int Pixels, class Job>
Vec depthwise_channels(const Job& job, int64_t x, const real* weight, int64_t channel, Vec total) {
  for (; x + Pixels <= job.pixels; x += Pixels) total += depthwise_tile<Size, Stride, Pixels>(job, x, weight, channel);
  if constexpr (Pixels > 1)
    if (x < job.pixels) return depthwise_channels<Size, Stride, next_tile(Pixels)>(job, x, weight, channel, total);
  return total;
}

template <int Size, int Stride, class Job>
void depthwise(const Job& job) {
  for (int64_t channel = 0; channel < job.step; channel += kLanes) {
    const real* weight = job.weight + channel / kChannelGroup * Size * Size * kChannelGroup + channel % kChannelGroup;
    const Vec total = depthwise_channels<Size, Stride, kTileRows>(job, 0, weight, channel, Vec{});
    if (job.sums) *reinterpret_cast<UnalignedVec*>(job.sums + channel) = total;
  }
}

template <class Job>
void depthwise_any(const Job& job) {
  if (job.size == 3) return job.stride == 1 ? depthwise<3, 1>(job) : depthwise<3, 2>(job);
  return job.stride == 1 ? depthwise<5, 1>(job) : depthwise<5, 2>(job);
}
