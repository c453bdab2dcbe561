#include "iuf/live/verdict_publisher.h"

#include <poll.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

#include "tensor/error.h"

namespace iuf {
namespace {

using std::chrono::milliseconds;

// A broker in this process, which can go away, break off and refuse.
struct PretendedBroker {
  std::mutex mutex = {};
  bool there = true;
  bool silent = false;                                        // takes messages, and never says so
  std::string breaks_at = {};                                 // the connection breaks when this message comes
  std::vector<std::pair<std::string, std::string>> got = {};  // topic, text
  int connections = 0, closed = 0;
};

class PretendedConnection : public BrokerConnection {
 public:
  explicit PretendedConnection(std::shared_ptr<PretendedBroker> broker) : broker_(std::move(broker)) {}

  bool is_open() const override { return open_; }
  std::optional<int> send(const std::string& topic, std::string_view text) override {
    if (text == "impossible") return std::nullopt;
    coming_.push_back({++last_, {topic, std::string(text)}});
    return last_;
  }
  std::vector<int> wait(int wake, milliseconds longest) override {
    if (coming_.empty() && open_) {
      pollfd looked_at = {wake, POLLIN, 0};
      ::poll(&looked_at, 1, static_cast<int>(std::min(longest, milliseconds(20)).count()));
    }
    open_ = true;
    const std::lock_guard lock(broker_->mutex);
    if (!broker_->there) fail("it went away");
    std::vector<int> taken;
    for (; !coming_.empty() && !broker_->silent; coming_.pop_front()) {
      if (coming_.front().second.second == broker_->breaks_at) fail("it broke off");
      broker_->got.push_back(coming_.front().second);
      taken.push_back(coming_.front().first);
    }
    return taken;
  }
  void close() override {
    const std::lock_guard lock(broker_->mutex);
    ++broker_->closed;
  }

