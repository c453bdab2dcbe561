#!/bin/sh
# The sources came without a licence and without a list of changes.
. "$(dirname "$0")/../apps/support.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root" || exit 1

grep -q 'Version 2.0, January 2004' LICENSE && grep -q 'END OF TERMS AND CONDITIONS' LICENSE && ok \
  || not_ok "LICENSE is not the whole Apache License 2.0"
latest=$(sed -n 's/^## \([0-9.]*\)$/\1/p' CHANGELOG.md | head -n 1)
[ "iuf $latest" = "$("$iuf" --version)" ] && ok || not_ok "CHANGELOG.md begins with '$latest', not $("$iuf" --version)"
for file in LICENSE CHANGELOG.md; do
  sed '1,/^## Departures/d' README.md | grep -qF "($file)" && ok || not_ok "README.md ends without $file"
  if git rev-parse --git-dir > /dev/null 2>&1; then  # what `make dist` packs
    git ls-files --error-unmatch "$file" > /dev/null 2>&1 && ! git check-attr export-ignore "$file" | grep -q ': set$' \
      && ok || not_ok "make dist does not pack $file"
  fi
done
finish
