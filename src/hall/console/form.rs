//! Forms and their outcome, the same on every page: a bar of labelled fields with one button, what was done, what was
//! refused. Every form carries the page's token.
use maud::{Markup, html};

use super::layout::csrf_field;
use super::session::Staff;

/// A bar of fields that posts to an address.
pub(super) fn bar(staff: &Staff, action: &str, (fields, button): (Markup, &str)) -> Markup {
    html! {
        form.bar method="post" action=(action) {
            (csrf_field(staff))
            (fields)
            button { (button) }
        }
    }
}

/// A labelled field; `input` has this id.
pub(super) fn field(id: &str, label: &str, input: Markup) -> Markup {
    html! { div { label for=(id) { (label) } (input) } }
}

/// What was done.
pub(super) fn done(what: Markup) -> Markup {
    html! { div.done role="status" { "✓ " (what) } }
}

/// What was not, and why.
pub(super) fn refused(why: &str) -> Markup {
    html! { p.red role="alert" { "× " (why) } }
}

/// An act that cannot be undone: its name is typed before it is done.
pub(super) fn typed(staff: &Staff, action: &str, act: &Typed<'_>) -> Markup {
    let id = format!("confirm-{}", act.subject);
    html! {
        form.bar method="post" action=(action) {
            (csrf_field(staff))
            input type="hidden" name="subject" value=(act.subject);
            (field(&id, act.explain, html! { input id=(id) name="confirm" required placeholder=(act.word); }))
            button.plain { (act.word) }
        }
    }
}

/// What is typed, and about what.
pub(super) struct Typed<'a> {
    pub(super) subject: &'a str,
    pub(super) word: &'a str,
    pub(super) explain: &'a str,
}
