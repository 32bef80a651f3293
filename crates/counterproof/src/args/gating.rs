//! What was typed about the gate, the ledger and what became of changes.

use camino::Utf8PathBuf;
use clap::{Subcommand, ValueEnum};

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
    /// Let an agent do one thing that takes two people: once, soon, and exactly that.
    Action(ApproveActionArgs),
}

/// Which action.
#[derive(Clone, Debug, clap::Args)]
pub struct ApproveActionArgs {
    /// The first digits of its digest, as the guard says them, or a file that `guard action --out` wrote.
    pub action: String,
    /// What there is to say.
    #[arg(long, value_name = "TEXT")]
    pub comment: Option<String>,
    /// For how long it may wait, at most `60m` [default: 15m].
    #[arg(long = "for", value_name = "TIME")]
    pub lasts: Option<String>,
    /// Who signs.
    #[command(flatten)]
    pub signer: SignerArgs,
    /// Write the signed approval into a file, for the machine that the agent runs on.
    #[arg(long, value_name = "FILE")]
    pub out: Option<Utf8PathBuf>,
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