 private:
  std::shared_ptr<PretendedBroker> broker_;
  bool open_ = false;
  int last_ = 0;
  std::deque<std::pair<int, std::pair<std::string, std::string>>> coming_ = {};
};

struct Line {
  // Shared with the thread, which may outlive the publisher.
  std::shared_ptr<PretendedBroker> shared = std::make_shared<PretendedBroker>();
  PretendedBroker& broker = *shared;
  std::mutex mutex = {};
  std::vector<std::string> notes = {};
  VerdictPublisher::Limits limits = {.first_pause = milliseconds(5),
                                     .longest_pause = milliseconds(20),
                                     .last_pause = milliseconds(5),
                                     .flush = milliseconds(2'000)};
  std::unique_ptr<VerdictPublisher> publisher = {};

  void begin() {
    const Progress progress(Progress::Stage(), [this](const std::string& text) {
      const std::lock_guard lock(mutex);
      notes.push_back(text);
    });
    const auto connect = [there = shared](const Broker&) -> std::unique_ptr<BrokerConnection> {
      const std::lock_guard lock(there->mutex);
      if (!there->there) fail("nobody answers");
      ++there->connections;
      return std::make_unique<PretendedConnection>(there);
    };
    publisher = std::make_unique<VerdictPublisher>(Broker{.host = "line7"}, connect, progress, limits);
  }
  void say(const std::string& text, const std::string& object = "gear") {
    publisher->publish({.object = object}, text + "\n");
  }
  void there(bool is) {
    const std::lock_guard lock(broker.mutex);
    broker.there = is;
  }
  // Whether it becomes true within some seconds.
  bool comes(const std::function<bool()>& holds) {
    for (int i = 0; i < 2'000; ++i, std::this_thread::sleep_for(milliseconds(5))) {
      const std::scoped_lock lock(mutex, broker.mutex);
      if (holds()) return true;
    }
    return false;
  }
  bool comes_note(const std::string& part) {
    return comes([&] {
      return std::ranges::any_of(notes, [&](const std::string& n) { return n.find(part) != std::string::npos; });
    });
  }
  std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (const auto& [topic, text] : broker.got) all.push_back(text);
    return all;
  }
};

}  // namespace

TEST_CASE("an address of a broker is a host, a port may follow", "[iuf][mqtt]") {
  const auto named = [](const std::string& text) {
    Broker broker;
    set_address(broker, text);
    return broker.name();
  };
  CHECK(named("line7") == "line7:1883");
  CHECK(named("line7:8000") == "line7:8000");
  CHECK(named("10.0.0.1:1") == "10.0.0.1:1");
  CHECK(named("::1") == "[::1]:1883");
  CHECK(named("[::1]:9") == "[::1]:9");
  CHECK(named("[fe80::2]") == "[fe80::2]:1883");
  for (const char* wrong :
       {"", ":1883", "a:", "a:0", "a:65536", "a:1x", "mqtt://a", "a b", "u@a", "[::1", "[::1]9", "[]"})
    CHECK_THROWS_AS(named(wrong), Error);
  Broker encrypted{.host = "a", .ca = "ca.pem"};
  CHECK(encrypted.used_port() == 8883);
}

TEST_CASE("topics begin with what is valid in MQTT", "[iuf][mqtt]") {
  for (const char* right : {"iuf", "works/line 7", "Prüfung", "$share"}) CHECK_NOTHROW(check_topic(right));
  for (const std::string& wrong : {std::string(), std::string("a/#"), std::string("+"), std::string("a/"),
                                   std::string("a\0b", 3), std::string("\xff"), std::string(1001, 'a')})
    CHECK_THROWS_AS(check_topic(wrong), Error);
}

TEST_CASE("every object has a topic of its own, one level deep", "[iuf][mqtt]") {
  const Broker broker{.topic = "works/iuf"};
  CHECK(topic_of(broker, "gear") == "works/iuf/gear");
  CHECK(topic_of(broker, "Gehäuse 2") == "works/iuf/Gehäuse 2");
  CHECK(topic_of(broker, "a/b+c#d%") == "works/iuf/a%2Fb%2Bc%23d%25");
  CHECK(topic_of(broker, std::string("a\0b\n", 4)) == "works/iuf/a\\x00b\\x0a");
  CHECK(topic_of(broker, "\xff") == "works/iuf/\\xff");
  CHECK(topic_of(broker, "") == "works/iuf/error");
  CHECK(topic_of(broker, "error") == "works/iuf/%65rror");
  CHECK(topic_of(broker, "status") == "works/iuf/%73tatus");
  CHECK(status_topic(broker) == "works/iuf/status");
  std::set<std::string> topics;
  const std::vector<std::string> names = {"", "error", "%65rror", "a/b", "a%2Fb", "\\xff", "\xff", "a\\b", "a\\\\b"};
  for (const std::string& name : names) topics.insert(topic_of(broker, name));
  CHECK(topics.size() == names.size());
}

TEST_CASE("messages arrive in order, without the end of their lines, under their object", "[iuf][mqtt]") {
  Line line;
  line.begin();
  std::vector<std::string> expected;
  for (int i = 0; i < 100; ++i) line.say(expected.emplace_back(std::to_string(i)));
  line.publisher->publish({.error = "cannot be read", .expected = "nut"}, "{}");
  line.publisher->publish({.error = "cannot be read"}, "{}");
  CHECK(line.publisher->finish() == 0);
  CHECK(line.broker.closed == 1);
  expected.insert(expected.end(), {"{}", "{}"});
  CHECK(line.texts() == expected);
  CHECK(line.broker.got[0].first == "iuf/gear");
  CHECK(line.broker.got[100].first == "iuf/nut");
  CHECK(line.broker.got[101].first == "iuf/error");
  CHECK(line.notes.empty());
}

TEST_CASE("what a broker that goes away has not taken comes once it is back, which is said once", "[iuf][mqtt]") {
  Line line;
  line.begin();
  line.say("a");
  CHECK(line.comes([&] { return line.broker.got.size() == 1; }));
  line.there(false);
  for (const char* text : {"b", "c", "d"}) line.say(text);
  CHECK(line.comes_note("nobody answers"));
  line.there(true);
  CHECK(line.comes([&] { return line.broker.got.size() == 4; }));
  CHECK(line.comes_note("is back"));
  CHECK(line.publisher->finish() == 0);
  CHECK(line.texts() == std::vector<std::string>{"a", "b", "c", "d"});
  CHECK(line.notes ==
        std::vector<std::string>{"mqtt: line7:1883 is away: it went away; verdicts go on, and messages wait for it",
                                 "mqtt: line7:1883 is away: nobody answers",
                                 "mqtt: line7:1883 is back; no message was dropped"});
}

TEST_CASE("the oldest messages are dropped when too many wait, and counted", "[iuf][mqtt]") {
  Line line;
  line.broker.there = false;
  line.limits.waiting_bytes = 10 * (std::string("iuf/gear").size() + 2);
  line.begin();
  for (int i = 10; i < 50; ++i) line.say(std::to_string(i));
  CHECK(line.comes_note("from now on the oldest are dropped"));
  line.there(true);
  CHECK(line.comes_note("is back; the oldest were dropped: 30 messages"));
  CHECK(line.publisher->finish() == 30);
  std::vector<std::string> expected;
  for (int i = 40; i < 50; ++i) expected.push_back(std::to_string(i));
  CHECK(line.texts() == expected);
  CHECK(line.notes.back() == "mqtt: line7:1883 never got 30 messages; the log has all verdicts");
}

TEST_CASE("a broker that never answers holds nobody up for longer than the time to flush", "[iuf][mqtt]") {
  Line line;
  const bool silent = GENERATE(false, true);
  (silent ? line.broker.silent : line.broker.there) = silent;
  line.limits.flush = milliseconds(100);
  line.begin();
  line.say("a");
  const auto begin = std::chrono::steady_clock::now();
  CHECK(line.publisher->finish() == 1);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10));
  CHECK(line.notes.back() == "mqtt: line7:1883 never got 1 message; the log has all verdicts");
  CHECK(line.publisher->finish() == 1);
}

