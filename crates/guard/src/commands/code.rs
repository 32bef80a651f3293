//! Programs in other languages on a command line: their calls that run commands or take files away.
//!
//! They are not parsed by their grammars: names that are called, and the texts that stand in the call, are looked at.

mod calls;
mod editors;
mod languages;

use calls::*;
use editors::{editor, helpers, sed, windows};
use languages::*;

pub use editors::started_by_sed;

use super::options::Options;
use crate::effect::{Decision, Effect, EffectKind, Reach, Reversible};
use crate::surroundings::Surroundings;
use crate::walk::{Input, Run, UNKNOWN, Walker, shown};

/// Bytes of a script that are looked into.
const MOST: usize = 256 * 1024;

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
        script_file(walker, language, &options);
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
fn script_file(walker: &mut Walker<'_>, language: &Language, options: &Options<'_>) {
    let Some(file) = options.operands.first() else { return };
    let path = walker.path(&file.text);
    if path.as_deref().is_some_and(|path| walker.is_made_here(path)) || file.text.contains(UNKNOWN) {
        walker.unknown(format!(
            "the program `{}`, which the line makes itself",
            shown(&file.text)
        ));
    } else if let Some(text) = path.and_then(|path| walker.read(&path)) {
        // What the line has just written nobody has read.
        let is_new = walker.path(&file.text).is_some_and(|path| walker.has_written(&path));
        look(walker, language, &text, is_new);
    } else {
        super::targets::by_name(walker, &file.text);
    }
}

/// A program that is not known: a script of the repository is looked into.
pub fn script(walker: &mut Walker<'_>, run: &Run<'_>) {
    if !run.program.contains('/') {
        if walker.is_made_by_name(run.program) {
            walker.unknown(format!(
                "the program `{}`, which the line brings itself",
                shown(run.program)
            ));
        }
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
    } else if is(&["sh"]) || !first.starts_with("#!") && !is_of_a_language(run.program) {
        // What says nothing of itself is run by the shell that was asked to start it.
        walker.shell(
            &text,
            &format!("the script `{}`", shown(run.program)),
            Some(run.args.to_vec()),
        );
    }
}

