#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

#include "fuzz/targets.h"
#include "iuf/serve/http_connection.h"
#include "iuf/serve/http_routes.h"
#include "support/small_model.h"

// Requests, from the first byte on the wire to the answer of a service.
namespace iuf::fuzz {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostSent = 1 << 16;  // that a socket takes without a reader

Service& service() {
  static const SmallModel small("gaussian");
  static const fs::path model = small.folder / "model.safetensors";
  static Service* instance = [] {
    small.model->save(model);
    return new Service({.model = model, .log = small.folder / "log.jsonl"}, Progress());  // its threads never end
  }();
  return *instance;
}

HttpResponse answer(const HttpRequest& request, const std::function<std::string()>& body) {
  if (request.path.ends_with("/start")) return {};  // nothing is learned while others are read
  HttpResponse response = answer_request(service(), "", request, body);
  response.body.resize(std::min(response.body.size(), kMostSent / 2));
  return response;
}

void http(Bytes bytes, const fs::path&) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) throw std::runtime_error("no pair of sockets");
  bytes = bytes.first(std::min(bytes.size(), kMostSent));
  const ssize_t sent = ::send(ends[0], bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  ::shutdown(ends[0], SHUT_WR);
  int status = 0;
  converse(ends[1], {.most_bytes = kMostSent}, answer, [&](int number) { status = number; });
  ::close(ends[0]);
  if (sent != static_cast<ssize_t>(bytes.size())) throw std::runtime_error("a socket took a part");
  if (status >= 500 && status != 503) throw std::runtime_error("status " + std::to_string(status));
}

}  // namespace

const std::vector<Target>& http_targets() {
  static const std::string host = " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  static const std::vector<Target> all = {
      {"http",
       http,
       {},
       {"GET /api/verdicts/1/heatmap" + host + "\r\n",
        "POST /api/judge?name=a%20b&object=gear&heatmap=true" + host + "Content-Length: 3\r\n\r\nabc",
        "POST /api/judge" + host +
            "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n3;x=y\r\nabc\r\n0\r\n\r\n",
        "POST /api/calibrate" + host + "Content-Length: 41\r\n\r\n{\"object\": \"gear\", \"false_alarms\": 0.0125}",
        "POST /api/jobs?object=valve" + host + "Content-Length: 0\r\n\r\n", "DELETE /api/jobs/1" + host + "\r\n"}}};
  return all;
}

}  // namespace iuf::fuzz
