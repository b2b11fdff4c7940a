#include "backend/aws/installed_index.h"

#include <sys/stat.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backend/aws/debian_index.h"
#include "backend/aws/shell_words.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::aws {
namespace {

namespace fs = std::filesystem;
using howdah::testing::HasReason;
using howdah::testing::IsOk;
using ::testing::HasSubstr;

constexpr char kDebiansCli[] = "/usr/bin/aws";

std::string Read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Runs through the shell, which a test may.
absl::StatusOr<ProgramResult> RunInShell(const ProgramRun& run) {
  std::string line = absl::StrCat("cd ", QuoteWord(run.directory),
                                  " && exec timeout 100 env -i");
  for (const auto* words : {&run.environment, &run.argv}) {
    for (const std::string& word : *words) {
      absl::StrAppend(&line, " ", QuoteWord(word));
    }
  }
  const std::string errors = absl::StrCat(run.directory, "/stderr");
  FILE* const pipe =
      popen(absl::StrCat(line, " 2> ", QuoteWord(errors)).c_str(), "r");
  if (pipe == nullptr) return absl::InternalError("popen");
  ProgramResult result;
  char buffer[4096];
  while (const size_t count = fread(buffer, 1, sizeof(buffer), pipe)) {
    result.output.append(buffer, count);
  }
  result.exit_code = WEXITSTATUS(pclose(pipe));
  result.errors = Read(errors);
  return result;
}

class InstalledIndexTest : public ::testing::Test {
 protected:
  InstalledIndexTest() {
    std::string name = absl::StrCat(::testing::TempDir(), "/index-XXXXXX");
    folder_ = mkdtemp(name.data());
  }
  ~InstalledIndexTest() override { fs::remove_all(folder_); }

  InstalledIndexOptions Options(const std::string& program = kDebiansCli) {
    return {.program = program,
            .cache_directory = folder_ / "cache",
            .run = [this](const ProgramRun& run) {
              ++runs_;
              return RunInShell(run);
            }};
  }

  std::string Program(const std::string& text) {
    const fs::path path = folder_ / "aws";
    std::ofstream(path) << "#!/bin/sh\n" << text << "\n";
    fs::permissions(path, fs::perms::owner_all);
    return path;
  }

