#include "iuf/serve/http_connection.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/version.hpp>
#include <cerrno>
#include <limits>
#include <new>
#include <optional>
#include <string_view>

#include "iuf/serve/refusal.h"
#include "tensor/text.h"

namespace iuf {
namespace {

namespace http = boost::beast::http;
using Clock = std::chrono::steady_clock;

constexpr size_t kBlock = 64 << 10;          // bytes that are read at once
constexpr uint32_t kHeaderBytes = 16 << 10;  // the request's line and all its headers
constexpr std::chrono::seconds kFirstByte{2};
constexpr std::string_view kHeaders =
    "Connection: close\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Cache-Control: no-store\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src blob: data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n\r\n";

// The bytes of a socket that does not block; closes it.
class Wire {
 public:
  Wire(int socket, std::chrono::seconds silence) : socket_(socket), silence_(silence) {}
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  ~Wire() { ::close(socket_); }

  enum class Got { bytes, end, late };
  // Adds what comes next to `bytes`. Late: nothing came for the silence that is allowed, or until `latest`.
  Got receive(std::string& bytes, Clock::time_point latest) {
    const size_t before = bytes.size();
    bytes.resize(before + kBlock);
    ssize_t count;
    bool in_time = true;
    while ((count = ::recv(socket_, bytes.data() + before, kBlock, 0)) < 0 && may_come(errno) && in_time)
      in_time = wait(POLLIN, latest);
    bytes.resize(before + static_cast<size_t>(std::max<ssize_t>(count, 0)));
    return !in_time ? Got::late : count > 0 ? Got::bytes : Got::end;
  }
  bool send(std::string_view bytes, Clock::time_point latest) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count > 0) bytes.remove_prefix(static_cast<size_t>(count));
      if (count <= 0 && !(may_come(errno) && wait(POLLOUT, latest))) return false;
    }
    return true;
  }
  // Bytes that nobody reads would reset the connection, and the answer might not arrive. They are taken, and kept
  // nowhere, until the other side has read its answer.
  void leave(size_t most) {
    ::shutdown(socket_, SHUT_WR);
    const Clock::time_point latest = Clock::now() + silence_;
    std::string bytes;
    for (size_t seen = 0; seen < most && receive(bytes, latest) == Got::bytes; bytes.clear()) seen += bytes.size();
  }

 private:
  static bool may_come(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }
  bool wait(short what, Clock::time_point latest) const {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(std::min<Clock::duration>(latest - Clock::now(), silence_));
    pollfd ready{socket_, what, 0};
    if (left.count() <= 0) return false;
    const int found = ::poll(&ready, 1, static_cast<int>(left.count()));
    return found > 0 || (found < 0 && errno == EINTR);
  }

  const int socket_;
  const std::chrono::seconds silence_;
};

// One request.
class Reader {
 public:
  Reader(Wire& wire, const HttpOptions& o) : wire_(wire), o_(o) {
    parser_.header_limit(kHeaderBytes);
    parser_.body_limit(std::numeric_limits<uint64_t>::max());  // until it is known who asks
  }

  // Nothing where the other side is silent.
  std::optional<HttpRequest> head() {
    const Clock::time_point begin = Clock::now();
    if (wire_.receive(pending_, begin + std::min(o_.silence, kFirstByte)) != Wire::Got::bytes) return {};
    parse([this] { return parser_.is_header_done(); }, begin + o_.silence, "the headers took too long to arrive");
    const auto& message = parser_.get();
    if (message.count(http::field::host) > 1) throw Refusal(400, "the header Host is given twice");
    if (message.count(http::field::transfer_encoding) != 0 && !parser_.chunked())
      throw Refusal(400, "of Transfer-Encoding only \"chunked\" is read");
    const auto header = [&](http::field name) { return text(message[name]); };
    HttpRequest request;
    request.method = text(message.method_string());
    read_target(text(message.target()), request);
    request.host = header(http::field::host);
    request.origin = header(http::field::origin);
    request.authorization = header(http::field::authorization);
    request.content_type = header(http::field::content_type);
    request.content_encoding = header(http::field::content_encoding);
    request.asks_range = message.count(http::field::range) != 0;
    return request;
  }
  std::string body() {
    constexpr std::string_view kGoOn = "HTTP/1.1 100 Continue\r\n\r\n";
    if (parser_.content_length() && *parser_.content_length() > o_.most_bytes) refuse_size();
    parser_.body_limit(o_.most_bytes);
    const Clock::time_point latest = Clock::now() + o_.body_limit;
    if (!parser_.is_done() && parser_.get().count(http::field::expect) != 0) wire_.send(kGoOn, latest);
    parse([this] { return parser_.is_done(); }, latest, "the body took too long to arrive");
    return std::move(parser_.get().body());
  }
  // Whether nothing was sent that is not read.
  bool is_done() const { return parser_.is_done() && pending_.empty(); }

