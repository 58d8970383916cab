//! Making pictures that can be shown of what was uploaded: upright, without metadata, in three sizes.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::events::ProfileUpdated;
use super::sql::{self, Rendering};
use super::{EndUserId, PictureId};
use crate::kernel::app::App;
use crate::kernel::error::{Error, Result, internal};
use crate::kernel::files;
use crate::kernel::jobs::Job;
use crate::kernel::outbox;
use crate::kernel::pictures::{self, LONGEST, Made, Shape};
use crate::kernel::queues::Queue;
use crate::ops::handlers::{Failure, JobContext, JobHandler, Run};

/// The picture itself, and what is made of it for pages and lists.
const SHAPES: &[Shape] = &[Shape::Within(LONGEST), Shape::Within(1280), Shape::Within(256)];

/// Makes a picture of what was uploaded.
#[derive(Serialize, Deserialize)]
pub struct MakePicture {
    pub picture: PictureId,
}
impl Job for MakePicture {
    const TYPE: &'static str = "people.make_picture";
    const QUEUE: Queue = Queue::Media;
    const ATTEMPTS: i32 = 5;
}
inventory::submit!(JobHandler::of::<MakePicture>());

impl Run for MakePicture {
    async fn run(self, app: Arc<App>, context: JobContext) -> Result<(), Failure> {
        let source = sql::picture_source(&mut *app.reader.acquire().await?, self.picture).await?;
        // Done already, or removed meanwhile.
        let Some(source) = source else { return Ok(()) };
        let (Some(file), Some(key)) = (source.file_id, source.key) else { return Ok(()) };
        let Some(made) = pictures::render(&app, &key, SHAPES).await? else {
            return Err(Failure::Never(internal().internal(format!("{key} is not in storage"))));
        };
        let user = EndUserId(source.user_id);
        let request_id = context.request_id.unwrap_or_else(|| format!("job-{}", context.id));
        finish(&app, user, self.picture, made.ok(), &request_id).await?;
        files::discard(&app, file).await;
        Ok(())
    }
}

/// Stores what was made and notes it, in one transaction with the giving up of the source.
async fn finish(app: &App, user: EndUserId, id: PictureId, made: Option<Made>, request_id: &str) -> Result<(), Error> {
    let stored = match made {
        Some(made) => Some((made.size, store(app, user, made).await?)),
        None => None,
    };
    let now = app.clock.now();
    let mut tx = app.begin().await?;
    if !sql::picture_lock_processing(&mut tx, id).await? {
        // Another worker was first, or the picture is gone: what was stored is the sweeper's.
        return Ok(());
    }
    let source = sql::picture_source(&mut tx, id).await?.and_then(|source| source.file_id);
    match &stored {
        Some((size, files)) => {
            for file in files {
                if !files::keep(&mut tx, file.file_id, now).await? {
                    return Err(internal().internal("a rendering was swept before it was kept"));
                }
            }
            sql::picture_ready(&mut tx, id, files, *size).await?;
        }
        None => sql::picture_unreadable(&mut tx, id).await?,
    }
    files::release(&mut tx, source.as_slice()).await?;
    outbox::insert(&mut tx, request_id, None, &[outbox::Pending::new(&ProfileUpdated { user_id: user })]).await?;
    tx.commit().await?;
    Ok(())
}

async fn store(app: &App, user: EndUserId, made: Made) -> Result<[Rendering; 3]> {
    let folder = format!("pictures/{user}");
    let mut stored = Vec::with_capacity(SHAPES.len());
    for bytes in made.files {
        let (file_id, key) = files::store(app, &folder, bytes).await?;
        stored.push(Rendering { file_id, key });
    }
    stored.try_into().map_err(|_| internal().internal("three sizes make three files"))
}
