#include "iuf/learn/method.h"

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
  METHOD(surroundings)      \
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

}  // namespace iuf
