#!/bin/sh
# ./install.sh [PREFIX]: copies the program, its manual page and completions, and libiuf below PREFIX (/usr/local, or
# ~/.local for users without rights there). It runs from this folder as well: bin/iuf needs nothing that is not in it.
set -e
here=$(cd "$(dirname "$0")" && pwd)
prefix=${1:-/usr/local}
[ -n "$1" ] || [ -w "$prefix" ] || prefix=$HOME/.local
for file in bin/iuf lib/libiuf.so.1 include/iuf.h include/iuf.hpp share/man/man1/iuf.1 \
  share/bash-completion/completions/iuf share/zsh/site-functions/_iuf; do
  mkdir -p "$prefix/$(dirname "$file")"
  cp "$here/$file" "$prefix/$file.new"
  mv "$prefix/$file.new" "$prefix/$file"
done
ln -sf libiuf.so.1 "$prefix/lib/libiuf.so"
mkdir -p "$prefix/share/doc/iuf"
cp -r "$here/manual" "$here/examples" "$here/licences" "$prefix/share/doc/iuf/"
echo "$prefix/bin/iuf"
case :$PATH: in
  *:"$prefix/bin":*) ;;
  *) echo "put $prefix/bin on the PATH: PATH=$prefix/bin:\$PATH" ;;
esac
