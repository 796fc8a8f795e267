//! Who signs in at the demo: in every example's account somebody who may everything and somebody who may make no keys.

use std::net::{IpAddr, Ipv4Addr};

use claviger_app::{
    Actor, App, AppError, Command, LoginKind, NewUser, Outcome, PeopleCommand, PeopleOutcome, Shown, SignIn,
    UserView, WhichUser,
};
use claviger_model::{AccountNumber, EmailAddress, Span, Standing, Time};
use totp_rs::{Builder, Secret};

use super::keys::{OPERATOR, read, unexpected};
use super::report::Person;
use super::secrets::Secrets;
use crate::serve::Ambient;

/// From where the demo signs in.
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// Somebody who is to be there.
struct Wanted {
    account: &'static str,
    username: &'static str,
    name: &'static str,
    role: &'static str,
    factor: Factor,
}

/// What they prove themselves with beside a password.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Factor {
    None,
    Totp,
}

const fn admin(account: &'static str, username: &'static str, name: &'static str) -> Wanted {
    Wanted { account, username, name, role: "admin", factor: Factor::None }
}

const fn member(account: &'static str, username: &'static str, name: &'static str) -> Wanted {
    Wanted { role: "member", ..admin(account, username, name) }
}

const WANTED: [Wanted; 11] = [
    admin("100042", "northwind-admin", "Northwind administration"),
    member("100042", "northwind-member", "Northwind staff"),
    admin("300100", "meadow-admin", "Meadow administration"),
    member("300100", "meadow-member", "Meadow staff"),
    admin("300200", "tower-admin", "Tower administration"),
    member("300200", "tower-member", "Tower staff"),
    Wanted {
        factor: Factor::Totp,
        ..admin("300200", "tower-two-factor", "Tower administration, with codes")
    },
    admin("300300", "lantern-admin", "Lantern administration"),
    member("300300", "lantern-member", "Lantern staff"),
    admin("300400", "harbor-admin", "Harbor administration"),
    member("300400", "harbor-member", "Harbor staff"),
];

/// What is needed to see to people.
pub(super) struct People<'p> {
    pub(super) app: &'p App,
    pub(super) ambient: &'p Ambient,
    pub(super) secrets: Secrets,
}

