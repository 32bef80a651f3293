//! Versions that are written for another Python than the one that runs them.

use languages::python::requires::{admits, required};

use crate::context::{Context, Side};
use crate::duo::{Import, Version};

/// Why a module does not import, with the Python that the project asks for where that may be the reason.
pub(crate) fn explained(
    reason: String,
    import: Option<&Import>,
    context: &Context<'_>,
    version: Version,
    path: &str,
) -> String {
    let runs = &side(context, version).interpreter.version;
    match excluding(context, version, path) {
        Some(required) => format!(
            "{reason}; the project asks for Python {required}, and this is {runs}: name an interpreter for it with --python PATH"
        ),
        None if import.is_some_and(is_syntax_error) => format!(
            "{reason}; if that is the syntax of a newer Python than {runs}, name its interpreter with --python PATH"
        ),
        None => reason,
    }
}

/// Whether a version is not meant for this interpreter: that its modules do not import (for their syntax, for annotations that
/// a newer Python reads later, for what its library has since) is no finding.
pub(crate) fn is_unread(context: &Context<'_>, version: Version, path: &str) -> bool {
    excluding(context, version, path).is_some()
}

/// What a version asks for, where the interpreter does not meet it.
fn excluding(context: &Context<'_>, version: Version, path: &str) -> Option<String> {
    let side = side(context, version);
    required(&side.project, path).filter(|required| !admits(required, &side.interpreter.version))
}

fn side<'c>(context: &'c Context<'_>, version: Version) -> &'c Side {
    match version {
        Version::Base => &context.base,
        Version::Head => &context.head,
    }
}

fn is_syntax_error(import: &Import) -> bool {
    matches!(import, Import::Answered(imported)
        if imported.error.as_ref().is_some_and(|error| error.class == "SyntaxError"))
}
