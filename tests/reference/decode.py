"""One packet, decoded plainly: what src/decode is held against.

Every header is a function of the packet, the bytes captured and the bytes on the wire from there on; it
returns the next one as (function, data, wire), or None. A loop calls them, at most 16 headers a packet.
"""
import ipaddress
import struct

WORDS = {1: "ICMP", 6: "TCP", 17: "UDP", 58: "ICMPV6", 132: "SCTP"}
PORTS = ("TCP", "UDP", "SCTP")
LAYERS_MAX = 16


class Packet:
    def __init__(self, number, ts, cap, orig, odd):
        self.number, self.ts, self.cap, self.wire, self.odd = number, ts, cap, max(cap, orig), odd
        self.vlan = self.version = self.proto = self.ip_length = self.ttl = self.dscp = 0
        self.offset = self.ident = self.payload = self.flow_id = 0
        self.tunnel, self.tunnel_both_ways = 0, False
        self.src = self.dst = None
        self.more, self.word, self.path = False, "NON_IP", []
        self.ip_bytes = None  # the outermost IP packet, as far as it was captured
        self.forget_transport()

    def forget_transport(self):
        self.sport = self.dport = self.flags = self.seq = self.ack = self.window = 0
        self.mss = self.window_scale = self.header = 0
        self.tcp = False


def decode(p, data, link, fcs, inner=False):
    wire = p.wire - fcs if p.wire >= fcs else p.wire
    p.tags, p.layers, p.inner, p.path_ended, p.outer = 0, 0, inner, False, None
    step = (any_link(link), data[:wire], wire)
    first = True
    while step and (first or p.layers < LAYERS_MAX):
        function, data, wire = step
        step, first = function(p, data[:max(0, wire)], max(0, wire)), False
    if step:
        p.odd.append("too_many_layers")
    if p.outer:
        kept = {"path": p.path, "odd": p.odd, "tunnel": p.tunnel, "tunnel_both_ways": p.tunnel_both_ways}
        p.__dict__.update(p.outer | kept)
    p.odd[:] = dict.fromkeys(p.odd)


def enter(p, layer):
    p.layers += 1
    if not p.path_ended:
        p.path.append(layer)


def short(p, data, n, name="link_cut"):
    """Are fewer than n bytes there? Then nothing more can be decoded."""
    if len(data) < n:
        p.odd.append(name)
    return len(data) < n


def be16(data, at=0):
    return struct.unpack_from("!H", data, at)[0]


def be32(data, at=0):
    return struct.unpack_from("!I", data, at)[0]


def le16(data, at=0):
    return struct.unpack_from("<H", data, at)[0]


def le32(data, at=0):
    return struct.unpack_from("<I", data, at)[0]


# ---- links --------------------------------------------------------------------------------------

def any_link(link):
    return LINKS.get(link, unknown_link)


def unknown_link(p, data, wire):
    enter(p, "frame")
    p.odd.append("link_unknown")


def raw(p, data, wire):
    enter(p, "raw")
    return ip, data, wire


def ethernet(p, data, wire):
    if len(data) >= 14 and data[:5] in (b"\x01\0\x0c\0\0", b"\x0c\0\x0c\0\0"):
        enter(p, "isl")
        if short(p, data, 26):
            return None
        return ethernet, data[26:], (wire - 4 if wire >= 30 else wire) - 26
    enter(p, "eth")
    if short(p, data, 14):
        return None
    return ethertype(be16(data, 12)), data[14:], wire - 14


def null(p, data, wire):
    enter(p, "null")
    if short(p, data, 4):
        return None
    family = le32(data)
    if family > 0xFFFF:
        family = struct.unpack(">I", data[:4])[0]
    if family == 2:
        return ip, data[4:], wire - 4
    if family in (24, 28, 30):
        return ip6, data[4:], wire - 4
    if family > 0xFFFF and data[2:4] in (b"\x08\x00", b"\x86\xdd"):
        return ethertype(be16(data, 2)), data[4:], wire - 4


