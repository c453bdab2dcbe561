#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace iuf {

/// An MQTT broker, and what this program is called there.
struct Broker {
  std::string host = {};
  std::optional<int> port = {};   // empty: 1883, with `ca` 8883
  std::string topic = "iuf";      // that all topics begin with
  std::string user = {};          // empty: none
  std::string password = {};      // of the user
  std::filesystem::path ca = {};  // certificates (PEM) that the broker's is signed by; empty: no TLS

  int used_port() const { return port ? *port : ca.empty() ? 1883 : 8883; }
  /// "line7:1883", for messages.
  std::string name() const;
};

/// Takes "HOST", "HOST:PORT", an IPv6 address or "[ADDRESS]:PORT"; throws Error for other texts.
void set_address(Broker& broker, const std::string& text);
/// Throws Error for a text that topics cannot begin with: an empty one, and one with + or #.
void check_topic(const std::string& topic);
/// Takes the user from the first line of a file and the password from the second, which may be missing.
void read_login(Broker& broker, const std::filesystem::path& file);

/// The topic of an object's verdicts: TOPIC/OBJECT, the object escaped() with %2F for a slash and the like for plus,
/// number sign and percent. Without an object TOPIC/error, as such images could not be judged. An object that is called
/// as what else is there (error, status) has its first letter as %65 or %73.
std::string topic_of(const Broker& broker, const std::string& object);
/// "online", "offline", retained.
std::string status_topic(const Broker& broker);

/// One connection to a broker, from its beginning to its loss. For one thread.
class BrokerConnection {
 public:
  BrokerConnection() = default;
  BrokerConnection(const BrokerConnection&) = delete;
  BrokerConnection& operator=(const BrokerConnection&) = delete;
  virtual ~BrokerConnection() = default;

  /// Whether the broker takes messages.
  virtual bool is_open() const = 0;
  /// Begins to send a message (QoS 1) and returns its number, which comes from wait() once the broker has it; none for
  /// one that no broker takes. Throws Error where the connection is lost.
  virtual std::optional<int> send(const std::string& topic, std::string_view text) = 0;
  /// Until there is something to do, the descriptor `wake` is readable, or the time is over: does what there is to do.
  /// Returns the numbers of messages that the broker has from now on. Throws Error where the connection is lost.
  virtual std::vector<int> wait(int wake, std::chrono::milliseconds longest) = 0;
  /// Says goodbye; nothing can be done with it afterwards.
  virtual void close() = 0;
};

/// Whether this program was built with MQTT.
bool has_mqtt();

/// Begins to connect; the status is online once that is done, and offline when the connection ends in whatever way.
/// Throws Error where it can be told at once that this fails.
std::unique_ptr<BrokerConnection> connect_mqtt(const Broker& broker);

}  // namespace iuf
