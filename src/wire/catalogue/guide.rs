//! The service guide of an item, the elements of GB/T 36114. Chinese as published; no translation is
//! made up.

use serde::Deserialize;

/// A guide.
#[derive(Clone, Debug, Deserialize)]
pub struct Guide {
    /// Who it is for.
    pub scope: String,
    /// 即审即办 or 前审后批.
    pub exam_type: String,
    /// Legal basis.
    pub by_law: Vec<Law>,
    /// Who accepts.
    pub accept_org: String,
    /// Who decides.
    pub decide_org: String,
    /// Whether there is a quota.
    pub limit_explain: String,
    /// Conditions.
    pub accept_condition: Vec<String>,
    /// What is not allowed.
    pub prohibition: Vec<String>,
    /// Where to apply.
    pub apply_channels: Vec<String>,
    /// Steps.
    pub process: Vec<Step>,
    /// Special procedure.
    pub special_procedure: String,
    /// How the result arrives.
    pub delivery: String,
    /// Rights.
    pub rights: Vec<String>,
    /// Duties.
    pub duties: Vec<String>,
    /// Whom to ask.
    pub consult: Consult,
    /// Where to complain.
    pub supervise: Supervise,
    /// Where.
    pub transact_addr: String,
    /// When.
    pub transact_time: String,
    /// How to follow the case.
    pub progress_query: Vec<String>,
    /// Review and litigation.
    pub remedy: Remedy,
}

/// One law.
#[derive(Clone, Debug, Deserialize)]
pub struct Law {
    /// Name.
    pub name: String,
    /// Article.
    pub article: String,
    /// What it says here.
    #[serde(default)]
    pub point: String,
}

/// One step.
#[derive(Clone, Debug, Deserialize)]
pub struct Step {
    /// Place in the order.
    pub order: u32,
    /// Name.
    pub name: String,
    /// Time it takes.
    pub time_limit: String,
    /// Who acts.
    pub actor: String,
    /// What happens.
    pub detail: String,
}

/// Whom to ask.
#[derive(Clone, Debug, Deserialize)]
pub struct Consult {
    /// Phone.
    pub phone: String,
    /// Window.
    pub window: String,
    /// Zone.
    #[serde(default)]
    pub zone: String,
}

/// Where to complain.
#[derive(Clone, Debug, Deserialize)]
pub struct Supervise {
    /// Phone.
    pub phone: String,
    /// Hotline.
    pub hotline: String,
    /// Window.
    pub window: String,
}

/// Review and litigation.
#[derive(Clone, Debug, Deserialize)]
pub struct Remedy {
    /// Body that reviews.
    pub review: String,
    /// Court.
    pub litigation: String,
}

/// Question and answer.
#[derive(Clone, Debug, Deserialize)]
pub struct Question {
    /// Question.
    pub q: String,
    /// Answer.
    pub a: String,
}
