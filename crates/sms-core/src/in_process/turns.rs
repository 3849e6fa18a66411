//! Whose turn it is: tenants take turns, and within each its lanes, counted in segments (deficit round robin, Shreedhar
//! and Varghese 1995). A tenant with ten campaigns of a million gets no more of a link than one with a single small one.

use std::collections::VecDeque;

use crate::core::Tenant;

/// Segments that a tenant sends in a turn of its own.
const TENANT_QUANTUM: i64 = 32;
/// Of those, the ones of one lane before the next one comes: the longest message has so many.
const LANE_QUANTUM: i64 = 10;

/// The lanes of one priority in which something waits.
#[derive(Debug, Default)]
pub(super) struct Turns {
    tenants: VecDeque<Turn>,
}

#[derive(Debug)]
struct Turn {
    tenant: Tenant,
    deficit: i64,
    /// It has got its quantum for this turn.
    begun: bool,
    lanes: VecDeque<LaneTurn>,
}

#[derive(Debug)]
struct LaneTurn {
    lane: u64,
    deficit: i64,
    begun: bool,
}

impl Turns {
    /// Something waits in a lane in which nothing did: it comes behind the others.
    pub fn enter(&mut self, tenant: Tenant, lane: u64) {
        let lane = LaneTurn { lane, deficit: 0, begun: false };
        match self.tenants.iter_mut().find(|turn| turn.tenant == tenant) {
            Some(turn) => turn.lanes.push_back(lane),
            None => self.tenants.push_back(Turn { tenant, deficit: 0, begun: false, lanes: [lane].into() }),
        }
    }

    /// Nothing waits in a lane any more. What it had left of its turn is gone.
    pub fn leave(&mut self, tenant: Tenant, lane: u64) {
        if let Some(turn) = self.tenants.iter_mut().find(|turn| turn.tenant == tenant) {
            turn.lanes.retain(|known| known.lane != lane);
        }
        self.tenants.retain(|turn| !turn.lanes.is_empty());
    }

    pub fn clear(&mut self) {
        self.tenants.clear();
    }

    /// The only lane in which something waits.
    pub fn alone(&self) -> Option<u64> {
        let mut tenants = self.tenants.iter();
        let lanes = &tenants.next().filter(|_| tenants.next().is_none())?.lanes;
        lanes.front().filter(|_| lanes.len() == 1).map(|lane| lane.lane)
    }

    /// The lane whose next message goes out now, by the segments of each lane's next message; None: nothing waits.
    pub fn next(&mut self, segments_of: impl Fn(u64) -> usize) -> Option<u64> {
        loop {
            let turn = self.tenants.front_mut()?;
            if !std::mem::replace(&mut turn.begun, true) {
                turn.deficit += TENANT_QUANTUM;
            }
            let Some(lane) = turn.lanes.front_mut() else {
                self.tenants.pop_front();
                continue;
            };
            if !std::mem::replace(&mut lane.begun, true) {
                lane.deficit += LANE_QUANTUM;
            }
            let segments = i64::try_from(segments_of(lane.lane)).unwrap_or(i64::MAX);
            if lane.deficit < segments {
                lane.begun = false;
                turn.lanes.rotate_left(1);
            } else if turn.deficit < segments {
                turn.begun = false;
                self.tenants.rotate_left(1);
            } else {
                lane.deficit -= segments;
                turn.deficit -= segments;
                return Some(lane.lane);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn tenant(number: u8) -> Tenant {
        Tenant(u128::from(number))
    }

    /// Segments that each lane got of the first `total`, when all have endless messages of the size that is given.
    fn served(lanes: &[(u8, usize)], total: usize) -> Vec<usize> {
        let mut turns = Turns::default();
        for (lane, (owner, _)) in lanes.iter().enumerate() {
            turns.enter(tenant(*owner), lane as u64);
        }
        let mut served = vec![0; lanes.len()];
        while served.iter().sum::<usize>() < total {
            let lane = turns.next(|lane| lanes[lane as usize].1).unwrap() as usize;
            served[lane] += lanes[lane].1;
        }
        served
    }

    #[test]
    fn ten_campaigns_get_no_more_than_one() {
        let mut lanes = vec![(1, 1); 10];
        lanes.push((2, 1));
        let served = served(&lanes, 2_000);
        assert!((960..=1_040).contains(&served[10]), "{served:?}");
        assert!(served[..10].iter().all(|&of_lane| (80..=120).contains(&of_lane)), "{served:?}");
    }

    #[test]
    fn long_messages_count_by_their_segments() {
        let served = served(&[(1, 10), (2, 1)], 4_000);
        assert!(served[0].abs_diff(served[1]) <= 64, "{served:?}");
    }

    #[test]
    fn who_comes_late_is_served_within_a_turn_of_the_others() {
        let mut turns = Turns::default();
        for lane in 0..10 {
            turns.enter(tenant(1), lane);
        }
        for _ in 0..5_000 {
            turns.next(|_| 1);
        }
        turns.enter(tenant(2), 99);
        let waited = (0..).find(|_| turns.next(|_| 1) == Some(99)).unwrap();
        assert!(waited <= TENANT_QUANTUM as usize, "{waited}");
        assert_eq!(turns.alone(), None);
        turns.leave(tenant(2), 99);
        (1..10).for_each(|lane| turns.leave(tenant(1), lane));
        assert_eq!(turns.alone(), Some(0));
        turns.leave(tenant(1), 0);
        assert_eq!(turns.next(|_| 1), None);
    }

    proptest! {
        #[test]
        fn shares_are_equal_whatever_waits(lanes in prop::collection::vec((0_u8..4, 1_usize..=10), 1..12)) {
            let served = served(&lanes, 8_000);
            let mut by_tenant: HashMap<u8, usize> = HashMap::new();
            for ((owner, _), segments) in lanes.iter().zip(&served) {
                *by_tenant.entry(*owner).or_default() += segments;
            }
            let (least, most) = (by_tenant.values().min().unwrap(), by_tenant.values().max().unwrap());
            prop_assert!(most - least <= 2 * (TENANT_QUANTUM as usize + 10), "{by_tenant:?}");
            // And each lane its share of its tenant's.
            for (owner, total) in by_tenant {
                let own: Vec<usize> = lanes.iter().zip(&served).filter(|((by, _), _)| *by == owner).map(|(_, &of)| of).collect();
                let share = total / own.len();
                prop_assert!(own.iter().all(|&of| of.abs_diff(share) <= 40), "{own:?}");
            }
        }
    }
}
