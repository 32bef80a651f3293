//! What was typed.

use camino::Utf8PathBuf;
use clap::{Parser, Subcommand, ValueEnum};

use crate::error::CliError;

/// Shows what a code change does to behaviour: before and after, by example.
///
/// Exit codes: 0 nothing to act on; 1 findings; 2 wrong usage or configuration; 3 nothing could be verified.
#[derive(Debug, Parser)]
#[command(name = "counterproof", version, max_term_width = 100)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Compare two versions and show what changed in behaviour.
    Check(CheckArgs),
    /// Tell what stands between this project and a check of it, with one mend for each.
    ///
    /// Exit codes: 0 all well; 1 something to mend; 2 wrong usage or configuration.
    Doctor(DoctorArgs),
    /// Play the wrong-delivery-times incident in a throw-away repository.
    Demo(DemoArgs),
    /// Run a finding of an earlier check again, on both versions.
    ///
    /// Exit codes: 1 the difference shows again; 0 it does not; 3 a version cannot be run.
    Reproduce(ReproduceArgs),
    /// Check past commits, each against its first parent, and tell what became of them.
    ///
    /// Exit codes: 0 replayed; 2 wrong usage.
    Replay(ReplayArgs),
    /// Tell who or what wrote each line that a range of commits adds: an AI, a known person, or unknown.
    ///
    /// Asks notes of git-ai, records of Agent Trace and the commits themselves; never the look of the code.
    ///
    /// Exit codes: 0 told; 2 wrong usage.
    Attribution(AttributionArgs),
    /// Write the example of a finding down as a test of the project.
    ///
    /// Exit codes: 0 kept; 3 something could not be kept.
    Keep(KeepArgs),
    /// Write a finding down as wanted, for review, in `.counterproof/accepted.toml`.
    Accept(AcceptArgs),
    /// Answer an agent's hook; `counterproof install` writes the line that calls it.
    ///
    /// Exit codes: 0 answered; 1 the change could not be checked, which never holds an agent back.
    Hook {
        /// What happened.
        #[command(subcommand)]
        event: HookEvent,
    },
    /// Have an agent check its own change each time it stops, or git what you push.
    Install(InstallArgs),
    /// Take out what `install` wrote.
    Uninstall(InstallArgs),
    /// Sign for a change as a person: approve it, document it, or take it on yourself to let it pass.
    ///
    /// What is signed is the content of the change, and not a commit: a mere merge from the target leaves it standing, a later push
    /// that means something else does not. An agent can sign nothing.
    ///
    /// Exit codes: 0 signed and kept; 2 wrong usage, or it would not count.
    #[command(args_conflicts_with_subcommands = true)]
    Approve(ApproveArgs),
    /// May this change be merged? Every rule with the evidence it rests on.
    ///
    /// Exit codes: 0 pass; 4 hold, something is missing; 1 block, something is wrong; 2 wrong usage; 3 nothing could be judged.
    Gate {
        /// What is asked.
        #[command(subcommand)]
        command: GateCommand,
    },
    /// Keep verdicts, approvals and deployments where nobody can change them unseen.
    ///
    /// The ledger is begun when it is first needed, in `.counterproof/ledger/` or where `counterproof.toml` says.
    ///
    /// Exit codes: 0 done, or whole; 1 tampered with; 2 wrong usage; 3 the ledger cannot be read or written.
    Ledger {
        /// What is to be done.
        #[command(subcommand)]
        command: LedgerCommand,
    },
    /// Write down an incident, and find the change that may have done it.
    ///
    /// Exit codes: 0 done; 2 wrong usage; 3 the ledger cannot be read or written.
    Incident(IncidentArgs),
    /// Tell how often changes fail: by who wrote them, tool, tier and evidence, with intervals, and whether that shifted.
    ///
    /// It is computed from the ledger, signed, and an entry of it: nobody can take it out unseen.
    ///
    /// Exit codes: 0 told; 1 told, and the rate shifted; 2 wrong usage; 3 the ledger cannot be read or written.
    Trend(TrendArgs),
    /// Print the JSON Schema of a published format.
    Schema {
        /// Which format.
        format: SchemaName,
    },
}

