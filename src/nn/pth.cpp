#include "nn/pth.h"

#include <string_view>
#include <utility>

#include "nn/file.h"
#include "nn/pth_formats.h"
#include "nn/safetensors.h"
#include "tensor/error.h"

namespace iuf {
namespace {

bool looks_like_safetensors(Bytes bytes) {
  constexpr size_t kLengthBytes = sizeof(uint64_t);
  return bytes.size() >= kLengthBytes + 2 && load_number<uint64_t>(bytes) <= bytes.size() - kLengthBytes &&
         bytes[kLengthBytes] == std::byte{'{'};
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

}  // namespace

void fail_big_endian(const std::string& path) {
  fail(path, ": was written on a big-endian machine: load and save it again on this one");
}

WeightsFile parse_weights(Bytes bytes, const std::string& name, std::shared_ptr<const void> owner,
                          const WeightsOptions& options) {
  if (looks_like_safetensors(bytes)) {
    return {.tensors = parse_safetensors(bytes, name, std::move(owner)),
            .beside = {},
            .format = "safetensors",
            .size = bytes.size(),
            .skipped = {}};
  }
  const std::string_view text = to_view(bytes);
  const PthSource source{name, bytes, std::move(owner), options};
  if (text.starts_with("PK\x03\x04") || text.starts_with("PK\x05\x06")) return load_zip(source);
  if (text.starts_with("\x80")) return load_pickles(source);
  if (looks_like_tar(bytes)) return load_tar(source);
  fail_unknown(name, text);
}

WeightsFile read_weights(const std::filesystem::path& path, const WeightsOptions& options) {
  const auto file = std::make_shared<MappedFile>(path);
  return parse_weights(file->bytes(), path.string(), file, options);
}

}  // namespace iuf
