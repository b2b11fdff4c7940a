// Calls of side methods, and of methods that nobody has: everything that gRPC
// does not find among the registered methods comes in by this door.
//
//   SideDoor door(methods, generic_service, queue);
//   door.Open();    // after the server has started
//   door.EndWatches();   // open calls that only listen get their last message
//   door.Close();   // open calls get their last message and end
#ifndef HOWDAH_BACKEND_SERVER_SIDE_CALLS_H_
#define HOWDAH_BACKEND_SERVER_SIDE_CALLS_H_

#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "backend/server/completion.h"
#include "backend/server/live_count.h"
#include "backend/server/side_method.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/support/byte_buffer.h"

namespace howdah::server {

class SideCall;

// Threads: safe. Owns: nothing of gRPC; service and queue must outlive it.
class SideDoor {
 public:
  SideDoor(std::vector<SideMethod> methods, grpc::AsyncGenericService& service,
           grpc::ServerCompletionQueue& queue, LiveCount& calls)
      : methods_(std::move(methods)),
        service_(service),
        queue_(queue),
        calls_(calls) {}

  void Open();
  // Those that stay open; others may still come in.
  void EndWatches();
  void Close();

  // Null if there is no such method.
  const SideMethod* Find(absl::string_view path) const;

 private:
  friend class SideCall;

  std::set<std::shared_ptr<SideCall>> AllOpen();
  void Enter(const std::shared_ptr<SideCall>& call);
  void Leave(const std::shared_ptr<SideCall>& call);

  const std::vector<SideMethod> methods_;
  grpc::AsyncGenericService& service_;
  grpc::ServerCompletionQueue& queue_;
  LiveCount& calls_;
  std::atomic<bool> closed_ = false;
  std::mutex mutex_;
  std::set<std::shared_ptr<SideCall>> open_;
};

// One call. Threads: events come on one thread; End() from any.
class SideCall : public std::enable_shared_from_this<SideCall> {
 public:
  static void Arm(SideDoor& door);
  explicit SideCall(SideDoor& door) : alive_(door.calls_), door_(door) {}

  bool stays_open() const;

  // Writes the last message, if the method has one, and ends the call.
  void End();

 private:
  void OnArrived(bool ok);
  void OnRead(bool ok);
  void OnWritten(bool ok);
  void OnGone(bool ok);
  void OnFinished(bool ok) {}

  void Read();
  // These need the mutex.
  void Write(const std::string& message);
  void Finish(const absl::Status& status);
  // The method's last message, and then the end.
  void SayLast();

  const LiveCount::Member alive_;
  SideDoor& door_;
  grpc::GenericServerContext context_;
  grpc::GenericServerAsyncReaderWriter stream_{&context_};
  const SideMethod* method_ = nullptr;
  grpc::ByteBuffer request_;

  std::mutex mutex_;
  bool writing_ = false;
  bool ending_ = false;
  bool said_last_ = false;
  bool finished_already_ = false;

  Completion<SideCall> arrived_{&SideCall::OnArrived};
  Completion<SideCall> read_{&SideCall::OnRead};
  Completion<SideCall> written_{&SideCall::OnWritten};
  Completion<SideCall> gone_{&SideCall::OnGone};
  Completion<SideCall> finished_{&SideCall::OnFinished};
};

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_SIDE_CALLS_H_
