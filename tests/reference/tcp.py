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
        self.state, self.closed_before_reset = "INACTIVE", False
        self.told, self.times = {}, {"T": 0, "W": 0}


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
    me.found = ["W"] * (not probe and p.window == 0 and not control) + ["T"] * (kind == "again" and p.payload != 0)
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


# ---- as Zeek has it: conn_state and history -----------------------------------------------------

def set_state(side, state):
    side.closed_before_reset = state == "RESET" and side.state in ("CLOSED", "RESET") and (
        side.state == "CLOSED" or side.closed_before_reset)
    side.state = state


def begin(p, me, other, originator):
    if p.flags & SYN:
        if originator:
            state = "SYN_ACK_SENT" if p.flags & ACK else "ESTABLISHED" if other.state == "ESTABLISHED" else "SYN_SENT"
            set_state(me, state)
        else:
            if other.state == "SYN_SENT":
                set_state(other, "ESTABLISHED")
            set_state(me, "ESTABLISHED")
    if p.flags & FIN:
        set_state(me, "CLOSED")
    if p.flags & RST:
        set_state(me, "RESET")
    early_ack = not originator and not p.payload and other.state == "SYN_SENT"
    if me.state == "INACTIVE" and not early_ack:
        set_state(me, "ESTABLISHED" if p.flags & ACK and other.state == "ESTABLISHED" else "PARTIAL")


def move(p, me, other, originator):
    if me.state == "INACTIVE":
        begin(p, me, other, originator)
    elif me.state in ("SYN_SENT", "SYN_ACK_SENT"):
        if p.flags & FIN:
            set_state(me, "CLOSED")
        if p.flags & RST:
            set_state(me, "RESET")
    elif me.state in ("ESTABLISHED", "PARTIAL"):
        if p.flags & (SYN | ACK) == SYN and me.state == "PARTIAL" and other.state == "INACTIVE":
            set_state(me, "SYN_SENT")
        if p.flags & FIN and not p.flags & RST:
            set_state(me, "CLOSED")
            if other.state == "RESET" and other.closed_before_reset:
                set_state(other, "CLOSED")
        if p.flags & RST:
            set_state(me, "RESET")
    elif me.state == "CLOSED" and p.flags & RST and other.state != "CLOSED":
        set_state(me, "RESET")


def letters(p, me):
    control = p.flags & (SYN | FIN | RST)
    if control not in (0, SYN, FIN, RST):
        letter = "I" if control & FIN and control & RST else "Q"
        found = letter if me.told.setdefault(letter, True) is True else ""
        me.told[letter] = False
    elif control:
        letter = "H" if control == SYN and p.flags & ACK else "S" if control == SYN else "F" if control == FIN else "R"
        seq = (p.seq + p.payload) % 2**32 if control == FIN else p.seq
        found = letter if me.told.get(control) != seq else ""
        me.told[control] = seq
    else:
        letter = "D" if p.payload else "A" if p.flags & ACK else ""
        found = letter if me.told.setdefault(letter, True) is True else ""
        me.told[letter] = False
    yield found
    for letter in me.found:
        me.times[letter] += 1
        if str(me.times[letter]).strip("0") == "1":
            yield letter


def conn_state(orig, resp, payload):
    o, r = orig.state, resp.state
    o_silent, r_silent = (state in ("INACTIVE", "PARTIAL") for state in (o, r))
    if r == "RESET":
        rejected = o in ("SYN_SENT", "SYN_ACK_SENT") or (o == "RESET" and not payload)
        return "REJ" if rejected else "RSTRH" if o_silent else "RSTR"
    if o == "RESET":
        return "RSTOS0" if r_silent else "RSTO"
    if o == "CLOSED":
        return "SF" if r == "CLOSED" else "SH" if r_silent else "S2"
    if r == "CLOSED":
        return "SHR" if o_silent else "S3"
    if (o, r) == ("SYN_SENT", "INACTIVE"):
        return "S0"
    return "S1" if o == r == "ESTABLISHED" else "OTH"


def follow(packets, flipped):
    """(forward, backward), conn_state and history, of (packet, forward) in capture order."""
    sides = Side(), Side()
    history = ""
    for p, forward in packets:
        if p.tcp:
            me, other = sides if forward else sides[::-1]
            follow_one(p, me, other)
            move(p, me, other, forward)
            history += "".join(letter if forward else letter.lower() for letter in letters(p, me))
    return sides, conn_state(*sides, any(p.payload for p, _ in packets)), "^" * flipped + history[:46]
