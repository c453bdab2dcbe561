#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nn/pth_formats.h"
#include "tensor/error.h"

// A tar archive of before PyTorch 0.1.8 (older ResNets of torchvision are such files) of three members, each a number
// of entries and the entries:
//   storages  the pickle (id, location, type), the int64 number of elements, the elements; then the pickle of all views
//   tensors   the pickle (id, storage, type), the number of axes, sizes, strides, offset
//   pickle    the object alone, which refers to tensors by id
namespace iuf {
namespace {

using Kind = Pickle::Kind;
using Value = Pickle::Value;

constexpr size_t kTarBlock = 512;

/// Whether the header's checksum fits: the sum of its bytes, its own field counted as spaces.
bool is_tar_header(Bytes block) {
  constexpr size_t kSumBegin = 148, kSumEnd = 156;
  unsigned long sum = 0;
  for (size_t i = 0; i < kTarBlock; ++i) {
    sum += i >= kSumBegin && i < kSumEnd ? ' ' : std::to_integer<unsigned long>(block[i]);
  }
  const std::string field(to_view(block.subspan(kSumBegin, kSumEnd - kSumBegin)));
  return block[0] != std::byte{0} && std::strtoul(field.c_str(), nullptr, 8) == sum;
}

std::map<std::string, Bytes> tar_members(const std::string& path, Bytes rest) {
  std::map<std::string, Bytes> members;
  while (rest.size() >= kTarBlock && is_tar_header(rest.first(kTarBlock))) {
    const Bytes header = take(rest, kTarBlock, path);
    const std::string name(to_view(header.first(100)));
    const std::string size_text(to_view(header.subspan(124, 12)));
    const uint64_t size = std::strtoull(size_text.c_str(), nullptr, 8);
    members[name.c_str()] = take(rest, size, path + ": tar member '" + printable(name.c_str()) + "'");
    take(rest, std::min<uint64_t>((kTarBlock - size % kTarBlock) % kTarBlock, rest.size()), path);
  }
  return members;
}

/// A number that a pickle holds as an integer or as text, as text.
std::string id_text(const Pickle& pickle, const Value& list, size_t index) {
  if (index >= list.items.size()) return {};
  const Value& value = pickle[list.items[index]];
  return value.kind == Kind::integer ? std::to_string(value.integer) : value.text.substr(0, 64);
}

int64_t take_count(const std::string& path, Bytes& rest) {
  const Pickle count = parse_pickle(rest, path);
  if (count.root().kind != Kind::integer) fail(path, ": a number of entries is missing: damaged");
  return count.root().integer;
}

/// The storages, their views and the tensors, by id.
struct TarContent {
  OutsideTensors outside;
  std::map<std::string, size_t> storage_index;  // into outside.storages
  std::map<std::string, Bytes> storages;
};

void read_storages(const std::string& path, Bytes rest, TarContent& content) {
  for (int64_t left = take_count(path, rest); left > 0; --left) {
    const Pickle entry = parse_pickle(rest, path);
    const std::string id = id_text(entry, entry.root(), 0), who = path + ": storage '" + printable(id) + "'";
    const auto dtype = entry.root().items.size() > 2 ? storage_dtype(entry[entry.root().items[2]]) : std::nullopt;
    if (!dtype) fail(who, ": has no known type");
    const std::array<int64_t, 1> count{take_number<int64_t>(rest, who)};
    content.storages[id] = take(rest, byte_count(who, *dtype, count), who);
    content.storage_index[id] = content.outside.storages.size();
    content.outside.storages.push_back({*dtype, id, count[0], 0});
  }
  const Pickle views = parse_pickle(rest, path);  // of (id, id of the storage, offset, elements)
  for (const Pickle::Ref ref : views.root().items) {
    const Value& view = views[ref];
    const auto root = content.storage_index.find(id_text(views, view, 1));
    if (root == content.storage_index.end()) fail(path, ": a view of no storage: damaged");
    if (view.items.size() < 4) fail(path, ": a view without offset and length: damaged");
    Pickle::Storage storage = content.outside.storages[root->second];
    storage.view = views[view.items[2]].integer;
    content.storage_index[id_text(views, view, 0)] = content.outside.storages.size();
    content.outside.storages.push_back(std::move(storage));
  }
}

void read_tensors(const std::string& path, Bytes rest, TarContent& content) {
  for (int64_t left = take_count(path, rest); left > 0; --left) {
    const Pickle entry = parse_pickle(rest, path);
    const std::string id = id_text(entry, entry.root(), 0), who = path + ": tensor '" + printable(id) + "'";
    const auto storage = content.storage_index.find(id_text(entry, entry.root(), 1));
    if (storage == content.storage_index.end()) fail(who, ": has no storage: damaged");
    const auto axes = take_number<uint32_t>(rest, who);
    take(rest, 4, who);  // the number of axes was written as 8 bytes once
    if (axes > 64) fail(who, ": has ", axes, " axes: damaged");
    Pickle::Tensor tensor{storage->second, 0, std::vector<int64_t>(axes), std::vector<int64_t>(axes)};
    for (auto* list : {&tensor.shape, &tensor.strides}) {
      for (int64_t& value : *list) value = take_number<int64_t>(rest, who);
    }
    tensor.offset = take_number<int64_t>(rest, who);
    content.outside.tensors[id] = std::move(tensor);
  }
}

}  // namespace

bool looks_like_tar(Bytes bytes) {
  return bytes.size() >= kTarBlock && is_tar_header(bytes.first(kTarBlock));
}

WeightsFile load_tar(const PthSource& source) {
  auto members = tar_members(source.path, source.bytes);
  for (const char* name : {"storages", "tensors", "pickle"}) {
    if (!members.contains(name)) {
      fail(source.path, ": is a tar archive without '", name, "': not written by torch.save");
    }
  }
  TarContent content;
  read_storages(source.path, members["storages"], content);
  read_tensors(source.path, members["tensors"], content);
  Bytes rest = members["pickle"];
  const Pickle pickle = parse_pickle(rest, source.path, content.outside);
  return make_weights(source, "PyTorch tar", pickle,
                      [&](const Pickle::Storage& storage) { return content.storages[storage.key]; });
}

}  // namespace iuf
