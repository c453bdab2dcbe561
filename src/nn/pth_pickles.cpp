#include <array>
#include <map>
#include <string>
#include <string_view>

#include "nn/pth_formats.h"
#include "tensor/error.h"

namespace iuf {
namespace {

using Kind = Pickle::Kind;
using Value = Pickle::Value;

constexpr std::string_view kMagic("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10);
constexpr int64_t kProtocolVersion = 1001;

}  // namespace

// Pickles one after the other: a magic number, the version, the machine, the object, the keys of its storages; then
// each storage as an int64 number of elements and the elements.
WeightsFile load_pickles(const PthSource& source) {
  const std::string& path = source.path;
  Bytes rest = source.bytes;
  const Pickle magic = parse_pickle(rest, path);
  if (magic.root().kind != Kind::bytes || magic.root().text != kMagic) {
    fail(path, ": is a Python pickle, but not one of torch.save");
  }
  const Pickle version = parse_pickle(rest, path);
  if (version.root().kind != Kind::integer || version.root().integer != kProtocolVersion) {
    fail(path, ": this version of PyTorch's pickle format is not known");
  }
  const Pickle machine = parse_pickle(rest, path);
  const Value* little_endian = machine.find(machine.root(), "little_endian");
  if (little_endian && little_endian->integer == 0) fail_big_endian(path);
  const Pickle pickle = parse_pickle(rest, path);
  const Pickle keys = parse_pickle(rest, path);

  std::map<std::string, DType> dtypes;
  for (const Pickle::Storage& storage : pickle.storages) dtypes.emplace(storage.key, storage.dtype);
  std::map<std::string, Bytes> storages;
  for (const Pickle::Ref ref : keys.root().items) {
    const std::string& key = keys[ref].text;
    const std::string who =
        path + ": storage '" + printable(key) + "' at byte " + std::to_string(source.bytes.size() - rest.size());
    const auto dtype = dtypes.find(key);
    if (dtype == dtypes.end()) fail(who, ": belongs to no tensor: damaged");
    const std::array<int64_t, 1> count{take_number<int64_t>(rest, who)};
    storages[key] = take(rest, byte_count(who, dtype->second, count), who);
  }
  return make_weights(source, "PyTorch pickle", pickle, [&](const Pickle::Storage& storage) {
    const auto found = storages.find(storage.key);
    if (found == storages.end()) {
      fail(path, ": storage '", printable(storage.key), "' is missing: damaged, copy the file again");
    }
    return found->second;
  });
}

}  // namespace iuf
