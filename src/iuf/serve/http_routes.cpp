#include "iuf/serve/http_routes.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>
#include <vector>

#include "iuf/data/json_fields.h"
#include "iuf/data/listing.h"
#include "iuf/serve/http_server.h"
#include "iuf/serve/page.h"
#include "iuf/serve/refusal.h"
#include "tensor/suggest.h"
#include "tensor/text.h"

namespace iuf {
namespace {

// Who may ask: whoever reaches the server, or those with the token.
enum class Access { all, token };

struct Asked {
  Service& service;
  const HttpRequest& request;
  const std::string& body;
  int64_t number = 0;  // in the path, where the route has "{id}"
};

struct Route {
  RouteName name;
  Access access;
  std::vector<std::string> keys;  // of the query
  std::function<HttpResponse(const Asked& asked)> answer;
};

HttpResponse text(std::string_view body, const char* type) {
  return {200, type, std::string(body)};
}

nlohmann::json parsed(const std::string& body) {
  try {
    return parse_json(body, "the body");
  } catch (const Error& e) {
    throw Refusal(400, plain_text(e.what()));
  }
}

// A key that is not known, or one that is given twice, would be left out without a word.
void check_query(const HttpRequest& request, const std::vector<std::string>& known) {
  if (request.query.find(';') != std::string::npos)
    throw Refusal(400, "\";\" in the query: keys are separated by \"&\", and in a value it is written %3B");
  for (const auto& [key, value] : request.keys) {
    if (std::ranges::find(known, key) == known.end())
      throw Refusal(400, "unknown key " + quoted_name(key) + " in the query" +
                             (known.empty() ? ", which has none" : "; known are: " + joined(known)));
    if (std::ranges::count(request.keys, key, [](const auto& pair) { return pair.first; }) > 1)
      throw Refusal(400, "the key " + quoted_name(key) + " is given twice");
  }
}

bool flag_of(const HttpRequest& request, const char* name) {
  const std::string value = request.value(name);
  if (value.empty() || value == "false" || value == "0") return false;
  if (value == "true" || value == "1") return true;
  throw Refusal(400, std::string(name) + ": true or false is needed");
}

std::span<const std::byte> bytes_of(const std::string& body) {
  if (body.empty()) throw Refusal(400, "the body is empty; an image is needed");
  return std::as_bytes(std::span(body));
}

HttpResponse picture(const Asked& asked, std::string VerdictPictures::*which) {
  const auto pictures = asked.service.history().pictures(asked.number);
  if (!pictures || ((*pictures).*which).empty()) throw Refusal(404, "there is no such picture, or no longer");
  return {200, "image/png", (*pictures).*which};
}

// Long: one entry per request that is answered.
const std::vector<Route>& routes() {
  static const std::vector<Route> all = {
      {{"GET", "/"}, Access::all, {}, [](const Asked&) { return text(page_html(), "text/html; charset=utf-8"); }},
      {{"GET", "/page.css"},
       Access::all,
       {},
       [](const Asked&) { return text(page_style(), "text/css; charset=utf-8"); }},
      {{"GET", "/page.js"},
       Access::all,
       {},
       [](const Asked&) { return text(page_script(), "text/javascript; charset=utf-8"); }},
      {{"GET", "/api/openapi.json"},
       Access::all,
       {},
       [](const Asked&) { return text(openapi_text(), "application/json"); }},
      {{"GET", "/api/health"}, Access::all, {}, [](const Asked& a) { return json_response(a.service.health()); }},
      {{"GET", "/metrics"},
       Access::token,
       {},
       [](const Asked& a) { return text(a.service.metrics(), "text/plain; version=0.0.4; charset=utf-8"); }},
      {{"POST", "/api/judge"},
       Access::token,
       {"name", "object", "heatmap"},
       [](const Asked& a) {
         return json_response(a.service.judge(bytes_of(a.body), {.name = a.request.value("name"),
                                                                 .object = a.request.value("object"),
                                                                 .heatmap = flag_of(a.request, "heatmap")}));
       }},
      {{"GET", "/api/objects"}, Access::token, {}, [](const Asked& a) { return json_response(a.service.objects()); }},
      {{"POST", "/api/calibrate"},
       Access::token,
       {},
       [](const Asked& a) { return json_response(a.service.calibrate(parsed(a.body))); }},
      {{"GET", "/api/verdicts"},
       Access::token,
       {},
       [](const Asked& a) {
         return json_response({{"verdicts", a.service.history().last(VerdictHistory::kMost)}});
       }},
      {{"GET", "/api/hours"},
       Access::token,
       {},
       [](const Asked& a) {
         return json_response({{"hours", a.service.history().hours()}});
       }},
      {{"GET", "/api/verdicts/{id}/photograph"},
       Access::token,
       {},
       [](const Asked& a) { return picture(a, &VerdictPictures::photograph); }},
      {{"GET", "/api/verdicts/{id}/heatmap"},
       Access::token,
       {},
       [](const Asked& a) { return picture(a, &VerdictPictures::heatmap); }},
      {{"GET", "/api/jobs"},
       Access::token,
       {},
       [](const Asked& a) {
         return json_response({{"jobs", a.service.jobs().all()}});
       }},
      {{"POST", "/api/jobs"},
       Access::token,
       {"object", "update"},
       [](const Asked& a) {
         const auto kind = flag_of(a.request, "update") ? LearningJobs::Kind::update : LearningJobs::Kind::add;
         return json_response(a.service.begin_job(a.request.value("object"), kind), 201);
       }},
      {{"GET", "/api/jobs/{id}"},
       Access::token,
       {},
       [](const Asked& a) { return json_response(a.service.jobs().get(a.number)); }},
      {{"DELETE", "/api/jobs/{id}"},
       Access::token,
       {},
       [](const Asked& a) { return json_response(a.service.jobs().remove(a.number)); }},
      {{"POST", "/api/jobs/{id}/images"},
       Access::token,
       {},
       [](const Asked& a) { return json_response(a.service.jobs().add_image(a.number, bytes_of(a.body)), 201); }},
      {{"POST", "/api/jobs/{id}/mask"},
       Access::token,
       {},
       [](const Asked& a) { return json_response(a.service.jobs().set_mask(a.number, bytes_of(a.body)), 201); }},
      {{"POST", "/api/jobs/{id}/start"},
       Access::token,
       {"variant", "replace"},
       [](const Asked& a) {
         const LearningJobs::Terms terms{
             .alike = flag_of(a.request, "variant") ? Alike::accepted : Alike::refused,
             .later = flag_of(a.request, "replace") ? LaterImages::replace : LaterImages::add};
         return json_response(a.service.jobs().start(a.number, terms), 202);
       }},
  };
  return all;
}

// The number in a path that is the route's, 0 where it has none; nothing where the path is another.
std::optional<int64_t> match(std::string_view route, std::string_view path) {
  constexpr std::string_view kId = "{id}";
  const size_t at = route.find(kId);
  if (at == std::string_view::npos) return route == path ? std::optional<int64_t>(0) : std::nullopt;
  const std::string_view before = route.substr(0, at), after = route.substr(at + kId.size());
  if (path.size() <= before.size() + after.size() || !path.starts_with(before) || !path.ends_with(after)) return {};
  const char* const end = path.data() + path.size() - after.size();
  int64_t number = -1;
  const auto [stopped, error] = std::from_chars(path.data() + at, end, number);
  return error == std::errc() && stopped == end && number >= 0 ? std::optional(number) : std::nullopt;
}

// Throws the Refusal of who may not ask.
void require_access(const HttpRequest& request, const std::string& token, Access access) {
  if (token.empty()) {
    if (!is_own_origin(request.host, request.origin))
      throw Refusal(403, "only this computer is answered, by its own address; for others start with --token");
    return;
  }
  if (access == Access::all) return;
  constexpr std::string_view kScheme = "Bearer ";
  if (!request.authorization.starts_with(kScheme) || !same_secret(request.authorization.substr(kScheme.size()), token))
    throw Refusal(401, "the header \"Authorization: Bearer TOKEN\" is missing, or has another token");
}

void check_content(const HttpRequest& request) {
  if (request.content_type.starts_with("multipart/"))
    throw Refusal(415, "forms are not read: the body is the image itself");
  if (!request.content_encoding.empty() && request.content_encoding != "identity")
    throw Refusal(415, "compressed bodies are not read: the body is the image itself");
}

}  // namespace

std::vector<RouteName> route_names() {
  std::vector<RouteName> names;
  for (const Route& route : routes()) names.push_back(route.name);
  return names;
}

HttpResponse answer_request(Service& service, const std::string& token, const HttpRequest& request,
                            const std::function<std::string()>& body) {
  if (request.asks_range) throw Refusal(416, "ranges are not answered");
  const std::string& method = request.method == "HEAD" ? "GET" : request.method;
  for (const Route& route : routes()) {
    if (route.name.method != method) continue;
    const std::optional<int64_t> number = match(route.name.path, request.path);
    if (!number) continue;
    require_access(request, token, route.access);
    if (method == "POST") check_content(request);
    const std::string content = method == "POST" ? body() : std::string();
    if (route.name.path.starts_with("/api/")) check_query(request, route.keys);
    return route.answer({service, request, content, *number});
  }
  throw Refusal(404, "there is no such thing");
}

}  // namespace iuf
