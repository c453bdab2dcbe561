#include "nn/safetensors.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "iuf/selfcheck/comparison.h"
#include "nn/file.h"
#include "support/damage.h"
#include "support/golden.h"
#include "support/temporary_folder.h"
#include "tensor/error.h"

using namespace iuf;

namespace {

/// A file with this header, its length set right, and `data` zero bytes.
TensorFile parse(const std::string& header, size_t data) {
  const uint64_t length = header.size();
  std::string file(sizeof length, '\0');
  std::memcpy(file.data(), &length, sizeof length);
  file += header + std::string(data, '\0');
  const auto owner = std::make_shared<std::string>(std::move(file));
  return parse_safetensors(std::as_bytes(std::span(*owner)), "file", owner);
}

std::vector<std::byte> small_file() {
  SafetensorsWriter writer;
  const std::vector<real> values{1, -2, 0.5, 4, 5, 6};
  const std::vector<int64_t> counts{7, -8};
  const std::vector<uint8_t> image{0, 128, 255};
  writer.add("image", {3, 1}, image);
  writer.add("weight", Tensor({2, 3}, values));
  writer.add("counts", counts);
  writer.add("scalar", Tensor::scalar(3), DType::f64);
  writer.add("none", Tensor(Shape{0, 4}));
  writer.set_metadata("epoch", "3");
  return writer.bytes();
}

/// The value of an IEEE number with so many bits of exponent and fraction, from its definition.
double slow_value(uint16_t bits, int exponent_bits, int fraction_bits) {
  const int sign = bits >> 15, bias = (1 << (exponent_bits - 1)) - 1;
  const int exponent = (bits >> fraction_bits) & ((1 << exponent_bits) - 1),
            fraction = bits & ((1 << fraction_bits) - 1);
  const double part = std::ldexp(fraction, -fraction_bits);
  double magnitude = exponent == 0 ? std::ldexp(part, 1 - bias) : std::ldexp(1 + part, exponent - bias);
  if (exponent == (1 << exponent_bits) - 1) {
    magnitude = fraction ? std::numeric_limits<double>::quiet_NaN() : std::numeric_limits<double>::infinity();
  }
  return sign ? -magnitude : magnitude;
}

}  // namespace

TEST_CASE("golden files open and give values, integers and metadata", "[nn][safetensors]") {
  const TensorFile file = golden("metrics");
  CHECK(file.contains("ties.scores"));
  CHECK(file.shape("ties.scores") == std::vector<int64_t>{5000});
  CHECK(file.integers("ties.labels").size() == 5000);
  CHECK(std::stod(file.metadata("ties.auroc")) > 0.5);
  CHECK_THROWS_WITH(file.at("ties.label"),
                    Catch::Contains("metrics.safetensors") && Catch::Contains("nearest: ties.labels"));
  CHECK_THROWS_WITH(file.integers("ties.scores"), Catch::Contains("is F32, integers are needed"));
  CHECK_THROWS_WITH(file.metadata("nothing"), Catch::Contains("no metadata 'nothing'"));
}

TEST_CASE("every half and bfloat16 converts to the value that its definition gives", "[nn][safetensors]") {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto stored = static_cast<uint16_t>(bits);
    const double half = slow_value(stored, 5, 10), brain = slow_value(stored, 8, 7);
    const auto same = [](double expected, float got) {
      return std::isnan(expected) ? std::isnan(got)
                                  : expected == static_cast<double>(got) && std::signbit(expected) == std::signbit(got);
    };
    if (!same(half, half_to_float(stored)) || !same(brain, bfloat16_to_float(stored))) FAIL_CHECK("bits " << bits);
  }
}

