// SPDX-License-Identifier: Apache-2.0

#include "model/command.h"

namespace model {
namespace {

// TG != 0 asks for a range: NUM = SCALE = TTL = 0 is malformed.
bool RangeLegal(const Command& c, const Features& f) {
  if (!f.ril || Get(c.dw1, CMD_TLBI_NH_VA1_TG) == TLBI_TG_NONE) return true;
  return Get(c.dw0, CMD_TLBI_NH_VA0_NUM) != 0 || Get(c.dw0, CMD_TLBI_NH_VA0_SCALE) != 0 ||
         Get(c.dw1, CMD_TLBI_NH_VA1_TTL) != 0;
}

}  // namespace

bool Legal(const Command& c, const Features& f) {
  // SSec exists in the commands about streams; the others have VMID, ASID or nothing there.
  switch (c.Op()) {
    case OP_PREFETCH_CONFIG:
    case OP_PREFETCH_ADDR:
    case OP_CFGI_STE:
    case OP_CFGI_STE_RANGE:
    case OP_CFGI_CD:
    case OP_CFGI_CD_ALL:
    case OP_ATC_INV:
    case OP_PRI_RESP:
    case OP_RESUME:
    case OP_STALL_TERM:
      if (Has(c.dw0, CMD0_SSEC)) return false;
      break;
    default:
      break;
  }
  switch (c.Op()) {
    case OP_PREFETCH_CONFIG:
    case OP_PREFETCH_ADDR:
    case OP_CFGI_STE:
    case OP_CFGI_STE_RANGE:
    case OP_TLBI_NSNH_ALL:
      return true;
    case OP_CFGI_CD:
    case OP_CFGI_CD_ALL:
    case OP_TLBI_NH_ALL:
    case OP_TLBI_NH_ASID:
      return f.s1p;
    case OP_TLBI_NH_VA:
    case OP_TLBI_NH_VAA:
      return f.s1p && RangeLegal(c, f);
    case OP_TLBI_EL2_ALL:
    case OP_TLBI_EL2_ASID:
      return f.hyp;
    case OP_TLBI_EL2_VA:
    case OP_TLBI_EL2_VAA:
      return f.hyp && RangeLegal(c, f);
    case OP_TLBI_S12_VMALL:
      return f.s2p;
    case OP_TLBI_S2_IPA:
      return f.s2p && RangeLegal(c, f);
    case OP_ATC_INV:
      return f.ats && Get(c.dw1, CMD_ATC_INV1_SIZE) <= 52;
    case OP_PRI_RESP:
      return f.pri && Get(c.dw1, CMD_PRI_RESP1_RESP) != 3;
    case OP_RESUME:
    case OP_STALL_TERM:
      return f.stall_model != 1;
    case OP_SYNC:
      return Get(c.dw0, CMD_SYNC0_CS) != 3;
    default:
      return false;
  }
}

InvMessage MessageOf(const Command& c, const Features& f) {
  InvMessage m;
  m.rid = c.Sid() & 0xFFFF;
  m.ssv = Has(c.dw0, CMD_ATC_INV0_SSV) && f.ssidsize != 0;
  m.ssid = m.ssv ? c.Ssid() : 0;
  const int size = static_cast<int>(Get(c.dw1, CMD_ATC_INV1_SIZE));
  if (size == 0) {
    m.payload = c.dw1 & CMD_ATC_INV1_ADDR;
  } else {
    m.payload = (c.dw1 & ~Ones(12 + size)) | (Ones(11 + size) & ~Ones(12)) | 0x800;
  }
  if (m.ssv && Has(c.dw0, CMD_ATC_INV0_G)) m.payload |= 1;
  return m;
}

PrgResponse ResponseOf(const Command& c) {
  PrgResponse r;
  r.rid = c.Sid() & 0xFFFF;
  r.ssv = Has(c.dw0, CMD_PRI_RESP0_SSV);
  r.ssid = r.ssv ? c.Ssid() : 0;
  r.prgi = static_cast<uint32_t>(Get(c.dw1, CMD_PRI_RESP1_PRGINDEX));
  switch (Get(c.dw1, CMD_PRI_RESP1_RESP)) {
    case PRI_RESP_SUCCESS: r.code = 0; break;
    case PRI_RESP_INVALID: r.code = 1; break;
    default: r.code = 15; break;
  }
  return r;
}

}  // namespace model
