// Work of the fixtures that takes time.
//
//   return Later(io, absl::Milliseconds(50), [] { ... });
#ifndef HOWDAH_TESTS_CONFORMANCE_LATER_H_
#define HOWDAH_TESTS_CONFORMANCE_LATER_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "adapter/mcp/running_call.h"
#include "boost/asio/io_context.hpp"

namespace howdah::conformance {

// Runs `then` after the time, unless it is cancelled.
std::unique_ptr<mcp::RunningCall> Later(boost::asio::io_context& io,
                                        absl::Duration time,
                                        std::function<void()> then);

// Runs the steps one after the other, with the time between them.
std::unique_ptr<mcp::RunningCall> InSteps(
    boost::asio::io_context& io, absl::Duration time,
    std::vector<std::function<void()>> steps);

}  // namespace howdah::conformance

#endif  // HOWDAH_TESTS_CONFORMANCE_LATER_H_
