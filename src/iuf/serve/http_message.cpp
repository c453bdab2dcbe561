#include "iuf/serve/http_message.h"

#include <algorithm>
#include <charconv>

namespace iuf {
namespace {

// "%41" is A. A "%" without two digits stands for itself.
std::string decoded(std::string_view text, bool plus_is_space) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned char code = 0;
    const char* const digits = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() && std::from_chars(digits, digits + 2, code, 16).ptr == digits + 2) {
      out += static_cast<char>(code);
      i += 2;
    } else {
      out += text[i] == '+' && plus_is_space ? ' ' : text[i];
    }
  }
  return out;
}

}  // namespace

std::string HttpRequest::value(std::string_view key) const {
  const auto found = std::ranges::find(keys, key, [](const auto& pair) { return std::string_view(pair.first); });
  return found == keys.end() ? std::string() : found->second;
}

void read_target(std::string_view target, HttpRequest& request) {
  const size_t mark = std::min(target.find('?'), target.size());
  request.path = decoded(target.substr(0, mark), false);
  request.query = target.substr(std::min(mark + 1, target.size()));
  request.keys.clear();
  for (std::string_view rest = request.query; !rest.empty();) {
    const size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    const size_t equals = std::min(pair.find('='), pair.size());
    if (!pair.empty())
      request.keys.emplace_back(decoded(pair.substr(0, equals), true),
                                decoded(pair.substr(std::min(equals + 1, pair.size())), true));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

HttpResponse json_response(const nlohmann::ordered_json& json, int status) {
  return {status, "application/json", json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
}

HttpResponse error_response(int status, std::string_view text) {
  return json_response({{"error", text}}, status);
}

}  // namespace iuf
