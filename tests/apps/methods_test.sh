#!/bin/sh
# Every method trains, adds, evaluates, predicts, reports and describes itself as IUF does, with the same result for any
# number of threads.
. "$(dirname "$0")/support.sh"
cd "$work" || exit 1

make_data data
"$iuf" synth more --quiet --size 64 --train 6 --test-good 2 --per-defect 1 --objects wood > /dev/null
methods=$("$iuf" train --help | sed -n 's/.*--method \([a-z|_+-]*\).*/\1/p' | tr '|' ' ')
[ "$(echo "$methods" | wc -w)" -ge 4 ] && ok || not_ok "the help of train lists the methods '$methods'"
for method in $methods; do
  [ "$method" = iuf ] && continue  # the other tests run it
  small="$tiny --bank-size 50 --cad-size 32 --cad-blocks 1 --draem-size 32 --draem-width 2 --cache cache"
  check "$method: train" "$iuf" train data --method $method --steps "biscuit,capsule; gear" --out $method $small
  grep -q '^ACC .*[0-9]/' out && ok || not_ok "$method: train says no ACC: $(cat out)"
  case $method in  # the published 7 x 7 neighbourhood would cover the tiny grid
    uniad | ewc | si | mas | lvt) grep -q '^neighbour-mask = 3$' $method/config.toml && ok \
      || not_ok "$method: $(grep neighbour-mask $method/config.toml)" ;;
  esac
  check "$method: train once more" "$iuf" train data --method $method --steps "biscuit,capsule; gear" --out $method \
    $small
  check "$method: add" "$iuf" add $method more/wood --cache cache --quiet
  check "$method: add once more" "$iuf" add $method more/wood --cache cache --quiet
  grep -q '^nothing to do' out && ok || not_ok "$method: the same object is learned twice"
  check "$method: eval" "$iuf" eval $method data --cache cache --quiet --json
  grep -q '"image_acc": [01]' out && ok || not_ok "$method: eval measured nothing"
  check "$method: predict" "$iuf" predict $method data/gear/test more/wood/test --out $method/found --quiet
  grep -q 'wood.*,\(ok\|defect\),' $method/found/predictions.csv && ok \
    || not_ok "$method: predict says $(cat $method/found/predictions.csv)"
  check "$method: predict on two threads" "$iuf" predict $method data/gear/test more/wood/test --out $method/two \
    --quiet --threads 2
  cmp $method/found/predictions.csv $method/two/predictions.csv && ok \
    || not_ok "$method: the threads change a prediction"
  check "$method: report" "$iuf" report $method
  check "$method: info" "$iuf" info $method
  grep -q "^model of method $method," out && ok || not_ok "$method: info says $(head -1 out)"
  check "$method: train on two threads" "$iuf" train data --method $method --steps "biscuit,capsule; gear" --out two \
    $small --threads 2
  check "$method: train on one" "$iuf" train data --method $method --steps "biscuit,capsule; gear" --out one $small
  cmp one/model.safetensors two/model.safetensors && ok || not_ok "$method: the threads change the model"
  rm -r one two
done
finish