def cooked(size, arphrd_at, protocol_at):
    def sll(p, data, wire):
        enter(p, "sll")
        if short(p, data, size):
            return None
        arphrd, protocol = be16(data, arphrd_at), be16(data, protocol_at)
        if arphrd == 824:
            return None
        if protocol == 4:
            return llc, data[size:], wire - size
        return protocol >= 1536 and (ethertype(protocol), data[size:], wire - size)
    return sll


def typed(name, size, type_at):
    def link(p, data, wire):
        enter(p, name)
        if short(p, data, size):
            return None
        kind = be16(data, type_at)
        return kind >= 1536 and (ethertype(kind), data[size:], wire - size)
    return link


def chdlc(p, data, wire):
    step = typed("chdlc", 4, 2)(p, data, wire)
    return None if data[2:4] == b"\x80\x35" else step  # SLARP, not RARP


def frame_relay(p, data, wire):
    enter(p, "fr")
    size = 1
    while size <= len(data) and not data[size - 1] & 1 and size < 4:
        size += 1
    if short(p, data, size) or short(p, data, size + 2):
        return None
    if data[size] != 3:
        kind = be16(data, size)
        return kind >= 1536 and (ethertype(kind), data[size + 2:], wire - size - 2)
    size += 2 if data[size + 1] == 0 else 1
    if short(p, data, size + 1):
        return None
    step = {0xCC: ip, 0x8E: ip6, 0x80: snap}.get(data[size])
    return step and (step, data[size + 1:], wire - size - 1)


def ppp_hdlc(p, data, wire):
    return (chdlc if data[:2] in (b"\x0f\0", b"\x8f\0") else ppp)(p, data, wire)


def nflog(p, data, wire):
    enter(p, "nflog")
    if short(p, data, 4):
        return None
    family, data, wire = data[0], data[4:], wire - 4
    while len(data) >= 4:
        length, kind = struct.unpack("<HH", data[:4])
        if length < 4:
            return None
        if kind == 9:
            step = {2: ip, 10: ip6}.get(family)
            return step and (step, data[4:length], min(wire, length) - 4)
        skip = (length + 3) // 4 * 4
        data, wire = data[skip:], max(0, wire - skip)
    return None


def fddi(p, data, wire):
    enter(p, "fddi")
    if short(p, data, 13):
        return None
    return data[0] & 0xF0 in (0x50, 0xD0) and (llc, data[13:], wire - 13)


def arcnet(before):
    def link(p, data, wire):
        enter(p, "arcnet")
        if short(p, data, before + 1):
            return None
        protocol, data, wire = data[before], data[before + 1:], wire - before - 1
        if protocol in (0xF0, 0xF1):
            return ethertype(0x0800 if protocol == 0xF0 else 0x0806), data, wire
        if protocol not in (0xD4, 0xD5):
            return None
        if len(data) >= 3 and data[0] == 0xFF:
            data, wire = data[4:], wire - 4
        if short(p, data, 3):
            return None
        if data[0] and not data[0] & 1:
            return None
        return ethertype(0x0800 if protocol == 0xD4 else 0x0806), data[3:], wire - 3
    return link


def ip_over_fc(p, data, wire):
    enter(p, "ipfc")
    return None if short(p, data, 16) else (llc, data[16:], wire - 16)


def ipnet(p, data, wire):
    enter(p, "ipnet")
    if short(p, data, 24):
        return None
    step = {2: ip, 26: ip6}.get(data[1])
    return step and (step, data[24:], wire - 24)


def pktap(p, data, wire):
    enter(p, "pktap:pcap_pktdata")
    if short(p, data, 12):
        return None
    size, kind, link = struct.unpack("<III", data[:12])
    if size < 12 or size > wire:
        p.odd.append("link_cut")
        return None
    return kind == 1 and link < 65536 and (any_link(link), data[size:], wire - size)


# ---- 802.11 -------------------------------------------------------------------------------------

