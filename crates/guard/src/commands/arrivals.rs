//! What a line brings here before it may run it: copies of files, what is fetched, unpacked or checked out.
//!
//! A script that comes so is not the project's own, which people have read; whoever runs it on the same line has not looked at it.

use super::options::Options;
use crate::walk::{Arg, On, Run, Walker};

/// Notes what a program puts where.
pub fn note(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    if walker.on != On::Here {
        return;
    }
    match name {
        "cp" | "mv" | "ln" | "install" | "rsync" | "scp" => copied(walker, run),
        "dd" => {
            let of = |key: &str| run.args.iter().find_map(|arg| arg.text.strip_prefix(key));
            if let (Some(from), Some(to)) = (of("if="), of("of=")) {
                walker.copies(&Arg::of(from), to);
            }
        }
        "git" => git(walker, run),
        "gh" => forge(walker, run),
        "svn" | "hg" => {
            let options = Options::of(run.args, &[]);
            if matches!(options.operand(0), "checkout" | "co" | "clone") {
                cloned(walker, &options);
            }
        }
        "tar" | "bsdtar" => {
            let options = Options::of(run.args, &["-f", "--file", "-C", "--directory", "-X", "--exclude"]);
            let is_bundled = run
                .args
                .first()
                .is_some_and(|arg| !arg.text.starts_with('-') && arg.text.contains('x'));
            if is_bundled || options.has(&["-x", "--extract", "--get"]) {
                let folder = options.value(&["-C", "--directory"]).unwrap_or(".").to_owned();
                walker.fills(&folder, false);
            }
        }
        "unzip" => {
            if let Some(folder) = super::files::unzipped_into(run) {
                walker.fills(folder.as_deref().unwrap_or("."), false);
            }
        }
        "unar" => {
            let options = Options::of(run.args, &["-o", "-output-directory", "-p"]);
            let folder = options.value(&["-o", "-output-directory"]).unwrap_or(".").to_owned();
            walker.fills(&folder, false);
        }
        "7z" | "7za" | "7zz" | "unrar" | "jar" | "cpio" => {
            let unpacks = |arg: &Arg| matches!(arg.text.as_str(), "x" | "e" | "xf" | "xvf" | "-i" | "-idu" | "-idm");
            if run.args.iter().any(unpacks) {
                let folder = run.args.iter().find_map(|arg| arg.text.strip_prefix("-o"));
                let folder = folder.filter(|folder| !folder.is_empty()).unwrap_or(".").to_owned();
                walker.fills(&folder, false);
            }
        }
        "gunzip" | "bunzip2" | "unxz" | "unzstd" => {
            for arg in run.args.iter().filter(|arg| !arg.text.starts_with('-')) {
                if let Some((stem, _)) = arg.text.rsplit_once('.') {
                    walker.writes(stem, None);
                }
            }
        }
        "docker" | "podman" => {
            let options = Options::of(run.args, &[]);
            if options.operand(0) == "cp" && !options.operand(2).contains(':') {
                let target = options.operand(2).to_owned();
                walker.fills(&target, true);
            }
        }
        // What they decipher may be anything.
        "openssl" | "gpg" | "age" => {
            let options = Options::of(run.args, &["-out", "-o", "--output", "-in", "-pass", "-i"]);
            if let Some(file) = options.value(&["-out", "-o", "--output"]).map(str::to_owned) {
                walker.writes(&file, None);
            }
        }
        "wget" | "aria2c" | "curl" => fetched(walker, run, name),
        _ => {}
    }
}

/// The name that something from an address gets here.
fn name_of(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    path.rsplit(['/', ':']).next().unwrap_or(path)
}

fn copied(walker: &mut Walker<'_>, run: &Run<'_>) {
    const VALUED: [&str; 9] = [
        "-t",
        "--target-directory",
        "-m",
        "--mode",
        "--owner",
        "--group",
        "--suffix",
        "-e",
        "--exclude",
    ];
    let options = Options::of(run.args, &VALUED);
    let mut sources: Vec<Arg> = options.operands.iter().map(|arg| (*arg).clone()).collect();
    let target = match options.value(&["-t", "--target-directory"]) {
        Some(folder) => Some(folder.to_owned()),
        // `ln -s ../x` links to it from here.
        None if run.name == "ln" && sources.len() == 1 => Some(".".to_owned()),
        None => sources.pop().map(|arg| arg.text),
    };
    let Some(target) = target else { return };
    let is_far = |text: &str| super::network::is_remote(text);
    if matches!(run.name, "rsync" | "scp") && is_far(&target) {
        return;
    }
    let links = run.name == "ln" && options.has(&["-s"]);
    for mut source in sources {
        if matches!(run.name, "rsync" | "scp") && is_far(&source.text) {
            walker.writes(&target, None);
            walker.fills(&format!("{target}/{}", name_of(&source.text)), true);
            continue;
        }
        // What a link by name leads to is told from where it lies.
        if links && !source.text.starts_with('/') && target.contains('/') {
            let folder = target.rsplit_once('/').map_or(".", |(folder, _)| folder);
            source.text = format!("{folder}/{}", source.text);
        }
        walker.copies(&source, &target);
    }
}

