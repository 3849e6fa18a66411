//! How much may be sent: tiers by score and carrier, which an installation can change, since sources conflict and
//! carriers change them.

use serde::{Deserialize, Serialize};

use super::{carrier::Carrier, use_case::UseCase};

/// Whose allowance it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Each 10DLC campaign has as much.
    Campaign,
    /// All 10DLC campaigns of a brand share it.
    Brand,
}

/// What a tier is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum For {
    /// Brands without a score.
    Unscored,
    /// From, to: both included, 0 to 100.
    Scores(u8, u8),
    /// Low-volume use cases, whatever the score.
    LowVolume,
}

/// One row. Counted in segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// None: at every carrier, since who carries a recipient's number is not known.
    pub carrier: Option<Carrier>,
    pub basis: Basis,
    #[serde(rename = "for")]
    pub applies: For,
    pub segments_per_minute: Option<u32>,
    pub segments_per_day: Option<u32>,
}

/// All rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tiers(pub Vec<Tier>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTiers {
    #[error("tier {0}: scores go from 0 to 100, the lower one first")]
    Scores(usize),
    #[error("tier {0}: give segments a minute, segments a day, or both, and none of them 0")]
    Nothing(usize),
    #[error("no tier says how much a 10DLC campaign of a brand {what} may send in a minute; add one")]
    NoRate { what: Scored },
    #[error("no tier says how much a brand {what} may send in a day; add one")]
    NoDay { what: Scored },
}

/// A score, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scored(pub Option<u8>);

impl std::fmt::Display for Scored {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(score) => write!(f, "with the score {score}"),
            None => f.write_str("without a score"),
        }
    }
}

/// What the tiers come to: the strictest that applies, since a message may be for any carrier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowance {
    /// For the 10DLC campaign, over all SMS campaigns that send by it.
    pub campaign_segments_per_minute: u32,
    /// For the brand, over all its 10DLC campaigns, until the next midnight Pacific time.
    pub brand_segments_per_day: u32,
    /// Some tiers cap a 10DLC campaign by the day, too.
    pub campaign_segments_per_day: Option<u32>,
    /// And a brand by the minute.
    pub brand_segments_per_minute: Option<u32>,
}

impl Allowance {
    /// What one 10DLC campaign may send in a minute, while its brand's others send nothing.
    #[must_use]
    pub fn segments_per_minute(&self) -> u32 {
        self.brand_segments_per_minute
            .map_or(self.campaign_segments_per_minute, |of_brand| of_brand.min(self.campaign_segments_per_minute))
    }

    /// The same in a day.
    #[must_use]
    pub fn segments_per_day(&self) -> u32 {
        self.campaign_segments_per_day
            .map_or(self.brand_segments_per_day, |of_campaign| of_campaign.min(self.brand_segments_per_day))
    }
}

/// What is known of carriers' limits (AT&T by 10DLC campaign and minute, T-Mobile by brand and day), and the figures of
/// the document in which the product was asked for: score 50, two messages a second, 6,000 a day. Where a source leaves
/// a gap, the tier below reaches up to it.
impl Default for Tiers {
    fn default() -> Self {
        let att = |applies, segments_per_minute| Tier {
            carrier: Some(Carrier::Att),
            basis: Basis::Campaign,
            applies,
            segments_per_minute: Some(segments_per_minute),
            segments_per_day: None,
        };
        let t_mobile = |applies, segments_per_day| Tier {
            carrier: Some(Carrier::TMobile),
            basis: Basis::Brand,
            applies,
            segments_per_minute: None,
            segments_per_day: Some(segments_per_day),
        };
        let score_50 = |basis, segments_per_minute, segments_per_day| Tier {
            carrier: None,
            basis,
            applies: For::Scores(50, 50),
            segments_per_minute,
            segments_per_day,
        };
        Self(vec![
            att(For::Scores(75, 100), 4_500),
            att(For::Scores(50, 74), 2_400),
            att(For::Scores(0, 49), 240),
            att(For::Unscored, 240),
            att(For::LowVolume, 75),
            t_mobile(For::Scores(76, 100), 200_000),
            t_mobile(For::Scores(51, 75), 40_000),
            t_mobile(For::Scores(0, 50), 10_000),
            t_mobile(For::Unscored, 2_000),
            score_50(Basis::Campaign, Some(120), None),
            score_50(Basis::Brand, None, Some(6_000)),
        ])
    }
}

impl Tier {
    const fn covers(&self, use_case: UseCase, score: Option<u8>) -> bool {
        match (self.applies, score) {
            (For::LowVolume, _) => use_case.is_low_volume(),
            (For::Unscored, None) => true,
            (For::Scores(from, to), Some(score)) => from <= score && score <= to,
            _ => false,
        }
    }
}

impl Tiers {
    /// Every brand has a rate and a daily cap: without one a campaign would be without bounds.
    pub fn check(&self) -> Result<(), InvalidTiers> {
        for (row, tier) in (1..).zip(&self.0) {
            if let For::Scores(from, to) = tier.applies
                && (from > to || to > 100)
            {
                return Err(InvalidTiers::Scores(row));
            }
            let figures = [tier.segments_per_minute, tier.segments_per_day];
            if figures == [None, None] || figures.contains(&Some(0)) {
                return Err(InvalidTiers::Nothing(row));
            }
        }
        for score in (0..=100).map(Some).chain([None]) {
            if self.least(UseCase::Mixed, score, Basis::Campaign, |tier| tier.segments_per_minute).is_none() {
                return Err(InvalidTiers::NoRate { what: Scored(score) });
            }
            if self.least(UseCase::Mixed, score, Basis::Brand, |tier| tier.segments_per_day).is_none() {
                return Err(InvalidTiers::NoDay { what: Scored(score) });
            }
        }
        Ok(())
    }

