#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "nn/file.h"
#include "tensor/error.h"

namespace iuf {

/// A NumPy array file of float32, read by the public description of the format, version 1.0: the magic, two bytes of
/// version, two of the header's length (little-endian), and the header, a Python dictionary that ends in a line end and
/// fills up to a multiple of 64 bytes; then the values.
struct NpyFile {
  size_t height = 0, width = 0;
  std::vector<float> values = {};

  explicit NpyFile(const std::filesystem::path& path) {
    const std::string text = read_text(path);
    const auto need = [&](bool holds, const char* what) {
      if (!holds) fail(path.string(), ": not the NumPy file that is expected: ", what);
    };
    need(text.size() > 10 && text.starts_with("\x93NUMPY") && text[6] == 1 && text[7] == 0, "its first bytes");
    const size_t length = static_cast<uint8_t>(text[8]) | size_t{static_cast<uint8_t>(text[9])} << 8;
    const size_t begin = 10 + length;
    need(begin % 64 == 0 && text.size() >= begin && text[begin - 1] == '\n', "the length of its header");
    const std::string head = text.substr(10, length);
    need(head.starts_with("{'descr': '<f4', 'fortran_order': False, 'shape': ("), "its header");
    size_t at = head.find('(') + 1, end = 0;
    height = std::stoul(head.substr(at), &end);
    need(head.compare(at + end, 2, ", ") == 0, "its shape");
    at += end + 2;
    width = std::stoul(head.substr(at), &end);
    need(head.compare(at + end, 5, "), } ") == 0 || head.compare(at + end, 5, "), }\n") == 0, "its header's end");
    need(text.size() == begin + 4 * height * width, "its size");
    values.resize(height * width);
    std::memcpy(values.data(), text.data() + begin, 4 * values.size());
  }
};

}  // namespace iuf
