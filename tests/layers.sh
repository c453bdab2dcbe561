#!/bin/sh
# Proves that includes go only downwards: between the layers tensor <- autograd <- nn <- iuf <- apps, inside src/iuf
# between its rooms, and from the kernels to tensor/gemm; apps and c_api both stand on iuf. Also that they are written
# from src/, that BLAS and LAPACK are named in one file, and OpenMP's threads in another.
cd "$(dirname "$0")/.." || exit 1

find src apps -name '*.h' -o -name '*.hpp' -o -name '*.cpp' -o -name '*.inc' | sort | xargs awk '
  # A file may include its own place and every one before it.
  BEGIN {
    places = split("tensor autograd nn iuf/settings iuf/image iuf/features iuf/data iuf/checks iuf/synthetic " \
                   "iuf/stats iuf/paper iuf/learn iuf/methods iuf/run iuf/live iuf/report iuf/serve iuf/selfcheck " \
                   "c_api apps", name)
    for (i = 1; i <= places; ++i) rank[name[i]] = i
    below_gemm = "^tensor/(gemm/.*|activation|error|parallel|real|row_kernels|shape|simd|tensor)[.]h$"
  }
  # The layer of a path below src/, or its room in iuf.
  function place(path,    part) {
    split(path, part, "/")
    return part[1] == "iuf" ? part[1] "/" part[2] : part[1]
  }
  FNR == 1 {
    path = FILENAME
    sub(/^src\//, "", path)
    own = place(path)
    if (!(own in rank)) { print FILENAME ": " own " is neither a layer nor a room of iuf"; bad = 1 }
  }
  /^[ \t]*#[ \t]*include[ \t]*</ && /cblas|lapack/ && FILENAME != "src/tensor/blas.cpp" {
    print FILENAME ":" FNR ": only src/tensor/blas.cpp talks to BLAS and LAPACK"; bad = 1
  }
  /^[ \t]*#[ \t]*pragma[ \t]+omp/ && !/omp simd/ && FILENAME != "src/tensor/parallel.cpp" {
    print FILENAME ":" FNR ": loops run in parallel by parallel_for of tensor/parallel.h"; bad = 1
  }
  /^[ \t]*#[ \t]*include[ \t]*"/ {
    split($0, quoted, "\"")
    to = place(quoted[2])
    ++seen
    if (!(to in rank)) {
      print FILENAME ":" FNR ": \"" quoted[2] "\" is not written from src/"; bad = 1
    } else if (path ~ /^tensor\/gemm\// && quoted[2] !~ below_gemm) {
      print FILENAME ":" FNR ": tensor/gemm is below \"" quoted[2] "\""; bad = 1
    } else if (rank[to] > rank[own] || own == "apps" && to == "c_api") {
      print FILENAME ":" FNR ": " own " must not include \"" quoted[2] "\" of " to; bad = 1
    }
  }
  END {
    if (!seen) { print "layers: no include was found, so nothing was checked"; bad = 1 }
    if (bad) exit 1
    print "layers: " seen " includes, none goes upwards"
  }'
