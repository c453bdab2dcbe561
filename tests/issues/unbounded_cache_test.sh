#!/bin/sh
# The cache of features had no bound: 1.9 GB for 160 images at 896 pixels.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

"$iuf" synth data --quiet --size 64 --train 20 --test-good 5 --per-defect 2 --objects biscuit,gear > /dev/null
bytes() { find "$1" -type f -exec wc -c {} + | awk '/ total$/ { print $1 }'; }
train() { "$iuf" train data --method gaussian --image-size 64 --grid 4 --quiet --out "$@"; }
check "without a bound that matters" train free
[ "$(bytes free/cache)" -gt 4000000 ] && ok || not_ok "too little is cached to test a bound: $(bytes free/cache) bytes"
check "within 0.002 GiB" train bound --cache-size 0.002
[ "$(bytes bound/cache)" -le 2147484 ] && ok || not_ok "the cache grew to $(bytes bound/cache) bytes"
check "the model is the same" cmp free/model.safetensors bound/model.safetensors
finish