TEST_CASE("a written file is read back, aligned, whatever the order and types", "[nn][safetensors]") {
  const auto owner = std::make_shared<std::vector<std::byte>>(small_file());
  CHECK(*owner == small_file());
  TensorFile file = parse_safetensors(*owner, "memory", owner);
  CHECK(file.names().size() == 5);
  CHECK(file.tensor("weight").shape() == Shape{2, 3});
  CHECK(file.tensor("weight").data()[2] == real(0.5));
  CHECK(file.integers("counts") == std::vector<int64_t>{7, -8});
  CHECK(file.tensor("counts").data()[1] == -8);
  CHECK(file.tensor("image").data()[2] == 255);
  CHECK(file.bytes("image").size() == 3);
  CHECK(file.at("scalar").dtype == DType::f64);
  CHECK(file.tensor("scalar").item() == 3);
  CHECK(file.tensor("none").size() == 0);
  CHECK(file.metadata("epoch") == "3");
  for (const std::string& name : file.names()) {
    const StoredTensor& stored = file.at(name);
    CHECK(static_cast<size_t>(stored.bytes.data() - owner->data()) % size_of(stored.dtype) == 0);
  }
}

TEST_CASE("spans outlive the file object that a copy was taken of, and the file on disk", "[nn][safetensors]") {
  const TemporaryFolder folder;
  write_file(folder / "a.safetensors", small_file());
  TensorFile copy;
  {
    const TensorFile file = read_safetensors(folder / "a.safetensors");
    copy = file;
  }
  std::filesystem::remove(folder / "a.safetensors");
  CHECK(copy.tensor("weight").data()[5] == 6);
  CHECK(copy.path() == (folder / "a.safetensors").string());
}

TEST_CASE("the writer refuses what no reader could use", "[nn][safetensors]") {
  const TemporaryFolder folder;
  SafetensorsWriter twice;
  twice.add("a", Tensor::scalar(1));
  twice.add("a", Tensor::scalar(1));
  CHECK_THROWS_WITH(twice.write(folder / "x"), Catch::Contains("'a': this name is taken"));
  SafetensorsWriter reserved;
  reserved.add("__metadata__", Tensor::scalar(1));
  CHECK_THROWS_AS(reserved.bytes(), Error);
  SafetensorsWriter odd;
  odd.add("\xff", Tensor::scalar(1));
  CHECK_THROWS_WITH(odd.bytes(), Catch::Contains("its name is not UTF-8"));
  SafetensorsWriter noted;
  noted.set_metadata("a", "\xff");
  CHECK_THROWS_WITH(noted.bytes(), Catch::Contains("the metadata is not UTF-8"));
  SafetensorsWriter wrong;
  wrong.add("a", StoredTensor{DType::f32, {2}, {}});
  CHECK_THROWS_WITH(wrong.bytes(), Catch::Contains("do not fit"));
  CHECK_THROWS_WITH(wrong.add("b", Tensor()), Catch::Contains("undefined"));
  CHECK_THROWS_WITH(wrong.add("b", Tensor::scalar(1), DType::i8), Catch::Contains("cannot be stored as I8"));
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("headers that the format does not allow are refused, with the reason", "[nn][safetensors]") {
  using Catch::Contains;
  CHECK(parse(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}    )", 8).tensor("a").size() == 2);
  CHECK(parse("{}", 0).names().empty());
  const auto refused = [](const std::string& header, size_t data, const std::string& reason) {
    INFO(header);
    CHECK_THROWS_WITH(parse(header, data), Contains(reason));
  };
  refused("", 0, "no JSON object");
  refused("[]", 0, "no JSON object");
  refused("{", 0, "no valid JSON");
  refused(R"({"a":1})", 0, "no object");
  refused(R"({"a":{"shape":[2],"data_offsets":[0,8]}})", 8, "no dtype");
  refused(R"({"a":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}})", 2, "'F8_E4M3' is not supported");
  refused(R"({"a":{"dtype":"F32","data_offsets":[0,8]}})", 8, "no list of sizes");
  refused(R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", 8, "no list of sizes");
  refused(R"({"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}})", 8, "no list of sizes");
  refused(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}})", 8, "no pair of offsets");
  refused(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", 8, "lies at [8, 0) of 8");
  refused(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 7, "lies at [0, 8) of 7");
  refused(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 9, "1 bytes after the last tensor");
  refused(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8, "needs 12 bytes, 8 are stored");
  refused(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0, "overflow");
  refused(R"({"a":{"dtype":"F64","shape":[0,9223372036854775807,3],"data_offsets":[0,0]}})", 0, "overflow");
  refused(
      R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}})", 3,
      "'b' begins at data byte 2, the one before ends at 1: a gap");
  refused(
      R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})", 3,
      "'b' begins at data byte 1, the one before ends at 2: they overlap");
  refused(
      R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 1,
      "twice");
  refused(R"({"a":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}})", 1, "twice");
  refused(R"({"a":{"dtype":"U8","shape":[[[[1]]]],"data_offsets":[0,1]}})", 1, "nested too deeply");
  refused(std::string(R"({"a":)") + std::string(1'000'000, '['), 0, "nested too deeply");
  refused(R"({"__metadata__":{"a":1}})", 0, "'a' is no string");
  refused(R"({"__metadata__":3})", 0, "no object");
  const std::string huge("\xff\xff\xff\xff\xff\xff\xff\xff{}", 10);
  CHECK_THROWS_WITH(parse_safetensors(std::as_bytes(std::span(huge)), "file"), Contains("too long"));
  const std::string beyond("\x03\0\0\0\0\0\0\0{}", 10);
  CHECK_THROWS_WITH(parse_safetensors(std::as_bytes(std::span(beyond)), "file"), Contains("needs 3 bytes, 2 are left"));
  CHECK_THROWS_WITH(parse_safetensors({}, "file"), Contains("too few"));
}

