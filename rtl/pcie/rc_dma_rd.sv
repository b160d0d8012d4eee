// SPDX-License-Identifier: Apache-2.0
//
// Completions of a root port: memory reads, answers to translation requests, and refusals, in the order in
// which the requests were taken.
//
// An entry is a place in the completion queue, which is the root complex's egress of D7; its payload arrives
// from AXI or was pushed with it. Memory reads are sent to AXI as soon as every posted write taken before
// them has retired (a read does not pass posted writes: pcie-ats.md section 5 rests on that order), several
// at once; AXI returns a port's data in order (same ID) and it is always taken. Beats are rotated to payload
// dwords on their way into memory, so no wide shifter works at the completion.
// Entries of a translation answer go into the payload memory of the next entry's place, one by one, before or with the push.
// Bus error on any beat: CA without data. Bytes of the payload past the requested length are stale.
// Latency: pushed to `rd_valid_o` 1 cycle; last beat to `cpl_valid_o` 1 cycle.
module rc_dma_rd
  import tlp_pkg::*;
#(
  parameter int unsigned MaxRd = 8,    // entries, power of two
  parameter int unsigned SeqW  = 6
) (
  input  logic            clk_i,
  input  logic            rst_ni,
  output logic            room_o,
  // from rc_dma_xlat
  input  logic            push_i,
  input  logic            is_mem_i,
  input  logic            is_xlat_i,
  input  logic [2:0]      status_i,
  input  logic            entry_valid_i,   // an entry of the translation answer to be pushed
  input  logic [2:0]      entry_index_i,
  input  logic [63:0]     entry_i,
  input  rc_cpl_hdr_t     hdr_i,
  input  rc_job_t         job_i,
  input  logic            final_i,         // of a memory read: the last piece of its request
  input  logic            colour_i,
  // posted writes of the port
  input  logic [SeqW-1:0] wr_taken_i,
  input  logic [SeqW-1:0] wr_retired_i,
  // AXI read
  output logic            rd_valid_o,
  input  logic            rd_ready_i,
  output rc_job_t         rd_o,
  input  logic            r_valid_i,
  input  logic [127:0]    r_data_i,
  input  logic            r_err_i,
  input  logic            r_last_i,
  output logic            done_colour_o,   // of the read whose data come next
  output logic            done_final_o,
  output logic            idle_o,          // no read is waiting for AXI or under way
  // egress
  output logic            cpl_valid_o,
  input  logic            cpl_ready_i,
  output tlp_t            cpl_o,
  output logic            quiet_o
);

  localparam int unsigned IdxW = $clog2(MaxRd);

  typedef struct packed {
    rc_cpl_hdr_t hdr;
    logic        is_mem;
    logic        is_xlat;
    logic [4:0]  len;
    logic [2:0]  status;
  } ent_t;

  typedef struct packed {
    rc_job_t         job;
    logic [IdxW-1:0] slot;
    logic            last;
    logic            colour;
  } fetch_t;

  typedef struct packed {
    logic [IdxW-1:0] slot;
    logic [1:0]      offset;  // dword of the first beat at which the payload begins
    logic            last;
    logic            colour;
  } flight_t;

  // ---------------------------------------------------------------- entries
  ent_t             ent_q [MaxRd];
  logic [MaxRd-1:0] done_q, err_q;
  logic [IdxW-1:0]  in_q, out_q;
  logic [IdxW:0]    count_q;
  logic             pop;

  assign room_o = count_q != (IdxW + 1)'(MaxRd);
  assign pop    = cpl_valid_o && cpl_ready_i;

  // ---------------------------------------------------------------- reads to AXI
  fetch_t                      fetch;
  flight_t                     flight;
  logic                        fetch_valid, fetch_take, fetch_open, gate_quiet;
  logic                        unused_ready, unused_ready2, flying;
  logic [$clog2(MaxRd+1)-1:0]  unused_count, unused_count2;

  fifo_sync #(.T(fetch_t), .Depth(MaxRd)) u_fetch (
    .clk_i, .rst_ni,
    .clear_i    (1'b0),
    .in_valid_i (push_i && is_mem_i),
    .in_ready_o (unused_ready),
    .in_i       ('{job: job_i, slot: in_q, last: final_i, colour: colour_i}),
    .out_valid_o(fetch_valid),
    .out_ready_i(fetch_take),
    .out_o      (fetch),
    .count_o    (unused_count)
  );

  rc_order_gate #(.Depth(MaxRd), .SeqW(SeqW)) u_gate (
    .clk_i, .rst_ni,
    .taken_i  (wr_taken_i),
    .retired_i(wr_retired_i),
    .push_i   (push_i && is_mem_i),
    .pop_i    (fetch_take),
    .open_o   (fetch_open),
    .quiet_o  (gate_quiet)
  );

  assign rd_valid_o = fetch_valid && fetch_open;
  assign rd_o       = fetch.job;
  assign fetch_take = rd_valid_o && rd_ready_i;

  fifo_sync #(.T(flight_t), .Depth(MaxRd)) u_flight (
    .clk_i, .rst_ni,
    .clear_i    (1'b0),
    .in_valid_i (fetch_take),
    .in_ready_o (unused_ready2),
    .in_i       ('{slot: fetch.slot, offset: fetch.job.pa[3:2], last: fetch.last, colour: fetch.colour}),
    .out_valid_o(flying),
    .out_ready_i(r_valid_i && r_last_i),
    .out_o      (flight),
    .count_o    (unused_count2)
  );

  assign done_colour_o = flight.colour;
  assign done_final_o  = flight.last;
  assign idle_o        = !fetch_valid && !flying;

  // ---------------------------------------------------------------- data from AXI
  // Dword j of beat b is payload dword w = 4 b + j - offset: lane w mod 4, row w / 4.
  logic [31:0] lane_q [4][MaxRd * 4];
  logic [2:0]  beat_q;
  logic [63:0] wire_entry;

  assign wire_entry = bswap64(entry_i);

  always_ff @(posedge clk_i) begin
    if (r_valid_i) begin
      for (int unsigned l = 0; l < 4; l++) begin
        logic [2:0] j, row;
        j   = 3'(l) + {1'b0, flight.offset};
        row = j[2] ? beat_q - 3'd1 : beat_q;
        if (!row[2]) lane_q[l][{flight.slot, row[1:0]}] <= r_data_i[32*j[1:0]+:32];
      end
    end
    if (entry_valid_i) begin
      lane_q[{entry_index_i[0], 1'b0}][{in_q, entry_index_i[2:1]}] <= wire_entry[31:0];
      lane_q[{entry_index_i[0], 1'b1}][{in_q, entry_index_i[2:1]}] <= wire_entry[63:32];
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      in_q    <= '0;
      out_q   <= '0;
      count_q <= '0;
      done_q  <= '0;
      err_q   <= '0;
      beat_q  <= '0;
    end else begin
      if (push_i) begin
        in_q         <= in_q + 1'b1;
        done_q[in_q] <= !is_mem_i;
        err_q[in_q]  <= 1'b0;
      end
      if (r_valid_i) begin
        beat_q <= r_last_i ? '0 : beat_q + 3'd1;
        if (r_err_i) err_q[flight.slot] <= 1'b1;
        if (r_last_i) done_q[flight.slot] <= 1'b1;
      end
      if (pop) out_q <= out_q + 1'b1;
      if (push_i != pop) count_q <= push_i ? count_q + 1'b1 : count_q - 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (push_i) begin
      ent_q[in_q] <= '{hdr: hdr_i, is_mem: is_mem_i, is_xlat: is_xlat_i, len: job_i.len[4:0],
                       status: is_mem_i ? CplSc : status_i};
    end
  end

  // ---------------------------------------------------------------- completion
  ent_t       head;
  logic       with_data;
  logic [2:0] status;
  logic [9:0] len;

  assign head        = ent_q[out_q];
  assign status      = (head.is_mem && err_q[out_q]) ? CplCa : head.status;
  assign with_data   = (head.is_mem || head.is_xlat) && (status == CplSc);
  assign len         = !with_data ? '0 : {5'd0, head.len};
  assign cpl_valid_o = (count_q != '0) && done_q[out_q];

  always_comb begin
    cpl_o = '0;
    if (cpl_valid_o) begin
      cpl_o.dw0 = {with_data ? CplD : head.hdr.locked ? CplLk : Cpl, 1'b0, head.hdr.tc, 1'b0, head.hdr.attr[2], 4'd0,
                   head.hdr.attr[1:0], 2'b00, len};
      cpl_o.dw1 = {16'd0, status, 1'b0, head.hdr.bytes};
      cpl_o.dw2 = {head.hdr.rid, head.hdr.tag, 1'b0, head.hdr.lower};
    end
    if (cpl_valid_o && with_data) begin
      for (int unsigned r = 0; r < 4; r++) begin
        for (int unsigned l = 0; l < 4; l++) begin
          cpl_o.data[32*(4*r+l)+:32] = lane_q[l][{out_q, 2'(r)}];
        end
      end
    end
  end

  assign quiet_o = !push_i && !entry_valid_i && !pop && !fetch_take && !r_valid_i && gate_quiet;

endmodule
