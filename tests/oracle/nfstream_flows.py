#!/usr/bin/env python3
"""Flows against NFStream's: which packets are in each, their lengths, the times between them, and TCP's flags.

usage: nfstream_flows.py PROGRAM CAPTURE-OR-FOLDER...

NFStream's meter runs in this process, with its statistics and the same idle timeout; its engine is listened to, so
that it is known which packets it read and which flow each went to. Two things are changed in it: it is handed times
in nanoseconds where it keeps milliseconds (the ones that it read must be the same time in milliseconds), and where
libpcap fails it stops, for it would try forever.

A flow of ours and one of NFStream's must hold the same packets. Then equal must be: the ends and the protocol; the
first and the last time; of each direction packets, bytes, and packets with SYN, FIN, RST, PSH, URG, ECE and CWR; of
each direction and of both least, greatest, mean and deviation of frame lengths and of times between packets. All are
compared as they are but for the deviation: NFStream's is the sample's, ours the population's.

NFStream is no oracle, and flows are passed over, of

  unread files      libpcap stops: pcapng with interfaces of several types or snap lengths, files cut short or packed.
  fragments         NFStream drops all but the first one; so they are filtered out here. Left are some behind tags.
  IP in IP          it names the flow by the inner header, even when it is asked not to look into tunnels.
  protocols         it reads no ports of SCTP, drops IPv6 without a next header, and skips the mobility header.
  IP length 0       (TSO, jumbograms) it takes it as it is: the packet is dropped, or loses its ports.
  port reuse        it does not know that a new connection ends a flow.
  several VLANs     the innermost VLAN is part of its key.
  not IP            it goes by the first four bits behind the link header, and takes other protocols for IP.
  unread links      it drops packets of link types and tags that it does not know (those not in LINK_TYPES and LINKS
                    below), or where it looks for IP in the wrong place (PPP but for PPPoE, IEEE 802.11).
  cut packets       it drops what is cut short or is shorter than its IP length; of TCP and UDP headers that are cut
                    it reads what lies behind them in memory.
  steps back        it sets a time before the latest one of the capture to that, which can cut flows elsewhere. Where
                    it does not, all but the times are compared.

Which of these a packet falls under is told by pcapmill's own tables; that those are right is for tshark.py to test.
NFStream's lengths have 16 bits: of flows with longer frames all but the lengths are compared. Captures that differ
for a reason of their own stand in nfstream_exceptions.txt.
"""
import csv
import ipaddress
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from types import SimpleNamespace

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from captures import Tally, captures  # noqa: E402

try:
    from nfstream import meter
    from nfstream.utils import NFEvent, NFMode
except ImportError:
    print("skipped: no nfstream (tools/test installs it where a package index can be reached)")
    sys.exit(77)

FOREVER = 2**63
IDLE_NS = 120 * 10**9 + 1  # ours: longer than 120 s; NFStream's: at least this
SIGNED_SECONDS_NS = 2**31 * 10**9  # libpcap's are signed
SECONDS_A_CAPTURE = 60
LINK_TYPES = {0, 1, 12, 101, 104, 113, 228, 229}
LINKS = {"eth", "llc", "vlan", "mpls", "pppoes", "ppp", "sll", "null", "raw", "chdlc"}
NO_LATER_FRAGMENTS = "not (ip[6:2] & 0x1fff != 0 or (ip6[6] = 44 and ip6[42:2] & 0xfff8 != 0))"
FLAGS = ["syn", "fin", "rst", "psh", "urg", "ece", "cwr"]
FFI, LIBRARY = meter.create_engine()


# ---- NFStream ---------------------------------------------------------------------------------

