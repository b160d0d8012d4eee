// SPDX-License-Identifier: Apache-2.0
//
// atc_top as an sc_module with its signals, wearing the face of a Verilated class, so that the harness's
// VerilatedModel drives it: `top.pin = value` writes a signal, reading a pin reads one, eval() lets SystemC
// run for half a period. It must be called from an SC_THREAD.
//
// SystemC allows no module after elaboration, hence one ScTop a process, made before sc_start() (ScTop::slot()).
#pragma once

#include <systemc>

#include "Vatc_top_sc.h"

namespace atcbench {

// A 128-bit signal addressed by 32-bit words, as Verilator's own wide type is.
class WideSignal : public sc_core::sc_signal<sc_dt::sc_bv<128>> {
 public:
  using Base = sc_core::sc_signal<sc_dt::sc_bv<128>>;
  using Base::Base;

  class Word {
   public:
    Word(WideSignal& signal, int index) : signal_(signal), index_(index) {}
    Word& operator=(uint32_t value) {
      signal_.shadow_.set_word(index_, value);
      signal_.write(signal_.shadow_);
      return *this;
    }
    operator uint32_t() const { return signal_.read().get_word(index_); }

   private:
    WideSignal& signal_;
    int index_;
  };
  Word operator[](int index) { return {*this, index}; }
  uint32_t operator[](int index) const { return read().get_word(index); }

 private:
  sc_dt::sc_bv<128> shadow_;
};

struct ScTop {
#define PIN(name, type) sc_core::sc_signal<type> name{#name};
#define WIDE(name) WideSignal name{#name};
#include "pins.inc"
#undef PIN
#undef WIDE
  Vatc_top_sc module{"atc_top"};

  ScTop() {
#define PIN(name, type) module.name(name);
#define WIDE(name) module.name(name);
#include "pins.inc"
#undef PIN
#undef WIDE
  }

  // The Verilated class's destructor goes to the thread's current context; it must be the one that it was made in.
  ~ScTop() { Verilated::threadContextp(context_); }

  static ScTop*& slot() {
    static ScTop* top = nullptr;
    return top;
  }

 private:
  VerilatedContext* context_ = Verilated::threadContextp();
};

// What VerilatedModel<ScModel> sees: references to the one ScTop under the pins' own names.
class ScModel {
 public:
  ScModel(VerilatedContext* /*context: the SystemC module owns its own*/, const char* /*name*/) {}

#define PIN(pin, type) sc_core::sc_signal<type>& pin = ScTop::slot()->pin;
#define WIDE(pin) WideSignal& pin = ScTop::slot()->pin;
#include "pins.inc"
#undef PIN
#undef WIDE

  void eval() { sc_core::wait(500, sc_core::SC_PS); }
  void final() { ScTop::slot()->module.final(); }
};

}  // namespace atcbench
