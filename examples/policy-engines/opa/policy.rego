# What the gate is asked about is `input`; `data.counterproof.decision` is the answer that it takes.
package counterproof

import rego.v1

decision := {
	"rule": "ours",
	"allow": count(reasons) == 0,
	"reasons": sort([reason | some reason in reasons]),
	"input": input.digest,
}

reasons contains "a change that an agent had a part in is merged into a service of tier 1 on no Friday" if {
	input.stage == "merge"
	some service in input.services
	service.tier == 1
	by_agent
	time.weekday(time.parse_rfc3339_ns(input.now)) == "Friday"
}

reasons contains sprintf("%s is under migrations/: bob has yet to approve it", [file.path]) if {
	some file in input.change.files
	some path in [file.path, object.get(file, "base_path", "")]
	startswith(path, "migrations/")
	not approved_by("bob")
}

reasons contains "this is no question that the policy knows" if not is_known

# What is missing would leave the conditions undefined, and nothing would refuse.
is_known if {
	input.schema == "counterproof.gate-input/1"
	is_array(input.services)
	is_array(input.approvals)
	is_array(input.change.files)
	is_object(input.change.written_by)
	time.parse_rfc3339_ns(input.now) > 0
}

by_agent if input.change.written_by.ai > 0

by_agent if input.change.written_by.mixed > 0

by_agent if count(input.change.written_by.tools) > 0

# Only what still stands counts: a later push makes an approval stale.
approved_by(id) if {
	some approval in input.approvals
	approval.by.id == id
	approval.standing.is == "fresh"
}
