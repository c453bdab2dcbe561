#include <iostream>

#include "apps/command.h"
#include "nn/pth.h"

namespace iuf {

Action convert_command(CLI::App& app) {
  struct Flags {
    std::filesystem::path in, out;
  };
  auto f = std::make_shared<Flags>();
  app.add_option("in", f->in, "weights: .safetensors, or .pth / .pt as PyTorch writes them")->required()->type_name("FILE");
  app.add_option("out", f->out, "the safetensors file to write")->required()->type_name("FILE");
  return [f](ProgressLine& progress) {
    const ConvertReport report = convert_weights(f->in, f->out);
    for (const std::string& name : report.skipped) progress.note("not a tensor, left out: " + name);
    std::cout << f->in.string() << " (" << report.format << ") -> " << f->out.string() << ": " << report.tensors << " tensors, " << report.bytes
              << " bytes";
    if (report.widened) std::cout << ", " << report.widened << " widened to float32";
    std::cout << "\n";
    return 0;
  };
}

}  // namespace iuf
