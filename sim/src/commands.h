// SPDX-License-Identifier: Apache-2.0
//
// Subcommands of the tool that live in files of their own. Each adds itself to the command line; when it is
// the one that was asked for it runs at once and leaves its exit status.
#pragma once

namespace CLI {
class App;
}

namespace atcbench {

void add_compare(CLI::App& app, int& status);
void add_sweep(CLI::App& app, int& status);
void add_html(CLI::App& app, int& status);
void add_matrix(CLI::App& app, int& status);

}  // namespace atcbench
