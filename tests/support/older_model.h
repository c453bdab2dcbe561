#pragma once

#include <cstddef>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "iuf/learn/model.h"
#include "nn/safetensors.h"

namespace iuf {

/// The bytes of this model as a version wrote it that knew no checksum (format 1), with its description changed, and
/// without the tensors whose names begin so (empty: with all).
inline std::vector<std::byte> without_checksum(
    const Model& model, const std::function<void(nlohmann::json&)>& change = [](nlohmann::json&) {},
    const std::string& left_out = "") {
  const std::vector<std::byte> bytes = model.bytes();
  const TensorFile whole = parse_safetensors(bytes, "model");
  nlohmann::json meta = nlohmann::json::parse(whole.metadata("iuf_model"));
  meta["format"] = 1;
  change(meta);
  SafetensorsWriter writer;
  for (const std::string& name : whole.names())
    if (left_out.empty() || !name.starts_with(left_out)) writer.add(name, whole.at(name));
  writer.set_metadata("iuf_model", meta.dump());
  return writer.bytes();
}

}  // namespace iuf
