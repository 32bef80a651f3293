//! Programs in other languages on a command line: their calls that run commands or take files away.
//!
//! They are not parsed by their grammars: names that are called, and the texts that stand in the call, are looked at.

use super::options::Options;
use crate::effect::{Decision, Effect, EffectKind, Reach, Reversible};
use crate::surroundings::Surroundings;
use crate::walk::{Input, Run, UNKNOWN, Walker, shown};

/// Bytes of a script that are looked into.
const MOST: usize = 256 * 1024;

/// A language as far as it matters here.
struct Language {
    /// Calls whose argument a shell runs.
    shells: &'static [&'static str],
    /// Calls whose arguments are a program and its arguments.
    programs: &'static [&'static str],
    /// Calls that take a folder away with all that is in it.
    trees: &'static [&'static str],
    /// Calls that take a file away.
    files: &'static [&'static str],
    /// Calls that run text as code.
    evaluates: &'static [&'static str],
}

const PYTHON: Language = Language {
    shells: &[
        "os.system",
        "os.popen",
        "subprocess.getoutput",
        "subprocess.getstatusoutput",
        "commands.getoutput",
        "pty.spawn",
    ],
    programs: &[
        "subprocess.run",
        "subprocess.call",
        "subprocess.check_call",
        "subprocess.check_output",
        "subprocess.Popen",
        "os.execv",
        "os.execvp",
        "os.spawnl",
    ],
    trees: &["shutil.rmtree", "rmtree"],
    files: &[
        "os.remove",
        "os.unlink",
        "os.rmdir",
        "os.removedirs",
        ".unlink",
        ".rmdir",
    ],
    evaluates: &["exec", "eval", "compile", "__import__"],
};
const NODE: Language = Language {
    shells: &["execSync", ".exec", "child_process.exec"],
    programs: &["spawnSync", "execFileSync", "spawn", "execFile"],
    trees: &[
        "fs.rmSync",
        "rmSync",
        "fs.rm",
        "rimraf",
        "rimrafSync",
        "fs.rmdirSync",
        "fs.rmdir",
        "fse.remove",
        "removeSync",
        "Deno.remove",
        "Deno.removeSync",
    ],
    files: &["fs.unlinkSync", "unlinkSync", "fs.unlink"],
    evaluates: &["eval", "Function"],
};
const RUBY: Language = Language {
    shells: &[
        "system",
        "exec",
        "IO.popen",
        "Open3.capture2",
        "Open3.capture3",
        "spawn",
        "Kernel.system",
    ],
    programs: &[],
    trees: &[
        "FileUtils.rm_rf",
        "FileUtils.rm_r",
        "FileUtils.remove_dir",
        "FileUtils.remove_entry",
        "rm_rf",
    ],
    files: &["File.delete", "File.unlink", "FileUtils.rm"],
    evaluates: &["eval", "instance_eval"],
};
const PERL: Language = Language {
    shells: &["system", "exec", "qx"],
    programs: &[],
    trees: &["rmtree", "remove_tree"],
    files: &["unlink", "rmdir"],
    evaluates: &["eval"],
};
const PHP: Language = Language {
    shells: &["system", "exec", "shell_exec", "passthru", "popen", "proc_open"],
    programs: &[],
    trees: &[],
    files: &["unlink", "rmdir"],
    evaluates: &["eval", "assert"],
};
const AWK: Language = Language {
    shells: &["system"],
    programs: &[],
    trees: &[],
    files: &[],
    evaluates: &[],
};
const LUA: Language = Language {
    shells: &["os.execute", "io.popen"],
    programs: &[],
    trees: &[],
    files: &["os.remove"],
    evaluates: &["load", "loadstring"],
};

