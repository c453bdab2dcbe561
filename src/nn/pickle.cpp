#include "nn/pickle.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "nn/bytes.h"
#include "tensor/error.h"

namespace iuf {
namespace {

using Kind = Pickle::Kind;
using Ref = Pickle::Ref;
using Value = Pickle::Value;

constexpr size_t kMostValues = 4'000'000;  // bounds the memory that a hostile file can take
constexpr size_t kMostAxes = 64;
constexpr size_t kLongestKey = 64;
constexpr size_t kLongestEncoded = 64;  // a NumPy scalar; longer byte strings carry nothing that is needed

/// What a call of a known name yields.
enum class Yields { storage, tensor, parameter, typed_tensor, dict, sequence, bytes, numpy_scalar, numpy_dtype, other };

struct Known {
  std::string_view name;
  Yields yields;
  DType dtype = DType::f32;  // of a storage
};

/// Every name that a pickle may mention.
constexpr Known kKnown[] = {
    {"torch._utils._rebuild_tensor", Yields::tensor},
    {"torch._utils._rebuild_tensor_v2", Yields::tensor},
    {"torch._utils._rebuild_parameter", Yields::parameter},
    {"torch._utils._rebuild_parameter_with_state", Yields::parameter},
    {"torch.nn.parameter.Parameter", Yields::parameter},
    {"torch._tensor._rebuild_from_type_v2", Yields::typed_tensor},
    {"torch.DoubleStorage", Yields::storage, DType::f64},
    {"torch.FloatStorage", Yields::storage, DType::f32},
    {"torch.HalfStorage", Yields::storage, DType::f16},
    {"torch.BFloat16Storage", Yields::storage, DType::bf16},
    {"torch.LongStorage", Yields::storage, DType::i64},
    {"torch.IntStorage", Yields::storage, DType::i32},
    {"torch.ShortStorage", Yields::storage, DType::i16},
    {"torch.CharStorage", Yields::storage, DType::i8},
    {"torch.ByteStorage", Yields::storage, DType::u8},
    {"torch.BoolStorage", Yields::storage, DType::boolean},
    {"torch.storage.UntypedStorage", Yields::storage, DType::u8},
    {"torch.DoubleTensor", Yields::other},
    {"torch.FloatTensor", Yields::other},
    {"torch.HalfTensor", Yields::other},
    {"torch.LongTensor", Yields::other},
    {"torch.IntTensor", Yields::other},
    {"torch.ShortTensor", Yields::other},
    {"torch.CharTensor", Yields::other},
    {"torch.ByteTensor", Yields::other},
    {"torch.Size", Yields::sequence},
    {"torch.Tensor", Yields::other},
    {"torch.device", Yields::other},
    {"torch.float64", Yields::other},
    {"torch.float32", Yields::other},
    {"torch.float16", Yields::other},
    {"torch.bfloat16", Yields::other},
    {"torch.int64", Yields::other},
    {"torch.int32", Yields::other},
    {"torch.int16", Yields::other},
    {"torch.int8", Yields::other},
    {"torch.uint8", Yields::other},
    {"torch.bool", Yields::other},
    {"collections.OrderedDict", Yields::dict},
    {"collections.defaultdict", Yields::dict},
    {"collections.Counter", Yields::dict},
    {"easydict.EasyDict", Yields::dict},  // a configuration beside the tensors
    {"builtins.dict", Yields::dict},
    {"__builtin__.dict", Yields::dict},
    {"builtins.list", Yields::sequence},
    {"__builtin__.list", Yields::sequence},
    {"builtins.set", Yields::sequence},
    {"__builtin__.set", Yields::sequence},
    {"_codecs.encode", Yields::bytes},
    {"builtins.bytes", Yields::other},
    {"__builtin__.bytes", Yields::other},
    {"builtins.bytearray", Yields::other},
    {"__builtin__.bytearray", Yields::other},
    {"numpy.dtype", Yields::numpy_dtype},
    {"numpy.core.multiarray.scalar", Yields::numpy_scalar},
    {"numpy._core.multiarray.scalar", Yields::numpy_scalar},
    {"numpy.core.multiarray._reconstruct", Yields::other},
    {"numpy._core.multiarray._reconstruct", Yields::other},
    {"numpy.ndarray", Yields::other},
};

/// A little-endian two's complement integer of at most 8 bytes.
int64_t little_endian(Bytes bytes) {
  uint64_t bits = 0;
  for (size_t i = 0; i < bytes.size(); ++i) bits |= std::to_integer<uint64_t>(bytes[i]) << (8 * i);
  const size_t unused = 64 - 8 * bytes.size();
  return bytes.empty() ? 0 : static_cast<int64_t>(bits << unused) >> unused;
}

/// The bytes that text in UTF-8 encodes when every character is below 256, as `text.encode("latin1")` gives them.
std::optional<std::string> latin1(std::string_view text) {
  std::string bytes;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      bytes += text[i];
    } else if ((lead == 0xc2 || lead == 0xc3) && i + 1 < text.size()) {
      bytes += static_cast<char>(((lead & 0x03) << 6) | (static_cast<unsigned char>(text[++i]) & 0x3f));
    } else {
      return std::nullopt;
    }
  }
  return bytes;
}

