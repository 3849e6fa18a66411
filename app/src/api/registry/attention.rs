//! What needs attention of brands, 10DLC campaigns and numbers: what stands still until somebody does something, and what
//! is still on its way.

use serde::{Deserialize, Serialize};

use super::rows::Place;

/// How much it matters, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Messages are not sent.
    Stopped,
    /// Somebody has to do something.
    ToDo,
    /// It goes on by itself.
    Waiting,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matter {
    pub urgency: Urgency,
    pub place: Place,
    /// What it is about, such as a brand's name.
    pub what: String,
    pub text: String,
    /// Where it is looked at.
    pub href: String,
}

#[cfg(feature = "ssr")]
pub(crate) use self::find::matters;

#[cfg(feature = "ssr")]
mod find {
    use std::collections::BTreeMap;

    use domain::tendlc::{
        BrandPhase, CampaignPhase, CarrierStatus, EntityType, IdentityStatus, RegistryStatus, VettingStatus,
    };
    use store::tendlc::{Brand, TenDlc, numbers::NumberState};

    use super::{Matter, Urgency};
    use crate::{api::registry::rows::Lists, error::sentence};

    /// For how long one that has expired is named.
    const EXPIRED_FOR_MS: i64 = 30 * 24 * 3_600_000;

    /// All that needs attention, the most urgent first.
    pub(crate) fn matters(lists: &Lists, now_ms: i64) -> Vec<Matter> {
        let mut found = Vec::new();
        for brand in &lists.brands {
            let href = format!("/brands/{}", brand.id);
            found.extend(of_brand(brand).into_iter().map(|(urgency, text)| {
                let place = lists.place(brand.workspace);
                let href = place.path(&href);
                Matter { urgency, place, what: brand.details.display_name.clone(), text, href }
            }));
        }
        for campaign in &lists.campaigns {
            let what = format!("{}: {}", lists.brand_name(campaign.brand), campaign.form.use_case.label());
            found.extend(of_campaign(campaign, now_ms).into_iter().map(|(urgency, text)| {
                let place = lists.place(campaign.workspace);
                let href = place.path(&format!("/campaigns/{}", campaign.id));
                Matter { urgency, place, what: what.clone(), text, href }
            }));
        }
        found.extend(of_numbers(lists));
        found.sort_by_key(|matter| matter.urgency);
        found
    }

    fn of_brand(brand: &Brand) -> Vec<(Urgency, String)> {
        let mut found = Vec::new();
        let refusal = brand.refusal.as_deref().map(sentence);
        match brand.phase() {
            BrandPhase::Deleted => return found,
            BrandPhase::Draft => {
                let why = refusal.unwrap_or_else(|| "It is not handed in.".to_owned());
                found.push((Urgency::ToDo, format!("It is not registered. {why}")));
                return found;
            }
            BrandPhase::OnItsWay => {
                found.push((Urgency::Waiting, "It is on its way to the registry.".to_owned()));
                return found;
            }
            BrandPhase::Unverified => {
                let remarks = match brand.feedback.len() {
                    0 => String::new(),
                    1 => " There is a remark on it.".to_owned(),
                    several => format!(" There are {several} remarks on it."),
                };
                let text = format!("The registry has not verified it, so it can have no 10DLC campaigns.{remarks}");
                found.push((Urgency::ToDo, text));
            }
            BrandPhase::Unconfirmed => {
                let text = match brand.details.entity_type {
                    EntityType::SoleProprietor => "It waits for the one-time code that the owner got.",
                    _ => "It waits for the business contact to confirm the mail of the registry.",
                };
                found.push((Urgency::ToDo, text.to_owned()));
            }
            BrandPhase::Ready => {}
        }
        if let Some(why) = refusal {
            found.push((Urgency::ToDo, format!("The registry refused what it was told last. {why}")));
        }
        if !brand.todo.is_empty() {
            found.push((Urgency::Waiting, "What was changed is on its way to the registry.".to_owned()));
        }
        found.extend(of_vettings(brand));
        found
    }

