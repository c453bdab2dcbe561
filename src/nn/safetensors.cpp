#include "nn/safetensors.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>
#include <string_view>
#include <tuple>

#include "nn/bytes.h"
#include "nn/checksum.h"
#include "nn/file.h"
#include "tensor/error.h"

namespace iuf {
namespace {

using nlohmann::json;

constexpr size_t kLengthBytes = 8;
constexpr size_t kMaxHeader = 100'000'000;  // the reference implementation's limit
constexpr const char* kMetadata = "__metadata__";
constexpr const char* kChecksum = "iuf_checksum";  // the metadata that hold it
constexpr size_t kHashDigits = 16;
constexpr std::string_view kBeforeDigits = "{\"__metadata__\":{\"iuf_checksum\":\"";  // how such a header begins
constexpr const char* kDamaged = ": damaged: copy the file again or make it anew";

// The checksum of a file whose digits stand at kLengthBytes + kBeforeDigits.size().
std::string checksum(std::span<const std::byte> file) {
  constexpr size_t begin = kLengthBytes + kBeforeDigits.size();
  return hex_digits(hash_bytes(file.subspan(begin + kHashDigits), hash_bytes(file.first(begin))));
}

// Whether the file begins as one with a checksum; one that does not match its content is an Error.
bool verified(std::span<const std::byte> file, const std::string& name) {
  const std::string_view text = to_view(file.subspan(std::min(kLengthBytes, file.size())));
  if (!text.starts_with(kBeforeDigits)) return false;
  if (text.size() < kBeforeDigits.size() + kHashDigits ||
      text.substr(kBeforeDigits.size(), kHashDigits) != checksum(file))
    fail(name, ": its content is not what was written (the checksum differs)", kDamaged);
  return true;
}

std::optional<DType> dtype_named(const std::string& name) {
  for (const DType dtype : {DType::f64, DType::f32, DType::f16, DType::bf16, DType::i64, DType::i32, DType::i16,
                            DType::i8, DType::u8, DType::boolean}) {
    if (name_of(dtype) == name) return dtype;
  }
  return std::nullopt;
}

/// nlohmann's parser keeps the last of two equal keys and nests without limit; neither is allowed here.
json parse_header(const std::string& file, std::string_view text) {
  std::vector<std::set<std::string>> keys;
  const auto check = [&](int depth, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::object_start || event == json::parse_event_t::array_start) {
      if (depth > 2) fail(file, ": the header is nested too deeply for safetensors", kDamaged);
      keys.emplace_back();
    } else if (event == json::parse_event_t::object_end || event == json::parse_event_t::array_end) {
      keys.pop_back();
    } else if (event == json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second) {
      fail(file, ": '", printable(parsed.get<std::string>()), "' is in the header twice", kDamaged);
    }
    return true;
  };
  if (text.empty() || text.front() != '{')
    fail(file, ": the header is no JSON object: damaged, or not a safetensors file; copy the file again");
  try {
    return json::parse(text, check);
  } catch (const json::exception& error) {
    fail(file, ": the header is no valid JSON (", printable(error.what()), ")", kDamaged);
  }
}

struct Placed {
  size_t begin, end;
  std::string name;
  DType dtype;
  std::vector<int64_t> shape;
  auto order() const { return std::tie(begin, end, name); }
};

/// A list of sizes, or nothing when the value is not one.
std::optional<std::vector<int64_t>> sizes(const json& info, const char* key) {
  const auto list = info.find(key);
  if (list == info.end() || !list->is_array()) return std::nullopt;
  std::vector<int64_t> values;
  for (const json& value : *list) {
    if (!value.is_number_unsigned() || value.get<uint64_t>() > INT64_MAX) return std::nullopt;
    values.push_back(value.get<int64_t>());
  }
  return values;
}

Placed parse_entry(const std::string& file, const std::string& name, const json& info, size_t data_size) {
  const std::string who = file + ": tensor '" + printable(name) + "'";
  if (!info.is_object()) fail(who, ": its entry in the header is no object", kDamaged);
  const auto dtype = info.find("dtype");
  if (dtype == info.end() || !dtype->is_string()) fail(who, ": has no dtype", kDamaged);
  const auto known = dtype_named(dtype->get<std::string>());
  if (!known)
    fail(who, ": dtype '", printable(dtype->get<std::string>()),
         "' is not supported: convert it to F32; if it should be another, copy the file again");
  auto shape = sizes(info, "shape");
  if (!shape) fail(who, ": its shape is no list of sizes", kDamaged);
  const auto offsets = sizes(info, "data_offsets");
  if (!offsets || offsets->size() != 2) fail(who, ": its data_offsets are no pair of offsets", kDamaged);
  const auto begin = static_cast<size_t>((*offsets)[0]), end = static_cast<size_t>((*offsets)[1]);
  if (begin > end || end > data_size) {
    fail(who, ": lies at [", begin, ", ", end, ") of ", data_size, " data bytes: damaged, copy the file again");
  }
  return {begin, end, name, *known, std::move(*shape)};
}

}  // namespace