    /// What a 10DLC campaign and its brand may send. Where no tier says anything, which [`Tiers::check`] refuses, it is
    /// nothing.
    #[must_use]
    pub fn allowance(&self, use_case: UseCase, score: Option<u8>) -> Allowance {
        let least = |basis, figure| self.least(use_case, score, basis, figure);
        Allowance {
            campaign_segments_per_minute: least(Basis::Campaign, |tier| tier.segments_per_minute).unwrap_or(0),
            brand_segments_per_day: least(Basis::Brand, |tier| tier.segments_per_day).unwrap_or(0),
            campaign_segments_per_day: least(Basis::Campaign, |tier| tier.segments_per_day),
            brand_segments_per_minute: least(Basis::Brand, |tier| tier.segments_per_minute),
        }
    }

    fn least(
        &self,
        use_case: UseCase,
        score: Option<u8>,
        basis: Basis,
        figure: fn(&Tier) -> Option<u32>,
    ) -> Option<u32> {
        self.0.iter().filter(|tier| tier.basis == basis && tier.covers(use_case, score)).filter_map(figure).min()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shipped(use_case: UseCase, score: Option<u8>) -> (u32, u32) {
        let allowance = Tiers::default().allowance(use_case, score);
        (allowance.campaign_segments_per_minute, allowance.brand_segments_per_day)
    }

    #[test]
    fn the_narrower_of_campaign_and_brand_counts() {
        let plain = Allowance {
            campaign_segments_per_minute: 240,
            brand_segments_per_day: 2_000,
            campaign_segments_per_day: None,
            brand_segments_per_minute: None,
        };
        assert_eq!((plain.segments_per_minute(), plain.segments_per_day()), (240, 2_000));
        let narrower = Allowance { campaign_segments_per_day: Some(500), brand_segments_per_minute: Some(60), ..plain };
        assert_eq!((narrower.segments_per_minute(), narrower.segments_per_day()), (60, 500));
        let wider = Allowance { campaign_segments_per_day: Some(9_000), brand_segments_per_minute: Some(900), ..plain };
        assert_eq!((wider.segments_per_minute(), wider.segments_per_day()), (240, 2_000));
    }

    #[test]
    fn the_tiers_that_are_shipped() {
        assert_eq!(Tiers::default().check(), Ok(()));
        for (score, expected) in [
            (Some(100), (4_500, 200_000)),
            (Some(76), (4_500, 200_000)),
            (Some(75), (4_500, 40_000)),
            (Some(74), (2_400, 40_000)),
            (Some(51), (2_400, 40_000)),
            // The document in which the product was asked for: two messages a second, 6,000 a day.
            (Some(50), (120, 6_000)),
            (Some(49), (240, 10_000)),
            (Some(1), (240, 10_000)),
            (None, (240, 2_000)),
        ] {
            assert_eq!(shipped(UseCase::Mixed, score), expected, "{score:?}");
        }
        assert_eq!(shipped(UseCase::LowVolume, Some(90)), (75, 200_000));
    }

    #[test]
    fn tiers_that_leave_somebody_without_bounds_are_refused() {
        let mut tiers = Tiers::default();
        tiers.0.retain(|tier| tier.applies != For::Unscored);
        let error = tiers.check().unwrap_err();
        assert_eq!(error, InvalidTiers::NoRate { what: Scored(None) });
        assert!(error.to_string().contains("without a score"));
        let row = |applies, segments_per_minute| Tier {
            carrier: None,
            basis: Basis::Campaign,
            applies,
            segments_per_minute,
            segments_per_day: None,
        };
        for (bad, expected) in [
            (row(For::Scores(50, 40), Some(1)), InvalidTiers::Scores(1)),
            (row(For::Scores(50, 101), Some(1)), InvalidTiers::Scores(1)),
            (row(For::Unscored, None), InvalidTiers::Nothing(1)),
            (row(For::Unscored, Some(0)), InvalidTiers::Nothing(1)),
        ] {
            assert_eq!(Tiers(vec![bad]).check(), Err(expected));
        }
    }

    proptest! {
        #[test]
        fn a_tier_more_never_allows_more(
            minute in proptest::option::of(1u32..10_000),
            day in 1u32..10_000,
            from in 0u8..=100,
            score in proptest::option::of(0u8..=100),
            brand: bool,
        ) {
            let mut tiers = Tiers::default();
            let before = tiers.allowance(UseCase::Marketing, score);
            tiers.0.push(Tier {
                carrier: None,
                basis: if brand { Basis::Brand } else { Basis::Campaign },
                applies: For::Scores(from, 100),
                segments_per_minute: minute,
                segments_per_day: Some(day),
            });
            prop_assert_eq!(tiers.check(), Ok(()));
            let after = tiers.allowance(UseCase::Marketing, score);
            prop_assert!(after.campaign_segments_per_minute <= before.campaign_segments_per_minute);
            prop_assert!(after.brand_segments_per_day <= before.brand_segments_per_day);
            prop_assert!(after.campaign_segments_per_minute > 0 && after.brand_segments_per_day > 0);
        }
    }
}