/// How a result is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Terminal,
    /// For programs: `counterproof schema report` has its schema.
    Json,
    /// SARIF 2.1.0, for code scanning and editors.
    Sarif,
    /// JUnit XML, for continuous integration.
    Junit,
    /// Workflow commands, which GitHub shows as annotations.
    Github,
    /// For a pull request's page.
    Markdown,
}

/// A published format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaName {
    /// What `check --format json` prints.
    Report,
    /// `counterproof.toml`.
    Config,
    /// What `replay --format json` prints.
    Replay,
    /// What `doctor --format json` prints.
    Doctor,
    /// What `gate … --format json` prints.
    Verdict,
    /// What `gate input` prints.
    GateInput,
    /// What `attribution --format json` prints.
    Attribution,
    /// What `trend --json` prints.
    Trend,
}

/// What is asked of the gate.
#[derive(Clone, Debug, Subcommand)]
pub enum GateCommand {
    /// May this change be merged?
    Merge(MergeArgs),
    /// May exactly this artifact go there, now? It fails closed: what cannot be known holds.
    Deploy(DeployArgs),
    /// Write into the ledger that it was deployed. Exit codes: 0 as the gate let it pass; 1 past the gate.
    Deployed(DeployedArgs),
    /// Hold what runs now against the ledger. Exit codes: 0 all of it passed; 1 something went past the gate, and what.
    Audit(AuditArgs),
    /// Try the policy of the working tree on recorded cases. Exit codes: 0 as expected; 1 otherwise, and how; 2 a case is none.
    Test(TestArgs),
    /// What each framework caught and what it cost, by the ledger.
    Frameworks(FrameworksArgs),
    /// Fit the weights of the risk score to the repository's own history of reverts and fixes, and print them for the policy.
    ///
    /// Exit codes: 0 printed; 2 wrong usage; 3 too little history to learn from.
    Calibrate(CalibrateArgs),
    /// Show every rule, those that are not about this too, with what it rests on, and each term of the risk.
    Explain(MergeArgs),
    /// Print all that the verdict is made of, for another policy engine.
    Input(MergeArgs),
}

/// Which cases.
#[derive(Clone, Debug, clap::Args)]
pub struct TestArgs {
    /// Cases [default: those in `.counterproof/cases/`].
    #[arg(value_name = "FILE")]
    pub cases: Vec<Utf8PathBuf>,
    /// Give the verdicts of the ledger again, too, and tell which would be another.
    #[arg(long)]
    pub ledger: bool,
    /// Write a case of the change at hand, with the answer that the target's policy gives.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["cases", "ledger"])]
    pub record: Option<Utf8PathBuf>,
    /// With `--record`: which change, TARGET..CHANGE.
    #[arg(long, value_name = "RANGE", requires = "record")]
    pub range: Option<String>,
}

/// Which policy.
#[derive(Clone, Debug, clap::Args)]
pub struct FrameworksArgs {
    /// The branch whose policy has them [default: the default branch].
    #[arg(long, value_name = "BRANCH")]
    pub target: Option<String>,
    /// For programs.
    #[arg(long)]
    pub json: bool,
}

/// Which history.
#[derive(Clone, Debug, clap::Args)]
pub struct CalibrateArgs {
    /// So many of the newest commits.
    #[arg(long, value_name = "N", default_value_t = 5_000)]
    pub last: usize,
    /// So many of the newest fixes are followed to what they mend.
    #[arg(long, value_name = "N", default_value_t = 400)]
    pub fixes: usize,
    /// The branch [default: the default branch].
    #[arg(long, value_name = "BRANCH")]
    pub target: Option<String>,
    /// For programs.
    #[arg(long)]
    pub json: bool,
}

