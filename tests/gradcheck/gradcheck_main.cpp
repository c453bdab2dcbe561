// Numeric gradient check of every operation and of whole networks, in the double build: prints the worst element of
// each case. With `--references FILE` it writes what the operations compute in double instead, for the tests in float.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "autograd/gradcheck.h"
#include "autograd/op_cases.h"
#include "documented_op.h"  // of docs/extending.md
#include "gradcheck/module_cases.h"
#include "nn/safetensors.h"

namespace {

int failed = 0, passed = 0;

void report(const std::string& name, const std::string& shapes, const iuf::Gradcheck& worst, double tolerance) {
  const bool ok = worst.error <= tolerance;
  std::printf("%-4s %-36s %-28s error %.1e (allowed %.0e)  %s\n", ok ? "ok" : "FAIL", name.c_str(), shapes.c_str(),
              worst.error, tolerance, worst.where.c_str());
  ++(ok ? passed : failed);
}

void write_references(const std::filesystem::path& path) {
  iuf::SafetensorsWriter writer;
  const std::vector<iuf::OpCase> cases = iuf::op_cases();
  for (size_t i = 0; i < cases.size(); ++i) {
    const std::string prefix = iuf::op_case_prefix(i, cases[i]);
    const std::vector<iuf::Tensor> inputs = iuf::op_case_inputs(cases[i]);
    const iuf::Tensor weights = iuf::op_case_values(iuf::run_op_case(cases[i], inputs).value.shape(), 0.5, 1.5, 11);
    const iuf::OpResult result = iuf::run_op_case(cases[i], inputs, weights);
    writer.add(prefix + "weights", weights);
    writer.add(prefix + "value", result.value);
    for (size_t k = 0; k < inputs.size(); ++k) {
      writer.add(prefix + "input" + std::to_string(k), inputs[k]);
      if (result.gradients[k].defined()) writer.add(prefix + "gradient" + std::to_string(k), result.gradients[k]);
    }
  }
  writer.write(path);
}

int check_gradients() {
  std::vector<iuf::OpCase> cases = iuf::op_cases();
  cases.push_back(iuf::documented_op());
  for (const iuf::OpCase& c : cases) {
    std::string shapes;
    for (const iuf::Shape& shape : c.shapes) shapes += shape.text() + " ";
    report(c.op, shapes, iuf::gradcheck(c.call, iuf::op_case_inputs(c)), c.tolerance);
  }
  for (const iuf::ModuleCase& c : iuf::module_cases()) report(c.name, "", c.check(), 1e-6);
  std::printf("gradient checks: %d passed, %d failed\n", passed, failed);
  return failed != 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 1) return check_gradients();
    if (argc != 3 || std::string(argv[1]) != "--references") {
      std::fprintf(stderr, "usage: iuf_gradcheck [--references FILE]\n");
      return 2;
    }
    write_references(argv[2]);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "iuf_gradcheck: %s\n", error.what());
    return 1;
  }
}
