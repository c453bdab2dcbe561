#include "iuf/live/verdict_publisher.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>

#include "tensor/error.h"
#include "tensor/text.h"

namespace iuf {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kGrace{1'000};  // for the thread to notice that its time is over
constexpr milliseconds kIdle{1'000};   // between two looks at a connection, which keep it alive

std::string messages(int64_t count) {
  return std::to_string(count) + (count == 1 ? " message" : " messages");
}

}  // namespace

struct VerdictPublisher::Shared {
  // A descriptor that other threads make readable.
  class Wake {
   public:
    Wake() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
      if (fd_ < 0) fail("cannot make a descriptor: too many open files?");
    }
    Wake(const Wake&) = delete;
    Wake& operator=(const Wake&) = delete;
    ~Wake() { ::close(fd_); }

    int descriptor() const { return fd_; }
    void up() const {
      const uint64_t one = 1;
      [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof one);
    }
    void again() const {
      uint64_t count;
      [[maybe_unused]] const auto got = ::read(fd_, &count, sizeof count);
    }

   private:
    int fd_;
  };

  struct Message {
    std::string topic, text;
    int number = 0;  // of BrokerConnection::send, once it is on its way

    size_t bytes() const { return topic.size() + text.size(); }
  };

  const Broker broker;
  const Connect connect;
  const Progress progress;
  const Limits limits;
  const Wake wake = {};

  std::mutex mutex = {};             // for what follows
  std::deque<Message> waiting = {};  // the oldest first; the first `sent` are on their way
  size_t sent = 0, bytes = 0;
  int64_t dropped = 0;
  Clock::time_point until = Clock::time_point::max();  // when it ends, done or not
  bool over = false;                                   // the thread has ended
  bool abandoned = false;                              // nobody waits for it any more
  std::condition_variable ended = {};

  // The thread's alone.
  std::set<std::string> told = {};  // why the broker is away
  int64_t told_dropped = 0, dropped_before = 0;
  milliseconds pause = limits.first_pause;

  void drop(std::deque<Message>::iterator message) {
    bytes -= message->bytes();
    waiting.erase(message);
    ++dropped;
  }

  bool ending() const { return until != Clock::time_point::max(); }
  bool done() {
    const std::lock_guard lock(mutex);
    return ending() && (waiting.empty() || Clock::now() >= until);
  }
  milliseconds at_most(milliseconds time, milliseconds last) {
    const std::lock_guard lock(mutex);
    return ending() ? std::min(time, last) : time;
  }
  void say(const std::string& text) {
    const std::lock_guard lock(mutex);
    if (!abandoned) progress.note("mqtt: " + broker.name() + " " + text);
  }

  void away(const std::string& why) {
    {
      const std::lock_guard lock(mutex);
      sent = 0;
    }
    if (told.insert(why).second)
      say("is away: " + why + (told.size() > 1 ? "" : "; verdicts go on, and messages wait for it"));
  }
  void back() {
    pause = limits.first_pause;
    if (told.empty()) return;
    told.clear();
    int64_t lost = 0;
    {
      const std::lock_guard lock(mutex);
      lost = dropped - std::exchange(dropped_before, dropped);
    }
    say("is back" + (lost == 0 ? "; no message was dropped" : "; the oldest were dropped: " + messages(lost)));
  }
  void tell_dropped() {
    bool first = false;
    {
      const std::lock_guard lock(mutex);
      first = dropped > dropped_before && told_dropped == dropped_before;
      if (first) told_dropped = dropped;
    }
    if (first) say("has not taken messages for too long: from now on the oldest are dropped");
  }