  fs::path folder_;
  std::atomic<int> runs_ = 0;
};

TEST_F(InstalledIndexTest, AsksTheCliOnceAndKeepsWhatItSaid) {
  {
    const auto index = InstalledIndex::Open(Options());
    ASSERT_THAT(index, IsOk());
    EXPECT_EQ(runs_, 2);  // its version, its services
    EXPECT_EQ((*index)->cli_version(), DebianIndex().cli_version());
    EXPECT_EQ((*index)->services(), DebianIndex().services());
    const auto s3 = (*index)->Service("s3api");
    ASSERT_THAT(s3, IsOk());
    EXPECT_EQ(runs_, 3);
    const Command* command = (*s3)->Find({"list-buckets"});
    ASSERT_NE(command, nullptr);
    EXPECT_EQ(command->operation, "ListBuckets");
    EXPECT_EQ(*(*index)->Service("s3api"), *s3);
    EXPECT_EQ(runs_, 3);
    EXPECT_TRUE((*index)->IsCurrent());
    EXPECT_EQ((*index)->Service("s4").status().code(),
              absl::StatusCode::kNotFound);
    EXPECT_EQ((*index)->Service("../x").status().code(),
              absl::StatusCode::kNotFound);
  }
  // Another process, or this one after a restart.
  const auto again = InstalledIndex::Open(Options());
  ASSERT_THAT(again, IsOk());
  const auto s3 = (*again)->Service("s3api");
  ASSERT_THAT(s3, IsOk());
  EXPECT_EQ(runs_, 3);
  EXPECT_EQ((*s3)->all().size(),
            (*DebianIndex().Service("s3api"))->all().size());

  // The files are ours alone.
  int files = 0;
  for (const auto& entry :
       fs::recursive_directory_iterator(folder_ / "cache")) {
    struct stat facts;
    ASSERT_EQ(stat(entry.path().c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0077, 0u) << entry.path();
    if (entry.is_regular_file()) ++files;
  }
  EXPECT_EQ(files, 2);  // the head, one service; nothing of the asking
  fs::permissions(folder_ / "cache", fs::perms::all);
  EXPECT_EQ(InstalledIndex::Open(Options()).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(InstalledIndexTest, AsksAnewWhenTheCliOrAFileHasChanged) {
  const auto index = InstalledIndex::Open(Options());
  ASSERT_THAT(index, IsOk());
  ASSERT_THAT((*index)->Service("sts"), IsOk());
  fs::path head;
  fs::path service;
  for (const auto& entry :
       fs::recursive_directory_iterator(folder_ / "cache")) {
    if (entry.path().filename() == "head.json") head = entry.path();
    if (entry.path().filename() == "sts.jsonl") service = entry.path();
  }
  // A CLI that was replaced left a file behind.
  std::ofstream(service) << "{\"cli\":\"aws-cli/2.0.0\"}\n";
  const auto second = InstalledIndex::Open(Options());
  ASSERT_THAT(second, IsOk());
  runs_ = 0;
  ASSERT_THAT((*second)->Service("sts"), IsOk());
  EXPECT_EQ(runs_, 1);

  // A witness that has changed: half the head of another CLI.
  std::string text = Read(head);
  text.replace(text.find("\"witnesses\":[["), 14,
               "\"witnesses\":[[\"/x\",1,1],[");
  std::ofstream(head) << text;
  runs_ = 0;
  const auto third = InstalledIndex::Open(Options());
  ASSERT_THAT(third, IsOk());
  EXPECT_EQ(runs_, 2);
  EXPECT_FALSE(fs::exists(service));
}

TEST_F(InstalledIndexTest, ManyAskAtOnceAndTheCliIsAskedOnce) {
  const auto index = InstalledIndex::Open(Options());
  ASSERT_THAT(index, IsOk());
  runs_ = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back(
        [&] { EXPECT_THAT((*index)->Service("sts"), IsOk()); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(runs_, 1);
}

TEST_F(InstalledIndexTest, SaysWhatIsWrongWithACli) {
  const auto broken =
      InstalledIndex::Open(Options(Program("echo no python >&2; exit 3")));
  EXPECT_THAT(broken, HasReason("CLI_UNUSABLE"));
  EXPECT_THAT(broken.status().message(), HasSubstr("exit code 3, no python"));
  EXPECT_THAT(InstalledIndex::Open(Options(Program("echo something else"))),
              HasReason("CLI_UNUSABLE"));
  // One that loads no plug-in writes nothing.
  const auto deaf =
      InstalledIndex::Open(Options(Program("echo aws-cli/2.9.19 Python")));
  EXPECT_THAT(deaf, HasReason("CLI_UNUSABLE"));
  EXPECT_THAT(deaf.status().message(), HasSubstr("plug-in"));
}

TEST_F(InstalledIndexTest, TakesNothingFromItsEnvironment) {
  std::string seen;
  InstalledIndexOptions options = Options(Program("echo aws-cli/2.9.19"));
  options.run = [&](const ProgramRun& run) {
    for (const std::string& entry : run.environment) seen += entry + "\n";
    return RunInShell(run);
  };
  setenv("AWS_DATA_PATH", "/evil", 1);
  setenv("AWS_ACCESS_KEY_ID", "evil", 1);
  EXPECT_THAT(InstalledIndex::Open(std::move(options)),
              HasReason("CLI_UNUSABLE"));
  EXPECT_THAT(seen, ::testing::Not(HasSubstr("evil")));
  EXPECT_THAT(seen, HasSubstr("HOME="));
}

TEST_F(InstalledIndexTest, FindsTheCliOnThePath) {
  const std::string program = Program("exit 0");
  EXPECT_EQ(
      FindAwsCli("aws", absl::StrCat("/nowhere:", folder_.string())).value(),
      program);
  EXPECT_EQ(FindAwsCli(program, "").value(), program);
  for (const auto& missing :
       {FindAwsCli("aws", "/nowhere"), FindAwsCli("aws", "."),
        FindAwsCli("/nowhere/aws", ""), FindAwsCli("aws", "")}) {
    EXPECT_THAT(missing, HasReason("CLI_MISSING"));
    EXPECT_EQ(missing.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(missing.status().message(), HasSubstr("apt-get install"));
  }
}

}  // namespace
}  // namespace howdah::aws
