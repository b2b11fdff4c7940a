#include "adapter/mcp/admission.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "adapter/jsonrpc/writer.h"
#include "adapter/mcp/answer.h"
#include "adapter/mcp/authorization_documents.h"
#include "adapter/mcp/bearer_token.h"
#include "adapter/mcp/challenge.h"
#include "adapter/mcp/judged_tokens.h"
#include "adapter/mcp/too_often.h"
#include "proto/support/network_of.h"

namespace howdah::mcp {
namespace {

using transports::Exchange;

// A description that could not be had is asked for again after this.
constexpr absl::Duration kPauseAfterFailure = absl::Seconds(5);

std::string Body(absl::string_view sentence) {
  return jsonrpc::ErrorMessage({},
                               jsonrpc::InvalidRequest(std::string(sentence)));
}

}  // namespace

class AdmissionDoor::Impl {
 public:
  Impl(TokenVerifier& verifier, AdmissionOptions options)
      : verifier_(verifier),
        options_(std::move(options)),
        admitted_(options_.most_remembered),
        refused_(options_.most_remembered),
        failures_(options_.failures) {}

  void Guard(transports::MessageSink& door) { door_ = &door; }
  void set_failures(support::RateLimit limit) { failures_.set_limit(limit); }

  std::shared_ptr<const Principal> PrincipalOf(absl::string_view token) const {
    const Verdict* good = admitted_.Find(token, options_.now());
    return good == nullptr ? nullptr : good->principal;
  }

  bool IsAdmitted(const Exchange& exchange) const {
    return PrincipalOf(BearerToken(exchange.Header("Authorization"))) !=
           nullptr;
  }

  // `enter` takes an admitted request on, now or when the verdict is there.
  void Admit(Exchange& exchange, std::function<void()> enter) {
    const std::string token(BearerToken(exchange.Header("Authorization")));
    if (token.empty()) {
      const std::string network = support::NetworkOf(exchange.RemoteAddress());
      if (RefuseIfTooOften(exchange, absl::StrCat("none ", network))) return;
      return WithDescription(exchange, [this, &exchange] {
        Refuse(exchange, kHttpUnauthorized,
               MakeChallenge(exchange).NeedsToken(),
               "This server needs a bearer token.");
      });
    }
    if (IsAdmitted(exchange)) return enter();
    if (const Verdict* bad = refused_.Find(token, options_.now())) {
      const Verdict verdict = *bad;
      const std::string again = absl::StrCat("again ", TokenDigest(token));
      if (RefuseIfTooOften(exchange, again)) return;
      return Judge(exchange, token, verdict, enter);
    }
    Try(exchange, token, std::move(enter));
  }

  void Fetch(Exchange& exchange) {
    WithDescription(exchange, [this, &exchange] {
      const Document document = AuthorizationDocument(
          exchange.Target(), PublicUrl(exchange), description_.get());
      exchange.Finish({document.status, document.body});
    });
  }

  // True if the request was waiting here and not at the door.
  bool Gone(Exchange& exchange) { return waiting_.erase(&exchange) > 0; }

  transports::MessageSink& door() { return *door_; }

 private:
  // How a token that is looked at stands with its address.
  struct Trial {
    std::string failures_key;
    // Good before: looked at whatever others of its address did.
    bool trusted = false;
    // The address has failed too often: nothing else of it is looked at
    // meanwhile.
    bool alone = false;
  };

  bool RefuseIfTooOften(Exchange& exchange, const std::string& key) {
    const absl::Duration wait = failures_.Take(key, options_.now());
    if (wait <= absl::ZeroDuration()) return false;
    RefuseTooOften(exchange, wait);
    return true;
  }

  void Try(Exchange& exchange, const std::string& token,
           std::function<void()> enter) {
    Trial trial;
    trial.failures_key =
        absl::StrCat("token ", support::NetworkOf(exchange.RemoteAddress()));
    trial.trusted = admitted_.WasGood(token, options_.now());
    if (!trial.trusted) {
      // Counts as a failure until it is none.
      const absl::Duration wait =
          failures_.Take(trial.failures_key, options_.now());
      trial.alone = wait > absl::ZeroDuration();
      if (trial.alone && !alone_.insert(trial.failures_key).second) {
        return RefuseTooOften(exchange, wait);
      }
    }
    const std::string traceparent(exchange.Header("traceparent"));
    const std::uint64_t ticket = Wait(exchange);
    verifier_.Verify(
        token, traceparent,
        [this, &exchange, ticket, token, trial = std::move(trial),
         alive = std::weak_ptr(alive_),
         enter = std::move(enter)](const Verdict& verdict) {
          if (alive.expired()) return;
          Learn(token, trial, verdict);
          if (!EndWait(exchange, ticket)) return;
          if (trial.alone && verdict.kind == Verdict::Kind::kRefused) {
            return RefuseTooOften(exchange, absl::Seconds(1));
          }
          Judge(exchange, token, verdict, enter);
        });
  }

  void Learn(const std::string& token, const Trial& trial,
             const Verdict& verdict) {
    if (trial.alone) alone_.erase(trial.failures_key);
    switch (verdict.kind) {
      case Verdict::Kind::kGood:
      case Verdict::Kind::kUnknown:
        if (!trial.trusted && !trial.alone) {
          failures_.GiveBack(trial.failures_key);
        }
        return;
      case Verdict::Kind::kRefused:
      case Verdict::Kind::kScopesMissing:
        admitted_.Forget(token);
        refused_.Keep(token, verdict,
                      options_.now() + options_.remember_refused);
    }
  }

