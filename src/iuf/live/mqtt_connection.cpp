#include <fcntl.h>
#include <mosquitto.h>
#include <poll.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "iuf/live/broker.h"
#include "tensor/error.h"

namespace iuf {
namespace {

constexpr int kQos = 1;
constexpr int kKeepAlive = 30;  // seconds until the broker takes a silent connection for lost, and half more
constexpr std::chrono::seconds kConnectLimit{10};     // for the broker to answer
constexpr std::chrono::milliseconds kConnecting{20};  // between two looks at a connection that is being made
constexpr std::string_view kOnline = "online", kOffline = "offline";

// All of one connection happens in the thread that calls wait(); so do the library's calls back.
class MqttConnection : public BrokerConnection {
 public:
  explicit MqttConnection(const Broker& broker)
      : status_(status_topic(broker)), client_(mosquitto_new(nullptr, true, this), mosquitto_destroy) {
    if (!client_) fail("out of memory");
    mosquitto_connect_callback_set(client_.get(), [](mosquitto*, void* self, int code) { of(self).answered(code); });
    mosquitto_publish_callback_set(client_.get(),
                                   [](mosquitto*, void* self, int number) { of(self).taken_.push_back(number); });
    mosquitto_log_callback_set(client_.get(),
                               [](mosquitto*, void* self, int level, const char* text) { of(self).log(level, text); });
    check(mosquitto_will_set(client_.get(), status_.c_str(), static_cast<int>(kOffline.size()), kOffline.data(), kQos,
                             true));
    if (!broker.user.empty())
      check(mosquitto_username_pw_set(client_.get(), broker.user.c_str(), broker.password.c_str()));
    if (!broker.ca.empty())
      check(mosquitto_tls_set(client_.get(), broker.ca.c_str(), nullptr, nullptr, nullptr, nullptr));
    check(mosquitto_connect_async(client_.get(), broker.host.c_str(), broker.used_port(), kKeepAlive));
    // A program that is begun meanwhile must not hold the connection when this one is killed.
    ::fcntl(mosquitto_socket(client_.get()), F_SETFD, FD_CLOEXEC);
  }

  bool is_open() const override { return open_; }

  std::optional<int> send(const std::string& topic, std::string_view text) override {
    int number = 0;
    const int code = mosquitto_publish(client_.get(), &number, topic.c_str(), static_cast<int>(text.size()),
                                       text.data(), kQos, false);
    if (code == MOSQ_ERR_INVAL || code == MOSQ_ERR_PAYLOAD_SIZE || code == MOSQ_ERR_MALFORMED_UTF8 ||
        code == MOSQ_ERR_OVERSIZE_PACKET)
      return std::nullopt;
    check(code);
    return number;
  }

  std::vector<int> wait(int wake, std::chrono::milliseconds longest) override {
    if (!open_ && std::chrono::steady_clock::now() - begin_ > kConnectLimit) fail("it does not answer");
    const auto until_then = open_ ? longest : std::min(longest, kConnecting);
    const short events = open_ && mosquitto_want_write(client_.get()) ? POLLIN | POLLOUT : POLLIN;
    pollfd looked_at[] = {{mosquitto_socket(client_.get()), events, 0}, {wake, POLLIN, 0}};
    ::poll(looked_at, std::size(looked_at), static_cast<int>(until_then.count()));
    const int code = mosquitto_loop(client_.get(), 0, 1);
    if (!refusal_.empty()) fail(refusal_);
    check(code);
    return std::exchange(taken_, {});
  }

  void close() override {
    mosquitto_publish(client_.get(), nullptr, status_.c_str(), static_cast<int>(kOffline.size()), kOffline.data(), kQos,
                      true);
    mosquitto_disconnect(client_.get());
  }

 private:
  static MqttConnection& of(void* self) { return *static_cast<MqttConnection*>(self); }

  void answered(int code) {
    open_ = code == 0;
    if (!open_) refusal_ = mosquitto_connack_string(code);
    if (open_)
      mosquitto_publish(client_.get(), nullptr, status_.c_str(), static_cast<int>(kOnline.size()), kOnline.data(), kQos,
                        true);
  }

  void log(int level, const char* text) {
    if (level == MOSQ_LOG_ERR) logged_ = text;
  }

  void check(int code) const {
    if (code == MOSQ_ERR_SUCCESS) return;
    if (code == MOSQ_ERR_ERRNO) fail(std::generic_category().message(errno));
    if (code == MOSQ_ERR_EAI) fail("no computer of this name is known");
    fail(mosquitto_strerror(code), logged_.empty() ? "" : " (", logged_, logged_.empty() ? "" : ")");
  }

  const std::string status_;
  const std::unique_ptr<mosquitto, void (*)(mosquitto*)> client_;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  bool open_ = false;
  std::string refusal_ = {}, logged_ = {};  // why the broker takes nothing; the library's last error
  std::vector<int> taken_ = {};
};

}  // namespace

bool has_mqtt() {
  return true;
}

std::unique_ptr<BrokerConnection> connect_mqtt(const Broker& broker) {
  static const int begun = mosquitto_lib_init();
  if (begun != MOSQ_ERR_SUCCESS) fail(mosquitto_strerror(begun));
  return std::make_unique<MqttConnection>(broker);
}

}  // namespace iuf
