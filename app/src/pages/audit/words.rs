//! Actions in words.

/// Groups of actions as the filter names them; what stands before the dot of an action, and its words.
pub const OF_WORKSPACES: &[(&str, &str)] = &[
    ("campaign", "Campaigns"),
    ("recipients", "Full numbers"),
    ("suppressions", "Suppression list"),
    ("inbound", "Inbound messages"),
    ("sender", "Sender names"),
    ("template", "Templates"),
    ("test_list", "Test numbers"),
    ("member", "Members"),
    ("invitation", "Invitations"),
    ("join_request", "Requests to join"),
    ("export", "Exports"),
    ("api_key", "API keys"),
    ("webhook", "Webhooks"),
    ("tendlc_brand", "10DLC brands"),
    ("tendlc_campaign", "10DLC campaigns"),
    ("tendlc_number", "10DLC numbers"),
    ("tendlc_event", "10DLC webhooks"),
    ("tendlc_staff", "10DLC staff"),
    ("workspace", "Workspace settings"),
    ("access", "Denials"),
    ("audit", "Audit log"),
];

pub const OF_THE_INSTALLATION: &[(&str, &str)] = &[
    ("sign_in", "Failed sign-ins and lockouts"),
    ("session", "Sessions"),
    ("user", "Users"),
    ("workspace", "Workspaces"),
    ("link", "Links to carriers"),
    ("pool", "Pools of links"),
    ("sender_preset", "Sender presets"),
    ("installation", "Settings"),
    ("api_key", "API keys"),
    ("audit", "Audit log"),
];

/// The action of a record as people say it: what stands behind the dot, unless there is a better word.
pub fn words(action: &str) -> String {
    match action {
        "campaign.built" => "Plan assembled".to_owned(),
        "campaign.done" => "Finished".to_owned(),
        "campaign.sending" => "Sending began".to_owned(),
        "campaign.restored_elsewhere" => "Restored into another workspace".to_owned(),
        "campaign.test_sent" => "Test message sent".to_owned(),
        "campaign.stopped" => "Stopped by a moderator".to_owned(),
        "link.tested" => "Bound for trial".to_owned(),
        "recipients.revealed" | "suppressions.revealed" | "inbound.revealed" => "Full numbers shown".to_owned(),
        "tendlc_brand.heard" | "tendlc_campaign.heard" => "The registry said".to_owned(),
        "tendlc_brand.registered" | "tendlc_campaign.registered" => "Registered at the registry".to_owned(),
        "tendlc_campaign.shared" => "Shared with the partner upstream".to_owned(),
        "tendlc_campaign.shared_again" => "Handed to the partner upstream again".to_owned(),
        "tendlc_campaign.not_shared" => "Not shared: refused by the registry".to_owned(),
        "tendlc_brand.refused" | "tendlc_campaign.refused" => "Refused by the registry".to_owned(),
        "tendlc_brand.code_tried" => "One-time code tried".to_owned(),
        "tendlc_brand.confirmation_asked" => "Confirmation sent again".to_owned(),
        "access.denied" => "Not allowed".to_owned(),
        "audit.exported" => "Audit log exported".to_owned(),
        "audit.gap" => "Events were lost".to_owned(),
        "audit.records_removed" => "Old records removed".to_owned(),
        "sign_in.failed" => "Sign-in failed".to_owned(),
        "sign_in.locked" => "Sign-in locked".to_owned(),
        other => capitalised(&other.split_once('.').map_or(other, |(_, word)| word).replace('_', " ")),
    }
}

/// The same with what it is about, for logs of many things: "Campaign: approved".
pub fn words_in_full(action: &str) -> String {
    let own = words(action);
    match action.split_once('.') {
        Some((group, word)) if own == capitalised(&word.replace('_', " ")) => {
            let group =
                group.strip_prefix("tendlc_").map_or_else(|| capitalised(group), |kind| format!("10DLC {kind}"));
            format!("{}: {}", group.replace('_', " "), word.replace('_', " "))
        }
        _ => own,
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_said_in_words() {
        assert_eq!(words("campaign.upload_started"), "Upload started");
        assert_eq!(words("campaign.approved"), "Approved");
        assert_eq!(words("recipients.revealed"), "Full numbers shown");
        assert_eq!(words(""), "");
        assert_eq!(words_in_full("campaign.approved"), "Campaign: approved");
        assert_eq!(words_in_full("api_key.revoked"), "Api key: revoked");
        assert_eq!(words_in_full("tendlc_brand.created"), "10DLC brand: created");
        assert_eq!(words("tendlc_brand.heard"), "The registry said");
        assert_eq!(words_in_full("access.denied"), "Not allowed");
    }
}
