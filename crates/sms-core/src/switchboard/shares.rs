//! Which link of a pool gets the next message: the one that is furthest behind its share.

/// Segments that a link may hold whatever its speed.
const BACKLOG_FREE: u64 = 256;
/// A link that would need longer than this for what it holds is passed over, so that a slow one holds up no campaign.
const BACKLOG_S: f64 = 10.0;
/// The same by the rate that a link is held to, which is known before anything is measured.
const BACKLOG_LIMIT_S: f64 = 2.0;

/// A link's standing in one lane.
#[derive(Debug, Clone, Default)]
pub(super) struct Standing {
    pub weight: u32,
    pub up: bool,
    /// Segments handed to it and not answered.
    pub backlog: u64,
    /// What it is held to, in segments per second.
    pub limit: Option<f64>,
    /// What it has achieved lately; None while that says nothing yet.
    pub measured: Option<f64>,
    /// Segments that it was given, each divided by its weight.
    given: f64,
}

impl Standing {
    pub fn new(weight: u32) -> Self {
        Self { weight, ..Self::default() }
    }

    /// Segments of a message go to it.
    pub fn give(&mut self, segments: u64) {
        self.backlog += segments;
        self.given += segments as f64 / f64::from(self.weight.max(1));
    }

    /// They are answered, or go to another.
    pub fn take_back(&mut self, segments: u64) {
        self.backlog = self.backlog.saturating_sub(segments);
    }

    fn has_room(&self) -> bool {
        if self.backlog < BACKLOG_FREE {
            return true;
        }
        let backlog = self.backlog as f64;
        self.limit.is_none_or(|limit| backlog < limit * BACKLOG_LIMIT_S)
            && self.measured.is_none_or(|rate| backlog < rate * BACKLOG_S)
    }
}

/// The place of the link for the next message. None: all that are up have enough, or none is up.
pub(super) fn next(standings: &[Standing]) -> Option<usize> {
    let of = |reserve: bool| {
        let fit = standings.iter().enumerate().filter(move |(_, one)| one.up && (one.weight == 0) == reserve);
        fit.filter(|(_, one)| one.has_room()).min_by(|(_, a), (_, b)| a.given.total_cmp(&b.given)).map(|(at, _)| at)
    };
    let others_up = standings.iter().any(|one| one.up && one.weight > 0);
    if others_up { of(false) } else { of(true) }
}

/// Sets who is up. A link that comes back begins where the others are: it does not make up for its absence.
pub(super) fn set_up(standings: &mut [Standing], at: usize, up: bool) {
    if up && !standings[at].up {
        let others = standings.iter().enumerate().filter(|(other, one)| *other != at && one.up);
        let least = others.map(|(_, one)| one.given).min_by(f64::total_cmp);
        standings[at].given = least.map_or(standings[at].given, |least| least.max(standings[at].given));
    }
    standings[at].up = up;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standings(weights: &[u32]) -> Vec<Standing> {
        weights.iter().map(|weight| Standing { up: true, ..Standing::new(*weight) }).collect()
    }

    /// How many of `messages` each gets, everything being answered at once.
    fn shares(standings: &mut [Standing], messages: usize) -> Vec<usize> {
        let mut shares = vec![0; standings.len()];
        for _ in 0..messages {
            let at = next(standings).unwrap();
            standings[at].give(1);
            standings[at].take_back(1);
            shares[at] += 1;
        }
        shares
    }

    #[test]
    fn messages_are_shared_by_weight_among_those_that_are_up() {
        let mut pool = standings(&[5, 3, 2]);
        assert_eq!(shares(&mut pool, 1_000), [500, 300, 200]);
        set_up(&mut pool, 0, false);
        assert_eq!(shares(&mut pool, 1_000), [0, 600, 400]);
        set_up(&mut pool, 0, true);
        let again = shares(&mut pool, 1_000);
        assert!((495..=505).contains(&again[0]), "it makes up for nothing: {again:?}");
    }

    #[test]
    fn a_reserve_waits_until_no_other_is_up() {
        let mut pool = standings(&[1, 0]);
        assert_eq!(shares(&mut pool, 10), [10, 0]);
        set_up(&mut pool, 0, false);
        assert_eq!(shares(&mut pool, 10), [0, 10]);
        set_up(&mut pool, 1, false);
        assert_eq!(next(&pool), None);
    }

    #[test]
    fn a_link_that_is_slow_for_its_share_is_passed_over() {
        let mut pool = standings(&[1, 1]);
        pool[0].limit = Some(1.0);
        let mut held = [0, 0];
        for _ in 0..2_000 {
            let at = next(&pool).unwrap();
            pool[at].give(1);
            held[at] += 1;
        }
        assert_eq!(held, [256, 1_744]);
        pool[1].measured = Some(100.0);
        assert_eq!(next(&pool), None, "both have enough to do");
        pool[1].take_back(900);
        assert_eq!(next(&pool), Some(1));
    }
}
