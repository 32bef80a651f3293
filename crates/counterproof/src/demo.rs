//! The wrong-delivery-times incident, played in a throw-away repository.

use std::fs;
use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};

use crate::args::{CheckArgs, DemoArgs};
use crate::error::CliError;

macro_rules! scene {
    ($moment:literal) => {
        [
            (
                "cart/__init__.py",
                include_str!(concat!(
                    "../../../examples/incidents/wrong-delivery-times/",
                    $moment,
                    "/cart/__init__.py"
                )),
            ),
            (
                "cart/delivery.py",
                include_str!(concat!(
                    "../../../examples/incidents/wrong-delivery-times/",
                    $moment,
                    "/cart/delivery.py"
                )),
            ),
            (
                "cart/money.py",
                include_str!(concat!(
                    "../../../examples/incidents/wrong-delivery-times/",
                    $moment,
                    "/cart/money.py"
                )),
            ),
        ]
    };
}

const BEFORE: [(&str, &str); 3] = scene!("before");
const AFTER: [(&str, &str); 3] = scene!("after");

const STORY: &str = "\
A shop's cart tells when an order arrives. An agent was asked to tidy the code; no test covers it.
Its change is in the working tree of a throw-away repository. This is what `counterproof check` says there:

";

/// Plays the incident; the exit code is the one of the check.
///
/// # Errors
/// When the repository cannot be made, or as the check.
pub fn run(args: &DemoArgs) -> Result<u8, CliError> {
    let folder = tempfile::Builder::new()
        .prefix("counterproof-demo-")
        .tempdir()
        .map_err(|error| {
            CliError::Cache(format!(
                "failed to make a throw-away folder: {error}; set TMPDIR to a folder that can be written"
            ))
        })?;
    let root = Utf8PathBuf::from_path_buf(folder.path().to_owned()).map_err(|path| {
        CliError::Cache(format!(
            "the folder for temporary files is not UTF-8: {}",
            path.display()
        ))
    })?;
    let repository = root.join("shop");
    write(&repository, &BEFORE)?;
    git(&repository, &["init", "--quiet", "--initial-branch=main"])?;
    git(&repository, &["add", "--all"])?;
    git(
        &repository,
        &["commit", "--quiet", "--no-verify", "--message=The cart as it worked"],
    )?;
    write(&repository, &AFTER)?;
    crate::error::print(STORY)?;
    let check = CheckArgs {
        python: args.python.clone(),
        verbose: true,
        no_cache: true,
        ..CheckArgs::default()
    };
    let code = crate::check::run_in(&repository, &check);
    if args.keep {
        let kept = folder.keep();
        crate::error::print(&format!(
            "\nThe repository is in {}: try `git diff` and `counterproof check` there.",
            kept.join("shop").display()
        ))?;
    } else {
        crate::error::print("\nTry it on your own: `counterproof check` in any git repository with Python code.")?;
    }
    code
}

fn write(repository: &Utf8Path, files: &[(&str, &str)]) -> Result<(), CliError> {
    for (path, text) in files {
        let path = repository.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, text)?;
    }
    Ok(())
}

fn git(repository: &Utf8Path, args: &[&str]) -> Result<(), CliError> {
    // Nothing of the user's own settings: no signing, no hooks, no templates.
    let settings = [
        "-c",
        "user.name=Counterproof",
        "-c",
        "user.email=demo@counterproof.invalid",
        "-c",
        "commit.gpgSign=false",
        "-c",
        "core.hooksPath=/dev/null",
    ];
    let output = Command::new("git")
        .args(settings)
        .args(args)
        .current_dir(repository)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| {
            CliError::Usage(format!(
                "git does not run: {error}; install git, the demonstration needs it"
            ))
        })?;
    if output.status.success() {
        return Ok(());
    }
    Err(CliError::Usage(format!(
        "git {} failed: {}",
        args.join(" "),
        String::from_utf8_lossy(&output.stderr).trim()
    )))
}
