#!/bin/sh
# Two copies of the sources in two folders compile to the same bytes: nothing of their place gets into the program. A
# few sources stand for all, with the flags of the build; of the whole program no text may name the folders.
#
build=$(cd "${1:?usage: reproducible.sh BUILD PROGRAM}" && pwd) program=$2
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
check() { # check WHAT COMMAND...
  what=$1
  shift
  if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAIL: $what"; fi
}
mkdir -p "$work/a" "$work/of_another_length/b"
# A source by itself, and sources that are compiled together.
for file in "$root/src/tensor/random.cpp" "$build/CMakeFiles/iuf_core.dir/Unity/unity_src_nn_0_cxx.cxx" \
  "$build/CMakeFiles/iuf.dir/Unity/unity_apps_0_cxx.cxx"; do
  name=$(basename "$file")
  command=$(grep -F "\"command\":" "$build/compile_commands.json" | grep -F " -c $file\"" | head -n 1 |
    sed 's/^ *"command": "//; s/",$//; s/\\\(.\)/\1/g; s/^[^ ]*ccache //')
  check "$name is among the build's commands" [ -n "$command" ]
  for copy in "$work/a" "$work/of_another_length/b"; do
    [ -d "$copy/src" ] || cp -r "$root/src" "$root/apps" "$copy/"
    sed "s|$root/|$copy/|g" "$file" > "$copy/$name"
    (cd "$copy" && eval "$(echo "$command" |
      sed "s| -o [^ ]*| -o out.o|; s| -c .*| -c $copy/$name|; s|$root/|$copy/|g")") || check "$name compiles" false
    mv "$copy/out.o" "$copy/$name.o"
  done
  check "$name gives other bytes in another folder" cmp -s "$work/a/$name.o" "$work/of_another_length/b/$name.o"
done
check "the program names a folder of its sources" sh -c '! grep -qF "$1/src" "$2"' - "$root" "$program"
check "the program names its folder" sh -c '! grep -qF "$1/" "$2"' - "$build" "$program"
echo "reproducible.sh: $passed passed, $failed failed"
[ "$failed" = 0 ]
