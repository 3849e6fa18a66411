//! What needs attention of brands, 10DLC campaigns and numbers, in words.

use domain::tendlc::Urgency;
use serde::{Deserialize, Serialize};

use super::rows::Place;

/// Something that needs attention, with all that is to be said of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matter {
    pub place: Place,
    /// What it is about, such as a brand's name.
    pub what: String,
    /// The worst first.
    pub lines: Vec<Line>,
    /// Where it is looked at.
    pub href: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub urgency: Urgency,
    pub text: String,
}

#[cfg(feature = "ssr")]
pub(crate) use self::words::matters;

#[cfg(feature = "ssr")]
mod words {
    use domain::tendlc::{EntityType, Urgency, VettingStatus};
    use store::tendlc::{
        Brand, Search, Sight, Slice, TenDlc,
        attention::{self, BrandMatter, CampaignMatter, Entry},
        campaigns::Rejection,
        numbers::NumberState,
    };

    use super::{Line, Matter};
    use crate::{
        api::registry::rows::{Places, RowsPage, brands_of},
        error::{AppError, sentence},
    };

    /// A page of what needs attention, the most urgent first.
    pub(crate) async fn matters(
        sight: &Sight,
        places: &Places,
        search: Option<&Search>,
        now_ms: i64,
        slice: Slice,
    ) -> Result<RowsPage<Matter>, AppError> {
        let listed = attention::page(sight, search, now_ms, slice).await?;
        let campaigns = listed.items.iter().filter_map(|entry| match entry {
            Entry::Campaign(campaign) => Some(&**campaign),
            Entry::Brand(_) | Entry::Numbers { .. } => None,
        });
        let brands = brands_of(sight, &campaigns.collect::<Vec<_>>()).await?;
        let matter = |entry: &Entry| match entry {
            Entry::Brand(brand) => {
                let (place, _) = places.get(brand.workspace)?;
                let lines = brand.matters();
                let lines =
                    lines.iter().map(|matter| Line { urgency: matter.urgency(), text: of_brand(brand, matter) });
                Some(Matter {
                    place: place.clone(),
                    what: brand.details.display_name.clone(),
                    lines: lines.collect(),
                    href: place.path(&format!("/brands/{}", brand.id)),
                })
            }
            Entry::Campaign(campaign) => {
                let (place, _) = places.get(campaign.workspace)?;
                let brand = brands.get(&(campaign.workspace, campaign.brand));
                let brand = brand.map_or("", |brand| brand.details.display_name.as_str());
                let lines = campaign.matters(now_ms);
                let lines = lines.iter().map(|matter| Line { urgency: matter.urgency(), text: of_campaign(matter) });
                Some(Matter {
                    place: place.clone(),
                    what: named(brand, campaign),
                    lines: lines.collect(),
                    href: place.path(&format!("/campaigns/{}", campaign.id)),
                })
            }
            Entry::Numbers { workspace, state, count } => {
                let (place, _) = places.get(*workspace)?;
                let what = if *count == 1 { "A number".to_owned() } else { format!("{count} numbers") };
                let text = match state {
                    NumberState::Removing => {
                        "To be taken out; the registry, or whoever sees to it at the partner, has still to say so."
                    }
                    NumberState::Assigning | NumberState::Active => {
                        "To be assigned; the registry, or whoever sees to it at the partner, has still to say so."
                    }
                };
                let line = Line { urgency: Urgency::Waiting, text: text.to_owned() };
                Some(Matter { place: place.clone(), what, lines: vec![line], href: place.path("/numbers") })
            }
        };
        Ok(RowsPage::of(&listed, listed.items.iter().filter_map(matter).collect()))
    }

    fn named(brand: &str, campaign: &TenDlc) -> String {
        format!("{brand}: {}", campaign.form.use_case.label())
    }

    /// Why it is a draft.
    fn not_registered(refusal: Option<&str>) -> String {
        let why = refusal.map_or_else(|| "It is not handed in.".to_owned(), sentence);
        format!("It is not registered. {why}")
    }

    fn of_brand(brand: &Brand, matter: &BrandMatter) -> String {
        match matter {
            BrandMatter::NotRegistered(why) => not_registered(why.as_deref()),
            BrandMatter::OnItsWay => ON_ITS_WAY.to_owned(),
            BrandMatter::Unverified(remarks) => {
                let remarks = match remarks {
                    0 => String::new(),
                    1 => " There is a remark on it.".to_owned(),
                    several => format!(" There are {several} remarks on it."),
                };
                format!(
                    "The registry has not verified it: it can have no more 10DLC campaigns, and nothing leaves by those that it has.{remarks}"
                )
            }
            BrandMatter::Unconfirmed if brand.details.entity_type == EntityType::SoleProprietor => {
                "It waits for the one-time code that the owner got.".to_owned()
            }
            BrandMatter::Unconfirmed => {
                "It waits for the business contact to confirm the mail of the registry.".to_owned()
            }
            BrandMatter::Refused(why) => refused(why),
            BrandMatter::Telling => TELLING.to_owned(),
            BrandMatter::NoScore(provider, status) => {
                let what = match status {
                    VettingStatus::Pending => "is in progress",
                    VettingStatus::Expired => "has expired",
                    VettingStatus::Failed | VettingStatus::Unscore | VettingStatus::Active => "gave no score",
                };
                format!("Its vetting by {} {what}.", provider.label())
            }
        }
    }

    fn of_campaign(matter: &CampaignMatter) -> String {
        match matter {
            CampaignMatter::NotRegistered(why) => not_registered(why.as_deref()),
            CampaignMatter::OnItsWay => ON_ITS_WAY.to_owned(),
            CampaignMatter::Expired => "It has expired; its numbers are free.".to_owned(),
            CampaignMatter::Undecided => "No carrier has decided yet.".to_owned(),
            CampaignMatter::Suspended(carrier, why) => {
                format!("{} has suspended it: nothing leaves from its numbers.{}", carrier.name(), said(why.as_ref()))
            }
            CampaignMatter::Rejected(carrier, why) => {
                format!("{} has rejected it.{}", carrier.name(), said(why.as_ref()))
            }
            CampaignMatter::Sharing => {
                "The partner upstream has not accepted it yet: nothing leaves until then.".to_owned()
            }
            CampaignMatter::Declined(why) => {
                let why = why.as_deref().map(|why| format!(" {}", sentence(why))).unwrap_or_default();
                format!("The partner upstream declined it: nothing leaves from its numbers.{why}")
            }
            CampaignMatter::NotShared(why) => {
                format!(
                    "It was not shared with the partner upstream: nothing leaves from its numbers. {}",
                    sentence(why)
                )
            }
            CampaignMatter::Refused(why) => refused(why),
            CampaignMatter::Telling => TELLING.to_owned(),
        }
    }

    const ON_ITS_WAY: &str = "It is on its way to the registry.";
    const TELLING: &str = "What was changed is on its way to the registry.";

    fn refused(why: &str) -> String {
        format!("The registry refused what it was told last. {}", sentence(why))
    }

    /// The carrier's words, or what kind of rejection it is.
    fn said(why: Option<&Rejection>) -> String {
        let Some(why) = why else { return String::new() };
        let said = if why.reason.is_empty() { why.category.label() } else { &why.reason };
        format!(" {}", sentence(said))
    }
}
