//! May this artifact be deployed, and what runs that never was asked about?

use attest::dsse::{Envelope, Trusted, verify};
use attest::foreign::{VerificationResult, VerificationSummary};
use attest::keys::{PublicKey, SigningKey};
use attest::statement::{PAYLOAD_TYPE, Statement};
use camino::Utf8PathBuf;
use serde_json::json;

use crate::support::{Repository, said};

const CART: &str = "def days(items):\n    if not items:\n        return 0\n    return len(items) + 1\n";
const ARTIFACT: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const OTHER: &str = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

struct Shop {
    repository: Repository,
}

impl Shop {
    /// A shop with a runner and a builder, whose branch `feature` a runner has let pass and which is merged.
    fn merged() -> Self {
        let shop = Self {
            repository: Repository::new(&[("cart.py", CART)]),
        };
        let policy = format!(
            "[[person]]\nid = \"eve\"\nroles = [\"director\"]\nkeys = [\"{}\"]\n\
             [[person]]\nid = \"bob\"\nroles = [\"senior\"]\nkeys = [\"{}\"]\n\
             [[service]]\nname = \"cart\"\npaths = [\"/cart.py\"]\ntier = 2\nowners = [\"bob\"]\n\
             [[gate.runner]]\nname = \"ci\"\nkey = \"{}\"\n\
             [[gate.builder]]\nname = \"builder\"\nkey = \"{}\"\n",
            shop.line("eve"),
            shop.line("bob"),
            shop.line("ci"),
            shop.line("builder"),
        );
        shop.repository.write(&[("counterproof.toml", &policy)]);
        shop.repository.commit("A policy");
        shop.repository.git(&["switch", "--quiet", "--create", "feature"]);
        shop.repository.write(&[("cart.py", &format!("# a remark\n{CART}"))]);
        shop.repository.commit("A change");
        shop.ran("bob", &["approve"]);
        let (exit, text) = shop.run(&["gate", "merge"]);
        assert_eq!(exit, 0, "{text}");
        shop.repository.git(&["switch", "--quiet", "main"]);
        shop.repository
            .git(&["merge", "--quiet", "--no-ff", "--no-edit", "feature"]);
        shop
    }

    fn file(&self, name: &str) -> Utf8PathBuf {
        Utf8PathBuf::from_path_buf(self.repository.path().with_file_name(name)).expect("a path")
    }

    fn key(&self, who: &str) -> SigningKey {
        let path = self.file(&format!("{who}.pem"));
        if !path.exists() {
            SigningKey::generate()
                .expect("a key")
                .write(&path)
                .expect("it is written");
        }
        SigningKey::read(&path).expect("a key")
    }

    fn line(&self, who: &str) -> String {
        self.key(who).public_key().to_line(who)
    }

    /// As the runner.
    fn run(&self, args: &[&str]) -> (i32, String) {
        let mut command = self.repository.command(args);
        command.env("COUNTERPROOF_RUNNER_KEY", self.file("ci.pem"));
        said(command)
    }

    /// As a person.
    fn ran(&self, who: &str, args: &[&str]) -> (i32, String) {
        self.key(who);
        let mut command = self.repository.command(args);
        command.env("COUNTERPROOF_KEY", self.file(&format!("{who}.pem")));
        said(command)
    }

    /// Provenance of the artifact from the newest commit of `main`, signed by somebody.
    fn provenance(&self, name: &str, signer: &str, artifact: &str) -> Utf8PathBuf {
        self.provenance_of(name, signer, artifact, "main")
    }

    /// The same from another commit.
    fn provenance_of(&self, name: &str, signer: &str, artifact: &str, revision: &str) -> Utf8PathBuf {
        let commit = self.repository.git(&["rev-parse", revision]);
        let statement = json!({
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [{"name": "cart", "digest": {"sha256": artifact.trim_start_matches("sha256:")}}],
            "predicateType": "https://slsa.dev/provenance/v1",
            "predicate": {
                "buildDefinition": {
                    "buildType": "https://example.com/build",
                    "externalParameters": {},
                    "resolvedDependencies": [{"uri": "git+https://example.com/shop", "digest": {"gitCommit": commit.trim()}}],
                },
                "runDetails": {"builder": {"id": "https://example.com/builder"}},
            },
        });
        let key = self.key(signer);
        let envelope = Envelope::sign(PAYLOAD_TYPE, statement.to_string().into_bytes(), &key).expect("it is signed");
        let path = self.file(name);
        std::fs::write(&path, envelope.to_json().expect("JSON")).expect("a file");
        path
    }

