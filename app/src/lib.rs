use leptos::prelude::*;
pub mod pages {
    pub struct PageMeta {
        pub path: &'static str,
    }
    pub const PAGES: &[PageMeta] = &[];
}
#[component]
pub fn App() -> impl IntoView {
    use leptos_router::components::*;
    use leptos_router::path;
    view! { <Router><Routes fallback=|| "none"><Route path=path!("/sign-in") view=|| "sign in"/></Routes></Router> }
}
pub fn shell(_o: LeptosOptions) -> impl IntoView {
    view! { <!DOCTYPE html><html><body><App/></body></html> }
}
