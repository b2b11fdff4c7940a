// How events of the completion queue find the object that they are for.
//
//   class Some : public std::enable_shared_from_this<Some> {
//     void Begin() { alarm_.Set(queue, when, timer_.For(shared_from_this())); }
//     void OnTimer(bool ok);
//     Completion<Some> timer_{&Some::OnTimer};
//   };
//   ...
//   while (queue.Next(&tag, &ok)) static_cast<Event*>(tag)->Deliver(ok);
//
// The object lives at least until the event has been delivered.
#ifndef HOWDAH_BACKEND_SERVER_COMPLETION_H_
#define HOWDAH_BACKEND_SERVER_COMPLETION_H_

#include <memory>
#include <utility>

namespace howdah::server {

// What a tag of the completion queue points to.
class Event {
 public:
  virtual ~Event() = default;
  virtual void Deliver(bool ok) = 0;
};

// An event that calls a member function of its owner. Threads: one event is
// under way at a time.
template <typename Owner>
class Completion : public Event {
 public:
  explicit Completion(void (Owner::*handler)(bool ok)) : handler_(handler) {}

  // The tag to give to gRPC; `owner` is kept until the event is delivered.
  void* For(std::shared_ptr<Owner> owner) {
    owner_ = std::move(owner);
    return static_cast<Event*>(this);
  }

  // Lets the owner go where gRPC will not deliver the event after all.
  void Drop() { owner_ = nullptr; }

  void Deliver(bool ok) override {
    const std::shared_ptr<Owner> owner = std::move(owner_);
    ((*owner).*handler_)(ok);
  }

 private:
  void (Owner::*const handler_)(bool ok);
  std::shared_ptr<Owner> owner_;
};

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_COMPLETION_H_
