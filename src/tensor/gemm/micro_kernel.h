// Included by gemm.cpp through for_each_cpu_level.h: the micro-kernel of an indirect gemm (gemm.h) and the loops around
// it. `Job` is GemmJob of gemm.cpp.

// Rows [r, r + Rows) of a block of C and Panels panels of its columns: the sums stay in registers while A is walked
// along its columns and B down its packed rows.
// Long: the sums live in registers from its first line to its last, which no call may come between.
template <int Rows, int Panels, class Job>
void tile(const Job& job, const GemmBlock& block, int64_t row, int64_t panel) {
  constexpr int kVectors = Panels * kPanelVectors;
  Vec sum[Rows][kVectors];
  const real* bias = job.bias + panel * kPanelWidth;
#pragma GCC unroll 8
  for (int v = 0; v < kVectors; ++v) {
    const Vec b = *reinterpret_cast<const Vec*>(bias + v * kLanes);
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) sum[r][v] = b;
  }
  const int64_t row_stride = job.shape.row_stride, col_stride = job.shape.col_stride;
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r)
    for (int v = 0; v < kVectors; v += kPanelVectors < 64 / kVectorBytes ? kPanelVectors : 64 / kVectorBytes)
      __builtin_prefetch(block.output + (row + r) * job.shape.ldc + panel * kPanelWidth + v * kLanes, 1);
  for (int64_t s = 0; s < job.segments; ++s) {
    const real* w = job.packed + (panel * job.segments + s) * job.depth * kPanelWidth;
    // Rows are reached from every third one: x86 has too few registers for a pointer to each.
    constexpr int kBases = (Rows + 2) / 3;
    const real* a[kBases];
#pragma GCC unroll 8
    for (int i = 0; i < kBases; ++i) a[i] = block.inputs[s] + (row + 3 * i) * row_stride;
    // Memory is prefetched while the sums keep the core busy: the next tile's rows of A, or what the caller names.
    const real *fetch = a[0] + Rows * row_stride, *fetch_too = fetch;
    const int64_t fetch_stride = job.fetch_stride[0], fetch_too_stride = job.fetch_stride[1];
    if (job.prefetch) {
      const int64_t r = (panel / kTilePanels * job.tiles_per_panel + row / kTileRows) * job.fetch_rows_per_tile >> 32;
      fetch = job.prefetch->data[0] + r * job.prefetch->row_stride[0];
      fetch_too = job.prefetch->data[1] + r * job.prefetch->row_stride[1];
    }
    for (const real* const end = w + job.depth * kPanelWidth; w != end; w += kPanelWidth) {
      __builtin_prefetch(fetch);
      __builtin_prefetch(fetch_too);
      fetch += fetch_stride;
      fetch_too += fetch_too_stride;
      Vec b[kVectors];
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v)
        b[v] = *reinterpret_cast<const Vec*>(w + (v / kPanelVectors) * job.panel_stride + (v % kPanelVectors) * kLanes);
#pragma GCC unroll 16
      for (int r = 0; r < Rows; ++r) {
        const real value = a[r / 3][r % 3 * row_stride];
#pragma GCC unroll 8
        for (int v = 0; v < kVectors; ++v) sum[r][v] += value * b[v];
      }
#pragma GCC unroll 8
      for (int i = 0; i < kBases; ++i) a[i] += col_stride;
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r) {
    const int64_t offset = (row + r) * job.shape.ldc + panel * kPanelWidth;
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) {
      Vec value = sum[r][v];
      if (block.residual) value += *reinterpret_cast<const UnalignedVec*>(block.residual + offset + v * kLanes);
      *reinterpret_cast<UnalignedVec*>(block.output + offset + v * kLanes) = activated(job.epilogue, value);
    }
  }
  if (job.epilogue.stored)
    for (int r = 0; r < Rows; ++r)
      activate(job.epilogue, block.output + (row + r) * job.shape.ldc + panel * kPanelWidth, Panels * kPanelWidth);
}

// A block from `row` on: tiles of Rows rows, then smaller ones for what is left.
template <int Rows, int Panels, class Job>
void tiles(const Job& job, const GemmBlock& block, int64_t row, int64_t panel) {
  for (; row + Rows <= job.shape.rows; row += Rows) tile<Rows, Panels>(job, block, row, panel);
  if constexpr (Rows > 1)
    if (row < job.shape.rows) tiles<smaller_tile(Rows), Panels>(job, block, row, panel);
}

// How a tile prefetches. Where the caller names no matrices, it prefetches the next tile's rows of A; rows of a large
// stride are left to the hardware's prefetcher.
template <class Job>
void plan_prefetch(Job& job) {
  const int64_t row_stride = job.shape.row_stride, depth = job.depth > 0 ? job.depth : 1;
  job.fetch_stride[0] = job.shape.col_stride != 1 ? job.shape.col_stride
                        : row_stride > 2 * depth  ? 0
                                                  : kTileRows * row_stride / depth;
  if (!job.prefetch) return;
  job.tiles_per_panel = (job.shape.rows + kTileRows - 1) / kTileRows;
  const int64_t tiles = job.tiles_per_panel * ((job.panels + kTilePanels - 1) / kTilePanels),
                rows = (job.prefetch->rows + tiles - 1) / tiles;
  job.fetch_rows_per_tile = (job.prefetch->rows << 32) / tiles;
  for (int i = 0; i < 2; ++i) {
    const bool contiguous = job.prefetch->row_stride[i] == job.prefetch->cols[i];  // several rows are one long one
    job.fetch_stride[i] = (job.prefetch->cols[i] * (contiguous ? rows : 1) + depth - 1) / depth;
  }
}

// All of C. The panels of a tile are read once for all rows of all blocks, from the caches.
template <class Job>
void multiply(Job& job) {
  plan_prefetch(job);
  int64_t panel = 0;
  for (; panel + kTilePanels <= job.panels; panel += kTilePanels)
    for (int64_t i = 0; i < job.block_count; ++i) tiles<kTileRows, kTilePanels>(job, job.blocks[i], 0, panel);
  for (; panel < job.panels; ++panel)
    for (int64_t i = 0; i < job.block_count; ++i) tiles<kTileRows, 1>(job, job.blocks[i], 0, panel);
}
