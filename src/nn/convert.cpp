#include "nn/convert.h"

#include <algorithm>
#include <string>
#include <vector>

#include "nn/links.h"
#include "nn/safetensors.h"
#include "tensor/error.h"

namespace iuf {
namespace {

bool is_finite(const TensorFile& file) {
  try {
    file.require_finite();
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

ConvertReport convert_weights(const WeightsFile& weights, const std::filesystem::path& out) {
  const TensorFile& file = weights.tensors;
  std::vector<std::string> names = file.names();
  std::sort(names.begin(), names.end());
  ConvertReport report{.tensors = names.size()};
  SafetensorsWriter writer;
  if (is_finite(file)) writer.protect();  // a checkpoint may hold other values: they are its own
  const uint64_t most = most_copied(weights.size);
  for (const std::string& name : names) {
    const StoredTensor& tensor = file.at(name);
    const bool widen = tensor.dtype == DType::f16 || tensor.dtype == DType::bf16;
    report.bytes += tensor.bytes.size() * (widen ? 2 : 1);
    report.widened += widen;
    if (report.bytes > most) fail(file.path(), ": its tensors repeat storages to more than ", most, " bytes: refused");
    if (widen) {
      writer.add(name, file.tensor(name), DType::f32);
    } else {
      writer.add(name, tensor);
    }
  }
  for (const auto& [key, value] : file.metadata()) writer.set_metadata(key, value);
  writer.write(followed(out));
  return report;
}

}  // namespace iuf
