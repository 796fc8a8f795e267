//! Signing in, for both ways of asking for it.

use async_graphql::InputObject;
use claviger_app::{LoginKind, ProofView, ProveAgain, SecondFactor, Shown, SignIn, SignedInView};
use claviger_model::AccountNumber;
use claviger_web::{Anyone, Caller, Code, Problem};
use serde::Deserialize;

/// Where users are: there is one place.
const SOURCE: &str = "LOCAL";

/// What somebody signs in with.
#[derive(Deserialize, InputObject)]
#[graphql(name = "LoginInput")]
pub(crate) struct LoginInput {
    /// The user name or the e-mail address.
    username: String,
    /// The password.
    password: String,
    /// Where the user is: `LOCAL`, also if left out.
    #[serde(default)]
    source: Option<String>,
    /// A one-time code, where two-factor authentication is on.
    #[serde(default)]
    code: Option<String>,
    /// A recovery code in place of the one-time code.
    #[serde(default)]
    recovery_code: Option<String>,
    /// The number of the account to sign in for; the first of one's accounts if left out.
    #[serde(default)]
    account: Option<String>,
}

/// How the two members of a second factor are spelt.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spelling {
    /// The one-time code.
    pub(crate) code: &'static str,
    /// The recovery code.
    pub(crate) recovery: &'static str,
}

/// Signs somebody in. Each call is one guess.
///
/// # Errors
/// What the use case answers; [`Code::Invalid`] for another source, or two second factors.
pub(crate) async fn sign_in(
    anyone: &Anyone,
    input: LoginInput,
    spelling: Spelling,
) -> Result<SignedInView, Problem> {
    let received = anyone.received;
    let with = input.read(spelling).map_err(|problem| problem.of(received.id))?;
    let signed_in = received.origin().scope(Box::pin(anyone.app.sign_in(with, received.client))).await;
    signed_in.map_err(|error| with_advice(Problem::from(error), spelling).of(received.id))
}

impl LoginInput {
    fn read(self, spelling: Spelling) -> Result<SignIn, Problem> {
        let invalid = |detail: String| Problem::saying(Code::Invalid, detail);
        if let Some(source) = self.source.filter(|source| source != SOURCE) {
            let source: String = source.chars().take(64).collect();
            return Err(invalid(format!("There is no source `{source}`; `{SOURCE}` is the only one.")));
        }
        let account: Option<AccountNumber> = match self.account {
            Some(number) => Some(number.parse().map_err(|error| invalid(format!("`account`: {error}.")))?),
            None => None,
        };
        let second = spelling.second_factor(self.code.as_deref(), self.recovery_code.as_deref())?;
        let password = Shown::new(&self.password);
        Ok(SignIn { login: self.username, password, second, account, kind: LoginKind::LoginToken })
    }
}

impl Spelling {
    /// What somebody proves themselves with beside their password, if they do.
    ///
    /// # Errors
    /// [`Code::Invalid`] for two.
    fn second_factor(
        self,
        code: Option<&str>,
        recovery: Option<&str>,
    ) -> Result<Option<SecondFactor>, Problem> {
        match (code, recovery) {
            (Some(_), Some(_)) => {
                let Self { code, recovery } = self;
                Err(Problem::saying(Code::Invalid, format!("Send `{code}` or `{recovery}`, and not both.")))
            }
            (Some(code), None) => Ok(Some(SecondFactor::Code(Shown::new(code)))),
            (None, Some(code)) => Ok(Some(SecondFactor::Recovery(Shown::new(code)))),
            (None, None) => Ok(None),
        }
    }
}

/// What somebody proves with that it is still them.
#[derive(InputObject)]
#[graphql(name = "ProofInput")]
pub(crate) struct ProofInput {
    /// The password.
    password: String,
    /// A one-time code, where two-factor authentication is on.
    code: Option<String>,
    /// A recovery code in place of the one-time code.
    recovery_code: Option<String>,
}

/// Notes that whoever signed in is still themselves. Each call is one guess.
///
/// # Errors
/// What the use case answers; [`Code::Invalid`] for two second factors.
pub(crate) async fn prove(
    caller: &Caller,
    input: ProofInput,
    spelling: Spelling,
) -> Result<ProofView, Problem> {
    let received = caller.received;
    let second = spelling.second_factor(input.code.as_deref(), input.recovery_code.as_deref());
    let second = second.map_err(|problem| problem.of(received.id))?;
    let with = ProveAgain::Password { password: Shown::new(&input.password), second };
    let proving = caller.app.prove_again(&caller.actor, with, received.client);
    let proved = received.origin().scope(Box::pin(proving)).await;
    proved.map_err(|error| Problem::from(error).of(received.id))
}

/// Whoever needs a second factor is told how to send it.
fn with_advice(problem: Problem, spelling: Spelling) -> Problem {
    if problem.code != Code::SecondFactorNeeded {
        return problem;
    }
    let Spelling { code, recovery } = spelling;
    let detail = format!(
        "Two-factor authentication is on: the user name and the password alone give no token. Send a one-time code as \
         `{code}` beside them, or a recovery code as `{recovery}`."
    );
    Problem { detail: Some(detail), ..problem }
}
