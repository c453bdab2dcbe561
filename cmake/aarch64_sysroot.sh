#!/bin/sh
# aarch64_sysroot.sh FOLDER: Debian's arm64 libraries that the build needs, unpacked into a folder. Nothing is installed
# and no rights are needed; see docs/reliability.md. The C library's headers are the cross compiler's own.
set -e
folder=$(realpath -m "${1:?usage: aarch64_sysroot.sh FOLDER}")
[ ! -e "$folder" ] || { echo "aarch64_sysroot.sh: $folder is there already" >&2; exit 1; }
state=$(mktemp -d)
trap 'rm -rf "$state" "$folder.new"' EXIT
mkdir -p "$folder.new" "$state/lists/partial" "$state/archives/partial"
: > "$state/status"
apt() {
  apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User= \
    -o Dir::State="$state" -o Dir::State::status="$state/status" -o Dir::Cache="$state" -o Debug::NoLocking=1 "$@"
}
apt update
apt install --download-only -y --no-install-recommends libopenblas-openmp-dev liblapacke-dev libpng-dev libjpeg-dev \
  zlib1g-dev libtiff-dev libwebp-dev libboost-dev libmosquitto-dev catch2 libcli11-dev nlohmann-json3-dev libstdc++6 \
  libgomp1 > "$state/log" || { cat "$state/log" >&2; exit 1; }
for package in "$state"/archives/*.deb; do
  case $(basename "$package") in
    libc6-dev_* | linux-libc-dev_* | libcrypt-dev_*) ;;
    *) dpkg-deb -x "$package" "$folder.new" ;;
  esac
done
# As Debian's alternatives do.
for name in libblas.so.3 liblapack.so.3 libopenblas.so.0; do
  ln -s "openblas-openmp/$name" "$folder.new/usr/lib/aarch64-linux-gnu/$name"
done
mv "$folder.new" "$folder"
