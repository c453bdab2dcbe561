#!/bin/sh
# Objects whose names hold what separates names are chosen by quotes, everywhere that names are given.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

make_data data
mv data/biscuit 'data/nut, big'
mv data/capsule 'data/a;b'
mv data/gear 'data/it"s'
gauss="--method gaussian --image-size 64 --quiet --threads 1"
for steps in '"nut, big"; "a;b",it"s' "'nut, big';'a;b','it\"s'" '"nut, big" ; "a;b" , "it""s"'; do
  rm -rf run
  check "steps $steps" "$iuf" train data $gauss --out run --steps "$steps"
  [ "$(tr -d ' \n' < run/run.json | grep -c '"steps":\[\["nut,big"\],\["a;b","it\\"s"\]\]')" = 1 ] && ok \
    || not_ok "steps $steps: $(grep -A9 '"steps"' run/run.json)"
  check "the stored configuration of $steps" "$iuf" train --config run/config.toml --quiet
done
"$iuf" train data $gauss --out run --steps '"nut, big"; "a;b",it"s' --json > /dev/null 2>&1
check "a comparison" "$iuf" compare data --steps '"nut, big"; "a;b"' --methods gaussian --image-size 64 --quiet \
  --threads 1 --out compared
grep -q '^"nut, big"; "a;b"' out && ok || not_ok "a stream is printed in another way than it is given: $(head -3 out)"
for objects in '"nut, big"' "'nut, big'" 'it"s,"nut, big"' '"a;b",it"s'; do
  check "eval --objects $objects" "$iuf" eval run data --objects "$objects" --quiet
done
"$iuf" eval run data --objects '"nut, big",it"s' --quiet --json > out 2> err
grep -q '"object": "nut, big"' out && grep -q '"object": "it\\"s"' out && ok || not_ok "eval of two names: $(cat err)"
refused 1 "unknown object 'nut'" "$iuf" eval run data --objects 'nut, big' --quiet
refused 1 "a quote in .* is not closed" "$iuf" eval run data --objects '"nut, big' --quiet
finish