/// Whether a program runs a text that it is given as an argument.
pub fn is_interpreter(name: &str) -> bool {
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    matches!(
        plain,
        "python"
            | "pypy"
            | "ipython"
            | "node"
            | "nodejs"
            | "bun"
            | "tsx"
            | "ts-node"
            | "deno"
            | "ruby"
            | "jruby"
            | "perl"
            | "php"
            | "lua"
            | "luajit"
            | "awk"
            | "gawk"
            | "mawk"
            | "nawk"
            | "sed"
            | "gsed"
            | "vim"
            | "vi"
            | "nvim"
            | "ex"
            | "emacs"
            | "ed"
            | "tar"
            | "bsdtar"
            | "osascript"
            | "powershell"
            | "pwsh"
            | "cmd"
            | "tmux"
            | "screen"
            | "find"
            | "make"
            | "just"
            | "docker"
            | "podman"
            | "kubectl"
            | "npm"
            | "yarn"
            | "pnpm"
            | "npx"
            | "dd"
            | "gh"
            | "crontab"
    )
}

/// Tells what programs on a command line do; false where there is none.
pub fn run(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) -> bool {
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let (language, inline, valued): (&Language, &[&str], &[&str]) = match plain {
        "python" | "pypy" | "ipython" => (&PYTHON, &["-c"], &["-c", "-m", "-W", "-X"]),
        "node" | "nodejs" | "bun" | "tsx" | "ts-node" => (
            &NODE,
            &["-e", "--eval", "-p", "--print"],
            &["-e", "--eval", "-p", "--print", "-r", "--require"],
        ),
        "deno" => (&NODE, &["eval"], &["eval"]),
        "ruby" | "jruby" => (&RUBY, &["-e"], &["-e", "-I", "-r"]),
        "perl" => {
            perl(walker, run);
            return true;
        }
        "php" => (&PHP, &["-r"], &["-r", "-d", "-f"]),
        "lua" | "luajit" => (&LUA, &["-e"], &["-e", "-l"]),
        "awk" | "gawk" | "mawk" | "nawk" => {
            awk(walker, run);
            return true;
        }
        "sed" | "gsed" => {
            sed(walker, run);
            return true;
        }
        "vim" | "vi" | "nvim" | "ex" | "emacs" | "ed" => {
            editor(walker, run, plain);
            return true;
        }
        "tar" | "bsdtar" | "zip" | "man" | "less" | "tcpdump" => {
            helpers(walker, run, plain);
            return true;
        }
        "osascript" | "powershell" | "pwsh" | "cmd" | "cscript" | "wscript" => {
            windows(walker, run, plain);
            return true;
        }
        _ => return false,
    };
    let options = Options::of(run.args, valued);
    let mut texts: Vec<String> = options.values(inline).map(str::to_owned).collect();
    if inline == ["eval"] && options.operand(0) == "eval" {
        texts.extend(options.operands.get(1).map(|arg| arg.text.clone()));
    }
    let is_inline = !texts.is_empty();
    if !is_inline && plain == "python" && options.value(&["-m"]).is_some() {
        module(walker, run);
        return true;
    }
    if !is_inline && options.operands.iter().all(|arg| arg.text == "-") {
        match run.input {
            Input::Known(text) => texts.push(text.clone()),
            Input::Unknown(from) => walker.effect(
                Effect::new(
                    EffectKind::Unknown,
                    format!("{from}, as a program"),
                    Reversible::No,
                    Reach::Machine,
                )
                .instead("write it to a file, read it, and run that"),
            ),
            Input::Nothing => {}
        }
    }
    for text in &texts {
        look(walker, language, text, true);
    }
    if texts.is_empty() {
        script_file(walker, run, language, &options);
    }
    true
}

