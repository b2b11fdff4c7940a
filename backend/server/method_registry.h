// The methods that this server serves, and the functions that serve them.
//
//   MethodRegistry registry;
//   registry.Bind("howdah.postgres.v1.ClusterService", clusters)
//       .Unary("GetCluster", &ClusterService::GetCluster,
//              &ClusterService::GetClusterFromMemory)
//       .Unary("CreateCluster", &ClusterService::CreateCluster);
//   registry.Bind("howdah.operations.v1.OperationsService", operations)
//       .UnaryLater("GetOperation", &OperationsService::GetOperation)
//       .Stream("WaitOperation", &OperationsService::WaitOperation);
//   registry.Bind("howdah.changes.v1.ChangesService", changes)
//       .Stream("WatchChanges", &ChangesService::WatchChanges,
//               &ChangesService::Merge);
//   RETURN_IF_ERROR(registry.Check());
//
// Services are plain classes; backend/services/call_context.h tells the shapes
// of their functions, const or not:
//
//   Unary        absl::StatusOr<Response> F(const CallContext&,
//                                           const Request&);
//   from memory  std::optional<absl::StatusOr<Response>> F(
//                    const CallContext&, const Request&);
//   its source   std::shared_ptr<const T> F(const Request&);
//   UnaryLater   void F(const CallContext&, const Request&, Reply<Response>);
//   Stream       void F(const CallContext&, const Request&,
//                       std::shared_ptr<StreamReply<Response>>);
//
// The source is the immutable object that an answer from memory shows. While it
// is the same, so is the answer to the same request, whoever asks, and the last
// one is given again (answer_memory.h), except to callers in whose own name
// Kubernetes is asked.
//
// Context and request live until the call is answered, for a stream until it is
// finished. A Reply or StreamReply that is dropped without an answer answers
// INTERNAL.
#ifndef HOWDAH_BACKEND_SERVER_METHOD_REGISTRY_H_
#define HOWDAH_BACKEND_SERVER_METHOD_REGISTRY_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backend/services/call_context.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "howdah/mcp/v1/annotations.pb.h"
#include "proto/support/environment.h"

namespace howdah::server {

using google::protobuf::Message;
using services::CallContext;

// Gives the answer of a call: OK with a response, or an error with null. The
// response is read before the function returns.
using Answer = std::function<void(const absl::Status&, const Message*)>;
using AnswerRef = absl::FunctionRef<void(const absl::Status&, const Message*)>;

// A server stream without its type; see services::StreamReply.
class MessageStream {
 public:
  virtual ~MessageStream() = default;
  virtual void Send(std::unique_ptr<Message> message) = 0;
  virtual void Finish(const absl::Status& status) = 0;
};

// One method, its facts from the contract, and its function without types.
// Threads: immutable after Check().
struct Method {
  const google::protobuf::MethodDescriptor* descriptor = nullptr;
  mcp::v1::Method facts;
  // Empty for a service that cannot be switched off.
  std::string toolset;
  // As gRPC names it: "/howdah.postgres.v1.ClusterService/GetCluster".
  std::string path;
  const Message* request_prototype = nullptr;

