//! Entries of ours in the JSON settings of agents: found, added, brought up to date and taken out, while all else stays to the byte.

use std::ops::Range;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::Value;

use crate::json_edit::{self, append, member, parts, unit};

/// Where the command of a hook stands in its entry, until it is known.
const COMMAND: &str = "\0command";

/// How the settings of an agent hold hooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `hooks.EVENT` is a list of groups, each with a matcher and a list of hooks.
    Groups,
    /// `hooks.EVENT` is a list of hooks.
    Flat,
    /// `hooks` is a list of hooks, each with its event and an action.
    List,
}

/// An object whose fields stay in the order in which they were written.
#[derive(Clone, Debug, Default)]
pub struct Fields(Vec<(&'static str, Field)>);

#[derive(Clone, Debug)]
enum Field {
    Plain(Value),
    Object(Fields),
    List(Vec<Fields>),
}

impl Serialize for Field {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Plain(value) => value.serialize(serializer),
            Self::Object(fields) => fields.serialize(serializer),
            Self::List(items) => items.serialize(serializer),
        }
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Fields {
    /// With another field.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.push((name, Field::Plain(value.into())));
        self
    }

    /// With the field that holds the command.
    #[must_use]
    pub fn with_command(self, name: &'static str) -> Self {
        self.with(name, COMMAND)
    }

    fn with_object(mut self, name: &'static str, fields: Self) -> Self {
        self.0.push((name, Field::Object(fields)));
        self
    }

    fn with_list(mut self, name: &'static str, items: Vec<Self>) -> Self {
        self.0.push((name, Field::List(items)));
        self
    }

    /// Its JSON, with a command in it.
    fn text(&self, command: &str, unit: &str) -> String {
        let mut bytes = Vec::new();
        let formatter = serde_json::ser::PrettyFormatter::with_indent(unit.as_bytes());
        let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
        // Plain data into memory: neither can fail.
        let _ = self.serialize(&mut serializer);
        let text = String::from_utf8(bytes).unwrap_or_default();
        text.replace(&quoted(COMMAND), &quoted(command))
    }
}

/// An entry of ours.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The agent's own name of the event.
    pub event: &'static str,
    /// What follows our program in its command: ` hook stop`, ` hook before-tool kiro`.
    pub call: String,
    /// Which tools it is asked for, where the agent's settings say so.
    pub matcher: Option<&'static str>,
    /// The entry, without the matcher of a group.
    pub fields: Fields,
}

impl Entry {
    /// What stands in the list of hooks.
    fn whole(&self, form: Form) -> Fields {
        match (form, self.matcher) {
            (Form::Groups, Some(matcher)) => Fields::default()
                .with("matcher", matcher)
                .with_list("hooks", vec![self.fields.clone()]),
            (Form::Groups, None) => Fields::default().with_list("hooks", vec![self.fields.clone()]),
            (Form::Flat, Some(matcher)) => self.fields.clone().with("matcher", matcher),
            (Form::Flat, None) => self.fields.clone(),
            (Form::List, _) => {
                let mut fields = Fields::default()
                    .with("name", format!("counterproof {}", self.event))
                    .with("trigger", self.event);
                if let Some(matcher) = self.matcher {
                    fields = fields.with("matcher", matcher);
                }
                let action = Fields::default().with("type", "command").with_command("command");
                fields = fields.with_object("action", action);
                fields.0.extend(self.fields.0.iter().cloned());
                fields
            }
        }
    }
}

/// Settings of one file: how they hold hooks, what they must have beside them, and our entries.
#[derive(Clone, Debug)]
pub struct Shape {
    /// How they hold hooks.
    pub form: Form,
    /// Fields that a file has to have.
    pub head: Vec<(&'static str, Value)>,
    /// Name of the field that holds a command.
    pub command: &'static str,
    /// Our entries.
    pub entries: Vec<Entry>,
}

/// Where an entry of ours stands.
struct Found {
    /// The list that it, or its group, is a part of, and which.
    list: Range<usize>,
    index: usize,
    /// The list of hooks in its group, and which it is.
    inner: Option<(Range<usize>, usize)>,
    /// The text of its command.
    command: Range<usize>,
    text: String,
}

impl Shape {
    /// Settings with our entries, and the command of each. Where all are there already, the text is the same.
    ///
    /// # Errors
    /// When the text is no JSON, or its hooks have another form: the error says what is wrong.
    pub fn with_entries(&self, text: &str, program: &str) -> Result<(String, Vec<String>), String> {
        let mut text = if text.trim().is_empty() {
            "{}\n".to_owned()
        } else {
            text.to_owned()
        };
        self.validate(&text)?;
        for (name, value) in &self.head {
            let root = json_edit::root(&text);
            if member(&text, &root, name).is_none() {
                text = append(&text, &root, &format!("{}: {value}", quoted(name)));
            }
        }
        let mut commands = Vec::new();
        for entry in &self.entries {
            let (new, command) = self.with_entry(&text, entry, program);
            text = new;
            commands.push(command);
        }
        Ok((text, commands))
    }

