"""What can be told of a TCP connection from its packets, by the words of src/table/tcp_track.h.

No joining here: the packets of a flow, one after the other.
"""
FIN, SYN, RST, ACK = 1, 2, 4, 16
MS = 10**6
SPACES = 8


def before(a, b):
    """Sequence numbers lie on a circle: is the way from a to b the shorter one?"""
    return (a - b) % 2**32 >= 2**31


class Side:
    def __init__(self):
        self.next, self.next_ts = 0, None
        self.ack, self.ts, self.window = 0, None, None
        self.duplicates, self.kept_alive = 0, False
        self.timed = {}  # space -> (end, when it was sent)
        self.retransmissions = self.retransmitted_bytes = self.out_of_order = 0
        self.duplicate_acks = self.zero_windows = self.keep_alives = 0
        self.round_trips = []


def soon(earlier, later, ns):
    return earlier is not None and later is not None and 0 <= later - earlier < ns


def order(p, me, other):
    """ "" where a segment is in order, else what it is."""
    if not p.payload and not p.flags & (SYN | FIN):
        return ""
    end = (p.seq + p.payload + bool(p.flags & (SYN | FIN))) % 2**32
    known = p.payload and other.ack and not before(other.ack, (p.seq + p.payload) % 2**32)
    if known:
        return "again"
    if not me.next or not before(p.seq, me.next) or (p.payload > 1 and p.seq == (me.next - 1) % 2**32):
        return ""
    if other.duplicates >= 2 and other.ack == p.seq and soon(other.ts, p.ts, 20 * MS):
        return "again"
    return "late" if soon(me.next_ts, p.ts, 3 * MS) and me.next != end else "again"


def follow_one(p, me, other):
    control = p.flags & (SYN | FIN | RST)
    probe = p.payload == 1 and p.seq == me.next and other.window == 0
    keep_alive = not probe and p.payload <= 1 and p.seq == (me.next - 1) % 2**32 and not control
    repeats = (not p.payload and p.window and p.window == me.window and p.seq == me.next and p.ack == me.ack
               and not control)
    if repeats and not other.kept_alive:
        me.duplicate_acks += 1
        me.duplicates += 1
    elif p.ack != me.ack or p.payload:
        me.duplicates = 0
    me.zero_windows += not probe and p.window == 0 and not control
    me.keep_alives += keep_alive
    kind = "" if keep_alive else order(p, me, other)
    if kind:
        me.timed.clear()
    me.out_of_order += kind == "late"
    me.retransmissions += kind == "again"
    me.retransmitted_bytes += p.payload if kind == "again" else 0
    end = (p.seq + p.payload + bool(p.flags & (SYN | FIN))) % 2**32
    further = not me.next or before(me.next, end)
    if not probe and (further or end == me.next):
        if further and p.payload and not kind and p.ts is not None:
            me.timed[(end >> 16) % SPACES] = end, p.ts
        me.next, me.next_ts = end, p.ts
    me.window, me.ack, me.ts, me.kept_alive = p.window, p.ack, p.ts, keep_alive
    if p.flags & ACK:
        for space, (end, sent) in list(other.timed.items()):
            if not before(p.ack, end):
                if p.ack == end and p.ts is not None and p.ts >= sent:
                    other.round_trips.append(p.ts - sent)
                del other.timed[space]


def follow(packets):
    """(forward, backward), of (packet, forward) in capture order."""
    sides = Side(), Side()
    for p, forward in packets:
        if p.tcp:
            follow_one(p, *(sides if forward else sides[::-1]))
    return sides
