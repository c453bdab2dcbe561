// Compiles the header that IUF_KERNEL names once per CPU level, in the namespaces v1, v3 and v4, of which other
// processors than x86-64, and clang, have the first alone (gemm/cpu_level.h). To be included in an anonymous namespace.
// Neither that header nor vector.h may use inline functions of the standard library: one that was compiled here for
// AVX-512 could replace the portable one of the whole program when it is linked.
//
// A register tile of C has kTileRows rows and kTilePanels panels of columns. It is as large as the registers allow: its
// sums, one row of its panels and an element of A make 28 + 2 + 1 of 32 with AVX-512 and 12 + 2 + 1 of 16 with AVX2;
// SSE2 keeps 12 sums in its 16 and reads B from the first-level cache.

#if defined(__x86_64__) && !defined(__clang__)
#pragma GCC push_options
#pragma GCC target("arch=x86-64-v4")
namespace v4 {
constexpr int kVectorBytes = 64, kTileRows = 14, kTilePanels = 2;
#include "tensor/gemm/vector.h"
#include IUF_KERNEL
}  // namespace v4
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("arch=x86-64-v3")
namespace v3 {
constexpr int kVectorBytes = 32, kTileRows = 6, kTilePanels = 1;
#include "tensor/gemm/vector.h"
#include IUF_KERNEL
}  // namespace v3
#pragma GCC pop_options
#endif
namespace v1 {
constexpr int kVectorBytes = 16, kTileRows = 3, kTilePanels = 1;
#include "tensor/gemm/vector.h"
#include IUF_KERNEL
}  // namespace v1
#undef IUF_KERNEL
