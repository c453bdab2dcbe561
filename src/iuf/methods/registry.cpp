#include <algorithm>

#include "iuf/learn/method.h"
#include "tensor/error.h"

// Every method is a function `MethodInfo NAME()` in namespace iuf::methods, in a file under methods/, and a line here.
#define IUF_METHODS(METHOD) \
  METHOD(iuf)               \
  METHOD(finetune)          \
  METHOD(uniad)             \
  METHOD(ewc)               \
  METHOD(si)                \
  METHOD(mas)               \
  METHOD(lvt)               \
  METHOD(coreset)           \
  METHOD(gaussian)          \
  METHOD(padim)             \
  METHOD(patchcore)         \
  METHOD(draem)             \
  METHOD(cad_cutpaste)      \
  METHOD(cad_dne)           \
  METHOD(cad_panda)

namespace iuf {
namespace methods {
#define IUF_DECLARE(name) MethodInfo name();
IUF_METHODS(IUF_DECLARE)
}  // namespace methods

const std::vector<MethodInfo>& known_methods() {
#define IUF_CALL(name) methods::name(),
  static const std::vector<MethodInfo> known = {IUF_METHODS(IUF_CALL)};
  return known;
}

std::vector<TrainingImage> images_of(const StepData& data, size_t n) {
  std::vector<TrainingImage> images;
  for (const TrainingImage& image : data.images)
    if (image.object == data.first_object + static_cast<int64_t>(n)) images.push_back(image);
  if (images.empty()) fail("step ", data.step, ": no normal images of '", data.names.at(n), "'");
  return images;
}

bool reads(const MethodInfo& method, const std::string& group, const std::string& name) {
  static const std::vector<std::string> always = {"image-size", "seed", "held-out", "quantile"};
  const auto listed = [&](const std::vector<std::string>& names) {
    return std::ranges::find(names, name) != names.end() || std::ranges::find(names, group) != names.end();
  };
  return method.reads.empty() || listed(always) || listed(method.reads);
}

Settings starting_settings(const std::string& profile_name, const std::string& method) {
  Settings settings = profile(profile_name);
  method_info(method).defaults(settings);
  return settings;
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
