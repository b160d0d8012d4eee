// SPDX-License-Identifier: Apache-2.0
#include "atcbench/cli.h"

int main(int argc, char** argv) { return atcbench::cli_main(argc, argv); }