/// Which change.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct MergeArgs {
    /// `TARGET..CHANGE` [default: the default branch, and HEAD].
    #[arg(value_name = "TARGET..CHANGE")]
    pub range: Option<String>,
    /// What another policy engine decided about `gate input`, as JSON; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub decision: Vec<Utf8PathBuf>,
    /// Signed statements beside those of the ledger and of git notes, as `approve --out` writes them; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub statement: Vec<Utf8PathBuf>,
    /// The pull request whose reviews count, github:OWNER/NAME#NUMBER or gitlab:GROUP/NAME!NUMBER [default: the one that CI runs for].
    /// Read with the token in COUNTERPROOF_GITHUB_TOKEN or COUNTERPROOF_GITLAB_TOKEN, and not without one.
    #[arg(long, value_name = "WHICH")]
    pub pull_request: Option<String>,
    /// Put the verdict on the pull request: one comment, kept up to date, and a check or a status.
    #[arg(long)]
    pub post: bool,
    /// Where the verdict goes.
    #[command(flatten)]
    pub keeping: KeepingArgs,
    /// How the verdict is written.
    #[arg(long, value_enum, default_value = "terminal")]
    pub format: GateFormat,
}

/// What is approved, by whom.
#[derive(Clone, Debug, clap::Args)]
pub struct ApproveArgs {
    /// What is signed instead of an approval.
    #[command(subcommand)]
    pub command: Option<ApproveCommand>,
    /// `TARGET..CHANGE` [default: the default branch, and HEAD].
    #[arg(value_name = "TARGET..CHANGE")]
    pub range: Option<String>,
    /// In which role, as the policy names it: `senior`, `director`.
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    /// What there is to say.
    #[arg(long, value_name = "TEXT")]
    pub comment: Option<String>,
    /// For how long it counts, for example `7d` [default: as long as the policy says].
    #[arg(long = "for", value_name = "TIME")]
    pub lasts: Option<String>,
    /// Who signs.
    #[command(flatten)]
    pub signer: SignerArgs,
    /// Write the signed statement into a file, too.
    #[arg(long, value_name = "FILE")]
    pub out: Option<Utf8PathBuf>,
}

/// Who signs.
#[derive(Clone, Debug, clap::Args)]
pub struct SignerArgs {
    /// Who, as the policy names people [default: the one with this key].
    #[arg(long = "as", value_name = "ID")]
    pub who: Option<String>,
    /// The key: PEM, or either half of an SSH key [default: that in COUNTERPROOF_KEY, or one that is made for you].
    #[arg(long, value_name = "FILE")]
    pub key: Option<Utf8PathBuf>,
}

/// What is signed instead of an approval.
#[derive(Clone, Debug, Subcommand)]
pub enum ApproveCommand {
    /// Print the public key that you sign with, for your `[[person]]` in the policy. It is made where there is none yet.
    Key {
        /// The key: PEM, or either half of an SSH key [default: that in COUNTERPROOF_KEY, or one that is made for you].
        #[arg(long, value_name = "FILE")]
        key: Option<Utf8PathBuf>,
    },
    /// Sign a document about the change: Markdown with the headings that the policy wants.
    Document(DocumentArgs),
    /// Let pass what the gate holds, for a while, and answer for it. It is in the ledger for good.
    Override(OverrideArgs),
}

/// Which document.
#[derive(Clone, Debug, clap::Args)]
pub struct DocumentArgs {
    /// The document.
    pub file: Utf8PathBuf,
    /// `TARGET..CHANGE` [default: the default branch, and HEAD].
    #[arg(value_name = "TARGET..CHANGE")]
    pub range: Option<String>,
    /// Who signs.
    #[command(flatten)]
    pub signer: SignerArgs,
    /// Write the signed statement into a file, too.
    #[arg(long, value_name = "FILE")]
    pub out: Option<Utf8PathBuf>,
}

/// What is overridden.
#[derive(Clone, Debug, clap::Args)]
pub struct OverrideArgs {
    /// `TARGET..CHANGE` [default: the default branch, and HEAD].
    #[arg(value_name = "TARGET..CHANGE")]
    pub range: Option<String>,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// For how long, for example `90m`.
    #[arg(long = "for", value_name = "TIME", default_value = "4h")]
    pub lasts: String,
    /// A deployment of this artifact, instead of the merge: `sha256:…`.
    #[arg(long, value_name = "DIGEST")]
    pub artifact: Option<String>,
    /// Only of this service.
    #[arg(long, value_name = "NAME", requires = "artifact")]
    pub service: Option<String>,
    /// Only to this environment.
    #[arg(long, value_name = "NAME", requires = "artifact")]
    pub env: Option<String>,
    /// Who signs.
    #[command(flatten)]
    pub signer: SignerArgs,
    /// Write the signed statement into a file, too.
    #[arg(long, value_name = "FILE")]
    pub out: Option<Utf8PathBuf>,
}

