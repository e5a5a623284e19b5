use std::fmt;

/// The values of [`SESSION_KIND`](super::SESSION_KIND).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SessionKind {
    /// `main`: a session with a person or a program outside.
    Main,
    /// `sub_agent`: a session that another agent started.
    SubAgent,
    /// `scheduled`: a session that a timer started.
    Scheduled,
}

impl SessionKind {
    /// Every value, in the order of their definition.
    pub const ALL: &[SessionKind] = &[
        SessionKind::Main,
        SessionKind::SubAgent,
        SessionKind::Scheduled,
    ];

    /// The value as it is recorded.
    pub const fn as_str(self) -> &'static str {
        match self {
            SessionKind::Main => "main",
            SessionKind::SubAgent => "sub_agent",
            SessionKind::Scheduled => "scheduled",
        }
    }
}

impl fmt::Display for SessionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The values of [`TOOL_STATUS`](super::TOOL_STATUS).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ToolStatus {
    /// `ok`: the tool returned a result.
    Ok,
    /// `error`: the tool failed.
    Error,
    /// `denied`: a policy or a person refused the call.
    Denied,
    /// `timeout`: the tool did not end in time.
    Timeout,
}

impl ToolStatus {
    /// Every value, in the order of their definition.
    pub const ALL: &[ToolStatus] = &[
        ToolStatus::Ok,
        ToolStatus::Error,
        ToolStatus::Denied,
        ToolStatus::Timeout,
    ];

    /// The value as it is recorded.
    pub const fn as_str(self) -> &'static str {
        match self {
            ToolStatus::Ok => "ok",
            ToolStatus::Error => "error",
            ToolStatus::Denied => "denied",
            ToolStatus::Timeout => "timeout",
        }
    }
}

impl fmt::Display for ToolStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
