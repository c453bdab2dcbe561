// Numeric gradient check of every operation and of whole networks, in the double build: prints the worst element of
// each case.
#include <cstdio>

#include "autograd/gradcheck.h"
#include "autograd/op_cases.h"
#include "gradcheck/module_cases.h"

namespace {

int failed = 0, passed = 0;

void report(const std::string& name, const std::string& shapes, const iuf::Gradcheck& worst, double tolerance) {
  const bool ok = worst.error <= tolerance;
  std::printf("%-4s %-36s %-28s error %.1e (allowed %.0e)  %s\n", ok ? "ok" : "FAIL", name.c_str(), shapes.c_str(),
              worst.error, tolerance, worst.where.c_str());
  ++(ok ? passed : failed);
}

}  // namespace

int main() {
  for (const iuf::OpCase& c : iuf::op_cases()) {
    std::string shapes;
    for (const iuf::Shape& shape : c.shapes) shapes += shape.text() + " ";
    report(c.op, shapes, iuf::gradcheck(c.call, iuf::op_case_inputs(c)), c.tolerance);
  }
  for (const iuf::ModuleCase& c : iuf::module_cases()) report(c.name, "", c.check(), 1e-6);
  std::printf("gradient checks: %d passed, %d failed\n", passed, failed);
  return failed != 0;
}