class Listener:
    """NFStream's engine, handed on but for the times; it notes what is done with each packet."""

    def __init__(self, capture):
        self.capture = capture
        self.number = 0  # of the packet read last
        self.stopped = False  # by an error of libpcap's
        self.latest = 0  # time, in ns
        self.moved = set()  # packets whose time NFStream changes
        self.vlans = {}  # packet -> the VLAN in its key
        self.members = {}  # address of a flow -> its packets
        self.ended = []  # the packets of each flow, in the order in which flows end
        self.wrong = []

    def __getattr__(self, name):
        return getattr(LIBRARY, name)

    def capture_next(self, handle, packet, *settings):
        found = LIBRARY.capture_next(handle, packet, *settings)
        if found == -1:
            self.stopped = True
            return -2  # the end
        self.number += found >= 0
        if found > 0:
            self.hear(packet)
        return found

    def hear(self, packet):
        ours = self.capture.packets.get(self.number)
        if ours is None:
            self.wrong.append(f"NFStream knows a packet {self.number}")
            return
        ns = int(ours["ts_ns"])
        readable = ns < SIGNED_SECONDS_NS and "ts_fraction" not in self.capture.anomalies
        if readable and packet.time != ns // 10**6:
            self.wrong.append(f"packet {self.number}: {ns} ns, not {packet.time} ms")
        if ns < self.latest:
            self.moved.add(self.number)
        self.latest = max(self.latest, ns)
        packet.time = max(0, ns)
        self.vlans[self.number] = packet.vlan_id

    @staticmethod
    def address(flow):
        return int(FFI.cast("uintptr_t", flow))

    def meter_initialize_flow(self, packet, *settings):
        flow = LIBRARY.meter_initialize_flow(packet, *settings)
        self.members[self.address(flow)] = [self.number]
        return flow

    def meter_update_flow(self, flow, packet, *settings):
        expired = LIBRARY.meter_update_flow(flow, packet, *settings)
        if not expired:
            self.members[self.address(flow)].append(self.number)
        return expired

    def meter_free_flow(self, flow, *settings):
        self.ended.append(self.members.pop(self.address(flow)))
        LIBRARY.meter_free_flow(flow, *settings)


class Channel(list):
    put = list.append


def measure(path, listener):
    """NFStream's flows, in the order of `listener.ended`."""
    channel, counter = Channel(), SimpleNamespace(value=0)
    meter.create_engine = lambda: (FFI, listener)
    meter.set_affinity = lambda cpu: None
    signal.alarm(SECONDS_A_CAPTURE)
    try:
        meter.meter_workflow(
            path, snaplen=1536, decode_tunnels=False, bpf_filter=None, promisc=True, n_roots=1, root_idx=0,
            mode=NFMode.SINGLE_FILE, idle_timeout=IDLE_NS, active_timeout=FOREVER, accounting_mode=0, udps=(),
            n_dissections=0, statistics=True, splt=0, channel=channel, tracker=[counter] * 3,
            lock=SimpleNamespace(release=lambda: None), group_id=0, system_visibility_mode=0, socket_buffer_size=0)
    finally:
        signal.alarm(0)
    listener.stopped |= any(item is not None and item.id == NFEvent.ERROR for item in channel)
    return [item for item in channel if item is not None and item.id == NFEvent.FLOW]


def give_up(_signal, _frame):
    raise TimeoutError("NFStream does not end")


# ---- pcapmill ---------------------------------------------------------------------------------

def read_table(folder, name, key):
    with open(os.path.join(folder, name + ".csv"), encoding="ascii") as file:
        return {row[key]: row for row in csv.DictReader(file)}