def wlan(p, data, wire, padded=False):
    enter(p, "wlan")
    if short(p, data, 2):
        return None
    control = le16(data)
    if control >> 2 & 3 != 2 or control & 0x4040:
        return None
    size = 24 + (6 if control & 0x300 == 0x300 else 0)
    qos = size if control & 0x80 else None
    if qos is not None:
        size += 6 if control & 0x8000 else 2
    if short(p, data, size):
        return None
    skip = (size + 3) // 4 * 4 if padded else size
    if le16(data, 22) & 15:
        return None
    if qos is not None and data[qos] & 0x80:
        skip += 14
    return llc, data[skip:], wire - skip


def without_fcs(data, wire, fcs):
    wire = wire - 4 if fcs and wire >= 4 else wire
    return data[:wire], wire


def radiotap(p, data, wire):
    enter(p, "radiotap:wlan_radio")
    if short(p, data, 8):
        return None
    size, at, flags = le16(data, 2), 4, 0
    if size < 8 or short(p, data, size):
        p.odd.append("link_cut")
        return None
    while at + 8 <= size and le32(data, at) >> 31:
        at += 4
    at += 4
    present = le32(data, 4)
    if present & 1:
        at = (at + 7) // 8 * 8 + 8
    if present & 2 and at < size:
        flags = data[at]
    return wlan(p, *without_fcs(data[size:], wire - size, flags & 0x10), flags & 0x20)


def ppi(p, data, wire):
    enter(p, "ppi:wlan_radio" if data[4:8] == b"\x69\0\0\0" else "ppi")
    if short(p, data, 8):
        return None
    size, link, at, fcs = le16(data, 2), le32(data, 4), 8, False
    if size < 8 or short(p, data, size):
        p.odd.append("link_cut")
        return None
    while at + 4 <= size:
        if le16(data, at) == 2 and at + 14 <= size:
            fcs = data[at + 12] & 1
        at += 4 + le16(data, at + 2)
    return link < 65536 and (any_link(link), *without_fcs(data[size:], wire - size, fcs))


def sized_wlan(p, name, size, data, wire):
    enter(p, name)
    if size is None or size < 8 or size > wire:
        p.odd.append("link_cut")
        return None
    return wlan(p, data[size:], wire - size)


def avs(p, data, wire):
    size = struct.unpack("!I", data[4:8])[0] if len(data) >= 8 else None
    return sized_wlan(p, "wlancap:wlan_radio", size, data, wire)


def prism(p, data, wire):
    if len(data) >= 8 and data[:2] == b"\x80\x21" and data[2] >> 4 == 1:
        return avs(p, data, wire)
    size = le32(data, 4) if len(data) >= 8 else None
    if size is not None and size > 4096:
        size = struct.unpack("!I", data[4:8])[0]
    return sized_wlan(p, "prism:wlan_radio", size, data, wire)


LINKS = {0: null, 1: ethernet, 7: arcnet(2), 9: ppp_hdlc, 10: fddi, 12: raw, 14: raw, 50: ppp_hdlc, 101: raw,
         100: lambda *a: llc(*a), 104: chdlc, 105: wlan, 107: frame_relay, 108: null, 113: cooked(16, 2, 14), 119: prism,
         122: ip_over_fc, 127: radiotap, 129: arcnet(4), 163: avs, 192: ppi, 226: ipnet,
         228: lambda *a: ip(*a), 229: lambda *a: ip(*a), 239: nflog, 242: typed("ipoib", 44, 40), 258: pktap,
         276: cooked(20, 8, 0)}


# ---- between link and IP ------------------------------------------------------------------------

def ppp(p, data, wire):
    enter(p, "ppp")
    if data[:2] == b"\xff\x03":
        data, wire = data[2:], wire - 2
    if short(p, data, 1) or (not data[0] & 1 and short(p, data, 2)):
        return None
    size = 1 if data[0] & 1 else 2
    step = {0x21: ip, 0x57: ip6, 0x281: mpls, 0x283: mpls}.get(int.from_bytes(data[:size], "big"))
    return step and (step, data[size:], wire - size)


def by_version(data, wire):
    step = {4: ip4, 6: ip6}.get(data[0] >> 4) if data else None
    return step and (step, data, wire)


