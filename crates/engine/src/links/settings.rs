//! What is kept in the product as the gateway reads it.

use domain::{
    channel::ChannelId,
    link::{self, LinkConfig, PoolConfig},
};
use sms_core::{IdBase, LinkSettings, Password, PoolMember, PoolSettings, TlsSettings, TlsTexts};
use store::links::{LinkSecret, OpenedLink};

pub(super) fn of_link(opened: &OpenedLink) -> LinkSettings {
    of_config(&opened.link.id, &opened.link.config, &opened.password, opened.key.as_ref())
}

pub(super) fn of_config(
    id: &ChannelId,
    config: &LinkConfig,
    password: &LinkSecret,
    key: Option<&LinkSecret>,
) -> LinkSettings {
    let tls = config.tls.as_ref().map(|tls| TlsSettings {
        server_name: tls.server_name.clone(),
        texts: TlsTexts {
            ca: tls.ca.clone(),
            certificate: tls.certificate.clone(),
            crl: tls.crl.clone(),
            key: key.map(|key| Password::new(key.expose())),
        },
        ..TlsSettings::default()
    });
    LinkSettings {
        id: id.clone(),
        name: config.name.clone(),
        host: config.host.clone(),
        port: config.port,
        tls,
        system_id: config.system_id.clone(),
        password: Password::new(password.expose()),
        system_type: config.system_type.clone(),
        address_range: config.address_range.clone(),
        bind: config.bind,
        sessions: config.sessions,
        window: config.window,
        rate_segments_per_s: config.rate_segments_per_s,
        burst_segments: config.burst_segments,
        lane_segments: config.lane_segments,
        timers: config.timers,
        id_base: match config.id_base {
            link::IdBase::Verbatim => IdBase::Verbatim,
            link::IdBase::Folded => IdBase::Folded,
            link::IdBase::HexThenDecimal => IdBase::HexThenDecimal,
            link::IdBase::DecimalThenHex => IdBase::DecimalThenHex,
        },
        receipts: config.receipts,
        accepted_is_final: config.accepted_is_final,
        long_messages: config.long_messages,
        tendlc_tlv: config.tendlc_tlv,
        policy: config.policy.clone(),
        is_simulator: config.is_simulator,
        disabled: false,
    }
}

pub(super) fn of_pool(id: &ChannelId, config: &PoolConfig) -> PoolSettings {
    let member = |share: &link::PoolShare| PoolMember { link: share.link.clone(), weight: share.weight };
    PoolSettings {
        id: id.clone(),
        name: config.name.clone(),
        members: config.members.iter().map(member).collect(),
        failover: config.failover,
        rate_segments_per_s: config.rate_segments_per_s,
    }
}