    fn with_entry(&self, text: &str, entry: &Entry, program: &str) -> (String, String) {
        let Some(found) = self.find(text, entry) else {
            return self.with_new(text, entry, format!("{program}{}", entry.call));
        };
        // What a person wrote behind it, a budget for example, stays.
        let rest = found.text.split_once(&entry.call).map_or("", |(_, rest)| rest);
        let command = format!("{program}{}{rest}", entry.call);
        if self.differing(text, entry, &found).is_empty() {
            return (json_edit::replace(text, &found.command, &quoted(&command)), command);
        }
        // Who else is in its group stays there, with the group's own matcher.
        self.with_new(&self.without(text, &found), entry, command)
    }

    fn without(&self, text: &str, found: &Found) -> String {
        match &found.inner {
            Some((hooks, hook)) if parts(text, hooks).len() > 1 => json_edit::remove(text, hooks, *hook),
            _ => json_edit::remove(text, &found.list, found.index),
        }
    }

    /// What in our entries, beside their commands, is not as it is written here: each as `matcher` of an event.
    ///
    /// # Errors
    /// As [`Self::with_entries`].
    pub fn differences(&self, text: &str) -> Result<Vec<String>, String> {
        self.validate(text)?;
        let differing = |entry: &Entry| {
            let found = self.find(text, entry)?;
            let names = self.differing(text, entry, &found).into_iter();
            Some(
                names
                    .map(|name| format!("`{name}` of {}", entry.event))
                    .collect::<Vec<_>>(),
            )
        };
        Ok(self.entries.iter().filter_map(differing).flatten().collect())
    }

    /// Names of the fields of an entry that make it another one: it may be asked for fewer tools, or not be waited for.
    fn differing(&self, text: &str, entry: &Entry, found: &Found) -> Vec<String> {
        // These say nothing of when and how it is run here.
        const HARMLESS: [&str; 7] = [
            "name",
            "description",
            "statusMessage",
            "comment",
            "powershell",
            "sequential",
            "$comment",
        ];
        let value = |range: &Range<usize>| serde_json::from_str::<Value>(&text[range.clone()]).unwrap_or_default();
        let Some(outer) = parts(text, &found.list).get(found.index).map(|part| value(&part.value)) else {
            return Vec::new();
        };
        let hook = found.inner.as_ref().and_then(|(hooks, hook)| {
            let part = parts(text, hooks).into_iter().nth(*hook)?;
            Some(value(&part.value))
        });
        let is_stop = entry.call.starts_with(" hook stop");
        let mut expected = serde_json::to_value(entry.whole(self.form)).unwrap_or_default();
        let mut names = Vec::new();
        let mut compare = |own: &Value, expected: &Value| {
            let (Some(own), Some(expected)) = (own.as_object(), expected.as_object()) else {
                return;
            };
            for (name, value) in expected {
                let is_other = match (name.as_str(), own.get(name)) {
                    // Where they are found is what they were found by.
                    ("hooks" | "action" | "trigger", _) => false,
                    (name, _) if HARMLESS.contains(&name) || name == self.command => false,
                    ("matcher", own) => !is_all(own) && own != Some(value),
                    // How long a person lets it work at a stop is theirs to say, and more time is no less guard.
                    (name, _) if is_stop => name == "enabled" && own.get(name) != Some(value),
                    (name, Some(own)) if name.starts_with("timeout") => own.as_f64() < value.as_f64(),
                    (_, own) => own != Some(value),
                };
                if is_other {
                    names.push(name.clone());
                }
            }
            let more = own
                .keys()
                .filter(|name| !expected.contains_key(*name) && !HARMLESS.contains(&name.as_str()));
            names.extend(
                more.filter(|name| *name != "matcher" || !is_all(own.get(*name)))
                    .cloned(),
            );
        };
        match hook {
            None => {
                compare(&outer["action"], &expected["action"]);
                compare(&outer, &expected);
            }
            Some(hook) => {
                compare(&hook, &expected["hooks"][0]);
                expected["hooks"].take();
                compare(&outer, &expected);
            }
        }
        names
    }

