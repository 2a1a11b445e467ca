"""flows.csv against the flow tools argus, nfdump and tcptrace: what the three comparisons share.

A conversation is all that two ends say to each other, an end being an address and a port. Each tool cuts it into
records in its own way, and pcapmill into flows, here without an idle timeout. So what is added up is compared in
sum, and of times the earliest and the latest. Records are dicts with the columns of flows.csv, turned so that src
is the lower end.

No tool is compared where libpcap reads a part of the capture at most: pcapng whose interfaces differ in link type or
snap length. Times are not compared before 1970-01-01 00:00:01 or after 2038, nor in captures in which they step back
or are out of range: the tools take the first and the last packet's.
"""
import csv
import ipaddress
import json
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
TURNED = {"fwd_": "rev_", "rev_": "fwd_"}
CLOCK = {"time_step_back", "ts_fraction", "ts_range"}  # anomalies
SECONDS = 20  # for one program and one capture


class Unread(Exception):
    """A capture is not compared; why."""


def run(*command, statuses=(0,)):
    """What a program writes to stdout and to stderr."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=SECONDS,
                              env=os.environ | {"TZ": "UTC"})
    except subprocess.TimeoutExpired:
        raise Unread(f"in which {os.path.basename(command[0])} hangs") from None
    if done.returncode not in statuses:
        raise Unread(f"that {os.path.basename(command[0])} does not read")
    return done.stdout, done.stderr


def read_csv(folder, name):
    with open(os.path.join(folder, name), encoding="ascii") as file:
        return list(csv.DictReader(file))


def address_pair(record):
    return frozenset(ipaddress.ip_address(record[side]) for side in ("src_ip", "dst_ip"))


class Capture:
    """What pcapmill says of a capture."""

    def __init__(self, program, path, folder):
        out = os.path.join(folder, "out")
        run(program, "analyze", "-q", "-t", "flows,anomalies,protocols", "--columns", "all", "--idle-timeout", "0",
            "--render", "none", "--damaged-ok", "--force", "-o", out, path)
        self.flows = read_csv(out, "flows.csv")
        self.fragmented = {address_pair(flow) for flow in self.flows if flow["fragments"] != "0"}
        self.anomalies = {row["anomaly"] for row in read_csv(out, "anomalies.csv")}
        self.stacks = [row["path"].split(":") for row in read_csv(out, "protocols.csv")]
        with open(os.path.join(out, "summary.json"), encoding="utf-8") as file:
            inputs = json.load(file)["inputs"]
        self.interfaces = {(interface["link_type"], interface["snap_len"]) for part in inputs
                           for section in part.get("sections", []) for interface in section["interfaces"]}

    def links(self):
        """The layers before the outermost IP headers, without the PPP that always follows PPPoE."""
        links = set()
        for stack in self.stacks:
            network = next((at for at, layer in enumerate(stack) if layer in ("ip", "ipv6")), 0)
            links.update(layer for before, layer in zip([""] + stack, stack[:network]) if before != "pppoes")
        return links


def turn(record):
    """The record with the lower of its `ends` as src; `source` is the end that was src."""
    source, other = ((ipaddress.ip_address(record[side + "_ip"]), int(record[side + "_port"]))
                     for side in ("src", "dst"))
    if source > other:
        record = {TURNED.get(name[:4], name[:4]) + name[4:]: value for name, value in record.items()}
    return record | {"source": source, "ends": (min(source, other), max(source, other))}


def group(records, ports):
    """(protocol, lower end, higher end) -> the records. Ends have a port where the protocol is one of `ports`."""
    found = defaultdict(list)
    for record in records:
        without = {} if int(record["proto"]) in ports else {"src_port": 0, "dst_port": 0}
        record = turn(record | without)
        found[(int(record["proto"]), *record["ends"])].append(record)
    return found


def totals(records, column):
    """The sums of a column in both directions, or the sum of both where the ends are equal."""
    sums = [sum(int(record[way + column]) for record in records) for way in WAYS]
    low, high = records[0]["ends"]
    return sums if low != high else [sum(sums)]


def times(records, unit_ns=1):
    return (min(int(record["first_ts_ns"]) // unit_ns for record in records),
            max(int(record["last_ts_ns"]) // unit_ns for record in records))


def is_timed(capture, flows):
    """Whether times are compared."""
    first, last = times(flows)
    return not capture.anomalies & CLOCK and 10**9 <= first <= last < 2**31 * 10**9


def differ(what, ours, theirs):
    """What differs, as a list of texts."""
    return [] if ours == theirs else [f"{what} {ours}, not {theirs}"]


class Tool:
    """A tool, what is compared with it, and what is not."""
    name = ""  # and that of its list of exceptions
    programs = ()
    links = set()  # the layers before IP that it reads
    malformed = set()  # anomalies of packets that it reads in another way, or not at all
    tunnels = set()  # protocols that it opens
    ports = {6, 17, 132}  # protocols whose ports it knows
    sums = ()  # columns that are added up
    unit_ns = 1000  # of its times
    workers = 1  # per CPU

    def read(self, path, folder):
        """Its records of a capture, or Unread."""
        raise NotImplementedError

    def merge(self, flows, records):
        """Both by conversation."""
        return group(flows, self.ports), group(records, self.ports)

    def unfit(self, capture):
        """Why nothing of a capture is compared; empty: it is."""
        if len(capture.interfaces) > 1:
            return "of unlike interfaces"
        if capture.anomalies & self.malformed:
            return "with malformed packets"
        if capture.links() - self.links:
            return "of links or tags it does not read"
        if any(int(flow["proto"]) in self.tunnels for flow in capture.flows):
            return "with tunnels it opens"
        return ""

    def passed_over(self, capture, conversation, flows, records):
        """Why a conversation is not compared; empty: it is. The flows or records of one side may be none."""
        addresses = frozenset(end[0] for end in conversation[1:])
        if any(flow["fragments"] != "0" for flow in flows) or not flows and addresses in capture.fragmented:
            return "with fragments"
        return ""

    def time_faults(self, capture, conversation, ours, theirs):
        """What differs in the first and the last time."""
        return differ("times", ours, theirs)

    def more(self, capture, flows, records):
        """What else differs."""
        return []

    def faults(self, capture, conversation, flows, records):
        """What differs in a conversation."""
        if not flows or not records:
            return [f"{'pcapmill' if flows else self.name} alone knows it"]
        wrong = []
        for column in self.sums:
            wrong += differ(column, totals(flows, column), totals(records, column))
        if is_timed(capture, flows):
            ours, theirs = times(flows, self.unit_ns), times(records, self.unit_ns)
            wrong += self.time_faults(capture, conversation, ours, theirs)
        return wrong + self.more(capture, flows, records)

    def compare(self, task):
        """What differs in a capture, None where it is not compared; and a Counter of what became of it."""
        try:
            with tempfile.TemporaryDirectory() as folder:
                capture = Capture(*task, folder)
                reason = self.unfit(capture)
                if reason:
                    raise Unread(reason)
                ours, theirs = self.merge(capture.flows, self.read(task[1], folder))
        except Unread as reason:
            return None, Counter({("captures", str(reason)): 1})
        wrong, counts = [], Counter()
        for conversation in ours | theirs:
            flows, records = ours.get(conversation, []), theirs.get(conversation, [])
            reason = self.passed_over(capture, conversation, flows, records)
            if reason:
                counts["conversations", reason] += 1
                continue
            counts["compared"] += 1
            counts["timed"] += bool(flows) and is_timed(capture, flows)
            counts["alike"] += len(flows) == len(records)
            proto, low, high = conversation
            wrong += [f"protocol {proto}, {low[0]} {low[1]}, {high[0]} {high[1]}: {fault}"
                      for fault in self.faults(capture, conversation, flows, records)]
        if not counts["compared"]:
            counts["captures", "without conversations"] = 1
        return wrong[:3] if counts["compared"] else None, counts


def reasons(counts, what):
    found = [(n, key[1]) for key, n in counts.most_common() if key[0] == what]
    return ", ".join(f"{n} {reason}" for n, reason in found) or "none"


def main(tool):
    for program in tool.programs:
        if not shutil.which(program):
            print(f"skipped: no {program}")
            sys.exit(77)
    program, *paths = sys.argv[1:]
    tally = Tally(os.path.join(os.path.dirname(os.path.abspath(__file__)), tool.name + "_exceptions.txt"))
    counts = Counter()
    paths = list(captures(paths))
    with multiprocessing.Pool(tool.workers * len(os.sched_getaffinity(0))) as pool:
        for path, (wrong, found) in zip(paths, pool.imap(tool.compare, [(program, path) for path in paths])):
            tally.add(path, wrong)
            counts += found
    tally.close(f" in {counts['compared']} conversations, {counts['timed']} with times, {counts['alike']} cut into as "
                f"many records (conversations passed over: {reasons(counts, 'conversations')}; "
                f"captures: {reasons(counts, 'captures')})")