/// Whether a file's name says that it is a program in another language than a shell's.
fn is_of_a_language(name: &str) -> bool {
    const ENDINGS: [&str; 10] = [
        ".py", ".js", ".mjs", ".cjs", ".ts", ".rb", ".pl", ".php", ".lua", ".awk",
    ];
    ENDINGS.iter().any(|end| name.ends_with(end))
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
        script_file(walker, &PERL, &options);
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

/// Looks at a program: what its calls run or take away. What cannot be told is asked about where it stands on the command line; a program
/// in a file is read by people.
fn look(walker: &mut Walker<'_>, language: &Language, text: &str, inline: bool) {
    if text.len() > MOST {
        walker.unknown("a program that is longer than is looked into");
        return;
    }
    // Python takes letters of other forms for the plain ones: `os.𝓈ystem`.
    let is_disguised =
        |c: char| matches!(c, '\u{2100}'..='\u{214f}' | '\u{ff21}'..='\u{ff5a}' | '\u{1d400}'..='\u{1d7ff}');
    if inline && text.chars().any(|c| c.is_alphabetic() && is_disguised(c)) {
        walker.unknown("a program with letters in it that only look like others");
    }
    if inline && text.trim_start().starts_with(UNKNOWN) {
        walker.unknown("a program that is made while it runs");
        return;
    }
    let renamed = if std::ptr::eq(language, &PYTHON) {
        renamed(text)
    } else if std::ptr::eq(language, &NODE) {
        taken_apart(text)
    } else {
        Vec::new()
    };
    for mut call in calls(text) {
        for (name, stands_for) in &renamed {
            if call.name == *name {
                call.name.clone_from(stands_for);
            } else if let Some(rest) = call.name.strip_prefix(&format!("{name}.")) {
                call.name = format!("{stands_for}.{rest}");
            }
        }
        called(walker, language, text, &call, inline);
    }
    if inline {
        reaching_out(walker, text);
        out_of_reach(walker, language, text);
    }
    // Backticks of Ruby and Perl run a command.
    if [&RUBY, &PERL, &PHP].iter().any(|one| std::ptr::eq(language, *one)) {
        for command in text.split('`').skip(1).step_by(2) {
            walker.shell(command, "what a program hands to a shell", None);
        }
    }
}

/// Ways to run or delete something that are asked about wherever they stand, since what they are given is seldom told.
fn out_of_reach(walker: &mut Walker<'_>, language: &Language, text: &str) {
    const PYTHON_WAYS: [&str; 9] = [
        "ctypes.",
        "getattr(os",
        "getattr(subprocess",
        "getattr(shutil",
        "__builtins__",
        "globals()[",
        "vars(os)",
        "os.__dict__",
        "import_module(",
    ];
    const NODE_WAYS: [&str; 6] = [
        "process.binding",
        "child_process'][",
        "child_process\"][",
        "globalThis[",
        "Reflect.get(",
        "new Worker(",
    ];
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let ways: &[&str] = if std::ptr::eq(language, &PYTHON) {
        &PYTHON_WAYS
    } else if std::ptr::eq(language, &NODE) {
        &NODE_WAYS
    } else {
        &[]
    };
    if let Some(way) = ways.iter().find(|way| plain.contains(**way)) {
        walker.unknown(format!(
            "what a program calls by way of `{}`",
            way.trim_end_matches(['(', '[', '.'])
        ));
    }
    // The shell of Bun and of zx: $`rm -rf x`.
    if std::ptr::eq(language, &NODE) {
        for piece in text.split("$`").skip(1) {
            let Some(command) = piece.split('`').next() else {
                continue;
            };
            let command = command.replace("${", &format!("{UNKNOWN}{{"));
            walker.shell(&command, "what a program hands to a shell", None);
        }
    }
    if std::ptr::eq(language, &PHP) && plain.contains("array_map(") {
        let takes = [
            "'unlink'",
            "\"unlink\"",
            "'rmdir'",
            "'system'",
            "'exec'",
            "\"system\"",
            "\"exec\"",
            "\"rmdir\"",
        ];
        if takes.iter().any(|name| plain.contains(name)) {
            walker.unknown("what a program does to each of a list".to_owned());
        }
    }
}

/// Tells what one call does, by its name.
fn called(walker: &mut Walker<'_>, language: &Language, text: &str, call: &Call, inline: bool) {
    let named = |names: &[&str]| {
        names.iter().any(|name| match name.strip_prefix('.') {
            Some(method) => call.name.rsplit('.').next() == Some(method) && call.name.contains('.'),
            None => {
                call.name == *name
                    || call.name.rsplit_once('.').is_some_and(|(_, last)| last == *name)
                    || name.contains('.') && call.name.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'))
                    || name
                        .rsplit_once('.')
                        .is_some_and(|(_, last)| last == call.name && is_imported(text, name))
            }
        })
    };
    if named(language.shells) {
        handed_over(walker, language, call, inline);
    } else if named(language.programs) {
        if call.is_plain && !call.texts.is_empty() {
            let whole = call.arguments.trim_start().starts_with(['[', '(']) || call.texts.len() > 1;
            // `os.execvp("x", ["x", …])` says the name twice.
            let twice = call.name.contains("exec") && call.texts.len() > 1 && call.texts[0] == call.texts[1];
            let line = if whole {
                as_words(
                    call.texts
                        .iter()
                        .skip(usize::from(twice))
                        .filter(|text| !text.is_empty()),
                )
            } else {
                call.texts[0].clone()
            };
            walker.shell(&line, "what a program runs", None);
        } else if inline {
            walker.unknown("a command that a program makes while it runs");
        }
    } else if named(language.trees) || named(language.files) {
        let of_module = ["os.", "shutil."].iter().any(|module| call.name.starts_with(module));
        let on_path = call.name.contains('.') && std::ptr::eq(language, &PYTHON) && !of_module;
        let before = on_path.then(|| &text[..call.at]);
        taken_away(walker, call, named(language.trees), (text, before), inline);
    } else if inline && named(language.evaluates) && !call.name.contains('.') {
        evaluated(walker, language, text, call);
    }
}

/// Texts as words of a line.
fn as_words<'t>(texts: impl Iterator<Item = &'t String>) -> String {
    let words = texts.map(|text| format!("'{}'", text.replace('\'', "'\\''")));
    words.collect::<Vec<_>>().join(" ")
}

