//! What a reader of a change must not miss, told from the syntax of both versions of a file: few things, and only what the change
//! brings. Nothing is run for it.

use std::collections::BTreeMap;

use model::ConcernKind;
use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Arguments, Expr, ExprCall, Keyword, Number, Stmt};
use ruff_text_size::Ranged;

use super::{dependencies, secrets};
use crate::python::Parsed;

/// One thing that must not be missed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// Line in head; for what is gone, of the function that had it.
    pub line: u32,
    /// What it is about.
    pub kind: ConcernKind,
    /// Its number in the Common Weakness Enumeration.
    pub cwe: u32,
    /// Dotted name of the function that it is in; empty at module level.
    pub function: String,
    /// What it is, in words.
    pub text: String,
}

/// What the change of one file brings: its text in base, where it had one, and in head.
pub fn review(path: &str, base: Option<&str>, head: &str) -> Vec<Note> {
    let base = base.unwrap_or_default();
    let mut notes = secrets::brought(path, base, head);
    notes.extend(dependencies::brought(path, base, head));
    if path.ends_with(".py") {
        notes.extend(of_sources(base, head));
    }
    notes.sort();
    notes
}

fn of_sources(base: &str, head: &str) -> Vec<Note> {
    let parsed = |text: &str| Parsed::new("a.py", "a", text.as_bytes().to_vec()).ok();
    let (Some(base), Some(head)) = (parsed(base), parsed(head)) else {
        return Vec::new();
    };
    let (before, after) = (Facts::of(&base), Facts::of(&head));
    let mut notes = Vec::new();
    let mut known: BTreeMap<(ConcernKind, &str), usize> = BTreeMap::new();
    for fact in &before.brought {
        *known.entry((fact.kind, fact.text.as_str())).or_default() += 1;
    }
    for fact in &after.brought {
        match known.get_mut(&(fact.kind, fact.text.as_str())) {
            Some(left) if *left > 0 => *left -= 1,
            _ => notes.push(fact.clone()),
        }
    }
    notes.extend(checks_gone(&before, &after));
    notes
}

/// Checks that a function had and has no more, though it is still there, and that went nowhere else in the file.
fn checks_gone(before: &Facts, after: &Facts) -> Vec<Note> {
    let number = |facts: &Facts, name: &str| facts.checks.iter().filter(|check| check.name == name).count();
    let mut notes = Vec::new();
    for check in &before.checks {
        let Some(line) = after.functions.get(&check.function) else {
            continue;
        };
        let is_in = |other: &&Check| other.function == check.function && other.family == check.family;
        let kept = after.checks.iter().filter(is_in).count();
        let had = before.checks.iter().filter(is_in).count();
        let moved = number(after, &check.name) >= number(before, &check.name);
        let told = notes
            .iter()
            .any(|note: &Note| note.function == check.function && note.text.contains(&check.name));
        if kept < had && !moved && !told {
            let (kind, cwe) = check.family.kind();
            notes.push(Note {
                line: *line,
                kind,
                cwe,
                function: check.function.clone(),
                text: format!("{} is gone", check.words()),
            });
        }
    }
    notes
}

/// Sorts of checks: one may take the place of another of its sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    /// Who somebody is.
    Authentication,
    /// What somebody may do.
    Authorization,
    /// Whether a signature fits.
    Signature,
}

impl Family {
    fn kind(self) -> (ConcernKind, u32) {
        match self {
            Self::Authentication => (ConcernKind::Access, 306),
            Self::Authorization => (ConcernKind::Access, 862),
            Self::Signature => (ConcernKind::Signatures, 347),
        }
    }
}

#[derive(Clone, Debug)]
struct Check {
    function: String,
    family: Family,
    name: String,
    is_decorator: bool,
}

impl Check {
    fn words(&self) -> String {
        match self.is_decorator {
            true => format!("the decorator `@{}`", self.name),
            false => format!("the check `{}`", self.name),
        }
    }
}

