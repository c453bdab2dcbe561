#include "iuf/live/broker.h"

#include <algorithm>
#include <charconv>

#include "nn/file.h"
#include "tensor/error.h"
#include "tensor/text.h"

namespace iuf {
namespace {

constexpr size_t kMostTopic = 1000;     // bytes of what topics begin with; MQTT ends at 65535
constexpr size_t kMostLogin = 1 << 16;  // bytes of a file

constexpr const char* kError = "error";
constexpr const char* kStatus = "status";

int port_of(const std::string& text, const std::string& digits) {
  int port = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, port);
  if (error != std::errc() || stop != end || port < 1 || port > 65535)
    fail("'", text, "': the port is a number from 1 to 65535");
  return port;
}

std::string percent_code(char c) {
  constexpr const char* digits = "0123456789ABCDEF";
  const auto value = static_cast<unsigned char>(c);
  return {'%', digits[value >> 4], digits[value & 15]};
}

}  // namespace

std::string Broker::name() const {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(used_port());
}

void set_address(Broker& broker, const std::string& text) {
  std::string host = text, port;
  const size_t colon = text.rfind(':'), bracket = text.find(']');
  if (text.starts_with('[') && bracket != std::string::npos) {
    host = text.substr(1, bracket - 1);
    if (bracket + 1 < text.size()) port = text.substr(bracket + 1);
  } else if (colon != std::string::npos && colon == text.find(':')) {  // more of them are an IPv6 address
    host = text.substr(0, colon);
    port = text.substr(colon);
  }
  const bool strange = text.find_first_of("/@") != std::string::npos || plain_text(text) != text ||
                       host.find_first_of(" []") != std::string::npos;
  if (host.empty() || strange || (!port.empty() && port[0] != ':'))
    fail("'", text, "': HOST or HOST:PORT is needed, such as 192.168.1.5:1883");
  broker.host = host;
  broker.port = port.empty() ? std::nullopt : std::optional(port_of(text, port.substr(1)));
}

void check_topic(const std::string& topic) {
  if (topic.empty() || topic.size() > kMostTopic || plain_text(topic) != topic ||
      topic.find_first_of("+#") != std::string::npos || topic.ends_with('/'))
    fail("'", topic, "': topics cannot begin with this: 1 to ", kMostTopic,
         " bytes of UTF-8 without + and #, and no / at the end, are needed");
}

void read_login(Broker& broker, const std::filesystem::path& file) {
  const std::vector<std::byte> bytes = read_file(file, kMostLogin);
  std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::erase(text, '\r');
  const size_t end = text.find('\n');
  broker.user = text.substr(0, end);
  broker.password = end == std::string::npos ? "" : text.substr(end + 1, text.find('\n', end + 1) - end - 1);
  if (broker.user.empty() || text.find('\0') != std::string::npos)
    fail(file.string(), ": the first line is the user's name, the second the password");
}

std::string topic_of(const Broker& broker, const std::string& object) {
  if (object.empty()) return broker.topic + "/" + kError;
  const std::string text = escaped(object);
  std::string level;
  for (const char c : text)
    level += std::string_view("/+#%").find(c) == std::string_view::npos ? std::string(1, c) : percent_code(c);
  if (level == kError || level == kStatus) level = percent_code(level[0]) + level.substr(1);
  return broker.topic + "/" + level;
}

std::string status_topic(const Broker& broker) {
  return broker.topic + "/" + kStatus;
}

}  // namespace iuf
