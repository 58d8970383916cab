//! Settings, by flag or environment; `eventify --help` lists them all.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::nats_url::NatsUrl;

/// What the server can be told. A bad value names itself and stops the start.
#[derive(Clone, Debug, Args)]
pub struct Config {
    /// Address to listen on.
    #[arg(long, env = "EVENTIFY_LISTEN", default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,
    /// The address people reach this server by; links in mails start with it.
    #[arg(long, env = "EVENTIFY_PUBLIC_URL", value_parser = public_url)]
    pub public_url: Option<String>,
    /// PostgreSQL to use. Without it the server starts a private one under the data folder.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// The owner's connection for migrations, where the app's own role may not change the schema.
    #[arg(long, env = "DATABASE_MIGRATE_URL", hide_env_values = true)]
    pub database_migrate_url: Option<String>,
    /// A replica for reads that may be stale.
    #[arg(long, env = "DATABASE_REPLICA_URL", hide_env_values = true)]
    pub database_replica_url: Option<String>,
    /// NATS with JetStream, such as nats://nats.example.com:4222; servers of a cluster are separated by commas. What is
    /// published goes there as well, and other systems may tell of theirs there.
    #[arg(long, env = "NATS_URL", hide_env_values = true, value_parser = NatsUrl::parse)]
    pub nats_url: Option<NatsUrl>,
    /// Most connections for writes; reads get as many again.
    #[arg(long, env = "DATABASE_POOL", default_value_t = 16, value_parser = clap::value_parser!(u32).range(2..=500))]
    pub database_pool: u32,
    /// Where the server keeps its own files: private PostgreSQL, key, mails without SMTP.
    #[arg(long, env = "EVENTIFY_DATA", default_value = "var")]
    pub data: PathBuf,
    /// The server's key: 32 bytes in hex. Without it one is made once, in the data folder.
    #[arg(long, env = "EVENTIFY_SECRET_KEY", hide_env_values = true)]
    pub secret_key: Option<String>,
    /// Where uploaded files are kept: a folder such as file:///srv/eventify, or s3://bucket. Without it
    /// they are kept in the data folder.
    #[arg(long, env = "EVENTIFY_STORAGE_URL", value_parser = storage_url)]
    pub storage_url: Option<String>,
    /// Address of an S3-compatible service other than Amazon's.
    #[arg(long, env = "S3_ENDPOINT")]
    pub s3_endpoint: Option<String>,
    /// Region of the bucket.
    #[arg(long, env = "S3_REGION", default_value = "us-east-1")]
    pub s3_region: String,
    /// Key to the bucket. Without it the machine's own role is used.
    #[arg(long, env = "S3_ACCESS_KEY_ID", requires = "s3_secret_access_key")]
    pub s3_access_key_id: Option<String>,
    /// Its secret.
    #[arg(long, env = "S3_SECRET_ACCESS_KEY", hide_env_values = true)]
    pub s3_secret_access_key: Option<String>,
    /// Largest file that is taken, in MiB.
    #[arg(long, env = "EVENTIFY_UPLOAD_MIB", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=2048))]
    pub upload_mib: u64,
    /// How many minutes seats are held for somebody who is paying.
    #[arg(long, env = "EVENTIFY_RESERVATION_MINUTES", default_value_t = 15, value_parser = clap::value_parser!(i64).range(1..=1440))]
    pub reservation_minutes: i64,
    /// How many minutes an offer of the waiting list, or an accepted request, waits for its answer.
    #[arg(long, env = "EVENTIFY_OFFER_MINUTES", default_value_t = 30, value_parser = clap::value_parser!(i64).range(1..=10080))]
    pub offer_minutes: i64,
    /// SMTP server for mail, such as smtps://user:password@mail.example.com. Without it mails are
    /// kept in the data folder.
    #[arg(long, env = "SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<String>,
    /// Account at Twilio, or at whoever speaks its Messages API. Without it text messages are kept in
    /// the data folder.
    #[arg(long, env = "SMS_ACCOUNT", requires_all = ["sms_token", "sms_from"])]
    pub sms_account: Option<String>,
    /// The account's token.
    #[arg(long, env = "SMS_TOKEN", hide_env_values = true)]
    pub sms_token: Option<String>,
    /// The sender of text messages: a number such as +15005550006.
    #[arg(long, env = "SMS_FROM")]
    pub sms_from: Option<String>,
    /// Where the Messages API is.
    #[arg(long, env = "SMS_URL", default_value = "https://api.twilio.com", value_parser = public_url)]
    pub sms_url: String,
    /// Codes that one network may ask for in 15 minutes before 429; all the guests of a venue may be behind one.
    #[arg(long, env = "EVENTIFY_OTP_REQUESTS", default_value_t = 300, value_parser = clap::value_parser!(i32).range(1..))]
    pub otp_requests: i32,
    /// Text messages in an hour, over all. The last fifth is for people where they have signed in before.
    #[arg(long, env = "EVENTIFY_TEXTS_PER_HOUR", default_value_t = 5000, value_parser = clap::value_parser!(i32).range(1..))]
    pub texts_per_hour: i32,
    /// The same to one country, by its calling code; first what holds for the others. Fraud likes countries in which
    /// nobody is expected.
    #[arg(long, env = "EVENTIFY_TEXTS_PER_COUNTRY", default_value = "200,91=4000", value_parser = CountryBudgets::parse)]
    pub texts_per_country: CountryBudgets,
    /// How many days jobs are kept that are over: done, failed or cancelled.
    #[arg(long, env = "EVENTIFY_KEEP_JOBS_DAYS", default_value_t = 30, value_parser = clap::value_parser!(i64).range(3..=3650))]
    pub keep_jobs_days: i64,
    /// How many days the log of sign-ins and account changes is kept, and devices that do not come back.
    #[arg(long, env = "EVENTIFY_KEEP_ACTIVITY_DAYS", default_value_t = 400, value_parser = clap::value_parser!(i64).range(30..=3650))]
    pub keep_activity_days: i64,
    /// The sender of mails.
    #[arg(long, env = "MAIL_FROM", default_value = "Eventify <no-reply@localhost>")]
    pub mail_from: String,
    /// Show kept mails at /dev/mail. Never do that where others can reach the server.
    #[arg(long, env = "EVENTIFY_DEV_MAILBOX", default_value_t = cfg!(debug_assertions), action = clap::ArgAction::Set)]
    pub dev_mailbox: bool,
    /// Take payments with the built-in test provider. No money moves: never do that where tickets are really sold.
    #[arg(long, env = "EVENTIFY_PAYMENTS_SANDBOX", default_value_t = cfg!(debug_assertions), action = clap::ArgAction::Set)]
    pub payments_sandbox: bool,
    /// Who takes new payments where more than one can: stripe, razorpay or sandbox. Otherwise the first of them that is
    /// set up. Payments that another took go on with it.
    #[arg(long, env = "EVENTIFY_PAYMENTS_BY", value_parser = ["stripe", "razorpay", "sandbox"])]
    pub payments_by: Option<String>,
    /// The secret key of an account at Stripe.
    #[arg(long, env = "STRIPE_SECRET_KEY", hide_env_values = true, requires = "stripe_webhook_secret")]
    pub stripe_secret_key: Option<String>,
    /// What Stripe signs its messages to /api/v1/payments/webhooks/stripe with.
    #[arg(long, env = "STRIPE_WEBHOOK_SECRET", hide_env_values = true)]
    pub stripe_webhook_secret: Option<String>,
    /// Where Stripe's API is.
    #[arg(long, env = "STRIPE_URL", default_value = "https://api.stripe.com", value_parser = public_url)]
    pub stripe_url: String,
    /// The key of an account at Razorpay.
    #[arg(long, env = "RAZORPAY_KEY_ID", requires_all = ["razorpay_key_secret", "razorpay_webhook_secret"])]
    pub razorpay_key_id: Option<String>,
    /// Its secret.
    #[arg(long, env = "RAZORPAY_KEY_SECRET", hide_env_values = true)]
    pub razorpay_key_secret: Option<String>,
    /// What Razorpay signs its messages to /api/v1/payments/webhooks/razorpay with.
    #[arg(long, env = "RAZORPAY_WEBHOOK_SECRET", hide_env_values = true)]
    pub razorpay_webhook_secret: Option<String>,
    /// Where Razorpay's API is.
    #[arg(long, env = "RAZORPAY_URL", default_value = "https://api.razorpay.com", value_parser = public_url)]
    pub razorpay_url: String,
    /// The number of the account that payouts come from; without it none can be sent to the bank.
    #[arg(long, env = "EVENTIFY_PAYOUT_ACCOUNT")]
    pub payout_account: Option<String>,
    /// Which bank that is: an IFSC, BIC or sort code.
    #[arg(long, env = "EVENTIFY_PAYOUT_BANK")]
    pub payout_bank: Option<String>,
    /// Let webhooks go to private addresses and without TLS. For development alone: whoever may add an
    /// endpoint could then reach whatever this server can.
    #[arg(long, env = "EVENTIFY_WEBHOOK_ALLOW_PRIVATE", default_value_t = false, num_args = 0..=1, require_equals = true, default_missing_value = "true", action = clap::ArgAction::Set)]
    pub webhook_allow_private: bool,
    /// Take the caller's address from X-Forwarded-For, set by this many proxies in front.
    #[arg(long, env = "EVENTIFY_TRUSTED_PROXIES", default_value_t = 0)]
    pub trusted_proxies: usize,
    /// Requests one caller may make in a minute before 429.
    #[arg(long, env = "EVENTIFY_RATE_PER_MINUTE", default_value_t = 1200, value_parser = clap::value_parser!(u32).range(1..))]
    pub rate_per_minute: u32,
    /// Failed sign-ins from one network in 15 minutes before 429.
    #[arg(long, env = "EVENTIFY_LOGIN_FAILURES", default_value_t = 300, value_parser = clap::value_parser!(i32).range(1..))]
    pub login_failures: i32,
    /// Connections that one network may hold at once; not counted behind a proxy.
    #[arg(long, env = "EVENTIFY_CONNECTIONS", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    pub connections: u32,
    /// Seconds from SIGTERM, when /readyz begins to say no, until the server takes no more connections: as long as a
    /// balancer needs to notice.
    #[arg(long, env = "EVENTIFY_DRAIN_SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(0..=300))]
    pub drain_seconds: u64,
}

