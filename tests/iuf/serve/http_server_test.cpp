#include "iuf/serve/http_server.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <future>
#include <set>
#include <thread>

#include "nn/file.h"
#include "support/small_model.h"

using namespace iuf;
using Catch::Contains;

namespace {

// A server of a small model, at a free port.
class Server {
 public:
  explicit Server(HttpOptions options = {}) {
    const auto model = small.folder / "model.safetensors";
    small.model->save(model);
    service = std::make_unique<Service>(ServiceOptions{.model = model, .log = small.folder / "log.jsonl"}, Progress());
    REQUIRE(::pipe(stop_) == 0);
    options.stop = stop_[0];
    std::promise<int> port;
    options.listening = [&](int number) { port.set_value(number); };
    thread_ = std::thread([this, options] { serve_http(*service, options); });
    port_ = port.get_future().get();
  }
  ~Server() {
    [[maybe_unused]] const auto written = ::write(stop_[1], "", 1);
    thread_.join();
    for (const int end : stop_) ::close(end);
  }
  // What comes back for these bytes, to the end of the connection.
  std::string send(const std::string& bytes) const {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port_));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::string answer;
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
      for (size_t done = 0; done < bytes.size();) {
        const ssize_t sent = ::send(fd, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
        if (sent <= 0) break;
        done += static_cast<size_t>(sent);
      }
      char buffer[4096];
      for (ssize_t got; (got = ::recv(fd, buffer, sizeof buffer, 0)) > 0;)
        answer.append(buffer, static_cast<size_t>(got));
    }
    ::close(fd);
    return answer;
  }
  std::string request(const std::string& method, const std::string& path, const std::string& body = "",
                      const std::string& headers = "") const {
    return send(method + " " + path + " HTTP/1.1\r\n" + (headers.find("Host:") == std::string::npos ? host() : "") +
                headers + (method == "POST" ? "Content-Length: " + std::to_string(body.size()) + "\r\n" : "") + "\r\n" +
                body);
  }
  int status(const std::string& method, const std::string& path, const std::string& body = "",
             const std::string& headers = "") const {
    const std::string answer = request(method, path, body, headers);
    return answer.starts_with("HTTP/1.1 ") ? std::stoi(answer.substr(9, 3)) : 0;
  }
  std::string host() const { return "Host: 127.0.0.1:" + std::to_string(port_) + "\r\n"; }

  SmallModel small{"gaussian"};
  std::unique_ptr<Service> service = {};

 private:
  int stop_[2] = {}, port_ = 0;
  std::thread thread_ = {};
};

nlohmann::json body_of(const std::string& answer) {
  return nlohmann::json::parse(answer.substr(std::min(answer.size(), answer.find("\r\n\r\n") + 4)), nullptr, false);
}

}  // namespace

