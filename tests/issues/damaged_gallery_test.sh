#!/bin/sh
# A picture of a run's gallery that changed by a byte is not shown as if nothing were.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

make_data data
check "a run" "$iuf" train data --steps biscuit --method gaussian --quiet --image-size 64 --grid 4 --out run
picture=$(find run/gallery -name '*_input.jpg' | sort | head -n 1)
printf '\125' | dd of="$picture" bs=1 seek=700 conv=notrunc 2> /dev/null
check "the picture is readable" "$iuf" predict run "$picture" --out found --quiet
refused 1 "$picture: damaged: its checksum is another" "$iuf" report run
finish
