#include "bench/bench.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>

#include "tensor/blas.h"
#include "tensor/parallel.h"
#include "tensor/tensor.h"

namespace iuf::bench {
namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Memory of the process since the last reset; without the file (another system) 0.
size_t peak_resident() {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("VmHWM:")) return std::stoull(line.substr(6)) * 1024;
  return 0;
}
void reset_peak() {
  std::ofstream("/proc/self/clear_refs") << "5";
}

double page_faults() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  return static_cast<double>(use.ru_minflt);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

}  // namespace

std::vector<Product> Products::all() const {
  std::vector<Product> both = forward;
  both.insert(both.end(), backward.begin(), backward.end());
  return both;
}

void add_linear(Products& products, int64_t rows, int64_t in, int64_t out, kernel::InputGradient input) {
  products.forward.push_back({Trans::no, Trans::yes, rows, out, in});
  if (input == kernel::InputGradient::compute) products.backward.push_back({Trans::no, Trans::no, rows, in, out});
  products.backward.push_back({Trans::yes, Trans::no, out, in, rows});
}

void add_attention(Products& products, int64_t count, int64_t t, int64_t depth) {
  const Product scores = {Trans::no, Trans::yes, t, t, depth, count},
                values = {Trans::no, Trans::no, t, depth, t, count},
                transposed = {Trans::yes, Trans::no, t, depth, t, count};
  products.forward.insert(products.forward.end(), {scores, values});
  products.backward.insert(products.backward.end(), {scores, values, transposed, transposed});
}

double flop(const std::vector<Product>& products) {
  double total = 0;
  for (const Product& p : products)
    total += 2.0 * static_cast<double>(p.m) * static_cast<double>(p.n) * static_cast<double>(p.k) *
             static_cast<double>(p.count);
  return total;
}

double gemm_seconds(const std::vector<Product>& products) {
  double total = 0;
  for (const Product& p : products) {
    const int64_t a_size = p.m * p.k, b_size = p.k * p.n, c_size = p.m * p.n;
    const Tensor a = Tensor::full({p.count, a_size}, 1), b = Tensor::full({p.count, b_size}, 1);
    Tensor c({p.count, c_size});
    const int64_t lda = p.ta == Trans::no ? p.k : p.m, ldb = p.tb == Trans::no ? p.n : p.k;
    const auto all = [&] {
      if (p.count == 1) {
        kernel::parallel_gemm(p.ta, p.tb, p.m, p.n, p.k, 1, a.data(), lda, b.data(), ldb, 0, c.data(), p.n);
      } else {
        parallel_for(p.count, 1, [&](int64_t i, int64_t) {
          kernel::gemm(p.ta, p.tb, p.m, p.n, p.k, 1, a.data() + i * a_size, lda, b.data() + i * b_size, ldb, 0,
                       c.data() + i * c_size, p.n);
        });
      }
    };
    total += measure(all, 7, 0.05).fastest;
  }
  return total;
}

Measurement measure(const std::function<void()>& work, int calls, double budget) {
  work();
  work();
  reset_peak();
  const double faults = page_faults(), start = now();
  std::vector<double> seconds;
  while (static_cast<int>(seconds.size()) < calls || (now() - start < budget && seconds.size() < 1000)) {
    const double before = now();
    work();
    seconds.push_back(now() - before);
  }
  const auto count = static_cast<double>(seconds.size());
  return {median(seconds), *std::min_element(seconds.begin(), seconds.end()), static_cast<int>(seconds.size()),
          (page_faults() - faults) / count, peak_resident()};
}

Measurement measure_once(const std::function<void()>& work) {
  reset_peak();
  const double faults = page_faults(), before = now();
  work();
  const double seconds = now() - before;
  return {seconds, seconds, 1, page_faults() - faults, peak_resident()};
}

void Table::section(const std::string& title) {
  std::printf("\n%-52s %6s %11s %9s %9s %8s %9s\n", title.c_str(), "items", "ms/item", "GFLOP/s", "x limit", "faults",
              "peak MiB");
}

void Table::row(const std::string& work, int64_t items, const Measurement& m, const std::vector<Product>& products,
                double total_flop) {
  const double per_item = m.seconds / static_cast<double>(items),
               work_flop = total_flop > 0 ? total_flop : flop(products);
  const double limit = products.empty() ? 0 : gemm_seconds(products);
  nlohmann::json entry = {{"work", work},
                          {"items", items},
                          {"ms_per_item", per_item * 1e3},
                          {"fastest_ms_per_item", m.fastest / static_cast<double>(items) * 1e3},
                          {"calls", m.calls},
                          {"page_faults", m.page_faults},
                          {"peak_bytes", m.peak_bytes}};
  std::printf("%-52s %6lld %11.4f ", work.c_str(), static_cast<long long>(items), per_item * 1e3);
  if (work_flop > 0) {
    entry["gflops"] = work_flop / m.seconds * 1e-9;
    std::printf("%9.1f ", work_flop / m.seconds * 1e-9);
  } else {
    std::printf("%9s ", "");
  }
  if (limit > 0) {
    entry["gemm_limit_ms_per_item"] = limit / static_cast<double>(items) * 1e3;
    entry["times_limit"] = m.fastest / limit;
    std::printf("%9.2f ", m.fastest / limit);
  } else {
    std::printf("%9s ", "");
  }
  std::printf("%8.0f %9.0f\n", m.page_faults, static_cast<double>(m.peak_bytes) / (1 << 20));
  std::fflush(stdout);
  json_.push_back(entry);
}

void Table::note(const std::string& text, const std::string& key, double value) {
  std::printf("  %s: %.3g\n", text.c_str(), value);
  std::fflush(stdout);
  json_.push_back({{"note", key}, {"value", value}});
}

}  // namespace iuf::bench
