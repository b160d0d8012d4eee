// SPDX-License-Identifier: Apache-2.0
//
// ep_link_test with packets of 128 bytes.
#define ATC_PAYLOAD_128
#include "ep_link_test.cpp"
