#include "backend/services/aiven_projects_service.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backend/services/aiven_answers.h"

namespace howdah::services {

namespace pb = aiven::v1;

namespace {

pb::Project ToProto(const aiven::Project& project, pb::DetailLevel level) {
  pb::Project proto;
  proto.set_project_name(project.name);
  proto.set_organization_id(project.organization_id);
  proto.set_default_cloud(project.default_cloud);
  for (std::string& tag : TagTexts(project.tags)) {
    proto.add_tags(std::move(tag));
  }
  if (level != pb::DETAIL_LEVEL_DETAILED) return proto;
  proto.set_account_id(project.account_id);
  proto.set_account_name(project.account_name);
  proto.set_billing_group_name(project.billing_group_name);
  proto.set_estimated_balance(project.estimated_balance);
  proto.set_payment_method(project.payment_method);
  if (project.trial_expiration != absl::InfinitePast()) {
    SetTimestamp(project.trial_expiration,
                 proto.mutable_trial_expiration_time());
  }
  return proto;
}

pb::Event ToProto(const aiven::Event& event) {
  pb::Event proto;
  if (event.time != absl::InfinitePast()) {
    SetTimestamp(event.time, proto.mutable_time());
  }
  proto.set_event_type(event.type);
  proto.set_service_name(event.service);
  proto.set_actor(event.actor);
  proto.set_description(event.description);
  return proto;
}

}  // namespace

absl::StatusOr<pb::ListProjectsResponse> AivenProjectsService::ListProjects(
    const CallContext& context, const pb::ListProjectsRequest& request) {
  ASSIGN_OR_RETURN(aiven::Account* const account,
                   accounts_.Find(request.context()));
  ASSIGN_OR_RETURN(const auto projects, account->ListProjects(ReadOptionsOf(
                                            context, request.refresh())));
  ASSIGN_OR_RETURN(const PageBounds page,
                   PageOf(request, projects.value->size(),
                          [&](size_t i) { return (*projects.value)[i].name; }));
  AivenSources sources(*account);
  sources.Note(projects.read_at);
  pb::ListProjectsResponse response;
  for (size_t i = page.begin; i < page.end; ++i) {
    *response.add_projects() =
        ToProto((*projects.value)[i], request.detail_level());
  }
  response.set_summary(absl::StrCat(Counted(projects.value->size(), "project"),
                                    " in the Aiven account \"", account->name(),
                                    "\".", sources.Caveats()));
  response.set_count(response.projects_size());
  *response.mutable_source() = sources.ToProto();
  response.set_next_page_token(page.next_token);
  return response;
}

absl::StatusOr<pb::ListProjectEventsResponse>
AivenProjectsService::ListProjectEvents(
    const CallContext& context, const pb::ListProjectEventsRequest& request) {
  ASSIGN_OR_RETURN(aiven::Account* const account,
                   accounts_.Find(request.context()));
  ASSIGN_OR_RETURN(const std::string project,
                   ProjectOf(*account, request.project_name()));
  ASSIGN_OR_RETURN(
      const auto events,
      account->ListEvents(project, ReadOptionsOf(context, request.refresh())));
  std::vector<const aiven::Event*> chosen;
  for (const aiven::Event& event : *events.value) {
    const bool matches =
        (request.service_name().empty() ||
         request.service_name() == event.service) &&
        (request.event_type().empty() || request.event_type() == event.type);
    if (matches) chosen.push_back(&event);
  }
  ASSIGN_OR_RETURN(
      const PageBounds page, PageOf(request, chosen.size(), [&](size_t i) {
        return absl::StrCat(absl::ToUnixMicros(chosen[i]->time), " ",
                            chosen[i]->type, " ", chosen[i]->service);
      }));
  AivenSources sources(*account);
  sources.Note(events.read_at);
  pb::ListProjectEventsResponse response;
  for (size_t i = page.begin; i < page.end; ++i) {
    *response.add_events() = ToProto(*chosen[i]);
  }
  response.set_summary(absl::StrCat(
      Counted(chosen.size(), "event"), " of ", events.value->size(),
      " in project ", project, ", newest first.", sources.Caveats()));
  response.set_count(response.events_size());
  response.set_project_name(project);
  *response.mutable_source() = sources.ToProto();
  response.set_next_page_token(page.next_token);
  return response;
}

}  // namespace howdah::services
