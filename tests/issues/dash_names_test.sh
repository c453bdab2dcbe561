#!/bin/sh
# Names that begin with a dash, and tables written to standard output.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

make_data data
check "training" "$iuf" train data --steps gear --out run --method gaussian --image-size 64 --quiet
cp data/gear/train/good/000.png ./-odd.png
cp data/gear/train/good/001.png ./--json
cp -r data ./-data
check "files behind --" "$iuf" predict run --out found --quiet -- -odd.png --json
[ "$(grep -c '^-odd.png,\|^--json,' found/predictions.csv)" = 2 ] && ok || not_ok "$(cat found/predictions.csv)"
refused 2 "'-odd.png' is taken for a flag; files whose names begin with a dash stand behind --" "$iuf" predict run \
  --out found --quiet -odd.png
refused 2 "unknown flag '-none.png'" "$iuf" predict run --out found --quiet -none.png
check "a folder behind --" "$iuf" data -- -data
check "learning from a folder behind --" "$iuf" train --steps gear --out dash --method gaussian --image-size 64 \
  --quiet -- -data
refused 2 "'--out' is one argument too many" "$iuf" data -- -data --out
"$iuf" train -- -data --out x > out 2> err
[ $? = 2 ] && ! grep -q "unknown flag" err && ok || not_ok "flags behind --: $(cat err)"

# --csv: the results are printed, the scores are a file.
"$iuf" eval run data --quiet --csv /dev/stdout > printed 2> err
[ $? = 2 ] && grep -q "eval: --csv: '/dev/stdout' is standard output, where the results are printed; name a file" err \
  && [ ! -s printed ] && ok || not_ok "--csv /dev/stdout into a file: $(cat err printed)"
"$iuf" eval run data --quiet --csv /dev/stdout 2> err | cat > printed
grep -q "'/dev/stdout' is standard output" err && [ ! -s printed ] && ok || not_ok "into a pipe: $(cat err printed)"
refused 2 "'/dev/null' is not a regular file" "$iuf" eval run data --quiet --csv /dev/null
refused 2 "'found' is not a regular file" "$iuf" eval run data --quiet --csv found
check "scores in a file" "$iuf" eval run data --quiet --csv scores.csv
grep -q '^object,\|,object,' scores.csv && ok || not_ok "$(head -2 scores.csv)"
finish
