//! Number and query code, typed from the slip.

use crate::session::Surroundings;
use crate::view::{Action, Control, Field, Keyboard, Question};
use wire::api::ProgressRequest;
use wire::catalogue::Text;
use zeroize::Zeroizing;

/// Characters of the number's end and of the query code.
const LAST: usize = 9;
const CODE: usize = 6;
/// Keys of the two lines.
const LAST_FIELD: &str = "last9";
const CODE_FIELD: &str = "query_code";

/// What is typed. Overwritten when dropped.
#[derive(Debug, Default)]
pub(super) struct Typing {
    last: Zeroizing<String>,
    code: Zeroizing<String>,
    last_error: Option<Text>,
    code_error: Option<Text>,
}

impl Typing {
    pub(super) fn act(&mut self, action: Action) {
        let Action::Edit { field, text } = action else { return };
        let plain = |most: usize| text.chars().filter(char::is_ascii_alphanumeric).take(most).collect::<String>();
        match field.as_str() {
            LAST_FIELD => {
                self.last = Zeroizing::new(plain(LAST).to_uppercase());
                self.last_error = None;
            }
            CODE_FIELD => {
                self.code = Zeroizing::new(plain(CODE));
                self.code_error = None;
            }
            _ => {}
        }
    }

    /// What the hall is asked; `None` where something is missing, which is then said.
    pub(super) fn request(&mut self) -> Option<ProgressRequest> {
        let missing = |name: (&str, &str), most: usize, typed: usize| {
            (typed != most).then(|| Text {
                zh: format!("{}应为 {most} 位，还差 {} 位", name.0, most - typed),
                en: format!("{} has {most} characters; {} are missing", name.1, most - typed),
            })
        };
        self.last_error = missing(("提交编号的后段", "The end of the number"), LAST, self.last.len());
        self.code_error = missing(("查询码", "The query code"), CODE, self.code.len());
        (self.last_error.is_none() && self.code_error.is_none())
            .then(|| ProgressRequest::Number { last9: self.last.to_string(), query_code: self.code.to_string() })
    }

    /// The hall found nothing: what was typed stays, to be compared with the slip.
    pub(super) fn wrong(&mut self, why: Text) {
        self.last_error = Some(why);
    }

    pub(super) fn page(&self, around: &Surroundings) -> Question {
        let line = |text: &str, keyboard: Keyboard, most: usize| Control::Line {
            text: text.to_owned(),
            keyboard,
            max_len: u32::try_from(most).unwrap_or(0),
        };
        let errors: Vec<String> =
            [&self.last_error, &self.code_error].into_iter().flatten().map(|error| around.pick(error)).collect();
        Question {
            title: around.say("输入凭条上的编号和查询码", "Enter number and query code from your slip"),
            fields: vec![
                Field {
                    key: LAST_FIELD.to_owned(),
                    label: around.say("提交编号的后 9 位", "Last 9 characters of the number"),
                    help: around.say(
                        "凭条上的大字，如 007-00012-6；横线不用输",
                        "The large figures, such as 007-00012-6; without hyphens",
                    ),
                    optional: false,
                    error: around.pick_any(self.last_error.as_ref()),
                    control: line(&self.last, Keyboard::IdNumber, LAST),
                },
                Field {
                    key: CODE_FIELD.to_owned(),
                    label: around.say("查询码", "Query code"),
                    help: around.say("凭条上的 6 位数字", "The six digits on your slip"),
                    optional: false,
                    error: around.pick_any(self.code_error.as_ref()),
                    control: line(&self.code, Keyboard::Digits, CODE),
                },
            ],
            errors: if errors.len() > 1 { errors } else { Vec::new() },
        }
    }
}
