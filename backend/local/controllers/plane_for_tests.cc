// A plane without its HTTP side, as a process of its own that tests can kill.
//
//   plane_for_tests DIRECTORY    prints "ready" and runs until it is killed
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>

#include "backend/local/controllers/controller_manager.h"
#include "backend/local/store/sqlite_object_store.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::string directory = argv[1];
  auto store = howdah::local::SqliteObjectStore::Open(
      {.path = directory + "/plane.sqlite"});
  if (!store.ok()) return 1;
  howdah::local::controllers::ControllerOptions options;
  options.data_dir = directory;
  auto manager = howdah::local::controllers::ControllerManager::Create(
      **store, std::move(options));
  if (!manager.ok() || !(*manager)->Start().ok()) return 1;
  std::puts("ready");
  std::fflush(stdout);
  while (true) pause();
}