TensorFile parse_safetensors(std::span<const std::byte> file, const std::string& name,
                             std::shared_ptr<const void> owner) {
  if (file.size() < kLengthBytes) fail(name, ": ", file.size(), " bytes are too few for a safetensors file", kDamaged);
  const bool has_checksum = verified(file, name);
  const auto length = load_number<uint64_t>(file);
  const auto rest = file.subspan(kLengthBytes);
  if (length > kMaxHeader)
    fail(name, ": a header of ", length, " bytes is too long: damaged, or not a safetensors file; copy the file again");
  if (length > rest.size()) {
    fail(name, ": the header needs ", length, " bytes, ", rest.size(), " are left: damaged, copy the file again");
  }
  const auto data = rest.subspan(length);
  const json header = parse_header(name, to_view(rest.first(length)));

  TensorFile result(name);
  result.keep(std::move(owner));
  if (has_checksum) result.set_checked();
  std::vector<Placed> entries;
  for (const auto& [key, info] : header.items()) {
    if (key != kMetadata) {
      entries.push_back(parse_entry(name, key, info, data.size()));
      continue;
    }
    if (!info.is_object()) fail(name, ": ", kMetadata, " is no object", kDamaged);
    for (const auto& [field, value] : info.items()) {
      if (!value.is_string()) fail(name, ": ", kMetadata, " '", printable(field), "' is no string", kDamaged);
      if (field != kChecksum)
        result.set_metadata(field, value.get<std::string>());
      else if (!has_checksum)
        fail(name, ": its checksum is not at the start of the header, where this program writes it", kDamaged);
    }
  }
  std::sort(entries.begin(), entries.end(), [](const Placed& a, const Placed& b) { return a.order() < b.order(); });
  size_t at = 0;
  for (Placed& entry : entries) {
    if (entry.begin != at) {
      fail(name, ": tensor '", printable(entry.name), "' begins at data byte ", entry.begin,
           ", the one before ends at ", at, entry.begin > at ? ": a gap" : ": they overlap", kDamaged);
    }
    at = entry.end;
    result.add(std::move(entry.name),
               {entry.dtype, std::move(entry.shape), data.subspan(entry.begin, entry.end - entry.begin)});
  }
  if (at != data.size()) fail(name, ": ", data.size() - at, " bytes after the last tensor", kDamaged);
  return result;
}

TensorFile read_safetensors(const std::filesystem::path& path) {
  const auto file = std::make_shared<MappedFile>(path);
  return parse_safetensors(file->bytes(), path.string(), file);
}

namespace {

struct RoundedHalf {
  uint16_t bits = 0;

  RoundedHalf() = default;
  explicit RoundedHalf(real value) : bits(float_to_half(static_cast<float>(value))) {}
};

}  // namespace

void SafetensorsWriter::add(std::string name, const Tensor& tensor, DType dtype) {
  if (!tensor.defined()) fail("safetensors: tensor '", name, "' is undefined");
  std::vector<int64_t> shape(tensor.shape().begin(), tensor.shape().end());
  if (dtype == kRealDType) {
    entries_.push_back(
        {std::move(name), {dtype, std::move(shape), std::as_bytes(tensor.span())}, std::make_shared<Tensor>(tensor)});
    return;
  }
  std::vector<std::byte> bytes(static_cast<size_t>(tensor.size()) * size_of(dtype));
  const auto convert = [&]<class To>(To) {
    for (size_t i = 0; i < static_cast<size_t>(tensor.size()); ++i) {
      const auto value = static_cast<To>(tensor.data()[i]);
      std::memcpy(bytes.data() + i * sizeof(To), &value, sizeof(To));
    }
  };
  if (dtype == DType::f32) {
    convert(float{});
  } else if (dtype == DType::f64) {
    convert(double{});
  } else if (dtype == DType::f16) {
    convert(RoundedHalf{});
  } else {
    fail("safetensors: tensor '", name, "' cannot be stored as ", name_of(dtype), ": use F16, F32 or F64");
  }
  add_owned(std::move(name), dtype, std::move(shape), std::move(bytes));
}