  // Whether anything is waiting.
  bool send_waiting(BrokerConnection& connection) {
    const std::lock_guard lock(mutex);
    while (sent < std::min(waiting.size(), limits.at_once)) {
      Message& message = waiting[sent];
      if (const auto number = connection.send(message.topic, message.text)) {
        message.number = *number;
        ++sent;
      } else {
        drop(waiting.begin() + static_cast<std::ptrdiff_t>(sent));
      }
    }
    return !waiting.empty();
  }
  // Whether it is that of a verdict.
  bool arrived(int number) {
    const std::lock_guard lock(mutex);
    const auto end = waiting.begin() + static_cast<std::ptrdiff_t>(sent);
    const auto message = std::find_if(waiting.begin(), end, [&](const Message& m) { return m.number == number; });
    if (message == end) return false;
    bytes -= message->bytes();
    waiting.erase(message);
    --sent;
    return true;
  }

  // Until the connection is lost, which is an Error, or all is done.
  void use(BrokerConnection& connection) {
    for (;;) {
      wake.again();
      const bool open = connection.is_open();
      // Not before it took one: a broker that breaks the connection at a message is away.
      if (open && !send_waiting(connection)) back();
      tell_dropped();
      if (done()) return open ? connection.close() : void();
      for (const int number : connection.wait(wake.descriptor(), at_most(kIdle, limits.last_pause)))
        if (arrived(number)) back();
    }
  }

  // Until it is time for the next connection, or to end.
  void rest() {
    const Clock::time_point begin = Clock::now();
    while (!done()) {
      const auto left = std::chrono::ceil<milliseconds>(begin + at_most(pause, limits.last_pause) - Clock::now());
      if (left <= milliseconds(0)) break;
      pollfd looked_at = {wake.descriptor(), POLLIN, 0};
      ::poll(&looked_at, 1, static_cast<int>(left.count()));
      wake.again();
      tell_dropped();
    }
    pause = std::min(2 * pause, limits.longest_pause);
  }

  void run() {
    while (!done()) {
      try {
        const std::unique_ptr<BrokerConnection> connection = connect(broker);
        use(*connection);
      } catch (const std::exception& e) {
        away(plain_text(e.what()));
        rest();
      }
    }
    const std::lock_guard lock(mutex);
    over = true;
    ended.notify_all();
  }
};

VerdictPublisher::VerdictPublisher(const Broker& broker, const Connect& connect, const Progress& progress,
                                   const Limits& limits)
    : shared_(new Shared{broker, connect, progress, limits}) {
  // Signals are for the others; a connection that breaks is an error, not SIGPIPE.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([shared = shared_] { shared->run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

VerdictPublisher::~VerdictPublisher() {
  finish();
}

void VerdictPublisher::publish(const Prediction& prediction, std::string_view row) {
  Shared::Message message{
      .topic = topic_of(shared_->broker, prediction.object.empty() ? prediction.expected : prediction.object),
      .text = std::string(row.substr(0, row.find('\n')))};
  {
    const std::lock_guard lock(shared_->mutex);
    Shared& s = *shared_;
    s.bytes += message.bytes();
    s.waiting.push_back(std::move(message));
    while (s.bytes > s.limits.waiting_bytes && s.waiting.size() > s.sent)
      s.drop(s.waiting.begin() + static_cast<std::ptrdiff_t>(s.sent));
  }
  shared_->wake.up();
}

int64_t VerdictPublisher::finish() {
  Shared& s = *shared_;
  if (!thread_.joinable()) return s.dropped + static_cast<int64_t>(s.waiting.size());
  std::unique_lock lock(s.mutex);
  s.until = Clock::now() + s.limits.flush;
  s.wake.up();
  s.ended.wait_until(lock, s.until + kGrace, [&] { return s.over; });
  const int64_t lost = s.dropped + static_cast<int64_t>(s.waiting.size());
  if (lost > 0)
    s.progress.note("mqtt: " + s.broker.name() + " never got " + messages(lost) + "; the log has all verdicts");
  s.abandoned = true;
  const bool over = s.over;
  lock.unlock();
  if (over)
    thread_.join();
  else
    thread_.detach();
  return lost;
}

}  // namespace iuf
