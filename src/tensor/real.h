#pragma once

#ifndef IUF_REAL
#define IUF_REAL float
#endif

namespace iuf {

/// The one scalar type of all computation. `make gradcheck` builds the same sources with double.
using real = IUF_REAL;

}  // namespace iuf
