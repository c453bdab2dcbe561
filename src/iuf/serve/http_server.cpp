#include "iuf/serve/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "iuf/serve/http_connection.h"
#include "iuf/serve/http_routes.h"
#include "tensor/error.h"

namespace iuf {
namespace {

// A socket that listens. Names are not looked up: a program in one file could not.
class Listener {
 public:
  Listener(const std::string& host, int port) {
    sockaddr_in v4{};
    sockaddr_in6 v6{};
    v4.sin_family = AF_INET;
    v6.sin6_family = AF_INET6;
    v4.sin_port = v6.sin6_port = htons(static_cast<uint16_t>(port));
    const bool in_brackets = host.starts_with('[') && host.ends_with(']');
    const std::string number = host == "localhost" ? "127.0.0.1" : in_brackets ? host.substr(1, host.size() - 2) : host;
    const sockaddr* address = nullptr;
    socklen_t size = 0;
    if (::inet_pton(AF_INET, number.c_str(), &v4.sin_addr) == 1) {
      address = reinterpret_cast<const sockaddr*>(&v4);
      size = sizeof v4;
    } else if (::inet_pton(AF_INET6, number.c_str(), &v6.sin6_addr) == 1) {
      address = reinterpret_cast<const sockaddr*>(&v6);
      size = sizeof v6;
    } else {
      fail("cannot listen at ", host, ": an address in numbers is needed, as 127.0.0.1 or ::1, or localhost");
    }
    const auto need = [&](bool done) {
      if (done) return;
      const std::string why = std::strerror(errno);
      if (socket_ >= 0) ::close(socket_);
      fail("cannot listen at ", host, " port ", port, ": ", why,
           "; is another program there? Choose another --port or --host");
    };
    socket_ = ::socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    need(socket_ >= 0);
    const int yes = 1, no = 0;
    need(::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0);  // after a restart at once
    if (address->sa_family == AF_INET6)  // "::" is every address of both kinds
      need(::setsockopt(socket_, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no) == 0);
    need(::bind(socket_, address, size) == 0);
    need(::listen(socket_, kAtTheSystem) == 0);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { ::close(socket_); }

  int port() const {
    sockaddr_in6 own{};  // the larger one; both have their port in one place
    socklen_t size = sizeof own;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&own), &size);
    return ntohs(own.sin6_port);
  }
  int descriptor() const { return socket_; }
  // A connection; -1 and errno where none is there.
  int accept() const { return ::accept4(socket_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC); }

 private:
  static constexpr int kAtTheSystem = 512;
  int socket_ = -1;
};

// Connections that wait for a thread, and the threads.
class Threads {
 public:
  Threads(int count, const std::function<void(int socket)>& serve) : serve_(serve) {
    try {
      for (int i = 0; i < count; ++i) threads_.emplace_back([this] { work(); });
    } catch (const std::system_error&) {  // no more threads can be had: those that are there do
      if (threads_.empty()) throw;
    }
  }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  // Ends when what waits is served.
  ~Threads() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  void add(int socket) {
    {
      const std::lock_guard lock(mutex_);
      sockets_.push_back(socket);
    }
    wake_.notify_one();
  }
  size_t waiting() {
    const std::lock_guard lock(mutex_);
    return sockets_.size();
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [this] { return ended_ || !sockets_.empty(); });
      if (sockets_.empty()) return;
      const int socket = sockets_.front();
      sockets_.pop_front();
      lock.unlock();
      serve_(socket);
      lock.lock();
    }
  }

  const std::function<void(int socket)> serve_;
  std::mutex mutex_ = {};
  std::condition_variable wake_ = {};
  std::deque<int> sockets_ = {};
  bool ended_ = false;
  std::vector<std::thread> threads_ = {};
};

// Hands on every connection that is there, as long as not too many wait.
void take(const Listener& listener, Threads& threads, size_t most) {
  while (threads.waiting() < most) {
    const int socket = listener.accept();
    if (socket >= 0) {
      threads.add(socket);
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));  // until a connection ends
      return;
    } else if (errno != EINTR && errno != ECONNABORTED) {
      return;
    }
  }
}

}  // namespace

void serve_http(Service& service, const HttpOptions& o) {
  const AnswerHttp answer = [&](const HttpRequest& request, const std::function<std::string()>& body) {
    return answer_request(service, o.token, request, body);
  };
  Threads threads(o.threads,
                  [&](int socket) { converse(socket, o, answer, [&](int status) { service.count_request(status); }); });
  const Listener listener(o.host, o.port);
  if (o.listening) o.listening(listener.port());
  pollfd ready[] = {{listener.descriptor(), POLLIN, 0}, {o.stop, POLLIN, 0}};
  while (ready[1].revents == 0) {
    const bool full = threads.waiting() >= o.waiting;
    ready[0].fd = full ? -1 : listener.descriptor();
    ::poll(ready, 2, full ? 10 : -1);
    take(listener, threads, o.waiting);
  }
}

}  // namespace iuf