/// What is said of an incident.
#[derive(Clone, Debug, clap::Args)]
pub struct IncidentArgs {
    /// What.
    #[command(subcommand)]
    pub command: IncidentCommand,
}

/// What is said of an incident.
#[derive(Clone, Debug, Subcommand)]
pub enum IncidentCommand {
    /// It began: writes it down, and ranks the changes that may have done it.
    Open(OpenArgs),
    /// It was traced to a change: a verdict or a deployment of the ledger.
    Link(LinkArgs),
    /// It ended.
    Close {
        /// Its name.
        id: String,
        /// What ended it.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Show incidents, or one with the changes that may have done it.
    Show {
        /// Its name.
        id: Option<String>,
    },
}

/// What began.
#[derive(Clone, Debug, clap::Args)]
pub struct OpenArgs {
    /// A name for it.
    pub id: String,
    /// A service that it hit; may be given several times.
    #[arg(long, value_name = "NAME", required = true)]
    pub service: Vec<String>,
    /// What it is, in a line.
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// When it began, as 2026-11-28T10:00:00Z [default: now].
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// A file that shows in it, for example in a stack trace; may be given several times.
    #[arg(long, value_name = "PATH")]
    pub path: Vec<String>,
    /// A function that shows in it; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub function: Vec<String>,
}

/// What was traced to what.
#[derive(Clone, Debug, clap::Args)]
pub struct LinkArgs {
    /// The incident's name.
    pub id: String,
    /// Number of the entry: a verdict or a deployment.
    #[arg(long, value_name = "ENTRY")]
    pub entry: u64,
    /// What shows it.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// How a trend is told.
#[derive(Clone, Debug, clap::Args)]
pub struct TrendArgs {
    /// For programs: `counterproof schema trend` has its schema.
    #[arg(long)]
    pub json: bool,
    /// Write it as a signed statement.
    #[arg(long, value_name = "FILE", conflicts_with = "no_record")]
    pub attestation: Option<Utf8PathBuf>,
    /// Do not put it into the ledger.
    #[arg(long)]
    pub no_record: bool,
}

/// What is to be done with the ledger.
#[derive(Clone, Debug, Subcommand)]
pub enum LedgerCommand {
    /// Begin it, and print what others need to trust it.
    Init,
    /// Show entries.
    Show(ShowArgs),
    /// Check all of it, offline: hashes, signatures, times, payloads. Exit codes: 0 whole; 1 tampered with, and where.
    Verify(VerifyArgs),
    /// Print the newest checkpoint. Kept elsewhere, it is what later states are held against.
    Checkpoint,
    /// Print a proof that an entry is in the ledger.
    Prove {
        /// Number of the entry.
        entry: u64,
    },
    /// Copy all of it into a folder, with a listing and all that is needed to check it offline.
    Export(ExportArgs),
    /// Sign the newest checkpoint as a witness, after looking whether it goes on from the one seen last.
    Witness(WitnessArgs),
    /// Have the ledger signed by a new key from now on.
    RotateKey,
    /// Take back an approval, a document, an override, evidence, a verdict, or a link of an incident: an entry that says so. It counts
    /// no more.
    Retract {
        /// Number of the entry.
        entry: u64,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Delete what lies beside an entry, for good; the entry and the digest stay.
    Redact {
        /// Number of the entry.
        entry: u64,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Delete what lies beside entries that are older than the retention.
    Expire {
        /// Days for which it is kept [default: `retention_days` of the configuration, or 184].
        #[arg(long, value_name = "DAYS")]
        days: Option<u32>,
        /// Also what is younger than six months, for which the EU AI Act asks deployers to keep logs.
        #[arg(long)]
        earlier: bool,
    },
}

/// Which entries, and how.
#[derive(Clone, Debug, clap::Args)]
pub struct ShowArgs {
    /// Number of one entry [default: the last ones].
    pub entry: Option<u64>,
    /// So many of the last [default: 20].
    #[arg(long, value_name = "N")]
    pub last: Option<u64>,
    /// Only those of one kind, for example `verdict`.
    #[arg(long, value_name = "KIND", value_parser = record_kind)]
    pub kind: Option<model::RecordKind>,
    /// One JSON object a line.
    #[arg(long)]
    pub json: bool,
    /// What lies beside the entry: its signed statements.
    #[arg(long, requires = "entry", conflicts_with = "raw")]
    pub payload: bool,
    /// The bytes of the entry, as they are hashed.
    #[arg(long, requires = "entry")]
    pub raw: bool,
}

fn record_kind(text: &str) -> Result<model::RecordKind, String> {
    let value = serde_json::Value::from(text.replace([' ', '-'], "_"));
    serde_json::from_value(value).map_err(|error| error.to_string())
}

/// What the ledger is held against.
#[derive(Clone, Debug, clap::Args)]
pub struct VerifyArgs {
    /// A checkpoint that was kept elsewhere; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub since: Vec<Utf8PathBuf>,
    /// A copy, as `export` makes it, instead of the ledger.
    #[arg(long, value_name = "FOLDER")]
    pub at: Option<Utf8PathBuf>,
    /// The key that signs it [default: that of the configuration, or this machine's].
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    /// A proof, as `prove` prints it, instead of the whole ledger.
    #[arg(long, value_name = "FILE", requires = "entry")]
    pub proof: Option<Utf8PathBuf>,
    /// The entry that the proof is of, as `show --raw` prints it.
    #[arg(long, value_name = "FILE", requires = "proof")]
    pub entry: Option<Utf8PathBuf>,
}

/// What is copied, and where.
#[derive(Clone, Debug, clap::Args)]
pub struct ExportArgs {
    /// Form of the listing.
    #[arg(long, value_enum, default_value = "json")]
    pub format: ExportAs,
    /// An empty folder, or one that is made.
    #[arg(long, value_name = "FOLDER")]
    pub out: Utf8PathBuf,
}

/// Form of a listing of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportAs {
    /// What articles 12, 19 and 26(6) of the EU AI Act ask logs to have.
    EuAiAct,
    /// An array of entries.
    Json,
    /// For spreadsheets.
    Csv,
}

/// Who witnesses.
#[derive(Clone, Debug, clap::Args)]
pub struct WitnessArgs {
    /// Name of the witness, which its key carries.
    #[arg(long, value_name = "NAME", default_value = "witness")]
    pub name: String,
    /// File with its key; made where it is missing [default: in the user's own folder].
    #[arg(long, value_name = "FILE")]
    pub key: Option<Utf8PathBuf>,
    /// File that remembers what it saw last; must not lie where the ledger does [default: in the user's own folder].
    #[arg(long, value_name = "FILE")]
    pub state: Option<Utf8PathBuf>,
}

/// What is deployed, and where to.
#[derive(Clone, Debug, clap::Args)]
pub struct DeployArgs {
    /// The service, as the policy names it.
    #[arg(long, value_name = "NAME")]
    pub service: String,
    /// The environment.
    #[arg(long, value_name = "NAME")]
    pub env: String,
    /// What is deployed: `sha256:…`.
    #[arg(long, value_name = "DIGEST")]
    pub artifact: String,
    /// Where the artifact comes from, as its builder signed it (SLSA provenance in DSSE, or a Sigstore bundle); may be given several
    /// times.
    #[arg(long, value_name = "FILE")]
    pub provenance: Vec<Utf8PathBuf>,
    /// The branch whose policy judges [default: the default branch].
    #[arg(long, value_name = "BRANCH")]
    pub target: Option<String>,
    /// What another policy engine decided, as JSON; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub decision: Vec<Utf8PathBuf>,
    /// Show every rule, those that are not about this too, with what it rests on.
    #[arg(long)]
    pub explain: bool,
    /// Print all that the verdict is made of, for another policy engine, and give none.
    #[arg(long, conflicts_with_all = ["explain", "attestation"])]
    pub input: bool,
    /// Signed overrides beside those of the ledger, as `approve override --out` writes them; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub statement: Vec<Utf8PathBuf>,
    /// Where the verdict goes.
    #[command(flatten)]
    pub keeping: KeepingArgs,
    /// How the verdict is written.
    #[arg(long, value_enum, default_value = "terminal")]
    pub format: GateFormat,
}

/// What was deployed, and where to.
#[derive(Clone, Debug, clap::Args)]
pub struct DeployedArgs {
    /// The service.
    #[arg(long, value_name = "NAME")]
    pub service: String,
    /// The environment.
    #[arg(long, value_name = "NAME")]
    pub env: String,
    /// What was deployed: `sha256:…`.
    #[arg(long, value_name = "DIGEST")]
    pub artifact: String,
    /// The branch whose policy says whose verdicts count [default: the default branch].
    #[arg(long, value_name = "BRANCH")]
    pub target: Option<String>,
}

/// What runs now.
#[derive(Clone, Debug, clap::Args)]
pub struct AuditArgs {
    /// Lines of service, environment and digest (`sha256:…`, or an image's name that ends with it); `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    pub running: Utf8PathBuf,
    /// The branch whose policy says whose verdicts count [default: the default branch].
    #[arg(long, value_name = "BRANCH")]
    pub target: Option<String>,
    /// For programs.
    #[arg(long)]
    pub json: bool,
}

/// Where a verdict goes.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct KeepingArgs {
    /// Write the verdict as a signed summary (SLSA VSA) that others enforce.
    #[arg(long, value_name = "FILE")]
    pub attestation: Option<Utf8PathBuf>,
    /// Write the ledger's checkpoint with this verdict in it, to be kept elsewhere: later states are held against it.
    #[arg(long, value_name = "FILE", conflicts_with = "no_record")]
    pub checkpoint: Option<Utf8PathBuf>,
    /// Do not put the verdict into the ledger.
    #[arg(long)]
    pub no_record: bool,
}

/// How a verdict is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum GateFormat {
    /// For people.
    #[default]
    Terminal,
    /// For programs: `counterproof schema verdict` has its schema.
    Json,
    /// For a pull request's page: one comment, kept up to date.
    Markdown,
    /// Workflow commands, which GitHub shows as annotations.
    Github,
}

/// What to compare and how.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct CheckArgs {
    /// Two revisions, `A..B` (B against A) or `A...B` (B against their merge base), or paths to look at alone.
    ///
    /// Without revisions: the working tree against the merge base with the default branch.
    #[arg(value_name = "RANGE|PATH")]
    pub targets: Vec<String>,
    /// The index instead of the working tree.
    #[arg(long, conflicts_with = "trees")]
    pub staged: bool,
    /// What to compare against instead of the merge base with the default branch.
    #[arg(long, value_name = "REV", conflicts_with = "trees")]
    pub base: Option<String>,
    /// Two folders instead of revisions; no git is needed.
    #[arg(long, num_args = 2, value_names = ["OLD", "NEW"])]
    pub trees: Vec<Utf8PathBuf>,
    /// Ceiling for the whole check, for example `30s` or `2m` [default: 20s].
    #[arg(long, value_name = "TIME")]
    pub budget: Option<String>,
    /// Which of the project's own tests are run [default: impacted].
    #[arg(long, value_enum, value_name = "WHICH")]
    pub tests: Option<Tests>,
    /// The project's interpreter [default: the active environment, the project's own, python3].
    #[arg(long, value_name = "PATH")]
    pub python: Option<Utf8PathBuf>,
    /// Install what the versions declare, from their lock file or project files, into environments of our own (uses the network,
    /// and runs what packages run when they are built, uncontained).
    #[arg(long)]
    pub install: bool,
    /// How the result is written.
    #[arg(long, value_enum, default_value = "terminal")]
    pub format: Format,
    /// What the change means to do: `refactor`, so that any difference is one to act on, or `NAME: WHAT`. Trailers
    /// `Behavior-Change:` of its commits say the same.
    #[arg(long, value_name = "INTENT")]
    pub intent: Vec<String>,
    /// Tell the whole story of one finding.
    #[arg(long, value_name = "FINDING")]
    pub explain: Option<String>,
    /// Exit with 3 when anything that changed could not be verified.
    #[arg(long)]
    pub require_verified: bool,
    /// Show every function, not only what there is to read.
    #[arg(long, short)]
    pub verbose: bool,
    /// Run the project's code without containment: with your rights, on your files.
    #[arg(long)]
    pub no_sandbox: bool,
    /// Do not answer from earlier evidence.
    #[arg(long)]
    pub no_cache: bool,
    /// Seed of the search.
    #[arg(long, default_value_t = 0, hide = true)]
    pub seed: u64,
    /// Switch a technique of the search off; for measuring what it carries.
    #[arg(long, value_name = "TECHNIQUE", hide = true)]
    pub without: Vec<String>,
}

