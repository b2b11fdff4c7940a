// Any bytes of a backend to the adapter's gRPC client, which always ends its
// calls, each once. The first byte says what the others are and how they are
// cut: bytes on the wire, with the SETTINGS that a server begins with or
// without, or an answer: lines of trailer fields, an empty line, the body.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "adapter/upstream/backend_channel.h"
#include "boost/asio/io_context.hpp"
#include "howdah/operations/v1/operations_service.pb.h"
#include "tests/fuzz/check.h"

namespace howdah::fuzz {
namespace {

using operations::v1::Operation;
using operations::v1::WaitOperationRequest;

constexpr std::chrono::seconds kPatience(10);
constexpr std::size_t kMostFrameBytes = 16'384;
constexpr std::size_t kHeadBytes = 5;

enum FrameType : char { kData = 0, kHeaders = 1, kSettings = 4 };
enum FrameFlag : char { kNone = 0, kEndStream = 1, kEndHeaders = 4 };

std::string BigEndian(std::size_t number, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) {
    text += static_cast<char>(number >> (8 * i));
  }
  return text;
}

std::string Frame(FrameType type, int flags, int stream,
                  absl::string_view payload) {
  return absl::StrCat(BigEndian(payload.size(), 3), std::string(1, type),
                      std::string(1, static_cast<char>(flags)),
                      BigEndian(static_cast<std::size_t>(stream), 4), payload);
}

// A text in HPACK, plain.
std::string Literal(absl::string_view text) {
  std::string coded;
  std::size_t length = text.size();
  if (length < 127) {
    coded += static_cast<char>(length);
  } else {
    coded += '\x7f';
    for (length -= 127; length >= 128; length /= 128) {
      coded += static_cast<char>(length % 128 + 128);
    }
    coded += static_cast<char>(length);
  }
  return absl::StrCat(coded, text);
}

std::string Field(absl::string_view name, absl::string_view value) {
  return absl::StrCat(absl::string_view("\0", 1), Literal(name),
                      Literal(value));
}

std::string AnswerOn(int stream, absl::string_view trailers,
                     absl::string_view body) {
  std::string all = Frame(
      kHeaders, kEndHeaders, stream,
      Field(":status", "200") + Field("content-type", "application/grpc"));
  while (!body.empty()) {
    const auto part = body.substr(0, kMostFrameBytes);
    body.remove_prefix(part.size());
    all += Frame(kData, kNone, stream, part);
  }
  std::string fields;
  for (const absl::string_view line : absl::StrSplit(trailers, '\n')) {
    const std::pair<absl::string_view, absl::string_view> field =
        absl::StrSplit(line, absl::MaxSplits(": ", 1));
    fields += Field(field.first, field.second);
  }
  return all + Frame(kHeaders, kEndHeaders | kEndStream, stream,
                     fields.substr(0, kMostFrameBytes));
}

// A server that says what it is told, to its first caller.
// Threads: one. Owns: its sockets.
class Parrot {
 public:
  explicit Parrot(const std::string& path)
      : listener_(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0)) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    Demand(bind(listener_, reinterpret_cast<sockaddr*>(&address),
                sizeof(address)) == 0 &&
               listen(listener_, 8) == 0,
           "there is a socket");
  }

  void Begin(std::string bytes, std::size_t piece) {
    bytes_ = std::move(bytes);
    unsaid_ = bytes_;
    piece_ = piece == 0 ? bytes_.size() : piece;
    served_ = false;
  }

  // One step; whoever comes after the first is turned away.
  void Work() {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
    if (fd >= 0 && std::exchange(served_, true)) {
      close(fd);
    } else if (fd >= 0) {
      fd_ = fd;
    }
    if (fd_ < 0) return;
    char heard[16'384];
    const ssize_t got = recv(fd_, heard, sizeof(heard), 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) {
      close(std::exchange(fd_, -1));
      return;
    }
    const ssize_t sent = send(fd_, unsaid_.data(),
                              std::min(piece_, unsaid_.size()), MSG_NOSIGNAL);
    if (sent > 0) unsaid_.remove_prefix(static_cast<std::size_t>(sent));
    if (unsaid_.empty()) shutdown(fd_, SHUT_WR);
  }

  bool talking() const { return fd_ >= 0; }

 private:
  const int listener_;
  int fd_ = -1;
  bool served_ = false;
  std::string bytes_;
  absl::string_view unsaid_;
  std::size_t piece_ = 0;
};

std::string Path() {
  std::string directory = "/tmp/howdah-fuzz-XXXXXX";
  Demand(mkdtemp(directory.data()) != nullptr, "there is a directory");
  return directory + "/s";
}

// The message, if the body is exactly one.
bool IsMessage(absl::string_view body, absl::string_view message) {
  return body.size() == kHeadBytes + message.size() && body[0] == '\0' &&
         body.substr(1, 4) == BigEndian(message.size(), 4) &&
         body.substr(kHeadBytes) == message;
}

void Play(std::string bytes, std::size_t piece, const std::string* body) {
  static const std::string& path = *new std::string(Path());
  static auto& parrot = *new Parrot(path);
  static auto& io = *new boost::asio::io_context;
  upstream::BackendChannel channel(
      io, *upstream::ParseBackendAddress("unix:" + path), nullptr);
  parrot.Begin(std::move(bytes), piece);
  int answers = 0;
  int ends = 0;
  Operation message;
  channel.Call(
      "/a.B/C", Operation(), {}, [&](absl::StatusOr<absl::string_view> answer) {
        ++answers;
        Demand(!answer.ok() || body == nullptr || IsMessage(*body, *answer),
               "an answer is the message that was sent");
      });
  channel.Stream(
      "/a.B/D", WaitOperationRequest(), message, {},
      [&] { Demand(ends == 0, "no message after the end"); },
      [&](absl::Status) { ++ends; });
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (answers == 0 || ends == 0 || parrot.talking()) {
    io.restart();
    io.poll();
    parrot.Work();
    Demand(std::chrono::steady_clock::now() < deadline, "every call ends");
  }
  Demand(answers == 1 && ends == 1, "and each once");
}

void Check(absl::string_view input) {
  if (input.empty()) return;
  const auto mode = static_cast<unsigned char>(input[0]);
  input.remove_prefix(1);
  const std::size_t piece = mode / 4;
  if (mode % 4 >= 2) {
    const std::pair<absl::string_view, std::string> parts =
        absl::StrSplit(input, absl::MaxSplits("\n\n", 1));
    return Play(Frame(kSettings, kNone, 0, "") +
                    AnswerOn(1, parts.first, parts.second) +
                    AnswerOn(3, parts.first, parts.second),
                piece, &parts.second);
  }
  std::string bytes = mode % 4 == 1 ? Frame(kSettings, kNone, 0, "") : "";
  Play(absl::StrCat(bytes, input), piece, nullptr);
}

}  // namespace
}  // namespace howdah::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  howdah::fuzz::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
