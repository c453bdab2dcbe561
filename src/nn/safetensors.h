#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "nn/tensor_file.h"

namespace iuf {

/// The safetensors format: a 64-bit little-endian length N, N bytes of JSON (padded with spaces to a multiple of 8)
/// that map each name to {dtype, shape, data_offsets: [begin, end)} and "__metadata__" to strings, then the data
/// without gaps.
///
/// A file may carry a checksum of itself, which other readers see as the metadata `iuf_checksum` and leave alone: 16
/// hexadecimal digits at the start of the header, of all bytes before and behind them. Where it is there it is checked
/// before anything else in the file is believed: no changed bit and no missing byte goes unnoticed.

/// Maps the file; tensors are converted when asked for. Throws Error for everything that the format does not allow.
TensorFile read_safetensors(const std::filesystem::path& path);
/// The same from memory. `name` stands for the file in messages; `owner` keeps the bytes alive.
TensorFile parse_safetensors(std::span<const std::byte> file, const std::string& name,
                             std::shared_ptr<const void> owner = nullptr);

/// Collects tensors and writes them at once. Equal calls give equal bytes: larger element types come first (so that
/// every tensor is aligned to its element), otherwise the order of the calls is kept.
class SafetensorsWriter {
 public:
  /// The tensor is aliased, not copied: do not change it before write(). It is stored as `real`, or as
  /// f16, f32 or f64, rounded.
  void add(std::string name, const Tensor& tensor, DType dtype = kRealDType);
  void add(std::string name, std::span<const int64_t> integers);                            // one axis
  void add(std::string name, std::vector<int64_t> shape, std::span<const uint8_t> values);  // copied; images, masks
  /// The bytes must stay valid until write().
  void add(std::string name, StoredTensor tensor);
  void set_metadata(std::string key, std::string value) { metadata_[std::move(key)] = std::move(value); }
  /// From now on the file carries a checksum (TensorFile::has_checksum), and a value that is not finite is an Error of
  /// write() and bytes() that names the tensor.
  void protect() { protected_ = true; }

  void write(const std::filesystem::path& path) const;  // through write_file: complete or not at all
  std::vector<std::byte> bytes() const;                 // what write() writes

 private:
  struct Entry {
    std::string name;
    StoredTensor tensor;
    std::shared_ptr<const void> owner;
  };
  void add_owned(std::string name, DType dtype, std::vector<int64_t> shape, std::vector<std::byte> bytes);
  std::string header(std::vector<std::span<const std::byte>>& data) const;

  std::vector<Entry> entries_;
  std::map<std::string, std::string> metadata_;
  bool protected_ = false;
};

}  // namespace iuf
