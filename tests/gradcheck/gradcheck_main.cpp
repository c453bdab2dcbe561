// Numeric gradient check of every operation, in the double build: prints the worst element of each case.
#include <cstdio>

#include "autograd/gradcheck.h"
#include "autograd/op_cases.h"

int main() {
  int failed = 0, passed = 0;
  for (const iuf::OpCase& c : iuf::op_cases()) {
    const iuf::Gradcheck worst = iuf::gradcheck(c.call, iuf::op_case_inputs(c));
    const bool ok = worst.error <= c.tolerance;
    std::string shapes;
    for (const iuf::Shape& shape : c.shapes) shapes += shape.text() + " ";
    std::printf("%-4s %-14s %-32s error %.1e (allowed %.0e)  %s\n", ok ? "ok" : "FAIL", c.op.c_str(), shapes.c_str(), worst.error,
                c.tolerance, worst.where.c_str());
    ++(ok ? passed : failed);
  }
  std::printf("gradient checks: %d passed, %d failed\n", passed, failed);
  return failed != 0;
}
