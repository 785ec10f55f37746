//! Looking a case up (protocol, section 4): by the card that lies on the reader, by the last nine characters of
//! the number and the query code, or by the token of the slip's code. Nothing personal beyond the mask comes back.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Request of `POST /v1/progress`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(rename_all = "snake_case", tag = "by", deny_unknown_fields)]
pub enum ProgressRequest {
    /// By the card on the terminal's reader.
    Card {
        /// Its number.
        id_no: String,
    },
    /// By the slip, typed.
    Number {
        /// Last nine characters of the number, hyphens or not; the last may be X.
        last9: String,
        /// Six digits.
        query_code: String,
    },
    /// By the slip's code.
    Token {
        /// 32 hex digits.
        token: String,
    },
}

/// Answer of `POST /v1/progress`: newest first; empty when there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProgressAnswer {
    /// The cases.
    pub cases: Vec<CaseProgress>,
}

/// One case as its citizen sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseProgress {
    /// 提交编号.
    pub number: String,
    /// The item.
    pub item_id: String,
    /// What the item is called.
    pub item_name: String,
    /// Who handles it; may be empty.
    pub dept_name: String,
    /// 提交, ms since 1970.
    pub submitted_at_ms: i64,
    /// 收件.
    pub received_at_ms: i64,
    /// 受理.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_at_ms: Option<i64>,
    /// 办件编号, given at acceptance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_no: Option<String>,
    /// Where it stands.
    pub state: CaseState,
    /// Since when.
    pub since_ms: i64,
    /// What the hall wrote to the citizen at this state (what to correct, why not accepted, the result).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub notice: String,
    /// The day by which the hall must have asked or decided, if it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Date>,
    /// The day is an estimate: a year on the way has no published calendar.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub due_estimated: bool,
    /// Documents that wait to be printed at a terminal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<WaitingDocument>,
}

/// A document that the hall issued on a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaitingDocument {
    /// What it is.
    pub title: String,
    /// Pick-up code; the card is the second key.
    pub code: String,
    /// When it was issued, ms since 1970.
    pub issued_at_ms: i64,
}

/// State words, in their order (rules 7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// 收件: the hall has it, nobody has decided on acceptance.
    Received,
    /// 补正: the hall asked, once and completely, for corrections.
    CorrectionAsked,
    /// 受理.
    Accepted,
    /// 受理, because nobody asked within five working days.
    Deemed,
    /// 不予受理.
    NotAccepted,
    /// 办结.
    Done,
    /// A state of a newer hall.
    #[serde(other)]
    Unknown,
}

impl CaseState {
    /// The word in Chinese.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::Received => "已收件，尚未受理",
            Self::CorrectionAsked => "需要补正",
            Self::Accepted => "已受理，正在办理",
            Self::Deemed => "已视为受理，正在办理",
            Self::NotAccepted => "不予受理",
            Self::Done => "已办结",
            Self::Unknown => "请到窗口询问",
        }
    }

    /// The word in English.
    #[must_use]
    pub fn en(self) -> &'static str {
        match self {
            Self::Received => "Received, not yet accepted",
            Self::CorrectionAsked => "Corrections needed",
            Self::Accepted => "Accepted, in progress",
            Self::Deemed => "Deemed accepted, in progress",
            Self::NotAccepted => "Not accepted",
            Self::Done => "Completed",
            Self::Unknown => "Please ask at a window",
        }
    }

    /// What the citizen can do now: (Chinese, English).
    #[must_use]
    pub fn what_to_do(self) -> (&'static str, &'static str) {
        match self {
            Self::Received => {
                ("现在不用做什么，请等待工作人员核对材料。", "Nothing to do now; staff will check the papers.")
            }
            Self::CorrectionAsked => (
                "请按下面的告知补正，带身份证和材料到窗口，或在终端重新提交。",
                "Please correct what is listed below, at a window with your card, or submit again at a terminal.",
            ),
            Self::Accepted | Self::Deemed => ("请等待办理结果。", "Please wait for the result."),
            Self::NotAccepted => (
                "理由见下。可以改好后重新提交；有异议可到窗口询问，也可依法申请复议。",
                "See the reason below. You may submit again, ask at a window, or apply for review.",
            ),
            Self::Done => {
                ("请凭身份证领取结果，或按下面的告知办理。", "Collect the result with your card, or as told below.")
            }
            Self::Unknown => ("请带身份证到窗口询问。", "Please ask at a window with your card."),
        }
    }
}

impl std::fmt::Debug for ProgressRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Card { .. } => "ProgressRequest(card)",
            Self::Number { .. } => "ProgressRequest(number)",
            Self::Token { .. } => "ProgressRequest(token)",
        })
    }
}
