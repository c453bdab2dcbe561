// Included by gemm/for_each_cpu_level.h once per CPU level, which sets kVectorBytes (the size of a register): vectors,
// and the epilogue on them. Vectors are GCC's portable ones: such code is lowered before functions are cloned, so
// IUF_SIMD cannot widen it.

typedef real Vec __attribute__((vector_size(kVectorBytes)));
typedef real UnalignedVec __attribute__((vector_size(kVectorBytes), aligned(sizeof(real))));
constexpr int kLanes = kVectorBytes / static_cast<int>(sizeof(real));
constexpr int kPanelVectors = static_cast<int>(kPanelWidth) / kLanes;

// Tiles of `size` rows or pixels are followed by smaller ones for what is left.
constexpr int smaller_tile(int size) {
  return size > 8 ? 8 : size > 4 ? 4 : size > 2 ? 2 : 1;
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

// relu and relu6 of a register; a NaN stays.
template <class E>
[[gnu::always_inline]] inline Vec clamped(const E& e, Vec value) {
  value = value < e.low ? Vec{} + e.low : value;
  return value > e.high ? Vec{} + e.high : value;
}

// The activation (Epilogue e) of a register; inlined, so that the sums around it stay in registers.
template <class E>
[[gnu::always_inline]] inline Vec activated(const E& e, Vec value) {
  if (e.clamp) value = clamped(e, value);
  return e.silu ? silu(value) : value;
}

// The other activations, on what is stored already.
template <class E>
void activate(const E& e, real* values, int64_t n) {
  if (e.activation == Activation::gelu)
    for (int64_t i = 0; i < n; ++i) values[i] = simd::gelu(values[i]);
  else
    for (int64_t i = 0; i < n; ++i) values[i] = simd::sigmoid(values[i]);
}
