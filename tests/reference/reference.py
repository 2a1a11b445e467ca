#!/usr/bin/env python3
"""The tables of pcapmill, computed serially and plainly: what the program is held against.

usage: reference.py [--idle-timeout SECONDS] [--inner] [--dedup N] CAPTURE OUT

Writes OUT/TABLE.csv for every table, packets included. It shares no code with the program and knows
no threads, runs, batches or hash tables; where it and the program differ, read the manual
(pcapmill-tables(5)).
"""
import argparse
import bz2
import lzma
import os
import struct
import sys
import zlib
from collections import defaultdict
from fractions import Fraction
from math import isqrt, log10

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from decode import PORTS, WORDS, Packet, decode  # noqa: E402
from tcp import follow  # noqa: E402

SECOND = 10**9
MOST = 2**63 - 1  # the largest number that a cell holds
FILL_BINS, FILL_FACTOR, FRAGMENT_LIFE = 100000, 10, 30 * SECOND


# ---- compression --------------------------------------------------------------------------------

UNPACKERS = {b"\x1f\x8b": lambda: zlib.decompressobj(31), b"BZh": bz2.BZ2Decompressor,
             b"\xfd7zXZ": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ)}


def unpack(data):
    """The bytes of a capture, unpacked as far as they can be; members one behind the other."""
    plain = []
    for magic, unpacker in UNPACKERS.items():
        while data.startswith(magic):
            member = unpacker()
            try:
                for at in range(len(data)):  # by bytes: a failure loses what its call unpacked
                    plain.append(member.decompress(data[at:at + 1]))
                    if member.eof:
                        break
            except (zlib.error, OSError, lzma.LZMAError):
                return b"".join(plain)
            if not member.eof:
                return b"".join(plain)
            data = data[at + 1:]
    return b"".join(plain) if plain else data


# ---- records ------------------------------------------------------------------------------------

MAGICS = {0xA1B2C3D4: (1000, 24, 16), 0xA1B23C4D: (1, 24, 16), 0xA1B2CD34: (1000, 24, 24),
          0x1C0001AB: (1000, 28, 16), 0x1C0001AC: (1, 28, 16)}


def read_header(data):
    for order in "<>":
        if len(data) >= 4 and struct.unpack(order + "I", data[:4])[0] in MAGICS:
            unit, size, record = MAGICS[struct.unpack(order + "I", data[:4])[0]]
            if len(data) < size:
                break
            major, minor, _, _, snap, link = struct.unpack(order + "HHiIII", data[4:24])
            known = (major, minor) == (543, 0) or (major == 2 and minor <= 4)
            if not known or link >> 16 & 0x3FF:
                break
            fcs = (link >> 28) * 2 if link & 1 << 26 else 0
            swap = "always" if major == 543 or minor < 3 else "larger" if minor == 3 else "never"
            return order, unit, size, record, snap, link & 0xFFFF, fcs, swap
    sys.exit("reference.py: not a pcap file")


def records(data):
    """Yield (ts, cap_len, orig_len, bytes, odd names, link type, FCS bytes) until the records end or are
    damaged; ts is None where there is no time."""
    if data[:4] == b"\x0a\x0d\x0d\x0a":
        yield from pcapng_records(data)
        return
    order, unit, at, size, snap, link, fcs, swap = read_header(data)
    most = max(262144, min(snap, 128 << 20))
    while at + size <= len(data):
        sec, frac, cap, orig = struct.unpack(order + "IIII", data[at:at + 16])
        if swap == "always" or (swap == "larger" and cap > orig):
            cap, orig = orig, cap
        if cap > most or at + size + cap > len(data):
            return
        if cap == 0:
            if data[at:at + 8] == data[:8]:
                return
            if data[at:at + 2 * size] == bytes(2 * size):
                return
        odd = []
        if frac >= SECOND // unit:
            odd.append("ts_fraction")
        if cap > orig:
            odd.append("cap_over_orig")
        if snap and cap > snap:
            odd.append("over_snaplen")
        if cap == 0:
            odd.append("empty")
        yield sec * SECOND + frac * unit, cap, orig, data[at + size:at + size + cap], odd, link, fcs
        at += size + cap


def options(body, order, believe=False):
    """The options of a block as {code: value}; None: one of them overruns the block. `believe`: then those
    before it."""
    found, at = {}, 0
    while at + 4 <= len(body):
        code, length = struct.unpack(order + "HH", body[at:at + 4])
        if code == 0:
            break
        if at + 4 + length > len(body):
            return found if believe else None
        found[code] = body[at + 4:at + 4 + length]
        at += 4 + (length + 3) // 4 * 4
    return found


