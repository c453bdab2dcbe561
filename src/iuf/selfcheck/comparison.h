#pragma once

#include <string>
#include <vector>

#include "iuf/selfcheck/selfcheck.h"
#include "nn/tensor_file.h"

namespace iuf {

struct WorstElement {
  double error = 0;  // |got - expected|; infinite where only one is finite, 0 where both are the same or NaN
  double scale = 0;  // max |expected|, at least 1e-30
  int64_t index = 0;
};
/// Of two tensors of the same size.
WorstElement worst_element(const Tensor& got, const Tensor& expected);
/// "[1, 0, 3]: got 1.5, expected 2".
std::string element_text(const Tensor& got, const Tensor& expected, int64_t index);

/// What two float implementations of the same function may differ by, as a share of the largest value: each sum of
/// `length` products rounds to about sqrt(length) * 2^-24, `depth` of them in a row add up in quadrature, and the worst
/// of some 10^5 values lies about four deviations out.
double rounding(double depth, double length);

/// The checks of one file.
class FileChecks {
 public:
  explicit FileChecks(std::string file) : file_(std::move(file)) {}

  /// Equal shapes, and every |got - expected| at most tolerance * max |expected|.
  void close(const std::string& quantity, const Tensor& got, const Tensor& expected, double tolerance);
  /// Both are equal to a share of the expected one, or, where that is smaller, of `floor`.
  void close(const std::string& quantity, double got, double expected, double tolerance, double floor = 1e-30);
  /// Equal bytes; the error is the share that differs.
  void equal(const std::string& quantity, std::span<const std::byte> got, std::span<const std::byte> expected);
  /// Cannot be compared.
  void failed(const std::string& quantity, const std::string& why);

  /// Many tensors as one line that names the worst.
  class Family {
   public:
    Family(FileChecks& all, std::string quantity, double tolerance)
        : all_(all), quantity_(std::move(quantity)), tolerance_(tolerance) {}
    void add(const std::string& name, const Tensor& got, const Tensor& expected);
    /// By the 2-norm of the difference as a share of the expected one plus `floor`: for gradients, of which a ReLU's
    /// kink moves single rows where its input is 0 but for rounding.
    void add_norm(const std::string& name, const Tensor& got, const Tensor& expected, double floor);
    void failed(const std::string& name, const std::string& why);
    void finish();

   private:
    void add(const std::string& name, const Tensor& got, const Tensor& expected, double error, int64_t worst);
    FileChecks& all_;
    std::string quantity_, detail_;
    double tolerance_, error_ = 0;
    int64_t count_ = 0;
  };

  std::vector<Check> checks;

 private:
  void add(const std::string& quantity, double error, double tolerance, const std::string& detail);
  std::string file_;
};

/// Metadata as a number; Errors name the file and the key.
double number(const TensorFile& file, const std::string& key);
int64_t integer(const TensorFile& file, const std::string& key);
/// A tensor with this number of axes, or an Error.
Tensor with_axes(const TensorFile& file, const std::string& name, int axes);

// One function for each kind of file. An Error means that the file is no use.
void check_model(const TensorFile& file, FileChecks& all);
void check_replay(const TensorFile& file, FileChecks& all);
void check_backbone(const TensorFile& file, FileChecks& all);
void check_generated_backbones(const TensorFile& file, FileChecks& all);
void check_metrics(const TensorFile& file, FileChecks& all);
void check_images(const TensorFile& file, const std::filesystem::path& folder, FileChecks& all);
void check_linear_algebra(const TensorFile& file, FileChecks& all);
void check_checkpoint(const TensorFile& checkpoint, const TensorFile& expected, FileChecks& all);

}  // namespace iuf
