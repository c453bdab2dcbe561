#!/bin/sh
# Fails when an operation declared in autograd/ops.h has no line in op_cases.h. Run by the build.
root=$(dirname "$0")/../..
missing=0
for op in $(sed -n 's/^Var \([a-z_0-9]*\)(.*/\1/p' "$root/src/autograd/ops.h"); do
  if ! grep -q "^ *{\"$op\"," "$root/tests/autograd/op_cases.h"; then
    echo "src/autograd/ops.h declares '$op', but tests/autograd/op_cases.h has no case for it" >&2
    missing=1
  fi
done
exit $missing
