"""What the comparisons with flow tools share: flows.csv beside the records of argus, nfdump or tcptrace.

A conversation is all that passes between two ends, an end being an address and a port. A tool may cut it into
records in its own way, so what is added up is compared in sum, the earliest and the latest time of all. Records
have the columns of flows.csv; those of both sides are turned so that src is the lower end.
"""
import csv
import ipaddress
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from captures import Tally, captures  # noqa: E402

WAYS = ("fwd_", "rev_")
NETWORKS = ("ip", "ipv6")
TUNNELS = {4, 41, 47, 51, 137}  # protocols that tools open: IPIP, 6in4, GRE, AH, MPLS
MALFORMED = {"empty", "fragment_over_64k", "ip6_ext_cut", "ip_bad", "ip_cut", "ip_over_wire", "link_cut", "link_unknown",
             "sctp_cut", "tcp_bad", "tcp_cut", "too_many_layers", "too_many_tags", "tso_len0", "tunnel_cut", "udp_bad",
             "udp_cut"}
SECONDS = 20  # for a tool and a capture


def run(*command, **options):
    """A foreign program; None: it failed, crashed or hung."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=SECONDS,
                              env=os.environ | {"TZ": "UTC"}, **options)
    except subprocess.TimeoutExpired:
        return None
    return done if done.returncode == 0 else None


def turn(record):
    """The record with src as the lower end; `source` is the end that was src."""
    source, other = ((ipaddress.ip_address(record[end + "_ip"]), int(record[end + "_port"])) for end in ("src", "dst"))
    if source > other:
        swapped = {"fwd_": "rev_", "rev_": "fwd_"}
        record = {swapped.get(name[:4], name[:4]) + name[4:]: value for name, value in record.items()}
    return record | {"source": source, "ends": (min(source, other), max(source, other))}


def group(records, ports):
    """(protocol, lower end, higher end) -> its records. Ends have a port where the protocol is one of `ports`."""
    found = defaultdict(list)
    for record in records:
        proto = int(record["proto"])
        if proto not in ports:
            record = record | {"src_port": 0, "dst_port": 0}
        record = turn(record)
        found[(proto, *record["ends"])].append(record)
    return found


class Capture:
    """What pcapmill says of a capture: flows, the names of anomalies, and the stacks of layers."""

    def __init__(self, folder):
        self.flows, anomalies, stacks = (self.table(folder, name) for name in ("flows", "anomalies", "protocols"))
        self.anomalies = {row["anomaly"] for row in anomalies}
        self.stacks = [row["path"].split(":") for row in stacks]

    @staticmethod
    def table(folder, name):
        with open(os.path.join(folder, name + ".csv"), encoding="ascii") as file:
            return list(csv.DictReader(file))

    def links(self):
        """The layers before the first IP header, where there is one."""
        links = set()
        for stack in self.stacks:
            network = next((at for at, layer in enumerate(stack) if layer in NETWORKS), 0)
            links.update(stack[:network])
        return links

    def malformed(self):
        return self.anomalies & MALFORMED

    def tunnels(self):
        return any(int(flow["proto"]) in TUNNELS for flow in self.flows)


def read_ours(program, path, folder):
    """What pcapmill says of a capture; None: it refuses it."""
    out = os.path.join(folder, "out")
    done = run(program, "analyze", "-q", "-t", "flows,anomalies,protocols", "--columns", "all", "--idle-timeout", "0",
               "--render", "none", "--damaged-ok", "--force", "-o", out, path)
    return done and Capture(out)


def totals(records, name):
    """The sums of a column: there and back, or of both where the two ends are equal."""
    ways = [sum(int(record[way + name]) for record in records) for way in WAYS]
    low, high = records[0]["ends"]
    return ways if low != high else [sum(ways)]


def times(records, unit_ns):
    return (min(int(record["first_ts_ns"]) // unit_ns for record in records),
            max(int(record["last_ts_ns"]) // unit_ns for record in records))


def differences(names, flows, records):
    """What differs in sum."""
    for name in names:
        ours, theirs = totals(flows, name), totals(records, name)
        if ours != theirs:
            yield f"{name} {ours}, not {theirs}"


class Tool:
    """A tool, what is compared with it, and what is not."""
    name = ""
    programs = ()
    ports = {6, 17, 132}  # the protocols whose ports it knows
    workers = 1  # for each CPU

    def unfit(self, capture):
        """Why nothing of a capture is compared; empty: it is."""

    def read(self, path, folder):
        """Its records of a capture, with the columns of flows.csv; None: it cannot read it."""
        raise NotImplementedError

    def merge(self, flows, records):
        """Both by conversations, alike."""
        return group(flows, self.ports), group(records, self.ports)

    def rule(self, capture, conversation, flows, records):
        """Why a conversation is passed over; empty: it is not. Of one side, the list may be empty."""

    def faults(self, capture, flows, records):
        """What differs in a conversation that both know."""
        raise NotImplementedError

    def compare(self, task):
        """What differs in a capture, None if it is not compared; and a Counter of what became of it."""
        program, path = task
        with tempfile.TemporaryDirectory() as folder:
            capture = read_ours(program, path, folder)
            if capture is None:
                return None, Counter()
            reason = self.unfit(capture)
            if reason:
                return None, Counter({("captures", reason): 1})
            records = self.read(path, folder)
        if records is None:
            return None, Counter({("captures", f"{self.name} cannot read"): 1})
        if not records and not capture.flows:
            return None, Counter({("captures", "without flows"): 1})
        return self.compare_conversations(capture, records)

    def compare_conversations(self, capture, records):
        wrong, counts = [], Counter()
        ours, theirs = self.merge(capture.flows, records)
        for conversation in ours | theirs:
            flows, records = ours.get(conversation, []), theirs.get(conversation, [])
            reason = self.rule(capture, conversation, flows, records)
            if reason:
                counts["conversations", reason] += 1
                continue
            counts["compared"] += 1
            found = list(self.faults(capture, flows, records)) if flows and records else ["only one knows it"]
            wrong += [f"{describe(conversation)}: {fault}" for fault in found]
        return (wrong[:3] if counts["compared"] else None), counts


def describe(conversation):
    proto, *ends = conversation
    return " ".join([str(proto)] + [f"{address} {port}" for address, port in ends])


def main(tool):
    missing = [program for program in tool.programs if not shutil.which(program)]
    if missing:
        print(f"skipped: no {missing[0]}")
        sys.exit(77)
    program, *paths = sys.argv[1:]
    tally = Tally(os.path.join(os.path.dirname(os.path.abspath(__file__)), tool.name + "_exceptions.txt"))
    counts = Counter()
    paths = list(captures(paths))
    with multiprocessing.Pool(tool.workers * len(os.sched_getaffinity(0))) as pool:
        for path, (wrong, found) in zip(paths, pool.imap(tool.compare, [(program, path) for path in paths])):
            tally.add(path, wrong)
            counts += found
    passed = {what: ", ".join(f"{n} {key[1]}" for key, n in counts.most_common() if key[0] == what)
              for what in ("conversations", "captures")}
    tally.close(f" ({counts['compared']} conversations; of others {passed['conversations'] or 'none'}; "
                f"captures: {passed['captures'] or 'all'})")
