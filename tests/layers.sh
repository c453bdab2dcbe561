#!/bin/sh
# Proves that includes go only downwards, tensor <- autograd <- nn <- iuf <- apps, that they are written from src/, and
# that BLAS and LAPACK are named in one file, OpenMP's threads in another.
cd "$(dirname "$0")/.." || exit 1

find src apps -name '*.h' -o -name '*.cpp' -o -name '*.inc' | sort | xargs awk '
  BEGIN {
    layers = split("tensor autograd nn iuf apps", name)
    for (i = 1; i <= layers; ++i) rank[name[i]] = i
  }
  FNR == 1 {
    split(FILENAME, part, "/")
    own = part[1] == "apps" ? "apps" : part[2]
    if (!(own in rank)) { print FILENAME ": src/" own " is not a layer"; bad = 1 }
  }
  /^[ \t]*#[ \t]*include[ \t]*</ && /cblas|lapack/ && FILENAME != "src/tensor/blas.cpp" {
    print FILENAME ":" FNR ": only src/tensor/blas.cpp talks to BLAS and LAPACK"; bad = 1
  }
  /^[ \t]*#[ \t]*pragma[ \t]+omp/ && !/omp simd/ && FILENAME != "src/tensor/parallel.cpp" {
    print FILENAME ":" FNR ": loops run in parallel by parallel_for of tensor/parallel.h"; bad = 1
  }
  /^[ \t]*#[ \t]*include[ \t]*"/ {
    split($0, quoted, "\"")
    split(quoted[2], part, "/")
    ++seen
    if (!(part[1] in rank)) {
      print FILENAME ":" FNR ": \"" quoted[2] "\" is not written from src/"; bad = 1
    } else if (rank[part[1]] > rank[own]) {
      print FILENAME ":" FNR ": " own " must not include \"" quoted[2] "\" of " part[1]; bad = 1
    }
  }
  END {
    if (!seen) { print "layers: no include was found, so nothing was checked"; bad = 1 }
    if (bad) exit 1
    print "layers: " seen " includes, none goes upwards"
  }'
