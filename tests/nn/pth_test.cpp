#include "nn/pth.h"

#include <zlib.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "nn/file.h"
#include "nn/pickle.h"
#include "support/damage.h"

using namespace iuf;
using Catch::Contains;

namespace {

std::filesystem::path source(const std::string& name) {
  return std::filesystem::path(IUF_SOURCE_DIR) / name;
}
TensorFile small(const std::string& name) {
  return read_weights(source("tests/nn/files/" + name)).tensors;
}

std::vector<real> values(const TensorFile& file, const std::string& name) {
  const Tensor tensor = file.tensor(name);
  return {tensor.data(), tensor.data() + tensor.size()};
}

std::string operator""_b(const char* text, size_t size) {
  return {text, size};
}  // text with zero bytes

template <class T>
std::string packed(T value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}
std::string text(const std::string& value) {
  return "X"_b + packed(static_cast<uint32_t>(value.size())) + value;
}
std::string number(int32_t value) {
  return "J"_b + packed(value);
}
std::string global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}

/// A file in the older format around the opcodes of its object; when it names a storage, "0" holds four floats, 1 to 4.
std::string pickle_file(const std::string& object) {
  std::string file =
      "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."_b + "\x80\x02M\xe9\x03."_b + "\x80\x02}."_b;
  file += "\x80\x02"_b + object + ".";
  if (object.find("Storage") == std::string::npos) return file + "\x80\x02].";
  file += "\x80\x02]"_b + text("0") + "a."_b + packed<int64_t>(4);
  for (const float value : {1.0f, 2.0f, 3.0f, 4.0f}) file += packed(value);
  return file;
}

/// Opcodes of a tensor over that storage: shape and strides are opcodes of tuples.
std::string tensor(int32_t offset, const std::string& shape, const std::string& strides, int32_t count = 4) {
  return global("torch._utils", "_rebuild_tensor_v2") + "(("_b + text("storage") + global("torch", "FloatStorage") +
         text("0") + text("cpu") + number(count) + "NtQ"_b + number(offset) + shape + strides + "\x89"_b +
         global("collections", "OrderedDict") + ")RtR";
}
std::string dict_of(const std::string& value) {
  return "}"_b + text("a") + value + "s";
}

TensorFile parse(const std::string& file) {
  const auto owner = std::make_shared<std::string>(file);
  return parse_weights(std::as_bytes(std::span(*owner)), "file", owner).tensors;
}

struct ZipEntry {
  std::string name = {}, data = {};
  uint16_t method = 0, flags = 0;
};

enum class ZipForm { zip, zip64 };
/// An archive as the formats' descriptions lay it out.
std::string zip_file(const std::vector<ZipEntry>& entries, ZipForm form = ZipForm::zip) {
  const bool zip64 = form == ZipForm::zip64;
  std::string file, directory;
  const auto u16 = [](size_t value) { return packed(static_cast<uint16_t>(value)); };
  const auto u32 = [](size_t value) { return packed(static_cast<uint32_t>(value)); };
  const auto u64 = [](size_t value) { return packed(static_cast<uint64_t>(value)); };
  for (const ZipEntry& entry : entries) {
    const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(entry.data.data()), entry.data.size());
    const size_t size = entry.data.size(), at = file.size();
    const std::string common = u16(entry.flags) + u16(entry.method) + u32(0) + u32(crc);
    const std::string extra = zip64 ? u16(1) + u16(24) + u64(size) + u64(size) + u64(at) : "";
    const auto small = [&](size_t value) { return u32(zip64 ? 0xffffffff : value); };
    file += "PK\x03\x04"_b + u16(45) + common + small(size) + small(size) + u16(entry.name.size()) + u16(4) +
            entry.name + "xxxx" + entry.data;
    directory += "PK\x01\x02"_b + u16(45) + u16(45) + common + small(size) + small(size) + u16(entry.name.size()) +
                 u16(extra.size()) + u16(0) + u16(0) + u16(0) + u32(0) + small(at) + entry.name + extra;
  }
  const size_t start = file.size(), end = start + directory.size(), count = entries.size();
  file += directory;
  if (zip64) {
    file += "PK\x06\x06"_b + u64(44) + u16(45) + u16(45) + u32(0) + u32(0) + u64(count) + u64(count) +
            u64(directory.size()) + u64(start) + "PK\x06\x07"_b + u32(0) + u64(end) + u32(1);
    return file + "PK\x05\x06"_b + u16(0) + u16(0) + u16(0xffff) + u16(0xffff) + u32(0xffffffff) + u32(0xffffffff) +
           u16(0);
  }
  return file + "PK\x05\x06"_b + u16(0) + u16(0) + u16(count) + u16(count) + u32(directory.size()) + u32(start) +
         u16(3) + "end";
}

}  // namespace

