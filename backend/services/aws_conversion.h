// Values of backend/aws as messages of howdah/aws/v1.
#ifndef HOWDAH_BACKEND_SERVICES_AWS_CONVERSION_H_
#define HOWDAH_BACKEND_SERVICES_AWS_CONVERSION_H_

#include <string>
#include <vector>

#include "backend/aws/classifier.h"
#include "backend/aws/command_line.h"
#include "backend/aws/runner/cli_config.h"
#include "google/protobuf/struct.pb.h"
#include "howdah/aws/v1/aws_service.pb.h"
#include "nlohmann/json.hpp"

namespace howdah::services {

// Integers beyond 2^53 become strings: a number of a Value is a double.
void SetValue(const nlohmann::json& from, google::protobuf::Value* to);

howdah::aws::v1::CommandClass ToProto(aws::CommandClass command_class);
std::vector<howdah::aws::v1::CommandFlag> ToProto(aws::CommandFlags flags);
howdah::aws::v1::Profile ToProto(const aws::runner::CliProfile& profile);

// What the CLI is given, one argument each, without secret values.
std::vector<std::string> ShownArguments(const aws::ParsedCommand& parsed);

}  // namespace howdah::services

#endif  // HOWDAH_BACKEND_SERVICES_AWS_CONVERSION_H_