    fn with_new(&self, text: &str, entry: &Entry, command: String) -> (String, String) {
        let one = unit(text);
        let new = entry.whole(self.form).text(&command, one);
        let root = json_edit::root(text);
        let listed = |name: &str| {
            let inner = new.replace('\n', &format!("\n{one}"));
            format!("{}: [\n{one}{inner}\n]", quoted(name))
        };
        let text = match (member(text, &root, "hooks"), self.form) {
            (None, Form::List) => append(text, &root, &listed("hooks")),
            (Some(list), Form::List) => append(text, &list, &new),
            (None, _) => {
                let inner = listed(entry.event).replace('\n', &format!("\n{one}"));
                append(text, &root, &format!("\"hooks\": {{\n{one}{inner}\n}}"))
            }
            (Some(hooks), _) => match member(text, &hooks, entry.event) {
                None => append(text, &hooks, &listed(entry.event)),
                Some(list) => append(text, &list, &new),
            },
        };
        (text, command)
    }

    /// Settings without our entries; `None` where they have none.
    ///
    /// # Errors
    /// As [`Self::with_entries`].
    pub fn without_entries(&self, text: &str) -> Result<Option<String>, String> {
        self.validate(text)?;
        let mut rest = text.to_owned();
        for entry in &self.entries {
            while let Some(found) = self.find(&rest, entry) {
                rest = self.without(&rest, &found);
            }
            if rest != text {
                rest = self.without_empty(&rest, entry);
            }
        }
        Ok((rest != text).then_some(rest))
    }

    /// Without the list of an event that has nothing in it any more.
    fn without_empty(&self, text: &str, entry: &Entry) -> String {
        let root = json_edit::root(text);
        let is_empty = |range: &Range<usize>| parts(text, range).is_empty();
        let Some(hooks) = member(text, &root, "hooks") else {
            return text.to_owned();
        };
        let place = |object: &Range<usize>, name: &str| {
            parts(text, object)
                .iter()
                .position(|part| part.key.as_deref() == Some(name))
        };
        if self.form != Form::List
            && member(text, &hooks, entry.event).is_some_and(|list| is_empty(&list))
            && let Some(index) = place(&hooks, entry.event)
        {
            let rest = json_edit::remove(text, &hooks, index);
            return self.without_hooks(&rest);
        }
        self.without_hooks(text)
    }

    fn without_hooks(&self, text: &str) -> String {
        let root = json_edit::root(text);
        let all = parts(text, &root);
        let index = all.iter().position(|part| part.key.as_deref() == Some("hooks"));
        match index {
            Some(index) if parts(text, &all[index].value).is_empty() => json_edit::remove(text, &root, index),
            _ => text.to_owned(),
        }
    }

    /// The commands of our entries that settings have, with what calls us in each.
    ///
    /// # Errors
    /// As [`Self::with_entries`].
    pub fn commands(&self, text: &str) -> Result<Vec<(String, String)>, String> {
        self.validate(text)?;
        let found = self.entries.iter().filter_map(|entry| {
            let found = self.find(text, entry)?;
            Some((found.text, entry.call.clone()))
        });
        Ok(found.collect())
    }

    /// Whether settings can be edited.
    fn validate(&self, text: &str) -> Result<(), String> {
        let value: Value = serde_json::from_str(text).map_err(|error| {
            format!("it is not plain JSON ({error}): take out comments and commas that nothing follows")
        })?;
        let wrong = |what: &str, form: &str| {
            Err(format!(
                "{what} is not {form} there: mend it as the agent's documentation has it"
            ))
        };
        if !value.is_object() {
            return wrong("the outermost value", "an object");
        }
        match value.get("hooks") {
            None => Ok(()),
            Some(hooks) if self.form == Form::List => match hooks.is_array() {
                true => Ok(()),
                false => wrong("`hooks`", "a list"),
            },
            Some(hooks) if !hooks.is_object() => wrong("`hooks`", "an object"),
            Some(hooks) => {
                let other = self
                    .entries
                    .iter()
                    .find(|entry| hooks.get(entry.event).is_some_and(|list| !list.is_array()));
                other.map_or(Ok(()), |entry| wrong(&format!("`hooks.{}`", entry.event), "a list"))
            }
        }
    }

