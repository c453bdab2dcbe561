#include "nn/pth.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "nn/file.h"
#include "nn/pickle.h"
#include "nn/safetensors.h"
#include "nn/zip.h"
#include "tensor/error.h"

namespace iuf {
namespace {

using Bytes = std::span<const std::byte>;
using Kind = Pickle::Kind;
using Value = Pickle::Value;
using StorageBytes = std::function<Bytes(const Pickle::Storage&)>;

constexpr size_t kSpareCopies = 64 << 20;  // what copies may take beyond a multiple of the file
constexpr std::string_view kMagic("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10);
constexpr int64_t kProtocolVersion = 1001;

/// A file opened, its tensors found.
struct Weights {
  TensorFile file;
  std::string format;
  std::vector<std::string> skipped;
};

std::string_view to_view(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Bytes take(Bytes& rest, uint64_t count, const std::string& who) {
  if (count > rest.size()) fail(who, ": needs ", count, " bytes, ", rest.size(), " are left: damaged or incomplete");
  const Bytes taken = rest.first(count);
  rest = rest.subspan(count);
  return taken;
}

template <class T>
T take_number(Bytes& rest, const std::string& who) {
  T value;
  std::memcpy(&value, take(rest, sizeof value, who).data(), sizeof value);
  return value;
}

// ---- From storages to tensors ------------------------------------------------------------------------------------

/// Makes the tensors of one file, and counts the memory that copies take, so that a few bytes cannot ask for terabytes.
class TensorMaker {
 public:
  TensorMaker(size_t file_size, TensorFile& file) : spare_(4 * file_size + kSpareCopies), file_(file) {}

  StoredTensor make(const std::string& who, const Pickle::Tensor& tensor, const Pickle::Storage& storage, Bytes bytes) {
    const size_t size = size_of(storage.dtype);
    if (storage.count < 0 || static_cast<size_t>(storage.count) > bytes.size() / size) {
      fail(who, ": its storage of ", storage.count, " elements has only ", bytes.size(), " bytes: damaged");
    }
    if (tensor.shape.size() != tensor.strides.size()) fail(who, ": as many strides as axes are needed: damaged");
    const size_t needed = byte_count(who, storage.dtype, tensor.shape);
    if (needed == 0) return {storage.dtype, tensor.shape, {}};
    const auto begin = static_cast<size_t>(first_element(who, tensor, storage)) * size;
    if (contiguous(tensor)) return {storage.dtype, tensor.shape, bytes.subspan(begin, needed)};
    if (needed > spare_) fail(who, ": its strides spread a storage to ", needed, " bytes: refused");
    spare_ -= needed;
    return {storage.dtype, tensor.shape, gather(tensor, bytes.subspan(begin), size, needed)};
  }

 private:
  /// Where the tensor begins in its storage, once its last element is known to lie inside.
  static int64_t first_element(const std::string& who, const Pickle::Tensor& tensor, const Pickle::Storage& storage) {
    int64_t first = 0, last = 0;
    bool overflow =
        tensor.offset < 0 || storage.view < 0 || __builtin_add_overflow(tensor.offset, storage.view, &first);
    last = first;
    for (size_t axis = 0; axis < tensor.shape.size(); ++axis) {
      int64_t reach = 0;
      overflow = overflow || tensor.strides[axis] < 0 ||
                 __builtin_mul_overflow(tensor.shape[axis] - 1, tensor.strides[axis], &reach) ||
                 __builtin_add_overflow(last, reach, &last);
    }
    if (overflow || last >= storage.count) {
      fail(who, ": lies outside its storage of ", storage.count, " elements: damaged");
    }
    return first;
  }

  static bool contiguous(const Pickle::Tensor& tensor) {
    int64_t expected = 1;
    for (size_t axis = tensor.shape.size(); axis-- > 0;) {
      if (tensor.shape[axis] != 1 && tensor.strides[axis] != expected) return false;
      expected *= tensor.shape[axis];
    }
    return true;
  }

  Bytes gather(const Pickle::Tensor& tensor, Bytes from, size_t size, size_t needed) {
    auto copy = std::make_shared<std::vector<std::byte>>(needed);
    std::vector<int64_t> index(tensor.shape.size());
    size_t at = 0;  // element of the storage
    for (size_t done = 0; done < needed; done += size) {
      std::memcpy(copy->data() + done, from.data() + at * size, size);
      for (size_t axis = index.size(); axis-- > 0;) {
        at += static_cast<size_t>(tensor.strides[axis]);
        if (++index[axis] < tensor.shape[axis]) break;
        at -= static_cast<size_t>(tensor.strides[axis] * tensor.shape[axis]);
        index[axis] = 0;
      }
    }
    file_.keep(copy);
    return *copy;
  }

  size_t spare_;
  TensorFile& file_;
};

// ---- Finding the state dict ----------------------------------------------------------------------------------------

size_t tensors_in(const Pickle& pickle, const Value& value) {
  size_t count = 0;
  for (size_t i = 0; value.kind == Kind::dict && i + 1 < value.items.size(); i += 2) {
    count += pickle[value.items[i]].kind == Kind::text && pickle[value.items[i + 1]].kind == Kind::tensor;
  }
  return count;
}

const Value& find_state_dict(const Pickle& pickle, const std::string& who) {
  const Value& root = pickle.root();
  for (const char* key : {"state_dict", "model_state_dict", "model", "net", "network", "params", "weights"}) {
    const Value* inner = pickle.find(root, key);
    if (inner && tensors_in(pickle, *inner) > 0) return *inner;
  }
  if (tensors_in(pickle, root) > 0) return root;
  std::vector<bool> seen(pickle.values.size());
  std::vector<Pickle::Ref> queue{pickle.root_ref};
  const Value* best = nullptr;
  size_t most = 0;
  for (size_t at = 0; at < queue.size(); ++at) {
    const Value& value = pickle[queue[at]];
    if (value.kind != Kind::dict && value.kind != Kind::sequence) continue;
    if (const size_t count = tensors_in(pickle, value); count > most) most = count, best = &value;
    for (const Pickle::Ref item : value.items) {
      if (!seen[item]) queue.push_back(item);
      seen[item] = true;
    }
  }
  if (!best) fail(who, ": holds no dict of tensors: save the model's state_dict()");
  return *best;
}

/// A number or short text as metadata text; nothing for anything else.
std::optional<std::string> scalar_text(const Value& value) {
  constexpr size_t kLongest = 4096;
  std::array<char, 64> buffer;
  switch (value.kind) {
    case Kind::boolean:
      return value.integer ? "true" : "false";
    case Kind::integer:
      return std::to_string(value.integer);
    case Kind::number:
      return std::string(buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), value.number).ptr);
    case Kind::text:
      return value.text.size() <= kLongest ? std::optional(value.text) : std::nullopt;
    default:
      return std::nullopt;
  }
}

/// Takes off what training code wraps around a model. The backbone's and neck's keys of IUF and UniAD stay.
void strip_wrappers(std::vector<std::string>& names) {
  const auto strip_shared = [&](std::string_view prefix, const auto& applies) {
    const auto has = [&](const std::string& name) { return !applies(name) || name.starts_with(prefix); };
    if (std::none_of(names.begin(), names.end(), applies) || !std::all_of(names.begin(), names.end(), has))
      return false;
    for (std::string& name : names) {
      if (applies(name)) name.erase(0, prefix.size());
    }
    return true;
  };
  while (strip_shared("module.", [](const std::string&) { return true; })) {
  }
  constexpr std::string_view kReconstruction = "reconstruction.";
  for (std::string& name : names) {
    if (name.starts_with(kReconstruction)) name.erase(0, kReconstruction.size());
  }
  strip_shared("net.",
               [](const std::string& name) { return !name.starts_with("backbone.") && !name.starts_with("neck."); });
}

Weights make_weights(const std::string& path, std::string format, size_t file_size, std::shared_ptr<const void> owner,
                     const Pickle& pickle, const StorageBytes& storage_bytes) {
  constexpr size_t kMostMetadata = 1000, kLongestKey = 256;
  Weights result{TensorFile(path), std::move(format), {}};
  result.file.keep(std::move(owner));
  const Value& state = find_state_dict(pickle, path);
  std::vector<std::string> names;
  std::vector<const Pickle::Tensor*> tensors;
  for (size_t i = 0; i + 1 < state.items.size(); i += 2) {
    const Value &key = pickle[state.items[i]], &value = pickle[state.items[i + 1]];
    if (value.kind == Kind::tensor && key.kind == Kind::text) {
      names.push_back(key.text);
      tensors.push_back(&pickle.tensors[static_cast<size_t>(value.integer)]);
    } else if (key.kind == Kind::text) {
      result.skipped.push_back(key.text);
    }
  }
  strip_wrappers(names);
  if (const Value* kept = pickle.find(pickle.root(), kTokenMeans); kept && kept->kind == Kind::dict && kept != &state) {
    std::vector<std::string> layers;
    for (size_t i = 0; i + 1 < kept->items.size(); i += 2) {
      const Value &key = pickle[kept->items[i]], &value = pickle[kept->items[i + 1]];
      if (value.kind != Kind::tensor || key.kind != Kind::text) continue;
      layers.push_back(key.text);
      tensors.push_back(&pickle.tensors[static_cast<size_t>(value.integer)]);
    }
    strip_wrappers(layers);
    for (const std::string& layer : layers) names.push_back(std::string(kTokenMeans) + "." + layer);
  }
  TensorMaker maker(file_size, result.file);
  for (size_t i = 0; i < names.size(); ++i) {
    const Pickle::Storage& storage = pickle.storages[tensors[i]->storage];
    const std::string who = path + ": tensor '" + printable(names[i]) + "'";
    result.file.add(std::move(names[i]), maker.make(who, *tensors[i], storage, storage_bytes(storage)));
  }
  const Value& root = pickle.root();
  for (size_t i = 0; root.kind == Kind::dict && i + 1 < root.items.size(); i += 2) {
    const Value& key = pickle[root.items[i]];
    const auto text = scalar_text(pickle[root.items[i + 1]]);
    if (!text || key.kind != Kind::text || key.text.size() > kLongestKey) continue;
    if (result.file.metadata().size() < kMostMetadata) result.file.set_metadata(key.text, *text);
  }
  return result;
}

// ---- The three formats of torch.save --------------------------------------------------------------------------------

void check_byte_order(const std::string& path, bool little_endian) {
  if (!little_endian) fail(path, ": was written on a big-endian machine: load and save it again on this one");
}

/// A zip archive: NAME/data.pkl, and the bytes of each storage as NAME/data/KEY.
Weights load_zip(const std::string& path, Bytes bytes, std::shared_ptr<const void> owner) {
  const ZipFile zip(bytes, path);
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
    check_byte_order(path, to_view(zip.read(order)) != "big");
  }
  Bytes rest = zip.read(*folder + std::string(kPickle));
  const Pickle pickle = parse_pickle(rest, path);
  std::unordered_map<std::string, Bytes> checked;  // a storage's checksum is verified once
  return make_weights(path, "PyTorch zip", bytes.size(), std::move(owner), pickle, [&](const Pickle::Storage& storage) {
    const auto [at, added] = checked.try_emplace(storage.key);
    if (added) at->second = zip.read(*folder + "data/" + storage.key);
    return at->second;
  });
}

/// Pickles one after the other: a magic number, the version, the machine, the object, the keys of its storages; then
/// each storage as an int64 number of elements and the elements.
Weights load_pickles(const std::string& path, Bytes bytes, std::shared_ptr<const void> owner) {
  Bytes rest = bytes;
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
  check_byte_order(path, !little_endian || little_endian->integer != 0);
  const Pickle pickle = parse_pickle(rest, path);
  const Pickle keys = parse_pickle(rest, path);

  std::map<std::string, DType> dtypes;
  for (const Pickle::Storage& storage : pickle.storages) dtypes.emplace(storage.key, storage.dtype);
  std::map<std::string, Bytes> storages;
  for (const Pickle::Ref ref : keys.root().items) {
    const std::string& key = keys[ref].text;
    const std::string who =
        path + ": storage '" + printable(key) + "' at byte " + std::to_string(bytes.size() - rest.size());
    const auto dtype = dtypes.find(key);
    if (dtype == dtypes.end()) fail(who, ": belongs to no tensor: damaged");
    const std::array<int64_t, 1> count{take_number<int64_t>(rest, who)};
    storages[key] = take(rest, byte_count(who, dtype->second, count), who);
  }
  return make_weights(path, "PyTorch pickle", bytes.size(), std::move(owner), pickle,
                      [&](const Pickle::Storage& storage) {
                        const auto found = storages.find(storage.key);
                        if (found == storages.end()) {
                          fail(path, ": storage '", printable(storage.key), "' is missing: damaged or incomplete");
                        }
                        return found->second;
                      });
}

constexpr size_t kTarBlock = 512;

/// The sum of a tar header's bytes, its own field counted as spaces.
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

/// A tar archive of before PyTorch 0.1.8 (older ResNets of torchvision are such files). "storages": their number, then
/// for each the pickle (id, location, type), the int64 number of elements and the elements; views of storages.
/// "tensors": their number, then for each the pickle (id, storage, type), the number of axes, sizes, strides and the
/// offset. "pickle": the object, which refers to tensors by id.
Weights load_tar(const std::string& path, Bytes bytes, std::shared_ptr<const void> owner) {
  auto members = tar_members(path, bytes);
  for (const char* name : {"storages", "tensors", "pickle"}) {
    if (!members.contains(name)) fail(path, ": is a tar archive without '", name, "': not written by torch.save");
  }
  const auto count_of = [&](Bytes& rest) {
    const Pickle count = parse_pickle(rest, path);
    if (count.root().kind != Kind::integer) fail(path, ": a number of entries is missing: damaged");
    return count.root().integer;
  };
  OutsideTensors outside;
  std::map<std::string, size_t> storage_index;
  std::map<std::string, Bytes> storages;

  Bytes rest = members["storages"];
  for (int64_t left = count_of(rest); left > 0; --left) {
    const Pickle entry = parse_pickle(rest, path);
    const std::string id = id_text(entry, entry.root(), 0), who = path + ": storage '" + printable(id) + "'";
    const auto dtype = entry.root().items.size() > 2 ? storage_dtype(entry[entry.root().items[2]]) : std::nullopt;
    if (!dtype) fail(who, ": has no known type");
    const std::array<int64_t, 1> count{take_number<int64_t>(rest, who)};
    storages[id] = take(rest, byte_count(who, *dtype, count), who);
    storage_index[id] = outside.storages.size();
    outside.storages.push_back({*dtype, id, count[0], 0});
  }
  const Pickle views = parse_pickle(rest, path);  // of (id, id of the storage, offset, elements)
  for (const Pickle::Ref ref : views.root().items) {
    const Value& view = views[ref];
    const auto root = storage_index.find(id_text(views, view, 1));
    if (root == storage_index.end() || view.items.size() < 4) fail(path, ": a view of no storage: damaged");
    Pickle::Storage storage = outside.storages[root->second];
    storage.view = views[view.items[2]].integer;
    storage_index[id_text(views, view, 0)] = outside.storages.size();
    outside.storages.push_back(std::move(storage));
  }

  rest = members["tensors"];
  for (int64_t left = count_of(rest); left > 0; --left) {
    const Pickle entry = parse_pickle(rest, path);
    const std::string id = id_text(entry, entry.root(), 0), who = path + ": tensor '" + printable(id) + "'";
    const auto storage = storage_index.find(id_text(entry, entry.root(), 1));
    if (storage == storage_index.end()) fail(who, ": has no storage: damaged");
    const auto axes = take_number<uint32_t>(rest, who);
    take(rest, 4, who);  // the number of axes was written as 8 bytes once
    if (axes > 64) fail(who, ": has ", axes, " axes: damaged");
    Pickle::Tensor tensor{storage->second, 0, std::vector<int64_t>(axes), std::vector<int64_t>(axes)};
    for (auto* list : {&tensor.shape, &tensor.strides}) {
      for (int64_t& value : *list) value = take_number<int64_t>(rest, who);
    }
    tensor.offset = take_number<int64_t>(rest, who);
    outside.tensors[id] = std::move(tensor);
  }

  rest = members["pickle"];
  const Pickle pickle = parse_pickle(rest, path, outside);
  return make_weights(path, "PyTorch tar", bytes.size(), std::move(owner), pickle,
                      [&](const Pickle::Storage& storage) { return storages[storage.key]; });
}

// ---- Telling formats apart
// -------------------------------------------------------------------------------------------

bool looks_like_safetensors(Bytes bytes) {
  uint64_t length = 0;
  if (bytes.size() < sizeof length + 2) return false;
  std::memcpy(&length, bytes.data(), sizeof length);
  return length <= bytes.size() - sizeof length && bytes[sizeof length] == std::byte{'{'};
}

[[noreturn]] void fail_unknown(const std::string& path, std::string_view text) {
  if (text.empty()) fail(path, ": is empty: download or copy it again");
  if (text.starts_with("version https://git-lfs")) fail(path, ": is a git-lfs pointer: run 'git lfs pull'");
  if (text.starts_with("\x1f\x8b")) fail(path, ": is compressed with gzip: unpack it first");
  if (text.starts_with("\x89HDF")) fail(path, ": is an HDF5 file (Keras): weights in safetensors or .pth are needed");
  const size_t first = text.find_first_not_of(" \t\r\n\xef\xbb\xbf");
  if (first < text.size() && text[first] == '<') {
    fail(path, ": is a web page, not weights: download the file that the page links to");
  }
  fail(path, ": is neither safetensors nor a PyTorch .pth file");
}

Weights load_safetensors(const std::string& path, Bytes bytes, const std::shared_ptr<const void>& owner) {
  const TensorFile stored = parse_safetensors(bytes, path, owner);
  std::vector<std::string> names = stored.names();
  strip_wrappers(names);
  Weights result{TensorFile(path), "safetensors", {}};
  result.file.keep(owner);
  for (size_t i = 0; i < names.size(); ++i) result.file.add(std::move(names[i]), stored.at(stored.names()[i]));
  for (const auto& [key, value] : stored.metadata()) result.file.set_metadata(key, value);
  return result;
}

Weights load_pth(const std::string& path, Bytes bytes, const std::shared_ptr<const void>& owner) {
  const std::string_view text = to_view(bytes);
  if (text.starts_with("PK\x03\x04") || text.starts_with("PK\x05\x06")) return load_zip(path, bytes, owner);
  if (text.starts_with("\x80")) return load_pickles(path, bytes, owner);
  if (bytes.size() >= kTarBlock && is_tar_header(bytes.first(kTarBlock))) return load_tar(path, bytes, owner);
  fail_unknown(path, text);
}

Weights load_weights(const std::string& path, Bytes bytes, const std::shared_ptr<const void>& owner) {
  return looks_like_safetensors(bytes) ? load_safetensors(path, bytes, owner) : load_pth(path, bytes, owner);
}

}  // namespace

