#pragma once

#include <functional>
#include <memory>
#include <string>

#include "nn/bytes.h"
#include "nn/pickle.h"
#include "nn/pth.h"

// The parts that read_weights() is made of: three containers of pickles and storages, and how these become tensors.
namespace iuf {

/// A PyTorch file in memory. `owner` keeps its bytes alive.
struct PthSource {
  std::string path;
  Bytes bytes;
  std::shared_ptr<const void> owner;
  WeightsOptions options;
};

/// The bytes of a storage. Throws Error when the file has none.
using StorageBytes = std::function<Bytes(const Pickle::Storage&)>;

/// Finds the state dict, and the dicts asked for beside it, and rebuilds their tensors (pth_tensors.cpp).
WeightsFile make_weights(const PthSource& source, std::string format, const Pickle& pickle,
                         const StorageBytes& storage_bytes);

/// The zip format of PyTorch 1.6 and later (pth_zip.cpp).
WeightsFile load_zip(const PthSource& source);
/// The pickle format of PyTorch 0.1.8 to 1.5 (pth_pickles.cpp).
WeightsFile load_pickles(const PthSource& source);
/// The tar format before it (pth_tar.cpp).
bool looks_like_tar(Bytes bytes);
WeightsFile load_tar(const PthSource& source);

/// For storages of a big-endian machine.
[[noreturn]] void fail_big_endian(const std::string& path);

}  // namespace iuf
