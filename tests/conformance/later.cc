#include "tests/conformance/later.h"

#include <utility>

#include "boost/asio/steady_timer.hpp"

namespace howdah::conformance {
namespace {

class Steps : public std::enable_shared_from_this<Steps> {
 public:
  Steps(boost::asio::io_context& io, absl::Duration time,
        std::vector<std::function<void()>> steps)
      : timer_(io), time_(time), steps_(std::move(steps)) {}

  void Next() {
    if (cancelled_ || next_ == steps_.size()) return;
    steps_[next_++]();
    Wait();
  }

  void Wait() {
    if (cancelled_ || next_ == steps_.size()) return;
    timer_.expires_after(
        std::chrono::nanoseconds(absl::ToInt64Nanoseconds(time_)));
    timer_.async_wait([self = shared_from_this()](const auto& error) {
      if (!error) self->Next();
    });
  }

  void Cancel() {
    cancelled_ = true;
    timer_.cancel();
  }

 private:
  boost::asio::steady_timer timer_;
  const absl::Duration time_;
  const std::vector<std::function<void()>> steps_;
  std::size_t next_ = 0;
  bool cancelled_ = false;
};

class Running : public mcp::RunningCall {
 public:
  explicit Running(std::shared_ptr<Steps> steps) : steps_(std::move(steps)) {}
  void Cancel() override { steps_->Cancel(); }

 private:
  const std::shared_ptr<Steps> steps_;
};

}  // namespace

std::unique_ptr<mcp::RunningCall> Later(boost::asio::io_context& io,
                                        absl::Duration time,
                                        std::function<void()> then) {
  const auto steps = std::make_shared<Steps>(
      io, time, std::vector<std::function<void()>>{std::move(then)});
  steps->Wait();
  return std::make_unique<Running>(steps);
}

std::unique_ptr<mcp::RunningCall> InSteps(
    boost::asio::io_context& io, absl::Duration time,
    std::vector<std::function<void()>> steps) {
  const auto all = std::make_shared<Steps>(io, time, std::move(steps));
  all->Next();
  return std::make_unique<Running>(all);
}

}  // namespace howdah::conformance
