#!/usr/bin/python3
"""flows.csv against nfdump: packets, IP bytes and TCP flags of each conversation in both directions, and its first
and last millisecond.

usage: nfdump.py PROGRAM CAPTURE-OR-FOLDER...

nfpcapd turns the capture into records, nfdump lists them. They are one-way, and one may join several connections,
which is why all of a conversation is added up. nfdump is no oracle, and nothing is compared:

* of captures in which nfpcapd finds packets too short for it, and of those with an IP length of 0 (it has no rest of
  the packet then) or with broken IP or TCP headers (it drops some of them);
* of captures with layers before IP that it does not read (of several VLAN tags, 802.1Q alone; no PPP but in PPPoE),
  and of those with tunnels, which it opens or drops;
* of IPv4 conversations with fragments, of which it counts the first ones only.

It takes the first next header of IPv6 for the protocol and then knows no ports: where it names an extension header,
the sums of that pair of addresses are compared. SCTP has no ports in nfdump, and ICMP has none in pcapmill.
"""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from conversations import WAYS, Tool, Unread, address_pair, differ, main, run  # noqa: E402

COLUMNS = {"proto": "pr", "src_ip": "sa", "src_port": "sp", "dst_ip": "da", "dst_port": "dp", "fwd_packets": "pkt",
           "fwd_ip_bytes": "byt", "first": "tsr", "duration": "td", "flags": "flg"}
EXTENSIONS = {"0", "43", "44", "60"}
PAIR = 256  # the protocol of what all extended packets between two addresses are compared as


def to_ns(seconds):
    """Of a text with three decimals."""
    return int(seconds.replace(".", "")) * 10**6


def to_record(line):
    cells = dict(zip(COLUMNS, line.split()))
    flags = sum(1 << bit for bit, letter in enumerate(reversed(cells["flags"])) if letter != ".")
    first = to_ns(cells["first"])
    return cells | {"rev_packets": 0, "rev_ip_bytes": 0, "fwd_tcp_flags": flags, "rev_tcp_flags": 0,
                    "first_ts_ns": first, "last_ts_ns": first + to_ns(cells["duration"])}


def join_pairs(records, pairs):
    return [record | {"proto": PAIR} if address_pair(record) in pairs else record for record in records]


def all_flags(records):
    """The OR of the TCP flags in both directions."""
    flags = [0, 0]
    for record in records:
        flags = [before | int(record[way + "tcp_flags"]) for before, way in zip(flags, WAYS)]
    return flags


class Nfdump(Tool):
    name = "nfdump"
    programs = ("nfpcapd", "nfdump")
    links = {"eth", "vlan", "llc", "mpls", "pppoes", "null", "raw", "sll", "radiotap", "wlan_radio", "wlan"}
    malformed = {"ip_bad", "link_unknown", "tcp_bad", "tso_len0"}
    tunnels = {4, 41, 47, 51, 137}  # IPIP, 6in4, GRE, AH, MPLS
    ports = {6, 17}
    sums = ("packets", "ip_bytes")
    unit_ns = 10**6

    def read(self, path, folder):
        out = os.path.join(folder, "nfdump")
        os.mkdir(out)
        said = "".join(run("nfpcapd", "-B", "65536", "-t", "86400", "-e", "3600,3600", "-r", path, "-w", out))
        if re.search("short caplen: [1-9]", said):
            raise Unread("with packets too short for nfpcapd")
        columns = "fmt:" + " ".join("%" + column for column in COLUMNS.values())
        lines = run("nfdump", "-q", "-N", "-6", "-R", out, "-o", columns)[0].splitlines()
        return [to_record(line) for line in lines if line != "No matching flows"]

    def merge(self, flows, records):
        extended = {address_pair(record) for record in records
                    if ":" in record["src_ip"] and record["proto"] in EXTENSIONS}
        return super().merge(join_pairs(flows, extended), join_pairs(records, extended))

    def passed_over(self, capture, conversation, flows, records):
        return "" if conversation[0] == PAIR else super().passed_over(capture, conversation, flows, records)

    def more(self, capture, flows, records):
        return differ("TCP flags", all_flags(flows), all_flags(records)) if flows[0]["proto"] == "6" else []


main(Nfdump())
