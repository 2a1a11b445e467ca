"""What the comparing tests share: which captures there are, and which may differ, with the reason."""
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


def exceptions(path):
    """NAME -> reason, from the lines of a file "NAME reason ..."."""
    lines = (line.split(None, 1) for line in open(path, encoding="utf-8"))
    return {words[0]: words[1].strip() for words in lines if len(words) == 2 and words[0] != "#"}
