#pragma once

#include <cstddef>
#include <optional>

#include "iuf/checks/scene.h"

// A belt that stands still, or a trigger that fires again and again: the pictures are of one part, and the others pass
// unseen.
namespace iuf {

/// Whether two pictures differ by no more than the noise of their pixels, a change of the light aside.
bool are_of_one_part(const Scene& a, const Scene& b);

/// Pictures that come one by one.
class StillPart {
 public:
  static constexpr size_t kInARow = 8;  // pictures of one part

  /// Whether this one is the last of so many in a row of one part; once for each such row.
  bool take(Scene scene);

 private:
  std::optional<Scene> before_ = {};
  size_t in_a_row_ = 1;
};

}  // namespace iuf
