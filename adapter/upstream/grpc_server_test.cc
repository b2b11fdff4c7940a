// Calls to a gRPC server.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "adapter/testing/test_backend.h"
#include "adapter/upstream/channel_fixture.h"
#include "adapter/upstream/shared_reads.h"
#include "boost/asio/post.hpp"
#include "gmock/gmock.h"
#include "grpc/grpc.h"
#include "gtest/gtest.h"
#include "proto/support/status_details.h"
#include "proto/support/status_grpc.h"
#include "tests/support/status_matchers.h"

namespace howdah::upstream {
namespace {

using ::howdah::operations::v1::Operation;
using ::howdah::operations::v1::WaitOperationRequest;
using ::howdah::postgres::v1::Cluster;
using ::howdah::postgres::v1::CreateClusterRequest;
using ::howdah::postgres::v1::CreateClusterResponse;
using ::howdah::postgres::v1::GetClusterRequest;
using ::howdah::testing::HasReason;
using ::howdah::testing::StatusIs;
using ::howdah::testing::TestBackend;

constexpr char kCreate[] = "/howdah.postgres.v1.ClusterService/CreateCluster";
constexpr char kWait[] =
    "/howdah.operations.v1.OperationsService/WaitOperation";

class GrpcServerTest : public ChannelTest {
 protected:
  void SetUp() override {
    ChannelTest::SetUp();
    Serve("unix:" + path_);
  }
  void TearDown() override {
    ChannelTest::TearDown();
    backend_ = nullptr;
  }
  void Serve(const std::string& address,
             const TestBackend::ChannelArguments& arguments = {}) {
    backend_ = nullptr;
    backend_ = std::make_unique<TestBackend>(address, arguments);
    backend_->get_cluster = [](const GetClusterRequest& request, Cluster& out,
                               auto&) {
      out.set_name(request.name());
      return grpc::Status::OK;
    };
  }
  void ServeTcp(const TestBackend::ChannelArguments& arguments = {}) {
    Serve("127.0.0.1:0", arguments);
    Open(absl::StrCat("127.0.0.1:", backend_->port()));
  }
  // Lets the handler hang until its caller has lost interest.
  void Hang() {
    backend_->get_cluster = [this](auto&, auto&, grpc::ServerContext& context) {
      ++handling_;
      backend_->AwaitCancellation(context);
      return grpc::Status::CANCELLED;
    };
  }
  void StartMany(std::vector<Result>& results) {
    for (size_t i = 0; i < results.size(); ++i) {
      Start(results[i], {}, absl::StrCat("c", i));
    }
  }
  // Each has its own answer.
  void ExpectAll(const std::vector<Result>& results) {
    RunUntil([&] {
      return std::all_of(results.begin(), results.end(),
                         [](const Result& one) { return one.has_value(); });
    });
    for (size_t i = 0; i < results.size(); ++i) {
      EXPECT_EQ(NameIn(*results[i]), absl::StrCat("c", i));
    }
  }
  static std::string NameIn(const absl::StatusOr<std::string>& answer) {
    Cluster cluster;
    EXPECT_OK(answer);
    EXPECT_TRUE(answer.ok() && cluster.ParseFromString(*answer));
    return cluster.name();
  }

