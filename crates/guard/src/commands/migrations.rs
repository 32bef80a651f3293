//! Migrations of databases, by the tools that run them.

use super::infrastructure::placed;
use crate::effect::{Decision, EffectKind, Environment, Reversible};
use crate::walk::{Arg, Run, Walker, shown};

/// Words of a command line, and what they do.
const KNOWN: [(&[&str], EffectKind, Reversible); 68] = [
    (&["flyway:clean"], EffectKind::Delete, Reversible::No),
    (&["flywayClean"], EffectKind::Delete, Reversible::No),
    (&["ef", "database", "drop"], EffectKind::Delete, Reversible::No),
    (&["drizzle-kit", "push", "--force"], EffectKind::Delete, Reversible::No),
    (&["goose", "down-to"], EffectKind::Delete, Reversible::Partly),
    (
        &["hasura", "migrate", "apply", "--down"],
        EffectKind::Delete,
        Reversible::No,
    ),
    (&["manage.py", "flush"], EffectKind::Delete, Reversible::No),
    (&["manage.py", "reset_db"], EffectKind::Delete, Reversible::No),
    (&["manage.py", "sqlflush"], EffectKind::Change, Reversible::Yes),
    (&["django-admin", "flush"], EffectKind::Delete, Reversible::No),
    (&["manage.py", "migrate", "zero"], EffectKind::Delete, Reversible::No),
    (&["manage.py", "migrate"], EffectKind::Change, Reversible::Partly),
    (&["django-admin", "migrate"], EffectKind::Change, Reversible::Partly),
    (&["alembic", "downgrade", "base"], EffectKind::Delete, Reversible::No),
    (&["alembic", "downgrade"], EffectKind::Delete, Reversible::Partly),
    (&["alembic", "upgrade"], EffectKind::Change, Reversible::Partly),
    (&["flask", "db", "downgrade"], EffectKind::Delete, Reversible::Partly),
    (&["flask", "db", "upgrade"], EffectKind::Change, Reversible::Partly),
    (&["db:drop"], EffectKind::Delete, Reversible::No),
    (&["db:drop:all"], EffectKind::Delete, Reversible::No),
    (&["db:reset"], EffectKind::Recreate, Reversible::No),
    (&["db:migrate:reset"], EffectKind::Recreate, Reversible::No),
    (&["db:schema:load"], EffectKind::Recreate, Reversible::No),
    (&["db:setup"], EffectKind::Recreate, Reversible::No),
    (&["db:truncate_all"], EffectKind::Delete, Reversible::No),
    (&["db:rollback"], EffectKind::Delete, Reversible::Partly),
    (&["db:migrate:down"], EffectKind::Delete, Reversible::Partly),
    (&["db:migrate:undo:all"], EffectKind::Delete, Reversible::No),
    (&["db:migrate:undo"], EffectKind::Delete, Reversible::Partly),
    (&["db:migrate"], EffectKind::Change, Reversible::Partly),
    (&["prisma", "migrate", "reset"], EffectKind::Recreate, Reversible::No),
    (
        &["prisma", "db", "push", "--force-reset"],
        EffectKind::Recreate,
        Reversible::No,
    ),
    (
        &["prisma", "db", "push", "--accept-data-loss"],
        EffectKind::Delete,
        Reversible::No,
    ),
    (&["prisma", "db", "push"], EffectKind::Change, Reversible::Partly),
    (&["prisma", "migrate", "deploy"], EffectKind::Change, Reversible::Partly),
    (&["prisma", "db", "execute"], EffectKind::Change, Reversible::Partly),
    (&["drizzle-kit", "drop"], EffectKind::Delete, Reversible::Partly),
    (&["drizzle-kit", "push"], EffectKind::Change, Reversible::Partly),
    (&["typeorm", "schema:drop"], EffectKind::Delete, Reversible::No),
    (&["typeorm", "schema:sync"], EffectKind::Change, Reversible::Partly),
    (&["typeorm", "migration:revert"], EffectKind::Delete, Reversible::Partly),
    (&["typeorm", "migration:run"], EffectKind::Change, Reversible::Partly),
    (&["knex", "migrate:rollback"], EffectKind::Delete, Reversible::Partly),
    (&["knex", "migrate:latest"], EffectKind::Change, Reversible::Partly),
    (&["artisan", "migrate:fresh"], EffectKind::Recreate, Reversible::No),
    (&["artisan", "migrate:refresh"], EffectKind::Recreate, Reversible::No),
    (&["artisan", "migrate:reset"], EffectKind::Delete, Reversible::No),
    (&["artisan", "db:wipe"], EffectKind::Delete, Reversible::No),
    (&["artisan", "migrate:rollback"], EffectKind::Delete, Reversible::Partly),
    (&["artisan", "migrate"], EffectKind::Change, Reversible::Partly),
    (&["doctrine:schema:drop"], EffectKind::Delete, Reversible::No),
    (&["doctrine:database:drop"], EffectKind::Delete, Reversible::No),
    (&["ecto.drop"], EffectKind::Delete, Reversible::No),
    (&["ecto.reset"], EffectKind::Recreate, Reversible::No),
    (&["ecto.rollback"], EffectKind::Delete, Reversible::Partly),
    (&["flyway", "clean"], EffectKind::Delete, Reversible::No),
    (&["flyway", "migrate"], EffectKind::Change, Reversible::Partly),
    (&["liquibase", "drop-all"], EffectKind::Delete, Reversible::No),
    (&["liquibase", "dropAll"], EffectKind::Delete, Reversible::No),
    (&["liquibase", "update"], EffectKind::Change, Reversible::Partly),
    (&["dbmate", "drop"], EffectKind::Delete, Reversible::No),
    (&["dbmate", "down"], EffectKind::Delete, Reversible::Partly),
    (&["goose", "reset"], EffectKind::Delete, Reversible::No),
    (&["goose", "down"], EffectKind::Delete, Reversible::Partly),
    (&["sqlx", "database", "drop"], EffectKind::Delete, Reversible::No),
    (&["sqlx", "database", "reset"], EffectKind::Recreate, Reversible::No),
    (&["diesel", "database", "reset"], EffectKind::Recreate, Reversible::No),
    (
        &["diesel", "migration", "redo"],
        EffectKind::Recreate,
        Reversible::Partly,
    ),
];