    fn find(&self, text: &str, entry: &Entry) -> Option<Found> {
        let hooks = member(text, &json_edit::root(text), "hooks")?;
        let list = match self.form {
            Form::List => hooks,
            Form::Groups | Form::Flat => member(text, &hooks, entry.event)?,
        };
        for (index, part) in parts(text, &list).into_iter().enumerate() {
            let found = |inner, command: Range<usize>| {
                let said = serde_json::from_str::<String>(&text[command.clone()]).ok()?;
                is_ours(&said, &entry.call).then(|| Found {
                    list: list.clone(),
                    index,
                    inner,
                    command,
                    text: said,
                })
            };
            let here = match self.form {
                Form::Groups => {
                    let Some(inner) = member(text, &part.value, "hooks") else {
                        continue;
                    };
                    parts(text, &inner).into_iter().enumerate().find_map(|(hook, part)| {
                        let command = member(text, &part.value, self.command)?;
                        found(Some((inner.clone(), hook)), command)
                    })
                }
                Form::Flat => member(text, &part.value, self.command).and_then(|command| found(None, command)),
                Form::List => member(text, &part.value, "action")
                    .and_then(|action| member(text, &action, self.command))
                    .and_then(|command| found(None, command)),
            };
            if here.is_some() {
                return here;
            }
        }
        None
    }
}

/// Whether a matcher is one of all tools.
fn is_all(matcher: Option<&Value>) -> bool {
    matcher.is_none_or(|matcher| matcher.is_null() || matcher == "" || matcher == "*" || matcher == ".*")
}

/// Whether a command is ours, from wherever it is run.
fn is_ours(command: &str, call: &str) -> bool {
    let Some((program, rest)) = command.split_once(call) else {
        return false;
    };
    (rest.is_empty() || rest.starts_with(' '))
        && program.trim_matches(['\'', '"']).rsplit('/').next() == Some("counterproof")
}

/// The program in the command of an entry, without quotes, where nothing but options of ours follows it.
pub fn program_of(command: &str, call: &str) -> Option<String> {
    let (program, options) = command.split_once(call)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || " .-=".contains(c);
    let quoted = program.len() > 1 && program.starts_with('\'') && program.ends_with('\'');
    let program = if quoted {
        &program[1..program.len() - 1]
    } else {
        program
    };
    let whole = !program.contains('\'')
        && (quoted || !program.contains([' ', ';', '&', '|', '$', '`', '(', '<', '>', '"', '\\', '\n']));
    (whole && options.chars().all(plain)).then(|| program.to_owned())
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::{Coder, targets};

    fn shapes() -> Vec<(&'static str, Shape)> {
        let root = camino::Utf8Path::new("/code");
        let of = |coder: Coder| {
            targets(coder, root)
                .into_iter()
                .map(move |target| (coder.name(), target.shape))
        };
        Coder::ALL.into_iter().flat_map(of).collect()
    }

    fn claude() -> Shape {
        shapes().swap_remove(0).1
    }

    #[test]
    fn the_entries_are_those_of_each_agent() {
        for (name, shape) in shapes() {
            let (new, commands) = shape.with_entries("", "counterproof").expect("settings");
            assert!(commands.iter().all(|command| command.starts_with("counterproof hook ")));
            let suffix = format!("{name}_{:?}", shape.form).to_lowercase();
            insta::with_settings!({snapshot_suffix => suffix}, { insta::assert_snapshot!(new) });
        }
    }

    #[test]
    fn entries_join_what_is_there_and_leave_it_as_it_was() {
        let rich = "{\n    \"model\": \"x\",\n    \"hooks\": {\n        \"Stop\": [\n            {\"hooks\": [{\"type\": \"command\", \"command\": \"say done\"}]}\n        ]\n    }\n}\n";
        let (new, _) = claude().with_entries(rich, "counterproof").expect("settings");
        insta::assert_snapshot!(new);
        for (name, shape) in shapes() {
            let texts = match shape.form {
                Form::List => ["{\n  \"hooks\": [\n    {\"name\": \"x\"}\n  ]\n}\n", "{\"a\": 1}"],
                _ => [rich, "{\"a\": 1}"],
            };
            for text in texts {
                let (new, _) = shape.with_entries(text, "counterproof").expect("settings");
                let (again, _) = shape.with_entries(&new, "counterproof").expect("settings");
                assert_eq!(again, new, "{name}");
                let value = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
                let mut without = value(&shape.without_entries(&new).expect("settings").expect("less"));
                for (head, _) in &shape.head {
                    without.as_object_mut().expect("an object").remove(*head);
                }
                assert_eq!(without, value(text), "{name}");
                assert_eq!(shape.without_entries(text), Ok(None), "{name}");
            }
        }
    }

    #[test]
    fn another_place_of_the_program_is_written_and_what_follows_stays() {
        let (old, _) = claude()
            .with_entries("{}", "'/old place/counterproof'")
            .expect("settings");
        let old = old.replace("hook stop", "hook stop --budget 9s");
        let (new, commands) = claude().with_entries(&old, "counterproof").expect("settings");
        assert_eq!(
            commands,
            [
                "counterproof hook before-tool claude-code",
                "counterproof hook stop --budget 9s"
            ]
        );
        assert_eq!(new.matches("hook stop").count(), 1, "{new}");
        assert_eq!(new.matches("before-tool").count(), 1, "{new}");
    }

    #[test]
    fn an_entry_that_is_another_is_brought_up_to_date_and_named() {
        for (name, shape) in shapes() {
            let (new, _) = shape.with_entries("{}", "counterproof").expect("settings");
            assert_eq!(shape.differences(&new), Ok(Vec::new()), "{name}");
            // A person may give it more time, and say what it is.
            let more = new.replace("30", "90").replace(
                "\"command\": \"counter",
                "\"description\": \"x\", \"command\": \"counter",
            );
            assert_eq!(shape.differences(&more), Ok(Vec::new()), "{name}");
            for (from, to) in [
                ("30", "1"),
                ("^(Bash", "^(Nothing"),
                ("\"onFailure\": \"block\"", "\"onFailure\": \"allow\""),
                ("\"failClosed\": true", "\"failClosed\": false"),
                ("\"enabled\": true", "\"enabled\": false"),
                ("\"cache_ttl_seconds\": 0", "\"cache_ttl_seconds\": 60"),
                ("\"type\": \"command\"", "\"type\": \"command\", \"async\": true"),
                ("\"type\": \"command\"", "\"type\": \"command\", \"if\": \"Bash(ls)\""),
            ] {
                let other = new.replace(from, to);
                let is_same = other == new;
                let named = shape.differences(&other).expect("settings");
                assert_eq!(named.is_empty(), is_same, "{name}: {from} {to}: {named:?}");
                let (mended, _) = shape.with_entries(&other, "counterproof").expect("settings");
                assert_eq!(shape.differences(&mended), Ok(Vec::new()), "{name}: {mended}");
                assert_eq!(
                    mended.matches("before-tool").count(),
                    new.matches("before-tool").count()
                );
            }
        }
        // Another's hook in the same group stays where it is.
        let group = "{\"hooks\": {\"PreToolUse\": [{\"matcher\": \"Read\", \"hooks\": [{\"command\": \"mine\"}, {\"command\": \"counterproof hook before-tool claude-code --x\"}]}]}}";
        assert!(
            claude()
                .differences(group)
                .expect("settings")
                .contains(&"`matcher` of PreToolUse".to_owned())
        );
        let (mended, commands) = claude().with_entries(group, "counterproof").expect("settings");
        assert_eq!(commands[0], "counterproof hook before-tool claude-code --x");
        let value: Value = serde_json::from_str(&mended).expect("JSON");
        let groups = value["hooks"]["PreToolUse"].as_array().expect("a list");
        assert_eq!(groups.len(), 2);
        assert_eq!(groups[0]["hooks"], serde_json::json!([{"command": "mine"}]));
        assert_eq!(groups[1]["hooks"][0]["onFailure"], "block");
    }

    #[test]
    fn the_program_of_a_command_is_known_where_it_is_all_that_runs() {
        let program = |command: &str| program_of(command, " hook stop");
        assert_eq!(
            program("counterproof hook stop --budget 9s").as_deref(),
            Some("counterproof")
        );
        assert_eq!(
            program("'/a b/counterproof' hook stop").as_deref(),
            Some("/a b/counterproof")
        );
        for more in [
            "counterproof hook stop; rm -r /",
            "evil;counterproof hook stop",
            "a && counterproof hook stop",
            "'a'$(b)'/counterproof' hook stop",
            "counterproof check",
        ] {
            assert_eq!(program(more), None, "{more}");
        }
    }

    #[test]
    fn what_cannot_be_edited_is_named() {
        for (text, named) in [
            ("{ // a comment\n}", "comments"),
            ("{\"a\": 1,}", "commas"),
            ("[]", "outermost"),
            ("{\"hooks\": []}", "`hooks`"),
            ("{\"hooks\": {\"Stop\": {}}}", "`hooks.Stop`"),
        ] {
            let error = claude().with_entries(text, "counterproof").expect_err(text);
            assert!(error.contains(named), "{text}: {error}");
        }
    }
}
