// Code that only the start of a process needs.
//
//   StartEverything();
//   ForgetStartCode();  // 8 MB resident code become 1 MB, and grow as used
#ifndef HOWDAH_BACKEND_SERVER_START_CODE_H_
#define HOWDAH_BACKEND_SERVER_START_CODE_H_

namespace howdah::server {

// Takes the program's code out of the process's resident memory; what runs from
// then on comes back, page by page, from the page cache. The start runs through
// nearly all of a large program once: initialisers, registrations, descriptors.
// Threads: safe; others may run meanwhile.
void ForgetStartCode();

}  // namespace howdah::server

#endif  // HOWDAH_BACKEND_SERVER_START_CODE_H_
