#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "nn/tensor_file.h"

namespace iuf {

/// Reads what torch.save wrote: the zip format, the pickle format of PyTorch 0.1.8 to 1.5, and the tar format before
/// it. Nothing in the file is executed; a pickle that names anything but what tensors need is refused by that name.
///
/// The tensors are those of the state dict: the file's dict itself, the one under "state_dict", "model" and the like,
/// or else the dict that holds the most. Wrappers are taken off the names: "module.", "reconstruction." (IUF, UniAD),
/// and "net." where all share it. Behind them come the tensors that IUF's checkpoints keep under kTokenMeans. Numbers
/// and short texts beside the state dict (epoch, arch) become metadata. Strides, shared storages and offsets are
/// resolved: every tensor is contiguous, and aliases the mapped file if it can.
TensorFile read_pth(const std::filesystem::path& path);
/// Of each linear2 layer the token means of its outputs (images x channels): IUF's memory of old objects (Eq. 10).
constexpr const char* kTokenMeans = "feature_metrix";  // the published key

/// Weights in any known format, told apart by their first bytes. Throws Error saying what the file is instead.
TensorFile read_weights(const std::filesystem::path& path);
/// The same from memory. `name` stands for the file in messages; `owner` keeps the bytes alive.
TensorFile parse_weights(std::span<const std::byte> file, const std::string& name,
                         std::shared_ptr<const void> owner = nullptr);

struct ConvertReport {
  std::string format;                // of the input: "safetensors", "PyTorch zip", "PyTorch pickle" or "PyTorch tar"
  size_t tensors = 0;                // written
  uint64_t bytes = 0;                // of tensor data written
  size_t widened = 0;                // half precision and bfloat16 tensors written as float32
  std::vector<std::string> skipped;  // entries of the state dict that are no tensors
};

/// Writes the weights of `in` as safetensors, sorted by name, with float16 and bfloat16 widened to float32.
ConvertReport convert_weights(const std::filesystem::path& in, const std::filesystem::path& out);

}  // namespace iuf