TEST_CASE("a damaged safetensors file is read or refused, never worse", "[nn][safetensors]") {
  const std::vector<std::byte> whole = small_file();
  const size_t refused = read_damaged(whole, [](std::span<const std::byte> bytes) {
    const TensorFile file = parse_safetensors(bytes, "damaged");
    for (const std::string& name : file.names()) file.tensor(name);
  });
  CHECK(refused > 2 * whole.size());  // all truncations, and most flips of the header
}

TEST_CASE("the comparison with a golden sees the worst element and a NaN", "[nn][golden]") {
  const real nan = std::numeric_limits<real>::quiet_NaN(), inf = std::numeric_limits<real>::infinity();
  const auto worst = [](std::vector<real> got, std::vector<real> expected) {
    const Shape shape{static_cast<int64_t>(got.size())};
    return worst_element(Tensor(shape, got), Tensor(shape, expected));
  };
  CHECK(worst({1, 3, -8}, {1, 2, -8}).error == 1);
  CHECK(worst({1, 3, -8}, {1, 2, -8}).scale == 8);
  CHECK(worst({1, 3, -8}, {1, 2, -8}).index == 1);
  CHECK(worst({nan, inf, 0}, {nan, inf, 0}).error == 0);
  CHECK(worst({1, nan}, {1, 2}).error > 1e300);
  CHECK(worst({1, 2}, {nan, 2}).index == 0);
  CHECK(worst({inf}, {-inf}).error > 1e300);
}

TEST_CASE("the nearest half is found, the even one of two", "[nn][safetensors]") {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<uint16_t>(bits);
    const float value = half_to_float(half);
    if (value != value) continue;
    if (float_to_half(value) != half) FAIL_CHECK("bits " << bits);
    if ((bits & 0x7fff) >= 0x7bff) continue;  // the largest and infinity
    const auto next = static_cast<uint16_t>(bits + 1), even = bits % 2 ? next : half;
    const float above = half_to_float(next), middle = (value + above) / 2;  // exact
    if (float_to_half(middle) != even) FAIL_CHECK("between " << bits << " and the next");
    if (float_to_half(std::nextafterf(middle, value)) != half) FAIL_CHECK("below the middle after " << bits);
    if (float_to_half(std::nextafterf(middle, above)) != next) FAIL_CHECK("above the middle after " << bits);
  }
  CHECK(float_to_half(65519.9f) == 0x7bff);
  CHECK(float_to_half(65520.0f) == 0x7c00);
  CHECK(float_to_half(-1e30f) == 0xfc00);
  CHECK(std::isnan(half_to_float(float_to_half(std::numeric_limits<float>::quiet_NaN()))));
}
