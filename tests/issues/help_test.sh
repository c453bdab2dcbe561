#!/bin/sh
# The version by -V, the help by `iuf help COMMAND`, and a help of train and compare that shows what matters first.
. "$(dirname "$0")/../apps/support.sh"
cd "$work" || exit 1

check "-V" "$iuf" -V
cp out version
check "--version" "$iuf" --version
cmp -s out version && [ "$(wc -l < version)" = 1 ] && grep -Eq '^iuf [0-9]+\.[0-9]+\.[0-9]+$' version && ok \
  || not_ok "the version: $(cat version)"
check "help" "$iuf" help
grep -q '^Example' out && ok || not_ok "help shows no overview: $(cat out)"
for command in train compare eval info; do
  check "help of $command" "$iuf" "$command" --help
  mv out help
  check "help $command" "$iuf" help "$command"
  cmp -s out help && ok || not_ok "'help $command' is not '$command --help'"
done
refused 2 "unknown command 'trian' \(did you mean 'train'\?\)" "$iuf" help trian

flags() { grep -oE '^  (-h,)?--[a-z-]+' "$1"; }
for command in train compare; do
  check "help of $command" "$iuf" "$command" --help
  mv out help
  check "all help of $command" "$iuf" "$command" --help-all
  [ "$(flags help | wc -l)" -le 24 ] && ok || not_ok "$command --help shows $(flags help | wc -l) flags"
  [ "$(flags out | wc -l)" -ge 70 ] && ok || not_ok "$command --help-all shows $(flags out | wc -l) flags"
  flags help | while read -r flag; do flags out | grep -qe "$flag\$" || echo "$flag"; done > missing
  [ ! -s missing ] && ok || not_ok "$command --help-all lacks $(cat missing)"
  for flag in out steps stream profile epochs false-alarms views image-size threads cache config; do
    grep -q -- "^  --$flag " help && ok || not_ok "$command --help lacks --$flag"
  done
  hidden=$(($(flags out | wc -l) - $(flags help | wc -l)))
  grep -q "iuf $command --help-all. shows every flag: $hidden more" help && ok \
    || not_ok "$command --help does not say where $hidden flags are: $(tail -2 help)"
  grep -q '^  --draem-size ' out && ! grep -q '^  --draem-size ' help && ok || not_ok "$command: --draem-size"
done
for flag in method seed; do
  "$iuf" train --help | grep -q -- "^  --$flag " && ok || not_ok "train --help lacks --$flag"
done
"$iuf" convert --help | grep -q -- '^  --draem-size ' && ok || not_ok "the help of convert is not whole"
finish
