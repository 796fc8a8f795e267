//! Signing in to a server elsewhere, and out.

use claviger_app::{Shown, SignedInView};
use claviger_model::{AccountNumber, Slug};
use http::{Method, StatusCode};
use serde::Serialize;
use serde_json::{Value, json};

use super::call::{At, Request};
use super::profiles::{Profile, ProfileFile, ProfileName, Profiles};
use super::server::Server;
use super::{RemoteError, RemoteFlags, only, sso};
use crate::cli::ask;
use crate::cli::exit::CliError;
use crate::cli::render::table;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct LoginFlags {
    /// Sign in by this provider, with a browser on this machine, and without a password.
    #[arg(long, value_name = "PROVIDER", conflicts_with_all = ["username", "password_stdin", "account"])]
    sso: Option<Slug>,
    /// The user name or e-mail address; asked for, if left out.
    #[arg(long, value_name = "NAME")]
    username: Option<String>,
    /// Read the password from standard input.
    #[arg(long)]
    password_stdin: bool,
    /// A one-time code, for whoever proves themselves with one; asked for, if left out and needed.
    #[arg(long, conflicts_with = "recovery_code")]
    code: Option<String>,
    /// A recovery code in its place.
    #[arg(long, value_name = "CODE")]
    recovery_code: Option<String>,
    /// For which of their accounts, by number; the first, if left out.
    #[arg(long, value_name = "NUMBER")]
    account: Option<AccountNumber>,
    /// Send the password over http:// to another machine, where others can read it.
    #[arg(long)]
    insecure: bool,
}

/// What somebody proves themselves with beside a password or a provider.
#[derive(Clone, Copy)]
pub(super) struct Second<'a> {
    pub(super) code: Option<&'a str>,
    pub(super) recovery_code: Option<&'a str>,
}

impl LoginFlags {
    fn second(&self) -> Second<'_> {
        Second { code: self.code.as_deref(), recovery_code: self.recovery_code.as_deref() }
    }
}

/// What is said of a profile: never its token.
#[derive(Serialize)]
pub(in crate::cli) struct ProfileView {
    profile: String,
    server: String,
    username: String,
}

/// What a command says, to people and to programs.
pub(in crate::cli) struct Told {
    pub(in crate::cli) people: String,
    pub(in crate::cli) json: String,
}

impl Told {
    fn new(people: String, about: &impl Serialize) -> Result<Self, CliError> {
        let json =
            serde_json::to_string_pretty(about).map_err(|error| CliError::Internal(error.to_string()))?;
        Ok(Self { people, json })
    }
}

impl ProfileView {
    fn of(name: &ProfileName, profile: &Profile) -> Self {
        let (server, username) = (profile.server.to_string(), profile.username.clone());
        Self { profile: name.to_string(), server, username }
    }
}

/// Where to sign in, and whose token is there already.
struct Place {
    name: ProfileName,
    server: Server,
    before: Option<Profile>,
}

/// Signs in. The token of an earlier time ends.
pub(in crate::cli) async fn login(flags: RemoteFlags, with: LoginFlags) -> Result<Told, CliError> {
    let file = ProfileFile::of_this_user()?;
    let place = Place::find(&flags, file.read()?)?;
    if !place.server.origin.is_private() && !with.insecure {
        return Err(RemoteError::InTheClear(place.server).into());
    }
    let profile = profile(place.server.clone(), place.enter(&flags, &with).await?)?;
    if let Err(error) = place.check_user(&flags, &profile) {
        let _ = end(&profile).await;
        return Err(error.into());
    }
    let view = ProfileView::of(&place.name, &profile);
    let name = place.name.clone();
    match file.change(|profiles| profiles.insert(name, profile.clone())) {
        Ok(before) => end_former(before).await,
        Err(error) => {
            // Nobody could use it, or end it.
            let _ = end(&profile).await;
            return Err(error.into());
        }
    }
    let ProfileView { profile, server, username } = &view;
    Told::new(format!("Signed in to {server} as {username}; the profile is {profile}."), &view)
}

impl Place {
    fn find(flags: &RemoteFlags, mut profiles: Profiles) -> Result<Self, RemoteError> {
        if let Some(name) = flags.profile.clone() {
            let before = profiles.remove(&name);
            let server = flags.server.clone().or_else(|| before.as_ref().map(|before| before.server.clone()));
            return Ok(Self { name, server: server.ok_or(RemoteError::NoServer)?, before });
        }
        let Some(server) = flags.server.clone() else {
            let (name, before) = only(profiles)?.ok_or(RemoteError::NoServer)?;
            return Ok(Self { name, server: before.server.clone(), before: Some(before) });
        };
        let authority = server.origin.authority();
        let name: ProfileName = authority.parse().map_err(|_| RemoteError::NoName)?;
        let taken = profiles.get(&name).filter(|profile| profile.server != server).cloned();
        profiles.retain(|_, profile| profile.server == server);
        match (only(profiles)?, taken) {
            (Some((name, before)), _) => Ok(Self { name, server, before: Some(before) }),
            (None, Some(other)) => Err(RemoteError::OtherServer { name, server: other.server }),
            (None, None) => Ok(Self { name, server, before: None }),
        }
    }

