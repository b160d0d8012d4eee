// SPDX-License-Identifier: Apache-2.0
//
// The command line (architecture page): build/atcbench. Exit status 0: all held; 1: a check failed; 2: wrong use.
#pragma once

namespace atcbench {

int cli_main(int argc, char** argv);

}  // namespace atcbench