    fn deploy(&self, artifact: &str, more: &[&str]) -> (i32, String) {
        let base = [
            "gate",
            "deploy",
            "--service",
            "cart",
            "--env",
            "production",
            "--artifact",
            artifact,
        ];
        self.run(&[&base, more].concat())
    }

    fn audit(&self, running: &str) -> (i32, String) {
        let path = self.file("running.txt");
        std::fs::write(&path, running).expect("a file");
        self.run(&["gate", "audit", "--running", path.as_str()])
    }
}

#[test]
fn an_artifact_passes_by_provenance_and_by_the_verdict_for_its_tree() {
    let shop = Shop::merged();
    let provenance = shop.provenance("provenance.jsonl", "builder", ARTIFACT);
    let attestation = shop.file("verdict.json");
    let (exit, text) = shop.deploy(
        ARTIFACT,
        &[
            "--provenance",
            provenance.as_str(),
            "--attestation",
            attestation.as_str(),
        ],
    );
    assert_eq!(exit, 0, "{text}");
    assert!(
        text.starts_with("pass: deployment of cart to production: sha256:aaaaaaaaaaaa"),
        "{text}"
    );
    assert!(
        text.contains("✓ provenance: builder (https://example.com/builder) built it from commit "),
        "{text}"
    );
    // Others can check what was handed out with the runner's key alone.
    let envelope = Envelope::parse(&std::fs::read(&attestation).expect("a file")).expect("an envelope");
    let key = PublicKey::parse(&shop.line("ci")).expect("a key");
    let verified = verify(&envelope, PAYLOAD_TYPE, &Trusted::keys(&[key])).expect("the runner signed it");
    let statement = Statement::from_verified(&verified).expect("a statement");
    assert!(statement.is_about("sha256", ARTIFACT.trim_start_matches("sha256:")));
    let summary = statement
        .typed::<VerificationSummary>()
        .expect("a summary")
        .into_predicate();
    assert_eq!(summary.verification_result, VerificationResult::Passed);
    assert_eq!(summary.resource_uri, "urn:counterproof:deploy:production:cart");
    // As the policy for Sigstore's policy-controller asks, which is about another service.
    let mut asked: serde_json::Value = serde_json::from_slice(envelope.unverified_payload()).expect("JSON");
    assert!(!crate::enforcing::complies(&asked));
    asked["predicate"]["resourceUri"] = "urn:counterproof:deploy:production:checkout".into();
    assert!(crate::enforcing::complies(&asked), "{asked}");

    let (exit, text) = shop.run(&[
        "gate",
        "deployed",
        "--service",
        "cart",
        "--env",
        "production",
        "--artifact",
        ARTIFACT,
    ]);
    assert_eq!(exit, 0, "{text}");
    let (exit, text) = shop.audit(&format!("cart production {ARTIFACT}\n"));
    assert_eq!(exit, 0, "{text}");
    assert!(text.contains("all 1 went through the gate"), "{text}");
    // The same artifact elsewhere, and another one there, were never asked about.
    let (exit, text) = shop.audit(&format!(
        "# what runs\ncart staging {ARTIFACT}\ncart,production,shop/cart@{OTHER}\n"
    ));
    assert_eq!(exit, 1, "{text}");
    assert!(text.contains("2 of 2 went past the gate"), "{text}");
    assert!(
        text.contains("✗ cart in staging: sha256:aaaaaaaaaaaa the ledger holds no verdict for it there"),
        "{text}"
    );
    let (exit, text) = shop.audit("cart production\n");
    assert_eq!(exit, 2, "{text}");
    assert!(text.contains("running.txt:1: there are 2 words"), "{text}");
    let (exit, text) = shop.audit("\n");
    assert_eq!(exit, 2, "{text}");
}