impl People<'_> {
    /// Everybody, with what they sign in with.
    pub(super) async fn have_all(&mut self) -> Result<Vec<Person>, AppError> {
        let mut people = Vec::with_capacity(WANTED.len());
        for wanted in &WANTED {
            people.push(self.have(wanted).await?);
        }
        Ok(people)
    }

    async fn have(&mut self, wanted: &Wanted) -> Result<Person, AppError> {
        let (user, password) = self.user(wanted).await?;
        let totp_secret = match wanted.factor {
            Factor::None => None,
            Factor::Totp => Some(self.second_factor(wanted, &user, &password).await?),
        };
        let own = user.memberships.iter().filter(|membership| membership.account == wanted.account);
        let roles = own.flat_map(|membership| membership.roles.iter().map(ToString::to_string)).collect();
        let (account, username) = (wanted.account.to_owned(), wanted.username.to_owned());
        Ok(Person { account, username, password, roles, totp_secret })
    }

    /// The user with their password. One whose password is lost gets another.
    async fn user(&mut self, wanted: &Wanted) -> Result<(UserView, Shown), AppError> {
        let found = user(self.app, PeopleCommand::Show { user: which(wanted) }).await;
        let found = match found {
            Err(AppError::NotFound { .. }) => None,
            other => Some(other?),
        };
        let known = self.secrets.get(wanted.username).cloned();
        if let (Some(user), Some(password)) = (&found, &known) {
            return Ok((user.clone(), password.clone()));
        }
        let password = known.unwrap_or_else(|| self.new_password());
        // Kept first: what is not known is of no use.
        self.secrets.keep(wanted.username, password.clone())?;
        let command = match found {
            Some(_) => PeopleCommand::PasswordSet { user: which(wanted), password: password.clone() },
            None => PeopleCommand::Create(new(wanted, password.clone())?),
        };
        Ok((user(self.app, command).await?, password))
    }

    fn new_password(&self) -> Shown {
        let random: [u8; 15] = self.ambient.entropy.array();
        Shown::new(&data_encoding::BASE32_NOPAD.encode(&random).to_lowercase())
    }

    /// What one-time codes are made from. Where it is lost, the codes are set up anew.
    async fn second_factor(
        &mut self,
        wanted: &Wanted,
        known: &UserView,
        password: &Shown,
    ) -> Result<Shown, AppError> {
        let name = format!("{} one-time codes", wanted.username);
        let is_on = known.second_factor_since.is_some();
        if let (true, Some(secret)) = (is_on, self.secrets.get(&name)) {
            return Ok(secret.clone());
        }
        if is_on {
            user(self.app, PeopleCommand::FactorReset { user: which(wanted), reason: None }).await?;
        }
        let token = self.enter(wanted.username, password).await?;
        let actor = self.app.actor_of(token.expose(), HERE).ok_or_else(no_token)?;
        let begin = PeopleCommand::TotpBegin { current: password.clone() };
        let secret = match people(self.app, &actor, begin).await? {
            PeopleOutcome::Totp { secret, .. } => secret,
            other => return Err(unexpected(&other)),
        };
        self.secrets.keep(&name, secret.clone())?;
        self.confirm(&actor, &secret).await?;
        Ok(secret)
    }

    /// By the code of the step before: that of the present one is still good for whoever signs in first. A second try is
    /// for the moment at which a step ends.
    async fn confirm(&self, actor: &Actor, secret: &Shown) -> Result<(), AppError> {
        let code = || code(secret, self.ambient.clock.now().before(Span::from_secs(30)));
        if people(self.app, actor, PeopleCommand::TotpConfirm { code: code()? }).await.is_ok() {
            return Ok(());
        }
        people(self.app, actor, PeopleCommand::TotpConfirm { code: code()? }).await.map(drop)
    }

    /// Signs somebody in who has no second factor.
    async fn enter(&self, username: &str, password: &Shown) -> Result<Shown, AppError> {
        let (login, password) = (username.to_owned(), password.clone());
        let with = SignIn { login, password, second: None, account: None, kind: LoginKind::LoginToken };
        self.app.sign_in(with, HERE).await?.session.token.ok_or_else(no_token)
    }

    /// A login token of this person. The one of an earlier start is as good, as long as it works.
    pub(super) async fn token(&mut self, person: &Person) -> Result<String, AppError> {
        let name = format!("{} login token", person.username);
        let known = self.secrets.get(&name).map(Shown::expose);
        if let Some(token) = known.filter(|token| self.app.actor_of(token, HERE).is_some()) {
            return Ok(token.to_owned());
        }
        let token = self.enter(&person.username, &person.password).await?;
        self.secrets.keep(&name, token.clone())?;
        Ok(token.expose().to_owned())
    }
}

fn no_token() -> AppError {
    AppError::Invalid("a sign-in of the demo gave no token".into())
}

fn which(wanted: &Wanted) -> WhichUser {
    WhichUser::Handle(wanted.username.to_owned())
}

fn new(wanted: &Wanted, password: Shown) -> Result<NewUser, AppError> {
    Ok(NewUser {
        username: read(wanted.username)?,
        email: Some(read::<EmailAddress>(&format!("{}@example.com", wanted.username))?),
        name: Some(wanted.name.to_owned()),
        standing: Standing::Member,
        account: Some(read::<AccountNumber>(wanted.account)?),
        roles: vec![read(wanted.role)?],
        password: Some(password),
    })
}

async fn people(app: &App, actor: &Actor, command: PeopleCommand) -> Result<PeopleOutcome, AppError> {
    match app.run(actor, Command::People(command)).await? {
        Outcome::People(outcome) => Ok(outcome),
        other => Err(unexpected(&other)),
    }
}

async fn user(app: &App, command: PeopleCommand) -> Result<UserView, AppError> {
    match people(app, &OPERATOR, command).await? {
        PeopleOutcome::User(view) => Ok(*view),
        other => Err(unexpected(&other)),
    }
}

/// The one-time code of this moment.
fn code(secret: &Shown, at: Time) -> Result<Shown, AppError> {
    let broken = |error: &dyn std::fmt::Display| AppError::Invalid(format!("no one-time code: {error}"));
    let secret = Secret::try_from_base32(secret.expose()).map_err(|error| broken(&error))?;
    let maker = Builder::new().with_secret(secret).build().map_err(|error| broken(&error))?;
    let seconds = u64::try_from(at.as_micros() / 1_000_000).unwrap_or_default();
    Ok(Shown::new(&maker.generate(seconds).to_string()))
}