def mpls(p, data, wire):
    enter(p, "mpls")
    for _ in range(16):
        if short(p, data, 4):
            return None
        bottom, data, wire = data[2] & 1, data[4:], wire - 4
        if bottom:
            return by_version(data, wire) or pseudowire(p, data, wire)
    p.odd.append("link_cut" if len(data) < 4 else "too_many_tags")
    return None


def pseudowire(p, data, wire):
    def is_frame(frame):
        return len(frame) >= 14 and be16(frame, 12) in (0x0800, 0x86DD, 0x0806, 0x8100, 0x88A8, 0x8847)
    if len(data) >= 4 and data[0] < 16 and is_frame(data[4:]):
        enter(p, "pwethheuristic:pwethcw")
        return ethernet, data[4:], wire - 4
    if is_frame(data):
        enter(p, "pwethheuristic:pwethnocw")
        return ethernet, data, wire
    return None


def pppoe(p, data, wire):
    enter(p, "pppoes")
    if short(p, data, 6):
        return None
    return ppp, data[6:], min(wire - 6, be16(data, 4))


def tag(name):
    def vlan(p, data, wire):
        if short(p, data, 4):
            return None
        if p.tags == 8:
            p.odd.append("too_many_tags")
            return None
        enter(p, name)
        if p.tags == 0:
            p.vlan = be16(data) & 0xFFF
        p.tags += 1
        return ethertype(be16(data, 2)), data[4:], wire - 4
    return vlan


def marker(name, size):
    def mark(p, data, wire):
        if short(p, data, size):
            return None
        enter(p, name)
        return ethertype(be16(data, size - 2)), data[size:], wire - size
    return mark


def fabricpath(p, data, wire):
    if short(p, data, 2):
        return None
    enter(p, "cfp")
    return ethernet, data[2:], wire - 2


def macsec(p, data, wire):
    if short(p, data, 2):
        return None
    if data[0] & 0x0C:
        enter(p, "macsec")
        return None
    size = 14 if data[0] & 0x20 else 6
    if data[1] & 63:
        wire = min(wire, size + (data[1] & 63))
    elif wire >= size + 16:
        wire -= 16
    return marker("macsec", size + 2)(p, data[:wire], wire)


def arista(p, data, wire):
    if short(p, data, 4):
        return None
    return marker("avsp", 12 if data[3] >> 4 == 2 else 14)(p, data, wire)


def nsh(p, data, wire):
    enter(p, "nsh")
    if short(p, data, 8):
        return None
    size = (data[1] & 63) * 4
    if size < 8:
        p.odd.append("link_cut")
        return None
    step = {1: ip, 2: ip6, 3: ethernet, 4: nsh, 5: mpls}.get(data[3])
    return step and (step, data[size:], wire - size)


def llc(p, data, wire):
    if short(p, data, 3):
        return None
    enter(p, "llc")
    step = {b"\x06\x06\x03": ip, b"\xaa\xaa\x03": snap}.get(data[:3])
    return step and (step, data[3:], wire - 3)


def snap(p, data, wire):
    if short(p, data, 5):
        return None
    oui, kind, data, wire = data[:3], be16(data, 3), data[5:], wire - 5
    if oui == b"\0\x80\xc2" and kind in (1, 7):
        return ethernet, data, wire
    return oui in (b"\0\0\0", b"\0\0\xf8") and kind > 1500 and (ethertype(kind), data, wire)


def last_layer(name):
    return lambda p, data, wire: enter(p, name)


def ethertype(kind):
    if kind <= 1500:
        return lambda p, data, wire: (llc, data[:kind], min(wire, kind))
    return ETHERTYPES.get(kind, lambda p, data, wire: None)


ETHERTYPES = {0x0800: lambda *a: (ip, *a[1:]), 0x86DD: lambda *a: (ip6, *a[1:]), 0x0806: last_layer("arp"),
              0x8035: last_layer("arp"),
              0x8100: tag("vlan"), 0x9100: tag("vlan"), 0x88A8: tag("ieee8021ad"), 0x8847: mpls, 0x8848: mpls,
              0x8863: last_layer("pppoed"), 0x8864: pppoe, 0x88E5: macsec, 0x88E7: marker("ieee8021ah", 18),
              0x8903: fabricpath, 0x8909: marker("cmd", 8), 0x8926: marker("vntag", 6),
              0x893F: marker("etag", 8), 0x894F: nsh, 0xD28B: arista}