/// Programs that these commands begin with.
const PROGRAMS: [&str; 31] = [
    "mvn",
    "gradle",
    "gradlew",
    "dotnet",
    "hasura",
    "python",
    "python3",
    "manage.py",
    "django-admin",
    "alembic",
    "flask",
    "rails",
    "rake",
    "bin",
    "prisma",
    "drizzle-kit",
    "typeorm",
    "knex",
    "php",
    "artisan",
    "mix",
    "flyway",
    "liquibase",
    "dbmate",
    "goose",
    "sqlx",
    "diesel",
    "sequelize",
    "sequelize-cli",
    "console",
    "migrate",
];

/// Tells what a migration does; false where the words are none.
pub fn run(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) -> bool {
    if !PROGRAMS.contains(&name) && !name.starts_with("python3.") {
        return false;
    }
    if run.args.iter().any(|arg| {
        matches!(
            arg.text.as_str(),
            "--help" | "-h" | "--plan" | "--sql" | "--dry-run" | "--check" | "--fake" | "--pretend"
        )
    }) {
        return false;
    }
    // A program on the command line is looked at as one.
    if name.starts_with("python") && run.args.first().is_some_and(|arg| arg.text == "-c") {
        return false;
    }
    let words: Vec<&str> = std::iter::once(name)
        .chain(run.args.iter().map(|arg| {
            arg.text
                .rsplit('/')
                .next()
                .filter(|name| matches!(*name, "manage.py" | "artisan" | "rails"))
                .unwrap_or(&arg.text)
        }))
        .collect();
    if name == "migrate" {
        let verb = if words.contains(&"drop") {
            Some((EffectKind::Delete, Reversible::No))
        } else if words.contains(&"down") {
            Some((EffectKind::Delete, Reversible::Partly))
        } else {
            None
        };
        if let Some((kind, reversible)) = verb {
            found(walker, run, &words, kind, reversible);
        }
        return true;
    }
    // What a console is given.
    let said = run
        .args
        .iter()
        .map(|arg| arg.text.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    let fed = match run.input {
        crate::walk::Input::Known(text) => text.as_str(),
        _ => "",
    };
    let grave = [
        "delete_all",
        "destroy_all",
        ".delete()",
        "truncate",
        "TRUNCATE",
        "drop_table",
        "DROP TABLE",
        "DELETE FROM",
    ];
    let is_console = words.iter().any(|word| {
        matches!(
            *word,
            "runner" | "shell" | "shell_plus" | "tinker" | "console" | "c" | "dbshell"
        )
    });
    if is_console && grave.iter().any(|word| said.contains(word) || fed.contains(word)) {
        found(walker, run, &words, EffectKind::Delete, Reversible::No);
        return true;
    }
    // What it is given may do anything to what people use.
    let is_given = words.iter().any(|word| matches!(*word, "runner" | "shell" | "tinker")) || !fed.is_empty();
    if is_console && is_given && in_production(walker, run) {
        found(walker, run, &words, EffectKind::Change, Reversible::Partly);
        return true;
    }
    let fits = |known: &&(&[&str], EffectKind, Reversible)| {
        let mut at = 0;
        known
            .0
            .iter()
            .all(|word| match words[at..].iter().position(|one| one == word) {
                Some(step) => {
                    at += step + 1;
                    true
                }
                None => false,
            })
    };
    // The more words fit, the more is told; the first of the table are the gravest.
    match KNOWN.iter().find(fits) {
        Some((_, kind, reversible)) => {
            found(walker, run, &words, *kind, *reversible);
            true
        }
        None => false,
    }
}

/// Whether a variable says that people use what is reached.
fn in_production(walker: &Walker<'_>, run: &Run<'_>) -> bool {
    [
        "RAILS_ENV",
        "NODE_ENV",
        "DJANGO_SETTINGS_MODULE",
        "APP_ENV",
        "DATABASE_URL",
    ]
    .iter()
    .filter_map(|name| walker.variable(run, name))
    .any(|value| Environment::of(&value) == Environment::Production)
}

fn found(walker: &mut Walker<'_>, run: &Run<'_>, words: &[&str], kind: EffectKind, reversible: Reversible) {
    let variables = [
        "DATABASE_URL",
        "RAILS_ENV",
        "NODE_ENV",
        "DJANGO_SETTINGS_MODULE",
        "APP_ENV",
        "MIX_ENV",
        "FLASK_ENV",
        "ENVIRONMENT",
    ];
    let told: Vec<String> = variables
        .iter()
        .filter_map(|name| walker.variable(run, name))
        .chain(run.args.iter().map(|arg: &Arg| arg.text.clone()))
        .collect();
    let told: Vec<&str> = told
        .iter()
        .map(String::as_str)
        .filter(|text| !text.ends_with(".py") || text.contains("settings"))
        .collect();
    // What tests use is made again by them.
    let is_for_tests = ["RAILS_ENV", "NODE_ENV", "APP_ENV", "MIX_ENV"]
        .iter()
        .any(|name| walker.variable(run, name).as_deref() == Some("test"));
    if is_for_tests && walker.variable(run, "DATABASE_URL").is_none() {
        return;
    }
    let command = shown(&words.join(" "));
    let elsewhere = super::wrappers::environment(walker);
    let mut effect = placed(walker, kind, format!("a database (`{command}`)"), reversible, &told);
    if let Some(environment) = elsewhere.filter(|environment| *environment != Environment::Unknown) {
        effect = effect.in_environment(environment);
    }
    // A migration that goes forward is daily work where nothing says that people use the database.
    let is_daily = kind == EffectKind::Change && effect.environment == Some(Environment::Unknown);
    let effect = if is_daily {
        effect.decided(Decision::Allow)
    } else {
        effect
    };
    walker.effect(effect.instead("look at its SQL first, and take a copy of the data"));
}
