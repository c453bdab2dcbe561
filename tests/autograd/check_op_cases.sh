#!/bin/sh
# Fails when an operation declared in autograd/ops.h has no line in op_cases.h: every function declared at the beginning
# of a line, whatever it returns, but for operators. Run by the build.
root=$(dirname "$0")/../..
missing=0
ops=$(sed -n 's/^[A-Za-z][A-Za-z0-9_:<>, ]* \([a-z_0-9]*\)(.*/\1/p' "$root/src/autograd/ops.h" | sort -u)
[ -n "$ops" ] || { echo "src/autograd/ops.h: no operation was found, so nothing was checked" >&2; exit 1; }
for op in $ops; do
  if ! grep -q "^ *{\"$op\"," "$root/tests/autograd/op_cases.h"; then
    echo "src/autograd/ops.h declares '$op', but tests/autograd/op_cases.h has no case for it" >&2
    missing=1
  fi
done
exit $missing