/// Which of the project's own tests are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tests {
    /// All of them, as far as the budget goes, those nearest to the change first.
    All,
    /// Those that may reach what changed.
    Impacted,
    /// None.
    Off,
}

/// How a project is examined.
#[derive(Clone, Debug, clap::Args)]
pub struct DoctorArgs {
    /// The project's interpreter [default: as for a check].
    #[arg(long, value_name = "PATH")]
    pub python: Option<Utf8PathBuf>,
    /// How the result is written.
    #[arg(long, value_enum, default_value = "terminal")]
    pub format: DoctorFormat,
}

/// How an examination is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DoctorFormat {
    /// For people.
    Terminal,
    /// For programs: `counterproof schema doctor` has its schema.
    Json,
}

/// How to play the demonstration.
#[derive(Clone, Debug, clap::Args)]
pub struct DemoArgs {
    /// Leave the repository for a closer look, and print where it is.
    #[arg(long)]
    pub keep: bool,
    /// The interpreter.
    #[arg(long, value_name = "PATH")]
    pub python: Option<Utf8PathBuf>,
}

/// Which finding, and how it is shown.
#[derive(Clone, Debug, clap::Args)]
pub struct ReproduceArgs {
    /// The finding's id, as a check printed it.
    pub finding: String,
    /// `run` it on both versions, or print it as a stand-alone script.
    #[arg(long, value_enum, default_value = "run")]
    pub format: ReproduceFormat,
    /// The interpreter [default: the one that the check ran with].
    #[arg(long, value_name = "PATH")]
    pub python: Option<Utf8PathBuf>,
    /// Run without containment.
    #[arg(long)]
    pub no_sandbox: bool,
}