class Interface:
    def __init__(self, body, order):
        self.link, _, self.snap = struct.unpack(order + "HHI", body[:8])
        self.options = options(body[8:], order)
        given = self.options or {}
        resolution = given.get(9, b"")
        code = resolution[0] if len(resolution) == 1 else 6
        self.unit = Fraction(1, 2**(code & 127) if code & 128 else 10**(code & 127))
        self.known = code & 127 <= (63 if code & 128 else 19)
        offset = given.get(14, b"")
        self.offset = struct.unpack(order + "q", offset)[0] if len(offset) == 8 else 0
        fcs = given.get(13, b"")
        self.fcs = 0 if len(fcs) != 1 else fcs[0] if fcs[0] < 8 else fcs[0] // 8
        lengths = {9: 1, 13: 1, 14: 8}
        self.odd = any(len(given[code]) != n for code, n in lengths.items() if code in given)

    def time(self, units):
        ns = int(units * self.unit * SECOND // 1) + self.offset * SECOND
        return ns if self.known and -2**63 <= ns < 2**63 else None


def pcapng_records(data):
    at, order, readable, interfaces = 0, "<", True, []
    if len(data) < 28 or data[8:12] not in (b"\x1a\x2b\x3c\x4d", b"\x4d\x3c\x2b\x1a"):
        sys.exit("reference.py: not a pcapng file")
    while at + 12 <= len(data):
        kind = struct.unpack(order + "I", data[at:at + 4])[0]
        if kind == 0x0A0D0D0A:
            if data[at + 8:at + 12] not in (b"\x1a\x2b\x3c\x4d", b"\x4d\x3c\x2b\x1a"):
                return
            order = ">" if data[at + 8] == 0x1A else "<"
        length = struct.unpack(order + "I", data[at + 4:at + 8])[0]
        if length < 12 or length > (128 << 20) + (128 << 10) or length % 4 or at + length > len(data):
            return
        if struct.unpack(order + "I", data[at + length - 4:at + length])[0] != length:
            return
        body, here = data[at + 8:at + length - 4], at
        at += length
        if kind == 0x0A0D0D0A:
            if length < 28:
                return
            interfaces, readable = [], struct.unpack(order + "H", body[4:6])[0] == 1
            if here == 0 and not readable:
                sys.exit("reference.py: not a pcapng file of version 1")
        elif not readable:
            continue
        elif kind == 1:
            if len(body) < 8 or Interface(body, order).options is None:
                return
            if len(interfaces) < 65536:
                interfaces.append(Interface(body, order))
        elif kind in (2, 3, 6):
            if len(body) < (4 if kind == 3 else 20):
                return
            record = read_packet_block(kind, body, order, interfaces)
            if record == "damaged":
                return
            if record:
                yield record


def read_packet_block(kind, body, order, interfaces):
    if kind == 3:
        number, units, orig, frame = 0, None, struct.unpack(order + "I", body[:4])[0], body[4:]
        cap = min(orig, len(frame))
    else:
        high, low, cap, orig = struct.unpack(order + "IIII", body[4:20])
        number = struct.unpack(order + ("H" if kind == 2 else "I"), body[:2 if kind == 2 else 4])[0]
        units, frame = high << 32 | low, body[20:]
        if cap > len(frame):
            return "damaged"
    if number >= len(interfaces):
        return None
    interface = interfaces[number]
    if kind == 3 and interface.snap:
        cap = min(cap, interface.snap)
    fcs = interface.fcs
    if kind != 3:
        flags = options(frame[(cap + 3) // 4 * 4:], order, True).get(2, b"")
        fcs = len(flags) == 4 and struct.unpack(order + "I", flags)[0] >> 5 & 15 or fcs
    odd = ["cap_over_orig"] * (cap > orig) + ["over_snaplen"] * (0 < interface.snap < cap)
    odd += ["empty"] * (cap == 0) + ["interface_option"] * interface.odd
    ts = interface.time(units) if kind != 3 else None
    odd += ["no_timestamp"] if kind == 3 else ["ts_range"] if ts is None else []
    return ts, cap, orig, frame[:cap], odd, interface.link, fcs


# ---- flows --------------------------------------------------------------------------------------

class Flow:
    def __init__(self, number, p, ends):
        self.id, self.first_packet, self.src, self.dst = number, p.number, *ends
        self.version, self.proto = p.version, p.proto
        self.counts = {True: [0] * 5, False: [0] * 5}  # packets, wire, ip, payload, flags
        self.first_number = {}                         # sender -> sequence number it began with
        self.syn_seen = set()
        self.first = self.last = self.before = p.ts    # None: no packet bears a time
        self.cut, self.part, self.continues = None, 1, 0
        self.packets = []                              # (packet, forward)


def is_syn(p):
    return p.tcp and p.flags & 0x12 == 0x02


def since(earlier, later):
    """The time between two moments; 0 where one of them is not known."""
    return 0 if earlier is None or later is None else later - earlier


def least(a, b):
    return min((t for t in (a, b) if t is not None), default=None)


def greatest(a, b):
    return max((t for t in (a, b) if t is not None), default=None)


def build_flows(packets, idle):
    flows, current, fragments = [], {}, {}
    for p in packets:
        if not p.version:
            continue
        sport, dport = p.sport, p.dport
        if p.word in PORTS and (p.more or p.offset):
            key = (p.version, p.src, p.dst, p.proto, p.ident)
            if p.more:
                fragments[key] = (p.ts, sport, dport)
            elif key in fragments and since(fragments[key][0], p.ts) <= FRAGMENT_LIFE:
                _, sport, dport = fragments[key]
        sender, receiver = (p.src, sport), (p.dst, dport)
        tunnel = p.tunnel if p.inner and p.tunnel_both_ways else 0
        key = (p.version, p.proto, tunnel, *sorted((sender, receiver)))
        flow = current.get(key)
        silence = flow and idle and since(flow.before, p.ts) > idle
        new = (flow and is_syn(p) and sender in flow.first_number
               and flow.first_number[sender] != p.seq)
        if flow is None or silence or new:
            ends = sender, receiver
            if silence and not new:
                ends = flow.src, flow.dst
            elif p.tcp and p.flags & 0x12 == 0x12:
                ends = receiver, sender
            before, flow = flow, Flow(len(flows) + 1, p, ends)
            if before:
                before.cut = "reuse" if new else "idle"
                if not new:
                    flow.part, flow.continues = before.part + 1, before.id
            current[key] = flow
            flows.append(flow)
        p.flow_id = flow.id
        add_packet(flow, p, sender)
    return flows


def add_packet(flow, p, sender):
    flow.packets.append((p, sender == flow.src))
    counts = flow.counts[sender == flow.src]
    for i, value in enumerate((1, p.wire, p.ip_length, p.payload)):
        counts[i] += value
    counts[4] |= p.flags
    flow.first, flow.last = least(flow.first, p.ts), greatest(flow.last, p.ts)
    flow.before = flow.before if p.ts is None else p.ts
    if not p.tcp:
        return
    if p.flags & 2 and sender not in flow.syn_seen:
        flow.syn_seen.add(sender)
        flow.first_number[sender] = p.seq
    elif sender not in flow.first_number:
        flow.first_number[sender] = (p.seq - 1) % 2**32


# ---- tables -------------------------------------------------------------------------------------

def rounded(value, places):
    """A Fraction as decimal text, half away from zero."""
    scaled = abs(value) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    text = f"{whole // 10**places}.{whole % 10**places:0{places}d}"
    return "-" + text if value < 0 and whole else text


def seconds(ns):
    return rounded(Fraction(ns, SECOND), 9)


def rates(packets, width):
    yield "bin_start_ns,time_s,protocol,packets,wire_bytes,ip_bytes,mbps"
    timed = [p for p in packets if p.ts is not None]
    if not timed:
        return
    origin, words = timed[0].ts, sorted({p.word for p in packets})
    cells = defaultdict(lambda: [0, 0, 0])
    for p in timed:
        cell = cells[(p.ts - origin) // width, p.word]
        for i, value in enumerate((1, p.wire, p.ip_length)):
            cell[i] += value
    bins = sorted({number for number, _ in cells})
    span = bins[-1] - bins[0] + 1
    if not (span > FILL_BINS and span > FILL_FACTOR * len(bins)):
        bins = range(bins[0], bins[-1] + 1)
    for number in bins:
        for word in words:
            n, wire, length = cells.get((number, word), (0, 0, 0))
            yield (f"{origin + number * width},{seconds(number * width)},{word},{n},{wire},"
                   f"{length},{rounded(Fraction(length * 8000, width), 6)}")


TCP_FLAGS = {"syn": 2, "fin": 1, "rst": 4, "psh": 8, "urg": 32, "ece": 64, "cwr": 128}
QUALITY = ["retransmissions", "retransmitted_bytes", "out_of_order", "duplicate_acks", "zero_windows", "keep_alives",
           "round_trips", "round_trip_min_ns", "round_trip_mean_ns", "round_trip_max_ns"]
FOUR = ("min", "max", "mean", "stddev")
MOMENTS = [f"{side}{what}_{{}}_{unit}" for what, unit in (("wire", "bytes"), ("payload", "bytes"), ("gap", "ns"))
           for side in ("fwd_", "rev_", "")]


def flows_table(flows):
    both = [*(flag + "_packets" for flag in TCP_FLAGS), "init_window", "window_scale", "mss_bytes"]
    yield ("flow_id,first_packet,first_ts_ns,last_ts_ns,duration_s,ip_version,proto,protocol,src_ip,"
           "src_port,dst_ip,dst_port,fwd_packets,rev_packets,fwd_wire_bytes,rev_wire_bytes,"
           "fwd_ip_bytes,rev_ip_bytes,fwd_payload_bytes,rev_payload_bytes,fwd_tcp_flags,"
           "rev_tcp_flags,end_reason,segment,continues,vlan_id,tunnel_id,fragments,conn_state,history,"
           + ",".join(f"fwd_{name},rev_{name}" for name in both + QUALITY) + ",syn_to_syn_ack_ns,syn_ack_to_ack_ns,"
           + ",".join(f"fwd_{name},rev_{name}" for name in ("ttl_min", "ttl_max", "dscp")) + ","
           + ",".join(name.format(what) for name in MOMENTS for what in FOUR) + ","
           + ",".join(f"fwd_{name},rev_{name}" for name in ("data_packets", "header_bytes")) + ",subflows,"
           + ",".join(f"{name}_periods," + ",".join(f"{name}_{what}_ns" for what in FOUR) for name in ("active", "idle"))
           + "," + ",".join(f"fwd_{name},rev_{name}" for name in ("bulks", "bulk_packets", "bulk_bytes", "bulk_ns")))
    for f in flows:
        pairs = ",".join(f"{a},{b}" for a, b in zip(f.counts[True], f.counts[False]))
        first = f.packets[0][0]
        fragments = sum(bool(p.more or p.offset) for p, _ in f.packets)
        yield (f"{f.id},{f.first_packet},{f.first or 0},{f.last or 0},{seconds(since(f.first, f.last))},{f.version},"
               f"{f.proto},{WORDS.get(f.proto, 'OTHER_IP')},{text(f.src[0])},{f.src[1]},"
               f"{text(f.dst[0])},{f.dst[1]},{pairs},{end_reason(f)},{f.part},{f.continues},"
               f"{first.vlan},{first.tunnel},{fragments},{tcp_columns(f)},{size_columns(f)},{burst_columns(f)}")


def end_reason(f):
    if f.cut:
        return f.cut
    flags = f.counts[True][4], f.counts[False][4]
    return "rst" if (flags[0] | flags[1]) & 4 else "fin" if flags[0] & flags[1] & 1 else "end"


def tcp_columns(f):
    sides = [[p for p, forward in f.packets if p.tcp and forward == side] for side in (True, False)]
    followed, state, history = conn(f)
    cells = [state, history] + [sum(bool(p.flags & bit) for p in side) for bit in TCP_FLAGS.values() for side in sides]
    syns = [[p for p in side if p.flags & 2] for side in sides]
    cells += [side[0].window if side else 0 for side in sides]
    cells += [side[0].window_scale if side else 0 for side in syns]
    cells += [side[0].mss if side else 0 for side in syns]
    return ",".join(map(str, cells + quality(followed) + handshake(f)))


def conn(f):
    first, forward = f.packets[0]
    if any(p.tcp for p, _ in f.packets):
        flipped = not forward and not f.continues
        return follow(f.packets, flipped)
    senders = [forward for _, forward in f.packets]
    if f.proto != 17:
        return follow([], False)[0], "OTH", ""
    state = "SF" if len(set(senders)) == 2 else "S0" if senders[0] else "SHR"
    return follow([], False)[0], state, "".join(dict.fromkeys("D" if forward else "d" for forward in senders))


def quality(sides):
    cells = [getattr(side, name) for name in QUALITY[:6] for side in sides]
    cells += [len(side.round_trips) for side in sides]
    cells += [min(min(side.round_trips, default=0), MOST) for side in sides]
    cells += [rounded(Fraction(sum(side.round_trips), len(side.round_trips) or 1), 6) for side in sides]
    return cells + [min(max(side.round_trips, default=0), MOST) for side in sides]


def handshake(f):
    last_syn = syn = answer = ack = None
    for p, forward in f.packets:
        if not p.tcp or p.ts is None or ack is not None:
            continue
        kind = p.flags & 0x16
        if forward and kind == 0x02:
            last_syn = p.ts
        elif forward and kind == 0x10 and answer is not None:
            ack = p.ts
        elif not forward and kind == 0x12:
            syn, answer = last_syn, p.ts
    return [max(0, since(syn, answer)), max(0, since(answer, ack))]


def size_columns(f):
    sides = [[p for p, forward in f.packets if forward == side] for side in (True, False)]
    cells = [choose((p.ttl for p in side), default=0) for choose in (min, max) for side in sides]
    cells += [side[0].dscp if side else 0 for side in sides]
    sides.append([p for p, _ in f.packets])
    for values in ([[p.wire for p in side] for side in sides] + [[p.payload for p in side] for side in sides]
                   + [list(gaps_of(side)) for side in sides]):
        cells += moments_of(values)
    return ",".join(map(str, cells))


IDLE, PAUSE, BULK = 5 * SECOND, SECOND, 4


def bursts(f):
    """The gaps of a flow, how long its active periods last, and of both directions the bulks."""
    timed = [(p, forward) for p, forward in f.packets if p.ts is not None]
    breaks = [b.ts - a.ts for (a, _), (b, _) in zip(timed, timed[1:])]
    periods = [[p.ts for p, _ in timed[:1]]]
    for gap, (p, _) in zip(breaks, timed[1:]):
        if gap > IDLE:
            periods.append([])
        periods[-1].append(p.ts)
    active = [max(0, period[-1] - period[0]) for period in periods if period]
    runs = []
    for p, forward in timed:
        if not p.payload:
            continue
        if not runs or runs[-1][0][1] != forward or p.ts - runs[-1][-1][0].ts > PAUSE:
            runs.append([])
        runs[-1].append((p, forward))
    bulks = [[[p for p, _ in run] for run in runs if run[0][1] == side and len(run) >= BULK] for side in (True, False)]
    return breaks, active, bulks


def subflows(f, breaks):
    return 1 + sum(gap > PAUSE for gap in breaks) if any(p.ts is not None for p, _ in f.packets) else 0


def burst_columns(f):
    sides = [[p for p, forward in f.packets if forward == side] for side in (True, False)]
    breaks, active, bulks = bursts(f)
    idle = [gap for gap in breaks if gap > IDLE]
    cells = [sum(p.payload != 0 for p in side) for side in sides]
    cells += [sum(p.header for p in side) for side in sides]
    cells += [subflows(f, breaks), len(active), *moments_of(active)]
    cells += [len(idle), *moments_of(idle)]
    cells += [len(side) for side in bulks] + [sum(map(len, side)) for side in bulks]
    cells += [sum(p.payload for bulk in side for p in bulk) for side in bulks]
    cells += [min(MOST, sum(max(0, bulk[-1].ts - bulk[0].ts) for bulk in side)) for side in bulks]
    return ",".join(map(str, cells))


# ---- features -----------------------------------------------------------------------------------

def features(flows):
    length, time = ("max", "min", "mean", "std"), ("mean", "std", "max", "min")
    names = ["flow_id", "src_ip", "src_port", "dst_ip", "dst_port", "protocol", "timestamp", "flow_duration",
             "tot_fwd_pkts", "tot_bwd_pkts", "totlen_fwd_pkts", "totlen_bwd_pkts"]
    names += [f"{side}_pkt_len_{what}" for side in ("fwd", "bwd") for what in length]
    names += ["flow_byts_s", "flow_pkts_s"] + [f"flow_iat_{what}" for what in time]
    names += [f"{side}_iat_{what}" for side in ("fwd", "bwd") for what in ("tot", *time)]
    names += [f"{side}_{flag}_flags" for flag in ("psh", "urg") for side in ("fwd", "bwd")]
    names += ["fwd_header_len", "bwd_header_len", "fwd_pkts_s", "bwd_pkts_s"]
    names += [f"pkt_len_{what}" for what in ("min", "max", "mean", "std", "var")]
    names += [f"{flag}_flag_{'count' if flag == 'cwe' else 'cnt'}" for flag in FLAGS_COUNTED]
    names += ["down_up_ratio", "pkt_size_avg", "fwd_seg_size_avg", "bwd_seg_size_avg"]
    names += [f"{side}_{what}_avg" for side in ("fwd", "bwd") for what in ("byts_b", "pkts_b", "blk_rate")]
    names += ["subflow_fwd_pkts", "subflow_fwd_byts", "subflow_bwd_pkts", "subflow_bwd_byts", "init_fwd_win_byts",
              "init_bwd_win_byts", "fwd_act_data_pkts", "fwd_seg_size_min"]
    names += [f"{name}_{what}" for name in ("active", "idle") for what in time]
    names += [f"{side}wire_{what}_bytes" for side in ("fwd_", "bwd_", "") for what in length]
    names += ["fwd_wire_bytes", "bwd_wire_bytes"]
    names += [f"{side}_{flag}_packets" for flag in FLAGS_OF_SIDES for side in ("fwd", "bwd")]
    yield ",".join(names)
    for f in flows:
        yield ",".join(map(str, features_of(f)))


FLAGS_COUNTED = {"fin": 1, "syn": 2, "rst": 4, "psh": 8, "ack": 16, "urg": 32, "cwe": 128, "ece": 64}


FLAGS_OF_SIDES = {"syn": 2, "cwr": 128, "ece": 64, "ack": 16, "rst": 4, "fin": 1}


def quotient(a, b):
    return rounded(Fraction(a, b) if b else Fraction(0), 6)


def features_of(f):
    both = [p for p, _ in f.packets]
    fwd, bwd = ([p for p, forward in f.packets if forward == side] for side in (True, False))
    ns, order = since(f.first, f.last), (1, 0, 2, 3)
    breaks, active, bulks = bursts(f)
    parts = subflows(f, breaks)

    def payload(packets):
        return [p.payload for p in packets]

    def lengths(values):
        return [moments_of(values)[i] for i in order]

    def times(values):
        return [moments_of(values)[i] for i in (2, 3, 1, 0)]

    def flag(packets, bit):
        return sum(bool(p.tcp and p.flags & bit) for p in packets)

    yield from (f.id, text(f.src[0]), f.src[1], text(f.dst[0]), f.dst[1], f.proto, f.first or 0, ns, len(fwd), len(bwd),
                sum(payload(fwd)), sum(payload(bwd)))
    yield from lengths(payload(fwd)) + lengths(payload(bwd))
    yield from (quotient(sum(payload(both)) * SECOND, ns), quotient(len(both) * SECOND, ns))
    yield from times(list(gaps_of(both)))
    for side in (fwd, bwd):
        gaps = list(gaps_of(side))
        yield from (min(MOST, sum(gaps)), *times(gaps))
    yield from (flag(side, bit) for bit in (8, 32) for side in (fwd, bwd))
    yield from (sum(p.header for p in side) for side in (fwd, bwd))
    yield from (quotient(len(side) * SECOND, ns) for side in (fwd, bwd))
    yield from moments_of(payload(both))
    yield rounded(Fraction(sum(v * v for v in payload(both)), len(both))
                  - Fraction(sum(payload(both)), len(both)) ** 2, 6)
    yield from (flag(both, bit) for bit in FLAGS_COUNTED.values())
    yield quotient(len(bwd), len(fwd))
    yield from (moments_of(payload(side))[2] for side in (both, fwd, bwd))
    for side in bulks:
        n_bytes = sum(p.payload for bulk in side for p in bulk)
        yield from (quotient(n_bytes, len(side)), quotient(sum(map(len, side)), len(side)),
                    quotient(n_bytes * SECOND, sum(max(0, bulk[-1].ts - bulk[0].ts) for bulk in side)))
    for side in (fwd, bwd):
        yield from (quotient(len(side), parts), quotient(sum(payload(side)), parts))
    yield from (next((p.window for p in side if p.tcp), 0) for side in (fwd, bwd))
    yield from (sum(p.payload != 0 for p in fwd), min(payload(fwd), default=0))
    yield from times(active) + times([gap for gap in breaks if gap > IDLE])
    for side in (fwd, bwd, both):
        yield from lengths([p.wire for p in side])
    yield from (sum(p.wire for p in side) for side in (fwd, bwd))
    yield from (flag(side, bit) for bit in FLAGS_OF_SIDES.values() for side in (fwd, bwd))


def splt(flows, n):
    yield "flow_id" + "".join(f",size_{i}_bytes,gap_{i}_ns" for i in range(1, n + 1))
    for f in flows:
        cells, before = [f.id], None
        for p, forward in f.packets[:n]:
            cells += [p.wire if forward else -p.wire, max(0, since(before, p.ts))]
            before = before if p.ts is None else p.ts
        yield ",".join(map(str, cells + [0, 0] * (n - len(f.packets))))


def moments_of(values):
    """min, max, mean, stddev"""
    n = len(values)
    mean = Fraction(sum(values), n) if n else 0
    variance = Fraction(sum(v * v for v in values), n) - mean * mean if n else Fraction(0)
    return [min(min(values, default=0), MOST), min(max(values, default=0), MOST), rounded(mean, 6), root(variance)]


def gaps_of(packets):
    times = [p.ts for p in packets if p.ts is not None]
    return (b - a for a, b in zip(times, times[1:]) if b >= a)


def root(variance):
    """The square root, to the nearest millionth."""
    floor = isqrt(4 * variance.numerator * 10**12 // variance.denominator)
    return rounded(Fraction((floor + 1) // 2, 10**6), 6)


def text(address):
    if address is None:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    return f"::ffff:{mapped}" if mapped else str(address)


def build_pairs(flows):
    pairs = {}
    for f in flows:
        a, b = sorted((f.src[0], f.dst[0]))
        pair = pairs.setdefault((f.version, a, b), [[0] * 3, [0] * 3, 0, f.first, f.last])
        for forward in (True, False):
            sender = f.src[0] if forward else f.dst[0]
            for i in range(3):
                pair[0 if sender == a else 1][i] += f.counts[forward][i]
        pair[2] += 1
        pair[3], pair[4] = least(pair[3], f.first), greatest(pair[4], f.last)
    return pairs


def pairs_table(pairs):
    yield ("ip_a,ip_b,a_to_b_packets,b_to_a_packets,a_to_b_wire_bytes,b_to_a_wire_bytes,"
           "a_to_b_ip_bytes,b_to_a_ip_bytes,flows,first_ts_ns,last_ts_ns")
    for (v, a, b), (ab, ba, n, first, last) in sorted(
            pairs.items(), key=lambda e: (-(e[1][0][1] + e[1][1][1]), *map(order, e[0]))):
        counts = ",".join(f"{x},{y}" for x, y in zip(ab, ba))
        yield f"{text(a)},{text(b)},{counts},{n},{first or 0},{last or 0}"


def order(part):
    return part if isinstance(part, int) else int(part)


def hosts_table(pairs):
    yield ("ip,sent_packets,received_packets,sent_wire_bytes,received_wire_bytes,sent_ip_bytes,"
           "received_ip_bytes,flows,peers,first_ts_ns,last_ts_ns")
    hosts = {}
    for (v, a, b), (ab, ba, n, first, last) in pairs.items():
        sides = [(a, ab, ab)] if a == b else [(a, ab, ba), (b, ba, ab)]
        for ip_, sent, received in sides:
            host = hosts.setdefault((v, ip_), [[0] * 3, [0] * 3, 0, 0, first, last])
            for i in range(3):
                host[0][i] += sent[i]
                host[1][i] += received[i]
            host[2] += n
            host[3] += 1
            host[4], host[5] = least(host[4], first), greatest(host[5], last)
    for (v, ip_), (sent, received, n, peers, first, last) in sorted(
            hosts.items(), key=lambda e: (-(e[1][0][1] + e[1][1][1]), *map(order, e[0]))):
        counts = ",".join(f"{x},{y}" for x, y in zip(sent, received))
        yield f"{text(ip_)},{counts},{n},{peers},{first or 0},{last or 0}"


def services_table(flows):
    """Without the names of services: their column is left empty here and there."""
    yield "protocol,port,service,flows,clients,servers,packets,wire_bytes,ip_bytes,payload_bytes"
    services = defaultdict(lambda: [0, set(), set(), [0] * 4])
    for f in flows:
        word = WORDS.get(f.proto)
        if word not in PORTS:
            continue
        service = services[word, f.dst[1]]
        service[0] += 1
        service[1].add((f.version, f.src[0]))
        service[2].add((f.version, f.dst[0]))
        for i in range(4):
            service[3][i] += f.counts[True][i] + f.counts[False][i]
    for (word, port), (n, clients, servers, sums) in sorted(
            services.items(), key=lambda e: (-e[1][3][1], e[0])):
        yield (f"{word},{port},,{n},{len(clients)},{len(servers)},{','.join(map(str, sums))}")


def counted(header, rows):
    yield header
    sums = {}
    for key, wire in rows:
        n, total = sums.get(key, (0, 0))
        sums[key] = n + 1, total + wire
    for key in sorted(sums):
        yield ",".join(map(str, (*key, *sums[key])))


def gap_bin(gap):
    if gap < 16:
        return gap, gap
    power = gap.bit_length() - 5
    low = gap >> power << power
    return low, low + 2**power - 1


def gaps(packets):
    yield "gap_lo_ns,gap_hi_ns,packets"
    bins = defaultdict(int)
    timed = [p for p in packets if p.ts is not None]
    for a, b in zip(timed, timed[1:]):
        if b.ts >= a.ts:
            bins[gap_bin(b.ts - a.ts)] += 1
    for (low, high), n in sorted(bins.items()):
        yield f"{min(low, MOST)},{min(high, MOST)},{n}"


def stats(packets, flows):
    yield "metric,unit,count,min,max,mean,stddev,skewness,kurtosis,p01,p05,p25,p50,p75,p95,p99,p999"
    totals = [(sum(f.counts[side][0] for side in (True, False)), sum(f.counts[side][1] for side in (True, False)))
              for f in flows]
    exact = list(gaps_of(packets))
    bins = [gap_bin(gap) for gap in exact]
    middles = [Fraction(low + (high - low) // 2) for low, high in bins]
    metrics = (
        ("flow_bytes", "bytes", [Fraction(wire) for _, wire in totals]),
        ("flow_duration", "ns", [Fraction(f.last - f.first) for f in flows if f.first is not None]),
        ("flow_packet_length", "bytes", [Fraction(rounded(Fraction(wire, n), 6)) for n, wire in totals]),
        ("flow_packets", "packets", [Fraction(n) for n, _ in totals]),
        ("gap", "ns", [Fraction(gap) for gap in exact]),
        ("packet_length", "bytes", [Fraction(p.wire) for p in packets]),
        ("rate", "bit/s", [Fraction(wire * 8) for wire in bin_totals(packets)]))
    for name, unit, values in metrics:
        if not values:
            continue
        n, mean = len(values), sum(values) / len(values)
        shape = middles if name == "gap" else values
        edges = sorted(Fraction(high) for _, high in bins) if name == "gap" else sorted(values)
        cells = [min(values), max(values), mean]
        cells = [rounded(cell, 6) for cell in cells] + [root(sum((v - mean) ** 2 for v in values) / n)]
        cells += [f"{moment:.6f}" for moment in skewness_and_kurtosis(shape)]
        cells += [rounded(edges[-(-n * share // 1000) - 1], 6) for share in (10, 50, 250, 500, 750, 950, 990, 999)]
        yield f"{name},{unit},{n}," + ",".join(cells)


def skewness_and_kurtosis(values):
    mean = sum(values) / len(values)
    m2, m3, m4 = (sum((v - mean) ** power for v in values) / len(values) for power in (2, 3, 4))
    if not m2:
        return 0, 0
    return (1 if m3 > 0 else -1) * float(m3 * m3 / m2**3) ** 0.5, float(m4 / (m2 * m2) - 3)


def burstiness(packets):
    yield "bin_ns,bins," + ",".join(f"{what}_{cell}" for what in ("packets", "wire_bytes") for cell in (
        "mean", "peak", "peak_to_mean", "dispersion", "hurst"))
    timed = [p for p in packets if p.ts is not None]
    points = {"packets": [], "wire_bytes": []}
    for width in (10**6, 10**7, 10**8, SECOND, 10 * SECOND, 60 * SECOND) if timed else ():
        bins = defaultdict(lambda: [0, 0])
        for p in timed:
            cell = bins[(p.ts - timed[0].ts) // width]
            cell[0] += 1
            cell[1] += p.wire
        n = max(bins) - min(bins) + 1
        row = [width, n]
        for i, what in enumerate(points):
            values = [cell[i] for cell in bins.values()]
            mean = Fraction(sum(values), n)
            variance = Fraction(sum(v * v for v in values), n) - mean * mean
            if n >= 10 and variance:
                points[what].append((log10(width // 10**6), log10(variance) - 2 * log10(width // 10**6)))
            row += [rounded(mean, 6), max(values), rounded(max(values) / mean if mean else Fraction(0), 6),
                    rounded(variance / mean if mean else Fraction(0), 6), f"{hurst(points[what]):.6f}"]
        yield ",".join(map(str, row))


def hurst(points):
    if len(points) < 2:
        return 0
    x, y = (sum(values) / len(points) for values in zip(*points))
    return 1 + sum((a - x) * (b - y) for a, b in points) / sum((a - x) ** 2 for a, _ in points) / 2


def bin_totals(packets):
    timed = [p for p in packets if p.ts is not None]
    if not timed:
        return []
    totals = defaultdict(int)
    for p in timed:
        totals[(p.ts - timed[0].ts) // SECOND] += p.wire
    span = max(totals) - min(totals) + 1
    filled = not (span > FILL_BINS and span > FILL_FACTOR * len(totals))
    return list(totals.values()) + [0] * (span - len(totals) if filled else 0)


def anomalies(packets):
    yield "anomaly,packets,first_packet"
    found, before = {}, None
    for p in packets:
        back = ["time_step_back"] if since(before, p.ts) < 0 else []
        before = before if p.ts is None else p.ts
        for name in p.odd + back:
            n, first = found.get(name, (0, p.number))
            found[name] = n + 1, first
    for name in sorted(found):
        yield f"{name},{found[name][0]},{found[name][1]}"


def packets_table(packets):
    yield ("packet,ts_ns,time_s,flow_id,cap_len,wire_length,vlan_id,ip_version,src_ip,dst_ip,proto,"
           "protocol,src_port,dst_port,ip_length,ttl,dscp,fragment_offset,tcp_flags,tcp_seq,tcp_ack,"
           "tcp_window,payload_length")
    origin = next((p.ts for p in packets if p.ts is not None), None)
    for p in packets:
        yield ",".join(map(str, (
            p.number, p.ts or 0, seconds(since(origin, p.ts)), p.flow_id, p.cap, p.wire, p.vlan, p.version,
            text(p.src), text(p.dst), p.proto, p.word, p.sport, p.dport, p.ip_length, p.ttl, p.dscp,
            p.offset, p.flags, p.seq, p.ack, p.window, p.payload)))


def read_packets(path, inner, dedup):
    packets, seen = [], []
    with open(path, "rb") as file:
        data = unpack(file.read())
    for number, (ts, cap, orig, frame, odd, link, fcs) in enumerate(records(data), 1):
        p = Packet(number, ts, cap, orig, odd)
        decode(p, frame, link, fcs, inner)
        same = p.ip_bytes if p.ip_bytes is not None else (frame, p.wire)
        if same not in seen[max(0, len(seen) - dedup):] or not dedup:
            packets.append(p)
        seen.append(same)
    return packets


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--idle-timeout", type=int, default=120)
    parser.add_argument("--inner", action="store_true")
    parser.add_argument("--dedup", type=int, default=0)
    parser.add_argument("--splt", type=int, default=7)
    parser.add_argument("capture")
    parser.add_argument("out")
    args = parser.parse_args()
    packets = read_packets(args.capture, args.inner, args.dedup)
    flows = build_flows(packets, args.idle_timeout * SECOND)
    pairs = build_pairs(flows)
    tables = {
        "rates": rates(packets, SECOND), "rates_10ms": rates(packets, 10**7), "flows": flows_table(flows),
        "pairs": pairs_table(pairs),
        "hosts": hosts_table(pairs), "services": services_table(flows), "gaps": gaps(packets),
        "stats": stats(packets, flows), "features": features(flows), "splt": splt(flows, args.splt),
        "burstiness": burstiness(packets),
        "protocols": counted("path,packets,wire_bytes",
                             (((":".join(p.path[:16]),), p.wire) for p in packets)),
        "sizes": counted("protocol,wire_length,packets,wire_bytes",
                         (((p.word, p.wire), p.wire) for p in packets)),
        "anomalies": anomalies(packets), "packets": packets_table(packets),
    }
    os.makedirs(args.out, exist_ok=True)
    for name, lines in tables.items():
        with open(os.path.join(args.out, name + ".csv"), "w", newline="\n", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in lines)


if __name__ == "__main__":
    main()