/// The family of a name that checks something; nothing for most.
fn family(name: &str) -> Option<Family> {
    const AUTHENTICATION: [&str; 14] = [
        "login_required",
        "auth_required",
        "authentication_required",
        "token_required",
        "jwt_required",
        "requires_auth",
        "require_auth",
        "require_login",
        "authenticated",
        "is_authenticated",
        "authentication_classes",
        "verify_token",
        "verify_jwt_in_request",
        "get_current_user",
    ];
    const AUTHORIZATION: [&str; 20] = [
        "permission_required",
        "permissions_required",
        "roles_required",
        "roles_accepted",
        "role_required",
        "admin_required",
        "superuser_required",
        "staff_member_required",
        "user_passes_test",
        "has_perm",
        "has_perms",
        "has_permission",
        "has_object_permission",
        "check_permission",
        "check_permissions",
        "check_object_permissions",
        "permission_classes",
        "is_superuser",
        "is_staff",
        "require_permission",
    ];
    const SIGNATURE: [&str; 9] = [
        "compare_digest",
        "constant_time_compare",
        "verify_signature",
        "check_signature",
        "validate_signature",
        "verify_mac",
        "csrf_protect",
        "validate_csrf",
        "check_csrf",
    ];
    let name = name.trim_start_matches('_');
    if AUTHENTICATION.contains(&name) {
        Some(Family::Authentication)
    } else if AUTHORIZATION.contains(&name) {
        Some(Family::Authorization)
    } else if SIGNATURE.contains(&name) {
        Some(Family::Signature)
    } else {
        None
    }
}

/// What a file holds that a reader might want to know of.
#[derive(Default)]
struct Facts {
    /// What is told where it is new.
    brought: Vec<Note>,
    /// What is told where it is gone.
    checks: Vec<Check>,
    /// Functions and classes with their lines.
    functions: BTreeMap<String, u32>,
}

impl Facts {
    fn of(parsed: &Parsed) -> Self {
        let mut reader = Reader {
            parsed,
            facts: Self::default(),
            inside: Vec::new(),
        };
        reader.visit_body(&parsed.ast.body);
        reader.facts
    }
}

struct Reader<'p> {
    parsed: &'p Parsed,
    facts: Facts,
    inside: Vec<String>,
}

impl Reader<'_> {
    fn note(&mut self, at: &impl Ranged, kind: ConcernKind, cwe: u32, text: impl Into<String>) {
        self.facts.brought.push(Note {
            line: self.parsed.line(at.start()),
            kind,
            cwe,
            function: self.inside.join("."),
            text: text.into(),
        });
    }

    fn check(&mut self, name: &str, is_decorator: bool) {
        if let Some(family) = family(name) {
            self.facts.checks.push(Check {
                function: self.inside.join("."),
                family,
                name: name.to_owned(),
                is_decorator,
            });
        }
    }

    fn definition(&mut self, name: &str, at: &impl Ranged, decorators: &[ruff_python_ast::Decorator]) {
        self.inside.push(name.to_owned());
        let line = self.parsed.line(at.start());
        self.facts.functions.insert(self.inside.join("."), line);
        for decorator in decorators {
            let expression = match &decorator.expression {
                Expr::Call(call) => call.func.as_ref(),
                other => other,
            };
            let name = last(expression);
            if name == "csrf_exempt" {
                self.note(
                    decorator,
                    ConcernKind::Access,
                    352,
                    "`@csrf_exempt` takes the check of cross-site requests off",
                );
            }
            self.check(name, true);
        }
    }

    fn call(&mut self, call: &ExprCall) {
        let callee = last(&call.func);
        for keyword in &call.arguments.keywords {
            self.keyword(call, callee, keyword);
        }
        if callee == "_create_unverified_context" {
            let text = "`_create_unverified_context` checks no certificates";
            self.note(call, ConcernKind::Certificates, 295, text);
        }
        let permissive = call
            .arguments
            .args
            .iter()
            .skip(usize::from(callee == "chmod" && call.arguments.args.len() > 1));
        if callee == "chmod" && permissive.into_iter().any(lets_everybody_write) {
            self.note(call, ConcernKind::Permissions, 732, "`chmod` lets everybody write");
        }
        if callee == "umask" && matches!(call.arguments.args.first(), Some(first) if integer(first) == Some(0)) {
            self.note(
                call,
                ConcernKind::Permissions,
                732,
                "`umask(0)` lets everybody write what is made",
            );
        }
    }

    fn keyword(&mut self, call: &ExprCall, callee: &str, keyword: &Keyword) {
        let Some(name) = keyword.arg.as_ref().map(|name| name.as_str()) else {
            return;
        };
        let value = &keyword.value;
        let is_jwt = callee == "decode" || callee.contains("jwt");
        match name {
            "verify" | "verify_signature" if is_false(value) && is_jwt => {
                let text = format!("`{callee}(…, {name}=False)` checks no signature");
                self.note(keyword, ConcernKind::Signatures, 347, text);
            }
            "verify" | "verify_ssl" | "ssl_verify" | "check_hostname" | "validate_certs" | "verify_certs"
            | "verify_hostname" | "ssl"
                if is_false(value) && (name != "verify" && name != "ssl" || is_request(callee)) =>
            {
                let text = format!("`{callee}(…, {name}=False)` checks no certificates");
                self.note(keyword, ConcernKind::Certificates, 295, text);
            }
            "cert_reqs" if last(value) == "CERT_NONE" || string(value) == Some("CERT_NONE") => {
                let text = format!("`{callee}(…, cert_reqs=CERT_NONE)` checks no certificates");
                self.note(keyword, ConcernKind::Certificates, 295, text);
            }
            "shell" if is_true(value) && !is_constant_command(&call.arguments) => {
                let text = format!("`{callee}(…, shell=True)` has a shell read a command that is put together");
                self.note(keyword, ConcernKind::Shell, 78, text);
            }
            _ => {}
        }
    }

    fn assignment(&mut self, target: &Expr, value: &Expr) {
        let Expr::Attribute(attribute) = target else {
            if let Expr::Name(name) = target {
                self.classes(name.id.as_str(), value);
            }
            return;
        };
        let name = attribute.attr.as_str();
        let off = match name {
            "verify" | "check_hostname" => is_false(value),
            "verify_mode" => last(value) == "CERT_NONE",
            _ => false,
        };
        if off {
            let text = format!("`{name}` is switched off: certificates are not checked");
            self.note(attribute, ConcernKind::Certificates, 295, text);
        }
    }

    /// `permission_classes = []`, or with a class that lets everybody in.
    fn classes(&mut self, name: &str, value: &Expr) {
        if !["permission_classes", "authentication_classes"].contains(&name) {
            return;
        }
        let items: &[Expr] = match value {
            Expr::List(list) => &list.elts,
            Expr::Tuple(tuple) => &tuple.elts,
            _ => return,
        };
        let open = items.is_empty() || items.iter().any(|item| last(item) == "AllowAny");
        if open {
            let text = format!("`{name}` lets everybody in");
            self.note(value, ConcernKind::Access, 862, text);
        }
    }
}