/// `python -m module`: some modules are programs that are known here.
fn module(walker: &mut Walker<'_>, run: &Run<'_>) {
    let at = run.args.iter().position(|arg| {
        arg.text == "-m" || arg.text.ends_with('m') && arg.text.starts_with('-') && arg.text.len() <= 4
    });
    let Some(at) = at else { return };
    let rest = run.args.get(at + 1..).unwrap_or_default();
    if let Some(module) = rest.first()
        && matches!(
            module.text.as_str(),
            "pytest"
                | "pip"
                | "twine"
                | "alembic"
                | "flask"
                | "ansible"
                | "poetry"
                | "build"
                | "celery"
                | "awscli"
                | "uv"
                | "pre_commit"
                | "hatch"
                | "flit"
        )
    {
        walker.rest(rest, run);
    }
}

/// A script of the repository: what is told of it that is bad enough counts; what it makes while it runs is its own matter.
fn script_file(walker: &mut Walker<'_>, run: &Run<'_>, language: &Language, options: &Options<'_>) {
    let Some(file) = options.operands.first() else { return };
    let path = walker.path(&file.text);
    if path.as_deref().is_some_and(|path| walker.is_made_here(path)) || file.text.contains(UNKNOWN) {
        walker.unknown(format!(
            "the program `{}`, which the line makes itself",
            shown(&file.text)
        ));
    } else if let Some(text) = path.and_then(|path| walker.read(&path)) {
        look(walker, language, &text, false);
    } else {
        super::targets::by_name(walker, &file.text);
    }
    let _ = run;
}

/// A program that is not known: a script of the repository is looked into.
pub fn script(walker: &mut Walker<'_>, run: &Run<'_>) {
    if !run.program.contains('/') {
        // `deploy-production`, `nuke-db.sh`.
        if run.program.contains(['-', '_', '.']) {
            super::targets::by_name(walker, run.program);
        }
        return;
    }
    let path = walker.path(run.program);
    if path.as_deref().is_some_and(|path| walker.is_made_here(path)) {
        walker.unknown(format!(
            "the program `{}`, which the line makes itself",
            shown(run.program)
        ));
        return;
    }
    let text = path.and_then(|path| walker.read(&path));
    let Some(text) = text.filter(|text| text.len() <= MOST) else {
        super::targets::by_name(walker, run.program);
        return;
    };
    let first = text.lines().next().unwrap_or_default();
    let is = |words: &[&str]| first.starts_with("#!") && words.iter().any(|word| first.contains(word));
    if is(&["python"]) {
        look(walker, &PYTHON, &text, false);
    } else if is(&["node", "deno", "bun"]) {
        look(walker, &NODE, &text, false);
    } else if is(&["ruby"]) {
        look(walker, &RUBY, &text, false);
    } else if is(&["perl"]) {
        look(walker, &PERL, &text, false);
    } else if is(&["sh"]) || !first.starts_with("#!") && run.program.ends_with(".sh") {
        walker.shell(
            &text,
            &format!("the script `{}`", shown(run.program)),
            Some(run.args.to_vec()),
        );
    }
}

/// Perl's `-e`, in the midst of other letters, too.
pub fn perl(walker: &mut Walker<'_>, run: &Run<'_>) {
    let mut found = false;
    for (at, arg) in run.args.iter().enumerate() {
        if arg.text.starts_with('-')
            && !arg.text.starts_with("--")
            && arg.text.ends_with(['e', 'E'])
            && let Some(text) = run.args.get(at + 1)
        {
            found = true;
            look(walker, &PERL, &text.text, true);
        }
    }
    if !found {
        let options = Options::of(run.args, &["-I", "-M"]);
        script_file(walker, run, &PERL, &options);
    }
}

fn awk(walker: &mut Walker<'_>, run: &Run<'_>) {
    let options = Options::of(run.args, &["-F", "-v", "-f", "--file"]);
    if options.has(&["-f", "--file"]) {
        return;
    }
    let text = options.operand(0).to_owned();
    look(walker, &AWK, &text, true);
    // `print … | "command"`.
    let mut rest = text.as_str();
    while let Some(at) = rest.find("| \"").or_else(|| rest.find("|\"")) {
        let inner = rest[at..].trim_start_matches(['|', ' ', '"']);
        let end = inner.find('"').unwrap_or(inner.len());
        let command = inner[..end].to_owned();
        walker.shell(&command, "what `awk` pipes into", None);
        rest = inner.get(end..).unwrap_or_default();
        rest = rest.get(1..).unwrap_or_default();
    }
}

