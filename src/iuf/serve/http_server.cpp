#include "iuf/serve/http_server.h"

#include <httplib.h>
#include <poll.h>

#include <algorithm>
#include <charconv>
#include <new>
#include <thread>

#include "iuf/data/json_fields.h"
#include "iuf/data/listing.h"
#include "iuf/serve/page.h"
#include "iuf/serve/refusal.h"
#include "tensor/suggest.h"
#include "tensor/text.h"

namespace iuf {
namespace {

using httplib::Request, httplib::Response;

// Who may ask: whoever reaches the server, or those with the token.
enum class Access { all, token };

struct Route {
  RouteName name;
  Access access;
  std::vector<std::string> keys;  // of the query
  std::function<void(Service& service, const Request& request, const std::string& body, Response& response)> answer;
};

void answer_json(Response& response, const nlohmann::ordered_json& json, int status = 200) {
  response.status = status;
  response.set_content(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), "application/json");
}

void answer_text(Response& response, std::string_view text, const char* type) {
  response.set_content(text.data(), text.size(), type);
}

nlohmann::json parsed(const std::string& body) {
  try {
    return parse_json(body, "the body");
  } catch (const Error& e) {
    throw Refusal(400, plain_text(e.what()));
  }
}

// A key that is not known, or one that is given twice, would be left out without a word.
void check_query(const Request& request, const std::vector<std::string>& known) {
  const size_t query = std::min(request.target.find('?'), request.target.size());
  if (request.target.find(';', query) != std::string::npos)
    throw Refusal(400, "\";\" in the query: keys are separated by \"&\", and in a value it is written %3B");
  for (const auto& [key, value] : request.params) {
    if (std::ranges::find(known, key) == known.end())
      throw Refusal(400, "unknown key " + quoted_name(key) + " in the query" +
                             (known.empty() ? ", which has none" : "; known are: " + joined(known)));
    if (request.params.count(key) > 1) throw Refusal(400, "the key " + quoted_name(key) + " is given twice");
  }
}

bool flag_of(const Request& request, const char* name) {
  const std::string value = request.get_param_value(name);
  if (value.empty() || value == "false" || value == "0") return false;
  if (value == "true" || value == "1") return true;
  throw Refusal(400, std::string(name) + ": true or false is needed");
}

// The number in the path; the pattern lets digits alone through.
int64_t number_of(const Request& request) {
  const std::string digits = request.matches[1];
  int64_t number = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) throw Refusal(404, "there is no such number");
  return number;
}

std::span<const std::byte> bytes_of(const std::string& body) {
  if (body.empty()) throw Refusal(400, "the body is empty; an image is needed");
  return std::as_bytes(std::span(body));
}

void answer_picture(Service& service, const Request& request, Response& response, std::string VerdictPictures::*which) {
  const auto pictures = service.history().pictures(number_of(request));
  if (!pictures || ((*pictures).*which).empty()) throw Refusal(404, "there is no such picture, or no longer");
  response.set_content((*pictures).*which, "image/png");
}