# ---- IP -----------------------------------------------------------------------------------------

def ip(p, data, wire):
    if not data:
        p.odd.append("ip_cut")
        return None
    return (ip6 if data[0] >> 4 == 6 else ip4)(p, data, wire)


def begin_ip(p):
    if p.version:
        p.forget_transport()


def ip4(p, data, wire):
    enter(p, "ip")
    if short(p, data, 20, "ip_cut"):
        return None
    header, total = (data[0] & 15) * 4, be16(data, 2)
    if data[0] >> 4 != 4 or header < 20 or header > wire or 0 < total < header:
        p.odd.append("ip_bad")
        return None
    begin_ip(p)
    p.version, p.dscp, p.ttl, p.proto = 4, data[1] >> 2, data[8], data[9]
    p.src, p.dst = ipaddress.IPv4Address(data[12:16]), ipaddress.IPv4Address(data[16:20])
    ident, fragment = struct.unpack("!HH", data[4:8])
    data, wire = limit(p, data, wire, total)
    data, wire = data[header:], wire - header
    if fragment & 0x3FFF:
        set_fragment(p, wire, ident, (fragment & 0x1FFF) * 8, bool(fragment & 0x2000))
    return leave_ip(p, data, wire)


def ip6(p, data, wire):
    enter(p, "ipv6")
    if short(p, data, 40, "ip_cut"):
        return None
    if data[0] >> 4 != 6:
        p.odd.append("ip_bad")
        return None
    begin_ip(p)
    first, length, p.proto, p.ttl = struct.unpack("!IHBB", data[:8])
    p.version, p.dscp = 6, first >> 22 & 0x3F
    p.src, p.dst = ipaddress.IPv6Address(data[8:24]), ipaddress.IPv6Address(data[24:40])
    data, wire = limit(p, data, wire, length + 40 if length else 0)
    return leave_ip(p, *extensions(p, data[40:], max(0, wire - 40)))


def extensions(p, data, wire):
    n = 0
    while p.proto in (0, 43, 44, 60) and p.offset == 0:
        if n == 16:
            p.odd.append("too_many_layers")
            break
        size = 8 if p.proto == 44 or len(data) < 8 else (data[1] + 1) * 8
        if len(data) < 8 or size > wire:
            p.odd.append("ip6_ext_cut")
            break
        extension, data, wire = data, data[size:], wire - size
        if p.proto == 44:
            field, ident = struct.unpack("!HI", extension[2:8])
            set_fragment(p, wire, ident, field & 0xFFF8, bool(field & 1))
        p.proto, n = extension[0], n + 1
    return data, wire


def limit(p, data, wire, length):
    p.ip_length = length or wire
    if not length:
        p.odd.append("tso_len0")
    if length > wire:
        p.odd.append("ip_over_wire")
    if p.ip_bytes is None:
        p.ip_bytes = data[:p.ip_length]
    return data[:p.ip_length], min(wire, p.ip_length)


def set_fragment(p, wire, ident, offset, more):
    p.ident, p.offset, p.more = ident, offset, more and offset == 0
    if offset + wire > 65535:
        p.odd.append("fragment_over_64k")


def leave_ip(p, data, wire):
    p.word, p.payload = WORDS.get(p.proto, "OTHER_IP"), wire
    if p.offset:
        return None
    if p.word != "OTHER_IP":
        return transport(p, data, wire)
    step = {4: ip4, 41: ip6, 47: gre, 51: ah, 143: ethernet}.get(p.proto)
    if p.more or step is None:
        return None
    if not p.inner and p.outer is None:
        p.outer = dict(p.__dict__)
    return step, data, wire


