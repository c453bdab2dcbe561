// Included by depthwise_inference.cpp through for_each_cpu_level.h. `Job` is DepthwiseJob.

// Pixels [x, x + Pixels) of kLanes channels; returns what they add up to.
template <int Size, int Stride, int Pixels, class Job>
Vec depthwise_tile(const Job& job, int64_t x, const real* weight, int64_t channel) {
  Vec sum[Pixels], total{};
#pragma GCC unroll 16
  for (int p = 0; p < Pixels; ++p) sum[p] = *reinterpret_cast<const Vec*>(job.bias + channel);
#pragma GCC unroll 5
  for (int y = 0; y < Size; ++y) {
    const real* in = job.inputs[y] + x * Stride * job.pixel_stride + channel;
#pragma GCC unroll 5
    for (int i = 0; i < Size; ++i) {
      const Vec w = *reinterpret_cast<const Vec*>(weight + (y * Size + i) * kPanelWidth);
#pragma GCC unroll 16
      for (int p = 0; p < Pixels; ++p)
        sum[p] += w * *reinterpret_cast<const UnalignedVec*>(in + (p * Stride + i) * job.pixel_stride);
    }
  }
  if (job.epilogue.silu) {
#pragma GCC unroll 16
    for (int p = 0; p < Pixels; ++p) sum[p] = silu(sum[p]);
  } else if (job.epilogue.clamp) {
#pragma GCC unroll 16
    for (int p = 0; p < Pixels; ++p) sum[p] = clamped(job.epilogue, sum[p]);
  }
#pragma GCC unroll 16
  for (int p = 0; p < Pixels; ++p) {
    *reinterpret_cast<UnalignedVec*>(job.output + (x + p) * job.pixel_stride + channel) = sum[p];
    total += sum[p];
  }
  return total;
}

// A row of kLanes channels from pixel x on, in tiles as above.
template <int Size, int Stride, int Pixels, class Job>
Vec depthwise_channels(const Job& job, int64_t x, const real* weight, int64_t channel, Vec total) {
  for (; x + Pixels <= job.pixels; x += Pixels) total += depthwise_tile<Size, Stride, Pixels>(job, x, weight, channel);
  if constexpr (Pixels > 1)
    if (x < job.pixels) return depthwise_channels<Size, Stride, smaller_tile(Pixels)>(job, x, weight, channel, total);
  return total;
}

template <int Size, int Stride, class Job>
void depthwise(const Job& job) {
  for (int64_t channel = 0; channel < job.pixel_stride; channel += kLanes) {
    const real* weight = job.weight + channel / kPanelWidth * Size * Size * kPanelWidth + channel % kPanelWidth;
    const Vec total = depthwise_channels<Size, Stride, kTileRows>(job, 0, weight, channel, Vec{});
    if (job.sums) *reinterpret_cast<UnalignedVec*>(job.sums + channel) = total;
  }
}

template <class Job>
void depthwise_row(const Job& job) {
  if (job.size == 3) return job.stride == 1 ? depthwise<3, 1>(job) : depthwise<3, 2>(job);
  return job.stride == 1 ? depthwise<5, 1>(job) : depthwise<5, 2>(job);
}
