#pragma once

#include <cstddef>

// Tails of distributions of counts, summed up term by term.
namespace iuf {

/// P(X >= k) of a binomial distribution: of n trials, each with this chance of success. 0 < chance < 1, k <= n.
double binomial_tail(size_t k, size_t n, double chance);
/// P(X >= k) of a hypergeometric distribution: `drawn` of `all` are drawn, of which so many are marked. k <= drawn.
double hypergeometric_tail(size_t k, size_t drawn, size_t marked, size_t all);

}  // namespace iuf
