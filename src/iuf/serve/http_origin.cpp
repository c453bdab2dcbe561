#include <algorithm>
#include <cctype>
#include <string_view>

#include "iuf/serve/http_server.h"

namespace iuf {
namespace {

// Without the port: "[::1]:8077" is "[::1]".
std::string host_name(std::string host) {
  const size_t bracket = host.rfind(']'), colon = host.rfind(':');
  if (colon != std::string::npos && (bracket == std::string::npos || colon > bracket)) host.resize(colon);
  std::ranges::transform(host, host.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return host;
}

}  // namespace

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host == "[::1]" ||
         (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos);
}

bool same_secret(const std::string& given, const std::string& secret) {
  volatile unsigned char difference = given.size() == secret.size() ? 0 : 1;
  for (size_t i = 0; i < given.size(); ++i) {
    const auto other = static_cast<unsigned char>(secret.empty() ? 1 : secret[i % secret.size()]);
    difference = static_cast<unsigned char>(difference | (static_cast<unsigned char>(given[i]) ^ other));
  }
  return difference == 0;
}

bool is_own_origin(const std::string& host, const std::string& origin) {
  return is_loopback(host_name(host)) && (origin.empty() || origin == "http://" + host);
}

}  // namespace iuf
