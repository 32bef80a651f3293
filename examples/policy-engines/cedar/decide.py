"""Asks Cedar about each service that a change touches: `python decide.py input.json > decision.json` (needs `pip install cedarpy`)."""

import datetime
import json
import pathlib
import re
import sys

import cedarpy

POLICIES = pathlib.Path(__file__).with_name("policies.cedar")


def context(question):
    """What the policies may ask about the change."""
    if question["schema"] != "counterproof.gate-input/1":
        sys.exit("this is no question that the policies know")
    # What is missing ends here, and is no decision.
    change = question["change"]
    written_by = change["written_by"]
    now = datetime.datetime.fromisoformat(question["now"].split(".")[0].rstrip("Z"))
    fresh = [approval["by"]["id"] for approval in question["approvals"] if approval["standing"]["is"] == "fresh"]
    return {
        "by_agent": bool(written_by.get("ai") or written_by.get("mixed") or written_by.get("tools")),
        "weekday": now.strftime("%A"),
        "migrates": any(
            path.startswith("migrations/") for file in change["files"] for path in (file["path"], file.get("base_path") or "")
        ),
        "approved_by": fresh,
    }


def resources(question):
    """Each service as an entity; the repository itself where the change belongs to none."""
    services = [
        {"uid": {"type": "Service", "id": service["name"]}, "attrs": {"tier": service["tier"]}, "parents": []}
        for service in question["services"]
    ]
    return services or [{"uid": {"type": "Repository", "id": "this"}, "attrs": {}, "parents": []}]


def decide(question, policies):
    told = re.findall(r'@reason\("([^"]*)"\)', policies)
    # Policies are named by their place.
    places = [bool(re.match(r"\s*(//.*\n\s*)*@reason", part)) for part in re.split(r"(?<=;)\n", policies) if part.strip()]
    numbered = [number for number, has_reason in enumerate(places) if has_reason]
    reasons, allowed = [], True
    entities = resources(question)
    for entity in entities:
        uid = entity["uid"]
        answer = cedarpy.is_authorized(
            {
                "principal": 'Change::"this"',
                "action": 'Action::"merge"',
                "resource": f'{uid["type"]}::"{uid["id"]}"',
                "context": context(question),
            },
            policies,
            entities,
        )
        allowed = allowed and answer.allowed and not answer.diagnostics.errors
        for policy in answer.diagnostics.reasons if not answer.allowed else []:
            number = int(policy.removeprefix("policy"))
            reasons.append(told[numbered.index(number)] if number in numbered else policy)
        reasons.extend(str(error) for error in answer.diagnostics.errors)
    return {"rule": "ours", "allow": allowed, "reasons": sorted(set(reasons)), "input": question["digest"]}


if __name__ == "__main__":
    question = json.loads(pathlib.Path(sys.argv[1]).read_text())
    print(json.dumps(decide(question, POLICIES.read_text())))
