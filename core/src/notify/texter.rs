//! Where text messages go: to a provider that speaks Twilio's Messages API, or, without one, into
//! files for the development mailbox.

use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::future::BoxFuture;
use reqwest::StatusCode;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::mailer::{folder, keep};
use crate::kernel::components::{Component, Made};
use crate::kernel::config::Config;
use crate::kernel::error::{Error, Result, internal};
use crate::kernel::text::E164Phone;
use crate::kernel::timestamp::Timestamp;
use crate::ops::handlers::Failure;

const TIMEOUT: Duration = Duration::from_secs(20);

/// A text message on its way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Text {
    /// The same at every attempt.
    pub id: Uuid,
    /// To whom.
    pub to: E164Phone,
    /// The text.
    pub body: String,
    /// When it is sent.
    pub at: Timestamp,
}

/// A way for text messages to go.
trait Channel: Send + Sync {
    fn send<'a>(&'a self, text: &'a Text) -> BoxFuture<'a, Result<(), Failure>>;
}

/// Sends text messages.
pub struct Texter(Box<dyn Channel>);

impl Made for Texter {
    fn made(config: &Config) -> Result<Self> {
        Self::new(config)
    }
}
inventory::submit!(Component::of::<Texter>());

impl Texter {
    /// From the settings. Nothing is connected yet.
    pub fn new(config: &Config) -> Result<Self> {
        let (Some(account), Some(token), Some(from)) = (&config.sms_account, &config.sms_token, &config.sms_from)
        else {
            return Ok(Self(Box::new(Files(folder(config)))));
        };
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric());
        if !plain(account) {
            return Err(internal().detail("SMS_ACCOUNT must be letters and digits, as the provider shows it."));
        }
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| internal().internal(error))?;
        let url = format!("{}/2010-04-01/Accounts/{account}/Messages.json", config.sms_url);
        let (account, token, from) = (account.clone(), token.clone(), from.clone());
        Ok(Self(Box::new(Provider { client, url, account, token, from })))
    }

    /// Sends one text message.
    pub async fn send(&self, text: &Text) -> Result<(), Failure> {
        self.0.send(text).await
    }
}

/// Keeps messages as files.
struct Files(PathBuf);

impl Channel for Files {
    fn send<'a>(&'a self, text: &'a Text) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let bytes = serde_json::to_vec(text).map_err(|error| Failure::Never(internal().internal(error)))?;
            Ok(keep(&self.0, text.id, "sms", &bytes, text.at).await?)
        })
    }
}

/// Reads a kept message.
pub(super) async fn read_kept(folder: &Path, name: &str) -> std::io::Result<Option<Text>> {
    let bytes = tokio::fs::read(folder.join(name)).await?;
    Ok(serde_json::from_slice(&bytes).ok())
}

/// Twilio's Messages API.
struct Provider {
    client: reqwest::Client,
    url: String,
    account: String,
    token: String,
    from: String,
}

impl Channel for Provider {
    fn send<'a>(&'a self, text: &'a Text) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async move {
            let form =
                format!("To={}&From={}&Body={}", encode(text.to.as_str()), encode(&self.from), encode(&text.body));
            let request = self
                .client
                .post(&self.url)
                .basic_auth(&self.account, Some(&self.token))
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form);
            // Errors may repeat the address, never the body or the token.
            let answer = request.send().await.map_err(|error| Failure::Again(failed(error.without_url())))?;
            let status = answer.status();
            if status.is_success() {
                return Ok(());
            }
            let code = answer.bytes().await.ok().and_then(|bytes| serde_json::from_slice::<Refusal>(&bytes).ok());
            let error = failed(format!("{status}, code {}", code.map_or(0, |refusal| refusal.code)));
            // Only the message itself can be at fault with 400; all else is for people or time to mend.
            Err(if status == StatusCode::BAD_REQUEST { Failure::Never(error) } else { Failure::Again(error) })
        })
    }
}

/// What the provider says of a message it does not take.
#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    code: i64,
}

fn failed(detail: impl std::fmt::Display) -> Error {
    internal().internal(format!("text message: {detail}"))
}

/// A value as it stands in a form.
fn encode(value: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
    value.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
