#!/bin/sh
# What the built files need of a system: shared libraries, and the versions of glibc's and libstdc++'s symbols. The
# program in one file needs none; libiuf.so of the bundle has all inside but glibc of at most 2.28, the unwinder and
# OpenMP (bundle/glibc_2.28.S). The names of symbols that are newer than that are listed.
. "$(dirname "$0")/support.sh"
build=$(dirname "$iuf")
newest=2.28

# versions FILE FAMILY: of all symbols that the file takes from others, the lowest first.
versions() { readelf -VW "$1" | sed -n '/version_r/,$p' | grep -o "Name: $2_[0-9.]*" | sed 's/.*_//' | sort -Vu; }
# above FILE: symbols of glibc that are newer.
above() {
  readelf -VW "$1" | grep -o 'GLIBC_ABI_[A-Z_]*' | sort -u
  objdump -T "$1" 2> /dev/null | awk -v newest=$newest '
    /\*UND\*/ && match($0, /GLIBC_[0-9.]+/) {
      split(substr($0, RSTART + 6, RLENGTH - 6), part, ".")
      split(newest, most, ".")
      if (part[1] > most[1] || part[1] == most[1] && part[2] + 0 > most[2] + 0) print $NF "@" part[1] "." part[2]
    }' | sort -u
}
libraries() { readelf -dW "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort | tr '\n' ' '; }

tried=0
for file in "$iuf" "$build/iuf_static" "$build/libiuf.so" "$build/portable/libiuf.so"; do
  [ -e "$file" ] || continue
  tried=$((tried + 1))
  libraries "$file" > "$work/libraries"
  above "$file" > "$work/above"
  printf '%s\n  libraries: %s\n' "${file#"$build"/}" "$(cat "$work/libraries")"
  for family in GLIBC GLIBCXX CXXABI GCC GOMP OMP; do
    [ -z "$(versions "$file" $family)" ] || echo "  $family: $(versions "$file" $family | tr '\n' ' ')"
  done
  echo "  newer than glibc $newest: $(tr '\n' ' ' < "$work/above")"
  case $file in
    "$build/iuf_static")
      [ -z "$(cat "$work/libraries")" ] && [ ! -s "$work/above" ] && ok || not_ok "the program in one file has needs"
      readelf -lW "$file" | grep -q INTERP && not_ok "the program in one file has an interpreter" || ok ;;
    "$build/portable/libiuf.so")
      [ ! -s "$work/above" ] && ok || not_ok "libiuf.so of the bundle needs a newer glibc: $(cat "$work/above")"
      others=$(tr ' ' '\n' < "$work/libraries" |
        grep -vE '^(lib(c|m)\.so\.6|libpthread\.so\.0|libgcc_s\.so\.1|libgomp\.so\.1|ld-linux-x86-64\.so\.2|)$')
      [ -z "$others" ] && ok || not_ok "libiuf.so of the bundle needs $others"
      [ -z "$(versions "$file" GLIBCXX)" ] && ok || not_ok "libiuf.so of the bundle needs libstdc++"
      nm -D --defined-only "$file" | awk '$2 != "A" { print $3 }' | grep -v '^iuf_' > "$work/seen"
      [ ! -s "$work/seen" ] && ok || not_ok "libiuf.so of the bundle shows $(head -n 3 "$work/seen")" ;;
    *) [ -n "$(versions "$file" GLIBC)" ] && ok || not_ok "what $file needs is not seen" ;;
  esac
done
[ $tried -gt 1 ] || not_ok "only $tried files were looked at"
finish