 private:
  static std::string text(boost::beast::string_view view) { return std::string(view.data(), view.size()); }
  [[noreturn]] void refuse_size() const {
    throw Refusal(413, "the body is larger than the " + std::to_string(o_.most_bytes) + " bytes that are taken");
  }

  template <class Done>
  void parse(const Done& done, Clock::time_point latest, const char* late) {
    while (!done()) {
      boost::system::error_code error;
      pending_.erase(0, parser_.put({pending_.data(), pending_.size()}, error));
      if (error == http::error::body_limit) refuse_size();
      if (error == http::error::header_limit) throw Refusal(431, "the headers are too long");
      if (error && error != http::error::need_more) throw Refusal(400, "this is no request: " + error.message());
      if (done() || (!error && !pending_.empty())) continue;
      // What belongs together, as the line before a piece of a body, is short.
      if (pending_.size() >= kBlock) throw Refusal(400, "this is no request: a line is too long");
      const Wire::Got got = wire_.receive(pending_, latest);
      if (got == Wire::Got::late) throw Refusal(408, late);
      if (got == Wire::Got::end) throw Refusal(400, "the request ends too early");
    }
  }

  Wire& wire_;
  const HttpOptions& o_;
  std::string pending_ = {};  // has come and is not parsed
  http::request_parser<http::string_body> parser_ = {};
};

std::optional<HttpResponse> respond(Reader& reader, const AnswerHttp& answer, std::string& method) {
  try {
    const std::optional<HttpRequest> request = reader.head();
    if (!request) return {};
    method = request->method;
    return answer(*request, [&] { return reader.body(); });
  } catch (const Refusal& e) {
    return error_response(e.status, e.what());
  } catch (const std::bad_alloc&) {
    return error_response(503, "out of memory");
  } catch (const std::exception& e) {
    return error_response(500, plain_text(e.what()));
  }
}

std::string head_of(const HttpResponse& response) {
  const auto reason = http::obsolete_reason(static_cast<http::status>(response.status));
  return "HTTP/1.1 " + std::to_string(response.status) + " " + std::string(reason.data(), reason.size()) +
         "\r\nContent-Type: " + response.type + "\r\nContent-Length: " + std::to_string(response.body.size()) + "\r\n" +
         std::string(kHeaders);
}

}  // namespace

void converse(int socket, const HttpOptions& o, const AnswerHttp& answer,
              const std::function<void(int status)>& count) noexcept {
  Wire wire(socket, o.silence);
  try {
    Reader reader(wire, o);
    std::string method;
    const std::optional<HttpResponse> response = respond(reader, answer, method);
    if (!response) return;
    count(response->status);
    const Clock::time_point latest = Clock::now() + o.body_limit;
    const bool sent = wire.send(head_of(*response), latest) && (method == "HEAD" || wire.send(response->body, latest));
    if (sent && response->status != 408 && !reader.is_done()) wire.leave(2 * o.most_bytes);
  } catch (const std::exception&) {
    // No memory for an answer.
  }
}

std::string http_library() {
  std::string version = BOOST_LIB_VERSION;
  std::ranges::replace(version, '_', '.');
  return "Boost.Beast " + version;
}

}  // namespace iuf
