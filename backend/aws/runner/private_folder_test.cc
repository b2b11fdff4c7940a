#include "backend/aws/runner/private_folder.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/status_matchers.h"

namespace howdah::aws::runner {
namespace {

using ::howdah::testing::HasReason;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

class PrivateFolderTest : public ::testing::Test {
 protected:
  PrivateFolderTest() {
    std::string path = ::testing::TempDir() + "/parent-XXXXXX";
    parent_ = mkdtemp(path.data());
  }
  ~PrivateFolderTest() override { fs::remove_all(parent_); }

  std::unique_ptr<PrivateFolder> Make() {
    auto folder = PrivateFolder::Make(parent_, "mine");
    EXPECT_OK(folder);
    return folder.ok() ? *std::move(folder) : nullptr;
  }
  // What a process leaves that makes a folder with a secret and is killed.
  std::string LeftByAKilledProcess() {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
      const auto folder = Make();
      std::ofstream(folder->path() + "/.input.json") << "hunter2";
      fs::create_directory(folder->path() + "/call-1");
      const std::string& path = folder->path();
      if (write(ends[1], path.data(), path.size()) < 0) _exit(1);
      kill(getpid(), SIGKILL);
    }
    close(ends[1]);
    std::string path(1000, '\0');
    const ssize_t got = read(ends[0], path.data(), path.size());
    close(ends[0]);
    path.resize(got < 0 ? 0 : static_cast<size_t>(got));
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status));
    return path;
  }

  std::string parent_;
};

TEST_F(PrivateFolderTest, IsForNobodyElseAndGoesWithItsOwner) {
  std::string path;
  {
    const auto folder = Make();
    path = folder->path();
    EXPECT_THAT(path, HasSubstr("/mine-"));
    struct stat facts {};
    ASSERT_EQ(stat(path.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777u, 0700u);
    std::ofstream(path + "/secret") << "x";
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(PrivateFolderTest, WhatAKilledProcessLeftIsRemovedByTheNext) {
  const std::string left = LeftByAKilledProcess();
  ASSERT_TRUE(fs::exists(left + "/.input.json"));
  const auto living = Make();
  RemoveAbandonedFolders(parent_, "mine");
  EXPECT_FALSE(fs::exists(left));
  EXPECT_TRUE(fs::exists(living->path())) << "its owner lives";
}

TEST_F(PrivateFolderTest, NothingElseIsRemoved) {
  const std::string outside = parent_ + "/outside";
  fs::create_directory(outside);
  std::ofstream(outside + "/kept") << "x";
  fs::create_directory_symlink(outside, parent_ + "/mine-link");
  std::ofstream(parent_ + "/mine-file") << "x";
  fs::create_directory(parent_ + "/minefield");
  const std::string foreign = parent_ + "/mine-foreign";
  fs::create_directory(foreign);
  constexpr uid_t kNobody = 65534;
  // Only root can make a folder another's.
  const bool is_foreign = chown(foreign.c_str(), kNobody, kNobody) == 0;
  RemoveAbandonedFolders(parent_, "mine");
  EXPECT_TRUE(fs::exists(outside + "/kept"));
  EXPECT_TRUE(fs::is_symlink(parent_ + "/mine-link"));
  EXPECT_TRUE(fs::exists(parent_ + "/mine-file"));
  EXPECT_TRUE(fs::exists(parent_ + "/minefield"));
  EXPECT_EQ(fs::exists(foreign), is_foreign);
  RemoveAbandonedFolders(parent_ + "/nowhere", "mine");
}

TEST_F(PrivateFolderTest, SaysWhereItCannotBe) {
  EXPECT_THAT(PrivateFolder::Make(parent_ + "/nowhere", "mine").status(),
              HasReason("FOLDER_FAILED"));
}

}  // namespace
}  // namespace howdah::aws::runner