#[test]
fn what_joins_no_artifact_and_tree_does_not_pass() {
    let shop = Shop::merged();
    let (exit, text) = shop.deploy(ARTIFACT, &[]);
    assert_eq!(exit, 1, "{text}");
    assert!(text.contains("no provenance was given"), "{text}");
    for (file, says) in [
        (
            shop.provenance("stranger.json", "stranger", ARTIFACT),
            "no builder that the policy names signed it",
        ),
        (
            shop.provenance("other.json", "builder", OTHER),
            "it is about other artifacts",
        ),
    ] {
        let (exit, text) = shop.deploy(ARTIFACT, &["--provenance", file.as_str()]);
        assert_eq!(exit, 1, "{text}");
        assert!(text.contains(says), "{text}");
    }
    // A commit that is on no branch of ours.
    shop.repository.git(&["switch", "--quiet", "--create", "aside"]);
    shop.repository.write(&[("cart.py", &format!("# aside\n{CART}"))]);
    shop.repository.commit("Aside");
    shop.repository.git(&["switch", "--quiet", "main"]);
    let aside = shop.provenance_of("aside.json", "builder", ARTIFACT, "aside");
    let (exit, text) = shop.deploy(ARTIFACT, &["--provenance", aside.as_str()]);
    assert_eq!(exit, 4, "{text}");
    assert!(text.contains("is not on the branch whose policy judges"), "{text}");
    // A repository that is known to be another one.
    let provenance = shop.provenance("provenance.json", "builder", ARTIFACT);
    shop.repository
        .git(&["remote", "add", "origin", "git@example.com:another/shop.git"]);
    let (exit, text) = shop.deploy(ARTIFACT, &["--provenance", provenance.as_str()]);
    assert_eq!(exit, 1, "{text}");
    assert!(text.contains("which is not this repository"), "{text}");
    let (exit, text) = shop.deploy("sha256:abc", &[]);
    assert_eq!(exit, 2, "{text}");
    // It was deployed all the same: that is written down, and found.
    let (exit, text) = shop.run(&[
        "gate",
        "deployed",
        "--service",
        "cart",
        "--env",
        "production",
        "--artifact",
        ARTIFACT,
    ]);
    assert_eq!(exit, 1, "{text}");
    assert!(text.contains("past the gate: no verdict let it pass"), "{text}");
    let (exit, text) = shop.audit(&format!("cart production {ARTIFACT}\n"));
    assert_eq!(exit, 1, "{text}");
    assert!(text.contains("the gate said block and it runs all the same"), "{text}");
}

#[test]
fn a_verdict_that_no_runner_gave_and_a_ledger_that_is_missing_hold() {
    let shop = Shop::merged();
    let provenance = shop.provenance("provenance.json", "builder", ARTIFACT);
    std::fs::remove_dir_all(shop.repository.path().join(".counterproof/ledger")).expect("it is gone");
    let deploy = || shop.deploy(ARTIFACT, &["--provenance", provenance.as_str()]);
    let (exit, text) = deploy();
    assert_eq!(exit, 4, "{text}");
    assert!(text.contains("there is no ledger in "), "{text}");
    assert!(
        text.contains("the ledger holds no verdict for the tree of commit "),
        "{text}"
    );
    // Somebody's own verdict is in it, and does not count.
    let (exit, text) = said(shop.repository.command(&["gate", "merge", "main~1..main"]));
    assert_eq!(exit, 4, "{text}");
    let (exit, text) = deploy();
    assert_eq!(exit, 4, "{text}");
    assert!(
        text.contains("no key that the policy names signed 1 verdict for that tree"),
        "{text}"
    );
    // A ledger that was tampered with.
    let checkpoint = shop.repository.path().join(".counterproof/ledger/checkpoint");
    let text = std::fs::read_to_string(&checkpoint).expect("a checkpoint");
    let mut lines: Vec<&str> = text.split('\n').collect();
    lines[1] = "2";
    std::fs::write(&checkpoint, lines.join("\n")).expect("a file");
    let (exit, text) = deploy();
    assert_eq!(exit, 4, "{text}");
    assert!(text.contains("! ledger: the ledger cannot be trusted"), "{text}");
    assert!(
        text.contains("! recorded: the verdict could not be put into the ledger"),
        "{text}"
    );
}

#[test]
fn a_deployment_can_be_overridden_for_one_artifact() {
    let shop = Shop::merged();
    let (exit, text) = shop.ran(
        "bob",
        &[
            "approve",
            "override",
            "main~1..main",
            "--reason",
            "the shop is down",
            "--artifact",
            ARTIFACT,
            "--env",
            "production",
        ],
    );
    assert_eq!(exit, 0, "{text}");
    let (exit, text) = shop.deploy(ARTIFACT, &[]);
    assert_eq!(exit, 0, "{text}");
    assert!(
        text.contains("~ provenance: ") && text.contains("overridden by bob until "),
        "{text}"
    );
    let (exit, text) = shop.deploy(OTHER, &[]);
    assert_eq!(exit, 1, "{text}");
    let (exit, text) = shop.run(&[
        "gate",
        "deploy",
        "--service",
        "cart",
        "--env",
        "staging",
        "--artifact",
        ARTIFACT,
    ]);
    assert_eq!(exit, 1, "{text}");
    assert!(
        text.contains("does not count: it is over the environment production"),
        "{text}"
    );
}

