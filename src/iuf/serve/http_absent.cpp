#include "iuf/serve/http_server.h"
#include "tensor/error.h"

// In the place of http_server.cpp, where cpp-httplib is not there.
namespace iuf {

bool has_server() {
  return false;
}

void serve_http(Service&, const HttpOptions&) {
  fail("this build has no server");
}

}  // namespace iuf