TensorFile read_pth(const std::filesystem::path& path) {
  const auto file = std::make_shared<MappedFile>(path);
  return load_pth(path.string(), file->bytes(), file).file;
}

TensorFile read_weights(const std::filesystem::path& path) {
  const auto file = std::make_shared<MappedFile>(path);
  return load_weights(path.string(), file->bytes(), file).file;
}

TensorFile parse_weights(std::span<const std::byte> bytes, const std::string& name, std::shared_ptr<const void> owner) {
  return load_weights(name, bytes, owner).file;
}

ConvertReport convert_weights(const std::filesystem::path& in, const std::filesystem::path& out) {
  const auto file = std::make_shared<MappedFile>(in);
  Weights weights = load_weights(in.string(), file->bytes(), file);
  std::vector<std::string> names = weights.file.names();
  std::sort(names.begin(), names.end());
  ConvertReport report{.format = weights.format, .tensors = names.size(), .skipped = std::move(weights.skipped)};
  SafetensorsWriter writer;
  const uint64_t most = 4 * file->bytes().size() + kSpareCopies;
  for (const std::string& name : names) {
    const StoredTensor& tensor = weights.file.at(name);
    const bool widen = tensor.dtype == DType::f16 || tensor.dtype == DType::bf16;
    report.bytes += tensor.bytes.size() * (widen ? 2 : 1);
    report.widened += widen;
    if (report.bytes > most) fail(in.string(), ": its tensors repeat storages to more than ", most, " bytes: refused");
    if (widen) {
      writer.add(name, weights.file.tensor(name), DType::f32);
    } else {
      writer.add(name, tensor);
    }
  }
  for (const auto& [key, value] : weights.file.metadata()) writer.set_metadata(key, value);
  writer.write(out);
  return report;
}

}  // namespace iuf
