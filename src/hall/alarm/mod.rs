//! What an administrator must see and act on: one open row per kind and subject, counted when it repeats.
use sqlx::{Sqlite, Transaction};

/// Kinds of alarms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    KeyUnknown,
    LostAfterRestore,
    IdConflict,
    BackupFailed,
    CertificateUnconfirmed,
    SequenceRepeated,
    ContentUnusable,
    BodyDamaged,
    PublicCertificate,
    ClockDoubtful,
    Quarantined,
    ContentRefused,
}

impl Kind {
    const ALL: [Self; 12] = [
        Self::KeyUnknown,
        Self::LostAfterRestore,
        Self::IdConflict,
        Self::BackupFailed,
        Self::CertificateUnconfirmed,
        Self::SequenceRepeated,
        Self::ContentUnusable,
        Self::BodyDamaged,
        Self::PublicCertificate,
        Self::ClockDoubtful,
        Self::Quarantined,
        Self::ContentRefused,
    ];

    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::KeyUnknown => "key_unknown",
            Self::LostAfterRestore => "lost_after_restore",
            Self::IdConflict => "id_conflict",
            Self::BackupFailed => "backup_failed",
            Self::CertificateUnconfirmed => "certificate_unconfirmed",
            Self::SequenceRepeated => "sequence_repeated",
            Self::ContentUnusable => "content_unusable",
            Self::BodyDamaged => "body_damaged",
            Self::PublicCertificate => "public_certificate",
            Self::ClockDoubtful => "clock_doubtful",
            Self::Quarantined => "quarantined",
            Self::ContentRefused => "content_refused",
        }
    }

    pub(crate) fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// (what happened, what to do)
    pub(crate) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::KeyUnknown => (
                "收到用未知密钥加密的申请，暂不能收件",
                "用恢复密钥找回这把密钥（hall restore），终端会自动重送；在此之前申请仍安全保存在终端",
            ),
            Self::LostAfterRestore => {
                ("恢复的备份太旧：终端曾收到回执、但已无任何副本的申请", "按清单找更新的备份，或联系申请人重新提交")
            }
            Self::IdConflict => ("同一申请编号送来了不同内容，已拒收", "请技术员核对该终端；原申请未受影响"),
            Self::BackupFailed => ("备份没有成功", "检查备份磁盘是否连接、是否已满；终端会一直保留加密的申请"),
            Self::CertificateUnconfirmed => ("大厅恢复后，出现未登记的终端证书", "在“终端”页核对指纹后确认或拒绝"),
            Self::SequenceRepeated => ("终端序号重复，磁盘可能被复制过", "请技术员核对该终端，必要时重新登记"),
            Self::ContentUnusable => ("目录中有事项不能使用", "按提示修改该事项后重新发布"),
            Self::BodyDamaged => (
                "一份已收件的申请或已签发的文书存储损坏",
                "不用恢复大厅。申请：请保持原终端开机联网，它还留有加密的原件时会自动补送；如有轮换的另一块备份磁盘，请接上，会自动补回。\
                 补回后本告警自动消除；在此之前，这件之后收到的申请都不会从终端清除。原终端和备份磁盘都没有的，请联系申请人重新提交。\
                 文书：接上另一块备份磁盘仍未补回的，请重新签发",
            ),
            Self::PublicCertificate => (
                "公众页面的证书不能用，手机传文件和查进度已停用",
                "核对 public.certificate 和 public.key 两个文件；换好后自动启用，不用重启",
            ),
            Self::ClockDoubtful => (
                "大厅时钟比上次快了一个月以上，暂停“视为受理”",
                "核对服务器时间；时间正确的，大厅连续运行一天后自动恢复",
            ),
            Self::Quarantined => (
                "大厅拒收的申请留在终端，不会自动重送",
                "请技术员查明原因；申请仍加密保存在终端，不要更换或清空它的磁盘",
            ),
            Self::ContentRefused => (
                "新目录没有发布：有事项不符合发布规则，仍用上一版",
                "按清单修改目录文件，再重新启动大厅；发布成功后本告警自动消除",
            ),
        }
    }
}

/// One alarm to raise.
pub(crate) struct Alarm<'a> {
    pub(crate) kind: Kind,
    /// What it is about: an id, a terminal, a file; never a citizen's data.
    pub(crate) subject: &'a str,
    pub(crate) detail: &'a str,
    pub(crate) at_ms: i64,
}

/// Raises an alarm or counts its repetition.
pub(crate) async fn raise(tx: &mut Transaction<'_, Sqlite>, alarm: Alarm<'_>) -> Result<(), sqlx::Error> {
    let kind = alarm.kind.key();
    tracing::warn!(kind, subject = alarm.subject, "alarm");
    sqlx::query!(
        "insert into alarm (kind, subject, detail, raised_ms, last_ms, times) values (?1, ?2, ?3, ?4, ?4, 1)
         on conflict (kind, subject) where closed_ms is null
         do update set detail = excluded.detail, last_ms = excluded.last_ms, times = times + 1",
        kind,
        alarm.subject,
        alarm.detail,
        alarm.at_ms
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Raises an alarm unless one of this kind and subject is open or was closed by a person: what is told again and again
/// neither overwrites what is known nor comes back after a person closed it. One that settled by itself may come again.
pub(crate) async fn raise_once(tx: &mut Transaction<'_, Sqlite>, alarm: Alarm<'_>) -> Result<(), sqlx::Error> {
    let kind = alarm.kind.key();
    sqlx::query!(
        "insert into alarm (kind, subject, detail, raised_ms, last_ms, times)
         select ?1, ?2, ?3, ?4, ?4, 1 where not exists
            (select 1 from alarm where kind = ?1 and subject = ?2 and closed_by is not 'hall')",
        kind,
        alarm.subject,
        alarm.detail,
        alarm.at_ms
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Raises an alarm unless one of this kind and subject is open: what is found at every look is one finding.
pub(crate) async fn raise_unless_open(tx: &mut Transaction<'_, Sqlite>, alarm: Alarm<'_>) -> Result<(), sqlx::Error> {
    let kind = alarm.kind.key();
    sqlx::query!(
        "insert into alarm (kind, subject, detail, raised_ms, last_ms, times) values (?1, ?2, ?3, ?4, ?4, 1)
         on conflict (kind, subject) where closed_ms is null do nothing",
        kind,
        alarm.subject,
        alarm.detail,
        alarm.at_ms
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Closes an alarm whose cause has gone by itself.
pub(crate) async fn settle(
    tx: &mut Transaction<'_, Sqlite>,
    kind: Kind,
    subject: &str,
    at_ms: i64,
) -> Result<(), sqlx::Error> {
    let kind = kind.key();
    sqlx::query!(
        "update alarm set closed_ms = ?, closed_by = 'hall' where kind = ? and subject = ? and closed_ms is null",
        at_ms,
        kind,
        subject
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
