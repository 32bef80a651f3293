//! What verification rests on is known by whatever path it is reached, and so is this program.

use counterproof_guard as guard;
use guard::{Decision, Edit, Files, Service, Surroundings};

/// `docs/hooks` leads to the agent's settings, `work` to the user's home, and `sand/out` to another repository.
struct Linked;

impl Files for Linked {
    fn read(&self, _: &str) -> Option<String> {
        None
    }

    fn real(&self, path: &str) -> Option<String> {
        let leads = [
            ("/code/shop/docs/hooks", "/code/shop/.claude"),
            ("/code/shop/settings", "/code/shop/.claude/settings.json"),
            ("/code/shop/work", "/home/ada"),
        ];
        let lead = leads.iter().find_map(|(from, to)| {
            let rest = path.strip_prefix(from)?;
            (rest.is_empty() || rest.starts_with('/')).then(|| format!("{to}{rest}"))
        });
        Some(lead.unwrap_or_else(|| path.to_owned()))
    }
}

fn place(files: &Linked) -> Surroundings<'_> {
    Surroundings {
        home: "/home/ada".to_owned(),
        executable: Some("/opt/tools/judge".to_owned()),
        state: Some("/home/ada/.local/state/counterproof".to_owned()),
        services: vec![Service {
            name: "checkout".to_owned(),
            tier: 1,
            paths: vec!["/infra/".to_owned()],
        }],
        ..Surroundings::bare("/code/shop", files)
    }
}

fn written(path: &str, place: &Surroundings<'_>) -> Decision {
    let edit = Edit {
        path: path.to_owned(),
        before: None,
        after: "{}".to_owned(),
    };
    guard::edit(&edit, place).decision
}

#[test]
fn a_path_is_what_it_leads_to() {
    let files = Linked;
    let place = place(&files);
    for line in [
        "echo {} > docs/hooks/settings.json",
        "echo {} > settings",
        "cp x docs/hooks/settings.json",
        "echo k > work/.ssh/authorized_keys",
        "rm -rf work/Documents",
        "mv /opt/tools/judge /tmp/x",
        "chmod 644 /opt/tools/judge",
        "cp /opt/tools/judge ./x",
        "mv ~/.local/state /tmp/u",
        "rm -rf ~/.local/state/counterproof/guard",
        "echo x > ~/.local/state/counterproof/guard/allowed/x.json",
    ] {
        assert_ne!(guard::command(line, &place).decision, Decision::Allow, "{line}");
    }
    for path in [
        "docs/hooks/settings.json",
        "settings",
        ".Claude/settings.json",
        "work/.bashrc",
        ".git/HEAD",
        ".git/refs/remotes/origin/main",
        "infra/.git",
        "/code/other/.counterproof/accepted.toml",
        "/home/ada/.local/state/counterproof/guard/allowed/x.json",
        "/opt/tools/judge",
        "/code/shop/.venv/bin/counterproof",
    ] {
        assert_ne!(written(path, &place), Decision::Allow, "{path}");
    }
    for path in [
        "docs/a.md",
        "src/settings.py",
        "/tmp/try/a.txt",
        ".claude/commands/x.md",
        "/code/shop-other/a.py",
    ] {
        assert_eq!(written(path, &place), Decision::Allow, "{path}");
    }
}

#[test]
fn a_home_that_is_a_repository_is_still_a_home() {
    let files = Linked;
    let place = Surroundings {
        home: "/home/ada".to_owned(),
        ..Surroundings::bare("/home/ada", &files)
    };
    for path in [".bashrc", ".ssh/authorized_keys", ".config/counterproof/keys/own.pem"] {
        assert_ne!(written(path, &place), Decision::Allow, "{path}");
    }
    assert_eq!(written("notes.md", &place), Decision::Allow);
}

#[test]
fn what_is_done_elsewhere_is_done_to_what_lies_there() {
    let files = Linked;
    let place = place(&files);
    for line in [
        "cd infra && terraform destroy",
        "terraform -chdir=infra destroy -auto-approve",
        "env -C infra terraform destroy",
        "terragrunt --working-dir infra destroy",
        "pulumi -C infra destroy",
        "find infra -execdir terraform destroy \\;",
        "kubectl delete -f infra/",
    ] {
        let judgement = guard::command(line, &place);
        let services: Vec<&str> = judgement
            .effects
            .iter()
            .filter_map(|effect| effect.service.as_ref())
            .map(|(name, _)| name.as_str())
            .collect();
        assert!(services.contains(&"checkout"), "{line}: {judgement:?}");
    }
}
