#include "iuf/serve/http_server.h"
#include "tensor/error.h"

// In the place of http_server.cpp, where Boost.Beast is not there.
namespace iuf {

std::string http_library() {
  return {};
}

void serve_http(Service&, const HttpOptions&) {
  fail("this build has no server");
}

}  // namespace iuf