fn cloned(walker: &mut Walker<'_>, options: &Options<'_>) {
    let url = options.operand(1);
    let folder = match options.operand(2) {
        "" => name_of(url.trim_end_matches('/')).trim_end_matches(".git"),
        folder => folder,
    };
    if !folder.is_empty() {
        let folder = folder.to_owned();
        walker.fills(&folder, true);
    }
}

fn git(walker: &mut Walker<'_>, run: &Run<'_>) {
    const VALUED: [&str; 16] = [
        "-C",
        "-c",
        "-b",
        "-B",
        "--branch",
        "--depth",
        "-o",
        "--origin",
        "-j",
        "--config",
        "--orphan",
        "--create",
        "--template",
        "-u",
        "--upload-pack",
        "--separate-git-dir",
    ];
    let options = Options::of(run.args, &VALUED);
    match options.operand(0) {
        "clone" => {
            // `ext::` hands the rest to a shell.
            let through = options
                .operand(1)
                .strip_prefix("ext::")
                .map(|line| line.replace("% ", " "));
            match through {
                Some(line) => {
                    walker.shell(&line, "what `git` talks through", None);
                    walker.unknown("a program that `git` talks through");
                }
                None => cloned(walker, &options),
            }
        }
        "mv" => {
            let target = options.operands.last().map(|arg| arg.text.clone()).unwrap_or_default();
            let inner = options.operands.get(1..options.operands.len() - 1).unwrap_or_default();
            let sources: Vec<Arg> = inner.iter().map(|arg| (*arg).clone()).collect();
            sources.iter().for_each(|source| walker.copies(source, &target));
        }
        "worktree" if options.operand(1) == "add" => {
            let folder = options.operand(2).to_owned();
            walker.fills(&folder, true);
        }
        "checkout" | "switch" => {
            let to = options.operand(1).to_owned();
            let plain = to.strip_prefix("origin/").unwrap_or(&to);
            let own = |branch: &Option<String>| branch.as_deref() == Some(plain);
            let is_own = matches!(plain, "" | "-" | "." | "HEAD" | "main" | "master" | "develop")
                || own(&walker.place.branch)
                || own(&walker.place.default_branch)
                || options.has(&["-b", "-B", "--orphan", "--create"])
                || to.contains('.') && !to.contains("..");
            let makes = options.operand(0) == "switch" && options.has(&["-c", "-C"]);
            if is_own || makes {
                return;
            }
            let files: Vec<String> = options.operands.iter().skip(2).map(|arg| arg.text.clone()).collect();
            if files.is_empty() {
                let top = walker.place.repository.clone().unwrap_or_else(|| ".".to_owned());
                walker.fills(&top, true);
            }
            files.iter().for_each(|file| walker.fills(file, true));
        }
        _ => {}
    }
}

fn forge(walker: &mut Walker<'_>, run: &Run<'_>) {
    let options = Options::of(
        run.args,
        &["-R", "--repo", "-D", "--dir", "-p", "--pattern", "-b", "--branch"],
    );
    match (options.operand(0), options.operand(1)) {
        ("pr" | "co", "checkout") => {
            let top = walker.place.repository.clone().unwrap_or_else(|| ".".to_owned());
            walker.fills(&top, true);
        }
        ("repo", "clone") => {
            let folder = match options.operand(3) {
                "" => name_of(options.operand(2)),
                folder => folder,
            };
            let folder = folder.to_owned();
            walker.fills(&folder, true);
        }
        ("release" | "run", "download") => {
            let folder = options.value(&["-D", "--dir"]).unwrap_or(".").to_owned();
            walker.fills(&folder, true);
        }
        _ => {}
    }
}

/// What is fetched gets the name that its address has.
fn fetched(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    const VALUED: [&str; 22] = [
        "-o",
        "-O",
        "-P",
        "-H",
        "-d",
        "-X",
        "-u",
        "-A",
        "-e",
        "-b",
        "-c",
        "-m",
        "-x",
        "-w",
        "-K",
        "-E",
        "-F",
        "-T",
        "-t",
        "-U",
        "--header",
        "--output-dir",
    ];
    let valued: Vec<&str> = VALUED
        .iter()
        .copied()
        .filter(|one| name != "curl" || *one != "-O")
        .collect();
    let options = Options::of(run.args, &valued);
    let folder = match name {
        "curl" => options.value(&["--output-dir"]),
        "wget" => options.value(&["-P", "--directory-prefix"]),
        _ => options.value(&["-d", "--dir"]),
    };
    let folder = folder.unwrap_or(".").to_owned();
    let keeps_name = match name {
        "curl" => options.has(&["-O", "-J", "--remote-name", "--remote-name-all", "--remote-header-name"]),
        "wget" => !options.has(&["-O", "--output-document", "--spider"]),
        _ => true,
    };
    if !keeps_name {
        return;
    }
    if options.has(&["-r", "-m", "-i", "--recursive", "--mirror", "--input-file"]) && name == "wget" {
        walker.fills(&folder, false);
    }
    let mut names: Vec<String> = options
        .operands
        .iter()
        .map(|arg| name_of(&arg.text).to_owned())
        .collect();
    if name == "aria2c" {
        names.extend(options.value(&["-o", "--out"]).map(str::to_owned));
    }
    for name in names.iter().filter(|name| !name.is_empty()) {
        walker.writes(&format!("{folder}/{name}"), None);
    }
}
