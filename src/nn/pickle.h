#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nn/tensor_file.h"

namespace iuf {

/// What a PyTorch pickle describes, as plain data. A pickle is a program for a stack machine that may name and call any
/// Python function; here it is interpreted, nothing is executed, and only the names that tensors need are known.
struct Pickle {
  /// Values refer to each other by index: a hostile file can neither exhaust the call stack by depth nor multiply
  /// memory by sharing.
  using Ref = uint32_t;
  enum class Kind {
    none,
    boolean,   // integer is 0 or 1
    integer,   // integer
    number,    // number
    text,      // text, UTF-8 as it is in the file
    bytes,     // text; also an integer of more than 64 bits (little-endian)
    sequence,  // items: a tuple, list or set
    dict,      // items: key, value, key, value, ...
    tensor,    // integer: index into tensors
    storage,   // integer: index into storages
    name,      // integer: index into the interpreter's table of known names
    other      // an object that no tensor needs, such as a device; a NumPy dtype has its code in text
  };
  struct Value {
    Kind kind = Kind::none;
    int64_t integer = 0;
    double number = 0;
    std::string text = {};
    std::vector<Ref> items = {};
  };
  struct Storage {
    DType dtype = DType::f32;
    std::string key = {};  // names the bytes elsewhere in the file
    int64_t count = 0;     // elements
    int64_t view = 0;      // elements to skip: very old files store views of storages
  };
  struct Tensor {
    size_t storage = 0;
    int64_t offset = 0;  // elements
    std::vector<int64_t> shape, strides;
  };

  const Value& operator[](Ref ref) const { return values[ref]; }
  const Value& root() const { return values[root_ref]; }
  /// The value under a text key of a dict, or null.
  const Value* find(const Value& dict, std::string_view key) const;

  std::deque<Value> values;
  std::vector<Storage> storages;
  std::vector<Tensor> tensors;
  Ref root_ref = 0;
};

/// The dtype that a storage type's name stands for; nothing for any other value.
std::optional<DType> storage_dtype(const Pickle::Value& name);

/// Tensors that a pickle refers to by a number: PyTorch's tar format keeps them in files of their own.
struct OutsideTensors {
  std::vector<Pickle::Storage> storages;
  std::map<std::string, Pickle::Tensor> tensors;
};

/// Interprets one pickle of protocol 2 to 5 at the start of `rest` and moves `rest` behind it. Throws Error naming
/// `who` and the offset for anything malformed, and for any callable but the few that tensors need, by its name.
Pickle parse_pickle(std::span<const std::byte>& rest, const std::string& who, const OutsideTensors& outside = {});

}  // namespace iuf
