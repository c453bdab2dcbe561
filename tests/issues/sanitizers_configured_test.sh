#!/bin/sh
# make sanitize and make fuzz ended before they compiled anything: the comma between two sanitizers ended an argument
# of a generator expression. The builds of all three targets are configured.
. "$(dirname "$0")/../apps/support.sh"
command -v cmake > /dev/null || { echo "skipped: there is no cmake here"; exit 77; }
source=$(cd "$(dirname "$0")/../.." && pwd)
for sanitizers in address,undefined thread; do
  check "a build with $sanitizers" cmake -S "$source" -B "$work/$sanitizers" -DIUF_SANITIZE="$sanitizers" \
    -DCMAKE_BUILD_TYPE=Debug
done
finish