def ah(p, data, wire):
    size = (data[1] + 2) * 4 if len(data) >= 2 else None
    if size is None or size > wire:
        p.odd.append("tunnel_cut")
        return None
    enter(p, "ah")
    p.proto, data, wire = data[0], data[size:], wire - size
    if p.version == 6:
        data, wire = extensions(p, data, wire)
    return leave_ip(p, data, wire)


# ---- transports ---------------------------------------------------------------------------------

def transport(p, data, wire):
    enter(p, p.word.lower())
    p.path_ended = True
    if p.word in PORTS and len(data) >= 4:
        p.sport, p.dport = struct.unpack("!HH", data[:4])
    if p.word == "TCP":
        tcp(p, data, wire)
    elif p.word == "UDP":
        return udp(p, data, wire)
    elif p.word == "SCTP":
        p.payload = max(0, wire - 12)
        short(p, data, 12, "sctp_cut")
    return None


def tcp(p, data, wire):
    header = (data[12] >> 4) * 4 if len(data) > 12 else 20
    p.payload = max(0, wire - header)
    if len(data) > 12 and (header < 20 or header > wire):
        p.odd.append("tcp_bad")
        p.payload = 0
    if short(p, data, 16, "tcp_cut"):
        return
    p.tcp = True
    p.seq, p.ack, _, p.flags, p.window = struct.unpack("!IIBBH", data[4:16])
    p.header = 0 if "tcp_bad" in p.odd else header
    if p.flags & 2:
        tcp_options(p, data[20:max(20, header)])


def tcp_options(p, data):
    while len(data) >= 2 and data[0] != 0:
        length = 1 if data[0] == 1 else data[1]
        if length > len(data) or (length < 2 and data[0] != 1):
            return
        if data[0] == 2 and length == 4:
            p.mss = be16(data, 2)
        elif data[0] == 3 and length == 3:
            p.window_scale = data[2]
        data = data[length:]


def udp(p, data, wire):
    p.payload = max(0, wire - 8)
    p.header = 8
    short(p, data, 8, "udp_cut")
    length = be16(data, 4) if len(data) >= 6 else 0
    if 0 < length < 8:
        p.odd.append("udp_bad")
        p.payload = 0
        return None
    if 8 <= length <= wire:
        p.payload = length - 8
    elif length > wire and not p.more:
        p.odd.append("udp_over_ip")
    answers = {1701, 2152, 3544} & {p.sport}
    tunnel = UDP_TUNNELS.get(p.dport) or (UDP_TUNNELS[p.sport] if answers else None)
    if not p.inner or p.more or tunnel is None:
        return None
    return tunnel, data[8:], min(wire - 8, p.payload)


# ---- tunnels ------------------------------------------------------------------------------------

def take_id(p, number, both_ways):
    """One that is the same in both directions stays; where flows are the outermost ones, the first such."""
    if not p.tunnel_both_ways or (both_ways and p.inner):
        p.tunnel, p.tunnel_both_ways = number, both_ways


def gre(p, data, wire):
    enter(p, "gre")
    if short(p, data, 4, "tunnel_cut"):
        return None
    flags, kind, size = be16(data), be16(data, 2), 4
    if flags & 7 > 1:
        return None
    key_at = 8 if flags & 0xC000 else 4
    if flags & 0x2000 and len(data) >= key_at + 4:
        take_id(p, be32(data, key_at) & (0xFFFF if flags & 7 else 0xFFFFFFFF), not flags & 7)
    size += 4 * sum(bool(flags & bits) for bits in (0xC000, 0x2000, 0x1000))
    if flags & 7 == 1 and flags & 0x80:
        size += 4
    if size > wire:
        p.odd.append("tunnel_cut")
        return None
    data, wire = data[size:], wire - size
    if flags & 7 == 0 and flags & 0x4000:
        last = False
        while not last:
            if short(p, data, 4, "tunnel_cut"):
                return None
            last, size = data[:2] == b"\0\0" and data[3] == 0, 4 + data[3]
            data, wire = data[size:], max(0, wire - size)
    if wire == 0:
        return None
    if kind == 0x88BE:
        return erspan(p, data, wire, 8 if flags & 0x1000 else 0)
    step = {0x6558: ethernet, 0x22EB: erspan_iii, 0x880B: ppp, 0x883E: wccp, 0x8909: gre_metadata}.get(kind)
    if step in (erspan_iii, wccp, gre_metadata):
        return step(p, data, wire)
    return kind >= 1536 and (step or ethertype(kind), data, wire)


