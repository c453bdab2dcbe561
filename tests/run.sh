#!/bin/sh
# Runs every test of a build folder through ctest. The last line counts: a program that reports its own checks (Catch2's
# test cases, "...: N passed, N failed") by those, every other entry as one. Exit code 1 when anything failed.
build=${1:?usage: tests/run.sh BUILD_FOLDER}
ctest --test-dir "$build" --output-on-failure -j "$(nproc)" -O "$build/ctest.log"
result=$?
awk -v result=$result '
  # What the programs said, by test.
  / Testing: / { name = $NF }
  /^All tests passed \(/ { match($0, /in [0-9]+ test case/); own_passed[name] += substr($0, RSTART + 3) + 0 }
  /^test cases: |: [0-9]+ passed, [0-9]+ failed$/ {
    if (match($0, /[0-9]+ passed/)) own_passed[name] += substr($0, RSTART) + 0
    if (match($0, /[0-9]+ failed/)) own_failed[name] += substr($0, RSTART) + 0
  }
  # What ctest made of it.
  / Test +#[0-9]+: / {
    name = $0
    sub(/.* Test +#[0-9]+: /, "", name)
    sub(/ .*/, "", name)
    if (/\*Skipped /) {
      ++skipped
      next
    }
    ok = / Passed /
    passed += own_passed[name] + (ok && !own_passed[name] && !own_failed[name])
    failed += own_failed[name] + (!ok && !own_failed[name])
  }
  END {
    if (!passed && !failed || result && !failed) ++failed
    if (skipped) print skipped " skipped"
    print passed + 0 " passed, " failed + 0 " failed"
    exit failed > 0
  }' "$build/Testing/Temporary/LastTest.log" "$build/ctest.log"
