#!/bin/sh
# sbom.sh BUILD: prints what is inside BUILD/iuf_static as a software bill of materials, CycloneDX 1.5 in JSON: every
# package of which the linker took a part (its map says which), the libraries that are headers alone, and the weights.
# It holds no time and no random number: equal programs have equal bills.
set -e
build=$(cd "${1:?usage: bundle/sbom.sh BUILD_FOLDER}" && pwd)
cd "$(dirname "$0")/.."
stop() {
  echo "sbom: $*" >&2
  exit 1
}
map=$build/iuf_static.map
[ -f "$map" ] || stop "there is no $map: the linker writes it beside iuf_static"

quoted() { printf '%s' "$1" | sed 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$/"/'; }
# licence COPYRIGHT-FILE PACKAGE: as Debian calls that of most files.
licence() {
  found=$(awk '/^Files:/ { all = $2 == "*" } all && /^License:/ { sub(/^License: */, ""); print; exit }' "$1")
  quoted "${found:-see licences/$2}"
}
# component TYPE NAME VERSION LICENCE PURL HASH-OF
component() {
  printf '%s    {"type": "%s", "name": %s, "version": %s,\n     "licenses": [{"license": {"name": %s}}]' \
    "$separator" "$1" "$(quoted "$2")" "$(quoted "$3")" "$4"
  [ -z "$5" ] || printf ',\n     "purl": %s' "$(quoted "$5")"
  [ -z "$6" ] || printf ',\n     "hashes": [{"alg": "SHA-256", "content": "%s"}]' "$(sha256sum "$6" | cut -d ' ' -f 1)"
  printf '}'
  separator=',
'
}

version=$("$build/iuf_static" --version | sed 's/iuf //')
archives=$(sed -n 's/^\(\/[^ (]*\.a\)(.*/\1/p' "$map" | sort -u)
[ -n "$archives" ] || stop "$map names no library: another linker wrote it"
# Paths as they are installed: the linker names /lib and /usr/lib/gcc/../.. as it was told.
packages=$(for file in $archives $(cat "$build/iuf_static.headers"); do
  case $(readlink -f "$file") in
    "$build"/*) ;;  # its own
    *) dpkg -S "$(readlink -f "$file")" 2> /dev/null || stop "$file belongs to no package" ;;
  esac
done | sed 's/:.*//' | LC_ALL=C sort -u)

echo '{'
echo '  "bomFormat": "CycloneDX",'
echo '  "specVersion": "1.5",'
echo '  "version": 1,'
printf '  "metadata": {"component":\n'
separator=''
component application iuf "$version" '"Apache-2.0"' "" "$build/iuf_static"
printf '},\n  "components": [\n'
separator=''
for package in $packages; do
  copyright=/usr/share/doc/$package/copyright
  [ -f "$copyright" ] || stop "package '$package' has no copyright file"
  installed=$(dpkg-query -W -f '${Version} ${Architecture}\n' "$package" | head -n 1)
  component library "$package" "${installed% *}" "$(licence "$copyright" "$package")" \
    "pkg:deb/debian/$package@$(echo "${installed% *}" | sed 's/:/%3A/; s/+/%2B/g')?arch=${installed#* }" ""
done
component data efficientnet_lite0_features "$version" '"Apache-2.0"' "" weights/efficientnet_lite0_features.safetensors
printf '\n  ]\n}\n'
