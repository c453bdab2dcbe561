#include "nn/tensor_file.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "nn/bytes.h"
#include "tensor/error.h"
#include "tensor/suggest.h"

static_assert(std::endian::native == std::endian::little, "stored tensors are little-endian");

namespace iuf {
namespace {

struct Half {
  uint16_t bits;
  explicit operator real() const { return half_to_float(bits); }
};
struct Bfloat16 {
  uint16_t bits;
  explicit operator real() const { return bfloat16_to_float(bits); }
};

template <class Stored, class To>
void convert(std::span<const std::byte> from, To* to) {
  const size_t count = from.size() / sizeof(Stored);
  for (size_t i = 0; i < count; ++i) to[i] = static_cast<To>(load_number<Stored>(from.subspan(i * sizeof(Stored))));
}

std::string nearest_names(std::string_view wanted, const std::vector<std::string>& names) {
  constexpr size_t kListed = 5, kCompared = 120;  // longer names are compared by their first bytes
  std::vector<std::pair<size_t, size_t>> order;
  for (size_t i = 0; i < names.size(); ++i) {
    order.emplace_back(edit_distance(wanted.substr(0, kCompared), std::string_view(names[i]).substr(0, kCompared)), i);
  }
  std::sort(order.begin(), order.end());
  std::string text;
  for (size_t i = 0; i < std::min(kListed, order.size()); ++i)
    text += (i ? ", " : "") + printable(names[order[i].second]);
  return text;
}

}  // namespace

size_t size_of(DType dtype) {
  switch (dtype) {
    case DType::f64:
    case DType::i64:
      return 8;
    case DType::f32:
    case DType::i32:
      return 4;
    case DType::f16:
    case DType::bf16:
    case DType::i16:
      return 2;
    case DType::i8:
    case DType::u8:
    case DType::boolean:
      return 1;
  }
  fail("size_of: no such dtype: ", static_cast<int>(dtype));
}

std::string_view name_of(DType dtype) {
  switch (dtype) {
    case DType::f64:
      return "F64";
    case DType::f32:
      return "F32";
    case DType::f16:
      return "F16";
    case DType::bf16:
      return "BF16";
    case DType::i64:
      return "I64";
    case DType::i32:
      return "I32";
    case DType::i16:
      return "I16";
    case DType::i8:
      return "I8";
    case DType::u8:
      return "U8";
    case DType::boolean:
      return "BOOL";
  }
  fail("name_of: no such dtype: ", static_cast<int>(dtype));
}

std::string printable(std::string_view text) {
  constexpr size_t kLongest = 120;
  std::string result(text.substr(0, kLongest));
  for (char& c : result) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = '?';
  }
  return text.size() > kLongest ? result + "..." : result;
}

float half_to_float(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000u) << 16;
  const uint32_t rest = static_cast<uint32_t>(bits & 0x7fffu) << 13;
  if (rest >= 0x0f800000u) return std::bit_cast<float>(sign | rest | 0x7f800000u);  // infinity, NaN with its payload
  if (rest < 0x00800000u) {  // zero or subnormal: a multiple of 2^-24
    const float magnitude = static_cast<float>(rest >> 13) * 0x1p-24f;
    return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(magnitude));
  }
  return std::bit_cast<float>(sign | (rest + (112u << 23)));  // the exponent's bias grows from 15 to 127
}

uint16_t float_to_half(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value), magnitude = bits & 0x7fffffffu;
  const auto sign = static_cast<uint16_t>(bits >> 16 & 0x8000u);
  const auto with_sign = [&](uint32_t half) { return static_cast<uint16_t>(sign | half); };
  if (magnitude > 0x7f800000u) return with_sign(0x7e00u);   // NaN
  if (magnitude >= 0x477ff000u) return with_sign(0x7c00u);  // rounds to 65536 or more
  if (magnitude < 0x38800000u)  // subnormal: the sum of floats rounds to a multiple of 2^-24
    return with_sign(std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude) + 0.5f) - 0x3f000000u);
  return with_sign((magnitude + 0xfffu + (magnitude >> 13 & 1u) - (112u << 23)) >> 13);
}

