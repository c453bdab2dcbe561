#include "iuf/checks/still_part.h"

#include <utility>

namespace iuf {

bool are_of_one_part(const Scene& a, const Scene& b) {
  return are_comparable(a, b) && distance(a, b) <= distance_by_noise(a, b);
}

bool StillPart::take(Scene scene) {
  in_a_row_ = before_ && are_of_one_part(*before_, scene) ? in_a_row_ + 1 : 1;
  before_ = std::move(scene);
  return in_a_row_ == kInARow;
}

}  // namespace iuf