/// Which commits, and how each is checked.
#[derive(Clone, Debug, clap::Args)]
pub struct ReplayArgs {
    /// A revision or range whose first-parent history is replayed [default: HEAD].
    #[arg(value_name = "RANGE")]
    pub range: Option<String>,
    /// Since when: `90d`, `6m`, or a date [default: 90d, where nothing else is named].
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// At most so many commits, the newest ones.
    #[arg(long, value_name = "N")]
    pub last: Option<usize>,
    /// Ceiling for each check.
    #[arg(long, value_name = "TIME", default_value = "8s")]
    pub budget: String,
    /// Checks at a time [default: one for each core].
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
    /// Run the project's own tests, too.
    #[arg(long)]
    pub tests: bool,
    /// The project's interpreter [default: as for a check].
    #[arg(long, value_name = "PATH")]
    pub python: Option<Utf8PathBuf>,
    /// How the result is written.
    #[arg(long, value_enum, default_value = "terminal")]
    pub format: ReplayFormat,
}

/// How a replay is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReplayFormat {
    /// For people.
    Terminal,
    /// For programs: `counterproof schema replay` has its schema.
    Json,
    /// For spreadsheets.
    Csv,
}

/// Whose lines, and where else to look.
#[derive(Clone, Debug, clap::Args)]
pub struct AttributionArgs {
    /// Two revisions, `A..B` (what B has and A has not) or `A...B` (B against their merge base) [default: HEAD against the merge base
    /// with the default branch].
    #[arg(value_name = "RANGE")]
    pub range: Option<String>,
    /// How the result is written.
    #[arg(long, value_enum, default_value = "terminal")]
    pub format: AttributionFormat,
    /// A file with records of Agent Trace, beside those that head has in `.agent-trace/`; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub trace: Vec<Utf8PathBuf>,
}

