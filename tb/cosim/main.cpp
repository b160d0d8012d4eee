// SPDX-License-Identifier: Apache-2.0
//
// Co-simulation of the Verilated SMMU and the reference model. Exit status: 0 no difference, 1 a difference, 2 wrong use.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <string>

#include "dut.h"
#include "fuzz.h"
#include "session.h"

namespace {

struct Arguments {
  uint64_t first = 1, seeds = 1, commands = 10000, transactions = 10000;
  int tags = 32;
  uint64_t fuzz = 0;
  std::string mutant = "none";
};

bool Number(const char* text, uint64_t* value) {
  char* end = nullptr;
  *value = std::strtoull(text, &end, 0);
  return end != text && *end == '\0';
}

int Usage(const char* what) {
  std::fprintf(stderr, "smmu_cosim: %s; use: smmu_cosim [--seed n] [--seeds n] [--commands n] [--transactions n] [--mutant name] | --fuzz cycles [--seed n] [--seeds n]\n", what);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments a;
  a.tags = COSIM_TAGS;
  for (int i = 1; i < argc; ++i) {
    const std::string key = argv[i];
    if (key == "--mutant" && i + 1 < argc) {
      a.mutant = argv[++i];
      continue;
    }
    uint64_t* value = key == "--seed" ? &a.first : key == "--seeds" ? &a.seeds : key == "--commands" ? &a.commands
                      : key == "--transactions" ? &a.transactions : key == "--fuzz" ? &a.fuzz : nullptr;
    if (value == nullptr) return Usage(("unknown option " + key).c_str());
    if (i + 1 >= argc || !Number(argv[++i], value)) return Usage((key + " wants a number").c_str());
  }
  cosim::Dut::TurnOn(a.mutant);
  if (a.fuzz != 0) {
    for (uint64_t seed = a.first; seed < a.first + a.seeds; ++seed) {
      if (!cosim::FuzzSeed(seed, a.fuzz)) {
        std::printf("repeat: %s --fuzz %llu --seed %llu\n", argv[0], static_cast<unsigned long long>(a.fuzz),
                    static_cast<unsigned long long>(seed));
        return 1;
      }
    }
    std::printf("bad input: %llu seeds of %llu cycles, each with three states of reset\n", static_cast<unsigned long long>(a.seeds),
                static_cast<unsigned long long>(a.fuzz));
    return 0;
  }
  uint64_t commands = 0, transactions = 0, cycles = 0, stalls = 0, further = 0;
  for (uint64_t seed = a.first; seed < a.first + a.seeds; ++seed) {
    cosim::Options options;
    options.seed = seed;
    options.commands = a.commands;
    options.transactions = a.transactions;
    options.tags = a.tags;
    std::unique_ptr<cosim::Session> session;
    try {
      session = std::make_unique<cosim::Session>(options);
      session->Run();
    } catch (const cosim::Difference& difference) {
      std::printf("recent history:\n");
      if (session) session->history().Print(stdout);
      std::printf("DIFFERENCE in seed %llu, cycle %llu, step '%s'\n%s\n", static_cast<unsigned long long>(seed),
                  static_cast<unsigned long long>(session ? session->now() : 0), session ? session->step().c_str() : "start", difference.what());
      std::printf("repeat: %s --seed %llu --commands %llu --transactions %llu\n", argv[0], static_cast<unsigned long long>(seed),
                  static_cast<unsigned long long>(a.commands), static_cast<unsigned long long>(a.transactions));
      return 1;
    }
    const cosim::Totals t = session->totals();
    commands += t.commands;
    transactions += t.transactions;
    cycles += t.cycles;
    stalls += t.stalls;
    further += t.further_pages;
    std::printf("seed %llu: %llu commands (%llu SYNC, ILL %llu ABT %llu ATC %llu), %llu transactions (%llu against the past), "
                "%llu messages, %llu events, %llu stalls (%llu repaired), %llu further entries, %llu worlds, %llu cycles\n",
                static_cast<unsigned long long>(seed), static_cast<unsigned long long>(t.commands), static_cast<unsigned long long>(t.syncs),
                static_cast<unsigned long long>(t.cerror[1]), static_cast<unsigned long long>(t.cerror[2]),
                static_cast<unsigned long long>(t.cerror[3]), static_cast<unsigned long long>(t.transactions),
                static_cast<unsigned long long>(t.compared_with_past), static_cast<unsigned long long>(t.messages),
                static_cast<unsigned long long>(t.events), static_cast<unsigned long long>(t.stalls),
                static_cast<unsigned long long>(t.repaired), static_cast<unsigned long long>(t.further_pages), static_cast<unsigned long long>(t.worlds), static_cast<unsigned long long>(t.cycles));
  }
  std::printf("no difference: %llu seeds, %llu commands, %llu transactions, %llu cycles, %llu stalls, %llu further entries\n", static_cast<unsigned long long>(a.seeds),
              static_cast<unsigned long long>(commands), static_cast<unsigned long long>(transactions), static_cast<unsigned long long>(cycles),
              static_cast<unsigned long long>(stalls), static_cast<unsigned long long>(further));
  return 0;
}