    async fn enter(&self, flags: &RemoteFlags, with: &LoginFlags) -> Result<SignedInView, CliError> {
        if let Some(provider) = &with.sso {
            return sso::enter(&self.server, provider, with.second()).await;
        }
        let login = self.login(flags, with.username.clone())?;
        let password = ask::present_password(&ask::source(with.password_stdin))?;
        enter(&self.server, body(&login, &password, with)).await
    }

    /// Whether the profile stays whose it is, by whatever they signed in. One that is named may change hands.
    fn check_user(&self, flags: &RemoteFlags, profile: &Profile) -> Result<(), RemoteError> {
        let Some(before) = self.before.as_ref().filter(|_| flags.profile.is_none()) else { return Ok(()) };
        let (name, username) = (self.name.clone(), before.username.clone());
        if username == profile.username { Ok(()) } else { Err(RemoteError::OtherUser { name, username }) }
    }

    /// With which name to sign in. A profile that nobody named stays whose it is.
    fn login(&self, flags: &RemoteFlags, given: Option<String>) -> Result<String, CliError> {
        match (given, &self.before) {
            (Some(given), Some(before)) if flags.profile.is_none() && given != before.username => {
                let (name, username) = (self.name.clone(), before.username.clone());
                Err(RemoteError::OtherUser { name, username }.into())
            }
            (Some(given), _) => Ok(given),
            (None, Some(before)) => Ok(before.username.clone()),
            (None, None) if ask::somebody_is_there() => ask::line("User name: "),
            (None, None) => Err(CliError::Input("say who signs in, by --username".to_owned())),
        }
    }
}

fn body(login: &str, password: &Shown, with: &LoginFlags) -> Value {
    let LoginFlags { code, recovery_code, account, .. } = with;
    json!({
        "login": login,
        "password": password,
        "code": code,
        "recovery_code": recovery_code,
        "account": account,
    })
}

/// Asks for a one-time code only where one is needed, which the server says once the password is right.
async fn enter(server: &Server, mut body: Value) -> Result<SignedInView, CliError> {
    match attempt(server, &body).await {
        Err(error) if error.wants_second_factor() && ask::somebody_is_there() => {
            body["code"] = json!(ask::hidden("One-time code: ")?);
            Ok(attempt(server, &body).await?)
        }
        Err(error) if error.wants_second_factor() => Err(RemoteError::SecondFactor(Box::new(error)).into()),
        entered => Ok(entered?),
    }
}

async fn attempt(server: &Server, body: &Value) -> Result<SignedInView, RemoteError> {
    let request = Request::new(Method::POST, &["sessions"]).with(body.clone());
    let answer = request.send(At { server, token: None }).await?;
    let strange = |_| RemoteError::Strange { server: server.clone(), status: answer.status };
    serde_json::from_slice(&answer.body).map_err(strange)
}

fn profile(server: Server, entered: SignedInView) -> Result<Profile, RemoteError> {
    let SignedInView { user, session } = entered;
    let strange = RemoteError::Strange { server: server.clone(), status: StatusCode::CREATED };
    let token = session.token.ok_or(strange)?;
    Ok(Profile { server, username: user.username.to_string(), token })
}

/// A token that is in no file any more should not go on working. That it does is said, and hinders nothing.
async fn end_former(before: Option<Profile>) {
    let Some(before) = before else { return };
    if let Err(error) = end(&before).await {
        crate::cli::exit::warn(&format!("the token of before was not ended: {error}"));
    }
}

/// Ends a token. It is well if it had ended before.
async fn end(profile: &Profile) -> Result<(), RemoteError> {
    let ended = Request::new(Method::DELETE, &["sessions", "current"]).send(profile.at()).await;
    match ended {
        Err(RemoteError::Refused(StatusCode::UNAUTHORIZED, _)) | Ok(_) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Ends the token on the server, then forgets it: what was not ended is not forgotten.
pub(in crate::cli) async fn logout(flags: RemoteFlags) -> Result<Told, CliError> {
    let file = ProfileFile::of_this_user()?;
    let (name, profile) = flags.choose(file.read()?)?;
    end(&profile).await?;
    file.change(|profiles| {
        // Somebody may have signed in anew meanwhile.
        profiles.retain(|other, found| *other != name || found.token != profile.token);
    })?;
    let view = ProfileView::of(&name, &profile);
    let people = format!("Signed out of {}, where you were {}.", view.server, view.username);
    Told::new(people, &view)
}

/// Every profile.
pub(in crate::cli) fn list() -> Result<Told, CliError> {
    let profiles = ProfileFile::of_this_user()?.read()?;
    let views: Vec<_> = profiles.iter().map(|(name, profile)| ProfileView::of(name, profile)).collect();
    if views.is_empty() {
        return Told::new("No profile.".to_owned(), &views);
    }
    let mut table = table(&["PROFILE", "SERVER", "USER NAME"]);
    for ProfileView { profile, server, username } in &views {
        table.add_row([profile, server, username]);
    }
    Told::new(table.trim_fmt(), &views)
}
