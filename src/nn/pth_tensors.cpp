#include <array>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nn/pth_formats.h"
#include "tensor/error.h"

namespace iuf {
namespace {

using Kind = Pickle::Kind;
using Value = Pickle::Value;

/// Makes the tensors of one file, and counts the memory that copies take, so that a few bytes cannot ask for terabytes.
class TensorMaker {
 public:
  explicit TensorMaker(size_t file_size) : spare_(most_copied(file_size)) {}

  /// Adds the tensor to `file`, which keeps a copy where one is needed.
  void add(TensorFile& file, std::string name, const std::string& who, const Pickle::Tensor& tensor,
           const Pickle::Storage& storage, Bytes bytes) {
    file.add(std::move(name), make(file, who, tensor, storage, bytes));
  }

 private:
  StoredTensor make(TensorFile& file, const std::string& who, const Pickle::Tensor& tensor,
                    const Pickle::Storage& storage, Bytes bytes) {
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
    return {storage.dtype, tensor.shape, gather(file, tensor, bytes.subspan(begin), size, needed)};
  }

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

  static Bytes gather(TensorFile& file, const Pickle::Tensor& tensor, Bytes from, size_t size, size_t needed) {
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
    file.keep(copy);
    return *copy;
  }

  size_t spare_;
};

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

void set_metadata(TensorFile& file, const Pickle& pickle) {
  constexpr size_t kMost = 1000, kLongestName = 256;
  const Value& root = pickle.root();
  for (size_t i = 0; root.kind == Kind::dict && i + 1 < root.items.size(); i += 2) {
    const Value& key = pickle[root.items[i]];
    const auto text = scalar_text(pickle[root.items[i + 1]]);
    if (!text || key.kind != Kind::text || key.text.size() > kLongestName) continue;
    if (file.metadata().size() < kMost) file.set_metadata(key.text, *text);
  }
}

}  // namespace

WeightsFile make_weights(const PthSource& source, std::string format, const Pickle& pickle,
                         const StorageBytes& storage_bytes) {
  WeightsFile result{.tensors = TensorFile(source.path),
                     .beside = {},
                     .format = std::move(format),
                     .size = source.bytes.size(),
                     .skipped = {}};
  TensorMaker maker(source.bytes.size());
  // Adds the tensors of a dict to `file`; `prefix` is where it stands, for messages.
  const auto add_all = [&](const Value& dict, const std::string& prefix, TensorFile& file) {
    file.keep(source.owner);
    for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
      const Value &key = pickle[dict.items[i]], &value = pickle[dict.items[i + 1]];
      if (key.kind != Kind::text || value.kind != Kind::tensor) continue;
      const Pickle::Tensor& tensor = pickle.tensors[static_cast<size_t>(value.integer)];
      const Pickle::Storage& storage = pickle.storages[tensor.storage];
      const std::string who = source.path + ": tensor '" + printable(prefix + key.text) + "'";
      maker.add(file, key.text, who, tensor, storage, storage_bytes(storage));
    }
  };
  const Value& state = find_state_dict(pickle, source.path);
  add_all(state, "", result.tensors);
  for (size_t i = 0; i + 1 < state.items.size(); i += 2) {
    const Value& key = pickle[state.items[i]];
    if (key.kind == Kind::text && pickle[state.items[i + 1]].kind != Kind::tensor) result.skipped.push_back(key.text);
  }
  set_metadata(result.tensors, pickle);
  for (const std::string& key : source.options.beside) {
    const Value* dict = pickle.find(pickle.root(), key);
    if (!dict || dict->kind != Kind::dict || dict == &state) continue;
    add_all(*dict, key + ".", result.beside.try_emplace(key, source.path).first->second);
  }
  return result;
}

}  // namespace iuf
