#!/bin/sh
# Masks and maps of an interrupted predict are whole, and the same to the byte once it went on.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

make_data data
check "a model" "$iuf" train data --steps "biscuit; gear" --out run --method gaussian --quiet --image-size 64 --grid 4
for maps in png npy; do
  given="--masks --maps $maps --threads 1 --quiet"
  check "all at once" "$iuf" predict run data/gear/test data/biscuit/test --out whole $given
  count=$(wc -l < whole/predictions.jsonl)
  [ "$(ls whole/masks | wc -l)" = "$count" ] && [ "$(ls whole/maps | grep -c "$maps\$")" = "$count" ] && ok \
    || not_ok "pictures: $(ls whole/*)"
  # A pipe blocks the call behind the first image.
  mkfifo pipe.png
  first=$(find data/gear/test -name '*.png' | sort | head -n 1)
  "$iuf" predict run "$first" pipe.png data/gear/test data/biscuit/test --out cut $given > out 2> err &
  predicting=$!
  for _ in $(seq 60); do
    [ "$(cat cut/predictions.partial.jsonl 2> /dev/null | wc -l)" = 2 ] && break
    sleep 0.25
  done
  kill -KILL $predicting
  wait $predicting 2> /dev/null
  [ "$(ls cut)" = "$(printf '%s\n' heatmaps heatmaps.partial maps maps.partial masks masks.partial \
    predictions.partial.jsonl)" ] && ok || not_ok "an unfinished call left: $(ls cut)"
  rm pipe.png
  cp "$first" pipe.png
  cp -r cut lost
  check "it goes on" "$iuf" predict run "$first" pipe.png data/gear/test data/biscuit/test --out cut $given
  grep -q "1 of $((count + 2)) images are judged" "$work/err" && ok || not_ok "it begins anew: $(cat "$work/err")"
  check "uninterrupted" "$iuf" predict run "$first" pipe.png data/gear/test data/biscuit/test --out once $given
  diff -r cut once > difference && ok || not_ok "interrupted: $(cat difference)"
  # A picture that is gone is made again with its row.
  rm lost/maps.partial/*
  check "a map is gone" "$iuf" predict run "$first" pipe.png data/gear/test data/biscuit/test --out lost $given
  diff -r lost once > difference && ok || not_ok "a lost map: $(cat difference)"
  rm -r whole cut once lost pipe.png
done
refused 2 "png,npy|npy" "$iuf" predict run data/gear/test --out bad --maps tiff
finish