// Long: one entry per request that is answered.
const std::vector<Route>& routes() {
  using Body = const std::string&;
  static const std::vector<Route> all = {
      {{"GET", "/"},
       Access::all,
       {},
       [](Service&, const Request&, Body, Response& r) { answer_text(r, page_html(), "text/html; charset=utf-8"); }},
      {{"GET", "/page.css"},
       Access::all,
       {},
       [](Service&, const Request&, Body, Response& r) { answer_text(r, page_style(), "text/css; charset=utf-8"); }},
      {{"GET", "/page.js"},
       Access::all,
       {},
       [](Service&, const Request&, Body, Response& r) {
         answer_text(r, page_script(), "text/javascript; charset=utf-8");
       }},
      {{"GET", "/api/openapi.json"},
       Access::all,
       {},
       [](Service&, const Request&, Body, Response& r) { answer_text(r, openapi_text(), "application/json"); }},
      {{"GET", "/api/health"},
       Access::all,
       {},
       [](Service& s, const Request&, Body, Response& r) { answer_json(r, s.health()); }},
      {{"GET", "/metrics"},
       Access::token,
       {},
       [](Service& s, const Request&, Body, Response& r) {
         answer_text(r, s.metrics(), "text/plain; version=0.0.4; charset=utf-8");
       }},
      {{"POST", "/api/judge"},
       Access::token,
       {"name", "object", "heatmap"},
       [](Service& s, const Request& q, Body body, Response& r) {
         answer_json(r, s.judge(bytes_of(body), {.name = q.get_param_value("name"),
                                                 .object = q.get_param_value("object"),
                                                 .heatmap = flag_of(q, "heatmap")}));
       }},
      {{"GET", "/api/objects"},
       Access::token,
       {},
       [](Service& s, const Request&, Body, Response& r) { answer_json(r, s.objects()); }},
      {{"POST", "/api/calibrate"},
       Access::token,
       {},
       [](Service& s, const Request&, Body body, Response& r) { answer_json(r, s.calibrate(parsed(body))); }},
      {{"GET", "/api/verdicts"},
       Access::token,
       {},
       [](Service& s, const Request&, Body, Response& r) {
         answer_json(r, {{"verdicts", s.history().last(VerdictHistory::kMost)}});
       }},
      {{"GET", "/api/hours"},
       Access::token,
       {},
       [](Service& s, const Request&, Body, Response& r) {
         answer_json(r, {{"hours", s.history().hours()}});
       }},
      {{"GET", "/api/verdicts/{id}/photograph"},
       Access::token,
       {},
       [](Service& s, const Request& q, Body, Response& r) { answer_picture(s, q, r, &VerdictPictures::photograph); }},
      {{"GET", "/api/verdicts/{id}/heatmap"},
       Access::token,
       {},
       [](Service& s, const Request& q, Body, Response& r) { answer_picture(s, q, r, &VerdictPictures::heatmap); }},
      {{"GET", "/api/jobs"},
       Access::token,
       {},
       [](Service& s, const Request&, Body, Response& r) {
         answer_json(r, {{"jobs", s.jobs().all()}});
       }},
      {{"POST", "/api/jobs"},
       Access::token,
       {"object", "update"},
       [](Service& s, const Request& q, Body, Response& r) {
         const auto kind = flag_of(q, "update") ? LearningJobs::Kind::update : LearningJobs::Kind::add;
         answer_json(r, s.begin_job(q.get_param_value("object"), kind), 201);
       }},
      {{"GET", "/api/jobs/{id}"},
       Access::token,
       {},
       [](Service& s, const Request& q, Body, Response& r) { answer_json(r, s.jobs().get(number_of(q))); }},
      {{"DELETE", "/api/jobs/{id}"},
       Access::token,
       {},
       [](Service& s, const Request& q, Body, Response& r) { answer_json(r, s.jobs().remove(number_of(q))); }},
      {{"POST", "/api/jobs/{id}/images"},
       Access::token,
       {},
       [](Service& s, const Request& q, Body body, Response& r) {
         answer_json(r, s.jobs().add_image(number_of(q), bytes_of(body)), 201);
       }},
      {{"POST", "/api/jobs/{id}/mask"},
       Access::token,
       {},
       [](Service& s, const Request& q, Body body, Response& r) {
         answer_json(r, s.jobs().set_mask(number_of(q), bytes_of(body)), 201);
       }},
      {{"POST", "/api/jobs/{id}/start"},
       Access::token,
       {"variant", "replace"},
       [](Service& s, const Request& q, Body, Response& r) {
         const LearningJobs::Terms terms{.alike = flag_of(q, "variant") ? Alike::accepted : Alike::refused,
                                         .later = flag_of(q, "replace") ? LaterImages::replace : LaterImages::add};
         answer_json(r, s.jobs().start(number_of(q), terms), 202);
       }},
  };
  return all;
}

class Http {
 public:
  Http(Service& service, const HttpOptions& o) : service_(service), o_(o) {
    server_.new_task_queue = [&o] { return new httplib::ThreadPool(static_cast<size_t>(o.threads)); };
    // One request a connection: what is left of a refused body is nobody's next request, and no thread waits for more.
    server_.set_keep_alive_max_count(1);
    server_.set_keep_alive_timeout(2);  // for the first byte of the request
    server_.set_read_timeout(o.silence);
    server_.set_write_timeout(o.silence);
    server_.set_default_headers({{"X-Content-Type-Options", "nosniff"},
                                 {"Cache-Control", "no-store"},
                                 {"Referrer-Policy", "no-referrer"},
                                 {"Content-Security-Policy",
                                  "default-src 'none'; script-src 'self'; style-src 'self'; img-src blob: data:; "
                                  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}});
    server_.set_socket_options([this](socket_t socket) {
      const int yes = 1;  // after a restart at once; but no two servers at one port
      ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
      socket_ = socket;
    });
    server_.set_logger([this](const Request&, const Response& response) { service_.count_request(response.status); });
    server_.set_error_handler([](const Request&, Response& response) {
      if (response.body.empty()) answer_json(response, {{"error", "there is no such thing"}}, response.status);
    });
    server_.set_pre_routing_handler([](const Request& request, Response& response) {
      if (request.ranges.empty()) return httplib::Server::HandlerResponse::Unhandled;
      answer_json(response, {{"error", "ranges are not answered"}}, 416);
      return httplib::Server::HandlerResponse::Handled;
    });
    for (const Route& route : routes()) add(route);
    refuse_others();
  }