#[test]
fn a_service_that_the_policy_does_not_know_is_held() {
    let shop = Shop::merged();
    let provenance = shop.provenance("provenance.json", "builder", ARTIFACT);
    let args = ["--provenance", provenance.as_str()];
    let base = [
        "gate",
        "deploy",
        "--service",
        "search",
        "--env",
        "production",
        "--artifact",
        ARTIFACT,
    ];
    let (exit, text) = shop.run(&[&base[..], &args[..]].concat());
    assert_eq!(exit, 4, "{text}");
    assert!(text.contains("has no service search"), "{text}");
}

#[test]
fn an_incident_on_the_service_holds_until_it_has_cooled_down() {
    let shop = Shop::merged();
    let provenance = shop.provenance("provenance.json", "builder", ARTIFACT);
    let deploy = || shop.deploy(ARTIFACT, &["--provenance", provenance.as_str()]);
    let (exit, text) = deploy();
    assert_eq!(exit, 0, "{text}");
    let (exit, text) = shop.run(&["incident", "open", "carts", "--service", "cart"]);
    assert_eq!(exit, 0, "{text}");
    let (exit, text) = deploy();
    assert_eq!(exit, 4, "{text}");
    assert!(text.contains("! cool-down: the incident carts goes on"), "{text}");
    let (exit, text) = shop.run(&["incident", "close", "carts", "--reason", "rolled back"]);
    assert_eq!(exit, 0, "{text}");
    let (exit, text) = deploy();
    assert_eq!(exit, 4, "{text}");
    assert!(text.contains("less than 24 hours ago"), "{text}");
    // Whoever has the role may sign for it all the same, over the tree that was built.
    let (exit, text) = shop.ran("eve", &["approve", "--role", "director", "main~1..main"]);
    assert_eq!(exit, 0, "{text}");
    let (exit, text) = deploy();
    assert_eq!(exit, 0, "{text}");
    assert!(text.contains("eve (director, ledger "), "{text}");
    // That of another service holds nothing.
    let other = Shop::merged();
    let provenance = other.provenance("provenance.json", "builder", ARTIFACT);
    let (exit, text) = other.run(&["incident", "open", "search", "--service", "search"]);
    assert_eq!(exit, 0, "{text}");
    let (exit, text) = other.deploy(ARTIFACT, &["--provenance", provenance.as_str()]);
    assert_eq!(exit, 0, "{text}");
}

#[test]
fn a_verdict_that_is_gone_may_have_been_the_one_that_said_no() {
    let shop = Shop::merged();
    let provenance = shop.provenance("provenance.json", "builder", ARTIFACT);
    let deploy = || shop.deploy(ARTIFACT, &["--provenance", provenance.as_str()]);
    let (exit, text) = deploy();
    assert_eq!(exit, 0, "{text}");
    let (_, shown) = shop.run(&["ledger", "show", "--kind", "verdict", "--json"]);
    let first: serde_json::Value = serde_json::from_str(shown.lines().next().expect("a verdict")).expect("JSON");
    let digest = first["payload"]["digest"]
        .as_str()
        .expect("a digest")
        .trim_start_matches("sha256:")
        .to_owned();
    let blob = format!(".counterproof/ledger/blobs/{}/{digest}", &digest[..2]);
    std::fs::remove_file(shop.repository.path().join(blob)).expect("it is gone");
    let (exit, text) = deploy();
    assert_eq!(exit, 4, "{text}");
    assert!(text.contains("is gone or cannot be read"), "{text}");
}

