#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "iuf/serve/service.h"

namespace iuf {

struct HttpOptions {
  std::string host = "127.0.0.1";  // numbers, or localhost
  int port = 0;                    // 0: any that is free
  std::string token = {};  // that requests must carry; empty: none, which loopback alone is fit for (is_loopback)
  size_t most_bytes = size_t{64} << 20;  // of a request's body
  std::chrono::seconds silence{10};      // within a request, and for all its headers to arrive
  std::chrono::seconds body_limit{60};   // for the body of a request to arrive, and for its answer to be taken
  int threads = 64;                      // requests at once
  size_t waiting = 512;                  // connections that are taken and wait for one of them; more wait at the system
  int stop = -1;                         // a descriptor: when it is readable, the requests at hand are the last ones
  std::function<void(int port)> listening = {};  // called once requests are taken
};

/// Whether only programs of this computer reach this address.
bool is_loopback(const std::string& host);
/// Whether both are equal, in a time that does not tell how much of them is.
bool same_secret(const std::string& given, const std::string& secret);
/// Whether a web page of another origin cannot have sent this: a browser that was led to it (by a name that was made to
/// mean this computer, or by a form) gives another `host` or `origin` (headers; the second may be empty).
bool is_own_origin(const std::string& host, const std::string& origin);

/// A request that is answered: the method and the path, as the OpenAPI description names them ("/api/jobs/{id}").
struct RouteName {
  std::string method, path;

  auto operator<=>(const RouteName&) const = default;
};
std::vector<RouteName> route_names();
/// The OpenAPI description, JSON.
std::string openapi_text();

/// What this program speaks HTTP by, with its version; empty: it was built without a server.
std::string http_library();

/// Answers requests until it is to stop, those last that have come until then. Throws Error where it cannot listen.
void serve_http(Service& service, const HttpOptions& options);

}  // namespace iuf