def erspan(p, data, wire, size):
    enter(p, "erspan")
    if short(p, data, size, "tunnel_cut"):
        return None
    if size:
        take_id(p, be16(data, 2) & 0x3FF, True)
    return ethernet, data[size:], wire - size


def erspan_iii(p, data, wire):
    enter(p, "erspan")
    if short(p, data, 12, "tunnel_cut"):
        return None
    take_id(p, be16(data, 2) & 0x3FF, True)
    size, frame = 20 if data[11] & 1 else 12, data[10] >> 2 & 31
    data, wire = data[size:], wire - size
    return (ethernet, data, wire) if frame == 0 else by_version(data[:max(0, wire)], wire) if frame == 2 else None


def gre_metadata(p, data, wire):
    if short(p, data, 8, "tunnel_cut"):
        return None
    enter(p, "cmd")
    return ethertype(be16(data)), data[8:], wire - 8


def wccp(p, data, wire):
    if short(p, data, 1, "tunnel_cut"):
        return None
    size = 0 if data[0] >> 4 == 4 else 4
    return ip4, data[size:], wire - size


def geneve(p, data, wire):
    p.layers += 1
    if short(p, data, 8, "tunnel_cut") or data[0] >> 6:
        return None
    take_id(p, be32(data, 4) >> 8, True)
    kind, size = be16(data, 2), 8 + (data[0] & 63) * 4
    if kind != 0x6558 and kind < 1536:
        return None
    return ethernet if kind == 0x6558 else ethertype(kind), data[size:], wire - size


def gtp(p, data, wire):
    p.layers += 1
    if short(p, data, 8, "tunnel_cut") or data[0] >> 4 != 3 or data[1] != 255:
        return None
    take_id(p, be32(data, 4), False)
    flags, data, wire = data[0], data[8:], wire - 8
    if flags & 7:
        if short(p, data, 4, "tunnel_cut"):
            return None
        more, data, wire = data[3] if flags & 4 else 0, data[4:], wire - 4
        while more:
            size = data[0] * 4 if len(data) >= 4 else 0
            if not size or size > len(data):
                p.odd.append("tunnel_cut")
                return None
            more, data, wire = data[size - 1], data[size:], wire - size
    return by_version(data, wire)


def teredo(p, data, wire):
    p.layers += 1
    if short(p, data, 4, "tunnel_cut"):
        return None
    if be16(data) == 1:
        size = 13 + data[2] + data[3]
        data, wire = data[size:], max(0, wire - size)
        if short(p, data, 2, "tunnel_cut"):
            return None
    if be16(data) == 0:
        data, wire = data[8:], max(0, wire - 8)
        if short(p, data, 1, "tunnel_cut"):
            return None
    return by_version(data, wire)


def l2tp(p, data, wire):
    p.layers += 1
    if short(p, data, 2, "tunnel_cut"):
        return None
    flags = be16(data)
    if flags & 0x8000 or flags & 15 != 2:
        return None
    ids = 4 if flags & 0x4000 else 2
    if len(data) >= ids + 4:
        take_id(p, be32(data, ids), False)
    size = ids + 4 + (4 if flags & 0x0800 else 0)
    data, wire = data[size:], max(0, wire - size)
    if flags & 0x0200:
        if short(p, data, 2, "tunnel_cut"):
            return None
        size = 2 + be16(data)
        data, wire = data[size:], max(0, wire - size)
    return ppp, data, wire


def vxlan(p, data, wire):
    p.layers += 1
    if short(p, data, 8, "tunnel_cut") or not data[0] & 8:
        return None
    take_id(p, be32(data, 4) >> 8, True)
    return ethernet, data[8:], wire - 8


UDP_TUNNELS = {1701: l2tp, 2152: gtp, 3544: teredo, 4789: vxlan, 6081: geneve}
