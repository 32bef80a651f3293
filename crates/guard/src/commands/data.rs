//! Databases, caches and queues by their clients.

use super::clients;
use super::infrastructure::placed;
use super::options::Options;
use crate::effect::{Decision, Effect, EffectKind, Environment, Reach, Reversible};
use crate::sql::{Done, effects};
use crate::surroundings::Surroundings;
use crate::walk::{Input, On, Run, UNKNOWN, Walker, shown};

/// A client: its name, the options that hold SQL, those that hold a file of it, and those that say where.
type Client = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
);

/// Clients with the options that hold SQL, those that hold a file of it, and those that say where.
const CLIENTS: [Client; 16] = [
    (
        "psql",
        &["-c", "--command"],
        &["-f", "--file"],
        &["-h", "--host", "-d", "--dbname", "-U", "--username", "-p", "--port"],
    ),
    (
        "mysql",
        &["-e", "--execute"],
        &[],
        &[
            "-h",
            "--host",
            "-D",
            "--database",
            "-u",
            "--user",
            "-P",
            "--port",
            "--defaults-file",
        ],
    ),
    (
        "mariadb",
        &["-e", "--execute"],
        &[],
        &["-h", "--host", "-D", "--database", "-u", "--user", "-P", "--port"],
    ),
    ("sqlcmd", &["-Q", "-q"], &["-i"], &["-S", "-d", "-U", "-P"]),
    (
        "cockroach",
        &["-e", "--execute"],
        &["-f", "--file"],
        &["--url", "--host", "--database", "-d"],
    ),
    (
        "clickhouse-client",
        &["-q", "--query"],
        &["--queries-file"],
        &["-h", "--host", "-d", "--database", "--user"],
    ),
    (
        "clickhouse",
        &["-q", "--query"],
        &["--queries-file"],
        &["-h", "--host", "-d", "--database", "--user"],
    ),
    (
        "snowsql",
        &["-q", "--query"],
        &["-f", "--filename"],
        &["-a", "-d", "--dbname", "-c", "--connection"],
    ),
    ("duckdb", &["-c", "-s", "-cmd"], &["-f", "-init"], &[]),
    ("sqlite3", &["-cmd"], &["-init"], &[]),
    (
        "cqlsh",
        &["-e", "--execute"],
        &["-f", "--file"],
        &["-k", "--keyspace", "-u"],
    ),
    ("usql", &["-c", "--command"], &["-f", "--file"], &[]),
    (
        "pgcli",
        &["-c", "--execute"],
        &[],
        &["-h", "--host", "-d", "--dbname", "-U"],
    ),
    (
        "mycli",
        &["-e", "--execute"],
        &[],
        &["-h", "--host", "-D", "--database", "-u"],
    ),
    (
        "trino",
        &["--execute"],
        &["-f", "--file"],
        &["--server", "--catalog", "--schema"],
    ),
    (
        "presto",
        &["--execute"],
        &["-f", "--file"],
        &["--server", "--catalog", "--schema"],
    ),
];

/// Tells what these do; false where it is none of them.
pub fn run(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) -> bool {
    if let Some((_, inline, files, places)) = CLIENTS.iter().find(|(one, ..)| *one == name) {
        client(walker, run, name, inline, files, places);
        return true;
    }
    match name {
        "dropdb" | "dropuser" | "mysqladmin" | "pg_restore" | "mysqlimport" | "pg_ctl" | "pg_resetwal" | "initdb"
        | "pg_dropcluster" | "createdb" => administered(walker, run, name),
        "redis-cli" | "valkey-cli" | "keydb-cli" => redis(walker, run),
        "mongosh" | "mongo" | "mongorestore" | "mongoimport" => mongo(walker, run, name),
        "kafka-topics"
        | "kafka-topics.sh"
        | "kafka-consumer-groups"
        | "kafka-consumer-groups.sh"
        | "kafka-delete-records.sh"
        | "rabbitmqctl"
        | "rabbitmqadmin"
        | "nats"
        | "celery"
        | "pulsar-admin"
        | "rpk"
        | "kcat"
        | "zkCli.sh"
        | "temporal" => queues(walker, run, name),
        "influx" | "elasticdump" | "cbq" | "curator" | "neo4j-admin" | "cypher-shell" => others(walker, run, name),
        _ => return false,
    }
    true
}

