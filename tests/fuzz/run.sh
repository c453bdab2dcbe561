#!/bin/bash
# run.sh BUILD SECONDS [TARGET...]: so many seconds of fuzzing for every target (targets.h), or for these: by libFuzzer
# where clang built it (iuf_fuzzer), else by the driver of our own. What libFuzzer found worth keeping stays in
# BUILD/corpus, so that later calls go on from there; BUILD/counts.csv gets a line for each target and call. The sums of
# all calls are printed as rows of the table in docs/reliability.md. Exit code 1 when something was found; its bytes lie
# in BUILD/findings.
build=$(realpath "${1:?usage: run.sh BUILD SECONDS [TARGET...]}") seconds=${2:?}
shift 2
driver=$build/tests/iuf_fuzz fuzzer=$build/tests/iuf_fuzzer
[ $# -gt 0 ] || set -- $("$driver" --list)
mkdir -p "$build/findings" "$build/corpus"
[ -w /dev/shm ] && export TMPDIR=${TMPDIR:-/dev/shm}  # targets that read files write them first
export OMP_NUM_THREADS=1 ASAN_OPTIONS=${ASAN_OPTIONS:-allocator_may_return_null=1:detect_leaks=0}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0 failed=0
cd "$build/findings" || exit 1
for target; do
  if [ -x "$fuzzer" ]; then
    corpus=$build/corpus/$target
    if [ ! -d "$corpus" ]; then
      mkdir "$corpus"
      "$driver" --seeds "$target" "$corpus" || exit 1
    fi
    # Left alone, libFuzzer cuts what is longer than a megabyte, such as a model.
    longest=$(find "$corpus" -type f -printf '%s\n' | sort -n | tail -n 1)
    IUF_FUZZ=$target "$fuzzer" "$corpus" -max_total_time="$seconds" -timeout=1000 -rss_limit_mb=4096 \
      -max_len=$((longest > 1 << 20 ? longest + 4096 : 0)) -print_final_stats=1 \
      -artifact_prefix="$build/findings/$target-" > "$log" 2>&1
    result=$?
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  else
    "$driver" --seconds "$seconds" --seed $RANDOM "$target" > "$log" 2>&1
    result=$?
    runs=$(sed -n "s/^\(FAIL: \)\?$target: \([0-9]*\) runs.*/\2/p" "$log")
  fi
  echo "$target,$seconds,${runs:-0},$((result != 0))" >> "$build/counts.csv"
  if [ $result = 0 ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAIL: $target:"
    tail -n 40 "$log"
  fi
done
awk -F , '
  { if (!($1 in runs)) order[++count] = $1; seconds[$1] += $2; runs[$1] += $3; found[$1] += $4 }
  END {
    for (i = 1; i <= count; ++i) {
      t = order[i]
      printf "| %s | %d | %d | %d |\n", t, seconds[t], runs[t], found[t]
    }
  }
' "$build/counts.csv"
echo "fuzz: $passed passed, $failed failed"
[ $failed = 0 ]