TEST_CASE("strided, shared, expanded and empty tensors come out contiguous", "[nn][pth]") {
  for (const char* name : {"views_zip.pth", "views_legacy.pth"}) {
    INFO(name);
    const TensorFile file = small(name);
    REQUIRE(file.names() ==
            std::vector<std::string>{"whole", "transposed", "column", "tail", "repeated", "empty", "scalar"});
    CHECK(file.shape("whole") == std::vector<int64_t>{2, 3, 4});
    for (int i = 0; i < 24; ++i) CHECK(values(file, "whole")[static_cast<size_t>(i)] == real(i));
    CHECK(file.shape("transposed") == std::vector<int64_t>{6, 4});
    for (int row = 0; row < 6; ++row) {
      for (int column = 0; column < 4; ++column) {
        CHECK(values(file, "transposed")[static_cast<size_t>(row * 4 + column)] == real(column * 6 + row));
      }
    }
    CHECK(values(file, "column") == std::vector<real>{2, 8, 14, 20});
    CHECK(values(file, "tail") == std::vector<real>{20, 21, 22, 23});
    CHECK(values(file, "repeated") == std::vector<real>{1, 1, 1, 2, 2, 2});
    CHECK(file.shape("empty") == std::vector<int64_t>{0, 5});
    CHECK(file.shape("scalar").empty());
    CHECK(values(file, "scalar") == std::vector<real>{2.5});
    // Shared, not copied: the tail aliases the whole's bytes.
    CHECK(file.bytes("tail").data() == file.bytes("whole").data() + 20 * sizeof(float));
  }
}

TEST_CASE("every element type that torch.save writes is read, in any pickle protocol", "[nn][pth]") {
  for (const char* name : {"dtypes_zip.pth", "dtypes_legacy.pth"}) {
    INFO(name);
    const TensorFile file = small(name);
    CHECK(values(file, "f64") == std::vector<real>{real(0.1), -2});
    CHECK(values(file, "f16") == std::vector<real>{1.5, -65504, real(std::ldexp(1, -24))});
    CHECK(values(file, "bf16")[0] == real(1.5));
    CHECK(std::abs(values(file, "bf16")[1] / real(-3e38) - 1) < real(1.0 / 256));
    CHECK(file.integers("i64") == std::vector<int64_t>{int64_t{1} << 40, -1});
    CHECK(file.integers("i32") == std::vector<int64_t>{7, -7});
    CHECK(file.integers("i16") == std::vector<int64_t>{300, -300});
    CHECK(file.integers("i8") == std::vector<int64_t>{-128, 127});
    CHECK(file.integers("u8") == std::vector<int64_t>{0, 255});
    CHECK(file.integers("bool") == std::vector<int64_t>{1, 0});
    CHECK(file.at("bool").dtype == DType::boolean);
    CHECK(values(file, "i8") == std::vector<real>{-128, 127});
  }
}

TEST_CASE("the state dict is found beside optimizer, scheduler and random state", "[nn][pth]") {
  const WeightsFile read = read_weights(source("tests/nn/files/nested.pth"));
  CHECK(read.format == "PyTorch zip");
  CHECK(read.skipped == std::vector<std::string>{"module.module.config"});
  CHECK(read.beside.empty());
  const TensorFile& file = read.tensors;
  CHECK(file.names().size() == 7);
  CHECK(values(file, "module.module.0.weight") == std::vector<real>(6, 1));
  CHECK(values(file, "module.module.1.bias") == std::vector<real>(3, 4));
  CHECK(file.integers("module.module.1.num_batches_tracked") == std::vector<int64_t>{1});
  CHECK(file.metadata() ==
        std::map<std::string, std::string>{{"best", "0.5"}, {"done", "true"}, {"epoch", "7"}, {"note", "two\nlines"}});
  CHECK(values(small("parameter.pth"), "parameter") == std::vector<real>{1, 2});
  CHECK(small("largest.pth").names() == std::vector<std::string>{"x", "y"});
}

