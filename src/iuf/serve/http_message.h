#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace iuf {

/// What a request says before its body. Headers that are not there are empty.
struct HttpRequest {
  std::string method = {};
  std::string path = {};                                       // decoded
  std::string query = {};                                      // as it came, without the "?"
  std::vector<std::pair<std::string, std::string>> keys = {};  // of the query, decoded, in their order
  std::string host = {}, origin = {}, authorization = {}, content_type = {}, content_encoding = {};
  bool asks_range = false;

  /// The value of a key; empty where the query lacks it.
  std::string value(std::string_view key) const;
};

/// Fills path, query and keys from what stands between method and version: "/api/judge?name=a%20b".
void read_target(std::string_view target, HttpRequest& request);

struct HttpResponse {
  int status = 200;
  std::string type = {};  // of the content
  std::string body = {};
};

HttpResponse json_response(const nlohmann::ordered_json& json, int status = 200);
/// {"error": text}
HttpResponse error_response(int status, std::string_view text);

}  // namespace iuf
