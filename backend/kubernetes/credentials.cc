#include "backend/kubernetes/credentials.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "backend/kubernetes/exec_plugin.h"
#include "proto/support/status_details.h"
#include "proto/support/status_macros.h"

namespace howdah::kubernetes {
namespace {

// Bound service account tokens are replaced well before they end.
constexpr absl::Duration kTokenFileLifetime = absl::Minutes(1);
// A credential is renewed so long before its end.
constexpr absl::Duration kRenewalMargin = absl::Seconds(10);
constexpr absl::Duration kExecLimit = absl::Minutes(1);

absl::StatusOr<std::string> ReadToken(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  std::string token(absl::StripAsciiWhitespace(text.str()));
  if (!token.empty()) return token;
  return support::ErrorBuilder(absl::StatusCode::kUnauthenticated,
                               "TOKEN_FILE_UNREADABLE",
                               support::kPostgresDomain)
      .Message(absl::StrCat("The token file ", path,
                            " of the kubeconfig is missing, unreadable or "
                            "empty; correct tokenFile."))
      .With("file", path)
      .Build();
}

absl::Status Ended(const Call& call) {
  const bool cancelled = call.cancelled.stop_requested();
  return support::ErrorBuilder(cancelled ? absl::StatusCode::kCancelled
                                         : absl::StatusCode::kDeadlineExceeded,
                               cancelled ? "CANCELLED" : "DEADLINE_EXCEEDED",
                               support::kPostgresDomain)
      .Message("No credentials for the API server in time.")
      .Build();
}

}  // namespace

absl::StatusOr<Credential> Credentials::Get(const Call& call) {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (clock_.Now() < valid_until_) return current_;
    if (!renewing_) break;
    const auto done = [this] { return !renewing_; };
    if (call.deadline == absl::InfiniteFuture()) {
      if (!renewed_.wait(lock, call.cancelled, done)) return Ended(call);
    } else if (!renewed_.wait_for(
                   lock, call.cancelled,
                   absl::ToChronoNanoseconds(call.deadline - clock_.Now()),
                   done)) {
      return Ended(call);
    }
  }
  renewing_ = true;
  lock.unlock();
  absl::StatusOr<Renewed> fresh = Renew(call);
  lock.lock();
  renewing_ = false;
  renewed_.notify_all();
  RETURN_IF_ERROR(fresh.status());
  current_ = std::move(fresh->credential);
  current_.generation = ++generation_;
  valid_until_ = fresh->valid_until;
  return current_;
}

bool Credentials::Refused(const Credential& credential) {
  if (connection_.token_file.empty() && !connection_.exec) return false;
  const std::lock_guard lock(mutex_);
  // Of many that were refused together only the first causes a renewal.
  if (credential.generation == current_.generation) {
    valid_until_ = absl::InfinitePast();
  }
  return true;
}

absl::StatusOr<Credentials::Renewed> Credentials::Renew(
    const Call& call) const {
  Renewed renewed{{}, absl::InfiniteFuture()};
  if (!connection_.token_file.empty()) {
    ASSIGN_OR_RETURN(renewed.credential.token,
                     ReadToken(connection_.token_file));
    renewed.valid_until = clock_.Now() + kTokenFileLifetime;
  } else if (!connection_.token.empty() || !connection_.exec) {
    renewed.credential.token = connection_.token;
  } else {
    ASSIGN_OR_RETURN(
        ExecCredential exec,
        RunExecPlugin(connection_, call.cancelled,
                      std::min(kExecLimit, call.deadline - clock_.Now())));
    renewed.credential.token = std::move(exec.token);
    if (!exec.certificate_pem.empty()) {
      net::ClientCertificate certificate;
      certificate.certificate_pem = std::move(exec.certificate_pem);
      certificate.key_pem = std::move(exec.key_pem);
      renewed.credential.certificate =
          std::make_shared<const net::ClientCertificate>(
              std::move(certificate));
    }
    renewed.valid_until = exec.expires - kRenewalMargin;
  }
  return renewed;
}

}  // namespace howdah::kubernetes
