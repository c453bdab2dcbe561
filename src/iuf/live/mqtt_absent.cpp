#include "iuf/live/broker.h"
#include "tensor/error.h"

// In the place of mqtt_connection.cpp, where libmosquitto is not there.
namespace iuf {

bool has_mqtt() {
  return false;
}

std::unique_ptr<BrokerConnection> connect_mqtt(const Broker&) {
  fail("this build has no MQTT");
}

}  // namespace iuf
