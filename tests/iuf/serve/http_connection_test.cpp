#include "iuf/serve/http_connection.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <future>
#include <optional>
#include <sstream>
#include <thread>

#include "nn/file.h"
#include "support/small_server.h"

using namespace iuf;
using Catch::Contains, Catch::EndsWith, Catch::StartsWith;

TEST_CASE("whoever sends a byte now and then, or nothing, keeps nobody else from being answered", "[serve]") {
  const auto begin = std::chrono::steady_clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(); };
  const SmallServer server(
      {.silence = std::chrono::seconds(1), .body_limit = std::chrono::seconds(2), .threads = 4, .waiting = 4});
  // What is said when the next byte comes every 0.2 s.
  const auto trickle = [&](const std::string& head) {
    const Connection connection(server.port());
    connection.send(head);
    while (!connection.readable(200) && seconds() < 20) connection.send("x");
    return connection.rest();
  };
  std::vector<std::future<std::string>> slow;
  for (int i = 0; i < 4; ++i) {
    const std::string post = "POST /api/judge HTTP/1.1\r\n" + server.host() + "Content-Length: 1000\r\n\r\n";
    slow.push_back(std::async(std::launch::async, trickle, i % 2 == 0 ? "GET /" : post));
  }
  std::vector<std::unique_ptr<Connection>> silent;
  for (int i = 0; i < 16; ++i) silent.push_back(std::make_unique<Connection>(server.port()));
  CHECK(server.status("GET", "/api/health") == 200);
  for (std::future<std::string>& answer : slow) CHECK_THAT(answer.get(), StartsWith("HTTP/1.1 408 "));
  for (const auto& connection : silent) CHECK(connection->rest().empty());
  CHECK(seconds() < 15);
}

TEST_CASE("a request at hand is finished when the server is to stop", "[serve]") {
  std::optional<SmallServer> server(std::in_place);
  const std::string image = read_text(server->small.images("gear").front());
  const Connection connection(server->port());
  connection.send("POST /api/judge HTTP/1.1\r\n" + server->host() +
                  "Expect: 100-continue\r\nContent-Length: " + std::to_string(image.size()) + "\r\n\r\n");
  REQUIRE(connection.readable(5000));  // so it is at hand
  std::string answer;
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    connection.send(image);
    answer = connection.rest();
  });
  server.reset();
  later.join();
  CHECK_THAT(answer, StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n") && Contains("\"verdict\":"));
}

TEST_CASE("requests are read as HTTP says, and what is not clear is refused", "[serve]") {
  const SmallServer server;
  CHECK(server.status("GET", "/api/he%61lth") == 200);
  CHECK(server.status("POST", "/api/judge?name=a%20b+%26%zz&", "x") == 200);
  CHECK(body_of(server.request("GET", "/api/verdicts"))["verdicts"][0]["file"] == "a b &%zz");
  CHECK(server.status("POST", "/api/judge?object=gear&object=gear", "x") == 400);
  CHECK(server.status("POST", "/api/judge", "x", "Content-Encoding: gzip\r\n") == 415);
  CHECK(server.status("POST", "/api/judge", "x", "Transfer-Encoding: gzip\r\n") == 400);
  CHECK(server.status("POST", "/api/judge", "x", "Transfer-Encoding: chunked\r\n") == 400);  // beside a length
  CHECK(server.status("GET", "/api/health", "", server.host() + server.host()) == 400);
  CHECK(server.status("GET", "/api/health", "", "X: " + std::string(20'000, 'x') + "\r\n") == 431);
  CHECK(server.status("GET", "/api/jobs/-1") == 404);
  CHECK(server.status("OPTIONS", "/api/judge") == 404);
  const std::string head = server.request("HEAD", "/");
  CHECK_THAT(head, StartsWith("HTTP/1.1 200 ") && EndsWith("\r\n\r\n") && Contains("Content-Type: text/html"));
  CHECK_THAT(server.request("GET", "/metrics"), Contains("{status=\"431\"} 1\n"));
  CHECK_THROWS_WITH(serve_http(*server.service, {.host = "name.example"}), Contains("an address in numbers"));
  // Chunks come in any pieces, and carry what a length would.
  const std::string image = read_text(server.small.images("gear").front());
  std::ostringstream chunks;
  for (size_t at = 0; at < image.size(); at += 1000)
    chunks << std::hex << std::min<size_t>(1000, image.size() - at) << ";x=y\r\n" << image.substr(at, 1000) << "\r\n";
  const std::string chunked = server.send("POST /api/judge HTTP/1.1\r\n" + server.host() +
                                          "Transfer-Encoding: chunked\r\n\r\n" + chunks.str() + "0\r\n\r\n");
  CHECK(body_of(chunked)["score"] == body_of(server.request("POST", "/api/judge", image))["score"]);
  // A line that does not end is not kept.
  CHECK_THAT(server.send("POST /api/judge HTTP/1.1\r\n" + server.host() + "Transfer-Encoding: chunked\r\n\r\n1;" +
                         std::string(200'000, 'x')),
             StartsWith("HTTP/1.1 400 "));
}

TEST_CASE("an address of zeros is every one of this computer, of both kinds", "[serve]") {
  const int v6 = ::socket(AF_INET6, SOCK_STREAM, 0);
  if (v6 < 0) return;  // this computer has one kind
  ::close(v6);
  const SmallServer server({.host = "::", .token = "secret"});
  CHECK(server.status("GET", "/api/health") == 200);
  CHECK_NOTHROW(SmallServer({.host = "[::1]"}));
  CHECK_NOTHROW(SmallServer({.host = "localhost"}));
}