fn sed(walker: &mut Walker<'_>, run: &Run<'_>) {
    let options = Options::of(run.args, &["-e", "-f", "--expression", "--file"]);
    let scripts: Vec<String> = options
        .values(&["-e", "--expression"])
        .map(str::to_owned)
        .chain((!options.has(&["-e", "-f", "--expression", "--file"])).then(|| options.operand(0).to_owned()))
        .collect();
    for script in scripts {
        let lines = script.split([';', '\n']).map(str::trim);
        for line in lines {
            // GNU's `1e command`, and the flag `e` of `s`.
            let command = line
                .trim_start_matches(|c: char| c.is_ascii_digit() || c == '$')
                .strip_prefix("e ");
            if let Some(command) = command.map(str::to_owned) {
                walker.shell(&command, "what `sed` runs", None);
            }
        }
    }
}

fn editor(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let options = Options::of(run.args, &["-c", "--cmd", "-s", "-S", "--eval", "-l"]);
    let commands: Vec<String> = options
        .values(&["-c", "--cmd", "--eval"])
        .map(str::to_owned)
        .chain(
            options
                .operands
                .iter()
                .filter_map(|arg| arg.text.strip_prefix('+'))
                .map(str::to_owned),
        )
        .collect();
    for text in commands {
        if let Some(command) = text.trim_start_matches(':').strip_prefix('!').or_else(|| {
            text.split("!")
                .nth(1)
                .filter(|_| text.contains("r !") || text.contains("silent !"))
        }) {
            let command = command.to_owned();
            walker.shell(&command, &format!("what `{name}` runs"), None);
        } else if text.contains("delete(")
            || text.contains("system(")
            || text.contains("shell-command")
            || text.contains("delete-directory")
        {
            look(walker, &LUA_AND_VIM, &text, true);
        }
    }
}

const LUA_AND_VIM: Language = Language {
    shells: &["system", "shell-command", "os.execute"],
    programs: &[],
    trees: &["delete", "delete-directory"],
    files: &["delete-file"],
    evaluates: &[],
};

/// Options of other programs that run a command.
fn helpers(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    for (at, arg) in run.args.iter().enumerate() {
        let text = arg.text.as_str();
        let command = text
            .strip_prefix("--checkpoint-action=exec=")
            .or_else(|| text.strip_prefix("--to-command="))
            .or_else(|| text.strip_prefix("--use-compress-program="))
            .or_else(|| text.strip_prefix("--unzip-command="))
            .or_else(|| text.strip_prefix("-TT="))
            .or_else(|| {
                (matches!(text, "-I" | "--to-command" | "-TT" | "-z")
                    && !matches!((name, text), ("tar" | "bsdtar", "-z") | ("zip" | "man" | "less", _)))
                .then(|| run.args.get(at + 1).map(|arg| arg.text.as_str()))
                .flatten()
            });
        if let Some(command) = command.map(str::to_owned) {
            walker.shell(&command, &format!("what `{name}` runs"), None);
        }
    }
    let options = Options::of(run.args, &["-f", "--file", "-C", "--directory", "-X", "--exclude"]);
    if matches!(name, "tar" | "bsdtar") {
        let extracts = options.has(&["-x", "--extract", "--get"])
            || run
                .args
                .first()
                .is_some_and(|arg| !arg.text.starts_with('-') && arg.text.contains('x'));
        if extracts && let Some(folder) = options.value(&["-C", "--directory"]) {
            super::files::written(walker, &crate::walk::Arg::of(folder), true, None);
        }
        if options.has(&["--remove-files"]) {
            for operand in options.operands.iter().map(|arg| arg.text.clone()).collect::<Vec<_>>() {
                if let Some(effect) = super::files::deletion(walker, &operand, true, false, EffectKind::Delete) {
                    walker.effect(effect);
                }
            }
        }
    }
}

