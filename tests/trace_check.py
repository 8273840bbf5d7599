"""Holds a file of `dimc --trace` to the Trace Event Format, and to what dimc promises of it.

    trace_check.py FILE COMMAND THREADS STAGE...     the stages that must occur, and no other may

Prints the share of the run that the outermost spans of the main thread cover, in percent. Exits 1, and says why, where a promise
is broken.
"""
import json
import sys


def fail(text):
    sys.exit("trace_check: " + text)


path, command, threads, *wanted = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    document = json.load(file)
events = document["traceEvents"]
wall = document["otherData"]["wall_us"]
if document["otherData"]["command"] != command or document["otherData"]["lost_spans"] != 0:
    fail(f"otherData: {document['otherData']}")
if len({event["pid"] for event in events}) != 1:
    fail("more than one process")

names = {event["tid"]: event["args"]["name"] for event in events if event["ph"] == "M" and event["name"] == "thread_name"}
if names[1] != "main" or sorted(names) != list(range(1, len(names) + 1)) or len(names) > int(threads):
    fail(f"threads: {names}")
if [event["args"]["name"] for event in events if event["name"] == "process_name"] != ["dimc " + command]:
    fail("the process has no name")

spans = [event for event in events if event["ph"] == "X"]
if len(spans) + len(names) + 1 != len(events):
    fail("an event of another kind")
covered = 0
for thread in names:
    own = [span for span in spans if span["tid"] == thread]
    own.sort(key=lambda span: (span["ts"], -span["dur"]))
    stack = []  # the ends of what is open
    for span in own:
        if not all(isinstance(span[key], int) and span[key] >= 0 for key in ("ts", "dur", "tid", "pid")):
            fail(f"no whole number: {span}")
        if span["args"]["cpu_us"] > span["dur"] + 1:
            fail(f"more of the processor than of the time: {span}")
        end = span["ts"] + span["dur"]
        while stack and stack[-1] <= span["ts"]:
            stack.pop()
        if stack and end > stack[-1]:
            fail(f"not nested: {span}")
        if not stack and thread == 1:
            covered += span["dur"]
        stack.append(end)
        if end > wall:
            fail(f"after the end: {span}")
if set(names) != {span["tid"] for span in spans}:
    fail("a thread without a span")
stages = {span["name"] for span in spans}
if stages | {"wait"} != set(wanted) | {"wait"}:  # whether a thread had to wait is chance
    fail(f"missing: {sorted(set(wanted) - stages)}, not expected: {sorted(stages - set(wanted))}")
print(100 * covered // wall)