void SafetensorsWriter::add(std::string name, std::span<const int64_t> integers) {
  const auto bytes = std::as_bytes(integers);
  add_owned(std::move(name), DType::i64, {static_cast<int64_t>(integers.size())}, {bytes.begin(), bytes.end()});
}

void SafetensorsWriter::add(std::string name, std::vector<int64_t> shape, std::span<const uint8_t> values) {
  const auto bytes = std::as_bytes(values);
  add_owned(std::move(name), DType::u8, std::move(shape), {bytes.begin(), bytes.end()});
}

void SafetensorsWriter::add(std::string name, StoredTensor tensor) {
  entries_.push_back({std::move(name), std::move(tensor), nullptr});
}

void SafetensorsWriter::add_owned(std::string name, DType dtype, std::vector<int64_t> shape,
                                  std::vector<std::byte> bytes) {
  const auto owner = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
  entries_.push_back({std::move(name), {dtype, std::move(shape), *owner}, owner});
}

namespace {

std::string json_text(const std::string& who, const json& value) {
  try {
    return value.dump();
  } catch (const json::exception& error) {
    fail(who, " is not UTF-8: ", error.what());
  }
}

}  // namespace

std::string SafetensorsWriter::header(std::vector<std::span<const std::byte>>& data) const {
  std::vector<const Entry*> order;
  for (const Entry& entry : entries_) order.push_back(&entry);
  std::stable_sort(order.begin(), order.end(),
                   [](const Entry* a, const Entry* b) { return size_of(a->tensor.dtype) > size_of(b->tensor.dtype); });
  std::string text = "{";
  if (protected_) {  // the digits follow at a fixed place
    const std::string others = metadata_.empty() ? "{}" : json_text("safetensors: the metadata", metadata_);
    text = std::string(kBeforeDigits) + std::string(kHashDigits, '0') + '"' + (metadata_.empty() ? "" : ",") +
           others.substr(1);
  } else if (!metadata_.empty()) {
    text += json(kMetadata).dump() + ":" + json_text("safetensors: the metadata", metadata_);
  }
  std::set<std::string> names{kMetadata};
  size_t at = 0;
  for (const Entry* entry : order) {
    const StoredTensor& tensor = entry->tensor;
    const std::string who = "safetensors: tensor '" + printable(entry->name) + "'";
    if (!names.insert(entry->name).second) fail(who, ": this name is taken");
    if (byte_count(who, tensor.dtype, tensor.shape) != tensor.bytes.size()) fail(who, ": bytes do not fit its shape");
    if (protected_) require_finite(who, tensor);
    const size_t end = at + tensor.bytes.size();
    if (text.size() > 1) text += ',';
    std::ostringstream info;
    info << json_text(who + ": its name", entry->name) << ":{\"dtype\":\"" << name_of(tensor.dtype)
         << "\",\"shape\":" << json(tensor.shape) << ",\"data_offsets\":[" << at << "," << end << "]}";
    text += info.str();
    data.push_back(tensor.bytes);
    at = end;
  }
  text += "}";
  text.resize((text.size() + 7) / 8 * 8, ' ');
  if (text.size() > kMaxHeader) fail("safetensors: the header would exceed ", kMaxHeader, " bytes");
  return text;
}

void SafetensorsWriter::write(const std::filesystem::path& path) const {
  if (protected_) return write_file(path, bytes());
  std::vector<std::span<const std::byte>> pieces(2);
  const std::string text = header(pieces);
  const uint64_t length = text.size();
  pieces[0] = std::as_bytes(std::span(&length, 1));
  pieces[1] = std::as_bytes(std::span(text));
  write_file(path, std::span<const std::span<const std::byte>>(pieces));
}

std::vector<std::byte> SafetensorsWriter::bytes() const {
  std::vector<std::span<const std::byte>> pieces(2);
  const std::string text = header(pieces);
  const uint64_t length = text.size();
  pieces[0] = std::as_bytes(std::span(&length, 1));
  pieces[1] = std::as_bytes(std::span(text));
  std::vector<std::byte> result;
  for (const auto piece : pieces) result.insert(result.end(), piece.begin(), piece.end());
  if (protected_) {
    const std::string digits = checksum(result);
    std::memcpy(result.data() + kLengthBytes + kBeforeDigits.size(), digits.data(), kHashDigits);
  }
  return result;
}

}  // namespace iuf
