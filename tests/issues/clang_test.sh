#!/bin/sh
# Sources that clang 14 refused: it and its use of GCC's library lack ranges of algorithms, captured structured
# bindings, aggregates in parentheses and GCC's own shuffles of vectors. make fuzz builds the whole with it.
. "$(dirname "$0")/../apps/support.sh"
command -v clang++ > /dev/null || { echo "skipped: there is no clang here"; exit 77; }
cd "$(dirname "$0")/../.." || exit 1
for source in tensor/gemm/packed_matrix iuf/run/run_description iuf/report/predictions iuf/live/live_model \
  iuf/data/rare_codes; do
  check "$source.cpp" clang++ -std=c++20 -fsyntax-only -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -Isrc \
    -DIUF_REAL=float "-DIUF_VERSION=\"0\"" "src/$source.cpp"
done
finish