  void Judge(Exchange& exchange, const std::string& token,
             const Verdict& verdict, const std::function<void()>& enter) {
    if (verdict.kind == Verdict::Kind::kUnknown) {
      exchange.SetHeader("Retry-After", "5");
      return exchange.Finish({kHttpUnavailable, Body(verdict.sentence)});
    }
    WithDescription(exchange, [this, &exchange, token, verdict, enter] {
      if (verdict.kind == Verdict::Kind::kGood) {
        Verdict kept = verdict;
        kept.principal = WithChallenge(exchange, *verdict.principal);
        admitted_.Keep(
            token, std::move(kept),
            std::min(verdict.expires, options_.now() + options_.remember));
        return enter();
      }
      const Challenge challenge = MakeChallenge(exchange);
      if (verdict.kind == Verdict::Kind::kScopesMissing) {
        return Refuse(exchange, kHttpForbidden,
                      challenge.NeedsScopesNamed(verdict.scopes),
                      verdict.sentence);
      }
      Refuse(exchange, kHttpUnauthorized,
             challenge.InvalidToken(verdict.sentence), verdict.sentence);
    });
  }

  void Refuse(Exchange& exchange, int status, const std::string& challenge,
              absl::string_view sentence) {
    exchange.SetHeader(kChallengeHeader, challenge);
    exchange.Finish({status, Body(sentence)});
  }

  std::shared_ptr<const Principal> WithChallenge(const Exchange& exchange,
                                                 Principal principal) const {
    principal.challenge =
        std::make_shared<const Challenge>(MakeChallenge(exchange));
    return std::make_shared<const Principal>(std::move(principal));
  }

  Challenge MakeChallenge(const Exchange& exchange) const {
    return Challenge(
        ResourceMetadataUrl(PublicUrl(exchange)),
        description_ == nullptr ? AuthorizationServer() : *description_);
  }

  std::string PublicUrl(const Exchange& exchange) const {
    if (!options_.public_url.empty()) return options_.public_url;
    // The transport has checked the header.
    return absl::StrCat(options_.tls ? "https://" : "http://",
                        absl::AsciiStrToLower(exchange.Header("Host")), "/mcp");
  }

  // Calls `then` when the issuer's description is there, or cannot be had;
  // never, if the client goes before.
  void WithDescription(Exchange& exchange, std::function<void()> then) {
    const absl::Time now = options_.now();
    const absl::Duration age = now - described_;
    const bool complete =
        description_ != nullptr && !description_->metadata_json.empty();
    if (age < (complete ? options_.keep_description : kPauseAfterFailure)) {
      return then();
    }
    const std::uint64_t ticket = Wait(exchange);
    verifier_.Describe([this, &exchange, ticket, then = std::move(then),
                        alive = std::weak_ptr(alive_)](
                           std::unique_ptr<AuthorizationServer> described) {
      if (alive.expired()) return;
      described_ = options_.now();
      if (described != nullptr) description_ = std::move(described);
      if (EndWait(exchange, ticket)) then();
    });
  }

  // An exchange may go and its place in memory serve another, so each wait has
  // a number of its own.
  std::uint64_t Wait(Exchange& exchange) {
    waiting_[&exchange] = ++last_ticket_;
    return last_ticket_;
  }
  bool EndWait(Exchange& exchange, std::uint64_t ticket) {
    const auto found = waiting_.find(&exchange);
    if (found == waiting_.end() || found->second != ticket) return false;
    waiting_.erase(found);
    return true;
  }

  TokenVerifier& verifier_;
  const AdmissionOptions options_;
  transports::MessageSink* door_ = nullptr;
  // Apart, so that bad ones cannot push out good ones.
  JudgedTokens admitted_;
  JudgedTokens refused_;
  support::RateLimiter failures_;
  // Addresses with a token that is looked at alone.
  absl::flat_hash_set<std::string> alone_;
  absl::flat_hash_map<Exchange*, std::uint64_t> waiting_;
  std::uint64_t last_ticket_ = 0;
  std::unique_ptr<AuthorizationServer> description_;
  absl::Time described_ = absl::InfinitePast();
  // Gone when this is: verdicts may come later.
  const std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

AdmissionDoor::AdmissionDoor(TokenVerifier& verifier, AdmissionOptions options)
    : impl_(std::make_unique<Impl>(verifier, std::move(options))) {}
AdmissionDoor::~AdmissionDoor() = default;

void AdmissionDoor::Guard(transports::MessageSink& door) { impl_->Guard(door); }

void AdmissionDoor::set_failures(support::RateLimit limit) {
  impl_->set_failures(limit);
}

std::shared_ptr<const Principal> AdmissionDoor::PrincipalOf(
    absl::string_view token) const {
  return impl_->PrincipalOf(token);
}

void AdmissionDoor::OnMessage(absl::string_view bytes, Exchange& exchange) {
  if (impl_->IsAdmitted(exchange)) {
    return impl_->door().OnMessage(bytes, exchange);
  }
  impl_->Admit(exchange, [this, bytes = std::string(bytes), &exchange] {
    impl_->door().OnMessage(bytes, exchange);
  });
}

void AdmissionDoor::OnListen(Exchange& exchange) {
  impl_->Admit(exchange,
               [this, &exchange] { impl_->door().OnListen(exchange); });
}

void AdmissionDoor::OnEnd(Exchange& exchange) {
  impl_->Admit(exchange, [this, &exchange] { impl_->door().OnEnd(exchange); });
}

void AdmissionDoor::OnFetch(Exchange& exchange) { impl_->Fetch(exchange); }

void AdmissionDoor::OnGone(Exchange& exchange) {
  if (!impl_->Gone(exchange)) impl_->door().OnGone(exchange);
}

std::string AdmissionDoor::Refusal(int status, absl::string_view sentence) {
  return impl_->door().Refusal(status, sentence);
}

}  // namespace howdah::mcp
