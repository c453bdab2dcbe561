#!/bin/sh
# A cache that cannot be written is told by its flag; where features are needed once, it costs time alone.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

make_data data
gauss="--image-size 64 --quiet --threads 1"
check "training" "$iuf" train data --method gaussian $gauss --out run
cp run/scores.csv scores
: > file
for cache in file file/below /proc/cache; do
  refused 1 "cache .*$cache.*--cache" "$iuf" train data --method gaussian $gauss --out other --cache $cache
  refused 1 "cache .*$cache.*--cache" "$iuf" compare data --steps "biscuit;gear" --methods gaussian $gauss \
    --out compared --cache $cache
  refused 1 "cache .*$cache.*--cache" "$iuf" add run/model.safetensors data/gear/train/good --name wheel --out added \
    --quiet --cache $cache
  check "eval without a cache" "$iuf" eval run data --csv again --threads 1 --cache $cache
  cmp scores again && ok || not_ok "eval without a cache gives other scores"
  [ "$(grep -c -- '--cache' err)" = 1 ] && ok || not_ok "eval without a cache does not say so once: $(cat err)"
done
finish
