#include "iuf/paper/retention.h"

#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/simd.h"

namespace iuf {
namespace {

IUF_SIMD void pull_row(real* theta, const real* old, real eta, int64_t n) {
  for (int64_t i = 0; i < n; ++i) theta[i] += eta * (old[i] - theta[i]);
}

}  // namespace

OldWeights::OldWeights(const std::vector<NamedVar>& tensors) {
  for (const NamedVar& t : tensors) old_.emplace_back(t.name, t.var.value().clone());
}

void OldWeights::pull(std::vector<NamedVar>& tensors, double eta) const {
  if (eta == 0) return;
  if (tensors.size() != old_.size())
    fail("retention: ", tensors.size(), " tensors, but ", old_.size(), " are remembered");
  for (size_t i = 0; i < tensors.size(); ++i) {
    const Tensor& old = old_[i].second;
    Tensor& theta = tensors[i].var.mutable_value();
    if (tensors[i].name != old_[i].first)
      fail("retention: '", tensors[i].name, "' stands where '", old_[i].first, "' is remembered");
    if (theta.size() < old.size())
      fail("retention: '", tensors[i].name, "' has shrunk from ", old.shape(), " to ", theta.shape());
    parallel_for(old.size(), kElementBlock, [&](int64_t b, int64_t e) {
      pull_row(theta.data() + b, old.data() + b, static_cast<real>(eta), e - b);
    });
  }
}

}  // namespace iuf
