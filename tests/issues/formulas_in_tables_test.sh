#!/bin/sh
# Names that a spreadsheet would take for formulas: with --csv-safe an apostrophe goes before them in every table, and
# is taken off again where the program reads one.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

make_data made
mkdir data
cp -r made/biscuit data/+cam
cp -r made/gear data/@gear
train="$iuf train data --method gaussian --quiet --image-size 64 --grid 4"
check "train" $train --out run --csv-safe
check "train" $train --out plain
cut -d , -f 1 run/scores.csv | sort -u > objects
[ "$(grep -c "^'[+@]" objects)" = 2 ] && [ "$(wc -l < objects)" = 3 ] && ok || not_ok "scores.csv: $(cat objects)"
cut -d , -f 1 plain/scores.csv | grep -q "^'" && not_ok "without being asked" || ok
sed "s/,'/,/g; s/^'//" run/scores.csv | cmp -s - plain/scores.csv && ok || not_ok "the scores are others"
check "the report reads it" "$iuf" report run
grep -q "&#39;+cam" run/report.html && not_ok "the report shows the apostrophe" || ok

cp made/biscuit/test/good/000.png =1+1.png
cp made/biscuit/test/good/000.png -- -2.png
check "predict" "$iuf" predict run --out found --quiet --no-heatmaps --csv-safe -- =1+1.png -2.png
[ "$(cut -d , -f 1,5 found/predictions.csv | grep -c "^'[-=].*,'+cam$")" = 2 ] && ok \
  || not_ok "predictions.csv: $(cut -d , -f 1,5 found/predictions.csv)"
check "predict" "$iuf" predict run --out found --append log.csv --quiet --no-heatmaps -- =1+1.png
[ "$(cut -d , -f 7 log.csv | tail -n 1)" = "=1+1.png" ] && ok || not_ok "without being asked: $(tail -n 1 log.csv)"
mkdir line
mv =1+1.png line/
check "watch" "$iuf" watch run line --once --settle 0 --object +cam --out judged --quiet --csv-safe
[ "$(cut -d , -f 5,11 judged/log.csv | tail -n 1)" = "'+cam,'+cam" ] && ok \
  || not_ok "log.csv: $(tail -n 1 judged/log.csv)"
check "eval" "$iuf" eval run data --csv scores.csv --quiet --csv-safe
[ "$(grep -c "^'[+@]" scores.csv)" -gt 2 ] && ok || not_ok "eval: $(head -3 scores.csv)"
check "compare" "$iuf" compare data --steps "+cam,@gear" --methods gaussian --quiet --image-size 64 --grid 4 \
  --out compared --csv-safe
grep -q "'+cam" compared/comparison_objects.csv && grep -q "^'+cam" compared/gaussian/scores.csv && ok \
  || not_ok "compare: $(head -3 compared/comparison_objects.csv) $(head -2 compared/gaussian/scores.csv)"
finish
