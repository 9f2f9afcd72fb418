#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace results {

/// Work done in a child process, for libraries that damaged files can bring down or keep busy for
/// ever. What it sends arrives here in its order.
class Apart {
 public:
  /// The child's end.
  class Sender {
   public:
    explicit Sender(int pipe) : pipe_(pipe) {}
    void send(std::span<const std::byte> bytes) const;
    void send(std::int64_t number) const;
    void send(const std::string& text) const;

   private:
    int pipe_;
  };

  /// Starts the child. An InputError that `work` throws is thrown again by whoever receives; its
  /// own output is dropped, and its time on the processor is limited to that many seconds.
  Apart(const std::function<void(const Sender&)>& work, unsigned seconds);
  ~Apart();
  Apart(const Apart&) = delete;
  Apart& operator=(const Apart&) = delete;

  /// The next of what was sent. Throw InputError as `work` did, and Ended where the child is gone.
  void receive(std::span<std::byte> bytes);
  std::int64_t number();
  std::string text(std::size_t longest);

  /// The child died, or fell silent too early.
  struct Ended {};

 private:
  void take(std::span<std::byte> bytes);

  int pipe_ = -1;
  int child_ = -1;
};

}  // namespace results