/// PowerShell and its like: their own verbs for deleting.
fn windows(walker: &mut Walker<'_>, run: &Run<'_>, name: &str) {
    let joined = run
        .args
        .iter()
        .map(|arg| arg.text.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    let lower = joined.to_lowercase();
    let grave = [
        "remove-item",
        "rd /s",
        "rmdir /s",
        "del /s",
        "del /f",
        "format-volume",
        "clear-disk",
        "stop-computer",
        "restart-computer",
        "invoke-expression",
        "iex ",
        "-encodedcommand",
        "-enc ",
        "remove-database",
        "clear-content",
        "format c:",
        "remove-aduser",
        "empty trash",
        "do shell script",
        "delete every",
    ];
    if let Some(word) = grave.iter().find(|word| lower.contains(**word)) {
        let known = [
            "remove-item",
            "rd /s",
            "rmdir /s",
            "del /s",
            "del /f",
            "clear-content",
            "empty trash",
            "delete every",
        ]
        .contains(word);
        let effect = if known {
            Effect::new(
                EffectKind::Delete,
                format!("what `{}` names", shown(&joined)),
                Reversible::No,
                Reach::Workspace,
            )
        } else {
            Effect::new(
                EffectKind::Unknown,
                format!("`{name} {}`", shown(&joined)),
                Reversible::No,
                Reach::Machine,
            )
        };
        walker.effect(effect);
    }
}

/// Looks at the calls of a program. Where it is on the command line (`inline`), what cannot be told is asked about.
fn look(walker: &mut Walker<'_>, language: &Language, text: &str, inline: bool) {
    if text.len() > MOST {
        walker.unknown("a program that is longer than is looked into");
        return;
    }
    if inline && text.trim_start().starts_with(UNKNOWN) {
        walker.unknown("a program that is made while it runs");
        return;
    }
    let is_python = std::ptr::eq(language, &PYTHON);
    let renamed = if is_python { renamed(text) } else { Vec::new() };
    for mut call in calls(text) {
        for (name, stands_for) in &renamed {
            if call.name == *name {
                call.name.clone_from(stands_for);
            } else if let Some(rest) = call.name.strip_prefix(&format!("{name}.")) {
                call.name = format!("{stands_for}.{rest}");
            }
        }
        let named = |names: &[&str]| {
            names.iter().any(|name| match name.strip_prefix('.') {
                Some(method) => call.name.rsplit('.').next() == Some(method) && call.name.contains('.'),
                None => {
                    call.name == *name
                        || call.name.rsplit_once('.').is_some_and(|(_, last)| last == *name)
                        || name
                            .rsplit_once('.')
                            .is_some_and(|(_, last)| last == call.name && is_imported(text, name))
                }
            })
        };
        let first = call.texts.first();
        if named(language.shells) {
            match first {
                // Perl's `system "rm", "-rf", "/"`.
                Some(_) if call.is_plain && call.texts.len() > 1 && std::ptr::eq(language, &PERL) => {
                    let words = call
                        .texts
                        .iter()
                        .map(|text| format!("'{}'", text.replace('\'', "'\\''")));
                    let line = words.collect::<Vec<_>>().join(" ");
                    walker.shell(&line, "what a program runs", None);
                }
                Some(command) if call.is_plain => {
                    let command = command.clone();
                    walker.shell(&command, "what a program hands to a shell", None);
                }
                _ if inline => walker.unknown("a command that a program makes while it runs"),
                _ => {}
            }
        } else if named(language.programs) {
            if call.is_plain && !call.texts.is_empty() {
                let whole = call.arguments.trim_start().starts_with(['[', '(']) || call.texts.len() > 1;
                let line = if whole {
                    call.texts
                        .iter()
                        .filter(|text| !text.is_empty())
                        .map(|text| format!("'{}'", text.replace('\'', "'\\''")))
                        .collect::<Vec<_>>()
                        .join(" ")
                } else {
                    call.texts[0].clone()
                };
                walker.shell(&line, "what a program runs", None);
            } else if inline {
                walker.unknown("a command that a program makes while it runs");
            }
        } else if named(language.trees) || named(language.files) {
            let tree = named(language.trees);
            let of_module = ["os.", "shutil."].iter().any(|module| call.name.starts_with(module));
            let on_path = first.is_none() && call.name.contains('.') && is_python && !of_module;
            match first {
                Some(path) if call.is_plain => {
                    if let Some(effect) = super::files::deletion(walker, path, tree, false, EffectKind::Delete) {
                        walker.effect(effect);
                    }
                }
                // `Path("x").unlink()`: the path stands before.
                None if on_path => {
                    let before = &text[..call.at];
                    let path = before
                        .rfind("Path(")
                        .and_then(|at| texts_of(&before[at..]).into_iter().next());
                    if let Some(path) = path {
                        if let Some(effect) = super::files::deletion(walker, &path, tree, false, EffectKind::Delete) {
                            walker.effect(effect);
                        }
                    } else if inline {
                        walker.unknown("a file that a program names while it runs, and deletes");
                    }
                }
                _ if inline => walker.effect(Effect::new(
                    EffectKind::Delete,
                    format!("what `{}` is given while it runs", shown(&call.name)),
                    Reversible::No,
                    Reach::Workspace,
                )),
                _ => {}
            }
        } else if inline && named(language.evaluates) && !call.name.contains('.') {
            let decodes = [
                "b64decode",
                "fromhex",
                "atob",
                "Buffer.from",
                "decode",
                "decompress",
                "fromCharCode",
                "urlopen",
                "requests.get",
                "chr(",
            ]
            .iter()
            .any(|word| text.contains(word));
            if decodes || !call.is_plain {
                walker.unknown("code that a program makes while it runs");
            } else if let Some(code) = first.cloned() {
                look(walker, language, &code, true);
            }
        }
    }
    if inline {
        reaching_out(walker, text);
    }
    // Backticks of Ruby and Perl run a command.
    if std::ptr::eq(language, &RUBY) || std::ptr::eq(language, &PERL) || std::ptr::eq(language, &PHP) {
        for command in text
            .split('`')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect::<Vec<_>>()
        {
            walker.shell(&command, "what a program hands to a shell", None);
        }
    }
}

/// What a program on the command line does to databases, services and files by the libraries that it uses: their calls have names of their own.
fn reaching_out(walker: &mut Walker<'_>, text: &str) {
    const DELETES: [&str; 22] = [
        "flushall(",
        "flushdb(",
        "drop_database(",
        "dropDatabase(",
        "drop_collection(",
        "deleteMany()",
        "deleteMany({})",
        "delete_many({})",
        "delete_all",
        "destroy_all",
        "->truncate()",
        "objects.all().delete(",
        ".delete_db_instance(",
        ".terminate_instances(",
        ".delete_bucket(",
        ".delete_stack(",
        ".delete_table(",
        "requests.delete(",
        "httpx.delete(",
        "axios.delete(",
        "method:'DELETE'",
        "rm_rf!(",
    ];
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let unquoted = plain.replace('"', "'");
    let is_cloud = text.contains("boto3")
        && (plain.contains(".delete(") || plain.contains(".terminate(") || plain.contains(".delete_"));
    if is_cloud || DELETES.iter().any(|word| unquoted.contains(word)) {
        let environment = Surroundings::environment_of([text]);
        let effect = Effect::new(
            EffectKind::Delete,
            format!("what a program names (`{}`)", shown(text)),
            Reversible::No,
            Reach::Service,
        );
        walker.effect(
            effect
                .in_environment(environment)
                .at_least(Decision::Ask)
                .instead("look at what it is about first"),
        );
    }
    for call in calls(text) {
        let last = call.name.rsplit('.').next().unwrap_or(&call.name);
        let is_sql = matches!(
            last,
            "execute" | "query" | "executescript" | "executemany" | "text" | "raw" | "sql"
        ) || last.ends_with("executeRawUnsafe");
        if is_sql {
            for sql in &call.texts {
                super::data::sql(walker, sql, &[text], false);
            }
        }
        let writes = match last {
            "open" => call.texts.get(1).is_some_and(|mode| mode.starts_with('w')),
            "writeFileSync" | "writeFile" | "truncate" | "truncateSync" => true,
            _ => false,
        };
        if writes && let Some(path) = call.texts.first() {
            super::files::written(walker, &crate::walk::Arg::of(path), false, None);
        }
    }
    let sends = ["requests.post(", "httpx.post(", "fetch(", "urlopen(", "axios.post("]
        .iter()
        .any(|word| plain.contains(word));
    let holds = [
        "=dict(os.environ)",
        "stringify(process.env)",
        "'.env'",
        "id_rsa",
        ".aws/credentials",
    ]
    .iter()
    .any(|word| unquoted.contains(word));
    if sends && holds {
        let effect = Effect::new(
            EffectKind::Exfiltrate,
            "keys and credentials by a program",
            Reversible::No,
            Reach::Team,
        );
        walker.effect(effect.decided(Decision::Deny));
    }
    if plain.contains("getattr(__import__(") {
        walker.unknown("a call that a program puts together while it runs");
    }
}

/// Names that a Python program gives to modules and functions: `import subprocess as s`, `from os import remove as r`.
fn renamed(text: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for line in text.split(['\n', ';']).map(str::trim) {
        let (module, names) = match line.strip_prefix("from ").and_then(|rest| rest.split_once(" import ")) {
            Some((module, names)) => (Some(module.trim()), names),
            None => match line.strip_prefix("import ") {
                Some(names) => (None, names),
                None => continue,
            },
        };
        for name in names.split(',') {
            if let Some((name, called)) = name.split_once(" as ") {
                let whole = module.map_or_else(|| name.trim().to_owned(), |module| format!("{module}.{}", name.trim()));
                all.push((called.trim_matches([' ', ')']).to_owned(), whole));
            }
        }
    }
    all
}

/// Whether a name was imported by itself: `from os import system`, `const { execSync } = require(…)`.
fn is_imported(text: &str, name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    text.contains(&format!("import {last}"))
        || text.contains(&format!(", {last}"))
        || text.contains(&format!("{{ {last}"))
        || text.contains(&format!("{{{last}"))
        || text.contains("import *")
}

/// A call: its name, and the texts that stand in its arguments.
struct Call {
    name: String,
    at: usize,
    arguments: String,
    texts: Vec<String>,
    /// Whether the first argument is nothing but a text (or a list of texts).
    is_plain: bool,
}

/// Calls in a program of about any language.
fn calls(text: &str) -> Vec<Call> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() && found.len() < 2_000 {
        let Some(open) = text[at..].find('(').map(|step| at + step) else {
            break;
        };
        let start = text[..open]
            .rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '-')))
            .map_or(0, |before| {
                before + text[before..].chars().next().map_or(1, char::len_utf8)
            });
        let name = text[start.min(open)..open].trim_matches(['.', '-']).to_owned();
        // `require("child_process").exec(…)`: what stands before the dot is a call.
        let dotted = text[start.min(open)..open].starts_with('.');
        if !name.is_empty() {
            let arguments = arguments_of(&text[open + 1..]);
            found.push(Call {
                name: if dotted { format!("_.{name}") } else { name },
                at: open,
                texts: texts_of(&arguments),
                is_plain: is_plain(&arguments),
                arguments,
            });
        }
        at = open + 1;
    }
    // Perl and Ruby call without brackets: `system "…"`, `unlink "…"`.
    for word in ["system", "exec", "unlink", "rmdir", "rm_rf", "qx", "popen"] {
        let mut from = 0;
        while let Some(step) = text[from..].find(word) {
            let end = from + step + word.len();
            let rest = text[end..].trim_start();
            let is_word = text[..from + step]
                .chars()
                .last()
                .is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '_' | '$' | '"' | '\'' | '-')));
            if is_word && (rest.starts_with(['"', '\'']) || word == "qx" && rest.starts_with(['{', '(', '/'])) {
                let line = rest.split([';', '\n']).next().unwrap_or(rest);
                let texts = if word == "qx" {
                    vec![line.trim_matches(['{', '}', '(', ')', '/']).to_owned()]
                } else {
                    texts_of(line)
                };
                found.push(Call {
                    name: word.to_owned(),
                    at: end,
                    arguments: line.to_owned(),
                    is_plain: word == "qx" || is_plain(line),
                    texts,
                });
            }
            from = end;
            if found.len() > 4_000 {
                break;
            }
        }
    }
    found
}