def read_capture(program, path, *options):
    """What pcapmill has to say of a capture; None: refused."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out")
        run = subprocess.run([program, "analyze", "-q", "-p", "-t", "flows,anomalies,protocols", "--columns", "all",
                              "--render", "none", "--damaged-ok", "--force", "-o", out, *options, path],
                             stderr=subprocess.DEVNULL, timeout=SECONDS_A_CAPTURE)
        if run.returncode != 0:
            return None
        with open(os.path.join(out, "summary.json"), encoding="utf-8") as file:
            link_type = json.load(file)["inputs"][0]["link_type"]
        packets = read_table(out, "packets", "packet")
        return SimpleNamespace(packets={int(number): packet for number, packet in packets.items()},
                               flows=read_table(out, "flows", "flow_id"),
                               anomalies=set(read_table(out, "anomalies", "anomaly")),
                               odd_links=link_type not in LINK_TYPES or
                               any(map(has_odd_links, read_table(out, "protocols", "path"))))


def has_odd_links(path):
    """Whether there are layers before the first IP header behind which NFStream may not find it."""
    links = path.replace(":ipv6", ":ip").split(":ip")[0].split(":")
    return not LINKS.issuperset(links)


# ---- which flows are compared -----------------------------------------------------------------

def any_is(group, field, values):
    return any(packet[field] in values for packet in group.packets)


def has_later_fragments(packets):
    return any(packet["fragment_offset"] != "0" for packet in packets)


def is_cut(group):
    return any(packet["cap_len"] != packet["wire_length"] for packet in group.packets)


def may_be_short(group):
    """Shorter than its IP length says, or once cut by libpcap."""
    return bool(group.anomalies & {"ip_over_wire", "over_snaplen"})


# Where NFStream reads packets in another way.
READ_OTHERWISE = [
    ("IP in IP", lambda group: any_is(group, "proto", {"4", "41"})),
    ("protocols", lambda group: any_is(group, "proto", {"132", "59", "135"})),
    ("IP length 0", lambda group: "tso_len0" in group.anomalies),
    ("cut packets", lambda group: is_cut(group) and group.anomalies & {"tcp_cut", "udp_cut"}),
]

# Why packets may belong together in another way.
PARTED_OTHERWISE = [
    ("fragments", lambda group: has_later_fragments(group.packets)),
    ("port reuse", lambda group: any(row["end_reason"] == "reuse" for row in group.ours)),
    ("several VLANs", lambda group: len(group.vlans) > 1),
    ("unread links", lambda group: group.dropped and group.odd_links),
    ("cut packets", lambda group: group.dropped and (is_cut(group) or may_be_short(group))),
    ("steps back", lambda group: group.moved and group.ours),
    ("not IP", lambda group: any_is(group, "ip_version", {"0"})),
]


def find_groups(packets, theirs):
    """Lists of packet numbers: those that a flow of ours or of theirs holds together."""
    leaders, flow_of = {}, {}

    def leader(flow):
        while leaders.setdefault(flow, flow) != flow:
            flow = leaders[flow]
        return flow

    for number, packet in packets.items():
        flows = [("ours", packet["flow_id"])] if packet["flow_id"] != "0" else []
        flows += [("theirs", theirs[number])] if number in theirs else []
        if flows:
            flow_of[number] = flows[0]
            leaders[leader(flows[0])] = leader(flows[-1])
    groups = defaultdict(list)
    for number, flow in flow_of.items():
        groups[leader(flow)].append(number)
    return groups.values()


def describe(numbers, capture, listener, theirs):
    """All that the rules and the comparison ask of a group."""
    packets = [capture.packets[number] for number in numbers]
    ours = {packet["flow_id"] for packet in packets}
    their = {theirs.get(number) for number in numbers}
    return SimpleNamespace(numbers=numbers, packets=packets, dropped=None in their,
                           ours=[capture.flows[flow] for flow in ours - {"0"}], theirs=list(their - {None}),
                           same=len(ours) == len(their) == 1 and "0" not in ours and None not in their,
                           moved=not listener.moved.isdisjoint(numbers),
                           vlans={listener.vlans[number] for number in numbers if number in listener.vlans},
                           anomalies=capture.anomalies, odd_links=capture.odd_links)


def passed_over(group):
    """Why NFStream is no oracle here, or nothing."""
    rules = READ_OTHERWISE if group.same else READ_OTHERWISE + PARTED_OTHERWISE
    return next((name for name, applies in rules if applies(group)), None)


# ---- the comparison ---------------------------------------------------------------------------

def sides(row, flow):
    """Our prefix of a column -> NFStream's, for each direction; None: the ends are others."""
    def ends(*cells):
        return [(ipaddress.ip_address(address), int(port)) for address, port in cells]

    ours = ends((row["src_ip"], row["src_port"]), (row["dst_ip"], row["dst_port"]))
    theirs = ends((flow.src_ip, flow.src_port), (flow.dst_ip, flow.dst_port))
    if flow.protocol != int(row["proto"]) or sorted(ours) != sorted(theirs):
        return None
    return dict(zip(("fwd_", "rev_"), ("src2dst_", "dst2src_") if ours == theirs else ("dst2src_", "src2dst_")))


def population(sample_deviation, n):
    return sample_deviation * math.sqrt((n - 1) / n) if n > 1 else sample_deviation


def near(ours, theirs):
    return abs(ours - theirs) <= 1e-6 + 1e-9 * abs(theirs)


def count_faults(row, flow, ours, theirs):
    """Of the packets of one direction, whatever their lengths and times are."""
    pairs = {"packets": "packets"} | {f"{flag}_packets": f"{flag}_packets" for flag in FLAGS}
    for column, name in pairs.items():
        if int(row[ours + column]) != getattr(flow, theirs + name):
            yield f"{ours}{column} {row[ours + column]}, not {getattr(flow, theirs + name)}"


