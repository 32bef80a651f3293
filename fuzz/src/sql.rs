//! Statements of SQL.

use guard::{Decision, command, query};

use crate::place::place;
use crate::{quoted, text, well_formed};

/// What must hold of any statement.
pub fn check(data: &[u8]) {
    let Some(statement) = text(data) else { return };
    let place = place();
    let judged = query(statement, "prod-db", &place);
    well_formed(&judged);
    // Each of these costs as much again, so an input is tried in one way; its length chooses which.
    match statement.len() % 4 {
        3 => assert_eq!(
            judged,
            query(statement, "prod-db", &place),
            "the same statement is judged in two ways"
        ),
        0 => well_formed(&query(statement, "localhost_test", &place)),
        1 => {
            let worst = query(&format!("DROP TABLE users;\n{statement}"), "prod-db", &place);
            assert_eq!(worst.decision, Decision::Deny, "what follows hides what came before");
        }
        // By way of the client it is the same statement; what begins with a backslash is the client's own.
        _ if judged.decision > Decision::Allow && !statement.contains(['\\', '\u{fffc}']) => {
            let client = command(&format!("psql -h prod-db -c {}", quoted(statement)), &place);
            assert_ne!(
                client.decision,
                Decision::Allow,
                "not allowed, but allowed by way of psql"
            );
        }
        _ => {}
    }
}
