//! SLSA provenance, as builders write it: which builder made which artifacts from which source.
//!
//! Sources: <https://slsa.dev/spec/v1.1/provenance> (`https://slsa.dev/provenance/v1`) and
//! <https://slsa.dev/spec/v0.2/provenance> (`https://slsa.dev/provenance/v0.2`). Both are read alone; fields that are not
//! known are passed over; unset, null and empty are the same.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::statement::{ResourceDescriptor, Statement, null_is_empty};

/// URI of version 1.
pub const PROVENANCE_V1: &str = "https://slsa.dev/provenance/v1";
/// URI of version 0.2.
pub const PROVENANCE_V0_2: &str = "https://slsa.dev/provenance/v0.2";

/// What matters of it here. All of it is in the words of the builder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// URI of the builder. A policy accepts pairs of it and the key that signed, never one of them alone.
    pub builder: String,
    /// URI of the kind of build.
    pub build_type: String,
    /// Git commits that went into the build, in the order in which they are named, each place once.
    pub commits: Vec<SourceCommit>,
    /// The workflow that was run, where the builder is GitHub's.
    pub workflow: Option<Workflow>,
    /// The artifacts.
    pub artifacts: Vec<Artifact>,
    /// When the build ended.
    pub finished: Option<Timestamp>,
}

/// A git commit that went into a build.
///
/// A build may use several repositories: a commit says that the artifact is made from it only together with its `uri`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceCommit {
    /// Its id, in lowercase hex.
    pub id: String,
    /// Where it was taken from.
    pub uri: Option<String>,
    /// Where it is named.
    pub named_in: NamedIn,
}

/// The place in the provenance that names a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedIn {
    /// Version 1: `buildDefinition.resolvedDependencies`.
    ResolvedDependencies,
    /// Version 0.2: `invocation.configSource`: where the instructions of the build are.
    ConfigSource,
    /// Version 0.2: `materials`.
    Materials,
}

/// A workflow of GitHub Actions: `buildDefinition.externalParameters.workflow`.
///
/// Source: <https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1>
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Workflow {
    /// The git reference that it was run on.
    #[serde(rename = "ref", default)]
    pub reference: Option<String>,
    /// URL of its repository.
    #[serde(default)]
    pub repository: Option<String>,
    /// Its file.
    #[serde(default)]
    pub path: Option<String>,
}

/// What was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Its name, where it has one.
    pub name: Option<String>,
    /// SHA-256 of its content in lowercase hex.
    pub sha256: String,
}

/// Why a statement is no provenance.
#[derive(Debug, thiserror::Error)]
pub enum ProvenanceError {
    /// It says something else.
    #[error(
        "failed to read provenance: the predicate is of type {found:?}, expected {PROVENANCE_V1} or {PROVENANCE_V0_2}"
    )]
    Type {
        /// What it says.
        found: String,
    },
    /// It is not of its form.
    #[error("failed to read provenance: {0}")]
    Form(#[from] serde_json::Error),
    /// Nobody built it.
    #[error("failed to read provenance: it names no builder")]
    NoBuilder,
}

#[derive(Deserialize)]
struct BuilderField {
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct V1 {
    build_definition: BuildDefinition,
    run_details: RunDetails,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BuildDefinition {
    build_type: String,
    #[serde(default, deserialize_with = "null_is_empty")]
    external_parameters: BTreeMap<String, Value>,
    #[serde(default, deserialize_with = "null_is_empty")]
    resolved_dependencies: Vec<ResourceDescriptor>,
}

#[derive(Deserialize)]
struct RunDetails {
    builder: BuilderField,
    #[serde(default, deserialize_with = "null_is_empty")]
    metadata: V1Metadata,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct V1Metadata {
    #[serde(default)]
    finished_on: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct V02 {
    builder: BuilderField,
    build_type: String,
    #[serde(default, deserialize_with = "null_is_empty")]
    invocation: Invocation,
    #[serde(default, deserialize_with = "null_is_empty")]
    metadata: V02Metadata,
    #[serde(default, deserialize_with = "null_is_empty")]
    materials: Vec<ResourceDescriptor>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    #[serde(default)]
    config_source: Option<ResourceDescriptor>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct V02Metadata {
    #[serde(default)]
    build_finished_on: Option<Timestamp>,
}

impl Provenance {
    /// Reads it from a statement.
    ///
    /// # Errors
    /// When the statement says something else, or names no builder.
    pub fn read(statement: &Statement<Value>) -> Result<Self, ProvenanceError> {
        let provenance = match statement.predicate_type() {
            PROVENANCE_V1 => Self::from_v1(V1::deserialize(statement.predicate())?),
            PROVENANCE_V0_2 => Self::from_v02(V02::deserialize(statement.predicate())?),
            other => {
                return Err(ProvenanceError::Type {
                    found: other.to_owned(),
                });
            }
        };
        if provenance.builder.is_empty() {
            return Err(ProvenanceError::NoBuilder);
        }
        let artifacts = statement.subjects().iter().filter_map(|subject| {
            Some(Artifact {
                name: subject.name.clone(),
                sha256: subject.digest("sha256")?.to_owned(),
            })
        });
        Ok(Self {
            artifacts: artifacts.collect(),
            ..provenance
        })
    }

    fn from_v1(v1: V1) -> Self {
        let definition = v1.build_definition;
        // A builder of another kind may have another parameter of that name.
        let workflow = definition.external_parameters.get("workflow");
        Self {
            builder: v1.run_details.builder.id,
            build_type: definition.build_type,
            commits: commits(&definition.resolved_dependencies, NamedIn::ResolvedDependencies),
            workflow: workflow.and_then(|workflow| Workflow::deserialize(workflow).ok()),
            artifacts: Vec::new(),
            finished: v1.run_details.metadata.finished_on,
        }
    }

    fn from_v02(v02: V02) -> Self {
        let source = v02.invocation.config_source;
        let mut found = commits(source.as_slice(), NamedIn::ConfigSource);
        found.extend(commits(&v02.materials, NamedIn::Materials));
        Self {
            builder: v02.builder.id,
            build_type: v02.build_type,
            commits: found,
            workflow: None,
            artifacts: Vec::new(),
            finished: v02.metadata.build_finished_on,
        }
    }

    /// Whether it says that this artifact was built.
    pub fn built(&self, sha256: &str) -> bool {
        self.artifacts.iter().any(|artifact| artifact.sha256 == sha256)
    }
}

/// The commits among `resources`: `gitCommit`, or `sha1`, by which builders name commits that were there before
/// `gitCommit` was. A digest that is not well-formed is none.
fn commits(resources: &[ResourceDescriptor], named_in: NamedIn) -> Vec<SourceCommit> {
    let mut found: Vec<SourceCommit> = Vec::new();
    for resource in resources {
        let id = resource.digest("gitCommit").or_else(|| resource.digest("sha1"));
        let commit = id.map(|id| SourceCommit {
            id: id.to_owned(),
            uri: resource.uri.clone(),
            named_in,
        });
        if let Some(commit) = commit
            && !found.contains(&commit)
        {
            found.push(commit);
        }
    }
    found
}
