// A real HTTP/1.1 server on loopback that plays the upstream in a test: it
// records what it is asked and answers as the test says, well or badly.
//
//   HttpImposter imposter;
//   imposter.Answer({.status = 429, .headers = {{"Retry-After", "1"}}});
//   imposter.Then([&](Exchange& exchange) {
//     exchange.Begin(200, {});
//     exchange.Write("{\"type\":...}\n");
//     gate.Wait();             // until the test opens it
//     exchange.Tear();         // no proper end
//   });
//   client(imposter.url());
//   EXPECT_EQ(imposter.requests()[0].method, "GET");
//
// Each request takes the next answer; one without an answer gets 501.
#ifndef HOWDAH_TESTS_SUPPORT_HTTP_IMPOSTER_H_
#define HOWDAH_TESTS_SUPPORT_HTTP_IMPOSTER_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace howdah::testing {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct RecordedRequest {
  std::string method = {};
  // Path and query.
  std::string target = {};
  // Names in lower case.
  Headers headers = {};
  std::string body = {};
  // Number of the connection it came on, from 1.
  int connection = 0;

  // Value of the first header of this name (in lower case), or "".
  std::string Header(absl::string_view name) const;
};

struct Answered {
  int status = 200;
  std::string body = {};
  Headers headers = {};
};

// Holds a server's thread until the test lets it go. Threads: safe.
class Gate {
 public:
  Gate();
  ~Gate();
  void Open();
  // Returns when open, or when the imposter ends.
  void Wait() const;

 private:
  friend class HttpImposter;
  struct State;
  const std::shared_ptr<State> state_;
};

// One request being answered; used on the server's thread.
class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual const RecordedRequest& request() const = 0;
  // A whole answer.
  virtual void Reply(const Answered& answer) = 0;
  // An answer in pieces: Begin, Write…, and End, Tear or CloseWhenGone.
  virtual void Begin(int status, const Headers& headers) = 0;
  virtual void Write(absl::string_view piece) = 0;
  virtual void End() = 0;
  // Closes the connection as it is.
  virtual void Tear() = 0;
  // Waits until the client has closed the connection, or the imposter ends.
  virtual void WaitUntilClientLeaves() = 0;
};

struct HttpImposterOptions {
  // PEM texts; both for HTTPS.
  std::string certificate = {};
  std::string key = {};
};

// Threads: safe. Owns: its threads and sockets. Limits: gates that handlers
// wait at must be open, or live, when it ends.
class HttpImposter {
 public:
  using Handler = std::function<void(Exchange&)>;

  explicit HttpImposter(HttpImposterOptions options = {});
  ~HttpImposter();
  HttpImposter(const HttpImposter&) = delete;
  HttpImposter& operator=(const HttpImposter&) = delete;

  // "http://127.0.0.1:<port>", or https.
  std::string url() const;
  int port() const;

  // The answer to the next request that has none.
  void Answer(Answered answer);
  void Then(Handler handler);
  // The answer to all for which there is no other.
  void Otherwise(Handler handler);

  std::vector<RecordedRequest> requests() const;
  // Waits for the nth request to arrive, at most ten seconds.
  bool WaitForRequests(size_t count) const;

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace howdah::testing

#endif  // HOWDAH_TESTS_SUPPORT_HTTP_IMPOSTER_H_
