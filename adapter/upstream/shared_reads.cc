#include "adapter/upstream/shared_reads.h"

#include <cstddef>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace howdah::upstream {
namespace {

std::string KeyOf(const std::string& path,
                  const google::protobuf::Message& request,
                  const CallOptions& options) {
  // The request is last: none of the others has a zero byte.
  constexpr absl::string_view kEnd("\0", 1);
  return absl::StrCat(path, kEnd, options.bearer_token, kEnd, options.toolsets,
                      kEnd, options.read_only ? "r" : "",
                      absl::ToInt64Nanoseconds(options.timeout), kEnd,
                      request.SerializeAsString());
}

}  // namespace

// A call with all who wait for its answer.
class SharedReads::Read {
 public:
  // Returns the place of the new one.
  size_t Add(Answered answered) {
    waiting_.push_back(std::move(answered));
    ++left_;
    return waiting_.size() - 1;
  }

  void Begin(std::shared_ptr<OutgoingCall> call) { call_ = std::move(call); }

  // Whether nobody waits any more.
  bool over() const { return left_ == 0; }

  void Leave(size_t place) {
    if (std::exchange(waiting_[place], nullptr) == nullptr || --left_ > 0) {
      return;
    }
    if (const auto call = std::exchange(call_, nullptr)) call->Cancel();
  }

  // Who is told may make others leave.
  void Answer(const absl::StatusOr<absl::string_view>& answer) {
    call_ = nullptr;
    for (size_t place = 0; place < waiting_.size(); ++place) {
      const Answered answered = std::exchange(waiting_[place], nullptr);
      if (answered == nullptr) continue;
      --left_;
      answered(answer);
    }
  }

 private:
  std::vector<Answered> waiting_;  // null: has left
  size_t left_ = 0;
  std::shared_ptr<OutgoingCall> call_;
};

class SharedReads::Share : public OutgoingCall {
 public:
  Share(std::shared_ptr<Read> read, size_t place)
      : read_(std::move(read)), place_(place) {}
  void Cancel() override { read_->Leave(place_); }

 private:
  const std::shared_ptr<Read> read_;
  const size_t place_;
};

SharedReads::SharedReads(UnaryCaller& caller, Soon soon)
    : caller_(caller), soon_(std::move(soon)) {}

SharedReads::~SharedReads() = default;

std::shared_ptr<OutgoingCall> SharedReads::Call(
    const std::string& path, const google::protobuf::Message& request,
    const CallOptions& options, Answered answered) {
  if (!options.shareable || !options.traceparent.empty()) {
    return caller_.Call(path, request, options, std::move(answered));
  }
  if (unsent_.empty()) {
    soon_([this] { unsent_.clear(); });
  }
  std::shared_ptr<Read>& read = unsent_[KeyOf(path, request, options)];
  if (read != nullptr && !read->over()) {
    const size_t place = read->Add(std::move(answered));
    return std::make_shared<Share>(read, place);
  }
  read = std::make_shared<Read>();
  const size_t place = read->Add(std::move(answered));
  const std::shared_ptr<Read> begun = read;
  begun->Begin(caller_.Call(path, request, options,
                            [begun](absl::StatusOr<absl::string_view> answer) {
                              begun->Answer(answer);
                            }));
  return std::make_shared<Share>(begun, place);
}

std::shared_ptr<OutgoingCall> SharedReads::Stream(
    const std::string& path, const google::protobuf::Message& request,
    google::protobuf::Message& response, const CallOptions& options,
    std::function<void()> on_message, Done done) {
  return caller_.Stream(path, request, response, options, std::move(on_message),
                        std::move(done));
}

}  // namespace howdah::upstream
