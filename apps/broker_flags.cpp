#include "apps/broker_flags.h"

#include "apps/flag_values.h"
#include "tensor/error.h"

namespace iuf {

void BrokerFlags::add(CLI::App& app) {
  CLI::Option* const address =
      app.add_option_function<std::string>(
             "--mqtt", [this](const std::string& text) { set_address(broker, text); },
             "send every verdict to this MQTT broker, too; default port: 1883, with --mqtt-ca 8883")
          ->check(accepted_by([](const std::string& text) {
            Broker any;
            set_address(any, text);
          }))
          ->type_name("HOST[:PORT]");
  app.add_option("--mqtt-topic", broker.topic, "topics are PREFIX/OBJECT, PREFIX/error and PREFIX/status")
      ->capture_default_str()
      ->check(accepted_by(check_topic))
      ->needs(address)
      ->type_name("PREFIX");
  app.add_option("--mqtt-login", login, "its first line is the user's name, the second the password")
      ->needs(address)
      ->type_name("FILE");
  app.add_option("--mqtt-ca", broker.ca, "by TLS, with a broker whose certificate is signed by one of these (PEM)")
      ->needs(address)
      ->type_name("FILE");
}

std::unique_ptr<VerdictPublisher> BrokerFlags::publisher(ProgressLine& progress) {
  if (broker.host.empty()) return nullptr;
  if (!has_mqtt())
    fail(
        "this build has no MQTT: it was built without libmosquitto (Debian: libmosquitto-dev); build it again with it, "
        "or leave --mqtt out");
  if (login) read_login(broker, *login);
  if (!broker.ca.empty() && !std::filesystem::is_regular_file(broker.ca))
    fail(broker.ca.string(), ": no such file: certificates in PEM are needed");
  return std::make_unique<VerdictPublisher>(broker, connect_mqtt, std::ref(progress), VerdictPublisher::Limits());
}

}  // namespace iuf
