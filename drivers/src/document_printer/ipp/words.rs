//! Numbers of IPP: operations and status codes (RFC 8011 §5.4.15 and appendix B), job states, with their keywords.

/// Operations.
pub mod operation {
    /// Print-Job.
    pub const PRINT_JOB: u16 = 0x0002;
    /// Validate-Job.
    pub const VALIDATE_JOB: u16 = 0x0004;
    /// Create-Job.
    pub const CREATE_JOB: u16 = 0x0005;
    /// Send-Document.
    pub const SEND_DOCUMENT: u16 = 0x0006;
    /// Cancel-Job.
    pub const CANCEL_JOB: u16 = 0x0008;
    /// Get-Job-Attributes.
    pub const GET_JOB_ATTRIBUTES: u16 = 0x0009;
    /// Get-Jobs.
    pub const GET_JOBS: u16 = 0x000A;
    /// Get-Printer-Attributes.
    pub const GET_PRINTER_ATTRIBUTES: u16 = 0x000B;
}

/// Status codes that are told apart; all below [`CLIENT_ERROR`](status::CLIENT_ERROR) are success.
pub mod status {
    /// `successful-ok`.
    pub const OK: u16 = 0x0000;
    /// The first of the client's errors.
    pub const CLIENT_ERROR: u16 = 0x0400;
    /// `client-error-bad-request`.
    pub const BAD_REQUEST: u16 = 0x0400;
    /// `client-error-not-possible`.
    pub const NOT_POSSIBLE: u16 = 0x0404;
    /// `client-error-not-found`.
    pub const NOT_FOUND: u16 = 0x0406;
    /// `client-error-gone`.
    pub const GONE: u16 = 0x0407;
    /// `client-error-document-format-not-supported`.
    pub const FORMAT_NOT_SUPPORTED: u16 = 0x040A;
    /// `client-error-attributes-or-values-not-supported`.
    pub const VALUES_NOT_SUPPORTED: u16 = 0x040B;
    /// `server-error-operation-not-supported`.
    pub const OPERATION_NOT_SUPPORTED: u16 = 0x0501;
    /// `server-error-version-not-supported`.
    pub const VERSION_NOT_SUPPORTED: u16 = 0x0503;
    /// `server-error-not-accepting-jobs`.
    pub const NOT_ACCEPTING: u16 = 0x0506;
    /// `server-error-busy`.
    pub const BUSY: u16 = 0x0507;
}

/// The keyword of an error.
pub fn status_keyword(code: u16) -> &'static str {
    const CLIENT: [&str; 28] = [
        "client-error-bad-request",
        "client-error-forbidden",
        "client-error-not-authenticated",
        "client-error-not-authorized",
        "client-error-not-possible",
        "client-error-timeout",
        "client-error-not-found",
        "client-error-gone",
        "client-error-request-entity-too-large",
        "client-error-request-value-too-long",
        "client-error-document-format-not-supported",
        "client-error-attributes-or-values-not-supported",
        "client-error-uri-scheme-not-supported",
        "client-error-charset-not-supported",
        "client-error-conflicting-attributes",
        "client-error-compression-not-supported",
        "client-error-compression-error",
        "client-error-document-format-error",
        "client-error-document-access-error",
        "client-error-attributes-not-settable",
        "client-error-ignored-all-subscriptions",
        "client-error-too-many-subscriptions",
        "client-error-ignored-all-notifications",
        "client-error-print-support-file-not-found",
        "client-error-document-password-error",
        "client-error-document-permission-error",
        "client-error-document-security-error",
        "client-error-document-unprintable-error",
    ];
    const SERVER: [&str; 11] = [
        "server-error-internal-error",
        "server-error-operation-not-supported",
        "server-error-service-unavailable",
        "server-error-version-not-supported",
        "server-error-device-error",
        "server-error-temporary-error",
        "server-error-not-accepting-jobs",
        "server-error-busy",
        "server-error-job-canceled",
        "server-error-multiple-document-jobs-not-supported",
        "server-error-printer-is-deactivated",
    ];
    let known = match code {
        0x0400..=0x04FF => CLIENT.get(usize::from(code - 0x0400)),
        0x0500..=0x05FF => SERVER.get(usize::from(code - 0x0500)),
        _ => None,
    };
    known.copied().unwrap_or("an error without a name")
}
