#!/bin/sh
# Reports were too large to be sent: they held the photographs instead of previews.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

"$iuf" synth data --quiet --size 512 --train 6 --test-good 3 --per-defect 2 --objects biscuit,capsule,gear > /dev/null
check "a run of large photographs" "$iuf" train data --steps "biscuit,capsule,gear" --method gaussian --image-size 64 \
  --grid 4 --quiet --out run
[ "$(wc -c < run/report.html)" -le 3000000 ] && ok || not_ok "the report has $(wc -c < run/report.html) bytes"
[ "$(grep -o '<img' run/report.html | wc -l)" -ge 6 ] && ok || not_ok "hardly a picture is in the report"
finish
