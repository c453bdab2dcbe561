#!/bin/sh
# predict had no way to say which product is on the line: variants took each other's parts for their own.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

make_data data
check "a model" "$iuf" train data --steps "biscuit; gear" --out run --method gaussian --quiet --image-size 64 --grid 4
check "the best fit" "$iuf" predict run data/gear/test data/biscuit/test --out best --quiet
grep -q "better" out && not_ok "a better object where none is expected: $(cat out)" || ok
check "as expected" "$iuf" predict run data/gear/test --object gear --out gear --quiet
grep -q "better" out && not_ok "a better object than the right one: $(cat out)" || ok
# The same rows as without, for images that show it.
grep gear/test best/predictions.csv | cut -d , -f 1-6 > rows
sed 1d gear/predictions.csv | cut -d , -f 1-6 | cmp - rows && ok || not_ok "naming the right object changes a row"
check "another" "$iuf" predict run data/biscuit/test --object gear --out wrong --quiet
count=$(ls data/biscuit/test/*/*.png | wc -l)
grep -q "another object fits $count better" out && ok || not_ok "the summary: $(cat out)"
[ "$(sed 1d wrong/predictions.csv | cut -d , -f 4,5,8 | sort -u)" = "unknown,gear,biscuit" ] && ok \
  || not_ok "biscuits among gears: $(cat wrong/predictions.csv)"
[ "$(grep -c '"object":"gear".*"fits_better":"biscuit"' wrong/predictions.jsonl)" = "$count" ] && ok \
  || not_ok "biscuits among gears: $(cat wrong/predictions.jsonl)"
refused 1 "unknown object 'gaer' \(did you mean 'gear'\?\); the model knows: biscuit, gear" "$iuf" predict run \
  data/gear/test --object gaer --out none --quiet
check "a model without memory" "$iuf" train data --steps "biscuit; gear" --out last --method padim --quiet \
  --image-size 64 --grid 4
check "what it remembers" "$iuf" predict last data/gear/test --object gear --out padim --quiet
refused 1 "object 'biscuit': padim keeps nothing" "$iuf" predict last data/biscuit/test --object biscuit --out none \
  --quiet
[ -e none/predictions.csv ] && not_ok "a refused call left a table" || ok

finish
