// A changed bit in a file of weights was used without a word.

#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>

#include "nn/file.h"
#include "nn/hash.h"
#include "nn/safetensors.h"
#include "support/dice.h"
#include "support/temporary_folder.h"
#include "tensor/error.h"

using namespace iuf;
using Catch::Contains;

namespace {

SafetensorsWriter writer_of(size_t values) {
  SafetensorsWriter writer;
  Tensor x({static_cast<int64_t>(values)});
  for (size_t i = 0; i < values; ++i) x.data()[i] = static_cast<real>(i) / 7;
  writer.add("weights", x);
  const int64_t integers[] = {3, -4, 5};
  writer.add("numbers", integers);
  writer.set_metadata("a", "\"iuf_checksum\":\"0000000000000000\"");  // sorts before the checksum
  writer.set_metadata("zone", "text");
  return writer;
}

std::vector<std::byte> protected_bytes(size_t values) {
  SafetensorsWriter writer = writer_of(values);
  writer.protect();
  return writer.bytes();
}

// Whether a reader that needs a checksum would take the file.
bool accepted(std::span<const std::byte> bytes) {
  try {
    return parse_safetensors(bytes, "file").has_checksum();
  } catch (const Error& error) {
    CHECK_THAT(error.what(), Contains("file: "));
    return false;
  }
}

}  // namespace

TEST_CASE("a file with a checksum is read like any other, and says that it has one", "[issues][damaged]") {
  for (const size_t values : {0, 1, 5, 64}) {
    const std::vector<std::byte> bytes = protected_bytes(values), plain = writer_of(values).bytes();
    const TensorFile file = parse_safetensors(bytes, "file"), other = parse_safetensors(plain, "plain");
    CHECK(file.has_checksum());
    CHECK_FALSE(other.has_checksum());
    CHECK(file.names() == other.names());
    CHECK(file.metadata() == other.metadata());
    CHECK(bytes == protected_bytes(values));
    const TemporaryFolder folder;
    SafetensorsWriter writer = writer_of(values);
    writer.protect();
    writer.write(folder / "x.safetensors");
    CHECK(read_file(folder / "x.safetensors") == bytes);
  }
}

TEST_CASE("no changed bit of a file with a checksum goes unnoticed: length, names, padding, digits, data",
          "[issues][damaged]") {
  for (const size_t values : {1, 9}) {
    const std::vector<std::byte> whole = protected_bytes(values);
    REQUIRE(accepted(whole));
    std::vector<std::byte> damaged = whole;
    size_t taken = 0;
    for (size_t at = 0; at < whole.size(); ++at) {
      for (int bit = 0; bit < 8; ++bit) {
        damaged[at] = whole[at] ^ static_cast<std::byte>(1 << bit);
        taken += accepted(damaged);
      }
      for (const int value : {0x00, 0x30, 0x22, 0x20, 0xff})
        if (damaged[at] = static_cast<std::byte>(value); damaged[at] != whole[at]) taken += accepted(damaged);
      damaged[at] = whole[at];
      taken += accepted(std::span(whole).first(at));
    }
    CHECK(taken == 0);
    std::vector<std::byte> longer = whole;
    longer.push_back(std::byte{0});
    CHECK_FALSE(accepted(longer));
  }
}

TEST_CASE("a changed value says that the file is damaged and what to do", "[issues][damaged]") {
  std::vector<std::byte> bytes = protected_bytes(9);
  bytes[bytes.size() - 30] ^= std::byte{4};
  CHECK_THROWS_WITH(parse_safetensors(bytes, "model.safetensors"),
                    Contains("model.safetensors: ") && Contains("damaged") && Contains("copy the file again"));
}

TEST_CASE("a checksum that another program moved is not passed over", "[issues][damaged]") {
  SafetensorsWriter writer = writer_of(3);
  writer.set_metadata("iuf_checksum", "0123456789abcdef");
  CHECK_THROWS_WITH(parse_safetensors(writer.bytes(), "file"), Contains("file: its checksum is not at the start"));
}

TEST_CASE("the hash sees every bit, of whole words and of the rest", "[issues][damaged]") {
  Dice dice(3);
  for (const size_t size : {1, 7, 8, 9, 31, 64}) {
    std::vector<std::byte> bytes(size);
    for (std::byte& b : bytes) b = static_cast<std::byte>(dice.below(256));
    const uint64_t hash = hash_bytes(bytes);
    for (size_t at = 0; at < size; ++at)
      for (int bit = 0; bit < 8; ++bit) {
        bytes[at] ^= static_cast<std::byte>(1 << bit);
        CHECK(hash_bytes(bytes) != hash);
        bytes[at] ^= static_cast<std::byte>(1 << bit);
      }
    CHECK(hash_bytes(std::span(bytes).first(size - 1)) != hash);
  }
}

TEST_CASE("what is not finite is found in every floating type, and is not written under a checksum",
          "[issues][damaged]") {
  const auto stored = [](const auto& value, DType dtype) {
    static std::vector<std::byte> bytes;
    bytes.assign(2 * sizeof value, std::byte{0});
    std::memcpy(bytes.data() + sizeof value, &value, sizeof value);
    return StoredTensor{dtype, {2}, bytes};
  };
  for (const double value : {static_cast<double>(NAN), static_cast<double>(INFINITY), -static_cast<double>(INFINITY)}) {
    CHECK_THROWS_WITH(require_finite("t", stored(value, DType::f64)), Contains("t: value 1 of 2 is not a finite"));
    CHECK_THROWS_AS(require_finite("t", stored(static_cast<float>(value), DType::f32)), Error);
  }
  for (const uint16_t half : std::vector<uint16_t>{0x7c00, 0xfc00, 0x7c01, 0x7e00})
    CHECK_THROWS_AS(require_finite("t", stored(half, DType::f16)), Error);
  for (const uint16_t half : std::vector<uint16_t>{0x7f80, 0xff80, 0x7f81, 0x7fc0})
    CHECK_THROWS_AS(require_finite("t", stored(half, DType::bf16)), Error);
  CHECK_NOTHROW(require_finite("t", stored(uint16_t{0x7bff}, DType::f16)));
  CHECK_NOTHROW(require_finite("t", stored(uint16_t{0x7f7f}, DType::bf16)));
  CHECK_NOTHROW(require_finite("t", stored(1e300, DType::f64)));
  CHECK_NOTHROW(require_finite("t", stored(int64_t{-1}, DType::i64)));
  SafetensorsWriter writer;
  writer.add("ok", Tensor::full({3}, 1));
  writer.add("diverged", Tensor::full({3}, NAN));
  CHECK_NOTHROW(writer.bytes());
  writer.protect();
  CHECK_THROWS_WITH(writer.bytes(), Contains("'diverged'") && Contains("not a finite number"));
}