/// The stack machine. Values are only ever referred to, never copied or walked, so that its work and memory are linear
/// in the length of the pickle.
class Machine {
 public:
  Machine(Bytes bytes, const std::string& who, const OutsideTensors& outside)
      : all_(bytes), rest_(bytes), who_(who), outside_(outside) {
    result_.storages = outside.storages;
    make({.kind = Kind::none});
    make({.kind = Kind::boolean, .integer = 0});
    make({.kind = Kind::boolean, .integer = 1});
  }

  Pickle run(Bytes& rest) {
    if (rest_.empty() || rest_[0] != std::byte{0x80}) stop("no pickle of protocol 2 or later begins here");
    while (step()) {
    }
    result_.root_ref = pop();
    rest = rest_;
    return std::move(result_);
  }

 private:
  static constexpr Ref kNone = 0, kFalse = 1, kTrue = 2;

  template <class... Parts>
  [[noreturn]] void stop(const Parts&... parts) const {
    fail(who_, ": pickle byte ", at_, ": ", parts...);
  }

  Bytes take(uint64_t count) {
    if (count > rest_.size())
      stop("needs ", count, " bytes, ", rest_.size(), " are left: damaged, copy the file again");
    const Bytes taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  template <class T>
  T number() {
    return load_number<T>(take(sizeof(T)));
  }
  std::string line() {
    const auto end = std::find(rest_.begin(), rest_.end(), std::byte{'\n'});
    if (end == rest_.end()) stop("a name without end: damaged");
    std::string text(to_view(take(static_cast<size_t>(end - rest_.begin()))));
    take(1);
    return text;
  }

  void charge(size_t values) {
    charged_ += values;
    if (charged_ > kMostValues) stop("describes more than ", kMostValues, " values: refused");
  }
  Ref make(Value value) {
    charge(1);
    result_.values.push_back(std::move(value));
    return static_cast<Ref>(result_.values.size() - 1);
  }
  Value& value(Ref ref) { return result_.values[ref]; }

  void push(Ref ref) { stack_.push_back(ref); }
  void push(Value made) { push(make(std::move(made))); }
  Ref top() const {
    if (stack_.size() <= floor()) stop("the stack is empty: damaged");
    return stack_.back();
  }
  Ref pop() {
    const Ref ref = top();
    stack_.pop_back();
    return ref;
  }
  size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  /// All that was pushed after the last mark.
  std::vector<Ref> pop_mark() {
    if (marks_.empty()) stop("no mark is set: damaged");
    std::vector<Ref> items(stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back()), stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    return items;
  }
  void push_tuple(size_t size) {
    std::vector<Ref> items(size);
    for (size_t i = size; i-- > 0;) items[i] = pop();
    push({.kind = Kind::sequence, .items = std::move(items)});
  }
  void append(Kind kind, const std::vector<Ref>& items) {
    Value& target = value(top());
    if (target.kind == Kind::other) return;  // the content of an object that is not needed
    if (target.kind != kind || (kind == Kind::dict && items.size() % 2 != 0)) stop("adds items to a wrong value");
    target.items.insert(target.items.end(), items.begin(), items.end());
  }
  void remember(uint32_t index) {
    charge(memo_.contains(index) ? 0 : 1);
    memo_[index] = top();
  }
  void recall(uint32_t index) {
    const auto found = memo_.find(index);
    if (found == memo_.end()) stop("recalls value ", index, " that was never stored: damaged");
    push(found->second);
  }

  void push_name(const std::string& module, const std::string& name) {
    const std::string full = module + "." + name;
    const auto is_it = [&](const Known& known) { return known.name == full; };
    const auto found = std::find_if(std::begin(kKnown), std::end(kKnown), is_it);
    if (found == std::end(kKnown)) {
      stop("names the callable '", printable(full),
           "', which is not needed to read tensors: refused (a file of the state_dict alone needs no such name)");
    }
    push({.kind = Kind::name, .integer = found - std::begin(kKnown)});
  }
  const Known& known(Ref ref) {
    if (value(ref).kind != Kind::name) stop("calls something that is no known callable: refused");
    return kKnown[value(ref).integer];
  }

  const Value& argument(const Value& arguments, size_t index, Kind kind, const char* what) {
    if (index >= arguments.items.size() || value(arguments.items[index]).kind != kind) stop("expects ", what);
    return value(arguments.items[index]);
  }
  std::vector<int64_t> integers(const Value& list) {
    if (list.items.size() > kMostAxes) stop("a tensor of more than ", kMostAxes, " axes: refused");
    charge(list.items.size());
    std::vector<int64_t> numbers;
    for (const Ref item : list.items) {
      if (value(item).kind != Kind::integer) stop("expects a list of integers");
      numbers.push_back(value(item).integer);
    }
    return numbers;
  }

  Value tensor_value(Pickle::Tensor tensor) {
    result_.tensors.push_back(std::move(tensor));
    return {.kind = Kind::tensor, .integer = static_cast<int64_t>(result_.tensors.size() - 1)};
  }

  /// ("storage", type, key, location, count[, view of older files: none or (key, offset, count)]), or a tensor's
  /// number.
  void push_outside(const Value& id) {
    if (id.kind == Kind::text || id.kind == Kind::integer) {
      const auto found = outside_.tensors.find(id.kind == Kind::text ? id.text : std::to_string(id.integer));
      if (found == outside_.tensors.end())
        stop("refers to tensor '", printable(id.text), "', which is not in the file");
      return push(tensor_value(found->second));
    }
    if (id.kind != Kind::sequence || argument(id, 0, Kind::text, "the id of a storage").text != "storage") {
      stop("refers to something outside the pickle that is no storage: refused");
    }
    const auto dtype = storage_dtype(argument(id, 1, Kind::name, "the type of a storage"));
    if (!dtype) stop("the type of a storage is none");
    Pickle::Storage storage{.dtype = *dtype};
    storage.key = argument(id, 2, Kind::text, "the key of a storage").text;
    if (storage.key.size() > kLongestKey) stop("the key of a storage is too long");
    storage.count = argument(id, 4, Kind::integer, "the size of a storage").integer;
    if (id.items.size() > 5 && value(id.items[5]).kind == Kind::sequence) {
      storage.view = argument(value(id.items[5]), 1, Kind::integer, "the offset of a view").integer;
    }
    result_.storages.push_back(std::move(storage));
    push({.kind = Kind::storage, .integer = static_cast<int64_t>(result_.storages.size() - 1)});
  }

  /// (storage, offset, shape, strides, ...)
  Value rebuild_tensor(const Value& arguments) {
    Pickle::Tensor tensor;
    tensor.storage = static_cast<size_t>(argument(arguments, 0, Kind::storage, "a tensor's storage").integer);
    tensor.offset = argument(arguments, 1, Kind::integer, "a tensor's offset").integer;
    tensor.shape = integers(argument(arguments, 2, Kind::sequence, "a tensor's shape"));
    tensor.strides = integers(argument(arguments, 3, Kind::sequence, "a tensor's strides"));
    return tensor_value(std::move(tensor));
  }

  /// A dict from nothing, or from the pairs that old versions of Python write.
  Value make_dict(const Value& arguments) {
    Value dict{.kind = Kind::dict};
    if (arguments.items.empty() || value(arguments.items[0]).kind != Kind::sequence) return dict;
    const Value& pairs = value(arguments.items[0]);
    charge(pairs.items.size());
    for (const Ref pair : pairs.items) {
      if (value(pair).kind != Kind::sequence || value(pair).items.size() != 2) stop("expects pairs for a dict");
      dict.items.insert(dict.items.end(), value(pair).items.begin(), value(pair).items.end());
    }
    return dict;
  }

  /// A scalar of NumPy from its dtype's code and its bytes; one that is not understood is kept as `other`.
  Value numpy_scalar(const Value& arguments) {
    const std::string& code = argument(arguments, 0, Kind::other, "a NumPy dtype").text;
    if (arguments.items.size() < 2 || value(arguments.items[1]).kind != Kind::bytes) return {.kind = Kind::other};
    const Bytes bytes = std::as_bytes(std::span(value(arguments.items[1]).text));
    if (code == "f8" && bytes.size() == 8) return {.kind = Kind::number, .number = load_number<double>(bytes)};
    if (code == "f4" && bytes.size() == 4) return {.kind = Kind::number, .number = double{load_number<float>(bytes)}};
    if (code == "b1" && bytes.size() == 1) return {.kind = Kind::boolean, .integer = bytes[0] != std::byte{0}};
    if (code.size() == 2 && code[0] == 'i' && bytes.size() == static_cast<size_t>(code[1] - '0') && bytes.size() <= 8) {
      return {.kind = Kind::integer, .integer = little_endian(bytes)};
    }
    return {.kind = Kind::other};
  }

  /// The value of a call; `callable` and `arguments` stay on the stack of no one else, so aliasing one is safe.
  void call(Ref callable, Ref arguments_ref) {
    const Known& function = known(callable);
    const Value& arguments = value(arguments_ref);
    if (arguments.kind != Kind::sequence) stop("calls '", function.name, "' without a tuple of arguments");
    switch (function.yields) {
      case Yields::storage:
        stop("creates a storage directly: refused");
      case Yields::tensor:
        return push(rebuild_tensor(arguments));
      case Yields::parameter:
        if (arguments.items.empty()) return push({.kind = Kind::other});  // very old: the tensor comes with BUILD
        argument(arguments, 0, Kind::tensor, "a parameter's tensor");
        return push(arguments.items[0]);
      case Yields::typed_tensor: {  // (function, type, its arguments, attributes)
        const auto inner = static_cast<size_t>(argument(arguments, 0, Kind::name, "a tensor's function").integer);
        if (kKnown[inner].yields == Yields::typed_tensor) stop("nests calls of '", function.name, "': refused");
        argument(arguments, 2, Kind::sequence, "a tensor's arguments");
        return call(arguments.items[0], arguments.items[2]);
      }
      case Yields::dict:
        return push(make_dict(arguments));
      case Yields::sequence:
        if (arguments.items.empty()) return push({.kind = Kind::sequence});
        argument(arguments, 0, Kind::sequence, "a list");
        return push(arguments.items[0]);
      case Yields::bytes: {
        const std::string& text = argument(arguments, 0, Kind::text, "text to encode").text;
        const auto bytes = text.size() <= kLongestEncoded ? latin1(text) : std::nullopt;
        return bytes ? push({.kind = Kind::bytes, .text = *bytes}) : push({.kind = Kind::other});
      }
      case Yields::numpy_dtype: {
        const std::string& code = argument(arguments, 0, Kind::text, "a NumPy dtype's code").text;
        return push({.kind = Kind::other, .text = code.substr(0, 3)});
      }
      case Yields::numpy_scalar:
        return push(numpy_scalar(arguments));
      case Yields::other:
        return push({.kind = Kind::other});
    }
  }

  /// Attributes set on an object carry no tensor data, but a NumPy dtype says so when it is big-endian, and a parameter
  /// of the oldest files gets its tensor here.
  void build() {
    const Value& state = value(pop());
    Value& target = value(top());
    if (target.kind != Kind::other || state.kind != Kind::sequence || state.items.empty()) return;
    if (const Value& first = value(state.items[0]); first.kind == Kind::tensor) {
      target = {.kind = Kind::tensor, .integer = first.integer};
    } else if (state.items.size() > 1 && value(state.items[1]).text == ">") {
      target.text.clear();
    }
  }

  /// Executes one opcode; false at the end of the pickle.
  // Long: a table of the opcodes, a case each, in the order and under the names of Python's pickletools.py.
  bool step() {
    at_ = all_.size() - rest_.size();
    const auto opcode = std::to_integer<unsigned char>(take(1)[0]);
    switch (opcode) {
      case 0x80: {  // PROTO
        const auto protocol = number<uint8_t>();
        if (protocol < 2 || protocol > 5) stop("pickle protocol ", int{protocol}, " is not supported: 2 to 5 are");
        break;
      }
      case 0x95:  // FRAME: a hint for buffering
        take(8);
        break;
      case '.':  // STOP
        return false;
      case '(':  // MARK
        marks_.push_back(stack_.size());
        break;
      case '0':  // POP
        pop();
        break;
      case '1':  // POP_MARK
        pop_mark();
        break;
      case '2':  // DUP
        push(top());
        break;
      case 'N':  // NONE
        push(kNone);
        break;
      case 0x88:  // NEWTRUE
        push(kTrue);
        break;
      case 0x89:  // NEWFALSE
        push(kFalse);
        break;
      case 'J':  // BININT
        push({.kind = Kind::integer, .integer = number<int32_t>()});
        break;
      case 'K':  // BININT1
        push({.kind = Kind::integer, .integer = number<uint8_t>()});
        break;
      case 'M':  // BININT2
        push({.kind = Kind::integer, .integer = number<uint16_t>()});
        break;
      case 0x8a:  // LONG1
        push_long(number<uint8_t>());
        break;
      case 0x8b:  // LONG4
        push_long(number<uint32_t>());
        break;
      case 'G': {  // BINFLOAT, big-endian
        uint64_t bits = 0;
        for (const std::byte byte : take(8)) bits = bits << 8 | std::to_integer<uint64_t>(byte);
        push({.kind = Kind::number, .number = std::bit_cast<double>(bits)});
        break;
      }
      case 'X':  // BINUNICODE
      case 'T':  // BINSTRING, by Python 2
        push_text(Kind::text, number<uint32_t>());
        break;
      case 0x8c:  // SHORT_BINUNICODE
      case 'U':   // SHORT_BINSTRING, by Python 2
        push_text(Kind::text, number<uint8_t>());
        break;
      case 0x8d:  // BINUNICODE8
        push_text(Kind::text, number<uint64_t>());
        break;
      case 'B':  // BINBYTES
        push_text(Kind::bytes, number<uint32_t>());
        break;
      case 'C':  // SHORT_BINBYTES
        push_text(Kind::bytes, number<uint8_t>());
        break;
      case 0x8e:  // BINBYTES8
      case 0x96:  // BYTEARRAY8
        push_text(Kind::bytes, number<uint64_t>());
        break;
      case ')':   // EMPTY_TUPLE
      case ']':   // EMPTY_LIST
      case 0x8f:  // EMPTY_SET
        push({.kind = Kind::sequence});
        break;
      case '}':  // EMPTY_DICT
        push({.kind = Kind::dict});
        break;
      case 't':   // TUPLE
      case 'l':   // LIST
      case 0x91:  // FROZENSET
        push({.kind = Kind::sequence, .items = pop_mark()});
        break;
      case 0x85:  // TUPLE1
        push_tuple(1);
        break;
      case 0x86:  // TUPLE2
        push_tuple(2);
        break;
      case 0x87:  // TUPLE3
        push_tuple(3);
        break;
      case 'a': {  // APPEND
        const Ref item = pop();
        append(Kind::sequence, {item});
        break;
      }
      case 'e':   // APPENDS
      case 0x90:  // ADDITEMS
        append(Kind::sequence, pop_mark());
        break;
      case 's': {  // SETITEM
        const Ref item = pop(), key = pop();
        append(Kind::dict, {key, item});
        break;
      }
      case 'u':  // SETITEMS
        append(Kind::dict, pop_mark());
        break;
      case 'h':  // BINGET
        recall(number<uint8_t>());
        break;
      case 'j':  // LONG_BINGET
        recall(number<uint32_t>());
        break;
      case 'q':  // BINPUT
        remember(number<uint8_t>());
        break;
      case 'r':  // LONG_BINPUT
        remember(number<uint32_t>());
        break;
      case 0x94:  // MEMOIZE
        remember(static_cast<uint32_t>(memo_.size()));
        break;
      case 'c': {  // GLOBAL
        const std::string module = line();
        push_name(module, line());
        break;
      }
      case 0x93: {  // STACK_GLOBAL
        const Value &name = value(pop()), &module = value(pop());
        if (name.kind != Kind::text || module.kind != Kind::text) stop("a name that is no text: damaged");
        push_name(module.text, name.text);
        break;
      }
      case 'R':     // REDUCE
      case 0x81: {  // NEWOBJ
        const Ref arguments = pop(), callable = pop();
        call(callable, arguments);
        break;
      }
      case 'b':  // BUILD
        build();
        break;
      case 'Q':  // BINPERSID
        push_outside(value(pop()));
        break;
      default:
        stop("opcode ", int{opcode}, " is not needed to read tensors: refused");
    }
    return true;
  }

  void push_text(Kind kind, uint64_t size) { push({.kind = kind, .text = std::string(to_view(take(size)))}); }
  void push_long(uint64_t size) {
    const Bytes bytes = take(size);
    if (bytes.size() > 8) return push({.kind = Kind::bytes, .text = std::string(to_view(bytes))});
    push({.kind = Kind::integer, .integer = little_endian(bytes)});
  }

  Bytes all_, rest_;
  const std::string& who_;
  const OutsideTensors& outside_;
  size_t at_ = 0;  // where the current opcode lies
  size_t charged_ = 0;
  std::vector<Ref> stack_;
  std::vector<size_t> marks_;
  std::unordered_map<uint32_t, Ref> memo_;
  Pickle result_;
};

}  // namespace

const Pickle::Value* Pickle::find(const Value& dict, std::string_view key) const {
  for (size_t i = 0; dict.kind == Kind::dict && i + 1 < dict.items.size(); i += 2) {
    const Value& candidate = values[dict.items[i]];
    if (candidate.kind == Kind::text && candidate.text == key) return &values[dict.items[i + 1]];
  }
  return nullptr;
}

std::optional<DType> storage_dtype(const Pickle::Value& name) {
  if (name.kind != Kind::name || kKnown[name.integer].yields != Yields::storage) return std::nullopt;
  return kKnown[name.integer].dtype;
}

Pickle parse_pickle(std::span<const std::byte>& rest, const std::string& who, const OutsideTensors& outside) {
  return Machine(rest, who, outside).run(rest);
}

}  // namespace iuf
