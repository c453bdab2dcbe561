#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "nn/pth_formats.h"
#include "nn/zip.h"
#include "tensor/error.h"

namespace iuf {

// A zip archive: NAME/data.pkl, and the bytes of each storage as NAME/data/KEY.
WeightsFile load_zip(const PthSource& source) {
  const std::string& path = source.path;
  const ZipFile zip(source.bytes, path);
  constexpr std::string_view kPickle = "data.pkl";
  std::optional<std::string> folder;
  for (const std::string& name : zip.names()) {
    if (name != kPickle && !name.ends_with("/data.pkl")) continue;
    if (folder) fail(path, ": holds more than one data.pkl: damaged");
    folder = name.substr(0, name.size() - kPickle.size());
  }
  if (!folder) fail(path, ": is a zip archive without data.pkl: not written by torch.save");
  if (zip.contains(*folder + "constants.pkl")) {
    fail(path, ": is a TorchScript program: save the model's state_dict() with torch.save");
  }
  if (const std::string order = *folder + "byteorder"; zip.contains(order)) {
    if (to_view(zip.read(order)) == "big") fail_big_endian(path);
  }
  Bytes rest = zip.read(*folder + std::string(kPickle));
  const Pickle pickle = parse_pickle(rest, path);
  std::unordered_map<std::string, Bytes> checked;  // a storage's checksum is verified once
  return make_weights(source, "PyTorch zip", pickle, [&](const Pickle::Storage& storage) {
    const auto [at, added] = checked.try_emplace(storage.key);
    if (added) at->second = zip.read(*folder + "data/" + storage.key);
    return at->second;
  });
}

}  // namespace iuf
