//! One item (事项): its national fields, what it needs of a terminal, its time limits.

use serde::Deserialize;

use super::{Form, Guide, Material, Question, Text};

/// National code of the type 行政许可.
const LICENCE: &str = "01";

/// An item.
#[derive(Clone, Debug, Deserialize)]
pub struct Item {
    /// Id within the catalogue.
    pub item_id: String,
    /// Official name.
    pub task_name: String,
    /// What people call it.
    pub plain_name_zh: String,
    /// English name.
    pub title_en: String,
    /// Its department.
    pub dept_id: String,
    /// National code of the case type, 31 characters.
    pub task_code: String,
    /// Version that a submission records.
    pub task_version: u32,
    /// 01 licence, 05, 07, 10, 20 …
    pub task_type: String,
    /// Name of the type.
    pub task_type_zh: String,
    /// 1 person, 2… organisations.
    pub server_type: Vec<String>,
    /// Themes.
    pub themes: Vec<String>,
    /// 1 即办件, 2 承诺件.
    pub project_type: String,
    /// Statutory limit.
    pub anticipate: Option<TimeLimit>,
    /// Promised limit.
    pub promise: TimeLimit,
    /// Visits to the hall.
    pub limit_scene_num: u32,
    /// Why a visit is needed.
    pub limit_scene_explain: String,
    /// 1 window, 2 online, 3 post, 4 terminal.
    pub handle_type: Vec<String>,
    /// Whether terminals offer it.
    pub is_service_terminals: bool,
    /// Whether it costs something.
    pub is_fee: bool,
    /// Fees.
    #[serde(default)]
    pub fees: Vec<serde_json::Value>,
    /// What it needs of a terminal.
    pub kiosk: Kiosk,
    /// The guide.
    pub guide: Guide,
    /// Materials.
    pub materials: Vec<Material>,
    /// The form.
    pub form: Form,
    /// What the citizen gets.
    pub result: ResultInfo,
    /// Questions and answers.
    #[serde(default)]
    pub faq: Vec<Question>,
    /// Visible from this day.
    #[serde(default)]
    pub plan_effective_date: Option<jiff::civil::Date>,
    /// Withdrawn from this day.
    #[serde(default)]
    pub plan_cancel_date: Option<jiff::civil::Date>,
    /// Last change.
    #[serde(default)]
    pub updated_at: String,
}

impl Item {
    /// The plain name in both languages.
    #[must_use]
    pub fn plain_name(&self) -> Text {
        Text::new(&self.plain_name_zh, &self.title_en)
    }

    /// Whether a terminal looks it up and prints it for the person who stands there.
    #[must_use]
    pub fn is_record(&self) -> bool {
        self.is_service_terminals && self.kiosk.mode == Mode::Print
    }

    /// Whether it is a licence (行政许可), which the law holds for accepted when nobody answers in time.
    #[must_use]
    pub fn is_licence(&self) -> bool {
        self.task_type == LICENCE
    }

    /// Whether it may be started on a day.
    #[must_use]
    pub fn offered_on(&self, day: jiff::civil::Date) -> bool {
        self.plan_effective_date.is_none_or(|from| from <= day) && self.plan_cancel_date.is_none_or(|end| day < end)
    }

    /// The roles whose cards its form fills from, in order of first use.
    #[must_use]
    pub fn card_roles(&self) -> Vec<&str> {
        let mut roles = Vec::new();
        for role in self.form.fields().filter_map(super::Field::role) {
            if !roles.contains(&role) {
                roles.push(role);
            }
        }
        roles
    }
}

/// What an item needs of a terminal.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kiosk {
    /// What the terminal does.
    pub mode: Mode,
    /// How the person is known.
    pub identity: Identity,
    /// Whether it works without the hall.
    pub offline_policy: OfflinePolicy,
    /// Minutes it takes.
    pub est_minutes: u32,
    /// Devices it needs.
    pub needs: Vec<Need>,
    /// What comes out.
    pub output: Vec<Output>,
    /// Remark for the hall.
    #[serde(default)]
    pub note: String,
    /// How sure the terminal must be who stands there.
    pub assurance: Assurance,
    /// Who may apply for another.
    pub agent: AgentPolicy,
}

/// What the terminal does for an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Looks up and prints.
    Print,
    /// Takes an application.
    Apply,
    /// Takes an application that a window goes on with.
    Prefill,
    /// Books a time.
    Appointment,
}

/// How the person is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// By card.
    Idcard,
    /// By card, or an organisation's QR code.
    IdcardOrQr,
}

/// Whether an item works without the hall.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfflinePolicy {
    /// Stored sealed and sent later.
    Queue,
    /// Only with the hall.
    OnlineOnly,
}

/// A device that an item needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// Identity card reader.
    IdcardReader,
    /// A4 printer.
    A4Printer,
    /// Slip printer.
    ReceiptPrinter,
    /// The glass as a pad.
    SignaturePad,
    /// Document camera.
    DocCamera,
    /// Camera.
    Camera,
    /// QR scanner.
    QrScanner,
}

/// What comes out of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// The slip.
    Receipt,
    /// A certificate.
    CertificatePdf,
    /// A slip of an appointment.
    AppointmentSlip,
    /// The filled form.
    FormPdf,
    /// A licence.
    LicencePrint,
    /// A filing sheet.
    FilingSheet,
    /// A registration sheet.
    RegistrationSheet,
    /// The list of materials.
    MaterialList,
    /// A slip for an evaluation.
    EvaluationSlip,
}

/// How sure the terminal must be who stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Assurance {
    /// Card read.
    L1,
    /// Card and a second factor.
    L2,
    /// L1 or L2 and a signature or a witness.
    L3,
}

/// Who may apply for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentPolicy {
    /// Nobody.
    None,
    /// Spouse, parents, children.
    Family,
    /// Anybody with a letter.
    Any,
    /// Somebody of the organisation.
    Operator,
}

impl AgentPolicy {
    /// Its key in [`super::Catalogue::agent_policies`].
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Family => "family",
            Self::Any => "any",
            Self::Operator => "operator",
        }
    }
}

/// A time limit.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct TimeLimit {
    /// How many.
    pub value: u32,
    /// Of what.
    pub unit: TimeUnit,
    /// Remark.
    #[serde(default)]
    pub explain: String,
}

/// Unit of a time limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum TimeUnit {
    /// Working days.
    #[serde(rename = "G")]
    WorkingDays,
    /// Natural days.
    #[serde(rename = "Z")]
    NaturalDays,
    /// At once.
    #[serde(rename = "J")]
    AtOnce,
}

/// What the citizen gets in the end.
#[derive(Clone, Debug, Deserialize)]
pub struct ResultInfo {
    /// 出证办结, 出文办结, 审批办结, 其他办结.
    pub result_type: String,
    /// Name of the paper.
    pub result_name: String,
    /// The same in English.
    #[serde(default)]
    pub result_name_en: String,
    /// How long it is valid.
    #[serde(default)]
    pub validity: String,
}
