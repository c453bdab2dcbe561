#!/bin/sh
# roots.sh BUILD [ROOT...]: in roots that have nothing of this system, and without a network, the commands of the
# README in the bundle (BUILD/iuf-*-linux-*.tar.gz) lead from the tarball to a verdict on a BMP, the same in every root.
#
#   empty                        nothing but the bundle, unpacked; without a shell, so every command is started outside
#   bullseye bookworm trixie     minimal roots of Debian 11, 12 and 13, kept in BUILD/roots
#
# Ends with 77 where no root could be tried; one that cannot be made here is left out with the reason.
build=$(cd "${1:?usage: roots.sh BUILD_FOLDER [ROOT...]}" && pwd) || exit 1
shift
[ $# -gt 0 ] || set -- empty bullseye bookworm trixie
here=$(cd "$(dirname "$0")" && pwd)
roots=$build/roots
mkdir -p "$roots"
work=$(mktemp -d "$roots/tried.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0

ok() { passed=$((passed + 1)); }
not_ok() {
  failed=$((failed + 1))
  echo "FAIL: $*"
}
skip() {
  skipped=$((skipped + 1))
  echo "skipped: $*"
}

# shellcheck disable=SC2012 # names of our own
bundle=$(ls -t "$build"/iuf-*-linux-*.tar.gz 2> /dev/null | head -n 1)
[ -n "$bundle" ] || { echo "there is no bundle in $build: make bundle"; exit 77; }
command -v python3 > /dev/null || { echo "no python3, which makes the BMP"; exit 77; }
name=$(basename "$bundle" .tar.gz)

# What a user brings: the tarball, photographs of one product, and a picture of a broken one.
brought=$work/brought
mkdir -p "$brought" "$work/outside"
tar -C "$work/outside" -xzf "$bundle" || exit 1
"$work/outside/$name/bin/iuf" synth "$work/data" --quiet --objects gear --train 20 --test-good 0 --per-defect 1 \
  > /dev/null || exit 1
cp -r "$work/data/gear/train/good" "$brought/photographs"
"$here/support/to_bmp.py" "$work/data/gear/test/missing_tooth/000.png" "$brought/part.bmp" || exit 1
cp "$bundle" "$brought/"
sed -n '/^```$/,/^```$/{/^```$/d;s/  *#.*//;p}' "$work/outside/$name/README" > "$work/commands"
[ "$(wc -l < "$work/commands")" = 5 ] && ok || not_ok "five commands in the README: $(cat "$work/commands")"

unshare --net true 2> /dev/null && as_root="unshare --net" || as_root="unshare -r --net"
[ "$($as_root grep -c : /proc/net/dev 2> /dev/null)" = 1 ] || {
  echo "no network namespace without interfaces can be made here"
  exit 77
}

# judged ROOT FOLDER: the verdict is the expected one, and the whole row that of the first root.
judged() {
  [ -f "$2/verdicts/heatmaps/part.png" ] && ok || not_ok "$1: no heatmap"
  cut -d , -f 2- "$2/verdicts/predictions.csv" > "$work/row" 2>&1
  [ "$(tail -n 1 "$work/row" | cut -d , -f 3)" = defect ] && ok || not_ok "$1: the verdict: $(cat "$work/row")"
  [ -f "$work/first" ] || cp "$work/row" "$work/first"
  cmp -s "$work/first" "$work/row" && ok || not_ok "$1 judges otherwise: $(cat "$work/first" "$work/row")"
  rm -f "$work/row"
}

empty() {
  root=$work/empty
  cp -r "$brought" "$root"
  tar -C "$root" -xzf "$bundle"
  rm "$root/$name.tar.gz"
  sed '1,2d' "$work/commands" > "$work/left"
  while read -r _ arguments; do
    # shellcheck disable=SC2086 # words
    env -i PATH="$PATH" $as_root chroot "$root" "/$name/bin/iuf" $arguments > "$work/out" 2> "$work/err" < /dev/null \
      && ok || not_ok "empty: 'iuf $arguments' ended with $?: $(tail -n 3 "$work/err")"
  done < "$work/left"
  judged empty "$root"
}

# Makes the root if it is not there, in two moves, so that one that was interrupted is not taken for a whole one.
made() {
  [ ! -d "$roots/$1" ] || return 0
  command -v debootstrap > /dev/null || { skip "$1: no debootstrap to make it with"; return 1; }
  rm -rf "$roots/$1.new"
  debootstrap --variant=minbase "$1" "$roots/$1.new" > "$roots/$1.log" 2>&1 && mv "$roots/$1.new" "$roots/$1" && return
  skip "$1: debootstrap failed, is there a network? $(tail -n 1 "$roots/$1.log"), $roots/$1.log"
  return 1
}

# inside ROOT USER COMMAND: by the root's own shell, in the user's home, with nothing of this environment.
inside() {
  home=/home/user
  [ "$2" = 0 ] && home=/root
  $as_root chroot --userspec="$2:$2" "$1" /usr/bin/env -i HOME=$home \
    PATH=/usr/local/bin:/usr/bin:/bin sh -c "cd && $3" > "$work/out" 2> "$work/err" < /dev/null
}

debian() {
  [ "$(id -u)" = 0 ] || { skip "$1: chroot with its users needs root"; return; }
  made "$1" || return
  root=$work/$1
  cp -a "$roots/$1" "$root"
  cp -r "$brought" "$root/home/user"
  cp "$work/commands" "$root/home/user/commands"
  chown -R 1000:1000 "$root/home/user"
  inside "$root" 1000 "set -e; . ./commands" && ok \
    || not_ok "$1: the commands ended with $?: $(tail -n 3 "$work/err")"
  judged "$1" "$root/home/user"
  # Without a folder: for all, or for one user, who is told what to put on the PATH.
  inside "$root" 0 "/home/user/$name/install.sh && iuf --version" && ok || not_ok "$1: as root: $(tail "$work/err")"
  rm "$root/usr/local/bin/iuf"
  inside "$root" 1000 "eval \"\$($name/install.sh | sed -n 's/^put .*: PATH=/PATH=/p')\" && iuf --version" && ok \
    || not_ok "$1: as a user: $(tail "$work/err")"
  inside "$root" 1000 "cd $name && sha256sum --quiet -c SHA256SUMS" && ok || not_ok "$1: sums: $(tail "$work/err")"
  if [ -f "$root/home/user/$name/lib/libiuf.so.1" ]; then
    # Of its needs only the compiler's OpenMP is not in every root.
    inside "$root" 1000 "ldd -v $name/lib/libiuf.so.1"
    grep -v 'libgomp\.so\.1.* => not found' "$work/out" | cat - "$work/err" | grep 'not found' > "$work/missing"
    [ ! -s "$work/missing" ] && ok || not_ok "$1: libiuf.so.1: $(cat "$work/missing")"
  fi
  rm -rf "$root"
}

for tried in "$@"; do
  before=$failed:$passed
  case $tried in
    empty) empty ;;
    *) debian "$tried" ;;
  esac
  [ "$before" = "$failed:$passed" ] || echo "$tried: $(tail -n 1 "$work/first" | cut -d , -f 1-3)"
done
[ "$passed" -gt 1 ] || exit 77
echo "roots.sh: $passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
