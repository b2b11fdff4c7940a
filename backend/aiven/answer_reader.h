// Reads answers of Aiven's API. What is missing, null or of another type than
// expected reads as empty; what is not known is kept as it is. Only an answer
// that lacks what it is about is an error (half answers, gateways' pages).
//
//   ASSIGN_OR_RETURN(std::vector<Service> services,
//                    ReadServices(body, "demo"));
#ifndef HOWDAH_BACKEND_AIVEN_ANSWER_READER_H_
#define HOWDAH_BACKEND_AIVEN_ANSWER_READER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "backend/aiven/model.h"

namespace howdah::aiven {

absl::StatusOr<std::vector<Project>> ReadProjects(absl::string_view body);
// Without what only a look at one service shows (see Service).
absl::StatusOr<std::vector<Service>> ReadServices(absl::string_view body,
                                                  absl::string_view project);
absl::StatusOr<Service> ReadService(absl::string_view body,
                                    absl::string_view project);
absl::StatusOr<std::vector<ServiceVersion>> ReadServiceVersions(
    absl::string_view body);
// Newest first.
absl::StatusOr<std::vector<Event>> ReadEvents(absl::string_view body);
absl::StatusOr<LogPage> ReadLogs(absl::string_view body);
absl::StatusOr<Metrics> ReadMetrics(absl::string_view body);
// Of a service read with its secrets.
absl::StatusOr<ConnectionSecrets> ReadConnectionSecrets(absl::string_view body);
// A PEM text.
absl::StatusOr<std::string> ReadCertificate(absl::string_view body);
// Of the answer to a ClickHouse query for one number.
absl::StatusOr<double> ReadNumber(absl::string_view body);

// "2026-11-21T10:00:00Z", or as the charts of metrics have it:
// "Date(2026,10,21,10,0,0)". InfinitePast for anything else.
absl::Time ReadTime(absl::string_view text);

}  // namespace howdah::aiven

#endif  // HOWDAH_BACKEND_AIVEN_ANSWER_READER_H_
