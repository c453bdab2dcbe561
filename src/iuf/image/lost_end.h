#pragma once

#include <cstddef>
#include <string>

#include "nn/bytes.h"

namespace iuf {

/// Where pixels that are not compressed lie in a file, row after row.
struct StoredRows {
  size_t at = 0;      // of the first
  size_t stride = 0;  // bytes from row to row
  size_t row = 0;     // bytes of a row without what fills it up
  size_t pixel = 0;   // bytes; 0: of several pixels in a byte, which are not looked at
  size_t rows = 0;
};

/// Copying that was broken off leaves a file of full size with zeros at its end. Says so where all bytes from the
/// middle of a row (a sixteenth or more from its ends) to the end of the file are 0, two further rows at least, while
/// nine tenths of the pixels before, of this row and of the one before it, are not; empty otherwise. A black border
/// begins with a row, and a part on black ends where the row before is black, too.
std::string lost_end(Bytes file, const StoredRows& rows);

}  // namespace iuf
