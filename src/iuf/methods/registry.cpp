#include "iuf/methods/iuf_method.h"
#include "tensor/error.h"

namespace iuf {
namespace {

std::unique_ptr<Method> make_iuf(const Settings& settings, const BackboneInfo& backbone) { return std::make_unique<IufMethod>(settings, backbone); }

void as_given(Settings&) {}

}  // namespace

const std::vector<MethodInfo>& known_methods() {
  static const std::vector<MethodInfo> methods = {
      {"iuf", "reconstruction with object-aware attention, projected updates and pull to the old weights", as_given, make_iuf},
      {"finetune", "the same network, trained on without any protection of old objects (lower bound)",
       [](Settings& s) {
         s.pull = 0;
         s.settle = 1;
         s.projection = false;
         s.compression = CompressionKind::off;
       },
       make_iuf},
  };
  return methods;
}

const MethodInfo& method_info(const std::string& name) {
  std::string known;
  for (const MethodInfo& info : known_methods()) {
    if (info.name == name) return info;
    known += (known.empty() ? "" : ", ") + info.name;
  }
  fail("unknown method '", name, "'; there are: ", known);
}

}  // namespace iuf