TEST_CASE("a dict beside the state dict is read when it is asked for", "[nn][pth]") {
  const auto one = [](const std::string& name, int32_t offset) {
    return "}"_b + text(name) + tensor(offset, number(1) + "\x85", number(1) + "\x85") + "s";
  };
  const std::string file = pickle_file("}"_b + text("state_dict") + one("a", 0) + "s" + text("memory") + one("b", 2) +
                                       "s" + text("epoch") + number(3) + "s");
  const auto bytes = std::as_bytes(std::span(file));
  CHECK(parse_weights(bytes, "file").beside.empty());
  const WeightsFile read =
      parse_weights(bytes, "file", nullptr, {.beside = {"memory", "epoch", "absent", "state_dict"}});
  CHECK(read.tensors.names() == std::vector<std::string>{"a"});
  REQUIRE(read.beside.size() == 1);
  CHECK(values(read.beside.at("memory"), "b") == std::vector<real>{3});
}

TEST_CASE("the tar format of the first PyTorch versions is read", "[nn][pth]") {
  const TensorFile file = small("tar.pth");
  CHECK(file.names() == std::vector<std::string>{"w", "b"});
  CHECK(values(file, "w") == std::vector<real>{0, 2, 1, 3});
  CHECK(values(file, "b") == std::vector<real>{4, 5});
}

TEST_CASE("any callable that tensors do not need is refused by its name", "[nn][pth]") {
  const std::vector<std::pair<std::string, std::string>> hostile = {{"os", "system"},
                                                                    {"posix", "system"},
                                                                    {"builtins", "eval"},
                                                                    {"__builtin__", "exec"},
                                                                    {"subprocess", "Popen"},
                                                                    {"builtins", "getattr"},
                                                                    {"torch.storage", "_load_from_bytes"},
                                                                    {"torch", "load"},
                                                                    {"runpy", "run_path"},
                                                                    {"torch._utils", "_rebuild_qtensor"},
                                                                    {"torch", "FloatStorage.x"},
                                                                    {"models.uniad", "UniAD"}};
  for (const auto& [module, name] : hostile) {
    const std::string full = module + "." + name;
    for (const std::string& call : {global(module, name) + "("_b + text("true") + "tR",  // REDUCE
                                    global(module, name) + ")\x81",                      // NEWOBJ
                                    global(module, name),                                // named only
                                    text(module) + text(name) + "\x93" + "(tR"}) {       // STACK_GLOBAL
      CHECK_THROWS_WITH(parse(pickle_file(dict_of(call))),
                        Contains("names the callable '" + full + "', which is not needed to read tensors: refused"));
    }
  }
  const std::string system = "\x80\x02"_b + global("os", "system") + "("_b + text("true") + "tR.";
  CHECK_THROWS_WITH(parse(zip_file({{.name = "a/data.pkl", .data = system}})), Contains("'os.system'"));
  CHECK_THROWS_WITH(parse(pickle_file("("_b + text("x") + "ios\nsystem\n")), Contains("opcode 105 is not needed"));
  CHECK_THROWS_WITH(parse(pickle_file(global("collections", "OrderedDict\nx"))), Contains("opcode"));
}

TEST_CASE("calls of known names with wrong arguments are refused", "[nn][pth]") {
  const auto refused = [](const std::string& object, const std::string& reason) {
    CHECK_THROWS_WITH(parse(pickle_file(object)), Contains(reason));
  };
  const std::string rebuild = global("torch._utils", "_rebuild_tensor_v2");
  refused(rebuild + ")R", "expects a tensor's storage");
  refused(rebuild + "(NNNNtR", "expects a tensor's storage");
  refused(rebuild + "NR", "without a tuple of arguments");
  refused(text("x") + ")R", "no known callable");
  refused(global("torch", "FloatStorage") + ")R", "creates a storage directly");
  refused("("_b + text("module") + "NNNtQ", "no storage: refused");
  refused("NQ", "no storage: refused");
  refused(number(3) + "Q", "refers to tensor");
  refused("("_b + text("storage") + rebuild + text("0") + text("cpu") + number(4) + "tQ", "the type of a storage");
  refused("("_b + text("storage") + global("torch", "FloatStorage") + text(std::string(100, '0')) + text("cpu") +
              number(4) + "tQ",
          "key of a storage is too long");
  refused(global("torch._utils", "_rebuild_parameter") + "(NtR", "expects a parameter's tensor");
  const std::string typed = global("torch._tensor", "_rebuild_from_type_v2");
  refused(typed + "("_b + typed + "N)NtR", "nests calls");
  refused(global("collections", "OrderedDict") + "(]NatR", "expects pairs");
  refused(dict_of(tensor(0, "(" + std::string(65, 'N') + "t", "(t")), "more than 64 axes");
  refused("}(Nu", "wrong value");
  refused("]NNs", "wrong value");
  refused(text("a") + "Na", "wrong value");
}

