#include "iuf/stats/two_kinds.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "iuf/stats/novelty.h"

namespace iuf {
namespace {

constexpr size_t kMostCompared = 200;
constexpr double kScaleFloor = 0.1;  // of the mean deviation

using Points = std::vector<std::vector<double>>;

// The moments, each by its deviation over the images.
Points points_of(const std::vector<Tensor>& images) {
  const auto size = static_cast<size_t>(images.front().size());
  const auto n = static_cast<double>(images.size());
  std::vector<double> deviation(size);
  double mean_deviation = 0;
  for (size_t k = 0; k < size; ++k) {
    double sum = 0, square = 0;
    for (const Tensor& image : images) {
      const auto value = static_cast<double>(image.data()[k]);
      sum += value;
      square += value * value;
    }
    deviation[k] = std::sqrt(std::max(0.0, square / n - sum / n * (sum / n)));
    mean_deviation += deviation[k] / static_cast<double>(size);
  }
  Points points(images.size(), std::vector<double>(size));
  for (size_t i = 0; i < images.size(); ++i)
    for (size_t k = 0; k < size; ++k)
      points[i][k] = static_cast<double>(images[i].data()[k]) /
                     std::max(deviation[k] + kScaleFloor * mean_deviation, std::numeric_limits<double>::min());
  return points;
}

double squared_distance(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t k = 0; k < a.size(); ++k) sum += (a[k] - b[k]) * (a[k] - b[k]);
  return sum;
}

// Which hang together with the first one when the longest edge of the minimum spanning tree is cut.
std::vector<char> side_of_first(const Points& points) {
  const size_t n = points.size();
  std::vector<double> distance(n, std::numeric_limits<double>::infinity());  // to what is in the tree
  std::vector<size_t> parent(n), order;
  std::vector<char> inside(n);
  size_t longest = n;
  for (size_t next = 0; next < n;) {
    inside[next] = 1;
    if (!order.empty() && (longest == n || distance[next] > distance[longest])) longest = next;
    order.push_back(next);
    const size_t last = next;
    next = n;
    for (size_t i = 0; i < n; ++i) {
      if (inside[i]) continue;
      if (const double d = squared_distance(points[last], points[i]); d < distance[i]) {
        distance[i] = d;
        parent[i] = last;
      }
      if (next == n || distance[i] < distance[next]) next = i;
    }
  }
  std::vector<char> side(n);
  for (const size_t i : order) side[i] = i == order.front() || (i != longest && side[parent[i]]);
  return side;
}

// Whether all images of the other side are unlike those of this one.
bool are_unlike(const std::vector<Tensor>& images, const std::vector<char>& side, char this_side) {
  std::vector<Tensor> own;
  for (size_t i = 0; i < images.size(); ++i)
    if (side[i] == this_side) own.push_back(images[i]);
  const auto detector = NoveltyDetector::fit(own);
  for (size_t i = 0; i < images.size(); ++i)
    if (side[i] != this_side && (!detector || (*detector)(images[i]) <= 1)) return false;
  return true;
}

}  // namespace

std::vector<size_t> second_kind(const std::vector<Tensor>& images) {
  const size_t n = std::min(images.size(), kMostCompared);
  if (n < 2 * NoveltyDetector::kLeastImages) return {};
  std::vector<size_t> which;
  std::vector<Tensor> looked;
  for (size_t k = 0; k < n; ++k) {
    which.push_back(k * images.size() / n);
    looked.push_back(images[which.back()]);
  }
  const std::vector<char> side = side_of_first(points_of(looked));
  const auto first = static_cast<size_t>(std::ranges::count(side, 1));
  if (std::min(first, n - first) < std::max(NoveltyDetector::kLeastImages, n / 5)) return {};
  if (!are_unlike(looked, side, 0) || !are_unlike(looked, side, 1)) return {};
  std::vector<size_t> second;
  for (size_t i = 0; i < n; ++i)
    if (side[i] == (2 * first <= n ? 1 : 0)) second.push_back(which[i]);
  return second;
}

}  // namespace iuf
