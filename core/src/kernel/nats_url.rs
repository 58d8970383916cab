//! Where NATS is.

use std::fmt;

use url::Url;

/// Where NATS is: a server, or those of a cluster separated by commas.
#[derive(Clone, PartialEq, Eq)]
pub struct NatsUrl(Vec<Url>);

impl NatsUrl {
    /// Reads `nats://user:password@nats.example.com:4222`, or `tls://…`; without a password the user is a token.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "must look like nats://nats.example.com:4222 or tls://user:password@nats.example.com".to_owned();
        let server = |text: &str| {
            let url: Url = text.trim().parse().map_err(|_| wrong())?;
            let bare = url.query().is_none() && url.fragment().is_none() && matches!(url.path(), "" | "/");
            let known = matches!(url.scheme(), "nats" | "tls") && url.has_host() && bare;
            if known { Ok(url) } else { Err(wrong()) }
        };
        text.split(',').map(server).collect::<Result<Vec<_>, _>>().map(Self)
    }

    /// Host and port of each server, without what one signs in with.
    pub fn hosts(&self) -> Vec<String> {
        self.0
            .iter()
            .map(|url| format!("{}:{}", url.host_str().unwrap_or_default(), url.port().unwrap_or(4222)))
            .collect()
    }

    /// Whether the connection is encrypted.
    pub fn is_secure(&self) -> bool {
        self.0.iter().any(|url| url.scheme() == "tls")
    }

    /// The servers, with what one signs in with.
    pub fn servers(&self) -> &[Url] {
        &self.0
    }
}

impl fmt::Debug for NatsUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hosts().join(","))
    }
}