TEST_CASE("fifty images at once are all judged, and none twice", "[serve]") {
  const Server server;
  const std::string image = read_text(server.small.images("gear").front());
  const double score = server.small.model->judge(server.small.features("gear")).score;
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int i = 0; i < 50; ++i)
    threads.emplace_back([&, i] {
      const auto answer = body_of(server.request("POST", "/api/judge?name=" + std::to_string(i), image));
      right += answer.is_object() && answer.value("score", -1.0) == score && answer["file"] == std::to_string(i);
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(right == 50);
  const auto verdicts = body_of(server.request("GET", "/api/verdicts"))["verdicts"];
  CHECK(verdicts.size() == 50);
  std::set<std::string> names;
  for (const auto& verdict : verdicts) names.insert(verdict["file"].get<std::string>());
  CHECK(names.size() == 50);
  CHECK(std::ranges::count(read_text(server.small.folder / "log.jsonl"), '\n') == 50);
}

TEST_CASE("the description names every request that is answered, and no other", "[serve]") {
  const Server server;
  const auto description = body_of(server.request("GET", "/api/openapi.json"));
  CHECK(description["openapi"] == "3.0.3");
  std::set<RouteName> described;
  for (const auto& [path, methods] : description["paths"].items())
    for (const auto& [method, about] : methods.items()) {
      std::string upper = method;
      std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      described.insert({upper, path});
    }
  const std::vector<RouteName> names = route_names();
  CHECK(described == std::set<RouteName>(names.begin(), names.end()));
  // Every answer of a request without parameters has the keys that are promised.
  const auto& schemas = description["components"]["schemas"];
  for (const auto& [name, schema] : schemas.items()) CHECK(schema.contains("properties"));
  const std::string image = read_text(server.small.images("gear").front());
  const auto verdict = body_of(server.request("POST", "/api/judge?heatmap=true", image));
  for (const auto& [key, value] : verdict.items()) CHECK(schemas["Verdict"]["properties"].contains(key));
  for (const auto& key : schemas["Verdict"]["required"]) CHECK(verdict.contains(key.get<std::string>()));
  const auto health = body_of(server.request("GET", "/api/health"));
  for (const auto& key : schemas["Health"]["required"]) CHECK(health.contains(key.get<std::string>()));
  const auto object = body_of(server.request("GET", "/api/objects"))["objects"][0];
  for (const auto& [key, value] : object.items()) CHECK(schemas["Object"]["properties"].contains(key));
  const auto job = body_of(server.request("POST", "/api/jobs?object=new"));
  for (const auto& [key, value] : job.items()) CHECK(schemas["Job"]["properties"].contains(key));
  CHECK(job["kind"] == "add");
  CHECK(body_of(server.request("POST", "/api/jobs?object=gear&update=true"))["kind"] == "update");
  CHECK(body_of(server.request("GET", "/api/hours"))["hours"][0]["ok"] == 1);
  CHECK_FALSE(verdict.contains("notes"));
  const auto two = body_of(server.request("POST", "/api/judge", image + image));
  REQUIRE(two.contains("notes"));
  CHECK_THAT(two["notes"][0].get<std::string>(), Contains("files that hold several pictures"));
  const std::string id = std::to_string(verdict["id"].get<int64_t>());
  CHECK_THAT(server.request("GET", "/api/verdicts/" + id + "/photograph"), Contains("image/png"));
  CHECK_THAT(server.request("GET", "/api/verdicts/" + id + "/heatmap"), Contains("\x89PNG"));
  CHECK(server.status("GET", "/api/verdicts/1/heatmap") == 404);
  CHECK_THAT(server.request("GET", "/metrics"), Contains("iuf_verdicts_total"));
  CHECK_THAT(server.request("GET", "/"), Contains("default-src 'none'") && Contains("<!DOCTYPE html>"));
}

TEST_CASE("requests that make no sense are refused, and the server goes on", "[serve]") {
  const Server server({.most_bytes = 100'000, .silence = std::chrono::seconds(1)});
  CHECK(server.status("POST", "/api/judge") == 400);
  CHECK(server.status("POST", "/api/judge?heatmap=maybe", "x") == 400);
  for (const char* query : {"objekt=gear", "Object=gear", "object=gear&object=biscuit", "name=a;object=gear"})
    CHECK(server.status("POST", std::string("/api/judge?") + query, "x") == 400);
  CHECK(server.status("POST", "/api/jobs?name=gear", "") == 400);
  CHECK(server.status("GET", "/api/objects?object=gear", "") == 400);
  CHECK(server.status("POST", "/api/judge?object=none", "x") == 404);
  CHECK(server.status("POST", "/api/judge", std::string(150'000, 'x')) == 413);
  CHECK(server.status("POST", "/api/judge", "x", "Content-Type: multipart/form-data; boundary=b\r\n") == 415);
  CHECK(server.status("POST", "/api/calibrate", "{\"threshold\": 1, \"threshold\": 2}") == 400);
  CHECK(server.status("POST", "/api/calibrate", std::string(50'000, '[')) == 400);
  CHECK(server.status("POST", "/api/jobs?object=..") == 400);
  CHECK(server.status("POST", "/api/jobs?object=gaer&update=true") == 404);
  CHECK(server.status("POST", "/api/jobs?object=gear&update=maybe") == 400);
  CHECK(server.status("GET", "/api/jobs/999999999999999999999999") == 404);
  CHECK(server.status("DELETE", "/api/jobs/1") == 404);
  for (const char* path : {"/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/api/nothing", "/page.js/.."})
    CHECK(server.status("GET", path) == 404);
  CHECK(server.status("POST", "/nothing", std::string(300'000, 'x')) == 404);
  CHECK(server.status("PUT", "/api/judge") == 404);
  CHECK(server.status("GET", "/" + std::string(8'000, 'a')) == 404);
  CHECK(server.status("GET", "/api/health", "", "Range: bytes=0-,0-,0-\r\n") == 416);
  server.send("GET\r\n\r\n");
  server.send(std::string(20'000, 'x'));
  // A chunked body has no announced size.
  std::string chunks;
  for (int i = 0; i < 40; ++i) chunks += "1000\r\n" + std::string(0x1000, 'x') + "\r\n";
  const std::string chunked = server.send("POST /api/judge HTTP/1.1\r\n" + server.host() +
                                          "Transfer-Encoding: chunked\r\n\r\n" + chunks + "0\r\n\r\n");
  CHECK_THAT(chunked, Contains("HTTP/1.1 413"));
  CHECK(body_of(server.request("POST", "/api/judge", "no image"))["verdict"] == "error");
  CHECK(server.status("GET", "/api/health") == 200);
}

TEST_CASE("without a token only this computer's own pages are answered, with one those who have it", "[serve]") {
  const Server open;
  CHECK(open.status("GET", "/api/objects") == 200);
  CHECK(open.status("GET", "/api/objects", "", "Host: evil.example\r\n") == 403);
  CHECK(open.status("POST", "/api/calibrate", "{\"back\": true}", "Origin: http://evil.example\r\n") == 403);
  const Server closed({.token = "secret"});
  for (const char* path : {"/api/objects", "/api/verdicts", "/metrics", "/api/jobs", "/api/hours"}) {
    CHECK(closed.status("GET", path) == 401);
    CHECK(closed.status("GET", path, "", "Authorization: Bearer secret\r\n") == 200);
  }
  for (const char* wrong : {"Bearer secre", "Bearer secrets", "Bearer ", "secret", "Basic secret"})
    CHECK(closed.status("GET", "/api/objects", "", std::string("Authorization: ") + wrong + "\r\n") == 401);
  CHECK(closed.status("POST", "/api/judge", std::string(1'000'000, 'x')) == 401);
  CHECK(closed.status("GET", "/") == 200);
  CHECK(closed.status("GET", "/api/health") == 200);
}

TEST_CASE("a port that is taken is an error, and which addresses are this computer's is known", "[serve]") {
  const Server server;
  const std::string host = server.host();
  const int port = std::stoi(host.substr(host.rfind(':') + 1));
  CHECK_THROWS_WITH(serve_http(*server.service, {.port = port}), Contains("cannot listen at 127.0.0.1"));
  for (const char* here : {"127.0.0.1", "127.1.2.3", "localhost", "::1"}) CHECK(is_loopback(here));
  for (const char* there : {"0.0.0.0", "::", "192.168.0.1", "127.evil.example", "localhost.evil.example", ""})
    CHECK_FALSE(is_loopback(there));
  CHECK(is_own_origin("[::1]:80", ""));
  CHECK(is_own_origin("LOCALHOST:80", "http://LOCALHOST:80"));
  CHECK_FALSE(is_own_origin("127.0.0.1:80", "http://127.0.0.1:81"));
  CHECK_FALSE(is_own_origin("", ""));
  CHECK(same_secret("a", "a"));
  CHECK_FALSE(same_secret("", "a"));
  CHECK_FALSE(same_secret("aa", "a"));
}
