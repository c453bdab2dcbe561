// Included by conv.cpp alone, once per CPU level, inside a namespace that sets kVectorBytes (the width of a register),
// kTileRows and kTilePanels (output pixels and groups of 16 channels whose sums are held in registers). Vectors are
// GCC's portable ones: such code is lowered before functions are cloned, so IUF_SIMD cannot widen it.

typedef real Vec __attribute__((vector_size(kVectorBytes)));
typedef real UnalignedVec __attribute__((vector_size(kVectorBytes), aligned(sizeof(real))));
constexpr int kLanes = kVectorBytes / static_cast<int>(sizeof(real));
constexpr int kPanelVectors = static_cast<int>(kChannelGroup) / kLanes;

// The activations that are more than a clamp.
inline void activate(real* values, int64_t n, Activation activation) {
  if (activation == Activation::silu)
    for (int64_t i = 0; i < n; ++i) values[i] = silu(values[i]);
  else if (activation == Activation::gelu)
    for (int64_t i = 0; i < n; ++i) values[i] = gelu(values[i]);
  else
    for (int64_t i = 0; i < n; ++i) values[i] = simd::sigmoid(values[i]);
}

// Elements [x, x + Rows) of a row for Panels groups of outputs.
template <int Rows, int Panels, class Tile>
void conv_tile(const Tile& t, const ConvRow& row, int64_t x, int64_t panel) {
  constexpr int kVectors = Panels * kPanelVectors;
  Vec sum[Rows][kVectors];
  const real* bias = t.bias + panel * kChannelGroup;
#pragma GCC unroll 8
  for (int v = 0; v < kVectors; ++v) {
    const Vec b = *reinterpret_cast<const Vec*>(bias + v * kLanes);
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) sum[r][v] = b;
  }
  const int64_t stride = t.steps.input_stride;
  for (int64_t y = 0; y < t.height; ++y) {
    const real* w = t.weight + (panel * t.height + y) * t.length * kChannelGroup;
    // Rows are reached from every third one: x86 has too few registers for a pointer to each.
    constexpr int kBases = (Rows + 2) / 3;
    const real* a[kBases];
#pragma GCC unroll 8
    for (int i = 0; i < kBases; ++i) a[i] = row.inputs[y] + (x + 3 * i) * stride;
    for (int64_t k = 0; k < t.length; ++k) {
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
      w += kChannelGroup;
#pragma GCC unroll 8
      for (int i = 0; i < kBases; ++i) ++a[i];
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r) {
    const int64_t offset = (x + r) * t.steps.output_stride + panel * kChannelGroup;
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) {
      Vec value = sum[r][v];
      if (row.residual) value += *reinterpret_cast<const UnalignedVec*>(row.residual + offset + v * kLanes);
      if (t.clamp) {
        value = value > t.low ? value : Vec{} + t.low;
        value = value < t.high ? value : Vec{} + t.high;
      }
      *reinterpret_cast<UnalignedVec*>(row.output + offset + v * kLanes) = value;
    }
  }
  if (t.curved)
    for (int r = 0; r < Rows; ++r)
      activate(row.output + (x + r) * t.steps.output_stride + panel * kChannelGroup, Panels * kChannelGroup,
               t.activation);
}

// A row from pixel x on: tiles of Rows pixels, then smaller ones for what is left.
template <int Rows, int Panels, class Tile>
void conv_row(const Tile& t, const ConvRow& row, int64_t x, int64_t panel) {
  for (; x + Rows <= t.steps.pixels; x += Rows) conv_tile<Rows, Panels>(t, row, x, panel);
  if constexpr (Rows > 1)
    if (x < t.steps.pixels) conv_row<(Rows > 8 ? 8 : Rows > 4 ? 4 : Rows > 2 ? 2 : 1), Panels>(t, row, x, panel);
}

template <class Tile>
void conv(const Tile& t, std::span<const ConvRow> rows) {
  int64_t panel = 0;
  for (; panel + kTilePanels <= t.panels; panel += kTilePanels)
    for (const ConvRow& row : rows) conv_row<kTileRows, kTilePanels>(t, row, 0, panel);
  for (; panel < t.panels; ++panel)
    for (const ConvRow& row : rows) conv_row<kTileRows, 1>(t, row, 0, panel);
}

// Pixels [x, x + Pixels) of one channel group.
template <int Size, int Stride, int Pixels, class Job>
void depthwise_tile(const Job& job, int64_t x, int64_t group) {
  const real* weight = job.weight + group * Size * Size * kChannelGroup;
  for (int v = 0; v < kPanelVectors; ++v) {
    const int64_t channel = group * kChannelGroup + v * kLanes;
    Vec sum[Pixels];
    const Vec b = *reinterpret_cast<const Vec*>(job.bias + channel);
#pragma GCC unroll 8
    for (int p = 0; p < Pixels; ++p) sum[p] = b;
#pragma GCC unroll 5
    for (int y = 0; y < Size; ++y) {
      const real* in = job.inputs[y] + x * Stride * job.step + channel;
#pragma GCC unroll 5
      for (int i = 0; i < Size; ++i) {
        const Vec w = *reinterpret_cast<const Vec*>(weight + (y * Size + i) * kChannelGroup + v * kLanes);
#pragma GCC unroll 8
        for (int p = 0; p < Pixels; ++p)
          sum[p] += w * *reinterpret_cast<const UnalignedVec*>(in + (p * Stride + i) * job.step);
      }
    }
#pragma GCC unroll 8
    for (int p = 0; p < Pixels; ++p) {
      Vec value = sum[p];
      if (job.clamp) {
        value = value > job.low ? value : Vec{} + job.low;
        value = value < job.high ? value : Vec{} + job.high;
      }
      *reinterpret_cast<UnalignedVec*>(job.output + (x + p) * job.step + channel) = value;
    }
  }
}

template <int Size, int Stride, class Job>
void depthwise(const Job& job) {
  constexpr int kPixels = 4;
  for (int64_t group = 0; group < job.groups; ++group) {
    int64_t x = 0;
    for (; x + kPixels <= job.pixels; x += kPixels) depthwise_tile<Size, Stride, kPixels>(job, x, group);
    for (; x < job.pixels; ++x) depthwise_tile<Size, Stride, 1>(job, x, group);
  }
  if (job.curved) activate(job.output, job.pixels * job.step, job.activation);
  if (job.sums) {
    for (int64_t c = 0; c < job.step; ++c) job.sums[c] = 0;
    for (int64_t x = 0; x < job.pixels; ++x)
      for (int64_t c = 0; c < job.step; ++c) job.sums[c] += job.output[x * job.step + c];
  }
}

template <class Job>
void depthwise_any(const Job& job) {
  if (job.size == 3) return job.stride == 1 ? depthwise<3, 1>(job) : depthwise<3, 2>(job);
  return job.stride == 1 ? depthwise<5, 1>(job) : depthwise<5, 2>(job);
}
