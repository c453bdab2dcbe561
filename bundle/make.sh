#!/bin/sh
# make.sh BUILD: writes BUILD/iuf-VERSION-linux-x86_64.tar.gz, for a machine without a network: the program in one file,
# libiuf for every glibc from 2.28 on, the manual as HTML, examples, the weights, the licences of all that is inside, a
# bill of materials, and the sources.
set -e
build=$(cd "${1:?usage: bundle/make.sh BUILD_FOLDER}" && pwd)
cd "$(dirname "$0")/.."
stop() {
  echo "bundle: $*" >&2
  exit 1
}
program=$build/iuf_static
[ -x "$program" ] || stop "there is no $program: see what cmake says of the program in one file"
library=$build/portable/libiuf.so.1
[ -f "$library" ] || stop "there is no $library: it is built where $program is"
command -v cmark-gfm > /dev/null || stop "the manual needs cmark-gfm (apt-get install cmark-gfm)"
git rev-parse HEAD > /dev/null 2>&1 || stop "the sources are taken from git, and this is no clone"

version=$("$program" --version | sed 's/iuf //')
name=iuf-$version-linux-$(uname -m)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
into=$work/$name
mkdir -p "$into/bin" "$into/manual/docs" "$into/licences" "$into/share/man/man1" \
  "$into/share/bash-completion/completions" "$into/share/zsh/site-functions" "$into/lib" "$into/include"
cp "$program" "$into/bin/iuf"
cp "$library" "$into/lib/"
ln -s "$(basename "$library")" "$into/lib/libiuf.so"
cp src/c_api/iuf.h src/c_api/iuf.hpp "$into/include/"
"$program" help --man > "$into/share/man/man1/iuf.1"
"$program" help --bash > "$into/share/bash-completion/completions/iuf"
"$program" help --zsh > "$into/share/zsh/site-functions/_iuf"
cp bundle/install.sh "$into/"
sed -n '/^## Without a network/,/^## With your/{/^## With your/!p}' README.md > "$into/README"
echo "The manual is manual/README.html, this page its second section." >> "$into/README"
[ "$(grep -c '^```$' "$into/README")" = 2 ] || stop "README.md: the commands are not found"
cp -r examples weights "$into/"

# page TITLE < MARKDOWN > HTML
page() {
  echo "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>$1</title><style>"
  echo 'body{max-width:50em;margin:2em auto;padding:0 1em;font:16px/1.5 sans-serif}pre{overflow:auto;background:#eee;'
  echo 'padding:.5em}table{border-collapse:collapse}td,th{border:1px solid #bbb;padding:.2em .5em;text-align:left}'
  echo '</style></head><body>'
  cmark-gfm -e table | sed 's/\(href="[^":]*\)\.md\([#"]\)/\1.html\2/g'
  echo '</body></html>'
}
cp -r docs/images "$into/manual/docs/"
for file in README.md CHANGELOG.md docs/*.md; do
  page "iuf: $(sed -n '1s/^#* *//p' "$file")" < "$file" > "$into/manual/${file%.md}.html"
done

# Of this project, and of every package that a part of the program comes from.
cp LICENSE "$into/licences/iuf"
cp weights/LICENSE.efficientnet_lite0 "$into/licences/efficientnet_lite0"
for file in $(cat "$build/iuf_static.archives" "$build/iuf_static.headers") "$(cc -print-file-name=libc.a)" \
  "$(c++ -print-file-name=libstdc++.a)"; do
  package=$(dpkg -S "$(readlink -f "$file")" | sed 's/:.*//')
  [ -f "/usr/share/doc/$package/copyright" ] || stop "$file: package '$package' has no copyright file"
  cp -L "/usr/share/doc/$package/copyright" "$into/licences/$package"
done
for file in $(grep -oh '/usr/share/common-licenses/[A-Za-z0-9.-]*[A-Za-z0-9]' "$into"/licences/* | sort -u); do
  [ ! -f "$file" ] || cp -L "$file" "$into/licences/"
done

bundle/sbom.sh "$build" > "$into/sbom.cdx.json"
git archive --prefix="iuf-$version/" HEAD | gzip -9n > "$into/iuf-$version-sources.tar.gz"
(cd "$into" && find . -type f ! -name SHA256SUMS | LC_ALL=C sort | xargs sha256sum > SHA256SUMS)
tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$(git log -1 --format=%ct)" -cf - "$name" |
  gzip -9n > "$build/$name.tar.gz"
echo "$build/$name.tar.gz"