/// A call whose argument a shell runs.
fn handed_over(walker: &mut Walker<'_>, language: &Language, call: &Call, inline: bool) {
    match call.texts.first() {
        // Perl's `system "rm", "-rf", "/"`.
        Some(_) if call.is_plain && call.texts.len() > 1 && std::ptr::eq(language, &PERL) => {
            walker.shell(&as_words(call.texts.iter()), "what a program runs", None);
        }
        Some(command) if call.is_plain => {
            walker.shell(command, "what a program hands to a shell", None);
        }
        _ if inline => walker.unknown("a command that a program makes while it runs"),
        _ => {}
    }
}

/// A call that takes a file or a folder away; `before` is the text before a method of a path.
fn taken_away(walker: &mut Walker<'_>, call: &Call, tree: bool, (whole, before): (&str, Option<&str>), inline: bool) {
    let path = match (call.texts.first(), before) {
        (Some(path), _) if call.is_plain => Some(path.clone()),
        // `Path("x").unlink()`: the path stands before.
        (None, Some(before)) => {
            let path = before
                .rfind("Path(")
                .and_then(|at| texts_of(&before[at..]).into_iter().next());
            if path.is_none() && inline {
                walker.unknown("a file that a program names while it runs, and deletes");
                return;
            }
            path
        }
        _ => None,
    };
    // A folder that the program has just made for itself.
    let name = call.arguments.split(',').next().unwrap_or_default().trim();
    let is_made =
        |maker: &str| whole.contains(&format!("{name} = {maker}")) || whole.contains(&format!("{name}={maker}"));
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    if is_name
        && ["tempfile.mkdtemp(", "mkdtemp(", "fs.mkdtempSync(", "mkdtempSync("]
            .iter()
            .any(|maker| is_made(maker))
    {
        return;
    }
    let effect = match path {
        Some(path) => super::files::deletion(walker, &path, tree, false, EffectKind::Delete),
        None if inline => Some(Effect::new(
            EffectKind::Delete,
            format!("what `{}` is given while it runs", shown(&call.name)),
            Reversible::No,
            Reach::Workspace,
        )),
        None => None,
    };
    if let Some(effect) = effect {
        walker.effect(effect);
    }
}

/// A call that runs text as code.
fn evaluated(walker: &mut Walker<'_>, language: &Language, text: &str, call: &Call) {
    const DECODERS: [&str; 10] = [
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
    ];
    if DECODERS.iter().any(|word| text.contains(word)) || !call.is_plain {
        walker.unknown("code that a program makes while it runs");
    } else if let Some(code) = call.texts.first() {
        look(walker, language, code, true);
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
    let writes = [
        "write_text(",
        "writeFile",
        ".write(",
        ".rename(",
        ".unlink(",
        "renameSync",
        "json.dump(",
        "file_put_contents",
    ]
    .iter()
    .any(|word| plain.contains(word));
    let itself = [
        ".counterproof",
        "counterproof.toml",
        ".claude",
        ".codex",
        ".cursor",
        ".gemini",
        "import counterproof",
        ".git/hooks",
    ];
    if writes && itself.iter().any(|word| text.contains(word)) {
        walker.effect(Effect::weakens(
            "a program names what judges an agent, or what that rests on, and writes",
        ));
    }
    let sends = ["requests.post(", "httpx.post(", "fetch(", "urlopen(", "axios.post("]
        .iter()
        .any(|word| plain.contains(word));
    let holds = [
        "dict(os.environ)",
        "(os.environ)",
        "os.environ.items",
        ".ssh/",
        "id_ed25519",
        ".netrc",
        ".npmrc",
        ".gnupg",
        "/.env'",
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