fn client(walker: &mut Walker<'_>, run: &Run<'_>, name: &str, inline: &[&str], files: &[&str], places: &[&str]) {
    let valued: Vec<&str> = inline
        .iter()
        .chain(files)
        .chain(places)
        .copied()
        .chain(["-v", "--set", "--variable", "-o", "--output", "--format", "-F"])
        .collect();
    let options = Options::of(run.args, &valued);
    let variables = ["PGHOST", "PGDATABASE", "PGSERVICE", "MYSQL_HOST", "DATABASE_URL"];
    let from_variables: Vec<String> = variables.iter().filter_map(|name| walker.variable(run, name)).collect();
    let mut told: Vec<String> = options
        .values(places)
        .map(str::to_owned)
        .chain(from_variables)
        .collect();
    let is_file = matches!(name, "sqlite3" | "duckdb");
    let sql_operand = usize::from(is_file);
    let mut texts: Vec<String> = options.values(inline).map(str::to_owned).collect();
    for (at, operand) in options.operands.iter().enumerate() {
        if is_file && at >= sql_operand {
            texts.push(operand.text.clone());
        } else {
            told.push(operand.text.clone());
        }
    }
    for file in options.values(files) {
        match walker.path(file).and_then(|path| walker.read(&path)) {
            Some(text) => texts.push(text),
            None => texts.push(format!("{UNKNOWN}")),
        }
    }
    match run.input {
        Input::Known(text) => texts.push(text.clone()),
        Input::Unknown(_) if texts.is_empty() => texts.push(format!("{UNKNOWN}")),
        _ => {}
    }
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    for text in texts {
        sql(walker, &text, &told, is_file);
    }
}

/// What a text of SQL does in a place.
pub fn sql(walker: &mut Walker<'_>, text: &str, told: &[&str], in_file: bool) {
    nested_sql(walker, text, told, in_file, &mut Vec::new());
}

/// The same for a text that another one reads; which were read is noted.
pub(super) fn nested_sql(walker: &mut Walker<'_>, text: &str, told: &[&str], in_file: bool, seen: &mut Vec<String>) {
    if text.contains(UNKNOWN) && text.trim().chars().count() < 3 {
        let environment = Surroundings::environment_of(told.iter().copied());
        if environment == Environment::Production || environment != Environment::Development && !in_file {
            walker.effect(Effect::new(
                EffectKind::Unknown,
                "statements of SQL that cannot be read from here",
                Reversible::No,
                Reach::Service,
            ));
        }
        return;
    }
    let mut statements = String::new();
    for line in text.lines() {
        if !clients::line(walker, line, told, in_file, seen) {
            statements.push_str(line);
            statements.push('\n');
        }
    }
    for done in effects(&statements) {
        if let Some(command) = &done.shell {
            let command = command.clone();
            walker.shell(&command, "what a statement runs on the server", None);
        }
        let effect = weighed(walker, &done, told, in_file);
        walker.effect(effect);
    }
}

fn weighed(walker: &Walker<'_>, done: &Done, told: &[&str], in_file: bool) -> Effect {
    let environment = match &walker.on {
        On::Elsewhere(name) => Environment::of(name).max(Surroundings::environment_of(told.iter().copied())),
        _ => Surroundings::environment_of(told.iter().copied()),
    };
    let safer = match done.kind {
        EffectKind::Delete | EffectKind::Overwrite => {
            "begin a transaction and look at the rows first, and take a copy of the data"
        }
        _ => "look at the rows first",
    };
    if walker.on == On::Throwaway {
        return Effect::new(done.kind, done.target.clone(), Reversible::Yes, Reach::Scratch);
    }
    if in_file {
        let effect = Effect::new(done.kind, done.target.clone(), done.reversible, Reach::Workspace);
        let is_scratch = told
            .iter()
            .any(|name| name.contains(":memory:") || name.contains("test") || name.starts_with("/tmp/"));
        let daily = matches!(done.kind, EffectKind::Change | EffectKind::Stop);
        return effect
            .decided(if is_scratch || daily {
                Decision::Allow
            } else {
                Decision::Ask
            })
            .instead("copy the file first");
    }
    let effect = placed(walker, done.kind, done.target.clone(), done.reversible, told).in_environment(environment);
    if environment <= Environment::Development && is_for_tests(walker, told, &done.target) {
        return effect.decided(Decision::Allow);
    }
    // Adding is daily work where nothing says that people use it.
    let is_daily =
        done.kind == EffectKind::Change && environment <= Environment::Unknown && done.reversible == Reversible::Yes;
    let effect = if is_daily {
        effect.decided(Decision::Allow)
    } else {
        effect
    };
    let effect = if matches!(done.kind, EffectKind::Delete | EffectKind::Overwrite) && done.reversible == Reversible::No
    {
        effect.at_least(Decision::Ask)
    } else {
        effect
    };
    effect.instead(safer)
}

