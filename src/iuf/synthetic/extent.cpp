#include "iuf/synthetic/extent.h"

#include <istream>
#include <ostream>

namespace iuf {

std::ostream& operator<<(std::ostream& out, const Extent& extent) {
  out << extent.width;
  return extent.height == extent.width ? out : out << "x" << extent.height;
}

std::istream& operator>>(std::istream& in, Extent& extent) {
  if (!(in >> extent.width)) return in;
  extent.height = extent.width;
  if (in.peek() != 'x') {
    in.clear(in.rdstate() & ~std::ios::failbit);
    return in;
  }
  in.get();
  return in >> extent.height;
}

}  // namespace iuf