/// What stands between the brackets of a call.
fn arguments_of(text: &str) -> String {
    let (mut open, mut quote): (i32, Option<char>) = (1, None);
    let mut escaped = false;
    for (at, c) in text.char_indices().take(4_096) {
        if escaped {
            escaped = false;
            continue;
        }
        match (quote, c) {
            (_, '\\') => escaped = true,
            (Some(mark), c) if c == mark => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => quote = Some(c),
            (None, '(') => open += 1,
            (None, ')') => {
                open -= 1;
                if open == 0 {
                    return text[..at].to_owned();
                }
            }
            _ => {}
        }
    }
    text.chars().take(4_096).collect()
}

/// Texts in quotes.
fn texts_of(text: &str) -> Vec<String> {
    let (mut found, mut current, mut quote): (Vec<String>, String, Option<char>) = (Vec::new(), String::new(), None);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match quote {
            None if matches!(c, '"' | '\'' | '`') => quote = Some(c),
            None => {}
            Some(mark) if c == mark => {
                found.push(std::mem::take(&mut current));
                quote = None;
            }
            Some(_) if c == '\\' => match chars.next() {
                Some('n') => current.push('\n'),
                Some(next) => current.push(next),
                None => {}
            },
            Some(_) => current.push(c),
        }
    }
    found
}

