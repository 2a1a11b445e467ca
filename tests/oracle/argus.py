#!/usr/bin/python3
"""flows.csv against argus: packets, bytes and payload of each conversation in both directions, its first and last
microsecond; and where both have it in one record, who began, the TTL, the least and the greatest frame, and the two
times of TCP's handshake.

usage: argus.py PROGRAM CAPTURE-OR-FOLDER...

argus turns the capture into records, ra lists them. argus is no oracle, and nothing is compared:

* of captures with an IP length of 0, which it drops, with headers or fragments that are broken or cut, or with
  layers before IP that it does not read (MPLS it reads behind Ethernet only), and of those with tunnels, some of which
  it opens;
* of conversations with fragments (it takes ports from later ones too), and of IGMP, whose groups it takes for ends.

Of the others it does not always know all:

* Bytes are those behind the link header, but on Ethernet, where they are the whole frame. Sizes of frames are
  compared on Ethernet, up to 65,535 bytes, and not of ICMP, whose records join several kinds.
* Payload is compared of all protocols but ICMP and SCTP: of IPv6 where the frame ends with the packet and has no tags,
  as argus takes the frame's length; of UDP in captures without lengths above IP's, as argus does not look at them; and
  in no capture with packets that say to be longer than their frames.
* An ICMP error is an event of the conversation it is about too: where ICMP passed from or to one of the ends, the last
  time may be later.
* Handshakes are compared that have one SYN of each side, as far as argus has their times. SCTP has no ports.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from conversations import CLOCK, WAYS, Tool, Unread, differ, main, run, totals  # noqa: E402

COLUMNS = {
    "first": "stime", "last": "ltime", "proto": "proto", "src_ip": "saddr", "src_port": "sport", "dst_ip": "daddr",
    "dst_port": "dport", "fwd_packets": "spkts", "rev_packets": "dpkts", "fwd_wire_bytes": "sbytes",
    "rev_wire_bytes": "dbytes", "fwd_payload_bytes": "sappbytes", "rev_payload_bytes": "dappbytes", "fwd_ttl": "sttl",
    "rev_ttl": "dttl", "fwd_wire_min_bytes": "sminsz", "rev_wire_min_bytes": "dminsz", "fwd_wire_max_bytes": "smaxsz",
    "rev_wire_max_bytes": "dmaxsz", "syn_to_syn_ack": "synack", "syn_ack_to_ack": "ackdat"}
LINK_BYTES = {"eth": 0, "raw": 0, "null": 4, "ppp": 4, "chdlc": 4, "sll": 16}  # that argus leaves out
ICMP = ("1", "58")
IGMP = 2
SCTP = "132"


def to_record(line):
    record = dict(zip(COLUMNS, line.split(",")))
    for name, value in record.items():
        if name.endswith(("_port", "_packets", "_bytes", "_ttl")):
            record[name] = int(value or "0", 0)
    return record | {f"{name}_ts_ns": int(record[name].replace(".", "")) * 1000 for name in ("first", "last")}


def may_be_told_of_errors(capture, conversation):
    """Whether there is ICMP to or from one of the ends, and if this is ICMP, then not just between the two."""
    proto, addresses = str(conversation[0]), {str(end[0]) for end in conversation[1:]}
    icmp = [{flow["src_ip"], flow["dst_ip"]} for flow in capture.flows if flow["proto"] in ICMP]
    return any(pair & addresses and (proto not in ICMP or pair != addresses) for pair in icmp)


class Argus(Tool):
    name = "argus"
    programs = ("argus", "ra")
    links = {*LINK_BYTES, "vlan", "llc", "pppoes"}
    malformed = {"fragment_over_64k", "ip6_ext_cut", "ip_bad", "link_unknown", "tcp_bad", "tcp_cut", "tso_len0",
                 "udp_cut"}
    tunnels = {4, 41, 47, 51, 137}  # IPIP, 6in4, GRE, AH, MPLS
    ports = {6, 17}
    sums = ("packets",)
    workers = 8  # argus waits for a second in the end

    def read(self, path, folder):
        out = os.path.join(folder, "argus")
        if "Argus" in run("argus", "-X", "-ARZJ", "-S", "100000000", "-r", path, "-w", out)[1]:
            raise Unread("that argus does not read")
        lines = run("ra", "-X", "-nn", "-u", "-p", "6", "-c", ",", "-L", "-1", "-r", out, "-s", *COLUMNS.values(),
                    "-", "ip or ipv6", statuses=(0, 1))[0].splitlines()  # 1: there are none
        return [to_record(line) for line in lines]

    def passed_over(self, capture, conversation, flows, records):
        return "of IGMP" if conversation[0] == IGMP else super().passed_over(capture, conversation, flows, records)

    def time_faults(self, capture, conversation, ours, theirs):
        later = ours[0] == theirs[0] and ours[1] < theirs[1]
        if later and may_be_told_of_errors(capture, conversation):
            return []
        return super().time_faults(capture, conversation, ours, theirs)

    def more(self, capture, flows, records):
        wrong = differ("bytes", self.bytes_behind_link(capture, flows), totals(records, "wire_bytes"))
        if self.has_payload(capture, flows):
            wrong += differ("payload", totals(flows, "payload_bytes"), totals(records, "payload_bytes"))
        low, high = flows[0]["ends"]
        if len(flows) == len(records) == 1 and low != high:
            wrong += self.one_to_one(capture, flows[0], records[0])
        return wrong

    @staticmethod
    def bytes_behind_link(capture, flows):
        link = LINK_BYTES[next(stack[0] for stack in capture.stacks if stack[0] in LINK_BYTES)]
        return [n - link * packets for n, packets in zip(totals(flows, "wire_bytes"), totals(flows, "packets"))]

    @staticmethod
    def has_payload(capture, flows):
        """Whether argus knows the payload."""
        proto, version = flows[0]["proto"], flows[0]["ip_version"]
        if proto == "17" and "udp_over_ip" in capture.anomalies or "ip_over_wire" in capture.anomalies:
            return False
        packets, wire, ip = (sum(totals(flows, name)) for name in ("packets", "wire_bytes", "ip_bytes"))
        return proto not in (*ICMP, SCTP) and (version == "4" or wire == ip + 14 * packets)

    def one_to_one(self, capture, flow, record):
        wrong = differ("source", flow["source"], record["source"])
        for way in WAYS:
            if flow[way + "packets"] != "0":
                wrong += self.one_way(capture, flow, record, way)
        if flow["fwd_syn_packets"] == flow["rev_syn_packets"] == "1" and not capture.anomalies & CLOCK:
            for name in ("syn_to_syn_ack", "syn_ack_to_ack"):
                ours, theirs = int(flow[name + "_ns"]), round(float(record[name]) * 10**9)
                if theirs and abs(ours - theirs) >= 1000:  # of times that are cut to microseconds
                    wrong += differ(name, ours, theirs)
        return wrong

    @staticmethod
    def one_way(capture, flow, record, way):
        wrong = []
        least, most, theirs = int(flow[way + "ttl_min"]), int(flow[way + "ttl_max"]), record[way + "ttl"]
        if not least <= theirs <= most:
            wrong.append(f"{way}ttl {least} to {most}, not {theirs}")
        if capture.stacks[0][0] == "eth" and flow["proto"] not in ICMP and int(flow[way + "wire_max_bytes"]) < 2**16:
            for name in ("wire_min_bytes", "wire_max_bytes"):
                wrong += differ(way + name, int(flow[way + name]), record[way + name])
        return wrong


main(Argus())
