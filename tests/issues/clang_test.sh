#!/bin/sh
# Sources that clang 14 refused: it and its use of GCC's library lack ranges of algorithms, captured structured
# bindings, aggregates in parentheses and GCC's own shuffles of vectors; what a fold expression begins with was none of
# the language. make fuzz builds the whole with it.
. "$(dirname "$0")/../apps/support.sh"
command -v clang++ > /dev/null || { echo "skipped: there is no clang here"; exit 77; }
cd "$(dirname "$0")/../.." || exit 1
for source in src/tensor/gemm/packed_matrix src/iuf/run/run_description src/iuf/report/predictions \
  src/iuf/live/live_model src/iuf/data/rare_codes apps/config_file; do
  check "$source.cpp" clang++ -std=c++20 -fsyntax-only -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror \
    -Isrc -I. -DIUF_REAL=float "-DIUF_VERSION=\"0\"" "$source.cpp"
done
finish
