//! Files that the line makes itself before it may run them: what it writes, copies, fetches and unpacks.

use std::collections::HashMap;

use super::{Arg, Input, On, Walker, shown};

/// Copies that are followed.
const COPIES: usize = 128;

/// What the line has made so far.
#[derive(Clone, Default)]
pub(super) struct Made {
    /// Files that it writes, with what, as far as that is told.
    written: HashMap<String, Option<String>>,
    /// Files and folders that hold what others held: the copy, and what it was made of.
    copies: Vec<(String, String)>,
    /// Folders that it fills with what cannot be read from here; whether what was there before is another thing, too.
    filled: Vec<(String, bool)>,
    /// Programs that it has given another name: the path of that, and the program.
    links: HashMap<String, String>,
    /// What it has opened to read by number, as `exec 5< file` does.
    pub(super) opened: Vec<Input>,
}

/// Whether a path is this one, or below it.
fn is_in(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder.trim_end_matches('/'))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Walker<'_> {
    /// What a file holds; of one with keys that is not told.
    pub fn content(&self, target: &Arg) -> Input {
        let is_told = target.is_known() && !crate::commands::is_secret_file(self, &target.text);
        let known = is_told.then(|| self.path(&target.text)).flatten();
        match known.and_then(|path| self.read(&path)) {
            Some(text) => Input::Known(text),
            None => Input::Unknown(format!("the content of {}", shown(&target.text))),
        }
    }

    /// Notes what the line writes into a file, before it may run that.
    pub fn writes(&mut self, text: &str, content: Option<&str>) {
        let Some(path) = self.path(text) else { return };
        // Copies that were made before hold what was there until now.
        let earlier: Vec<String> = self
            .made
            .copies
            .iter()
            .filter(|(copy, source)| *source == path && !self.made.written.contains_key(copy))
            .map(|(copy, _)| copy.clone())
            .collect();
        for copy in earlier {
            let before = self.place.files.read(&path);
            self.made.written.insert(copy, before);
        }
        self.made.written.insert(path, content.map(str::to_owned));
    }

    /// Whether the line puts something that cannot be told where programs of this name are looked for.
    pub fn is_made_by_name(&self, name: &str) -> bool {
        self.made.written.iter().any(|(path, content)| {
            let mut parts = path.rsplit('/');
            content.is_none()
                && parts.next() == Some(name)
                && parts.next().is_some_and(|folder| folder.ends_with("bin"))
        })
    }

    /// Whether the line has written a file itself.
    pub fn has_written(&self, path: &str) -> bool {
        self.made.written.contains_key(path)
    }

    /// Notes that a file or folder is copied, moved or linked: what the copy holds is what the source holds by now.
    pub fn copies(&mut self, source: &Arg, target: &str) {
        let Some(target) = self.path(target) else { return };
        let Some(path) = self.path(&source.text).filter(|_| self.made.copies.len() < COPIES) else {
            self.fills_path(target, true);
            return;
        };
        let path = path.trim_end_matches("/.").to_owned();
        let (folder, name) = path.rsplit_once('/').unwrap_or_default();
        if source.glob {
            // What fits goes by its own name.
            self.copied(folder, target);
            return;
        }
        // Into a folder it goes by its own name, which counts first where it is asked for.
        let inside = format!("{}/{name}", target.trim_end_matches('/'));
        self.copied(&path, target);
        self.copied(&path, inside);
    }

    fn copied(&mut self, path: &str, copy: String) {
        if path == copy {
            return;
        }
        self.made.written.remove(&copy);
        let own: Vec<(String, Option<String>)> = self
            .made
            .written
            .iter()
            .filter(|(written, _)| is_in(written, path))
            .map(|(written, content)| (format!("{copy}{}", &written[path.len()..]), content.clone()))
            .collect();
        self.made.written.extend(own);
        if self.is_filled(path) {
            self.made.filled.push((copy.clone(), true));
        }
        let source = self.origin(path).unwrap_or_else(|| path.to_owned());
        self.made.copies.push((copy, source));
    }

    /// The file that a copy was made of by the line.
    pub fn origin(&self, path: &str) -> Option<String> {
        self.made.copies.iter().rev().find_map(|(copy, source)| {
            let rest = path.strip_prefix(copy.as_str())?;
            (rest.is_empty() || rest.starts_with('/')).then(|| format!("{source}{rest}"))
        })
    }

    /// Notes that the line puts something into a folder that cannot be read from here; `all`, where what was there before is another thing, too.
    pub fn fills(&mut self, folder: &str, all: bool) {
        if let Some(path) = self.path(folder) {
            self.fills_path(path, all);
        }
    }

    fn fills_path(&mut self, path: String, all: bool) {
        if self.made.filled.len() < COPIES && !self.made.filled.iter().any(|one| one.0 == path && one.1 == all) {
            self.made.written.retain(|written, _| !all || !is_in(written, &path));
            self.made.filled.push((path, all));
        }
    }

    /// Whether the line makes files in a folder itself.
    pub(super) fn writes_into(&self, folder: &str) -> bool {
        let is_there = |path: &String| path.rsplit_once('/').is_some_and(|(parent, _)| parent == folder);
        self.made.written.keys().any(is_there) || self.made.copies.iter().any(|(copy, _)| is_there(copy))
    }

    /// Whether a file comes from where the line puts something that cannot be read from here.
    fn is_filled(&self, path: &str) -> bool {
        // Whoever builds what was fetched runs these, as `make` or `npm install` would.
        const OF_A_BUILD: [&str; 7] = [
            "manage.py",
            "configure",
            "gradlew",
            "mvnw",
            "setup.py",
            "activate",
            "autogen.sh",
        ];
        let name = path.rsplit('/').next().unwrap_or(path);
        // Archives hold tools in their `bin`, which are no scripts.
        let is_tool = !name.contains('.') && path.contains("/bin/");
        !OF_A_BUILD.contains(&name)
            && self
                .made
                .filled
                .iter()
                .any(|(folder, all)| is_in(path, folder) && (*all || !is_tool && !self.place.files.exists(path)))
    }

    /// Notes that a program can be called by another name, which the line gives it.
    pub fn link(&mut self, program: &str, called: &str) {
        if let Some(path) = self.path(called) {
            self.made.links.insert(path, program.to_owned());
        }
    }

    /// The program that a name stands for, where the line has given it that name.
    pub(super) fn linked(&self, name: &str) -> Option<String> {
        if self.made.links.is_empty() {
            return None;
        }
        let path = self.path(name).filter(|_| name.contains('/'));
        let is_it = |link: &String| match &path {
            Some(path) => link == path,
            None => link.rsplit('/').next() == Some(name),
        };
        let found = self.made.links.iter().find(|(link, _)| is_it(link));
        found
            .map(|(_, program)| program.clone())
            .filter(|program| program != name)
    }

    /// Whether the line makes a file itself, and nobody can tell what is in it.
    pub fn is_made_here(&self, path: &str) -> bool {
        match self.made.written.get(path) {
            Some(content) => content.is_none(),
            None => !self.made.filled.is_empty() && self.is_filled(path),
        }
    }

    /// The text of a file of this machine.
    pub fn read(&self, path: &str) -> Option<String> {
        if let Some(written) = self.made.written.get(path) {
            return written.clone();
        }
        // What is only tried is no reason to read a file: to most programs it is a name.
        if self.on != On::Here || self.is_trying {
            return None;
        }
        let origin = self.origin(path).and_then(|origin| self.place.files.read(&origin));
        origin.or_else(|| self.place.files.read(path))
    }
}
