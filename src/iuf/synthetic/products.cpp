#include "iuf/synthetic/scene.h"

namespace iuf::synthetic {

const std::vector<Product>& products() {
  static const std::vector<Product> all = {biscuit(), bottle_cap(), capsule(), circuit(), fabric(),
                                           gear(),    grid(),       metal(),   tile(),    wood()};
  return all;
}

}  // namespace iuf::synthetic
