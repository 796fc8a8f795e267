//! The commands that show and prove the audit.

use std::io::{ErrorKind, Write};

use clap::Subcommand;
use claviger_app::{AuditFilter, AuditNoted, AuditVerified, AuditView, Command, Outcome};
use claviger_model::{AccountNumber, Time};

use super::connection::{Place, Session};
use super::exit::CliError;
use super::render::table;

/// Entries of one page of an export.
const PAGE: u32 = 1000;

#[derive(Debug, Subcommand)]
pub(super) enum AuditAction {
    /// List entries, the oldest first.
    List {
        #[command(flatten)]
        which: Which,
        /// At most so many: 100 if left out, 1,000 at the most.
        #[arg(long)]
        limit: Option<u32>,
    },
    /// Prove that nothing was changed, removed or put in; ends with exit code 8 where something was.
    Verify {
        /// An entry and its hash, as an earlier run printed them: it has to be there still.
        #[arg(long, value_name = "SEQ:HASH")]
        noted: Option<AuditNoted>,
    },
    /// Print every entry as a line of JSON, the oldest first.
    Export {
        #[command(flatten)]
        which: Which,
    },
}

/// Which entries.
#[derive(Debug, clap::Args)]
pub(super) struct Which {
    /// After this entry: where the last page ended.
    #[arg(long, value_name = "SEQ", default_value_t = 0)]
    after: u64,
    /// On this account and what is its.
    #[arg(long)]
    account: Option<AccountNumber>,
    /// On the object with this id or name.
    #[arg(long, value_name = "ID")]
    object: Option<String>,
    /// Of this action, such as `key.revoke`.
    #[arg(long)]
    action: Option<String>,
    /// From this moment on (RFC 3339).
    #[arg(long, value_name = "TIME")]
    since: Option<Time>,
}

impl Which {
    fn filter(self, limit: Option<u32>) -> AuditFilter {
        let Self { after, account, object, action, since } = self;
        AuditFilter { after, account, object, action, since, limit }
    }
}

/// What one command answers; an export takes many.
pub(super) enum Asked {
    Once(Command),
    Export(AuditFilter),
}

impl AuditAction {
    pub(super) fn asked(self) -> Asked {
        match self {
            Self::List { which, limit } => Asked::Once(Command::AuditList(which.filter(limit))),
            Self::Verify { noted } => Asked::Once(Command::AuditVerify { noted }),
            Self::Export { which } => Asked::Export(which.filter(Some(PAGE))),
        }
    }
}

/// Prints page after page, so that it never has the whole audit in memory.
pub(super) async fn export(place: &Place, mut filter: AuditFilter) -> Result<(), CliError> {
    let session = Session::open(place, &Command::AuditList(filter.clone())).await?;
    loop {
        let Outcome::Audit(page) = session.run(Command::AuditList(filter.clone())).await? else { break };
        let Some(last) = page.last() else { break };
        filter.after = last.seq;
        if print(&page)? == Reader::Gone {
            break;
        }
    }
    session.close().await;
    Ok(())
}

#[derive(PartialEq)]
enum Reader {
    There,
    Gone,
}

fn print(page: &[AuditView]) -> Result<Reader, CliError> {
    let mut lines = Vec::new();
    for entry in page {
        serde_json::to_writer(&mut lines, entry).map_err(|error| CliError::Internal(error.to_string()))?;
        lines.push(b'\n');
    }
    match std::io::stdout().write_all(&lines) {
        Ok(()) => Ok(Reader::There),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Reader::Gone),
        Err(error) => Err(CliError::Internal(error.to_string())),
    }
}

/// Something wrong with the audit is an outcome to print and a failure.
pub(super) fn proved(outcome: &Outcome) -> Result<(), CliError> {
    match outcome {
        Outcome::AuditVerified(AuditVerified { broken: Some(broken), .. }) => {
            Err(CliError::Audit(broken.message.clone()))
        }
        _ => Ok(()),
    }
}

pub(super) fn verified(report: &AuditVerified) -> String {
    let AuditVerified { verified, unchained, removed_to, head, head_hash, .. } = report;
    let mut lines = vec![format!("{verified} entries verified.")];
    if *removed_to > 0 {
        lines.push(format!("Entries up to {removed_to} were removed because they were old."));
    }
    if *unchained > 0 {
        lines.push(format!("{unchained} entries are older than the chain: nothing can be said of them."));
    }
    lines.push(format!("Head {head}:{head_hash}"));
    lines.join("\n")
}

pub(super) fn entries(entries: &[AuditView]) -> String {
    let mut table = table(&["SEQ", "AT", "ACTOR", "VIA", "FROM", "ACTION", "OBJECT", "REASON"]);
    for entry in entries {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let object = [entry.object.kind.as_deref(), Some(entry.object.id.as_str())];
        table.add_row([
            entry.seq.to_string(),
            entry.at.to_string(),
            entry.actor.clone(),
            text(&entry.via),
            text(&entry.from),
            entry.action.clone(),
            object.into_iter().flatten().collect::<Vec<_>>().join(" "),
            text(&entry.reason),
        ]);
    }
    table.trim_fmt()
}