float bfloat16_to_float(uint16_t bits) {
  return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

size_t byte_count(std::string_view who, DType dtype, std::span<const int64_t> shape) {
  constexpr auto kMost = static_cast<size_t>(std::numeric_limits<int64_t>::max());
  size_t bytes = size_of(dtype);
  bool empty = false;
  for (const int64_t size : shape) {
    if (size < 0) fail(who, ": axis of negative size ", size);
    const auto factor = static_cast<size_t>(size);
    if (factor == 0) {
      empty = true;
    } else if (bytes > kMost / factor) {
      fail(who, ": the sizes of its axes overflow");
    } else {
      bytes *= factor;
    }
  }
  return empty ? 0 : bytes;
}

namespace {

/// The place of the first element whose exponent is all ones, as those of infinities and NaN are; the size where there
/// is none. Bits of `Word`, so that no flag of the compiler or the CPU can make them look finite.
template <class Word>
size_t first_not_finite(std::span<const std::byte> bytes, Word exponent) {
  const size_t count = bytes.size() / sizeof(Word);
  size_t i = 0;
  for (; i < count; ++i) {
    Word word;
    std::memcpy(&word, bytes.data() + i * sizeof(Word), sizeof(Word));
    if ((word & exponent) == exponent) break;
  }
  return i;
}

}  // namespace

void require_finite(std::string_view who, const StoredTensor& tensor) {
  size_t at = 0;
  switch (tensor.dtype) {
    case DType::f64:
      at = first_not_finite<uint64_t>(tensor.bytes, uint64_t{0x7ff} << 52);
      break;
    case DType::f32:
      at = first_not_finite<uint32_t>(tensor.bytes, 0x7f800000u);
      break;
    case DType::f16:
      at = first_not_finite<uint16_t>(tensor.bytes, 0x7c00u);
      break;
    case DType::bf16:
      at = first_not_finite<uint16_t>(tensor.bytes, 0x7f80u);
      break;
    default:
      return;
  }
  const size_t count = tensor.bytes.size() / size_of(tensor.dtype);
  if (at < count) fail(who, ": value ", at, " of ", count, " is not a finite number");
}

namespace {

/// The values converted to `real`. Throws Error naming `who` for more than 6 axes.
Tensor to_tensor(std::string_view who, const StoredTensor& stored) {
  if (stored.shape.size() > Shape::kMaxRank) {
    fail(who, ": has ", stored.shape.size(), " axes, at most ", Shape::kMaxRank, " can be used");
  }
  if (byte_count(who, stored.dtype, stored.shape) != stored.bytes.size()) fail(who, ": bytes do not fit its shape");
  Tensor result{Shape(std::span<const int64_t>(stored.shape))};
  real* to = result.data();
  switch (stored.dtype) {
    case DType::f64:
      convert<double>(stored.bytes, to);
      break;
    case DType::f32:
      convert<float>(stored.bytes, to);
      break;
    case DType::f16:
      convert<Half>(stored.bytes, to);
      break;
    case DType::bf16:
      convert<Bfloat16>(stored.bytes, to);
      break;
    case DType::i64:
      convert<int64_t>(stored.bytes, to);
      break;
    case DType::i32:
      convert<int32_t>(stored.bytes, to);
      break;
    case DType::i16:
      convert<int16_t>(stored.bytes, to);
      break;
    case DType::i8:
      convert<int8_t>(stored.bytes, to);
      break;
    case DType::u8:
    case DType::boolean:
      convert<uint8_t>(stored.bytes, to);
      break;
  }
  return result;
}

}  // namespace

const StoredTensor& TensorFile::at(std::string_view name) const {
  const auto found = tensors_.find(std::string(name));
  if (found != tensors_.end()) return found->second;
  if (names_.empty()) fail(path_, ": no tensor '", printable(name), "': the file holds none");
  fail(path_, ": no tensor '", printable(name), "' among ", names_.size(), "; nearest: ", nearest_names(name, names_));
}

Tensor TensorFile::tensor(std::string_view name) const {
  return to_tensor(path_ + ": tensor '" + printable(name) + "'", at(name));
}

std::vector<int64_t> TensorFile::integers(std::string_view name) const {
  const StoredTensor& stored = at(name);
  std::vector<int64_t> values(stored.bytes.size() / size_of(stored.dtype));
  switch (stored.dtype) {
    case DType::i64:
      convert<int64_t>(stored.bytes, values.data());
      break;
    case DType::i32:
      convert<int32_t>(stored.bytes, values.data());
      break;
    case DType::i16:
      convert<int16_t>(stored.bytes, values.data());
      break;
    case DType::i8:
      convert<int8_t>(stored.bytes, values.data());
      break;
    case DType::u8:
    case DType::boolean:
      convert<uint8_t>(stored.bytes, values.data());
      break;
    default:
      fail(path_, ": tensor '", printable(name), "' is ", name_of(stored.dtype), ", integers are needed");
  }
  return values;
}

std::span<const std::byte> TensorFile::bytes(std::string_view name) const {
  return at(name).bytes;
}

void TensorFile::require_finite() const {
  for (const std::string& name : names_)
    iuf::require_finite(path_ + ": damaged: tensor '" + printable(name) + "'", tensors_.at(name));
}

const std::string& TensorFile::metadata(const std::string& key) const {
  const auto found = metadata_.find(key);
  if (found == metadata_.end()) fail(path_, ": no metadata '", key, "'");
  return found->second;
}

void TensorFile::add(std::string name, StoredTensor tensor) {
  const std::string who = path_ + ": tensor '" + printable(name) + "'";
  const size_t needed = byte_count(who, tensor.dtype, tensor.shape);
  if (needed != tensor.bytes.size()) {
    fail(who, ": its shape needs ", needed, " bytes, ", tensor.bytes.size(),
         " are stored: damaged: copy the file again");
  }
  if (!tensors_.emplace(name, std::move(tensor)).second) fail(who, ": is there twice");
  names_.push_back(std::move(name));
}

}  // namespace iuf