/// Whether a database is of this machine and its name says that tests make it again.
fn is_for_tests(walker: &Walker<'_>, told: &[&str], target: &str) -> bool {
    let is_local = |host: &str| matches!(host, "" | "localhost" | "127.0.0.1" | "::1");
    let is_test = |name: &str| {
        name == "test"
            || name.starts_with("test_")
            || ["_test", "-test", "_test_tmp"].iter().any(|end| name.ends_with(end))
    };
    let mut is_named = target.starts_with("the database `")
        && target
            .split('`')
            .nth(1)
            .is_some_and(|name| name.split(' ').all(is_test));
    for one in told {
        if let Some((_, rest)) = one.split_once("://") {
            let (host, name) = rest.split_once('/').unwrap_or((rest, ""));
            let host = host
                .rsplit('@')
                .next()
                .unwrap_or(host)
                .split(':')
                .next()
                .unwrap_or(host);
            if !is_local(host) {
                return false;
            }
            is_named |= is_test(name.split('?').next().unwrap_or(name));
        } else if is_test(one) {
            is_named = true;
        } else if !is_local(one)
            && !matches!(*one, "postgres" | "root")
            && !one.bytes().all(|byte| byte.is_ascii_digit())
        {
            return false;
        }
    }
    is_named && walker.on == On::Here
}

fn administered(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let options = Options::of(
        run.args,
        &[
            "-h",
            "--host",
            "-U",
            "--username",
            "-p",
            "--port",
            "-d",
            "--dbname",
            "-u",
            "--user",
            "-P",
            "-D",
        ],
    );
    let told: Vec<&str> = options
        .values(&["-h", "--host", "-d", "--dbname", "-D"])
        .chain(options.operands.iter().map(|arg| arg.text.as_str()))
        .collect();
    let named = shown(
        &options
            .operands
            .iter()
            .map(|arg| arg.text.as_str())
            .collect::<Vec<_>>()
            .join(" "),
    );
    let (kind, target, reversible) = match name {
        "dropdb" | "pg_dropcluster" => (EffectKind::Delete, format!("the database `{named}`"), Reversible::No),
        "dropuser" => (
            EffectKind::Delete,
            format!("the user `{named}` of a database"),
            Reversible::Partly,
        ),
        "mysqladmin" if options.operands.iter().any(|arg| arg.text == "drop") => {
            (EffectKind::Delete, format!("a database (`{named}`)"), Reversible::No)
        }
        "mysqladmin"
            if options
                .operands
                .iter()
                .any(|arg| matches!(arg.text.as_str(), "shutdown" | "kill")) =>
        {
            (EffectKind::Stop, "a database server".to_owned(), Reversible::Partly)
        }
        "pg_restore" if options.has(&["-c", "--clean"]) => (
            EffectKind::Recreate,
            "what the database holds".to_owned(),
            Reversible::No,
        ),
        "pg_restore" | "mysqlimport" if options.has(&["-d", "--dbname", "--delete", "-D"]) => (
            EffectKind::Change,
            "what a database holds".to_owned(),
            Reversible::Partly,
        ),
        "pg_ctl"
            if options
                .operands
                .iter()
                .any(|arg| matches!(arg.text.as_str(), "stop" | "kill")) =>
        {
            (EffectKind::Stop, "a database server".to_owned(), Reversible::Yes)
        }
        "pg_resetwal" => (
            EffectKind::Overwrite,
            "what keeps a database whole".to_owned(),
            Reversible::No,
        ),
        _ => return,
    };
    if name == "dropdb" && is_for_tests(walker, &told, "") {
        return;
    }
    walker.effect(
        placed(walker, kind, target, reversible, &told)
            .at_least(if reversible == Reversible::No {
                Decision::Ask
            } else {
                Decision::Allow
            })
            .instead("take a copy of the data first"),
    );
}

