#include "backend/local/aiven/catalogue.h"

#include <algorithm>

namespace howdah::local::aiven {
namespace {

template <typename T, typename Matches>
const T* Find(const std::vector<T>& all, Matches matches) {
  auto it = std::find_if(all.begin(), all.end(), matches);
  return it == all.end() ? nullptr : &*it;
}

}  // namespace

const std::vector<Cloud>& Clouds() {
  static const auto* const kClouds = new std::vector<Cloud>{
      {"aws-eu-central-1", "Europe, Germany - Amazon Web Services: Frankfurt",
       "aws", "Amazon Web Services", "europe", 50.11, 8.68},
      {"aws-eu-west-1", "Europe, Ireland - Amazon Web Services: Ireland", "aws",
       "Amazon Web Services", "europe", 53.34, -6.27},
      {"aws-us-east-1",
       "United States, Virginia - Amazon Web Services: N. Virginia", "aws",
       "Amazon Web Services", "north america", 39.04, -77.49},
      {"azure-eastus", "United States, Virginia - Azure: East US", "azure",
       "Microsoft Azure", "north america", 37.37, -79.82},
      {"azure-westeurope", "Europe, Netherlands - Azure: West Europe", "azure",
       "Microsoft Azure", "europe", 52.37, 4.9},
      {"do-fra", "Europe, Germany - DigitalOcean: Frankfurt", "do",
       "DigitalOcean", "europe", 50.11, 8.68},
      {"do-nyc", "United States, New York - DigitalOcean: New York", "do",
       "DigitalOcean", "north america", 40.71, -74.01},
      {"google-europe-west3", "Europe, Germany - Google Cloud: Frankfurt",
       "google", "Google Cloud Platform", "europe", 50.11, 8.68},
      {"google-us-east1",
       "United States, South Carolina - Google Cloud: South Carolina", "google",
       "Google Cloud Platform", "north america", 33.2, -80.01},
  };
  return *kClouds;
}

const std::vector<Plan>& Plans() {
  static const auto* const kPlans = new std::vector<Plan>{
      {"clickhouse", "business-16", 3, 2, 16384, 1167360, false, 2.42},
      {"clickhouse", "custom-analytics-64", 6, 8, 65536, 6291456, false, 9.1},
      {"clickhouse", "startup-16", 1, 2, 16384, 471040, false, 0.89},
      {"grafana", "startup-1", 1, 1, 1024, 20480, false, 0.05},
      {"grafana", "startup-4", 1, 2, 4096, 20480, false, 0.17},
      {"kafka", "business-4", 3, 2, 4096, 614400, false, 0.68},
      {"kafka", "premium-6x-8", 6, 2, 8192, 2457600, false, 2.74},
      {"kafka", "startup-2", 3, 2, 2048, 92160, false, 0.27},
      {"mysql", "business-8", 2, 2, 8192, 179200, true, 0.55},
      {"mysql", "hobbyist", 1, 1, 2048, 8192, true, 0.03},
      {"mysql", "startup-4", 1, 2, 4096, 81920, true, 0.14},
      {"opensearch", "business-8", 3, 2, 8192, 537600, false, 0.98},
      {"opensearch", "premium-8", 6, 2, 8192, 1075200, false, 1.97},
      {"opensearch", "startup-4", 1, 2, 4096, 81920, false, 0.16},
      {"opensearch", "startup-8", 1, 2, 8192, 179200, false, 0.33},
      {"pg", "business-8", 2, 2, 8192, 179200, true, 0.55},
      {"pg", "free-1-1gb", 1, 1, 1024, 1024, false, 0},
      {"pg", "hobbyist", 1, 1, 2048, 8192, true, 0.03},
      {"pg", "premium-16", 3, 4, 16384, 358400, true, 1.64},
      {"pg", "startup-4", 1, 2, 4096, 81920, true, 0.14},
      {"valkey", "business-4", 2, 2, 4096, 0, false, 0.27},
      {"valkey", "hobbyist", 1, 1, 1024, 0, false, 0.03},
      {"valkey", "startup-4", 1, 2, 4096, 0, false, 0.14},
  };
  return *kPlans;
}

const std::vector<ServiceVersion>& ServiceVersions() {
  static const auto* const kVersions = new std::vector<ServiceVersion>{
      {"clickhouse", "24.8", "24.8.14.39", 240, "25.3"},
      {"clickhouse", "25.3", "25.3.6.56", std::nullopt, ""},
      {"grafana", "11", "11.6.0", std::nullopt, ""},
      {"kafka", "3.8", "3.8.1", 20, "3.9"},
      {"kafka", "3.9", "3.9.1", 330, "4.0"},
      {"kafka", "4.0", "4.0.0", std::nullopt, ""},
      {"mysql", "8.0", "8.0.41", 160, "8.4"},
      {"mysql", "8.4", "8.4.4", std::nullopt, ""},
      {"opensearch", "1", "1.3.20", -30, "2"},
      {"opensearch", "2", "2.19.1", std::nullopt, ""},
      {"pg", "12", "12.22", -200, "16"},
      {"pg", "13", "13.20", 45, "16"},
      {"pg", "14", "14.17", 410, "16"},
      {"pg", "15", "15.12", 775, "17"},
      {"pg", "16", "16.8", std::nullopt, ""},
      {"pg", "17", "17.4", std::nullopt, ""},
      {"valkey", "8.0", "8.0.2", std::nullopt, ""},
  };
  return *kVersions;
}

const std::vector<ServiceType>& ServiceTypes() {
  static const auto* const kTypes = new std::vector<ServiceType>{
      {"clickhouse", "ClickHouse - Scalable columnar database", "25.3"},
      {"grafana", "Grafana - Metrics Dashboard", "11"},
      {"kafka", "Kafka - High-Throughput Message Broker", "3.9"},
      {"mysql", "MySQL - Relational Database Management System", "8.4"},
      {"opensearch", "OpenSearch - Search & Analyze Data in Real Time", "2"},
      {"pg", "PostgreSQL - Object-Relational Database Management System", "16"},
      {"valkey", "Valkey - In-Memory Data Structure Store", "8.0"},
  };
  return *kTypes;
}

const Cloud* FindCloud(absl::string_view name) {
  return Find(Clouds(), [&](const Cloud& cloud) { return cloud.name == name; });
}

const Plan* FindPlan(absl::string_view service_type, absl::string_view name) {
  return Find(Plans(), [&](const Plan& plan) {
    return plan.service_type == service_type && plan.name == name;
  });
}

const ServiceVersion* FindVersion(absl::string_view service_type,
                                  absl::string_view major) {
  return Find(ServiceVersions(), [&](const ServiceVersion& version) {
    return version.service_type == service_type && version.major == major;
  });
}

const ServiceType* FindServiceType(absl::string_view name) {
  return Find(ServiceTypes(),
              [&](const ServiceType& type) { return type.name == name; });
}

}  // namespace howdah::local::aiven
