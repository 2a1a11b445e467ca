#!/usr/bin/python3
"""flows.csv against tcptrace: of TCP in each direction packets, packets with SYN, FIN, RST, URG and payload, its bytes,
and the first and last microsecond; and connection by connection who began, the maximum segment size, the window
scale, the greatest segment, zero windows, segments sent again or out of order, the handshake and the round trips.

usage: tcptrace.py PROGRAM CAPTURE-OR-FOLDER...

tcptrace is no oracle, and nothing is compared of captures with an IP length of 0 or above the frame's, with headers
that are broken or cut, or with layers before IP that it does not read; nor where there are fragments, of which it
takes the first ones only.

It begins another connection too after minutes of silence, or where a SYN follows an RST. Where it counts as many as
there are flows, they are compared one by one, else in sum.

* A window scale is compared where both sides have one, for else tcptrace says 0. It reads the segment size as a number
  of 16 bits with a sign. Windows it gives scaled, and no first one; its "initial window" is what was sent before the
  first ACK.
* It counts every segment with payload, SYN or FIN that begins below what was sent, as our retransmissions and segments
  out of order are together, and keep-alives that bear a byte: its count lies between ours without and with these.
* Handshakes are compared that have one SYN of each side; tcptrace gives tenths of milliseconds.
* It times SYN and FIN too, and all segments that are in flight, where pcapmill times the latest of 64 KiB. So round
  trips are compared where no segment came again: ours are among its, are all of them but for SYN and FIN where all
  data was timed, and where they are as many in a direction without SYN and FIN, so are their least, mean and greatest.
  Its mean is the sum divided by the number and 0.0001. It knows no least round trip of 0.
* Duplicate ACKs, which it counts by another rule, and PSH, counted with payload alone, are not compared.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from conversations import CLOCK, WAYS, Tool, Unread, differ, main, run  # noqa: E402

COLUMNS = {
    "packets": "total_packets", "data_packets": "actual_data_pkts", "payload_bytes": "actual_data_bytes",
    "rst_packets": "resets_sent", "urg_packets": "urgent_data_pkts", "mss_bytes": "mss_requested",
    "window_scale": "adv_wind_scale", "zero_windows": "zero_win_adv", "payload_max_bytes": "max_segm_size",
    "again": "rexmt_data_pkts", "out_of_order": "outoforder_pkts", "handshake": "RTT_from_3WHS",
    "round_trips": "RTT_samples", "round_trip_min": "RTT_min", "round_trip_max": "RTT_max",
    "round_trip_mean": "RTT_avg"}
DIRECTIONS = {"fwd_": "_a2b", "rev_": "_b2a"}
ROUNDED = 0.0501  # ms


def to_address(text):
    """tcptrace writes ::1 as :0001."""
    return ":" + text if text[:1] == ":" != text[1:2] else text


def to_ns(text):
    """The seconds, a point, and the microseconds without zeros before them."""
    seconds, microseconds = text.split(".")
    return int(seconds) * 10**9 + int(microseconds) * 1000


def to_record(cells):
    record = {"proto": "6", "src_port": cells["port_a"], "dst_port": cells["port_b"],
              "src_ip": to_address(cells["host_a"]), "dst_ip": to_address(cells["host_b"]),
              "first_ts_ns": to_ns(cells["first_packet"]), "last_ts_ns": to_ns(cells["last_packet"])}
    for way, direction in DIRECTIONS.items():
        record |= {way + ours: cells[theirs + direction] for ours, theirs in COLUMNS.items()}
        record[way + "syn_packets"], record[way + "fin_packets"] = cells["SYN/FIN_pkts_sent" + direction].split("/")
    return record


def number(record, column):
    return int(record[column])


def milliseconds(record, column):
    return float(record[column]) / 10**6


class Tcptrace(Tool):
    name = "tcptrace"
    programs = ("tcptrace",)
    links = {"eth", "vlan", "llc", "null", "raw", "sll", "ppp", "chdlc"}
    malformed = {"ip_bad", "ip_over_wire", "link_unknown", "tcp_bad", "tcp_cut", "tso_len0"}
    sums = ("packets", "data_packets", "payload_bytes", "syn_packets", "fin_packets", "rst_packets", "urg_packets")

    def read(self, path, folder):
        said, told = run("tcptrace", "-n", "-l", "-r", "--csv", path)
        if "did not understand" in told:
            raise Unread("that tcptrace does not read")
        lines = [[cell.strip() for cell in line.split(",")] for line in said.splitlines() if line[:1] not in ("", "#")]
        return [to_record(dict(zip(lines[0], cells))) for cells in lines[1:]]

    def merge(self, flows, records):
        return super().merge([flow for flow in flows if flow["proto"] == "6"], records)

    def more(self, capture, flows, records):
        if len(flows) != len(records):
            return []
        return [fault for flow, record in zip(flows, records) for fault in self.connection(capture, flow, record)]

    def connection(self, capture, flow, record):
        if flow["history"][:1] != "^":  # else it begins with SYN+ACK
            yield from differ("source", flow["source"], record["source"])
        if all(flow[way + "window_scale"] != "0" for way in WAYS):
            for way in WAYS:
                yield from differ(way + "window_scale", flow[way + "window_scale"], record[way + "window_scale"])
        for way in WAYS:
            yield from self.segments(flow, record, way)
            if not capture.anomalies & CLOCK and not self.again(flow, way) and flow[way + "keep_alives"] == "0":
                yield from self.round_trips(flow, record, way)
        if flow["fwd_syn_packets"] == flow["rev_syn_packets"] == "1":
            yield from self.handshake(flow, record)

    @staticmethod
    def again(flow, way):
        return number(flow, way + "retransmissions") + number(flow, way + "out_of_order")

    def segments(self, flow, record, way):
        mss = number(record, way + "mss_bytes") & 0xffff
        yield from differ(way + "mss_bytes", number(flow, way + "mss_bytes"), mss)
        for column in ("payload_max_bytes", "zero_windows"):
            yield from differ(way + column, flow[way + column], record[way + column])
        ours, theirs = self.again(flow, way), number(record, way + "again") + number(record, way + "out_of_order")
        if not ours <= theirs <= ours + number(flow, way + "keep_alives"):
            yield f"{way}again {ours}, not {theirs}"

    @staticmethod
    def round_trips(flow, record, way):
        ours, theirs = (number(table, way + "round_trips") for table in (flow, record))
        others = number(flow, way + "syn_packets") + number(flow, way + "fin_packets")
        if not ours <= theirs or theirs > ours + others and ours == number(flow, way + "data_packets"):
            yield f"{way}round_trips {ours}, not {theirs} with SYN and FIN"
        if ours == 0:
            return
        least, most = (milliseconds(flow, f"{way}round_trip_{name}_ns") for name in ("min", "max"))
        mean = milliseconds(flow, way + "round_trip_mean_ns") * ours / (ours + 0.0001)
        beyond = {"min": float(record[way + "round_trip_min"]) - least if least else 0,
                  "max": most - float(record[way + "round_trip_max"])}
        if ours == theirs and others == 0:
            beyond = {name: abs(by) for name, by in beyond.items()}
            beyond["mean"] = abs(mean - float(record[way + "round_trip_mean"]))
        for name, by in beyond.items():
            if by > ROUNDED:
                yield f"{way}round_trip_{name} differs by {by} ms"

    @staticmethod
    def handshake(flow, record):
        there = "fwd_" if flow["source"] == flow["ends"][0] else "rev_"
        back = "rev_" if there == "fwd_" else "fwd_"
        for way, column in ((there, "syn_to_syn_ack_ns"), (back, "syn_ack_to_ack_ns")):
            ours, theirs = milliseconds(flow, column), float(record[way + "handshake"])
            if abs(ours - theirs) > ROUNDED:
                yield f"{column} {ours} ms, not {theirs}"


main(Tcptrace())
