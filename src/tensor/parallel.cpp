#include "tensor/parallel.h"

#include <omp.h>
#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <exception>
#include <limits>
#include <mutex>
#include <span>
#include <system_error>
#include <thread>
#include <vector>

#include "tensor/float_mode.h"

namespace iuf {
namespace {

thread_local bool inside_loop = false;
std::atomic<bool> denormals_flushed = false;

void flush_on_this_thread() {
  set_float_mode(without_denormals(float_mode()));
}

// The threads behind parallel_for. An OpenMP region ends only when every thread of the team has run. Where other
// programs use the cores, too, each of the thousand small loops of a training step would wait until the scheduler runs
// a thread for which no work is left. Here the caller computes, workers that wake up in time help, and the caller waits
// only for those. Every thread begins with its own part of the blocks, the same one in every loop, because the rows
// that it wrote last are still in its own caches. Then it takes blocks of the other parts.
class Pool {
 public:
  // False when another thread is using the pool or no thread can be started: then the caller is on its own.
  bool run(int64_t blocks, const std::function<void(int64_t)>& body, int threads) {
    const std::unique_lock owner(owner_, std::try_to_lock);
    if (!owner) return false;
    const size_t all = 1 + start(static_cast<size_t>(std::min<int64_t>(threads, blocks)) - 1);
    if (all == 1) return false;
    if (parts_.size() < all) parts_ = std::vector<Part>(all);
    for (size_t i = 0; i < all; ++i) {
      const auto bound = [&](size_t k) { return static_cast<int64_t>(k) * blocks / static_cast<int64_t>(all); };
      parts_[i].next = bound(i);
      parts_[i].end = bound(i + 1);
    }
    Job job{body, {parts_.data(), all}};
    {
      const std::lock_guard lock(mutex_);
      job_ = &job;
      calls_.fetch_add(1, std::memory_order_release);
    }
    if (workers_ == 1)
      wake_.notify_one();
    else
      wake_.notify_all();
    job.compute(0);
    // No worker enters any more; those inside finish their block.
    std::unique_lock lock(mutex_);
    job_ = nullptr;
    for (int spin = 0; spin < kSpins && busy_ > 0; ++spin) {
      lock.unlock();
      pause_briefly();
      lock.lock();
    }
    done_.wait(lock, [&] { return busy_ == 0; });
    if (job.error) std::rethrow_exception(job.error);
    return true;
  }

 private:
  struct alignas(64) Part {
    std::atomic<int64_t> next;
    int64_t end;
  };
  struct Job {
    const std::function<void(int64_t)>& body;
    std::span<Part> parts;
    std::mutex error_mutex = {};
    std::exception_ptr error = {};
    std::atomic<int64_t> failed = std::numeric_limits<int64_t>::max();  // the first block that threw

    void compute(size_t thread) {
      inside_loop = true;
      for (size_t k = 0; k < parts.size(); ++k) {
        Part& part = parts[(thread + k) % parts.size()];
        for (int64_t i; (i = part.next.fetch_add(1, std::memory_order_relaxed)) < part.end;) {
          if (i > failed.load(std::memory_order_relaxed)) break;
          try {
            body(i);
          } catch (...) {
            const std::lock_guard lock(error_mutex);
            if (i < failed) {
              failed = i;
              error = std::current_exception();
            }
          }
        }
      }
      inside_loop = false;
    }
  };

  // Starts workers until there are `wanted`, or as many as the system allows; returns their number.
  size_t start(size_t wanted) {
    try {
      for (; workers_ < wanted; ++workers_) std::thread([this, number = workers_ + 1] { work(number); }).detach();
    } catch (const std::system_error&) {
      return workers_;
    }
    return wanted;
  }

  void work(size_t number) {
    omp_set_num_threads(1);  // of this thread: OpenBLAS's OpenMP flavour asks for it
    for (uint64_t seen = 0;;) {
      // Loops follow each other closely; a short spin is cheaper than being woken up.
      for (int spin = 0; spin < kSpins && calls_.load(std::memory_order_acquire) == seen; ++spin) pause_briefly();
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return calls_.load(std::memory_order_relaxed) != seen; });
      seen = calls_.load(std::memory_order_relaxed);
      if (!job_ || number >= job_->parts.size()) continue;
      ++busy_;
      Job& job = *job_;
      lock.unlock();
      if (denormals_flushed.load(std::memory_order_relaxed)) flush_on_this_thread();
      job.compute(number);
      lock.lock();
      if (--busy_ == 0) done_.notify_one();
    }
  }

  static constexpr int kSpins = 2000;  // ten to a hundred microseconds
  std::mutex owner_, mutex_;
  std::condition_variable wake_, done_;
  std::atomic<uint64_t> calls_ = 0;
  Job* job_ = nullptr;
  std::vector<Part> parts_;
  size_t workers_ = 0, busy_ = 0;
};

// Never destroyed: its threads wait in it until the process ends.
Pool*& pool_of_process() {
  static Pool* instance = new Pool;
  return instance;
}

// A child of the process has none of these threads, and a condition variable on which they waited may wait for them
// for ever: it begins with a pool of its own.
Pool& pool() {
  static const int registered = ::pthread_atfork(nullptr, nullptr, [] { pool_of_process() = new Pool; });
  (void)registered;
  return *pool_of_process();
}

}  // namespace

bool in_parallel() {
  return inside_loop || omp_in_parallel();
}

void run_blocks(int64_t blocks, const std::function<void(int64_t)>& body) {
  if (blocks > 1 && !in_parallel() && thread_count() > 1 && pool().run(blocks, body, thread_count())) return;
  for (int64_t i = 0; i < blocks; ++i) body(i);
}

int thread_count() {
  return omp_get_max_threads();
}
void set_thread_count(int threads) {
  omp_set_num_threads(threads > 0 ? threads : omp_get_num_procs());
}

void flush_denormals() {
  denormals_flushed = true;
  flush_on_this_thread();
}

}  // namespace iuf
