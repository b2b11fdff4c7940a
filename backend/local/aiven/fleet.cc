#include "backend/local/aiven/fleet.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "backend/local/aiven/catalogue.h"

namespace howdah::local::aiven {

Service* Fleet::Find(const std::string& project, const std::string& service) {
  auto it = services.find({project, service});
  return it == services.end() ? nullptr : &it->second;
}

std::vector<const Service*> Fleet::ServicesOf(
    const std::string& project) const {
  std::vector<const Service*> found;
  for (auto it = services.lower_bound({project, ""});
       it != services.end() && it->first.first == project; ++it) {
    found.push_back(&it->second);
  }
  return found;
}

void Fleet::Record(Event event) {
  event.id = absl::StrFormat("4%07d-%04x", events.size(),
                             StableHash(event.project) & 0xffff);
  events.push_back(std::move(event));
}

ServiceState StateAt(const Service& service, absl::Time now) {
  if (!service.powered) return ServiceState::kPowerOff;
  const std::optional<Transition>& change = service.transition;
  if (change.has_value() && now < change->start + change->length) {
    return change->state;
  }
  return ServiceState::kRunning;
}

absl::string_view StateName(ServiceState state) {
  switch (state) {
    case ServiceState::kRunning:
      return "RUNNING";
    case ServiceState::kRebuilding:
      return "REBUILDING";
    case ServiceState::kRebalancing:
      return "REBALANCING";
    case ServiceState::kPowerOff:
      return "POWEROFF";
  }
  return "RUNNING";
}

std::optional<absl::Time> EndOfLife(const Service& service,
                                    absl::Time started) {
  const ServiceVersion* version = FindVersion(service.type, service.version);
  if (version == nullptr || !version->days_to_end_of_life.has_value()) {
    return std::nullopt;
  }
  absl::CivilDay day = absl::ToCivilDay(started, absl::UTCTimeZone()) +
                       *version->days_to_end_of_life;
  return absl::FromCivil(day, absl::UTCTimeZone());
}

std::string MakePassword(absl::string_view secret, absl::string_view what) {
  static constexpr absl::string_view kDigits =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(what.data()), what.size(), digest,
       &size);
  std::string password = "AVNS_";
  for (unsigned int i = 0; i < 17 && i < size; ++i) {
    password += kDigits[digest[i] % kDigits.size()];
  }
  return password;
}

uint64_t StableHash(absl::string_view text) {
  uint64_t hash = 14695981039346656037u;  // FNV-1a
  for (unsigned char c : text) hash = (hash ^ c) * 1099511628211u;
  // The low bits of FNV of similar texts are similar.
  hash ^= hash >> 33;
  hash *= 0xff51afd7ed558ccdu;
  hash ^= hash >> 33;
  return hash;
}

}  // namespace howdah::local::aiven
