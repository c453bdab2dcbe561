#!/bin/sh
# Runs every test of a build folder through ctest. The last line counts: a program that reports its own checks (Catch2's test
# cases, gradient checks) by those, every other entry as one. Exit code 1 when anything failed.
build=${1:?usage: tests/run.sh BUILD_FOLDER}
ctest --test-dir "$build" --output-on-failure -j "$(nproc)"
result=$?
awk -v result=$result '
  /^[0-9]+\/[0-9]+ Test(ing)?: / { own_passed = own_failed = 0 }
  /^All tests passed \(/ { match($0, /in [0-9]+ test case/); own_passed += substr($0, RSTART + 3) + 0 }
  /^test cases: / {
    if (match($0, /[0-9]+ passed/)) own_passed += substr($0, RSTART) + 0
    if (match($0, /[0-9]+ failed/)) own_failed += substr($0, RSTART) + 0
  }
  /: [0-9]+ passed, [0-9]+ failed$/ {
    match($0, /[0-9]+ passed/); own_passed += substr($0, RSTART) + 0
    match($0, /[0-9]+ failed/); own_failed += substr($0, RSTART) + 0
  }
  /^Test Passed\./ { passed += own_passed + own_failed ? own_passed : 1 }
  /^Test Failed\.|^Test (timed out|Timed Out)|^Unable to find/ { passed += own_passed; failed += own_failed ? own_failed : 1 }
  /^Test Skipped/ { ++skipped }
  END {
    if (!passed && !failed) failed = 1
    if (result && !failed) failed = 1
    if (skipped) print skipped " skipped"
    print passed + 0 " passed, " failed + 0 " failed"
    exit failed > 0
  }' "$build/Testing/Temporary/LastTest.log"
