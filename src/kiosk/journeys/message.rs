//! Kind ways of saying no: one message page for each reason for which a journey cannot go on.

use crate::session::{StoreProblem, Surroundings};
use crate::view::{Message, Tone};
use wire::catalogue::Text;

/// Why a journey cannot go on: what its message is made of, whenever it is drawn.
#[derive(Debug)]
pub enum Refusal {
    /// The card has expired.
    CardExpired {
        /// A record was to be looked up; else something applied for.
        look_up: bool,
    },
    /// The person on the card does not meet a condition of the item (age, sex): the rule's own sentence.
    Excluded(Text),
    /// The card put down is not the one of the recovered submission.
    NotThisCard,
    /// The submission could not be stored, or nobody can say whether it is.
    NotStored(StoreProblem),
}

impl Refusal {
    /// In the language of the screen.
    pub(super) fn message(&self, around: &Surroundings) -> Message {
        match self {
            Self::CardExpired { look_up } => card_expired(around, *look_up),
            Self::Excluded(reason) => excluded(around, around.pick(reason)),
            Self::NotThisCard => not_this_card(around),
            Self::NotStored(problem) => not_stored(around, *problem),
        }
    }
}

fn card_expired(around: &Surroundings, look_up: bool) -> Message {
    let not_done = if look_up {
        around.say("过期的证件不能用来查本人的记录。", "An expired card cannot be used to look records up.")
    } else {
        around.say(
            "过期的证件不能用来提交申请，您填写的内容没有提交。",
            "An expired card cannot be used to apply. Nothing was submitted.",
        )
    };
    Message {
        tone: Tone::Warning,
        title: around.say("这张证件已经过期", "This card has expired"),
        lines: vec![
            not_done,
            around.say(
                "换领新证请到 1 层北区公安服务区；办事指南在本机可以照常查看。",
                "Renew it at the public security area, ground floor north; guides can be read here as usual.",
            ),
        ],
        next: around.say("回到首页", "Back to the first page"),
    }
}

fn excluded(around: &Surroundings, reason: String) -> Message {
    Message {
        tone: Tone::Warning,
        title: around.say("这件事现在还不能替您在本机办", "This cannot be done for you here yet"),
        lines: vec![
            reason,
            around.say(
                "您的证件信息没有保存。需要帮助请找工作人员，或看这件事的办事指南。",
                "Your card data was not kept. Please ask staff, or read the guide of this service.",
            ),
        ],
        next: around.say("回到首页", "Back to the first page"),
    }
}

fn not_this_card(around: &Surroundings) -> Message {
    Message {
        tone: Tone::Warning,
        title: around.say("这张证不是提交那份申请的证件", "This is not the card that was used for that application"),
        lines: vec![around.say(
            "请用提交时放的那张证再试，或到 1 号咨询台按证件查询。",
            "Please try the card you used when you applied, or ask at desk 1 with your card.",
        )],
        next: around.say("知道了", "Back"),
    }
}

fn not_stored(around: &Surroundings, problem: StoreProblem) -> Message {
    let unsubmitted = || {
        (
            around.say("没有存下来", "It was not stored"),
            around.say("您填写的内容没有提交，还在这一页。", "Nothing was submitted; your answers are still here."),
        )
    };
    let again = around.say("回去再试一次", "Go back and try again");
    let ((title, what_is), what_to_do, next) = match problem {
        // Whoever reads "not submitted" applies a second time somewhere else.
        StoreProblem::NotCertain => (
            (
                around.say("还不能确定有没有存好", "It may or may not be stored"),
                around.say(
                    "您的申请可能已经存在本机。请在本机再试一次，同一份申请不会变成两份。",
                    "Your application may be stored here already. Please try again here; it cannot become two.",
                ),
            ),
            around.say(
                "仍不行请找工作人员，不要到别处再申请一次。",
                "If that fails, ask staff, and do not apply a second time elsewhere.",
            ),
            around.say("再试一次", "Try again"),
        ),
        StoreProblem::DiskFull => (
            unsubmitted(),
            around.say(
                "本机暂时不能接收新的申请，请到旁边的终端或 3 号咨询台。",
                "This terminal cannot take applications now; please use the next one or desk 3.",
            ),
            again,
        ),
        StoreProblem::Failed | StoreProblem::NotEnrolled => (
            unsubmitted(),
            around.say("可以再试一次；仍不行请找工作人员。", "Please try again; if it fails, ask staff."),
            again,
        ),
    };
    Message { tone: Tone::Danger, title, lines: vec![what_is, what_to_do], next }
}
