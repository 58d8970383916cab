//! Making pictures that can be shown of what was uploaded for an event: the whole of it, and its preview.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::sql::{self, ImageSource, MadeImage};
use super::{COVER, EventImageId};
use crate::kernel::app::App;
use crate::kernel::error::{Result, internal};
use crate::kernel::files;
use crate::kernel::jobs::{self, Job, Pending};
use crate::kernel::pictures::{self, Made, Shape};
use crate::kernel::queues::Queue;
use crate::ops::handlers::{Failure, JobContext, JobHandler, Run};
use crate::ops::periodic::Periodic;

/// The whole picture, and what previews of links show.
const SHAPES: &[Shape] = &[Shape::Within(2560), Shape::Filled(COVER.0, COVER.1)];

/// Makes one picture.
#[derive(Serialize, Deserialize)]
pub struct MakeEventImage {
    pub image: EventImageId,
}
impl Job for MakeEventImage {
    const TYPE: &'static str = "events.make_image";
    const QUEUE: Queue = Queue::Media;
    const ATTEMPTS: i32 = 5;
}
inventory::submit!(JobHandler::of::<MakeEventImage>());

impl Run for MakeEventImage {
    async fn run(self, app: Arc<App>, _context: JobContext) -> Result<(), Failure> {
        make(&app, self.image).await?;
        Ok(())
    }
}

/// Makes it, unless that is done or it is gone. What was uploaded goes.
pub async fn make(app: &App, id: EventImageId) -> Result<()> {
    let source = sql::image_source(&mut *app.reader.acquire().await?, id).await?;
    let Some(source) = source else { return Ok(()) };
    match pictures::render(app, &source.storage_key, SHAPES).await? {
        Some(Ok(made)) => finish(app, id, &source, made).await?,
        unreadable => {
            let why = if unreadable.is_none() { "is not in storage" } else { "is no picture" };
            tracing::warn!(image = %id, key = source.storage_key, "an event's picture {why}");
            let mut tx = app.begin().await?;
            // The event first, as everywhere.
            sql::event_row_lock(&mut tx, source.event_id).await?;
            sql::image_unreadable(&mut tx, id).await?;
            sql::event_uncover(&mut tx, source.event_id, id).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

async fn finish(app: &App, id: EventImageId, source: &ImageSource, made: Made) -> Result<()> {
    let folder = format!("events/{}", source.event_id);
    let size_bytes = made.files.first().map_or(0, Vec::len);
    let mut stored = Vec::with_capacity(SHAPES.len());
    for bytes in made.files {
        stored.push(files::store(app, &folder, bytes).await?);
    }
    let [full, cover] = stored.try_into().map_err(|_| internal().internal("two shapes make two files"))?;
    let size_bytes = i64::try_from(size_bytes).unwrap_or(i64::MAX);
    let made = MadeImage { media_type: "image/jpeg", full, size_bytes, cover };
    let now = app.clock.now();
    let mut tx = app.begin().await?;
    for file in [made.full.0, made.cover.0] {
        if !files::keep(&mut tx, file, now).await? {
            return Err(internal().internal("a picture was swept before it was kept"));
        }
    }
    // Where another worker was first, or the picture is gone, what was stored is the sweeper's.
    if sql::image_ready(&mut tx, id, &made).await? {
        tx.commit().await?;
        files::discard(app, source.file_id).await;
    }
    Ok(())
}

/// Sees to it that every picture is made: those from before pictures were made, those of older processes,
/// and those whose job failed too often.
#[derive(Serialize, Deserialize)]
struct MakeTheRest;
impl Job for MakeTheRest {
    const TYPE: &'static str = "events.make_images";
    const ATTEMPTS: i32 = 1;
}
inventory::submit!(JobHandler::of::<MakeTheRest>());
inventory::submit!(Periodic::new::<MakeTheRest>("events.make_images", 60, || Pending::new(&MakeTheRest)));

/// How many are queued at a time.
const PORTION: i64 = 200;

impl Run for MakeTheRest {
    async fn run(self, app: Arc<App>, context: JobContext) -> Result<(), Failure> {
        queue_the_rest(&app, &format!("job-{}", context.id)).await?;
        Ok(())
    }
}

/// Queues what is not made yet, and not queued; answers how many pictures that are.
pub async fn queue_the_rest(app: &App, request_id: &str) -> Result<usize> {
    let (mut tx, now) = (app.begin().await?, app.clock.now());
    let unmade = sql::images_unmade(&mut tx, PORTION, now).await?;
    for image in &unmade {
        jobs::insert(&mut tx, request_id, now, &queued(*image)).await?;
    }
    tx.commit().await?;
    Ok(unmade.len())
}

/// The job, once for each picture.
pub fn queued(image: EventImageId) -> Pending {
    let mut job = Pending::new(&MakeEventImage { image });
    job.dedupe(image.to_string());
    job
}