TEST_CASE("a malformed pickle is refused with its offset", "[nn][pth]") {
  const auto refused = [](const std::string& object, const std::string& reason) {
    CHECK_THROWS_WITH(parse(pickle_file(object)), Contains(reason));
  };
  refused("0", "stack is empty");
  refused("(0", "stack is empty");
  refused("t", "no mark");
  refused("h\x07", "recalls value 7");
  refused("X\xff\xff\xff\x7f", "needs 2147483647 bytes");
  refused("\x8d"_b + packed(uint64_t{1} << 63), "bytes");
  refused("\x80\x06", "protocol 6 is not supported");
  refused("cos", "a name without end");
  refused("N", "holds no dict of tensors");
  refused("]2a", "holds no dict of tensors");  // a list that holds itself
  refused("}2"_b + text("a") + "h\x01", "recalls");
  CHECK_THROWS_WITH(parse("\x80\x02N.\x80\x02N.\x80\x02}."), Contains("not one of torch.save"));
  CHECK_THROWS_WITH(parse("\x80\x02"), Contains("pickle byte 2: needs 1 bytes, 0 are left"));
  const std::string whole = pickle_file(dict_of(tensor(0, number(4) + "\x85", number(1) + "\x85")));
  CHECK(values(parse(whole), "a") == std::vector<real>{1, 2, 3, 4});
  CHECK_THROWS_WITH(parse(whole.substr(0, whole.size() - 1)),
                    Contains("storage '0' at byte") && Contains("15 are left"));
}

