#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "iuf/learn/known_views.h"
#include "nn/safetensors.h"

namespace iuf {

/// Views of photographs that came after learning, lot by lot, and whose scores a threshold comes from. The parts of a
/// lot that is photographed anew are known again by them (KnownViews::taken_again), and do not count twice.
class LaterLots {
 public:
  /// A further lot: ImageFacts::photograph of each image, and its view.
  void add(const std::vector<uint64_t>& photographs, const std::vector<std::vector<float>>& views);
  /// Forgets all but these photographs, which are sorted.
  void keep(const std::vector<uint64_t>& photographs);
  /// The views of each lot, as far as its photographs are among these, which are sorted.
  std::vector<KnownViews> among(const std::vector<uint64_t>& photographs) const;

  void save(SafetensorsWriter& writer, const std::string& prefix) const;
  /// Empty where the file has none, as of an older version. Error for tensors of another shape.
  static LaterLots load(const TensorFile& file, const std::string& prefix);

 private:
  struct Seen {
    int64_t lot = 0;  // ascending
    uint64_t photograph = 0;
    std::vector<float> view = {};
  };
  std::vector<Seen> seen_ = {};
};

}  // namespace iuf
