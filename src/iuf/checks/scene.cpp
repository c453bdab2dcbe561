#include "iuf/checks/scene.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <span>

#include "nn/hash.h"

namespace iuf {
namespace {

constexpr int kCell = 8, kMostCells = 32, kFewestCells = 4;
constexpr int kLines = 64, kLongestLine = 1024;
constexpr double kMostNoise = 8;  // levels, deviation of a pixel
// A JPEG's blocks and demosaicing tie the noise of neighbours together: what that multiplies.
constexpr double kTied = 2;
constexpr double kRounding = 0.5, kBlock = 64;  // levels, of the mean of each block of so many pixels of a JPEG
constexpr int kApart = 4;  // pixels, beyond which neither demosaicing nor sharpening ties noise together

int sum_of(const uint8_t* rgb) {
  return rgb[0] + rgb[1] + rgb[2];
}

int begin_of(int cell, int cells, int pixels) {
  return static_cast<int>(static_cast<int64_t>(cell) * pixels / cells);
}

void add_cell(const Image& image, int column, int row, Scene& scene) {
  const int left = begin_of(column, scene.columns, image.width),
            right = begin_of(column + 1, scene.columns, image.width), top = begin_of(row, scene.rows, image.height),
            bottom = begin_of(row + 1, scene.rows, image.height);
  int64_t sum = 0;
  uint64_t hash = 0;
  for (int y = top; y < bottom; ++y) {
    const uint8_t* line = image.row(y) + 3 * left;
    const auto size = static_cast<size_t>(3 * (right - left));
    for (size_t i = 0; i < size; ++i) sum += line[i];
    hash = hash_bytes(std::as_bytes(std::span(line, size)), hash);
  }
  scene.means.push_back(static_cast<float>(static_cast<double>(sum) / (3.0 * (right - left) * (bottom - top))));
  scene.cells.push_back(hash);
}

}  // namespace

// A pixel at the border of two parts counts in both, by its share.
std::vector<float> view_of(const Image& image) {
  constexpr auto kParts = static_cast<int>(Scene::kView);
  if (std::min(image.width, image.height) < kParts) return {};
  struct Share {
    size_t part;
    double weight;
  };
  const auto shares = [](int pixels) {  // up to two parts for each pixel
    std::vector<std::array<Share, 2>> all;
    const double size = static_cast<double>(pixels) / kParts;
    for (int i = 0; i < pixels; ++i) {
      const int part = std::min(static_cast<int>(i / size), kParts - 1);
      const double inside = std::min(1.0, (part + 1) * size - i);
      all.push_back({Share{static_cast<size_t>(part), inside / size},
                     Share{static_cast<size_t>(std::min(part + 1, kParts - 1)), (1 - inside) / size}});
    }
    return all;
  };
  const auto across = shares(image.width), down = shares(image.height);
  std::vector<double> view(Scene::kView * Scene::kView);
  for (int y = 0; y < image.height; ++y) {
    std::array<double, Scene::kView> line{};
    for (int x = 0; x < image.width; ++x) {
      const double gray = sum_of(image.row(y) + 3 * x) / 3.0;
      for (const auto& [part, weight] : across[static_cast<size_t>(x)]) line[part] += weight * gray;
    }
    for (const auto& [part, weight] : down[static_cast<size_t>(y)])
      for (size_t x = 0; x < Scene::kView; ++x) view[part * Scene::kView + x] += weight * line[x];
  }
  return {view.begin(), view.end()};
}

Scene scene_of(const Image& image) {
  Scene scene{.width = image.width, .height = image.height};
  const int columns = std::min(image.width / kCell, kMostCells), rows = std::min(image.height / kCell, kMostCells);
  if (std::min(columns, rows) < kFewestCells) return scene;
  scene.columns = columns;
  scene.rows = rows;
  for (int row = 0; row < rows; ++row)
    for (int column = 0; column < columns; ++column) add_cell(image, column, row, scene);
  scene.view = view_of(image);
  scene.line_length = std::min(image.width, kLongestLine);
  const int left = (image.width - scene.line_length) / 2, lines = std::min(image.height, kLines);
  for (int i = 0; i < lines; ++i) {
    const uint8_t* line = image.row(begin_of(i, lines, image.height)) + 3 * left;
    for (int x = 0; x < scene.line_length; ++x) scene.lines.push_back(static_cast<uint16_t>(sum_of(line + 3 * x)));
  }
  return scene;
}

bool are_comparable(const Scene& a, const Scene& b) {
  return a.columns > 0 && a.width == b.width && a.height == b.height;
}

double distance(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0, squares = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double d = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    sum += d;
    squares += d * d;
  }
  const auto n = static_cast<double>(a.size());
  return std::sqrt(std::max(0.0, squares / n - sum / n * (sum / n)));
}

double distance(const Scene& a, const Scene& b) {
  return distance(a.means, b.means);
}

double distance_by_noise(const Scene& a, const Scene& b) {
  const auto length = static_cast<size_t>(a.line_length);
  std::vector<int> differences;
  for (size_t line = 0; line + length <= a.lines.size(); line += length)
    for (size_t x = line; x + kApart < line + length; ++x)
      differences.push_back(std::abs(a.lines[x] - b.lines[x] - (a.lines[x + kApart] - b.lines[x + kApart])));
  // Three quarters of a normal distribution lie within 1.15 of its deviations; a few edges that moved weigh nothing.
  const auto at = differences.begin() + static_cast<std::ptrdiff_t>(differences.size() * 3 / 4);
  std::nth_element(differences.begin(), at, differences.end());
  const double difference = *at / 1.15 / 3;  // of two pixels' differences, each the mean of three channels
  const double pixel = std::min(difference * difference / 2, 2 * kMostNoise * kMostNoise);
  const double per_cell = static_cast<double>(a.width) * a.height / static_cast<double>(a.columns * a.rows);
  return kTied * std::sqrt(pixel / per_cell) + kRounding * std::sqrt(kBlock / per_cell);
}

}  // namespace iuf
