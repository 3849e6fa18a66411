//! The numbers of a workspace, and which of them are in a 10DLC campaign. They are senders, not subscribers, so they are
//! shown in full; none stands in an address.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::rows::RowsPage;
use crate::{error::AppError, state::moment::Moment};

/// Where a number is in its 10DLC campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberStage {
    Assigning,
    Active,
    Removing,
}

impl NumberStage {
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Assigning => "On its way in",
            Self::Active => "Active",
            Self::Removing => "On its way out",
        }
    }
}

/// An earlier time in a 10DLC campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastRow {
    pub campaign: String,
    pub title: String,
    pub from: Moment,
    pub to: Moment,
    /// Why it ended by itself, or never began.
    pub reason: Option<String>,
}

/// A number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberRow {
    pub number: String,
    /// It stays the workspace's own when it is in no 10DLC campaign.
    pub own: bool,
    /// None: in no 10DLC campaign, or not in this one any more.
    pub state: Option<NumberStage>,
    /// Since when it is in it.
    pub since: Option<Moment>,
    /// The 10DLC campaign, by its id.
    pub campaign: Option<String>,
    pub title: String,
    /// The last time first.
    pub history: Vec<PastRow>,
}

/// A 10DLC campaign that takes numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taking {
    pub id: String,
    pub title: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumbersView {
    pub numbers: RowsPage<NumberRow>,
    /// The workspace's own, and those that were once in a 10DLC campaign of it.
    pub own: u64,
    pub former: u64,
    /// The newest ones; numbers come into others on their own pages.
    pub taking: Vec<Taking>,
}

/// What was done with numbers that were handed in together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumbersDone {
    pub done: u32,
}

/// Numbers of a page.
pub const PAGE_ROWS: u32 = 50;
/// 10DLC campaigns that are offered beside each number.
#[cfg(feature = "ssr")]
const TAKING_MAX: u32 = 100;

/// A page of the workspace's own numbers, or of its former ones.
#[server]
pub async fn tendlc_numbers(slug: String, former: bool, page: u32) -> Result<NumbersView, AppError> {
    use domain::tendlc::CampaignPhase;
    use store::tendlc::{Slice, action, campaigns, numbers, numbers::Whose};

    let desk = super::desk(&slug).await?;
    let proof = desk.may::<action::Read>()?;
    let sight = proof.sight();
    let (whose, other) = if former { (Whose::Former, Whose::Own) } else { (Whose::Own, Whose::Former) };
    let listed = numbers::owned(&proof, whose, Slice::page(page, PAGE_ROWS)).await?;
    let others = numbers::owned(&proof, other, Slice::new(0, 0)).await?.total;
    let (own, former) = if former { (others, listed.total) } else { (listed.total, others) };
    let is_registered = |phase: &CampaignPhase| phase.can_be_held() || *phase == CampaignPhase::Held;
    let phases = CampaignPhase::ALL.iter().copied().filter(is_registered).collect();
    let filter = campaigns::Filter { phases, ..Default::default() };
    let taking = campaigns::page(&sight, &filter, Slice::new(TAKING_MAX, 0)).await?.items;
    let taking: Vec<_> =
        taking.into_iter().filter(|campaign| campaigns::check_takes_numbers(campaign).is_ok()).collect();
    let named = listed.items.iter().flat_map(|number| {
        let past = number.history.iter().map(|past| past.campaign);
        past.chain(number.current.map(|current| current.campaign)).map(|id| (number.workspace, id))
    });
    let named: Vec<_> = named.collect();
    let named = campaigns::many(&sight, named).await?;
    let titles = super::campaigns::titles(&sight, &taking.iter().chain(&named).collect::<Vec<_>>()).await?;
    let title = |id| titles.get(&id).cloned().unwrap_or_else(|| "A 10DLC campaign that is gone".to_owned());
    let rows = listed.items.iter().map(|number| NumberRow::of(&desk, number.clone(), title)).collect();
    Ok(NumbersView {
        numbers: RowsPage::of(&listed, rows),
        own,
        former,
        taking: taking.iter().map(|one| Taking { id: one.id.to_string(), title: title(one.id) }).collect(),
    })
}

/// Adds numbers to the workspace, one a line. What cannot be added ends it; those before it are added.
#[server]
pub async fn add_tendlc_numbers(slug: String, #[server(default)] numbers: String) -> Result<NumbersDone, AppError> {
    let proof = super::desk(&slug).await?.may::<store::tendlc::action::Numbers>()?;
    let wanted = read(&numbers)?;
    for number in &wanted {
        store::tendlc::numbers::add(&proof, *number).await.map_err(|error| about(error.into()))?;
    }
    Ok(NumbersDone { done: u32::try_from(wanted.len()).unwrap_or(u32::MAX) })
}

/// Gives a number up.
#[server]
pub async fn release_tendlc_number(slug: String, number: String) -> Result<(), AppError> {
    let proof = super::desk(&slug).await?.may::<store::tendlc::action::Numbers>()?;
    store::tendlc::numbers::release(&proof, known(&number)?).await?;
    Ok(())
}

