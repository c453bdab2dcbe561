#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "nn/tensor_file.h"

namespace iuf {

struct WeightsOptions {
  std::vector<std::string> beside = {};  // keys of further dicts of tensors that stand beside the state dict
};

struct WeightsFile {
  TensorFile tensors;                        // of the state dict, under its names
  std::map<std::string, TensorFile> beside;  // of those dicts in WeightsOptions that are there, by their key
  std::string format;                        // "safetensors", "PyTorch zip", "PyTorch pickle" or "PyTorch tar"
  uint64_t size = 0;                         // of the file in bytes
  std::vector<std::string> skipped;          // entries of the state dict that are no tensors
};

/// What the copies of a file's tensors may take in bytes, so that a few bytes cannot ask for terabytes.
constexpr uint64_t most_copied(uint64_t file_size) {
  return 4 * file_size + (uint64_t{64} << 20);
}

/// Reads safetensors, or what torch.save wrote: the zip format, the pickle format of PyTorch 0.1.8 to 1.5, and the tar
/// format before it. The format is told by the first bytes; Error says what the file is instead. Nothing in the file is
/// executed; a pickle that names anything but what tensors need is refused by that name.
///
/// The state dict of a PyTorch file is the file's dict itself, the one under "state_dict", "model" and the like, or
/// else the dict that holds the most tensors. Numbers and short texts beside it (epoch, arch) become its metadata.
/// Strides, shared storages and offsets are resolved: every tensor is contiguous, and aliases the mapped file if it
/// can.
WeightsFile read_weights(const std::filesystem::path& path, const WeightsOptions& options = {});
/// The same from memory. `name` stands for the file in messages; `owner` keeps the bytes alive.
WeightsFile parse_weights(std::span<const std::byte> file, const std::string& name,
                          std::shared_ptr<const void> owner = nullptr, const WeightsOptions& options = {});

}  // namespace iuf
