#include "iuf/selfcheck/comparison.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <sstream>

#include "tensor/error.h"
#include "tensor/reduce.h"

namespace iuf {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::string shapes_differ(const Tensor& got, const Tensor& expected) {
  return "got the shape " + got.shape().text() + ", expected " + expected.shape().text();
}

}  // namespace

WorstElement worst_element(const Tensor& got, const Tensor& expected) {
  WorstElement worst{.error = 0, .scale = 1e-30, .index = 0};
  for (const real value : expected.span())
    if (std::isfinite(value)) worst.scale = std::max(worst.scale, std::abs(static_cast<double>(value)));
  for (int64_t i = 0; i < got.size(); ++i) {
    const auto a = static_cast<double>(got.data()[i]), b = static_cast<double>(expected.data()[i]);
    if (a == b || (std::isnan(a) && std::isnan(b))) continue;
    double error = std::abs(a - b);
    if (!std::isfinite(error)) error = kInfinity;
    if (error > worst.error) worst.error = error, worst.index = i;
  }
  return worst;
}

std::string element_text(const Tensor& got, const Tensor& expected, int64_t index) {
  std::string at;
  int64_t rest = index;
  for (int axis = got.rank(); axis-- > 0;) {
    at = std::to_string(rest % got.dim(axis)) + (at.empty() ? "" : ", ") + at;
    rest /= got.dim(axis);
  }
  std::ostringstream text;
  text << "[" << at << "]: got " << got.data()[index] << ", expected " << expected.data()[index];
  return text.str();
}

double rounding(double depth, double length) {
  return 4 * std::sqrt(depth * length) * std::pow(2.0, -24);
}

void FileChecks::add(const std::string& quantity, double error, double tolerance, const std::string& detail) {
  checks.push_back({file_, quantity, std::isnan(error) ? kInfinity : error, tolerance, detail});
}

void FileChecks::close(const std::string& quantity, const Tensor& got, const Tensor& expected, double tolerance) {
  Family one(*this, quantity, tolerance);
  one.add("", got, expected);
  one.finish();
}

void FileChecks::close(const std::string& quantity, double got, double expected, double tolerance, double floor) {
  std::ostringstream text;
  text.precision(9);
  text << "got " << got << ", expected " << expected;
  add(quantity, got == expected ? 0 : std::abs(got - expected) / std::max(std::abs(expected), floor), tolerance,
      text.str());
}

void FileChecks::equal(const std::string& quantity, std::span<const std::byte> got,
                       std::span<const std::byte> expected) {
  if (got.size() != expected.size())
    return failed(quantity, std::to_string(got.size()) + " bytes instead of " + std::to_string(expected.size()));
  size_t differ = 0, first = 0;
  for (size_t i = got.size(); i-- > 0;)
    if (got[i] != expected[i]) ++differ, first = i;
  add(quantity, got.empty() ? 0 : static_cast<double>(differ) / static_cast<double>(got.size()), 0,
      differ ? std::to_string(differ) + " of " + std::to_string(got.size()) + " bytes differ, the first at " +
                   std::to_string(first)
             : "");
}

void FileChecks::failed(const std::string& quantity, const std::string& why) {
  add(quantity, kInfinity, 0, why);
}

void FileChecks::Family::add(const std::string& name, const Tensor& got, const Tensor& expected) {
  if (!(got.shape() == expected.shape())) return failed(name, shapes_differ(got, expected));
  const WorstElement worst = worst_element(got, expected);
  add(name, got, expected, worst.error / worst.scale, worst.index);
}

void FileChecks::Family::add_norm(const std::string& name, const Tensor& got, const Tensor& expected, double floor) {
  if (!(got.shape() == expected.shape())) return failed(name, shapes_differ(got, expected));
  const double difference = std::sqrt(kernel::sum_of_squared_differences(got, expected)),
               norm = std::sqrt(kernel::sum_of_squares(expected));
  add(name, got, expected, difference == 0 ? 0 : difference / (norm + floor), worst_element(got, expected).index);
}

void FileChecks::Family::add(const std::string& name, const Tensor& got, const Tensor& expected, double error,
                             int64_t worst) {
  ++count_;
  if (error <= error_) return;
  error_ = std::isnan(error) ? kInfinity : error;
  detail_ = name + element_text(got, expected, worst);
}

void FileChecks::Family::failed(const std::string& name, const std::string& why) {
  ++count_;
  error_ = kInfinity;
  detail_ = (name.empty() ? "" : name + ": ") + why;
}

void FileChecks::Family::finish() {
  if (count_ == 0) return all_.failed(quantity_, "the file holds nothing to compare");
  all_.add(quantity_ + (count_ > 1 ? " (" + std::to_string(count_) + " tensors)" : ""), error_, tolerance_, detail_);
}

double number(const TensorFile& file, const std::string& key) {
  const std::string& text = file.metadata(key);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    fail(file.path(), ": metadata '", key, "' is '", printable(text), "', not a number");
  return value;
}

int64_t integer(const TensorFile& file, const std::string& key) {
  const double value = number(file, key);
  if (value != std::floor(value) || std::abs(value) > 1e9)
    fail(file.path(), ": metadata '", key, "' is '", printable(file.metadata(key)), "', not a whole number");
  return static_cast<int64_t>(value);
}

Tensor with_axes(const TensorFile& file, const std::string& name, int axes) {
  const Tensor tensor = file.tensor(name);
  if (tensor.rank() != axes) fail(file.path(), ": '", name, "' is ", tensor.shape(), ", it needs ", axes, " axes");
  return tensor;
}

}  // namespace iuf