/// How many text messages go to each country in an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountryBudgets {
    others: i32,
    named: Vec<(String, i32)>,
}

impl CountryBudgets {
    /// Reads `200,91=4000`: 200 to each country, but 4000 to +91.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "must look like 200,91=4000: a number for every country, then those of their own".to_owned();
        let number = |text: &str| text.trim().parse::<i32>().ok().filter(|n| *n > 0).ok_or_else(wrong);
        let mut parts = text.split(',');
        let others = number(parts.next().unwrap_or_default())?;
        let named = parts.map(|part| {
            let (code, most) = part.split_once('=').ok_or_else(wrong)?;
            let code = code.trim().trim_start_matches('+');
            let is_code = (1..=3).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit());
            if is_code { Ok((code.to_owned(), number(most)?)) } else { Err(wrong()) }
        });
        Ok(Self { others, named: named.collect::<Result<_, String>>()? })
    }

    /// What goes to the country with this calling code.
    pub fn to(&self, code: &str) -> i32 {
        self.named.iter().find(|(named, _)| named == code).map_or(self.others, |(_, most)| *most)
    }
}

fn public_url(text: &str) -> Result<String, String> {
    let url = text.trim_end_matches('/');
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', ' ']) => Ok(url.to_owned()),
        _ => Err("must look like https://events.example.com, without a path".to_owned()),
    }
}

fn storage_url(text: &str) -> Result<String, String> {
    let url = text.trim_end_matches('/');
    let folder = url.strip_prefix("file:///").is_some_and(|path| !path.is_empty());
    let bucket = url.strip_prefix("s3://").is_some_and(|name| !name.is_empty() && !name.contains(['/', '?', '#']));
    if folder || bucket {
        Ok(url.to_owned())
    } else {
        Err("must look like file:///srv/eventify or s3://bucket".to_owned())
    }
}

impl Config {
    /// The address links start with.
    pub fn base_url(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{}", self.listen))
    }
    /// Whether people reach the server over TLS: then cookies are `Secure` and HSTS is sent.
    pub fn is_secure(&self) -> bool {
        self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_have_budgets_of_their_own() {
        let budgets = CountryBudgets::parse("200, +91=4000,44=50").unwrap();
        assert_eq!((budgets.to("91"), budgets.to("44"), budgets.to("1")), (4000, 50, 200));
        for bad in ["", "0", "91=5", "5,91", "5,x=1", "5,91=-1", "5,1234=1"] {
            assert!(CountryBudgets::parse(bad).is_err(), "{bad}");
        }
    }
}