fn redis(walker: &mut Walker<'_>, run: &Run<'_>) {
    let options = Options::of(
        run.args,
        &[
            "-h", "-p", "-n", "-a", "-u", "--user", "--pass", "-s", "--eval", "-r", "-i",
        ],
    );
    let told: Vec<&str> = options.values(&["-h", "-u"]).collect();
    let mut commands: Vec<String> = vec![
        options
            .operands
            .iter()
            .map(|arg| arg.text.as_str())
            .collect::<Vec<_>>()
            .join(" "),
    ];
    if let Input::Known(text) = run.input {
        commands.extend(text.lines().map(str::to_owned));
    }
    for command in commands {
        let mut words = command.split_whitespace();
        let verb = words.next().unwrap_or_default().to_uppercase();
        let second = words.next().unwrap_or_default().to_uppercase();
        let (kind, reversible) = match verb.as_str() {
            "FLUSHALL" | "FLUSHDB" => (EffectKind::Delete, Reversible::No),
            "DEL" | "UNLINK" | "XTRIM" | "LTRIM" | "HDEL" | "ZREMRANGEBYSCORE" | "SREM" | "EXPIRE" | "GETDEL" => {
                (EffectKind::Delete, Reversible::Partly)
            }
            "SHUTDOWN" | "FAILOVER" => (EffectKind::Stop, Reversible::Partly),
            "DEBUG" | "MIGRATE" | "REPLICAOF" | "SLAVEOF" => (EffectKind::Overwrite, Reversible::No),
            "CONFIG" if second == "SET" || second == "RESETSTAT" => (EffectKind::Change, Reversible::Partly),
            "SCRIPT" | "FUNCTION" if second == "FLUSH" || second == "KILL" => (EffectKind::Delete, Reversible::Partly),
            "ACL" if matches!(second.as_str(), "SETUSER" | "DELUSER") => (EffectKind::Expose, Reversible::Partly),
            "CLUSTER" if matches!(second.as_str(), "RESET" | "FORGET" | "FLUSHSLOTS" | "FAILOVER") => {
                (EffectKind::Stop, Reversible::No)
            }
            "EVAL" | "EVALSHA" | "FCALL" => {
                let lower = command.to_lowercase();
                let takes_away = [
                    "'del'",
                    "\"del\"",
                    "'unlink'",
                    "flushall",
                    "flushdb",
                    "\"unlink\"",
                    "'expire'",
                ];
                if !takes_away.iter().any(|word| lower.contains(word)) {
                    continue;
                }
                (EffectKind::Delete, Reversible::No)
            }
            "CLIENT" if second == "KILL" => (EffectKind::Stop, Reversible::Yes),
            _ => continue,
        };
        let target = format!("what Redis holds (`{}`)", shown(&command));
        walker.effect(
            placed(walker, kind, target, reversible, &told)
                .at_least(if reversible == Reversible::No {
                    Decision::Ask
                } else {
                    Decision::Allow
                })
                .instead("`SCAN` shows what is there"),
        );
    }
}