impl<'a> Visitor<'a> for Reader<'_> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(function) => {
                self.definition(function.name.as_str(), &function.name, &function.decorator_list);
                walk_stmt(self, statement);
                self.inside.pop();
                return;
            }
            Stmt::ClassDef(class) => {
                self.definition(class.name.as_str(), &class.name, &class.decorator_list);
                walk_stmt(self, statement);
                self.inside.pop();
                return;
            }
            Stmt::Assign(assign) => assign
                .targets
                .iter()
                .for_each(|target| self.assignment(target, &assign.value)),
            _ => {}
        }
        walk_stmt(self, statement);
    }

    fn visit_decorator(&mut self, _decorator: &'a ruff_python_ast::Decorator) {
        // They were looked at with what they decorate.
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Call(call) => self.call(call),
            Expr::Attribute(attribute) => self.check(attribute.attr.as_str(), false),
            Expr::Name(name) => self.check(name.id.as_str(), false),
            Expr::Dict(dict) => {
                for item in &dict.items {
                    let key = item.key.as_ref().and_then(string);
                    if key == Some("verify_signature") && is_false(&item.value) {
                        let text = "`verify_signature` is switched off: signatures are not checked";
                        self.note(&item.value, ConcernKind::Signatures, 347, text);
                    }
                }
            }
            _ => {}
        }
        walk_expr(self, expression);
    }
}

/// The last part of a dotted name; empty for anything else.
fn last(expression: &Expr) -> &str {
    match expression {
        Expr::Name(name) => name.id.as_str(),
        Expr::Attribute(attribute) => attribute.attr.as_str(),
        Expr::Call(call) => last(&call.func),
        _ => "",
    }
}

fn is_false(value: &Expr) -> bool {
    matches!(value, Expr::BooleanLiteral(literal) if !literal.value)
}

fn is_true(value: &Expr) -> bool {
    matches!(value, Expr::BooleanLiteral(literal) if literal.value)
}

fn string(value: &Expr) -> Option<&str> {
    match value {
        Expr::StringLiteral(literal) => Some(literal.value.to_str()),
        _ => None,
    }
}

