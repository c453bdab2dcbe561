#!/bin/sh
# Fails when a line is longer than 120 columns, or when a source is not what clang-format 14 makes of it (`make format`
# puts it right). Other versions of clang-format set some lines otherwise: without that one the test is skipped.
cd "$(dirname "$0")/.." || exit 1
folders='src apps bench bundle tests examples python cmake'

# Columns, not bytes: the bytes that continue a character in UTF-8 are not counted.
long=$(find $folders CMakeLists.txt -name '*.h' -o -name '*.hpp' -o -name '*.c' -o -name '*.cpp' -o -name '*.inc' -o \
  -name '*.sh' -o -name '*.py' -o -name '*.cs' -o -name '*.cmake' -o -name '*.txt' | sort | LC_ALL=C xargs awk '{
    line = $0
    gsub(/[\200-\277]/, "", line)
    if (length(line) > 120) print FILENAME ":" FNR ": " length(line) " columns, at most are 120"
  }')
[ -z "$long" ] || { echo "$long"; exit 1; }

version=$(clang-format --version 2> /dev/null | sed -n 's/.*version \([0-9]*\)\..*/\1/p')
if [ "$version" != 14 ]; then
  echo "format: lines fit; the layout is not checked, because clang-format 14 is not installed"
  exit 77
fi
sources=$(find $folders -name '*.h' -o -name '*.hpp' -o -name '*.c' -o -name '*.cpp' | sort)
clang-format --dry-run -Werror $sources || exit 1
echo "format: $(echo "$sources" | wc -l) sources, all in one format"
