//! Where the inputs are judged: a small repository with scripts, targets and migrations that can be read.

use std::collections::BTreeMap;

use guard::{Files, Service, Surroundings};

/// The files that can be read.
pub struct Repository;

/// Their paths and texts.
const FILES: [(&str, &str); 15] = [
    ("/code/shop/clean.sh", "#!/bin/sh\nset -e\nrm -rf build dist\n"),
    (
        "/code/shop/wipe.sh",
        "#!/bin/bash\ntarget=${1:-/var/lib/postgresql}\nrm -rf \"$target\"\n",
    ),
    // One that calls itself, and two that call each other.
    ("/code/shop/again.sh", "./again.sh; ./ping.sh \"$@\"\n"),
    ("/code/shop/ping.sh", "sh pong.sh \"$1\" \"$1\"\n"),
    ("/code/shop/pong.sh", "x=\"$1$2\"; sh ping.sh \"$x\"\n"),
    (
        "/code/shop/Makefile",
        "ENV ?= prod\nall: build\nbuild:\n\tcargo build\nclean: all\n\trm -rf target\nloop: loop\n\t$(MAKE) loop\ndeploy:\n\tkubectl --context $(ENV) delete ns shop\n",
    ),
    (
        "/code/shop/package.json",
        r#"{"scripts": {"build": "tsc -p .", "again": "npm run again", "reset": "prisma migrate reset --force", "prewipe": "rm -rf ~", "wipe": "true"}}"#,
    ),
    ("/code/shop/justfile", "default:\n    cargo test\nwipe:\n    rm -rf /\n"),
    (
        "/code/shop/run.py",
        "import shutil, subprocess\nshutil.rmtree('/srv/data')\nsubprocess.run(['git', 'push', '--force'])\n",
    ),
    (
        "/code/shop/again.sql",
        "\\i again.sql\n\\i drop.sql\nSELECT 1 \\g |sort\n",
    ),
    ("/code/shop/drop.sql", "BEGIN;\nDROP TABLE users;\nCOMMIT;\n"),
    (
        "/code/shop/shop/migrations/0002_drop.py",
        "class Migration(migrations.Migration):\n    operations = [migrations.DeleteModel(name='Cart')]\n",
    ),
    ("/code/shop/.env", "DATABASE_URL=postgres://app@prod-db/shop\n"),
    (
        "/code/shop/tests/test_cart.py",
        "def test_sum():\n    assert total([1, 2]) == 3\n    assert total([]) == 0\n",
    ),
    ("/code/shop/counterproof.toml", "[check]\nbudget = \"20s\"\n"),
];

impl Files for Repository {
    fn read(&self, path: &str) -> Option<String> {
        let found = FILES.iter().find(|(name, _)| *name == path);
        found.map(|(_, text)| (*text).to_owned())
    }
}

/// The place.
pub fn place() -> Surroundings<'static> {
    Surroundings {
        home: "/home/ada".to_owned(),
        branch: Some("feature".to_owned()),
        default_branch: Some("main".to_owned()),
        variables: BTreeMap::from([
            ("AWS_PROFILE".to_owned(), "staging".to_owned()),
            ("DATABASE_URL".to_owned(), "postgres://app@prod-db/shop".to_owned()),
        ]),
        kube_context: Some("prod-eu".to_owned()),
        terraform_workspace: Some("default".to_owned()),
        services: vec![Service {
            name: "checkout".to_owned(),
            tier: 1,
            paths: vec!["/services/checkout/**".to_owned()],
        }],
        ..Surroundings::bare("/code/shop", &Repository)
    }
}
