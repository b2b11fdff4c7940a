#include "backend/aws/curated_commands.h"

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"

namespace howdah::aws {
namespace {

constexpr CommandClass kRead = CommandClass::kRead;
constexpr CommandClass kWrite = CommandClass::kWrite;
constexpr CommandClass kDestructive = CommandClass::kDestructive;
constexpr CommandClass kExecute = CommandClass::kExecute;
constexpr CommandClass kForbidden = CommandClass::kForbidden;

// Customizations: code of the CLI, not one call of an API. Those that are not
// here are not run.
const CuratedCommand kCustomizations[] = {
    {"s3 ls", kRead, 0, "lists buckets or keys"},
    // What a copy is depends on its direction: see Classify().
    {"s3 cp", kWrite, 0, "writes objects"},
    {"s3 mv", kDestructive, 0, "removes the source after the copy"},
    {"s3 sync", kWrite, 0, "writes objects"},
    {"s3 rm", kDestructive, 0, "deletes objects"},
    {"s3 mb", kWrite, 0, "makes a bucket"},
    {"s3 rb", kDestructive, 0, "deletes a bucket, with --force its objects"},
    {"s3 website", kWrite, 0, "sets a bucket's website"},
    {"s3 presign", kRead, kReturnsSecret,
     "a URL that works for whoever has it"},
    {"logs tail", kRead, 0, "shows log events"},
    {"logs start-live-tail", kForbidden, kNeverEnds, "it never ends"},
    {"configservice get-status", kRead, 0, "shows the recorders' status"},
    {"configservice subscribe", kWrite, 0, "makes bucket, topic and recorder"},
    {"cloudtrail validate-logs", kRead, 0, "checks digests of stored logs"},
    {"cloudtrail create-subscription", kWrite, kCosts, "makes a trail"},
    {"cloudtrail update-subscription", kWrite, 0, "changes a trail"},
    {"datapipeline list-runs", kRead, 0, "lists runs"},
    {"datapipeline create-default-roles", kWrite, 0, "makes roles"},
    {"dlm create-default-role", kWrite, 0, "makes a role"},
    {"emr describe-cluster", kRead, 0, "describes a cluster"},
    {"emr create-cluster", kWrite, kCosts, "starts machines"},
    {"emr add-instance-groups", kWrite, kCosts, "starts machines"},
    {"emr create-default-roles", kWrite, 0, "makes roles"},
    {"emr modify-cluster-attributes", kWrite, 0, "changes a cluster"},
    {"emr terminate-clusters", kDestructive, 0, "ends clusters"},
    {"emr add-steps", kExecute, kExecutesCode, "runs programs on a cluster"},
    {"emr install-applications", kExecute, kExecutesCode,
     "runs programs on a cluster"},
    {"emr create-hbase-backup", kExecute, kExecutesCode,
     "runs a step on a cluster"},
    {"emr restore-from-hbase-backup", kDestructive, kExecutesCode,
     "replaces the cluster's data"},
    {"emr schedule-hbase-backup", kExecute, kExecutesCode,
     "runs a step on a cluster"},
    {"emr disable-hbase-backups", kDestructive, 0, "ends backups"},
    {"emr-containers update-role-trust-policy", kWrite, 0,
     "changes who may take a role"},
    {"ecr get-login", kRead, kReturnsSecret, "a registry's password"},
    {"ecr get-login-password", kRead, kReturnsSecret, "a registry's password"},
    {"ecr-public get-login-password", kRead, kReturnsSecret,
     "a registry's password"},
    {"eks get-token", kRead, kReturnsSecret, "a token for a cluster"},
    {"rds generate-db-auth-token", kRead, kReturnsSecret,
     "a database's password"},

    {"configure *", kForbidden, kReturnsSecret | kLocalFile,
     "it shows or changes the server's own AWS configuration"},
    {"history *", kForbidden, kReturnsSecret | kLocalFile,
     "it shows what others called"},
    {"sso *", kForbidden, kLocalFile, "it signs this server in or out"},
    {"cli-dev *", kForbidden, 0, "it is made for a terminal"},
    {"ddb *", kForbidden, 0,
     "its short language hides what it does; use dynamodb"},
    {"codeartifact login", kForbidden, kLocalFile,
     "it writes credentials into configuration files"},
    {"codecommit credential-helper *", kForbidden, kReturnsSecret,
     "it prints a password for git"},
    {"cloudformation deploy", kForbidden, kLocalFile,
     "it reads a local template; use create-change-set with --template-body"},
    {"cloudformation package", kForbidden, kLocalFile,
     "it uploads local files"},
    {"ecs deploy", kForbidden, kLocalFile,
     "it reads local files; use register-task-definition and update-service"},
    {"cloudfront sign", kForbidden, kLocalFile | kReturnsSecret,
     "it needs a private key from a file"},
    {"deploy push", kForbidden, kLocalFile, "it uploads local files"},
    {"deploy register", kForbidden, kLocalFile,
     "it writes credentials to a local file"},
    {"deploy deregister", kForbidden, kLocalFile, "it needs a local file"},
    {"deploy install", kForbidden, kLocalFile | kExecutesCode,
     "it installs software on the server"},
    {"deploy uninstall", kForbidden, kLocalFile | kExecutesCode,
     "it removes software from the server"},
    {"eks update-kubeconfig", kForbidden, kLocalFile,
     "it writes a local kubeconfig"},
    {"emr ssh", kForbidden, kExecutesCode, "it starts ssh on the server"},
    {"emr socks", kForbidden, kExecutesCode, "it starts ssh on the server"},
    {"emr get", kForbidden, kExecutesCode | kLocalFile,
     "it starts scp on the server"},
    {"emr put", kForbidden, kExecutesCode | kLocalFile,
     "it starts scp on the server"},
    {"gamelift get-game-session-log", kForbidden, kLocalFile,
     "it writes a local file"},
    {"gamelift upload-build", kForbidden, kLocalFile, "it uploads local files"},
    {"lightsail push-container-image", kForbidden, kExecutesCode,
     "it starts docker on the server"},
    {"opsworks register", kForbidden, kExecutesCode,
     "it starts ssh on the server"},
    {"servicecatalog generate *", kForbidden, kLocalFile,
     "it uploads local files"},
};

// Operations of the APIs.
const CuratedCommand kOperations[] = {
    // Reads by another verb.
    {"accessanalyzer CheckAccessNotGranted", kRead, 0, "only evaluates"},
    {"accessanalyzer CheckNoNewAccess", kRead, 0, "only evaluates"},
    {"accessanalyzer CheckNoPublicAccess", kRead, 0, "only evaluates"},
    {"accessanalyzer ValidatePolicy", kRead, 0, "only evaluates"},
    {"backup ExportBackupPlanTemplate", kRead, 0, "shows a plan"},
    {"cloudformation EstimateTemplateCost", kRead, 0, "only evaluates"},
    {"cloudformation ValidateTemplate", kRead, 0, "only evaluates"},
    {"cloudsearchdomain Suggest", kRead, 0, "only searches"},
    {"cognito-idp AdminGetDevice", kRead, 0, "shows a device"},
    {"cognito-idp AdminGetUser", kRead, kSensitiveFields, "shows a user"},
    {"cognito-idp AdminListDevices", kRead, kSensitiveFields, "lists devices"},
    {"cognito-idp AdminListGroupsForUser", kRead, 0, "lists groups"},
    {"cognito-idp AdminListUserAuthEvents", kRead, 0, "lists events"},
    {"config SelectAggregateResourceConfig", kRead, 0,
     "its language can only select"},
    {"config SelectResourceConfig", kRead, 0, "its language can only select"},
    {"datapipeline QueryObjects", kRead, 0, "only searches"},
    {"dynamodb Query", kRead, kReturnsData, "rows of a table"},
    {"dynamodb Scan", kRead, kReturnsData, "rows of a table"},
    {"dynamodb TransactGetItems", kRead, kReturnsData, "rows of a table"},
    {"ecr BatchCheckLayerAvailability", kRead, 0, "only looks"},
    {"ecr-public BatchCheckLayerAvailability", kRead, 0, "only looks"},
    {"elasticbeanstalk CheckDNSAvailability", kRead, 0, "only looks"},
    {"elasticbeanstalk RetrieveEnvironmentInfo", kRead, 0,
     "shows what was requested before"},
    {"elasticbeanstalk ValidateConfigurationSettings", kRead, 0,
     "only evaluates"},
    {"elastictranscoder ReadJob", kRead, 0, "shows a job"},
    {"elastictranscoder ReadPipeline", kRead, 0, "shows a pipeline"},
    {"elastictranscoder ReadPreset", kRead, 0, "shows a preset"},
    {"events TestEventPattern", kRead, 0, "only evaluates"},
    {"fsx DescribeFileSystemAliases", kRead, 0,
     "its token is there for old clients"},
    {"glue CheckSchemaVersionValidity", kRead, 0, "only evaluates"},
    {"glue QuerySchemaVersionMetadata", kRead, 0, "only searches"},
    {"iam SimulateCustomPolicy", kRead, 0, "only evaluates"},
    {"iam SimulatePrincipalPolicy", kRead, 0, "only evaluates"},
    {"identitystore IsMemberInGroups", kRead, 0, "only looks"},
    {"inspector PreviewAgents", kRead, 0, "only looks"},
    {"kendra Query", kRead, kReturnsData, "only searches"},
    {"kendra Retrieve", kRead, kReturnsData, "only searches"},
    {"logs FilterLogEvents", kRead, 0, "log events"},
    {"logs TestMetricFilter", kRead, 0, "only evaluates"},
    {"rds DownloadDBLogFilePortion", kRead, 0, "lines of a log"},
    {"route53 TestDNSAnswer", kRead, 0, "only evaluates"},
    {"route53domains CheckDomainAvailability", kRead, 0, "only looks"},
    {"route53domains CheckDomainTransferability", kRead, 0, "only looks"},
    {"route53domains ViewBilling", kRead, 0, "shows bills"},
    {"s3vectors QueryVectors", kRead, kReturnsData, "only searches"},
    {"schemas ExportSchema", kRead, 0, "shows a schema"},
    {"sdb Select", kRead, kReturnsData, "its language can only select"},
    {"servicecatalog ScanProvisionedProducts", kRead, 0, "lists products"},
    {"servicediscovery DiscoverInstances", kRead, 0, "only looks"},
    {"servicediscovery DiscoverInstancesRevision", kRead, 0, "only looks"},
    {"stepfunctions ValidateStateMachineDefinition", kRead, 0,
     "only evaluates"},
    {"sts DecodeAuthorizationMessage", kRead, 0, "shows why a call failed"},
    {"swf CountClosedWorkflowExecutions", kRead, 0, "counts"},
    {"swf CountOpenWorkflowExecutions", kRead, 0, "counts"},
    {"swf CountPendingActivityTasks", kRead, 0, "counts"},
    {"swf CountPendingDecisionTasks", kRead, 0, "counts"},
    {"verifiedpermissions BatchIsAuthorized", kRead, 0, "only evaluates"},
    {"verifiedpermissions BatchIsAuthorizedWithToken", kRead, 0,
     "only evaluates"},
    {"verifiedpermissions IsAuthorized", kRead, 0, "only evaluates"},
    {"verifiedpermissions IsAuthorizedWithToken", kRead, 0, "only evaluates"},
    {"wafv2 CheckCapacity", kRead, 0, "only evaluates"},
    {"wellarchitected ExportLens", kRead, 0, "shows a lens"},

    // Stored data by a read verb.
    {"athena GetQueryResults", kRead, kReturnsData, "rows of a query"},
    {"cloudtrail GetQueryResults", kRead, kReturnsData, "rows of a query"},
    {"codecommit GetBlob", kRead, kReturnsData, "content of a repository"},
    {"codecommit GetFile", kRead, kReturnsData, "content of a repository"},
    {"dynamodb BatchGetItem", kRead, kReturnsData, "rows of a table"},
    {"dynamodb GetItem", kRead, kReturnsData, "rows of a table"},
    {"dynamodbstreams GetRecords", kRead, kReturnsData, "rows of a table"},
    {"kinesis GetRecords", kRead, kReturnsData, "records of a stream"},
    {"macie2 GetSensitiveDataOccurrences", kRead, kReturnsData,
     "samples of sensitive data"},
    {"mailmanager GetArchiveMessageContent", kRead, kReturnsData, "mail"},
    {"redshift-data GetStatementResult", kRead, kReturnsData,
     "rows of a query"},
    {"redshift-data GetStatementResultV2", kRead, kReturnsData,
     "rows of a query"},
    {"s3 GetObject", kRead, kReturnsData | kLocalFile, "content of an object"},
    {"s3 SelectObjectContent", kRead, kReturnsData | kLocalFile,
     "content of an object"},
    {"sdb GetAttributes", kRead, kReturnsData, "rows of a domain"},
    {"kinesis-video-media GetMedia", kRead,
     kReturnsData | kLocalFile | kNeverEnds, "a stream of video"},

    // Credentials and secrets where the name does not say so.
    {"acm ExportCertificate", kRead, kReturnsSecret, "a private key"},
    {"appsync ListApiKeys", kRead, kReturnsSecret, "their ids are the keys"},
    {"cognito-idp DescribeUserPoolClient", kRead, kSensitiveFields,
     "has the client's secret, which is redacted"},
    {"cognito-idp ListUserPoolClientSecrets", kRead, kReturnsSecret,
     "clients' secrets"},
    {"cognito-idp InitiateAuth", kWrite, kReturnsSecret, "tokens of a user"},
    {"cognito-idp AdminInitiateAuth", kWrite, kReturnsSecret,
     "tokens of a user"},
    {"cognito-idp RespondToAuthChallenge", kWrite, kReturnsSecret,
     "tokens of a user"},
    {"cognito-idp AdminRespondToAuthChallenge", kWrite, kReturnsSecret,
     "tokens of a user"},
    {"ec2 CreateKeyPair", kWrite, kReturnsSecret, "a private key"},
    {"ecr GetDownloadUrlForLayer", kRead, kReturnsSecret,
     "a URL that works for whoever has it"},
    {"emr-serverless GetDashboardForJobRun", kRead, kReturnsSecret,
     "a URL that works for whoever has it"},
    {"gamelift GetComputeAccess", kRead, kReturnsSecret, "credentials"},
    {"gamelift GetInstanceAccess", kRead, kReturnsSecret, "credentials"},
    {"iot CreateKeysAndCertificate", kWrite, kReturnsSecret, "a private key"},
    {"iot CreateProvisioningClaim", kWrite, kReturnsSecret, "a private key"},
    {"ivs BatchGetStreamKey", kRead, kReturnsSecret, "keys of channels"},
    {"ivs GetStreamKey", kRead, kReturnsSecret, "the key of a channel"},
    {"kms Decrypt", kRead, kReturnsSecret, "plain text"},
    {"kms DeriveSharedSecret", kRead, kReturnsSecret, "a shared secret"},
    {"kms GenerateRandom", kRead, kReturnsSecret, "random bytes for keys"},
    {"kms GenerateDataKeyWithoutPlaintext", kWrite, 0,
     "makes a key that only KMS can read"},
    {"kms GenerateDataKeyPairWithoutPlaintext", kWrite, 0,
     "makes a key that only KMS can read"},
    {"lightsail CreateKeyPair", kWrite, kReturnsSecret, "a private key"},
    {"lightsail DownloadDefaultKeyPair", kRead, kReturnsSecret,
     "a private key"},
    {"lightsail GetInstanceAccessDetails", kRead, kReturnsSecret,
     "credentials"},
    {"lightsail GetBucketAccessKeys", kRead, 0, "ids of keys, not the keys"},
    {"nimble GetStreamingSessionStream", kRead, kReturnsSecret,
     "a URL that works for whoever has it"},
    {"payment-cryptography ExportKey", kRead, kReturnsSecret, "a key"},
    {"payment-cryptography-data DecryptData", kRead, kReturnsSecret,
     "plain text"},
    {"s3 CreateSession", kWrite, kReturnsSecret, "credentials"},
    {"storagegateway DescribeChapCredentials", kRead, kReturnsSecret,
     "passwords"},
    {"wafv2 GetDecryptedAPIKey", kRead, kReturnsSecret, "an API key"},
    {"wafv2 ListAPIKeys", kRead, kReturnsSecret, "API keys"},

    // Reads by name that change something.
    {"appconfigdata GetLatestConfiguration", kWrite,
     kSideEffect | kReturnsData | kLocalFile, "uses its token up"},
    {"cognito-identity GetId", kWrite, kSideEffect, "makes an identity"},
    {"cognito-identity GetOpenIdTokenForDeveloperIdentity", kWrite,
     kSideEffect | kReturnsSecret, "makes an identity and a token"},
    {"cognito-idp GetTokensFromRefreshToken", kWrite,
     kSideEffect | kReturnsSecret, "uses a token up"},
    {"redshift GetClusterCredentials", kWrite, kSideEffect | kReturnsSecret,
     "can make a database user"},
    {"security-ir GetCaseAttachmentUploadUrl", kWrite,
     kSideEffect | kReturnsSecret, "makes an attachment"},
    {"stepfunctions GetActivityTask", kWrite, kSideEffect, "claims a task"},
    {"waf GetChangeToken", kWrite, kSideEffect, "begins a change"},
    {"waf-regional GetChangeToken", kWrite, kSideEffect, "begins a change"},
    {"sqs ReceiveMessage", kWrite, kSideEffect | kReturnsData,
     "hides the messages from others and counts the receipt"},
    {"iam GenerateCredentialReport", kWrite, kSideEffect, "makes a report"},

    // Any effect.
    {"apigateway TestInvokeMethod", kExecute, kExecutesCode, "runs a method"},
    {"apigateway TestInvokeAuthorizer", kExecute, kExecutesCode,
     "runs an authorizer"},
    {"appsync EvaluateCode", kExecute, kExecutesCode, "runs code"},
    {"athena StartCalculationExecution", kExecute, kExecutesCode, "runs code"},
    {"athena StartQueryExecution", kExecute, kExecutesCode | kCosts,
     "runs a statement"},
    {"batch SubmitJob", kExecute, kExecutesCode | kCosts, "runs a program"},
    {"codebuild StartBuild", kExecute, kExecutesCode | kCosts, "runs a build"},
    {"codebuild StartBuildBatch", kExecute, kExecutesCode | kCosts,
     "runs builds"},
    {"codepipeline StartPipelineExecution", kExecute, kExecutesCode,
     "runs a pipeline"},
    {"dynamodb BatchExecuteStatement", kExecute, kExecutesCode | kReturnsData,
     "runs statements"},
    {"dynamodb ExecuteStatement", kExecute, kExecutesCode | kReturnsData,
     "runs a statement"},
    {"dynamodb ExecuteTransaction", kExecute, kExecutesCode | kReturnsData,
     "runs statements"},
    {"ecs ExecuteCommand", kExecute, kExecutesCode | kNeverEnds,
     "runs a program in a container"},
    {"ecs RunTask", kExecute, kExecutesCode | kCosts, "runs containers"},
    {"ecs StartTask", kExecute, kExecutesCode, "runs containers"},
    {"emr AddJobFlowSteps", kExecute, kExecutesCode,
     "runs programs on a cluster"},
    {"emr-containers StartJobRun", kExecute, kExecutesCode | kCosts,
     "runs a program"},
    {"emr-serverless StartJobRun", kExecute, kExecutesCode | kCosts,
     "runs a program"},
    {"glue StartJobRun", kExecute, kExecutesCode | kCosts, "runs a job"},
    {"glue RunStatement", kExecute, kExecutesCode, "runs a statement"},
    {"rds-data BatchExecuteStatement", kExecute, kExecutesCode | kReturnsData,
     "runs statements"},
    {"rds-data ExecuteSql", kExecute, kExecutesCode | kReturnsData,
     "runs a statement"},
    {"rds-data ExecuteStatement", kExecute, kExecutesCode | kReturnsData,
     "runs a statement"},
    {"redshift-data BatchExecuteStatement", kExecute, kExecutesCode,
     "runs statements"},
    {"ssm SendCommand", kExecute, kExecutesCode, "runs programs on machines"},
    {"ssm StartAutomationExecution", kExecute, kExecutesCode,
     "runs a document"},
    {"ssm StartChangeRequestExecution", kExecute, kExecutesCode,
     "runs a document"},
    {"ssm StartSession", kExecute, kExecutesCode | kNeverEnds | kReturnsSecret,
     "opens a shell on a machine"},
    {"ssm ResumeSession", kExecute, kExecutesCode | kReturnsSecret,
     "opens a shell on a machine"},
    {"stepfunctions StartExecution", kExecute, kExecutesCode,
     "runs a state machine"},
    {"stepfunctions StartSyncExecution", kExecute, kExecutesCode,
     "runs a state machine"},
    {"stepfunctions TestState", kExecute, kExecutesCode, "runs a state"},
    {"timestream-query Query", kExecute, kExecutesCode | kReturnsData,
     "its language can unload"},

    // Writes that end, remove or replace more than their verb says.
    {"cloudformation ExecuteChangeSet", kDestructive, 0,
     "can replace and delete resources"},
    {"cloudformation UpdateStack", kDestructive, 0,
     "can replace and delete resources"},
    {"cloudformation RollbackStack", kDestructive, 0,
     "can replace and delete resources"},
    {"dynamodb BatchWriteItem", kDestructive, 0, "can delete rows"},
    {"dynamodb TransactWriteItems", kDestructive, 0, "can delete rows"},
    {"ec2 ReplaceRoute", kDestructive, 0, "redirects traffic"},
    {"elasticbeanstalk SwapEnvironmentCNAMEs", kDestructive, 0,
     "redirects traffic"},
    {"kms ScheduleKeyDeletion", kDestructive, 0,
     "what the key encrypted is lost with it"},
    {"rds RebootDBInstance", kDestructive, 0, "interrupts a database"},
    {"route53 ChangeResourceRecordSets", kDestructive, 0,
     "can delete and redirect names"},
    {"s3 PutBucketLifecycle", kDestructive, 0, "can expire objects"},
    {"s3 PutBucketLifecycleConfiguration", kDestructive, 0,
     "can expire objects"},
    {"s3 PutBucketPolicy", kDestructive, 0, "replaces who has access"},
    {"secretsmanager RotateSecret", kDestructive, kExecutesCode,
     "replaces a secret that others use"},
    {"organizations MoveAccount", kDestructive, 0,
     "changes which policies hold"},

    // Writes that cost.
    {"ec2 AllocateAddress", kWrite, kCosts, "an address costs"},
    {"ec2 AllocateHosts", kWrite, kCosts, "hosts cost"},
    {"ec2 CreateNatGateway", kWrite, kCosts, "a gateway costs"},
    {"ec2 RequestSpotFleet", kWrite, kCosts, "starts machines"},
    {"ec2 RequestSpotInstances", kWrite, kCosts, "starts machines"},
    {"ec2 RunInstances", kWrite, kCosts | kExecutesCode,
     "starts machines, with user data that they run"},
    {"ec2 StartInstances", kWrite, kCosts, "starts machines"},
    {"eks CreateCluster", kWrite, kCosts, "a cluster costs"},
    {"elasticache CreateCacheCluster", kWrite, kCosts, "a cluster costs"},
    {"elasticache CreateReplicationGroup", kWrite, kCosts, "a cluster costs"},
    {"emr RunJobFlow", kExecute, kCosts | kExecutesCode,
     "starts machines that run programs"},
    {"opensearch CreateDomain", kWrite, kCosts, "a domain costs"},
    {"rds CreateDBCluster", kWrite, kCosts, "a database costs"},
    {"rds CreateDBInstance", kWrite, kCosts, "a database costs"},
    {"rds CreateDBInstanceReadReplica", kWrite, kCosts, "a database costs"},
    {"rds StartDBInstance", kWrite, kCosts, "starts a database"},
    {"redshift CreateCluster", kWrite, kCosts, "a cluster costs"},
    {"route53domains RegisterDomain", kWrite, kCosts, "a domain costs"},
    {"route53domains RenewDomain", kWrite, kCosts, "a domain costs"},
    {"sagemaker CreateEndpoint", kWrite, kCosts, "an endpoint costs"},
};

using Table = absl::flat_hash_map<absl::string_view, const CuratedCommand*>;

const Table& Entries() {
  static const Table* const table = [] {
    auto* entries = new Table;
    for (const CuratedCommand& entry : CuratedCommands()) {
      entries->emplace(entry.name, &entry);
    }
    return entries;
  }();
  return *table;
}

const CuratedCommand* FindName(absl::string_view name) {
  const auto found = Entries().find(name);
  return found == Entries().end() ? nullptr : found->second;
}

}  // namespace

const std::vector<CuratedCommand>& CuratedCommands() {
  static const auto* const all = [] {
    auto* entries = new std::vector<CuratedCommand>(std::begin(kCustomizations),
                                                    std::end(kCustomizations));
    entries->insert(entries->end(), std::begin(kOperations),
                    std::end(kOperations));
    return entries;
  }();
  return *all;
}

const CuratedCommand* FindCurated(const Command& command) {
  if (!command.IsCustomization()) {
    return FindName(absl::StrCat(command.api_service, " ", command.operation));
  }
  if (const CuratedCommand* entry = FindName(command.Name())) return entry;
  // "configure *", "codecommit credential-helper *"
  std::string start = command.service;
  for (const std::string& word : command.path) {
    if (const CuratedCommand* entry = FindName(absl::StrCat(start, " *"))) {
      return entry;
    }
    absl::StrAppend(&start, " ", word);
  }
  return nullptr;
}

}  // namespace howdah::aws