def moment_faults(row, flow, column, name, n):
    """`column`, `name`: what the statistics are called here and there, with {} for which one; `n`: of how many."""
    for statistic in ("min", "max", "mean", "stddev"):
        cell, value = row[column.format(statistic)], getattr(flow, name.format(statistic))
        value = population(value, n) if statistic == "stddev" else value
        if not (near(float(cell), value) if statistic in ("mean", "stddev") else int(cell) == value):
            yield f"{column.format(statistic)} {cell}, not {value} of {n}"


def length_faults(row, flow, directions):
    for ours, theirs in directions.items():
        if int(row[ours + "wire_bytes"]) != getattr(flow, theirs + "bytes"):
            yield f"{ours}wire_bytes {row[ours + 'wire_bytes']}, not {getattr(flow, theirs + 'bytes')}"
    for ours, theirs in ({"": "bidirectional_"} | directions).items():
        n = getattr(flow, theirs + "packets")
        yield from moment_faults(row, flow, ours + "wire_{}_bytes", theirs + "{}_ps", n)


def time_faults(row, flow, directions):
    for column, name in (("first_ts_ns", "bidirectional_first_seen_ms"), ("last_ts_ns", "bidirectional_last_seen_ms")):
        if int(row[column]) != getattr(flow, name):
            yield f"{column} {row[column]}, not {getattr(flow, name)}"
    for ours, theirs in ({"": "bidirectional_"} | directions).items():
        n = getattr(flow, theirs + "packets") - 1
        yield from moment_faults(row, flow, ours + "gap_{}_ns", theirs + "{}_piat_ms", n)


def faults(group, flow, seen):
    row = group.ours[0]
    directions = sides(row, flow)
    if directions is None:
        yield f"is {flow.protocol} {flow.src_ip} {flow.src_port} {flow.dst_ip} {flow.dst_port}"
        return
    for ours, theirs in directions.items():
        yield from count_faults(row, flow, ours, theirs)
    if any(int(packet["wire_length"]) > 65535 for packet in group.packets):
        seen["without lengths"] += 1
    else:
        yield from length_faults(row, flow, directions)
    if group.moved:
        seen["without times"] += 1
    else:
        yield from time_faults(row, flow, directions)


def compare_groups(capture, listener, flows, seen):
    theirs = {number: flow for flow, numbers in enumerate(listener.ended) for number in numbers}
    for numbers in find_groups(capture.packets, theirs):
        group = describe(numbers, capture, listener, theirs)
        reason = passed_over(group)
        if reason:
            seen[reason] += max(1, len(group.ours))
        elif not group.same:
            yield f"packets {numbers[:5]} are {len(group.ours)} flows, not {len(group.theirs)}"
        else:
            seen["compared"] += 1
            for fault in faults(group, flows[group.theirs[0]], seen):
                yield f"flow {group.ours[0]['flow_id']}: {fault}"


def compare(task):
    program, path = task
    seen = Counter()
    capture = read_capture(program, path)
    if capture is None:
        return None, seen
    if has_later_fragments(capture.packets.values()):
        capture = read_capture(program, path, "-f", NO_LATER_FRAGMENTS) or capture
    listener = Listener(capture)
    try:
        flows = measure(path, listener)
    except TimeoutError as error:
        return [str(error)], seen
    if listener.stopped:
        seen["unread files"] += len(capture.flows)
        return None, seen
    wrong = listener.wrong + list(compare_groups(capture, listener, flows, seen))
    return (wrong[:3] if wrong or seen["compared"] else None), seen


def main():
    program, *paths = sys.argv[1:]
    tally = Tally(os.path.join(os.path.dirname(os.path.abspath(__file__)), "nfstream_exceptions.txt"))
    seen = Counter()
    paths = list(captures(paths))
    workers = len(os.sched_getaffinity(0))
    with ProcessPoolExecutor(workers, initializer=signal.signal, initargs=(signal.SIGALRM, give_up)) as pool:
        tasks = [(program, path) for path in paths]
        for path, (wrong, found) in zip(paths, pool.map(compare, tasks, chunksize=8)):
            tally.add(path, wrong)
            seen += found
    compared, lengths, times = seen.pop("compared", 0), seen.pop("without lengths", 0), seen.pop("without times", 0)
    rules = ", ".join(f"{name} {n}" for name, n in seen.most_common()) or "none"
    tally.close(f" ({compared} flows compared, {lengths} of them without lengths, {times} without times; "
                f"{seen.total()} passed over: {rules})")


main()
