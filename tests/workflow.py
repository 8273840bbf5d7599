"""workflow.py: runs a job of a GitHub Actions workflow here, step by step, as its runner would.

usage: workflow.py WORKFLOW JOB EVENT STUBS [VARIABLE=VALUE...]

Each `run:` goes to `bash -e`, in the working directory, with GITHUB_PATH and GITHUB_ENV between the steps; what it prints is
printed. Each `uses:` runs the program of its name in STUBS (owner/action@v4: owner+action), with its `with:` as INPUT_NAME in the
environment; one that has none fails. So does every key and every condition that is not known here: nothing is passed over.
Exits 1 where a step failed, as the job would.
"""
import os
import re
import subprocess
import sys
import tempfile

import yaml

STEP_KEYS = {"name", "if", "uses", "with", "run"}
JOB_KEYS = {"runs-on", "steps", "needs", "if"}


def condition(text, event, variables, is_well):
    """What the conditions of our examples mean, and no others."""
    always = False
    for part in (p.strip() for p in str(text).split("&&")):
        variable = re.fullmatch(r"vars\.(\w+) == '(\w*)'", part)
        of_event = re.fullmatch(r"github\.event_name == '(\w+)'", part)
        if part == "always()":
            always = True
        elif variable:
            if variables.get(variable[1], "") != variable[2]:
                return False
        elif of_event:
            if of_event[1] != event:
                return False
        else:
            sys.exit(f"a condition that is not known here: {part}")
    return always or is_well


def known(mapping, keys, what):
    unknown = set(mapping) - keys
    if unknown:
        sys.exit(f"keys of a {what} that are not known here: {sorted(unknown)}")


def run_step(step, environment, scratch, stubs):
    """The status of a step. The files that it may write to are new ones."""
    for name in ("GITHUB_PATH", "GITHUB_ENV", "GITHUB_STEP_SUMMARY"):
        environment[name] = os.path.join(scratch, name)
        open(environment[name], "w").close()
    if "uses" in step:
        action = re.fullmatch(r"([\w-]+)/([\w/-]+)@v\d+", step["uses"])
        stub = action and os.path.join(stubs, f"{action[1]}+{action[2].replace('/', '+')}")
        if not stub or not os.access(stub, os.X_OK):
            sys.exit(f"no stub for {step['uses']}")
        given = {f"INPUT_{k.upper().replace('-', '_')}": str(v) for k, v in step.get("with", {}).items()}
        return subprocess.run([stub], env={**environment, **given}, check=False).returncode
    script = os.path.join(scratch, "step.sh")
    with open(script, "w") as file:
        file.write(step["run"])
    if "${{" in step["run"]:
        sys.exit("an expression in a script, which could be somebody's code")
    status = subprocess.run(["bash", "-e", script], env=environment, check=False).returncode
    with open(environment["GITHUB_PATH"]) as file:
        for line in file.read().splitlines():
            environment["PATH"] = line + ":" + environment["PATH"]
    with open(environment["GITHUB_ENV"]) as file:
        environment.update(line.split("=", 1) for line in file.read().splitlines())
    return status


def main():
    path, name, event, stubs = sys.argv[1:5]
    variables = dict(v.split("=", 1) for v in sys.argv[5:])
    with open(path) as file:
        workflow = yaml.safe_load(file)
    # YAML 1.1, which PyYAML reads, takes the key `on` for true.
    if event not in workflow[True]:
        sys.exit(f"the workflow does not run on {event}")
    job = workflow["jobs"][name]
    known(job, JOB_KEYS, "job")
    if "if" in job and not condition(job["if"], event, variables, True):
        print(f"skipped: job {name}")
        return 0
    is_well = True
    environment = dict(os.environ, CI="true", GITHUB_ACTIONS="true", GITHUB_EVENT_NAME=event)
    with tempfile.TemporaryDirectory() as scratch:
        for step in job["steps"]:
            known(step, STEP_KEYS, "step")
            title = step.get("name", step.get("uses"))
            if not condition(step["if"], event, variables, is_well) if "if" in step else not is_well:
                print(f"skipped: {title}", flush=True)
                continue
            print(f"step: {title}", flush=True)
            if run_step(step, environment, scratch, stubs) != 0:
                print(f"failed: {title}", flush=True)
                is_well = False
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
