"""Asks Cedar about each service that a change touches: `python decide.py input.json > decision.json` (needs `pip install cedarpy`)."""

import datetime
import json
import pathlib
import sys

import cedarpy

HERE = pathlib.Path(__file__).parent


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


def told(policies):
    """What each policy says of itself, by Cedar's name for it."""
    parsed = json.loads(cedarpy.policies_to_json_str(policies))["staticPolicies"]
    return {name: policy.get("annotations", {}).get("reason", name) for name, policy in parsed.items()}


def decide(question):
    policies = (HERE / "policies.cedar").read_text()
    schema = (HERE / "schema.cedarschema").read_text()
    # Cedar leaves out a policy that errs, and one that forbids would let everything pass then.
    checked = cedarpy.validate_policies(policies, schema)
    if not checked.validation_passed:
        sys.exit("the policies do not fit their schema: " + "; ".join(str(error) for error in checked.errors))
    says, reasons, allowed = told(policies), set(), True
    entities, asked = resources(question), context(question)
    for entity in entities:
        request = {
            "principal": 'Change::"this"',
            "action": 'Action::"merge"',
            "resource": f'{entity["uid"]["type"]}::{json.dumps(entity["uid"]["id"])}',
            "context": asked,
        }
        answer = cedarpy.is_authorized(request, policies, entities, schema)
        if answer.diagnostics.errors:
            sys.exit("Cedar cannot decide: " + "; ".join(str(error) for error in answer.diagnostics.errors))
        if not answer.allowed:
            allowed = False
            reasons.update([says[policy] for policy in answer.diagnostics.reasons] or ["no policy permits it"])
    return {"rule": "ours", "allow": allowed, "reasons": sorted(reasons), "input": question["digest"]}


if __name__ == "__main__":
    print(json.dumps(decide(json.loads(pathlib.Path(sys.argv[1]).read_text()))))