/// How an attribution is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AttributionFormat {
    /// For people.
    Terminal,
    /// For programs: `counterproof schema attribution` has its schema.
    Json,
}

/// What is kept, and as what.
#[derive(Clone, Debug, clap::Args)]
pub struct KeepArgs {
    /// The finding's id, as a check printed it.
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub finding: Option<String>,
    /// All findings of the check that `counterproof check` makes here.
    #[arg(long)]
    pub all: bool,
    /// Assert what the new version does, instead of what the old one did.
    #[arg(long)]
    pub head: bool,
    /// The interpreter [default: the one that the check ran with].
    #[arg(long, value_name = "PATH")]
    pub python: Option<Utf8PathBuf>,
    /// Run without containment.
    #[arg(long)]
    pub no_sandbox: bool,
}

/// What is accepted, and why.
#[derive(Clone, Debug, clap::Args)]
pub struct AcceptArgs {
    /// The finding's id, as a check printed it.
    pub finding: String,
    /// Why the difference is wanted.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

/// What an agent tells of itself.
#[derive(Clone, Debug, Subcommand)]
pub enum HookEvent {
    /// It is about to stop: Claude Code's Stop event, as JSON on standard input.
    Stop(StopArgs),
}

/// How an agent's change is checked.
#[derive(Clone, Debug, clap::Args)]
pub struct StopArgs {
    /// Ceiling for the check, for example `10s`; what was found is replayed beside that.
    #[arg(long, value_name = "TIME", default_value = "4s")]
    pub budget: String,
}

/// Which agent or hook, and for whom.
#[derive(Clone, Debug, clap::Args)]
pub struct InstallArgs {
    /// The agent, or the hook.
    pub agent: Agent,
    /// For all projects of this user.
    #[arg(long, conflicts_with = "project")]
    pub user: bool,
    /// For this project [default].
    #[arg(long)]
    pub project: bool,
}

/// What runs a check by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Agent {
    /// Claude Code: `.claude/settings.json`.
    ClaudeCode,
    /// Git's hook for `git push`, after the hook that is there; `git push --no-verify` pushes without it.
    PrePush,
}

