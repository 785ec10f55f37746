//! What a finger did, in the session's words.

use crate::view::{Action, Language, Tool};
use ui::Act;

/// The action of an act with its key and value; `None` where they make no sense.
pub fn action(act: Act, a: &str, b: &str) -> Option<Action> {
    let a_owned = || a.to_string();
    Some(match act {
        Act::Touched => Action::Touched,
        Act::Start => Action::Start,
        Act::OpenTile => Action::OpenTile(a_owned()),
        Act::Back => Action::Back,
        Act::Leave => Action::Leave,
        Act::LeaveConfirmed => Action::LeaveConfirmed,
        Act::Next => Action::Next,
        Act::CallStaff => Action::CallStaff,
        Act::CloseCover => Action::CloseCover,
        Act::English => Action::SetLanguage(Language::En),
        Act::Chinese => Action::SetLanguage(Language::Zh),
        Act::LargeType => Action::SetElder(true),
        Act::NormalType => Action::SetElder(false),
        Act::Search => Action::Search(a_owned()),
        Act::Filter => Action::Filter(a_owned()),
        Act::OpenRow => Action::OpenRow(a_owned()),
        Act::Apply => Action::Use(Tool::Apply),
        Act::PrintMaterials => Action::Use(Tool::PrintMaterials),
        Act::TakeAlong => Action::Use(Tool::TakeAlong),
        Act::ClearSignature => Action::Use(Tool::ClearSignature),
        Act::CannotSign => Action::Use(Tool::CannotSign),
        Act::PrintAgain => Action::Use(Tool::PrintAgain),
        Act::TryAgain => Action::Use(Tool::TryAgain),
        Act::WithoutCard => Action::Use(Tool::WithoutCard),
        Act::RecoverSlip => Action::Use(Tool::RecoverSlip),
        Act::ForWhom => Action::ForWhom(a_owned()),
        Act::Left => Action::Left(a_owned()),
        Act::Choose => Action::Choose { field: a_owned(), value: b.to_string() },
        Act::AddRow => Action::AddRow(a_owned()),
        Act::RemoveRow => Action::RemoveRow(a_owned()),
        Act::Change => Action::Change(a_owned()),
        Act::Capture => Action::Capture(a.parse().ok()?),
        Act::RemovePage => Action::RemovePage { order_num: a.parse().ok()?, page: b.parse().ok()? },
        Act::Defer => Action::Defer(a.parse().ok()?),
        Act::Reveal => Action::Reveal(true),
        Act::Hide => Action::Reveal(false),
        Act::Agree => Action::Agree(true),
        Act::Disagree => Action::Agree(false),
        Act::Stroke => Action::Stroke(super::pictures::points(a)),
    })
}
