#include "tensor/parallel.h"

#include <pmmintrin.h>
#include <xmmintrin.h>

namespace iuf {

void flush_denormals() {
#pragma omp parallel
  {
    _MM_SET_FLUSH_ZERO_MODE(_MM_FLUSH_ZERO_ON);
    _MM_SET_DENORMALS_ZERO_MODE(_MM_DENORMALS_ZERO_ON);
  }
}

}  // namespace iuf
