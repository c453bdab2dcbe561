#!/bin/sh
# "Copy it where you like" failed: the program needed twelve shared libraries, some of which have other names elsewhere.
. "$(dirname "$0")/../apps/support.sh"
static=$(dirname "$iuf")/iuf_static

if [ ! -x "$static" ]; then
  echo "the program in one file was not built: some libraries are not there as archives"
  exit 77
fi
readelf -dlW "$static" > "$work/headers" 2>&1
grep -Eq 'NEEDED|INTERP' "$work/headers" && not_ok "it needs $(grep -E 'NEEDED|INTERP' "$work/headers")" || ok
cp "$static" "$work/copied"
check "a copy elsewhere, without any variable" env -i "$work/copied" doctor
finish
