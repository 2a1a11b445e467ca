"""What the comparing tests share: which captures there are, and what came of them."""
import os
import sys


def captures(paths):
    """Every file of the paths, folders walked in order. Where nothing is there, the test is skipped."""
    if not any(os.path.exists(path) for path in paths):
        print("skipped: no ../shared")
        sys.exit(77)
    for path in paths:
        if os.path.isdir(path):
            for folder, _, names in sorted(os.walk(path)):
                yield from (os.path.join(folder, name) for name in sorted(names))
        elif os.path.exists(path):
            yield path


class Tally:
    """What came of each capture. `exceptions`: files of lines "NAME reason ..." of captures that may differ;
    one that does not differ any more is a failure too, so that the lists stay true."""

    def __init__(self, *exceptions):
        self.reasons = {}
        for path in exceptions:
            with open(path, encoding="utf-8") as file:
                lines = [line.split(None, 1) for line in file]
            self.reasons |= {words[0]: words[1] for words in lines if len(words) == 2 and words[0] != "#"}
        self.equal = self.excepted = self.failed = self.passed_over = 0

    def add(self, path, wrong):
        """`wrong`: what differs; empty: nothing; None: the capture is not for this comparison."""
        excepted = os.path.basename(path) in self.reasons
        if wrong is None:
            self.passed_over += 1
        elif wrong and excepted:
            self.excepted += 1
        elif wrong or excepted:
            self.failed += 1
            print(f"{path}: {wrong or 'equal now: take it off the list of exceptions'}")
        else:
            self.equal += 1

    def close(self, more=""):
        print(f"{self.equal} captures equal{more}, {self.excepted} excepted, {self.failed} differ, "
              f"{self.passed_over} not for this comparison")
        sys.exit(self.failed != 0 or self.equal == 0)
