#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tensor/tensor.h"

namespace iuf {

enum class DType { f64, f32, f16, bf16, i64, i32, i16, i8, u8, boolean };
constexpr DType kRealDType = sizeof(real) == 8 ? DType::f64 : DType::f32;

size_t size_of(DType dtype);            // bytes of one element
std::string_view name_of(DType dtype);  // as safetensors spells it: "F32", "BF16", "BOOL", ...

/// Text from a file made fit for a one-line message: control characters become '?', long text is cut.
std::string printable(std::string_view text);

/// IEEE half precision and bfloat16 as stored bits; both conversions are exact.
float half_to_float(uint16_t bits);
float bfloat16_to_float(uint16_t bits);
/// The nearest half, of two the even one; beyond the largest half, 65504, infinity.
uint16_t float_to_half(float value);

/// A tensor as it lies in a file: row-major, little-endian; the bytes may be unaligned.
struct StoredTensor {
  DType dtype = DType::f32;
  std::vector<int64_t> shape;
  std::span<const std::byte> bytes;
};

/// Bytes that a tensor of this shape needs. Throws Error, naming `who`, when a size is negative or the product
/// overflows.
size_t byte_count(std::string_view who, DType dtype, std::span<const int64_t> shape);

/// Throws Error naming `who`, and the first such element, where a floating value is NaN or infinite.
void require_finite(std::string_view who, const StoredTensor& tensor);

/// Named tensors of one file. It holds the mapping or the buffers alive: spans stay valid while it or a copy lives.
class TensorFile {
 public:
  TensorFile() = default;
  explicit TensorFile(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  const std::vector<std::string>& names() const { return names_; }  // in file order
  bool contains(std::string_view name) const { return tensors_.contains(std::string(name)); }
  /// Throws Error naming the file and the nearest names when there is no such tensor; so do the next four.
  const StoredTensor& at(std::string_view name) const;
  Tensor tensor(std::string_view name) const;                  // converted to `real` from any dtype
  std::vector<int64_t> integers(std::string_view name) const;  // from any integer dtype or boolean
  std::span<const std::byte> bytes(std::string_view name) const;
  const std::vector<int64_t>& shape(std::string_view name) const { return at(name).shape; }

  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  /// The value of a metadata key; throws Error naming the file when it is absent.
  const std::string& metadata(const std::string& key) const;

  /// Whether the file carried a checksum, and it was right.
  bool has_checksum() const { return has_checksum_; }
  /// Throws Error naming the file and the tensor where a floating value of the file is NaN or infinite.
  void require_finite() const;

  /// For readers. Throws Error when the name is taken or the bytes do not fit the shape.
  void add(std::string name, StoredTensor tensor);
  void set_metadata(std::string key, std::string value) { metadata_[std::move(key)] = std::move(value); }
  void set_checked() { has_checksum_ = true; }
  void keep(std::shared_ptr<const void> owner) { owners_.push_back(std::move(owner)); }

 private:
  std::string path_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, StoredTensor> tensors_;
  std::map<std::string, std::string> metadata_;
  std::vector<std::shared_ptr<const void>> owners_;
  bool has_checksum_ = false;
};

}  // namespace iuf
