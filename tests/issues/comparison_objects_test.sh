#!/bin/sh
# A comparison's table was wider than a terminal, more so where a method failed, and no table had the single objects.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

make_data data
steps="biscuit,capsule;gear"
compare="$iuf compare data --steps $steps --methods gaussian,coreset --seeds 0,3 --image-size 64 --bank-size 50 --quiet"
# Characters of the widest line of the table.
widest() {
  sed -n 's/±/+/g; /^method/,/^[0-9]* more/p' "$1" | grep -v '(failed: ' |
    awk '{ if (length($0) > n) n = length($0) } END { print n + 0 }'
}
check "comparing" $compare --out cmp
[ "$(widest out)" -gt 60 ] && [ "$(widest out)" -le 100 ] && ok || not_ok "$(widest out) columns: $(cat out)"
for figure in 'image ACC' 'pixel ACC' 'image FM' 'pixel FM' AUPRO; do
  grep -q "^method.*$figure" out && ok || not_ok "the table lacks $figure: $(cat out)"
done
grep -q '^[0-9]* more figures: comparison.csv' out && ok || not_ok "no word of what is left out: $(cat out)"
check "wide" $compare --out cmp --wide
grep -q '^method.*pixel F1-max.*AUPRO.*kept$' out && ! grep -q 'more figures' out && ok || not_ok "wide: $(cat out)"

# Every object of every seed; the table of methods is as it was.
head -1 cmp/comparison.csv | grep -q '^name,label,seed,failed,image_acc,pixel_acc,' && ok \
  || not_ok "$(head -1 cmp/comparison.csv)"
[ "$(wc -l < cmp/comparison.csv)" = 5 ] && ok || not_ok "comparison.csv: $(cat cmp/comparison.csv)"
objects=cmp/comparison_objects.csv
head -1 $objects | grep -q '^name,label,seed,object,step,image_auroc,.*pixel_auroc,.*aupro,.*threshold$' && ok \
  || not_ok "the head of $objects: $(head -1 $objects)"
[ "$(wc -l < $objects)" = 13 ] && ok || not_ok "$objects: $(cat $objects)"
for row in 'gaussian,gaussian,0,biscuit,1' 'gaussian,gaussian,3,gear,2' 'coreset,coreset,0,capsule,1'; do
  grep -Eq "^$row,[01](\.[0-9]+)?," $objects && ok || not_ok "$objects lacks $row: $(cat $objects)"
done
# The mean over the objects is the method's figure.
mean=$(awk -F, '$1 == "gaussian" && $3 == 0 { sum += $6 } END { printf "%.6f", sum / 3 }' $objects)
figure=$(awk -F, '$1 == "gaussian" && $3 == 0 { printf "%.6f", $5 }' cmp/comparison.csv)
[ "$mean" = "$figure" ] && ok || not_ok "the objects' mean is $mean, the method's $figure"

# A method that fails: its reason is below the table.
mkdir -p failing/coreset
echo '{"format": 5}' > failing/coreset/run.json
touch failing/coreset/state.safetensors
$compare --out failing > out 2> err
[ "$(widest out)" -le 100 ] && grep -q '^coreset (failed)' out && grep -q '^coreset (failed: .*another run' out && ok \
  || not_ok "a failed row: $(cat out)"
[ "$(wc -l < failing/comparison_objects.csv)" -lt 13 ] && ok || not_ok "failed: $(cat failing/comparison_objects.csv)"
finish
