//! The commands about accounts.

use clap::Subcommand;
use claviger_app::{Command, NewAccount, Part};
use claviger_model::{AccountNumber, SecondFactorRule, Slug};

#[derive(Debug, Subcommand)]
pub(super) enum AccountAction {
    /// List the accounts.
    List,
    /// Make an account.
    Create {
        /// Its number, unique.
        #[arg(long)]
        number: AccountNumber,
        /// Its realm, a slug, unique.
        #[arg(long)]
        realm: Slug,
        /// Its name, for people.
        #[arg(long)]
        name: String,
    },
    /// Change what holds for everybody in an account.
    Edit {
        /// Its number.
        number: AccountNumber,
        /// Whether everybody who signs in for it needs a second factor. Whoever has none can do nothing then but set
        /// one up.
        #[arg(long, value_parser = second_factor, value_name = "required|optional")]
        second_factor: SecondFactorRule,
    },
}

fn second_factor(text: &str) -> Result<SecondFactorRule, String> {
    match text {
        "required" => Ok(SecondFactorRule::Required),
        "optional" => Ok(SecondFactorRule::Optional),
        _ => Err("`required` or `optional`".to_owned()),
    }
}

pub(super) fn command(action: AccountAction) -> Command {
    match action {
        AccountAction::List => Command::AccountList(Part::default()),
        AccountAction::Create { number, realm, name } => {
            Command::AccountCreate(NewAccount { number, realm, name })
        }
        AccountAction::Edit { number, second_factor } => {
            Command::AccountEdit { account: number, second_factor, known: None }
        }
    }
}
