#include "iuf/image/npy.h"

#include <bit>
#include <string>

#include "nn/file_writer.h"
#include "tensor/error.h"

namespace iuf {

void write_npy(const std::filesystem::path& path, int height, int width,
               const std::function<std::span<const float>(int y)>& row) {
  static_assert(std::endian::native == std::endian::little);
  if (height < 1 || width < 1) fail("write_npy: ", height, " x ", width, ": no side may be 0");
  std::string head = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(height) + ", " +
                     std::to_string(width) + "), }";
  // Magic, version and length take 10 bytes; the values begin at a multiple of 64.
  head.append(63 - (10 + head.size()) % 64, ' ');
  head += '\n';
  const auto length = static_cast<unsigned>(head.size());
  std::string start = std::string("\x93NUMPY\x01\x00", 8);
  start += static_cast<char>(length & 255);
  start += static_cast<char>(length >> 8);
  FileWriter file(path);
  file.add(std::as_bytes(std::span(start)));
  file.add(std::as_bytes(std::span(head)));
  for (int y = 0; y < height; ++y) {
    const std::span<const float> values = row(y);
    if (values.size() != static_cast<size_t>(width))
      fail("write_npy: row ", y, " has ", values.size(), " values, ", width, " are needed");
    file.add(std::as_bytes(values));
  }
  file.finish();
}

}  // namespace iuf
