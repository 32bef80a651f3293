# As opa/policy.rego, in the form that Conftest wants: each message of `deny` is one reason.
package main

import rego.v1

deny contains "a change that an agent had a part in is merged into a service of tier 1 on no Friday" if {
	input.stage == "merge"
	some service in input.services
	service.tier == 1
	by_agent
	time.weekday(time.parse_rfc3339_ns(input.now)) == "Friday"
}

deny contains sprintf("%s is under migrations/: bob has yet to approve it", [file.path]) if {
	some file in input.change.files
	startswith(file.path, "migrations/")
	not approved_by("bob")
}

by_agent if input.change.written_by.ai > 0

by_agent if input.change.written_by.mixed > 0

by_agent if count(input.change.written_by.tools) > 0

approved_by(id) if {
	some approval in input.approvals
	approval.by.id == id
	approval.standing.is == "fresh"
}