  // Just one of these is set.
  std::function<void(const CallContext&, const Message&, AnswerRef)> unary;
  std::function<void(const CallContext&, const Message&, Answer)> later;
  std::function<void(const CallContext&, const Message&,
                     std::shared_ptr<MessageStream>)>
      stream;
  // May stand beside `stream`: puts a newer message into one that waits for a
  // slow reader, which else is replaced by the newer.
  std::function<void(Message& waiting, const Message& newer)> merge;
  // May stand beside `unary` and `later`; false: it could not answer.
  std::function<bool(const CallContext&, const Message&, AnswerRef)>
      from_memory;
  // May stand beside `from_memory`; null: it would not answer.
  std::function<std::shared_ptr<const void>(const Message&)> source;
};

namespace internal {

// Request and Response of a member function of a service.
template <typename Function>
struct Signature;

template <typename S, typename Request, typename Return, typename... More>
struct Signature<Return (S::*)(const CallContext&, const Request&, More...)> {
  using RequestType = Request;
};
template <typename S, typename Request, typename Return, typename... More>
struct Signature<Return (S::*)(const CallContext&, const Request&, More...)
                     const> {
  using RequestType = Request;
};

template <typename Response>
void GiveAnswer(const absl::StatusOr<Response>& result, AnswerRef answer) {
  if (result.ok()) {
    answer(absl::OkStatus(), &*result);
  } else {
    answer(result.status(), nullptr);
  }
}

template <typename Response>
class TypedStream : public services::StreamReply<Response> {
 public:
  explicit TypedStream(std::shared_ptr<MessageStream> stream)
      : stream_(std::move(stream)) {}
  void Send(Response message) override {
    stream_->Send(std::make_unique<Response>(std::move(message)));
  }
  void Finish(absl::Status status) override { stream_->Finish(status); }

 private:
  const std::shared_ptr<MessageStream> stream_;
};

template <typename Last>
struct ReplyOf;
template <typename Response>
struct ReplyOf<services::Reply<Response>> {
  using Type = Response;
};
template <typename Response>
struct ReplyOf<std::shared_ptr<services::StreamReply<Response>>> {
  using Type = Response;
};

template <typename Function>
struct LastArgument;
template <typename S, typename Request, typename Last>
struct LastArgument<void (S::*)(const CallContext&, const Request&, Last)> {
  using Response = typename ReplyOf<Last>::Type;
};
template <typename S, typename Request, typename Last>
struct LastArgument<void (S::*)(const CallContext&, const Request&, Last)
                        const> {
  using Response = typename ReplyOf<Last>::Type;
};

}  // namespace internal

template <typename Service>
class ServiceBinder;

// Threads: filled by one thread before the server starts, then immutable.
// Owns: nothing; services must outlive it.
class MethodRegistry {
 public:
  // Begins the registration of `service_name`, served by `service`.
  template <typename Service>
  ServiceBinder<Service> Bind(absl::string_view service_name,
                              Service& service) {
    services_.emplace_back(service_name);
    return ServiceBinder<Service>(*this, service_name, service);
  }

  // Adds a method; its descriptor is looked up by full name, for example
  // "howdah.postgres.v1.ClusterService.GetCluster".
  void Add(absl::string_view full_name, const Message& request_prototype,
           Method functions);

  // FAILED_PRECONDITION naming all that is wrong: a method that the contract
  // does not have, a method of a bound service without a function, a method
  // without a declared effect, a request of another type, streaming or not.
  absl::Status Check() const;

  const std::vector<std::unique_ptr<Method>>& methods() const {
    return methods_;
  }
  // Those that the methods belong to, each once.
  std::vector<std::string> toolsets() const;
  // Those of them that nobody has to ask for.
  std::vector<std::string> default_toolsets(
      const support::EnvironmentOf& environment) const;
  // Full names of the bound services.
  const std::vector<std::string>& services() const { return services_; }

 private:
  std::vector<std::unique_ptr<Method>> methods_;
  std::vector<std::string> services_;
  std::vector<std::string> faults_;
};

// Adds the methods of one service. Threads: not safe; used at start.
template <typename Service>
class ServiceBinder {
 public:
  ServiceBinder(MethodRegistry& registry, absl::string_view service_name,
                Service& service)
      : registry_(registry), service_name_(service_name), service_(service) {}

  template <typename Function>
  ServiceBinder& Unary(absl::string_view method, Function function) {
    Method functions;
    functions.unary = CallNow(function);
    return Add<Function>(method, std::move(functions));
  }

  template <typename Function, typename FromMemory>
  ServiceBinder& Unary(absl::string_view method, Function function,
                       FromMemory from_memory) {
    Method functions;
    functions.unary = CallNow(function);
    functions.from_memory = CallFromMemory<Function>(from_memory);
    return Add<Function>(method, std::move(functions));
  }

