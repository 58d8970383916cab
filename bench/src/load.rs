//! Callers that ask again as soon as they are answered, for a bounded time.

use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

/// What a load came to.
pub struct Figures {
    /// Answers a second.
    pub rate: f64,
    p50: Duration,
    p99: Duration,
}

impl Figures {
    /// `1,234/s, p50 0.8 ms, p99 2.1 ms`
    pub fn text(&self) -> String {
        let ms = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1000.0);
        format!("{:.0}/s, p50 {}, p99 {}", self.rate, ms(self.p50), ms(self.p99))
    }
}

/// Reads the whole answer; anything but success ends the run.
pub async fn ok(response: reqwest::Response) -> Result<()> {
    let status = response.status();
    let body = response.bytes().await?;
    ensure!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&body));
    Ok(())
}

/// Runs `call` in `workers` loops on one thread; the server has the other core to itself at times.
pub async fn run<F, Fut>(workers: usize, time: Duration, call: F) -> Result<Figures>
where
    F: Fn(usize) -> Fut,
    Fut: Future<Output = Result<()>>,
{
    for worker in 0..workers {
        call(worker).await?;
    }
    let start = Instant::now();
    let loops = (0..workers).map(|worker| {
        let call = &call;
        async move {
            let mut took = Vec::new();
            while start.elapsed() < time {
                let begun = Instant::now();
                call(worker).await?;
                took.push(begun.elapsed());
            }
            Ok::<_, anyhow::Error>(took)
        }
    });
    let mut all: Vec<Duration> = Vec::new();
    for took in futures::future::join_all(loops).await {
        all.extend(took?);
    }
    let elapsed = start.elapsed().as_secs_f64();
    all.sort_unstable();
    let at = |share: f64| all.get(((all.len() as f64 - 1.0) * share) as usize).copied().unwrap_or_default();
    Ok(Figures { rate: all.len() as f64 / elapsed, p50: at(0.5), p99: at(0.99) })
}