  std::unique_ptr<TestBackend> backend_;
  std::atomic<int> handling_ = 0;
};

TEST_F(GrpcServerTest, AThousandCallsAtOnce) {
  std::vector<Result> results(1000);
  StartMany(results);
  ExpectAll(results);
  EXPECT_EQ(backend_->calls(), 1000);
}

TEST_F(GrpcServerTest, CallsBeyondTheServersLimitWaitTheirTurn) {
  Serve("unix:" + path_, {{GRPC_ARG_MAX_CONCURRENT_STREAMS, 3}});
  std::vector<Result> results(300);
  StartMany(results);
  ExpectAll(results);
  EXPECT_EQ(backend_->calls(), 300);
}

TEST_F(GrpcServerTest, OverTcpToo) {
  ServeTcp();
  std::string authority;
  backend_->get_cluster = [&](const GetClusterRequest& request, Cluster& out,
                              grpc::ServerContext& context) {
    const auto seen = context.ExperimentalGetAuthority();
    authority.assign(seen.data(), seen.size());
    out.set_name(request.name());
    return grpc::Status::OK;
  };
  EXPECT_EQ(NameIn(Call()), "demo");
  EXPECT_EQ(authority, absl::StrCat("127.0.0.1:", backend_->port()));
}

TEST_F(GrpcServerTest, WhatIsKnownOfTheCallerArrives) {
  absl::Duration left;
  backend_->get_cluster = [&](auto&, auto&, grpc::ServerContext& context) {
    left = absl::FromChrono(context.deadline()) - absl::Now();
    return grpc::Status::OK;
  };
  CallOptions options;
  options.timeout = absl::Seconds(30);
  options.bearer_token = "secret";
  options.traceparent =
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  options.read_only = true;
  options.toolsets = "postgres,aws";
  EXPECT_OK(Call(options));
  EXPECT_GT(left, absl::Seconds(10));
  EXPECT_LE(left, absl::Seconds(31));
  EXPECT_EQ(backend_->LastMetadata("authorization"), "Bearer secret");
  EXPECT_EQ(backend_->LastMetadata("traceparent"), options.traceparent);
  EXPECT_EQ(backend_->LastMetadata("howdah-read-only"), "true");
  EXPECT_EQ(backend_->LastMetadata("howdah-toolsets"), "postgres,aws");
  // And what is not known is not said.
  EXPECT_OK(Call());
  for (const char* name : {"authorization", "traceparent", "howdah-read-only",
                           "howdah-toolsets"}) {
    EXPECT_EQ(backend_->LastMetadata(name), "") << name;
  }
}

TEST_F(GrpcServerTest, ErrorsComeWithTheirMessageAndDetails) {
  const std::string message =
      "Kein Cluster \xe2\x80\x9eÄpfel\xe2\x80\x9c: 100 %\n%41";
  backend_->get_cluster = [&](auto&, auto&, auto&) {
    return grpc::Status(grpc::StatusCode::NOT_FOUND, message);
  };
  EXPECT_THAT(Call(), StatusIs(absl::StatusCode::kNotFound, message));
  backend_->get_cluster = [&](auto&, auto&, auto&) {
    return support::ToGrpc(support::ErrorBuilder(absl::StatusCode::kNotFound,
                                                 "CLUSTER_NOT_FOUND",
                                                 support::kPostgresDomain)
                               .Message(message)
                               .Build());
  };
  const auto answer = Call();
  EXPECT_THAT(answer, HasReason("CLUSTER_NOT_FOUND"));
  EXPECT_THAT(answer, StatusIs(absl::StatusCode::kNotFound, message));
}

TEST_F(GrpcServerTest, AnErrorTooLongForItsFieldsIsStillOne) {
  backend_->get_cluster = [&](auto&, auto&, auto&) {
    return grpc::Status(grpc::StatusCode::NOT_FOUND, std::string(200'000, 'x'));
  };
  EXPECT_FALSE(Call().ok());
  // The next one is answered as before.
  backend_->get_cluster = [](auto&, auto&, auto&) { return grpc::Status::OK; };
  EXPECT_OK(Call());
}

TEST_F(GrpcServerTest, ATokenTooLongForTheServerIsRefusedByIt) {
  Serve("unix:" + path_, {{GRPC_ARG_MAX_METADATA_SIZE, 16 << 10}});
  EXPECT_OK(Call());  // The server's limits hold from now on.
  CallOptions options = Change();
  options.bearer_token = std::string(30'000, 'x');
  EXPECT_THAT(Call(options), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_OK(Call());
  EXPECT_EQ(backend_->calls(), 2);
}

TEST_F(GrpcServerTest, AnAnswerFarLargerThanTheWindow) {
  constexpr size_t kBytes = 60 * 1024 * 1024;
  backend_->get_cluster = [](auto&, Cluster& out, auto&) {
    out.set_summary(std::string(kBytes, 'x'));
    return grpc::Status::OK;
  };
  for (int i = 0; i < 2; ++i) {
    const auto answer = Call();
    ASSERT_OK(answer);
    EXPECT_GT(answer->size(), kBytes);
  }
}

TEST_F(GrpcServerTest, ARequestFarLargerThanTheWindow) {
  backend_->get_cluster = [](const GetClusterRequest& request, Cluster& out,
                             auto&) {
    out.set_instances(static_cast<int32_t>(request.name().size()));
    return grpc::Status::OK;
  };
  const auto answer = Call({}, std::string(3'000'000, 'x'));
  ASSERT_OK(answer);
  Cluster cluster;
  ASSERT_TRUE(cluster.ParseFromString(*answer));
  EXPECT_EQ(cluster.instances(), 3'000'000);
}

TEST_F(GrpcServerTest, MoreThanTheLimitIsRefused) {
  backend_->get_cluster = [](auto&, Cluster& out, auto&) {
    out.set_summary(std::string(65 * 1024 * 1024, 'x'));
    return grpc::Status::OK;
  };
  EXPECT_THAT(Call(), HasReason("BACKEND_ANSWER_TOO_LONG"));
}

TEST_F(GrpcServerTest, TimeIsUpHereAndThere) {
  backend_->get_cluster = [this](auto&, auto&, grpc::ServerContext& context) {
    backend_->AwaitCancellation(context);
    return grpc::Status::CANCELLED;
  };
  CallOptions options;
  options.timeout = absl::Milliseconds(50);
  const auto late = Call(options);
  EXPECT_THAT(late, StatusIs(absl::StatusCode::kDeadlineExceeded));
  RunUntil([&] { return backend_->saw_cancellation(); });
}

TEST_F(GrpcServerTest, AStreamsMessagesComeOneByOneAndThenItsEnd) {
  backend_->wait_operation = [](auto&, grpc::ServerWriter<Operation>& writer,
                                auto&) {
    for (int i = 0; i < 500; ++i) {
      Operation message;
      message.set_progress_percent(i);
      message.set_message(std::string(20'000, 'x'));
      writer.Write(message);
    }
    return grpc::Status(grpc::StatusCode::ABORTED, "enough");
  };
  Operation message;
  int next = 0;
  absl::Status end;
  bool ended = false;
  channel_->Stream(
      kWait, WaitOperationRequest(), message, {},
      [&] { EXPECT_EQ(message.progress_percent(), next++); },
      [&](absl::Status status) {
        end = status;
        ended = true;
      });
  RunUntil([&] { return ended; });
  EXPECT_EQ(next, 500);
  EXPECT_THAT(end, StatusIs(absl::StatusCode::kAborted, "enough"));
}

TEST_F(GrpcServerTest, TheChannelMayGoInTheMiddleOfAnAnswer) {
  Result other;
  Start(other, {});
  bool answered = false;
  channel_->Call(kGet, GetClusterRequest(), {}, [&](auto&&) {
    answered = true;
    channel_ = nullptr;
  });
  RunUntil([&] { return answered; });
}

TEST_F(GrpcServerTest, ACancellationReachesTheHandler) {
  Hang();
  Result result;
  const auto call = Start(result, {});
  RunUntil([&] { return handling_ > 0; });
  call->Cancel();
  RunUntil([&] { return backend_->saw_cancellation(); });
  EXPECT_FALSE(result.has_value());
}

TEST_F(GrpcServerTest, SignsOfLifeAreGivenWhileAHandlerThinks) {
  Serve("unix:" + path_,
        {{GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 1},
         {GRPC_ARG_HTTP2_MAX_PING_STRIKES, 0}});
  Open("unix:" + path_, nullptr,
       {absl::Milliseconds(5), absl::Milliseconds(400)});
  Hang();
  EXPECT_THAT(Call(Brief(absl::Seconds(2))),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST_F(GrpcServerTest, TheServersQuestionsForASignOfLifeAreAnswered) {
  Serve("unix:" + path_, {{GRPC_ARG_KEEPALIVE_TIME_MS, 10},
                          {GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000},
                          {GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0}});
  Hang();
  EXPECT_THAT(Call(Brief(absl::Milliseconds(300))),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST_F(GrpcServerTest, ASlowReaderHoldsTheServerBack) {
  constexpr int kMessages = 3'000;
  // Of ten kilobytes each. What one read, sockets and gRPC's buffers hold is
  // far less than this, and this far less than what is sent.
  constexpr int kMostAhead = 500;
  std::atomic<int> written = 0;
  backend_->wait_operation = [&](auto&, grpc::ServerWriter<Operation>& writer,
                                 auto&) {
    Operation message;
    message.set_message(std::string(10'000, 'x'));
    while (written < kMessages && writer.Write(message)) ++written;
    return grpc::Status::OK;
  };
  Operation message;
  int received = 0;
  int most_ahead = 0;
  std::optional<absl::Status> end;
  channel_->Stream(
      kWait, WaitOperationRequest(), message, {},
      [&] {
        ++received;
        // Takes its time: reads on when the server is ahead.
        const int ahead = std::min(kMessages, received + 5);
        while (written < ahead) std::this_thread::yield();
        most_ahead = std::max(most_ahead, written - received);
      },
      [&](absl::Status status) { end = status; });
  RunUntil([&] { return end.has_value(); });
  EXPECT_OK(*end);
  EXPECT_EQ(received, kMessages);
  EXPECT_LE(most_ahead, kMostAhead);
}

TEST_F(GrpcServerTest, NoCallIsLostWhereConnectionsAreAgedOut) {
  ServeTcp({{GRPC_ARG_MAX_CONNECTION_AGE_MS, 30}});
  std::mutex mutex;
  std::set<std::string> peers;
  backend_->get_cluster = [&](const GetClusterRequest& request, Cluster& out,
                              grpc::ServerContext& context) {
    const std::lock_guard<std::mutex> lock(mutex);
    peers.insert(context.peer());
    out.set_name(request.name());
    return grpc::Status::OK;
  };
  auto connections = [&] {
    const std::lock_guard<std::mutex> lock(mutex);
    return peers.size();
  };
  int calls = 0;
  while (connections() < 10 && !HasFailure()) {
    std::vector<Result> results(20);
    StartMany(results);
    ExpectAll(results);
    calls += 20;
  }
  // None was done twice either.
  EXPECT_EQ(backend_->calls(), calls);
}

TEST_F(GrpcServerTest, AServerThatDrainsFinishesWhatItHas) {
  absl::Notification release;
  backend_->get_cluster = [&](const GetClusterRequest& request, Cluster& out,
                              auto&) {
    ++handling_;
    release.WaitForNotification();
    out.set_name(request.name());
    return grpc::Status::OK;
  };
  Result result;
  Start(result, Change());
  RunUntil([&] { return handling_ > 0; });
  std::thread drain([&] { backend_->Shutdown(std::chrono::seconds(20)); });
  // The server listens no more, and its GOAWAY has come, when this fails.
  RunUntil([&] {
    return Call(Brief(absl::Seconds(1))).status().code() ==
           absl::StatusCode::kUnavailable;
  });
  EXPECT_FALSE(result.has_value());
  release.Notify();
  RunUntil([&] { return result.has_value(); });
  EXPECT_EQ(NameIn(*result), "demo");
  drain.join();
  Serve("unix:" + path_);
  EXPECT_EQ(NameIn(Call(Change())), "demo");
}

// Opens when the test says so.
class Gate : public BackendGate {
 public:
  void WhenReady(std::function<void(absl::Status)> ready) override {
    ++asked;
    if (open) return ready(absl::OkStatus());
    waiting.push_back(std::move(ready));
  }
  void Open() {
    open = true;
    for (const auto& ready : std::exchange(waiting, {})) {
      ready(absl::OkStatus());
    }
  }

  bool open = true;
  int asked = 0;
  std::vector<std::function<void(absl::Status)>> waiting;
};

TEST_F(GrpcServerTest, ARestartInTheMiddle) {
  Gate gate;
  Open("unix:" + path_, &gate);
  Hang();
  Result read;
  Start(read, Repeatable());
  RunUntil([&] { return handling_ > 0; });
  gate.open = false;
  std::thread stop([&] { backend_->Shutdown(std::chrono::milliseconds(0)); });
  RunUntil([&] { return gate.asked == 2; });
  stop.join();
  Serve("unix:" + path_);
  gate.Open();
  RunUntil([&] { return read.has_value(); });
  EXPECT_EQ(NameIn(*read), "demo");
  EXPECT_EQ(backend_->calls(), 1);
}

TEST_F(GrpcServerTest, AChangeInTheMiddleOfARestartIsNotRepeated) {
  Hang();
  Result result;
  Start(result, Change());
  RunUntil([&] { return handling_ > 0; });
  std::thread stop([&] { backend_->Shutdown(std::chrono::milliseconds(0)); });
  RunUntil([&] { return result.has_value(); });
  EXPECT_THAT(*result, HasReason("BACKEND_CONNECTION_LOST"));
  stop.join();
  Serve("unix:" + path_);
  EXPECT_EQ(NameIn(Call(Change())), "demo");
  EXPECT_EQ(backend_->calls(), 1);
}

TEST_F(GrpcServerTest, WhatTheServerCompressesUnaskedIsRefused) {
  backend_->get_cluster = [](auto&, Cluster& out,
                             grpc::ServerContext& context) {
    context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
    out.set_summary(std::string(100'000, 'x'));
    return grpc::Status::OK;
  };
  EXPECT_THAT(Call(), HasReason("BACKEND_ANSWER_COMPRESSED"));
}

TEST_F(GrpcServerTest, WhoReadsTogetherReadsNothingOlderThanWasKnown) {
  std::atomic<int> written = 0;
  backend_->create_cluster = [&](auto&, auto& out, auto&) {
    out.mutable_cluster()->set_instances(++written);
    return grpc::Status::OK;
  };
  backend_->get_cluster = [&](auto&, Cluster& out, auto&) {
    out.set_instances(written);
    return grpc::Status::OK;
  };
  SharedReads shared(*channel_, [this](std::function<void()> wake) {
    boost::asio::post(io_, std::move(wake));
  });
  CallOptions shareable;
  shareable.shareable = true;
  constexpr int kWrites = 300;
  int known = 0, reading = 0, asked = 0;
  std::function<void()> read = [&] {
    if (known == kWrites) return;
    ++reading;
    ++asked;
    shared.Call(kGet, GetClusterRequest(), shareable,
                [&, known_then = known](auto answer) {
                  Cluster cluster;
                  ASSERT_OK(answer);
                  ASSERT_TRUE(cluster.ParseFromString(std::string(*answer)));
                  EXPECT_GE(cluster.instances(), known_then);
                  --reading;
                  read();
                });
  };
  std::function<void()> write = [&] {
    if (known == kWrites) return;
    shared.Call(kCreate, CreateClusterRequest(), Change(), [&](auto answer) {
      CreateClusterResponse response;
      ASSERT_OK(answer);
      ASSERT_TRUE(response.ParseFromString(std::string(*answer)));
      known = response.cluster().instances();
      write();
    });
  };
  for (int reader = 0; reader < 8; ++reader) read();
  write();
  RunUntil([&] { return known == kWrites && reading == 0; });
  EXPECT_LE(backend_->calls(), kWrites + asked - 7);
}

}  // namespace
}  // namespace howdah::upstream