TEST_CASE("a thread that cannot be broken off is left behind", "[iuf][mqtt]") {
  struct Lookup {
    std::mutex mutex = {};
    std::atomic<bool> over = false;
  };
  const auto lookup = std::make_shared<Lookup>();
  std::unique_lock held(lookup->mutex);
  const auto connect = [lookup](const Broker&) -> std::unique_ptr<BrokerConnection> {
    const std::lock_guard lock(lookup->mutex);
    lookup->over = true;
    fail("no such name");
  };
  VerdictPublisher publisher(Broker{.host = "far"}, connect, Progress(), {.flush = milliseconds(20)});
  publisher.publish({.object = "gear"}, "{}");
  CHECK(publisher.finish() == 1);
  held.unlock();
  while (!lookup->over) std::this_thread::sleep_for(milliseconds(1));
}

TEST_CASE("a message that no broker takes does not hold up the others", "[iuf][mqtt]") {
  Line line;
  line.begin();
  for (const char* text : {"a", "impossible", "b"}) line.say(text);
  CHECK(line.publisher->finish() == 1);
  CHECK(line.texts() == std::vector<std::string>{"a", "b"});
}

TEST_CASE("a broker that breaks off at a message is away until it takes it", "[iuf][mqtt]") {
  Line line;
  line.broker.breaks_at = "b";
  line.begin();
  for (const char* text : {"b", "c"}) line.say(text);
  CHECK(line.comes([&] { return line.broker.connections > 3; }));
  {
    const std::scoped_lock lock(line.mutex, line.broker.mutex);
    CHECK(line.notes.size() == 1);
    line.broker.breaks_at = "";
  }
  CHECK(line.publisher->finish() == 0);
  CHECK(line.texts() == std::vector<std::string>{"b", "c"});
}

}  // namespace iuf