  void run() {
    const int port = o_.port == 0 ? server_.bind_to_any_port(o_.host) : o_.port;
    if (port <= 0 || (o_.port != 0 && !server_.bind_to_port(o_.host, port)))
      fail("cannot listen at ", o_.host, " port ", o_.port,
           ": is another program there? Choose another --port or --host");
    ::listen(socket_, 512);  // so many may wait to be taken
    std::atomic<bool> ended = false;
    std::thread stopper([&] { stop_when_asked(ended); });
    if (o_.listening) o_.listening(port);
    server_.listen_after_bind();
    ended = true;
    stopper.join();
  }

 private:
  void add(const Route& route) {
    std::string pattern = route.name.path;
    if (const size_t id = pattern.find("{id}"); id != std::string::npos) pattern.replace(id, 4, "([0-9]{1,18})");
    const auto answer = [this, &route](const Request& request, Response& response) {
      guarded(request, response, route, [] { return std::string(); });
    };
    if (route.name.method == "GET") server_.Get(pattern, answer);
    if (route.name.method == "DELETE") server_.Delete(pattern, answer);
    if (route.name.method == "POST")
      server_.Post(pattern,
                   [this, &route](const Request& request, Response& response, const httplib::ContentReader& reader) {
                     guarded(request, response, route, [&] { return read(request, route.access, reader); });
                   });
  }

  // Bodies of requests that are not answered would be read without limit.
  void refuse_others() {
    const auto refuse = [](const Request&, Response& response, const httplib::ContentReader&) {
      answer_json(response, {{"error", "there is no such thing"}}, 404);
    };
    server_.Post(".*", refuse);
    server_.Put(".*", refuse);
    server_.Patch(".*", refuse);
    server_.Delete(".*", refuse);
  }

  // Throws the Refusal of who may not ask.
  void require_access(const Request& request, Access access) const {
    if (o_.token.empty()) {
      if (!is_own_origin(request.get_header_value("Host"), request.get_header_value("Origin")))
        throw Refusal(403, "only this computer is answered, by its own address; for others start with --token");
      return;
    }
    if (access == Access::all) return;
    constexpr std::string_view kScheme = "Bearer ";
    const std::string given = request.get_header_value("Authorization");
    if (!given.starts_with(kScheme) || !same_secret(given.substr(kScheme.size()), o_.token))
      throw Refusal(401, "the header \"Authorization: Bearer TOKEN\" is missing, or has another token");
  }

  // The body. One that is too large, or of somebody who may not ask, is read to its end where that is near, so that the
  // answer arrives, and kept nowhere.
  std::string read(const Request& request, Access access, const httplib::ContentReader& reader) const {
    if (request.is_multipart_form_data()) throw Refusal(415, "forms are not read: the body is the image itself");
    bool keep = true;
    try {
      require_access(request, access);
    } catch (const Refusal&) {
      keep = false;
    }
    const auto give_up = std::chrono::steady_clock::now() + o_.body_limit;
    std::string body;
    size_t size = 0;
    bool late = false;
    reader([&](const char* data, size_t count) {
      size += count;
      late = std::chrono::steady_clock::now() > give_up;
      if (size > o_.most_bytes) body = {};
      if (keep && size <= o_.most_bytes) body.append(data, count);
      return !late && size <= 2 * o_.most_bytes;
    });
    if (late) throw Refusal(408, "the body took too long to arrive");
    if (size > o_.most_bytes)
      throw Refusal(413, "the body is larger than the " + std::to_string(o_.most_bytes) + " bytes that are taken");
    return body;
  }

  template <class Read>
  void guarded(const Request& request, Response& response, const Route& route, const Read& read) {
    const auto refuse = [&](int status, const std::string& text) {
      response.headers.erase("Content-Type");
      answer_json(response, {{"error", text}}, status);
    };
    try {
      const std::string body = read();
      require_access(request, route.access);
      if (route.name.path.starts_with("/api/")) check_query(request, route.keys);
      route.answer(service_, request, body, response);
    } catch (const Refusal& e) {
      refuse(e.status, e.what());
    } catch (const std::bad_alloc&) {
      refuse(503, "out of memory");
    } catch (const std::exception& e) {
      refuse(500, plain_text(e.what()));
    }
  }

  void stop_when_asked(const std::atomic<bool>& ended) {
    pollfd stop{o_.stop, POLLIN, 0};
    while (!ended && ::poll(&stop, 1, 100) <= 0) {
    }
    while (!ended) {
      if (server_.is_running()) server_.stop();
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }

  Service& service_;
  const HttpOptions& o_;
  httplib::Server server_;
  socket_t socket_ = -1;
};

}  // namespace

std::vector<RouteName> route_names() {
  std::vector<RouteName> names;
  for (const Route& route : routes()) names.push_back(route.name);
  return names;
}

bool has_server() {
  return true;
}

void serve_http(Service& service, const HttpOptions& options) {
  Http(service, options).run();
}

}  // namespace iuf
