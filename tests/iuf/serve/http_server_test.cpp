#include "iuf/serve/http_server.h"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <set>
#include <thread>

#include "nn/file.h"
#include "support/small_server.h"

using namespace iuf;
using Catch::Contains;

TEST_CASE("fifty images at once are all judged, and none twice", "[serve]") {
  const SmallServer server;
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
  const SmallServer server;
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
  const SmallServer server({.most_bytes = 100'000, .silence = std::chrono::seconds(1)});
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
  const SmallServer open;
  CHECK(open.status("GET", "/api/objects") == 200);
  CHECK(open.status("GET", "/api/objects", "", "Host: evil.example\r\n") == 403);
  CHECK(open.status("POST", "/api/calibrate", "{\"back\": true}", "Origin: http://evil.example\r\n") == 403);
  const SmallServer closed({.token = "secret"});
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
  const SmallServer server;
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
