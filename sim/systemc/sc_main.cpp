// SPDX-License-Identifier: Apache-2.0
//
// The atcbench tool with the design under the SystemC kernel: same commands, same reports, same event log. The harness runs
// in one SC_THREAD; each half period of the clock is one wait there. SystemC time counts steps of the clock; simulated
// time, which the idle jump advances by more than one cycle a step, is read from the design (`now`).
#include <systemc>

#include "atcbench/cli.h"
#include "sc_top.h"

namespace {

class Host : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Host);
  Host(sc_core::sc_module_name name, int argc, char** argv) : sc_module(name), argc_(argc), argv_(argv) {
    SC_THREAD(run);
    set_stack_size(4 << 20);
  }
  int status() const { return status_; }

 private:
  void run() {
    status_ = atcbench::cli_main(argc_, argv_);
    sc_core::sc_stop();
  }

  int argc_;
  char** argv_;
  int status_ = 2;
};

}  // namespace

int sc_main(int argc, char** argv) {
  atcbench::ScTop top;
  atcbench::ScTop::slot() = &top;
  Host host("host", argc, argv);
  sc_core::sc_start();
  return host.status();
}
