//! command_status in words, SMPP 3.4 §5.1.3.

/// Statuses that the session layer and the simulator name in code.
pub mod code {
    pub const OK: u32 = 0x00;
    pub const INVALID_COMMAND_LENGTH: u32 = 0x02;
    pub const INVALID_COMMAND_ID: u32 = 0x03;
    pub const INVALID_BIND_STATUS: u32 = 0x04;
    pub const ALREADY_BOUND: u32 = 0x05;
    pub const SYSTEM_ERROR: u32 = 0x08;
    pub const INVALID_DESTINATION: u32 = 0x0B;
    pub const BIND_FAILED: u32 = 0x0D;
    pub const INVALID_PASSWORD: u32 = 0x0E;
    pub const INVALID_SYSTEM_ID: u32 = 0x0F;
    pub const MESSAGE_QUEUE_FULL: u32 = 0x14;
    pub const THROTTLED: u32 = 0x58;
    pub const RECEIVER_TEMPORARY_ERROR: u32 = 0x64;
}

/// The standard's name and what it means, for a status that the standard has.
#[must_use]
pub fn meaning(command_status: u32) -> Option<(&'static str, &'static str)> {
    TABLE.iter().find(|(code, ..)| *code == command_status).map(|(_, name, meaning)| (*name, *meaning))
}

/// A line for a person: `0x0000000E ESME_RINVPASWD: invalid password`.
#[must_use]
pub fn describe(command_status: u32) -> String {
    match meaning(command_status) {
        Some((name, meaning)) => format!("0x{command_status:08X} {name}: {meaning}"),
        None => format!("0x{command_status:08X}: a code of the carrier's own"),
    }
}

const TABLE: &[(u32, &str, &str)] = &[
    (0x00, "ESME_ROK", "no error"),
    (0x01, "ESME_RINVMSGLEN", "invalid message length"),
    (0x02, "ESME_RINVCMDLEN", "invalid command length"),
    (0x03, "ESME_RINVCMDID", "invalid command id"),
    (0x04, "ESME_RINVBNDSTS", "the session is not bound for this"),
    (0x05, "ESME_RALYBND", "already bound"),
    (0x06, "ESME_RINVPRTFLG", "invalid priority flag"),
    (0x07, "ESME_RINVREGDLVFLG", "invalid registered delivery flag"),
    (0x08, "ESME_RSYSERR", "system error at the carrier"),
    (0x0A, "ESME_RINVSRCADR", "invalid source address"),
    (0x0B, "ESME_RINVDSTADR", "invalid destination address"),
    (0x0C, "ESME_RINVMSGID", "invalid message id"),
    (0x0D, "ESME_RBINDFAIL", "bind failed"),
    (0x0E, "ESME_RINVPASWD", "invalid password"),
    (0x0F, "ESME_RINVSYSID", "invalid system id"),
    (0x11, "ESME_RCANCELFAIL", "cancelling failed"),
    (0x13, "ESME_RREPLACEFAIL", "replacing failed"),
    (0x14, "ESME_RMSGQFUL", "the carrier's message queue is full"),
    (0x15, "ESME_RINVSERTYP", "invalid service type"),
    (0x33, "ESME_RINVNUMDESTS", "invalid number of destinations"),
    (0x34, "ESME_RINVDLNAME", "invalid distribution list name"),
    (0x40, "ESME_RINVDESTFLAG", "invalid destination flag"),
    (0x42, "ESME_RINVSUBREP", "invalid submit with replace"),
    (0x43, "ESME_RINVESMCLASS", "invalid esm_class"),
    (0x44, "ESME_RCNTSUBDL", "cannot submit to a distribution list"),
    (0x45, "ESME_RSUBMITFAIL", "submitting failed"),
    (0x48, "ESME_RINVSRCTON", "invalid type of number of the source address"),
    (0x49, "ESME_RINVSRCNPI", "invalid numbering plan of the source address"),
    (0x50, "ESME_RINVDSTTON", "invalid type of number of the destination address"),
    (0x51, "ESME_RINVDSTNPI", "invalid numbering plan of the destination address"),
    (0x53, "ESME_RINVSYSTYP", "invalid system type"),
    (0x54, "ESME_RINVREPFLAG", "invalid replace_if_present flag"),
    (0x55, "ESME_RINVNUMMSGS", "invalid number of messages"),
    (0x58, "ESME_RTHROTTLED", "more than the carrier allows at the moment"),
    (0x61, "ESME_RINVSCHED", "invalid scheduled delivery time"),
    (0x62, "ESME_RINVEXPIRY", "invalid validity period"),
    (0x63, "ESME_RINVDFTMSGID", "invalid predefined message"),
    (0x64, "ESME_RX_T_APPN", "temporary error of the receiving application"),
    (0x65, "ESME_RX_P_APPN", "permanent error of the receiving application"),
    (0x66, "ESME_RX_R_APPN", "rejected by the receiving application"),
    (0x67, "ESME_RQUERYFAIL", "query failed"),
    (0xC0, "ESME_RINVOPTPARSTREAM", "error in the optional part of the PDU"),
    (0xC1, "ESME_ROPTPARNOTALLWD", "optional parameter not allowed"),
    (0xC2, "ESME_RINVPARLEN", "invalid parameter length"),
    (0xC3, "ESME_RMISSINGOPTPARAM", "expected optional parameter missing"),
    (0xC4, "ESME_RINVOPTPARAMVAL", "invalid optional parameter value"),
    (0xFE, "ESME_RDELIVERYFAILURE", "delivery failed"),
    (0xFF, "ESME_RUNKNOWNERR", "unknown error"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_told_in_words() {
        assert_eq!(describe(0x0E), "0x0000000E ESME_RINVPASWD: invalid password");
        assert_eq!(describe(0x0400), "0x00000400: a code of the carrier's own");
    }
}
