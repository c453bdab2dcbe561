#include "iuf/learn/model_versions.h"

#include <algorithm>
#include <cstdio>
#include <regex>

#include "iuf/learn/model_description.h"
#include "nn/checksum.h"
#include "nn/file.h"
#include "nn/hash.h"
#include "nn/safetensors.h"
#include "tensor/error.h"

namespace iuf {
namespace {

namespace fs = std::filesystem;

constexpr size_t kDigits = 8;  // of the hash, in a name

// A file of this name that can be read as a model, without damage.
bool is_whole(const fs::path& file) {
  try {
    const TensorFile tensors = read_safetensors(file);
    return is_model(tensors) && (model_description(tensors), true);
  } catch (const Error&) {
    return false;
  }
}

std::string name_of(int64_t version, const std::string& hash) {
  char name[64];
  std::snprintf(name, sizeof name, "%04lld-%s.safetensors", static_cast<long long>(version),
                hash.substr(0, kDigits).c_str());
  return name;
}

}  // namespace

std::string file_hash(const fs::path& file) {
  return hex_digits(hash_bytes(MappedFile(file).bytes()));
}

ModelVersions::ModelVersions(const fs::path& model) : model_(model) {
  std::error_code error;
  if (fs::is_symlink(model, error))
    if (const fs::path target = fs::weakly_canonical(model, error); !error) model_ = target;
  folder_ = fs::path(model_).concat(".versions");
}

std::vector<KeptModel> ModelVersions::kept() const {
  static const std::regex form("([0-9]{4,9})-([0-9a-f]{8})\\.safetensors");
  std::vector<KeptModel> kept;
  std::error_code error;
  for (fs::directory_iterator entry(folder_, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    std::smatch parts;
    std::error_code unknown;
    if (!std::regex_match(name, parts, form) || !entry->is_regular_file(unknown)) continue;
    const uintmax_t bytes = entry->file_size(unknown);
    kept.push_back({entry->path(), std::stoll(parts[1]), parts[2], unknown ? 0 : uint64_t{bytes}});
  }
  std::ranges::sort(kept, [](const KeptModel& a, const KeptModel& b) {
    return a.version != b.version ? a.version > b.version : a.hash < b.hash;
  });
  return kept;
}

std::optional<KeptModel> ModelVersions::newest_whole() const {
  std::error_code error;
  const std::string now = fs::is_regular_file(model_, error) ? file_hash(model_).substr(0, kDigits) : "";
  for (const KeptModel& model : kept())
    if (model.hash != now && is_whole(model.file)) return model;
  return std::nullopt;
}

void ModelVersions::keep(int64_t version) const {
  make_folder(folder_);
  const fs::path file = folder_ / name_of(version, file_hash(model_));
  std::error_code error;
  fs::create_hard_link(model_, file, error);
  if (!error || error == std::errc::file_exists) return;
  write_file(file, MappedFile(model_).bytes());
  fs::last_write_time(file, fs::last_write_time(model_, error), error);
}

void ModelVersions::prune(const VersionLimits& limits) const {
  int64_t count = 0, bytes = 0;
  for (const KeptModel& model : kept()) {
    ++count;
    bytes += static_cast<int64_t>(model.bytes);
    std::error_code error;
    if (count > limits.count || (count > 1 && bytes > limits.bytes)) fs::remove(model.file, error);
  }
}

std::string predecessor_advice(const fs::path& model) {
  try {
    const std::optional<KeptModel> found = ModelVersions(model).newest_whole();
    if (!found) return "";
    return "; its newest predecessor is version " + std::to_string(found->version) + ", " + found->file.string() +
           ": `iuf rollback " + model.string() + "` brings it back";
  } catch (const Error&) {
    return "";  // the first complaint counts
  }
}

}  // namespace iuf