/// Whether the first argument is a text, or a list of texts, and nothing is put into it.
fn is_plain(arguments: &str) -> bool {
    let trimmed = arguments.trim_start();
    if trimmed.contains(UNKNOWN) {
        return false;
    }
    let is_text = trimmed.starts_with(['"', '\'', '`'])
        || trimmed.starts_with("r\"")
        || trimmed.starts_with("r'")
        || trimmed.starts_with("b\"")
        || trimmed.starts_with("b'");
    let is_list = trimmed.starts_with('[') || trimmed.starts_with('(');
    if !is_text && !is_list {
        return false;
    }
    let interpolates =
        trimmed.contains("${") || trimmed.contains("#{") || trimmed.contains('%') && trimmed.contains("\" %");
    // What follows a text may add to it.
    let mut rest = trimmed;
    let mut quote: Option<char> = None;
    let mut outside = String::new();
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match quote {
            None if matches!(c, '"' | '\'' | '`') => quote = Some(c),
            None => outside.push(c),
            Some(mark) if c == mark => quote = None,
            Some(_) => {}
        }
    }
    let first = if is_list {
        outside.split([']', ')']).next().unwrap_or_default().to_owned()
    } else {
        outside.split(',').next().unwrap_or_default().to_owned()
    };
    let joins = first.contains('+')
        || first.contains(".format")
        || first.chars().any(|c| c.is_alphabetic() && !matches!(c, 'r' | 'b'));
    !interpolates && !joins
}
