// What the answers of the Aiven services have in common: where they come from,
// pages, and services as the contract shows them.
//
//   AivenSources sources(*account);
//   sources.Note(projects.read_at);
//   *response.mutable_source() = sources.ToProto();
#ifndef HOWDAH_BACKEND_SERVICES_AIVEN_ANSWERS_H_
#define HOWDAH_BACKEND_SERVICES_AIVEN_ANSWERS_H_

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "backend/aiven/account.h"
#include "backend/aiven/fleet_query.h"
#include "backend/aiven/model.h"
#include "backend/services/call_context.h"
#include "backend/services/page_token.h"
#include "backend/services/timestamp_conversion.h"
#include "google/protobuf/message.h"
#include "howdah/aiven/v1/answer_source.pb.h"
#include "howdah/aiven/v1/services_service.pb.h"
#include "proto/support/status_macros.h"

namespace howdah::services {

inline aiven::ReadOptions ReadOptionsOf(const CallContext& context,
                                        bool refresh) {
  return {.deadline = context.deadline,
          .cancelled = context.cancelled,
          .refresh = refresh,
          .trace = context.trace};
}

// The project that a call means. INVALID_ARGUMENT if it names none and there is
// no default.
absl::StatusOr<std::string> ProjectOf(const aiven::Account& account,
                                      absl::string_view named);

// Gathers where the parts of an answer come from. Threads: not safe.
class AivenSources {
 public:
  explicit AivenSources(aiven::Account& account) : account_(account) {}

  void Note(absl::Time read_at) { oldest_ = std::min(oldest_, read_at); }
  void Miss(absl::string_view project, absl::string_view service,
            const absl::Status& error);
  size_t missing() const { return missing_.size(); }

  aiven::v1::AnswerSource ToProto() const;
  // " The fleet is invented: …" for the sandbox, " 2 projects could not be
  // read, see source.missing." where that is so; else empty.
  std::string Caveats() const;

 private:
  aiven::Account& account_;
  absl::Time oldest_ = absl::InfiniteFuture();
  std::vector<aiven::v1::Missing> missing_;
};

// `end_of_life` as FleetRow has it.
aiven::v1::Service ToProto(const aiven::FleetRow& row,
                           aiven::v1::DetailLevel level);

std::vector<std::string> TagTexts(const aiven::Tags& tags);

// All that shapes a list, to bind page tokens to it: the request without what
// may differ from page to page.
std::string ShapeOf(const google::protobuf::Message& request);

// One page of `items`: those at [begin, end), and the token of the next page.
struct PageBounds {
  size_t begin = 0;
  size_t end = 0;
  std::string next_token;
};

// Begins after the entry that the token names, or at its old place if that
// entry is gone. `name_of` gives a name to an index.
template <typename Request, typename NameOf>
absl::StatusOr<PageBounds> PageOf(const Request& request, size_t count,
                                  NameOf name_of) {
  const std::string shape = ShapeOf(request);
  ASSIGN_OR_RETURN(const std::string after,
                   ReadPageToken(request.page_token(), shape));
  PageBounds page;
  if (!after.empty()) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(after, absl::MaxSplits(':', 1));
    if (!absl::SimpleAtoi(parts.first, &page.begin)) page.begin = 0;
    for (size_t i = 0; i < count; ++i) {
      if (name_of(i) == parts.second) page.begin = i + 1;
    }
  }
  page.begin = std::min(page.begin, count);
  page.end =
      std::min(count, page.begin + static_cast<size_t>(request.page_size()));
  if (page.end < count) {
    page.next_token = MakePageToken(
        absl::StrCat(page.end, ":", name_of(page.end - 1)), shape);
  }
  return page;
}

// As Aiven names it: "hour".
const char* PeriodText(aiven::v1::Period period);

// "1 service", "2 services"
std::string Counted(size_t count, absl::string_view noun);

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_AIVEN_ANSWERS_H_