/// How a finding is reproduced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReproduceFormat {
    /// Run on both versions, under the harness.
    Run,
    /// A script for plain Python; takes the folder of a version as its argument.
    Python,
}

impl Args {
    /// Does what was asked and gives the exit code.
    pub fn run(self) -> Result<u8, CliError> {
        match self.command {
            Command::Check(args) => crate::check::run(&args),
            Command::Doctor(args) => crate::doctor::run(&args),
            Command::Demo(args) => crate::demo::run(&args),
            Command::Reproduce(args) => crate::reproduce::run(&args),
            Command::Replay(args) => crate::replay::run(&args),
            Command::Attribution(args) => crate::attribution::run(&args),
            Command::Keep(args) => crate::keep::run(&args),
            Command::Accept(args) => crate::accept::run(&args),
            Command::Hook {
                event: HookEvent::Stop(args),
            } => Ok(crate::hook::stop(&args)),
            Command::Install(args) => crate::install::install(&args),
            Command::Gate { command } => crate::gating::run(&command),
            Command::Incident(args) => crate::incidents::run(&args),
            Command::Trend(args) => crate::incidents::trend(&args),
            Command::Approve(args) => crate::approving::run(&args),
            Command::Ledger { command } => crate::records::commands::run(&command),
            Command::Uninstall(args) => crate::install::uninstall(&args),
            Command::Schema { format } => {
                let text = match format {
                    SchemaName::Report => report::json::schema(),
                    SchemaName::Config => crate::config::schema(),
                    SchemaName::Replay => report::replay::schema(),
                    SchemaName::Doctor => report::doctor::schema(),
                    SchemaName::Verdict => report::gate::schema(),
                    SchemaName::GateInput => report::gate::input_schema(),
                    SchemaName::Attribution => report::attribution::schema(),
                    SchemaName::Trend => report::trend::schema(),
                };
                crate::error::print(&text)?;
                Ok(0)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Args::command().debug_assert();
    }
}
