#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <future>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "iuf/serve/http_server.h"
#include "support/small_model.h"

namespace iuf {

/// A connection to a port of this computer.
class Connection {
 public:
  explicit Connection(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    [[maybe_unused]] const int error = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { ::close(socket_); }

  void send(const std::string& bytes) const {
    for (size_t done = 0; done < bytes.size();) {
      const ssize_t sent = ::send(socket_, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
      if (sent <= 0) return;
      done += static_cast<size_t>(sent);
    }
  }
  /// Whether something came, or the end, within this time.
  bool readable(int milliseconds) const {
    pollfd ready{socket_, POLLIN, 0};
    return ::poll(&ready, 1, milliseconds) > 0;
  }
  /// What comes until the other side ends.
  std::string rest() const {
    std::string answer;
    char buffer[4096];
    for (ssize_t got; (got = ::recv(socket_, buffer, sizeof buffer, 0)) > 0;)
      answer.append(buffer, static_cast<size_t>(got));
    return answer;
  }

 private:
  const int socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
};

/// A server of a small model, at a free port.
class SmallServer {
 public:
  explicit SmallServer(HttpOptions options = {}) {
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
  SmallServer(const SmallServer&) = delete;
  SmallServer& operator=(const SmallServer&) = delete;
  ~SmallServer() {
    [[maybe_unused]] const auto written = ::write(stop_[1], "", 1);
    thread_.join();
    for (const int end : stop_) ::close(end);
  }

  int port() const { return port_; }
  /// What comes back for these bytes, to the end of the connection.
  std::string send(const std::string& bytes) const {
    const Connection connection(port_);
    connection.send(bytes);
    return connection.rest();
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

/// The JSON of an answer.
inline nlohmann::json body_of(const std::string& answer) {
  return nlohmann::json::parse(answer.substr(std::min(answer.size(), answer.find("\r\n\r\n") + 4)), nullptr, false);
}

}  // namespace iuf