  template <typename Function, typename FromMemory, typename Source>
  ServiceBinder& Unary(absl::string_view method, Function function,
                       FromMemory from_memory, Source source) {
    using Request = typename internal::Signature<Function>::RequestType;
    Method functions;
    functions.unary = CallNow(function);
    functions.from_memory = CallFromMemory<Function>(from_memory);
    functions.source = [&service = service_, source](const Message& request) {
      return (service.*source)(static_cast<const Request&>(request));
    };
    return Add<Function>(method, std::move(functions));
  }

  template <typename Function>
  ServiceBinder& UnaryLater(absl::string_view method, Function function) {
    Method functions;
    functions.later = CallLater(function);
    return Add<Function>(method, std::move(functions));
  }

  template <typename Function, typename FromMemory>
  ServiceBinder& UnaryLater(absl::string_view method, Function function,
                            FromMemory from_memory) {
    Method functions;
    functions.later = CallLater(function);
    functions.from_memory = CallFromMemory<Function>(from_memory);
    return Add<Function>(method, std::move(functions));
  }

  template <typename Function>
  ServiceBinder& Stream(absl::string_view method, Function function) {
    Method functions;
    functions.stream = CallStream(function);
    return Add<Function>(method, std::move(functions));
  }

  template <typename Function, typename Response>
  ServiceBinder& Stream(absl::string_view method, Function function,
                        void (*merge)(Response& waiting,
                                      const Response& newer)) {
    Method functions;
    functions.stream = CallStream(function);
    functions.merge = [merge](Message& waiting, const Message& newer) {
      merge(static_cast<Response&>(waiting),
            static_cast<const Response&>(newer));
    };
    return Add<Function>(method, std::move(functions));
  }

 private:
  template <typename Function>
  auto CallStream(Function function) {
    using Request = typename internal::Signature<Function>::RequestType;
    using Response = typename internal::LastArgument<Function>::Response;
    return [&service = service_, function](
               const CallContext& context, const Message& request,
               std::shared_ptr<MessageStream> stream) {
      (service.*function)(
          context, static_cast<const Request&>(request),
          std::make_shared<internal::TypedStream<Response>>(std::move(stream)));
    };
  }

  template <typename Function>
  auto CallNow(Function function) {
    using Request = typename internal::Signature<Function>::RequestType;
    return [&service = service_, function](const CallContext& context,
                                           const Message& request,
                                           AnswerRef answer) {
      internal::GiveAnswer(
          (service.*function)(context, static_cast<const Request&>(request)),
          answer);
    };
  }

  template <typename Function>
  auto CallLater(Function function) {
    using Request = typename internal::Signature<Function>::RequestType;
    using Response = typename internal::LastArgument<Function>::Response;
    return
        [&service = service_, function](const CallContext& context,
                                        const Message& request, Answer answer) {
          (service.*function)(
              context, static_cast<const Request&>(request),
              [answer = std::move(answer)](absl::StatusOr<Response> result) {
                internal::GiveAnswer(result, answer);
              });
        };
  }

  template <typename Function, typename FromMemory>
  auto CallFromMemory(FromMemory from_memory) {
    using Request = typename internal::Signature<Function>::RequestType;
    return [&service = service_, from_memory](const CallContext& context,
                                              const Message& request,
                                              AnswerRef answer) {
      auto result =
          (service.*from_memory)(context, static_cast<const Request&>(request));
      if (!result.has_value()) return false;
      internal::GiveAnswer(*result, answer);
      return true;
    };
  }

  template <typename Function>
  ServiceBinder& Add(absl::string_view method, Method functions) {
    using Request = typename internal::Signature<Function>::RequestType;
    registry_.Add(service_name_ + "." + std::string(method),
                  Request::default_instance(), std::move(functions));
    return *this;
  }

  MethodRegistry& registry_;
  const std::string service_name_;
  Service& service_;
};

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_METHOD_REGISTRY_H_