TEST_CASE("depth and sharing cannot exhaust the stack or memory", "[nn][pth]") {
  const std::string deep(1'000'000, ']');
  CHECK_THROWS_WITH(parse(pickle_file(deep + std::string(999'999, 'a'))), Contains("holds no dict of tensors"));
  std::string tuples = "N";
  for (int i = 0; i < 500'000; ++i) tuples += '\x85';
  CHECK_THROWS_WITH(parse(pickle_file(tuples)), Contains("holds no dict of tensors"));
  std::string doubling = "]";  // each list holds the one before ten times: 10^200 leaves
  for (int i = 0; i < 200; ++i) doubling += "q\x00("_b + "h\x00h\x00h\x00h\x00h\x00h\x00h\x00h\x00h\x00h\x00"_b + "l";
  CHECK_THROWS_WITH(parse(pickle_file(doubling)), Contains("holds no dict of tensors"));
  CHECK_THROWS_WITH(parse(pickle_file(std::string(5'000'000, ']'))), Contains("more than 4000000 values"));
}

TEST_CASE("a tensor must lie inside its storage, whatever its shape and strides claim", "[nn][pth]") {
  const auto list = [](std::initializer_list<int64_t> numbers) {
    std::string opcodes = "(";
    for (const int64_t value : numbers) opcodes += "\x8a\x08"_b + packed(value);
    return opcodes + "t";
  };
  const auto file = [&](int32_t offset, std::initializer_list<int64_t> shape, std::initializer_list<int64_t> strides,
                        int32_t count = 4) {
    return parse(pickle_file(dict_of(tensor(offset, list(shape), list(strides), count))));
  };
  constexpr int64_t kLarge = int64_t{1} << 40, kMost = INT64_MAX;
  CHECK(values(file(1, {2}, {2}), "a") == std::vector<real>{2, 4});
  CHECK(values(file(0, {2, 1, 2}, {2, kMost, 1}), "a") == std::vector<real>{1, 2, 3, 4});
  CHECK(values(file(3, {}, {}), "a") == std::vector<real>{4});
  CHECK(file(9, {0}, {1}).tensor("a").size() == 0);
  CHECK_THROWS_WITH(file(1, {2}, {3}), Contains("lies outside its storage of 4 elements"));
  CHECK_THROWS_WITH(file(4, {1}, {1}), Contains("lies outside"));
  CHECK_THROWS_WITH(file(-1, {1}, {1}), Contains("lies outside"));
  CHECK_THROWS_WITH(file(0, {2}, {-1}), Contains("lies outside"));
  CHECK_THROWS_WITH(file(0, {3, 3}, {kMost, kMost}), Contains("lies outside"));
  CHECK_THROWS_WITH(file(0, {2, 2}, {kMost, 1}), Contains("lies outside"));
  CHECK_THROWS_WITH(file(0, {-1}, {1}), Contains("negative size"));
  CHECK_THROWS_WITH(file(0, {kMost, kMost}, {0, 0}), Contains("overflow"));
  CHECK_THROWS_WITH(file(0, {2}, {}), Contains("as many strides as axes"));
  CHECK_THROWS_WITH(file(0, {4}, {1}, 5), Contains("has only 16 bytes"));
  CHECK_THROWS_WITH(file(0, {4}, {1}, -1), Contains("has only 16 bytes"));
  CHECK_THROWS_WITH(file(0, {kLarge}, {0}), Contains("spread a storage to 4398046511104 bytes: refused"));
}

TEST_CASE("a damaged PyTorch file is read or refused, never worse", "[nn][pth]") {
  for (const char* name : {"views_zip.pth", "views_legacy.pth", "dtypes_legacy.pth", "nested.pth", "tar.pth"}) {
    INFO(name);
    const std::vector<std::byte> whole = read_file(source("tests/nn/files") / name);
    const size_t refused = read_damaged(whole, [](std::span<const std::byte> bytes) {
      const TensorFile file = parse_weights(bytes, "damaged").tensors;
      for (const std::string& tensor_name : file.names()) file.tensor(tensor_name);
    });
    CHECK(refused > whole.size() / 4);
  }
}

TEST_CASE("zip and zip64 archives of stored entries are read, all others refused", "[nn][pth]") {
  const std::string pickle = "\x80\x02"_b + dict_of(tensor(0, number(4) + "\x85", number(1) + "\x85")) + ".";
  std::string four;
  for (const float value : {1.0f, 2.0f, 3.0f, 4.0f}) four += packed(value);
  const std::vector<ZipEntry> good = {{.name = "a/data.pkl", .data = pickle}, {.name = "a/data/0", .data = four}};
  for (const ZipForm form : {ZipForm::zip, ZipForm::zip64}) {
    const std::string file = zip_file(good, form);
    CHECK(values(parse(file), "a") == std::vector<real>{1, 2, 3, 4});
    const size_t refused = read_damaged(std::as_bytes(std::span(file)), [](std::span<const std::byte> bytes) {
      parse_weights(bytes, "damaged").tensors.tensor("a");
    });
    CHECK(refused > file.size());
  }
  const auto refused = [](const std::vector<ZipEntry>& entries, const std::string& reason) {
    CHECK_THROWS_WITH(parse(zip_file(entries)), Contains(reason));
  };
  refused({good[0]}, "'a/data/0' is missing");
  refused({good[1]}, "without data.pkl");
  refused({good[0], good[0]}, "'a/data.pkl' is there twice");
  refused({good[0], good[1], {.name = "b/data.pkl"}}, "more than one data.pkl");
  refused({good[0], good[1], {.name = "a/constants.pkl"}}, "TorchScript");
  refused({good[0], good[1], {.name = "a/byteorder", .data = "big"}}, "big-endian");
  refused({good[0], {.name = "a/data/0", .data = four, .method = 8}}, "is compressed");
  refused({good[0], {.name = "a/data/0", .data = four, .flags = 1}}, "is encrypted");
  refused({good[0], {.name = "a/data/0", .data = four.substr(1)}}, "has only 15 bytes");
}

TEST_CASE("a flipped bit in a tensor of a zip checkpoint is found by its checksum", "[nn][pth]") {
  std::string file = read_text(source("tests/nn/files/views_zip.pth"));
  const std::string data = packed(22.0f) + packed(23.0f);
  const size_t at = file.find(data);
  REQUIRE(at != std::string::npos);
  file[at] = static_cast<char>(file[at] ^ 1);
  CHECK_THROWS_WITH(parse(file), Contains("checksum does not match"));
}

TEST_CASE("what is no weights file is named for what it is", "[nn][pth]") {
  const auto refused = [](const std::string& file, const std::string& reason) {
    CHECK_THROWS_WITH(parse(file), Contains(reason));
  };
  refused("", "is empty");
  refused("\n <!DOCTYPE html><html>", "is a web page");
  refused("version https://git-lfs.github.com/spec/v1\noid sha256:0", "git lfs pull");
  refused("\x1f\x8b\x08", "gzip");
  refused("\x89HDF\r\n", "HDF5");
  refused("hello", "neither safetensors nor a PyTorch .pth");
  refused("PK\x03\x04 and then nothing more that would make a zip", "no end of the zip directory");
  refused("PK\x05\x06" + std::string(18, '\0'), "without data.pkl");
  CHECK_THROWS_WITH(read_weights(source("tests/nn/files/none.pth")), Contains("none.pth: cannot open"));
}