    /// A score that was there and is gone costs throughput; one that never came may be tried again.
    fn of_vettings(brand: &Brand) -> Option<(Urgency, String)> {
        if brand.score().is_some() || brand.identity() == IdentityStatus::Unverified {
            return None;
        }
        let of = |status: VettingStatus| brand.vettings.iter().rev().find(|vetting| vetting.status == status);
        if let Some(vetting) = of(VettingStatus::Pending) {
            return Some((Urgency::Waiting, format!("Its vetting by {} is in progress.", vetting.provider.label())));
        }
        if let Some(vetting) = of(VettingStatus::Expired) {
            return Some((Urgency::ToDo, format!("Its vetting by {} has expired.", vetting.provider.label())));
        }
        let vetting = of(VettingStatus::Failed).or_else(|| of(VettingStatus::Unscore))?;
        Some((Urgency::ToDo, format!("Its vetting by {} gave no score.", vetting.provider.label())))
    }

    fn of_campaign(campaign: &TenDlc, now_ms: i64) -> Vec<(Urgency, String)> {
        let refusal = campaign.refusal.as_deref().map(sentence);
        let mut found = Vec::new();
        match campaign.phase() {
            CampaignPhase::Draft => {
                let why = refusal.unwrap_or_else(|| "It is not handed in.".to_owned());
                found.push((Urgency::ToDo, format!("It is not registered. {why}")));
                return found;
            }
            CampaignPhase::OnItsWay => {
                found.push((Urgency::Waiting, "It is on its way to the registry.".to_owned()));
                return found;
            }
            CampaignPhase::Expired => {
                let since = campaign.state.as_ref().map(|state| state.status.as_of_ms).unwrap_or_default();
                if campaign.status() == Some(RegistryStatus::Expired) && now_ms - since < EXPIRED_FOR_MS {
                    found.push((Urgency::Waiting, "It has expired; its numbers are free.".to_owned()));
                }
                return found;
            }
            CampaignPhase::Review => found.push((Urgency::Waiting, "No carrier has decided yet.".to_owned())),
            CampaignPhase::Suspended | CampaignPhase::Rejected | CampaignPhase::Active => {}
        }
        for (carrier, status) in campaign.carriers() {
            let reason = campaign.rejections.get(&carrier).map(|rejection| {
                let said = if rejection.reason.is_empty() { rejection.category.label() } else { &rejection.reason };
                format!(" {}", sentence(said))
            });
            let reason = reason.unwrap_or_default();
            match status {
                CarrierStatus::Suspended => {
                    found.push((
                        Urgency::Stopped,
                        format!("{} has suspended it: nothing leaves from its numbers.{reason}", carrier.name()),
                    ));
                }
                CarrierStatus::Rejected => {
                    found.push((Urgency::ToDo, format!("{} has rejected it.{reason}", carrier.name())));
                }
                CarrierStatus::Registered | CarrierStatus::Review => {}
            }
        }
        if let Some(why) = refusal {
            found.push((Urgency::ToDo, format!("The registry refused what it was told last. {why}")));
        }
        if !campaign.todo.is_empty() {
            found.push((Urgency::Waiting, "What was changed is on its way to the registry.".to_owned()));
        }
        found
    }

    /// By workspace and what waits, since a number itself says nothing here.
    fn of_numbers(lists: &Lists) -> Vec<Matter> {
        let mut waiting: BTreeMap<_, u32> = BTreeMap::new();
        for number in &lists.numbers {
            if number.state != NumberState::Active {
                *waiting.entry((number.workspace, number.state == NumberState::Assigning)).or_default() += number.count;
            }
        }
        let matter = |((workspace, assigning), count): ((_, bool), u32)| {
            let place = lists.place(workspace);
            let what = if count == 1 { "A number".to_owned() } else { format!("{count} numbers") };
            let text = if assigning {
                "To be assigned; the registry has still to say so."
            } else {
                "To be taken out; the registry has still to say so."
            };
            let href = place.path("/numbers");
            Matter { urgency: Urgency::Waiting, place, what, text: text.to_owned(), href }
        };
        waiting.into_iter().map(matter).collect()
    }
}
