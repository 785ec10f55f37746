//! What each role of the staff sees and may do.

/// Roles of the console's accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Terminals, keys, alarms, accounts; opens no case.
    Administrator,
    /// Works on the cases of his department's items.
    Clerk,
    /// Comes when a citizen calls from a terminal.
    Guide,
    Manager,
    Auditor,
    Technician,
}

impl Role {
    pub(crate) const ALL: [Self; 6] =
        [Self::Administrator, Self::Clerk, Self::Guide, Self::Manager, Self::Auditor, Self::Technician];

    /// The word that the database and the command line use.
    pub fn key(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Clerk => "clerk",
            Self::Guide => "guide",
            Self::Manager => "manager",
            Self::Auditor => "auditor",
            Self::Technician => "technician",
        }
    }

    /// The role that such a word names.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.key() == key)
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Administrator => "系统管理员",
            Self::Clerk => "办件人员",
            Self::Guide => "导服人员",
            Self::Manager => "业务管理员",
            Self::Auditor => "审计员",
            Self::Technician => "技术员",
        }
    }

    /// Navigation entries.
    pub(crate) fn entries(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Administrator => &[
                ("/", "今日"),
                ("/terminals", "终端"),
                ("/cases", "办件"),
                ("/calls", "呼叫"),
                ("/alarms", "告警"),
                ("/people", "人员"),
                ("/settings", "设置"),
            ],
            Self::Clerk => &[("/", "今日"), ("/cases", "办件"), ("/calls", "呼叫")],
            Self::Guide => &[("/", "今日"), ("/calls", "呼叫")],
            Self::Manager => &[("/", "今日"), ("/terminals", "终端"), ("/cases", "办件")],
            Self::Auditor => &[("/", "今日"), ("/cases", "办件"), ("/alarms", "告警"), ("/settings", "设置")],
            Self::Technician => &[("/", "今日"), ("/terminals", "终端"), ("/alarms", "告警")],
        }
    }

    pub(crate) fn sees(self, entry: &str) -> bool {
        self.entries().iter().any(|(address, _)| *address == entry)
    }
}
