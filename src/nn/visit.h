#pragma once

#include <functional>
#include <string>
#include <vector>

#include "autograd/var.h"
#include "nn/safetensors.h"
#include "nn/tensor_file.h"

namespace iuf {

/// A parameter is trained; a buffer (running statistics) is stored with the model but has no gradient.
enum class Role { parameter, buffer };

/// Called once for every tensor of a module, with its full name. Saving, loading, counting, freezing and optimising all
/// go through it; names equal the published checkpoints' keys.
using Visit = std::function<void(const std::string& name, Var& tensor, Role role)>;

/// A visit that puts `prefix.` before every name.
inline Visit under(const std::string& prefix, const Visit& visit) {
  return
      [prefix, &visit](const std::string& name, Var& tensor, Role role) { visit(prefix + "." + name, tensor, role); };
}

struct NamedVar {
  std::string name;
  Var var;
};

template <class Module>
std::vector<NamedVar> parameters(Module& module) {
  std::vector<NamedVar> found;
  module.visit([&](const std::string& name, Var& tensor, Role role) {
    if (role == Role::parameter) found.push_back({name, tensor});
  });
  return found;
}

/// The buffers too.
template <class Module>
std::vector<NamedVar> all_tensors(Module& module) {
  std::vector<NamedVar> found;
  module.visit([&](const std::string& name, Var& tensor, Role) { found.push_back({name, tensor}); });
  return found;
}

/// Whether an operation on some parameter would be recorded.
template <class Module>
bool needs_gradient(Module& module) {
  bool needed = false;
  module.visit([&](const std::string&, Var& tensor, Role) { needed = needed || tensor.requires_grad(); });
  return needed;
}

/// Adds every tensor of the module under `prefix` + name.
template <class Module>
void save_module(Module& module, SafetensorsWriter& writer, const std::string& prefix = "") {
  module.visit([&](const std::string& name, Var& tensor, Role) { writer.add(prefix + name, tensor.value()); });
}

/// Copies the values named prefix + name into the tensors. Throws Error listing what is missing or has another shape;
/// then nothing is changed. Other names in the file are left alone.
void load_tensors(const TensorFile& file, const std::string& prefix, const std::vector<NamedVar>& targets);
template <class Module>
void load_module(Module& module, const TensorFile& file, const std::string& prefix = "") {
  load_tensors(file, prefix, all_tensors(module));
}

/// While it lives, the module's parameters need no gradient, so that its operations record nothing.
class Frozen {
 public:
  template <class Module>
  explicit Frozen(Module& module) {
    for (NamedVar& p : parameters(module))
      if (p.var.requires_grad()) frozen_.push_back(p.var);
    for (Var& var : frozen_) var.set_requires_grad(false);
  }
  Frozen(const Frozen&) = delete;
  Frozen& operator=(const Frozen&) = delete;
  ~Frozen() {
    for (Var& var : frozen_) var.set_requires_grad(true);
  }

 private:
  std::vector<Var> frozen_;
};

}  // namespace iuf