fn mongo(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let options = Options::of(
        run.args,
        &[
            "--eval",
            "--host",
            "--port",
            "-u",
            "-p",
            "--db",
            "-d",
            "--uri",
            "-c",
            "--collection",
            "--file",
            "-f",
            "--username",
            "--password",
        ],
    );
    let told: Vec<&str> = options
        .values(&["--host", "--uri", "--db", "-d"])
        .chain(options.operands.iter().map(|arg| arg.text.as_str()))
        .collect();
    if matches!(name, "mongorestore" | "mongoimport") {
        if options.has(&["--drop"]) {
            walker.effect(
                placed(
                    walker,
                    EffectKind::Recreate,
                    "collections of a database".to_owned(),
                    Reversible::No,
                    &told,
                )
                .at_least(Decision::Ask),
            );
        }
        return;
    }
    let mut texts: Vec<String> = options.values(&["--eval"]).map(str::to_owned).collect();
    if let Input::Known(text) = run.input {
        texts.push(text.clone());
    }
    for operand in options.operands.iter().filter(|arg| arg.text.ends_with(".js")) {
        texts.extend(walker.path(&operand.text).and_then(|path| walker.read(&path)));
    }
    for text in texts {
        let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let has = |words: &[&str]| words.iter().any(|word| plain.contains(word));
        let (kind, reversible) = if has(&[
            "dropDatabase(",
            ".drop(",
            "dropCollection",
            "deleteMany({})",
            "deleteMany()",
            ".remove({})",
            ".remove()",
            "dropUser",
            "dropAllUsers",
            "{dropDatabase:",
            "dropIndexes(",
        ]) {
            (EffectKind::Delete, Reversible::No)
        } else if has(&["updateMany({},", "update({},", "replaceOne({},", ".renameCollection("]) {
            (EffectKind::Overwrite, Reversible::No)
        } else if has(&[
            "deleteMany(",
            "deleteOne(",
            ".remove(",
            "findOneAndDelete(",
            "bulkWrite(",
        ]) {
            (EffectKind::Delete, Reversible::Partly)
        } else if has(&[
            "updateMany(",
            "updateOne(",
            ".update(",
            "insertOne(",
            "insertMany(",
            ".save(",
            "replaceOne(",
            "createUser(",
            "grantRoles",
        ]) {
            (EffectKind::Change, Reversible::Partly)
        } else if has(&["shutdownServer(", "fsyncLock(", "killOp(", "rs.stepDown("]) {
            (EffectKind::Stop, Reversible::Partly)
        } else {
            continue;
        };
        let target = format!("what MongoDB holds (`{}`)", shown(&text));
        walker.effect(
            placed(walker, kind, target, reversible, &told)
                .at_least(if reversible == Reversible::No {
                    Decision::Ask
                } else {
                    Decision::Allow
                })
                .instead("`find` with the same filter shows what it is about"),
        );
    }
}

fn queues(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let texts: Vec<&str> = run.args.iter().map(|arg| arg.text.as_str()).collect();
    let has = |words: &[&str]| texts.iter().any(|text| words.contains(text));
    let target = format!("messages or topics (`{name} {}`)", shown(&texts.join(" ")));
    let deletes = has(&[
        "--delete",
        "delete",
        "delete_queue",
        "purge_queue",
        "purge",
        "delete_vhost",
        "delete_user",
        "reset",
        "force_reset",
        "rm",
        "deleteall",
        "rmr",
        "terminate",
        "delete-records",
        "unload",
    ]) || name == "kafka-delete-records.sh";
    let moves = has(&["--reset-offsets"]) && has(&["--execute"]);
    let stops = has(&["stop", "stop_app", "shutdown", "control"]) && name != "nats";
    let kind = if deletes {
        EffectKind::Delete
    } else if moves {
        EffectKind::Overwrite
    } else if stops {
        EffectKind::Stop
    } else {
        return;
    };
    let reversible = if kind == EffectKind::Stop {
        Reversible::Partly
    } else {
        Reversible::No
    };
    walker.effect(
        placed(walker, kind, target, reversible, &texts)
            .at_least(Decision::Ask)
            .instead("look at what is in it first"),
    );
}

fn others(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let texts: Vec<&str> = run.args.iter().map(|arg| arg.text.as_str()).collect();
    let joined = texts.join(" ");
    let upper = joined.to_uppercase();
    let deletes = texts
        .iter()
        .any(|text| matches!(*text, "delete" | "rm" | "remove" | "delete_indices"))
        || upper.contains("DETACH DELETE")
        || upper.contains("DROP ")
        || upper.contains("DELETE FROM")
        || upper.contains("--OVERWRITE-DESTINATION");
    if deletes {
        walker.effect(
            placed(
                walker,
                EffectKind::Delete,
                format!("data (`{name} {}`)", shown(&joined)),
                Reversible::No,
                &texts,
            )
            .at_least(Decision::Ask),
        );
    }
}