fn integer(value: &Expr) -> Option<u64> {
    match value {
        Expr::NumberLiteral(literal) => match &literal.value {
            Number::Int(number) => number.as_u64(),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a call is one that sends a request, or makes what sends them.
fn is_request(callee: &str) -> bool {
    const NAMES: [&str; 18] = [
        "get",
        "post",
        "put",
        "patch",
        "delete",
        "head",
        "options",
        "request",
        "send",
        "stream",
        "Client",
        "AsyncClient",
        "Session",
        "ClientSession",
        "TCPConnector",
        "ws_connect",
        "urlopen",
        "fetch",
    ];
    NAMES.contains(&callee)
}

/// A mode that lets others than owner and group write.
fn lets_everybody_write(mode: &Expr) -> bool {
    match mode {
        Expr::BinOp(operation) => lets_everybody_write(&operation.left) || lets_everybody_write(&operation.right),
        Expr::Attribute(_) | Expr::Name(_) => ["S_IWOTH", "S_IRWXO"].contains(&last(mode)),
        _ => integer(mode).is_some_and(|mode| mode & 0o002 != 0 && mode <= 0o7777),
    }
}

/// Whether the first argument is a text that stands there: nobody puts anything into it.
fn is_constant_command(arguments: &Arguments) -> bool {
    let command = arguments.args.first().or_else(|| {
        let is_args = |keyword: &&Keyword| {
            keyword
                .arg
                .as_ref()
                .is_some_and(|name| ["args", "cmd"].contains(&name.as_str()))
        };
        arguments.keywords.iter().find(is_args).map(|keyword| &keyword.value)
    });
    command.is_some_and(|command| matches!(command, Expr::StringLiteral(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brought(base: &str, head: &str) -> Vec<(u32, u32, String)> {
        let notes = review("app/views.py", Some(base), head);
        notes.into_iter().map(|note| (note.line, note.cwe, note.text)).collect()
    }

    #[test]
    fn what_is_switched_off_is_told_once_and_only_where_it_is_new() {
        let base = "import requests\ndef f(u):\n    return requests.get(u)\n";
        let head = "import requests\ndef f(u):\n    return requests.get(u, verify=False)\n";
        assert_eq!(
            brought(base, head),
            [(3, 295, "`get(…, verify=False)` checks no certificates".to_owned())]
        );
        assert_eq!(brought(head, &format!("\n{head}")), []);
        assert_eq!(brought("", "def f(a):\n    return check(a, verify=False)\n"), []);
        let context = "def f(c):\n    c.check_hostname = False\n    c.verify_mode = ssl.CERT_NONE\n";
        assert_eq!(brought("", context).len(), 2);
        let token = "def f(t):\n    return jwt.decode(t, options={'verify_signature': False})\n";
        assert_eq!(brought("", token)[0].1, 347);
    }

    #[test]
    fn a_shell_for_a_command_that_is_put_together() {
        assert_eq!(
            brought("", "import subprocess\nsubprocess.run(f'ls {x}', shell=True)\n")[0].1,
            78
        );
        assert_eq!(
            brought("", "import subprocess\nsubprocess.run('ls | wc', shell=True)\n"),
            []
        );
    }

    #[test]
    fn checks_that_are_gone() {
        let base = "@login_required\ndef view(request):\n    return 1\n";
        let head = "def view(request):\n    return 1\n";
        assert_eq!(
            brought(base, head),
            [(1, 306, "the decorator `@login_required` is gone".to_owned())]
        );
        let other = "@jwt_required()\ndef view(request):\n    return 1\n";
        assert_eq!(brought(base, other), [], "another of its sort takes its place");
        let moved =
            "@login_required\ndef view2(request):\n    return 1\ndef view(request):\n    return view2(request)\n";
        assert_eq!(brought(base, moved), [], "it went elsewhere");
        let base = "def view(user):\n    if not user.has_perm('x'):\n        raise Denied\n    return 1\n";
        assert_eq!(brought(base, "def view(user):\n    return 1\n")[0].1, 862);
    }

    #[test]
    fn permissions_that_are_widened() {
        assert_eq!(brought("", "import os\nos.chmod(p, 0o777)\n")[0].1, 732);
        assert_eq!(brought("", "import os\nos.chmod(p, 0o755)\np.chmod(0o644)\n"), []);
        assert_eq!(brought("", "p.chmod(0o666)\n")[0].1, 732);
        let rest = "class V:\n    permission_classes = [AllowAny]\n";
        assert_eq!(
            brought("class V:\n    permission_classes = [IsAdmin]\n", rest)[0].1,
            862
        );
    }
}
