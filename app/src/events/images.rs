//! The images of an event.

use eventify::events::operations::event_image_remove;
use eventify::events::{Event, EventImage};
use eventify::people::PictureStatus;
use leptos::prelude::*;

use super::afterwards;
use super::data::Data;
use super::head::Rights;
use crate::ui::{Confirm, Icon, Loading, Nothing, Toasts, Tone, Upload, badge, card, folded, submit};

/// The part of the overview: what is there, and handing in more.
pub fn part(data: Loading<Data>, event: &Event, list: Vec<EventImage>, rights: Rights) -> AnyView {
    let (title, over) = (event.title.clone(), event.status.is_over());
    let one = |(at, image): (usize, EventImage)| {
        let (event, id, number) = (image.event_id, image.id, at + 1);
        let gone = (rights.manages && !over).then(|| {
            let run = submit(move |_: Nothing| event_image_remove(event, id), afterwards::<_, ()>(data, "Picture removed"));
            view! {
                <Confirm id=format!("image-{id}") label="Remove" icon=Icon::TRASH title=format!("Remove picture {number}?") confirm="Remove picture" keep="Keep picture" run=run in_row=format!("Remove picture {number}")>
                    <p>"If it is the only cover, the next picture becomes the cover."</p>
                </Confirm>
            }
        });
        let cover = image.is_cover.then(|| badge(Tone::Info, "Cover"));
        let alt = format!("{title}, picture {number}");
        let shown = match image.status {
            PictureStatus::Ready => view! { <img src=image.cover_url alt=alt loading="lazy"/> }.into_any(),
            PictureStatus::Processing => {
                view! { <p class="muted">{alt}" is being prepared. Reload to see it."</p> }.into_any()
            }
            PictureStatus::Unreadable => {
                view! { <p class="muted">{alt}" could not be read. Remove it and upload another one."</p> }.into_any()
            }
        };
        view! { <li>{shown}<div class="row spread"><span>{cover}</span>{gone}</div></li> }
    };
    let list_is_empty = list.is_empty();
    let shown = match list_is_empty {
        true => view! { <p class="muted">"No pictures yet. The first becomes the cover."</p> }.into_any(),
        false => {
            let items = list.into_iter().enumerate().map(one).collect_view();
            view! { <ul class="gallery" role="list">{items}</ul> }.into_any()
        }
    };
    let upload = (rights.manages && !over).then(|| {
        let toasts = Toasts::get();
        let done = move || {
            toasts.done("Picture uploaded");
            data.refetch();
        };
        let action = format!("/api/v1/events/{}/images", event.id);
        let more = if list_is_empty { "Add a picture" } else { "Add another picture" };
        folded(more, view! { <Upload action=action accept="image/png,image/jpeg,image/webp" hint="JPEG, PNG or WebP, up to 20 MB and 40 megapixels." done=done/> }.into_any())
    });
    card("event-images", "Pictures", None, view! { <div class="stack">{shown}{upload}</div> })
}