#[test]
fn a_verdict_by_another_branch_s_policy_lets_nothing_pass() {
    let shop = Shop::merged();
    // A branch whose policy asks for nothing, and a change that only it lets pass; then main gets that change past the gate.
    shop.repository.git(&["switch", "--quiet", "--create", "lax"]);
    shop.repository.write(&[(
        "counterproof.toml",
        "[gate]\nevidence = \"anybody\"\nwithout_defaults = true\n[[rule]]\nname = \"a\"\nkind = \"mergeable\"\n",
    )]);
    shop.repository.commit("A lax policy");
    shop.repository.git(&["switch", "--quiet", "--create", "bad"]);
    shop.repository.write(&[("cart.py", &CART.replace("+ 1", "+ 2"))]);
    shop.repository.commit("A change");
    let (exit, text) = shop.run(&["gate", "merge", "lax..bad"]);
    assert_eq!(exit, 0, "{text}");
    let provenance = shop.provenance_of("bad.json", "builder", ARTIFACT, "bad");
    let (exit, text) = shop.deploy(ARTIFACT, &["--provenance", provenance.as_str(), "--target", "main"]);
    assert_eq!(exit, 4, "{text}");
    assert!(text.contains("is not on the branch whose policy judges"), "{text}");
}

#[test]
fn a_change_that_changes_nothing_lets_nothing_pass() {
    let shop = Shop::merged();
    // Something that the gate refuses comes into main past it.
    let before = shop.repository.git(&["rev-parse", "main"]).trim().to_owned();
    shop.repository.git(&["switch", "--quiet", "main"]);
    shop.repository.git(&["switch", "--quiet", "--create", "bad"]);
    shop.repository.write(&[("cart.py", &CART.replace("+ 1", "+ 2"))]);
    shop.repository.commit("A regression");
    let (exit, text) = shop.run(&["gate", "merge", "main..bad"]);
    assert_eq!(exit, 1, "{text}");
    shop.repository.git(&["switch", "--quiet", "main"]);
    shop.repository.git(&["merge", "--quiet", "--ff-only", "bad"]);
    let refused = |text: &str| assert!(text.contains("the latest verdict for the merge was block"), "{text}");
    let provenance = shop.provenance("bad.json", "builder", ARTIFACT);
    let deploy = |provenance: &camino::Utf8PathBuf| shop.deploy(ARTIFACT, &["--provenance", provenance.as_str()]);
    let (exit, text) = deploy(&provenance);
    assert_eq!(exit, 4, "{text}");
    refused(&text);
    // An empty change is for the same tree.
    shop.repository.git(&["switch", "--quiet", "--create", "empty"]);
    shop.repository.commit("Nothing");
    shop.run(&["gate", "merge", "main..empty"]);
    let (exit, text) = deploy(&provenance);
    assert_eq!(exit, 4, "{text}");
    refused(&text);
    // A change of a remark has it in it.
    shop.repository.git(&["switch", "--quiet", "main"]);
    shop.repository.git(&["switch", "--quiet", "--create", "remark"]);
    shop.repository.write(&[("README.md", "Hello\n")]);
    shop.repository.commit("A remark");
    let (exit, text) = shop.run(&["gate", "merge", "main..remark"]);
    assert_eq!(exit, 0, "{text}");
    shop.repository.git(&["switch", "--quiet", "main"]);
    shop.repository.git(&["merge", "--quiet", "--ff-only", "remark"]);
    let (exit, text) = deploy(&shop.provenance("remark.json", "builder", ARTIFACT));
    assert_eq!(exit, 4, "{text}");
    assert!(
        text.contains("on top of a state of the branch that the gate refused"),
        "{text}"
    );
    assert_ne!(shop.repository.git(&["rev-parse", "main"]).trim(), before);
}

#[test]
fn the_last_word_before_a_deployment_counts() {
    let shop = Shop::merged();
    let provenance = shop.provenance("provenance.json", "builder", ARTIFACT);
    let (exit, text) = shop.deploy(ARTIFACT, &["--provenance", provenance.as_str()]);
    assert_eq!(exit, 0, "{text}");
    let (_, text) = shop.run(&["incident", "open", "slow", "--service", "cart", "--title", "It is slow"]);
    let (exit, held) = shop.deploy(ARTIFACT, &["--provenance", provenance.as_str()]);
    assert_ne!(exit, 0, "{text}{held}");
    let (exit, text) = shop.run(&[
        "gate",
        "deployed",
        "--service",
        "cart",
        "--env",
        "production",
        "--artifact",
        ARTIFACT,
    ]);
    assert_eq!(exit, 1, "{text}");
    let (exit, text) = shop.audit(&format!("cart production {ARTIFACT}\n"));
    assert_eq!(exit, 1, "{text}");
    assert!(text.contains("before it was deployed"), "{text}");
}