/// Puts numbers into a 10DLC campaign: those of the list that are ticked, and others, which come onto the list.
#[server]
pub async fn assign_tendlc_numbers(
    slug: String,
    id: String,
    #[server(default)] free: Vec<String>,
    #[server(default)] numbers: String,
) -> Result<NumbersDone, AppError> {
    use store::tendlc::{action, campaigns, numbers};

    let services = crate::api::context::services()?;
    let proof = super::desk(&slug).await?.may::<action::Numbers>()?;
    let campaign = campaigns::find(&proof, super::campaigns::campaign_id(&id)?).await?;
    let mut wanted = free.iter().map(|number| known(number)).collect::<Result<Vec<_>, _>>()?;
    if !numbers.trim().is_empty() || wanted.is_empty() {
        wanted.extend(read(&numbers)?);
    }
    campaigns::check_takes_numbers(&campaign)?;
    for number in &wanted {
        numbers::add(&proof, *number).await.map_err(|error| about(error.into()))?;
        let assigned = services.registrations.assign_number(&proof, campaign.id, *number).await;
        assigned.map_err(|trouble| about(trouble.into()))?;
    }
    Ok(NumbersDone { done: u32::try_from(wanted.len()).unwrap_or(u32::MAX) })
}

/// Takes a number out of a 10DLC campaign.
#[server]
pub async fn remove_tendlc_number(slug: String, id: String, number: String) -> Result<(), AppError> {
    let services = crate::api::context::services()?;
    let proof = super::desk(&slug).await?.may::<store::tendlc::action::Numbers>()?;
    let campaign = super::campaigns::campaign_id(&id)?;
    services.registrations.remove_number(&proof, campaign, known(&number)?).await?;
    Ok(())
}

/// Says that the partner upstream has done with a number what it waits for: it came into its 10DLC campaign, or out of it.
#[server]
pub async fn confirm_tendlc_number(slug: String, id: String, number: String) -> Result<(), AppError> {
    let services = crate::api::context::services()?;
    let proof = super::desk(&slug).await?.may::<store::tendlc::action::Brands>()?;
    let campaign = super::campaigns::campaign_id(&id)?;
    services.registrations.confirm_number(&proof, campaign, known(&number)?).await?;
    Ok(())
}

/// A number that a page has shown.
#[cfg(feature = "ssr")]
fn known(number: &str) -> Result<domain::phone::PhoneNumber, AppError> {
    // In a form that a program sends the sign + may have become a blank.
    format!("+{}", number.trim().trim_start_matches('+')).parse().map_err(|_| AppError::NotFound)
}

/// One a line, each once, in their order. A US number may be written without its country code.
#[cfg(feature = "ssr")]
fn read(typed: &str) -> Result<Vec<domain::phone::PhoneNumber>, AppError> {
    use store::tendlc::numbers::AT_ONCE_MAX;

    let refused = |message: String| AppError::field("numbers", message);
    let mut numbers = Vec::new();
    for (at, line) in (1..).zip(typed.lines().map(str::trim)) {
        if line.is_empty() {
            continue;
        }
        let digits: String = line.chars().filter(|sign| !" -.()".contains(*sign)).collect();
        let full = if digits.starts_with('+') { digits } else { format!("+1{}", digits.trim_start_matches('1')) };
        let number: domain::phone::PhoneNumber = full.parse().map_err(|_| {
            refused(format!("Line {at} is no phone number: write + and the country code, such as +13035550100."))
        })?;
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    match numbers.len() {
        0 => Err(refused("Write at least one number.".to_owned())),
        count if count > AT_ONCE_MAX => Err(refused(format!("Give {AT_ONCE_MAX} numbers at a time at most."))),
        _ => Ok(numbers),
    }
}

/// Said beside the field of numbers, whichever of them it is about.
#[cfg(feature = "ssr")]
fn about(error: AppError) -> AppError {
    match error {
        AppError::Invalid { .. } | AppError::Conflict { .. } => AppError::field("numbers", error.in_full()),
        other => other,
    }
}

#[cfg(feature = "ssr")]
impl NumberRow {
    fn of(
        desk: &store::tendlc::Desk,
        number: store::tendlc::Number,
        title: impl Fn(domain::id::TenDlcCampaignId) -> String,
    ) -> Self {
        use store::tendlc::numbers::NumberState;

        let past = number.history.into_iter().map(|past| PastRow {
            campaign: past.campaign.to_string(),
            title: title(past.campaign),
            from: Moment::at_desk(desk, past.from_ms),
            to: Moment::at_desk(desk, past.to_ms),
            reason: past.reason.map(|reason| crate::error::sentence(&reason)),
        });
        let history = past.collect();
        Self {
            number: number.number.to_string(),
            own: number.added,
            state: number.current.map(|current| match current.state {
                NumberState::Assigning => NumberStage::Assigning,
                NumberState::Active => NumberStage::Active,
                NumberState::Removing => NumberStage::Removing,
            }),
            since: number.current.map(|current| Moment::at_desk(desk, current.since_ms)),
            campaign: number.current.map(|current| current.campaign.to_string()),
            title: number.current.map(|current| title(current.campaign)).unwrap_or_default(),
            history,
        }
    }

    /// What a number has to do with one 10DLC campaign.
    pub(super) fn within(
        desk: &store::tendlc::Desk,
        mut number: store::tendlc::Number,
        campaign: domain::id::TenDlcCampaignId,
    ) -> Self {
        number.current = number.current.filter(|current| current.campaign == campaign);
        number.history.retain(|past| past.campaign == campaign);
        Self::of(desk, number, |_| String::new())
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let read = |text: &str| read(text).map(|numbers| numbers.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(
            read("+1 303 555 0100\r\n(303) 555-0101\n\n1-303-555-0100").unwrap(),
            ["+13035550100", "+13035550101"]
        );
        for (text, said) in [("", "at least one"), ("+13035550100\nabc", "Line 2"), ("+1", "Line 1")] {
            let error = read(text).unwrap_err();
            assert!(error.field_error("numbers").unwrap().contains(said), "{text}: {error:?}");
        }
        let many: String = (0..101).map(|at| format!("+1303555{at:04}\n")).collect();
        assert!(read(&many).unwrap_err().in_full().contains("100 numbers"));
    }
}
