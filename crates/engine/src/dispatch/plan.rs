//! Which recipients are due, in which order. Campaigns go through their list from the front, a Spread campaign as far as
//! its plan lets it.

use std::collections::VecDeque;

use store::journal::entry::Span;

/// The recipients of one campaign that are still to be claimed. Those that came back come first.
#[derive(Debug)]
pub(crate) struct Plan {
    returned: VecDeque<Span>,
    cursor: u32,
    end: u32,
    /// Those from here on are not due yet.
    due: u32,
}

impl Plan {
    /// `cursor`: the first recipient that was never claimed; `returned`: those before it that wait all the same.
    pub(crate) fn new(cursor: u32, end: u32, returned: Vec<Span>) -> Self {
        Self { returned: returned.into(), cursor, end, due: u32::MAX }
    }

    /// Takes up to `limit` recipients that are next to each other; None: nobody is left.
    pub(crate) fn take(&mut self, limit: u32) -> Option<Span> {
        if limit == 0 {
            return None;
        }
        if let Some(first) = self.returned.front_mut() {
            let taken = Span { start: first.start, len: first.len.min(limit) };
            first.start += taken.len;
            first.len -= taken.len;
            if first.len == 0 {
                self.returned.pop_front();
            }
            return Some(taken);
        }
        let len = self.end.min(self.due).saturating_sub(self.cursor).min(limit);
        let taken = Span { start: self.cursor, len };
        self.cursor += len;
        (len > 0).then_some(taken)
    }

    /// There are more recipients now, behind the last one.
    pub(crate) fn grow(&mut self, end: u32) {
        self.end = self.end.max(end);
    }

    pub(crate) fn has_more(&self) -> bool {
        !self.returned.is_empty() || self.cursor < self.end.min(self.due)
    }

    /// Those below this number are due.
    pub(crate) const fn set_due(&mut self, due: u32) {
        self.due = due;
    }

    /// Puts back what was taken last and found no room: it comes next.
    pub(crate) fn put_back(&mut self, span: Span) {
        if span.len > 0 {
            self.returned.push_front(span);
        }
    }

    /// Puts recipients back that were taken and certainly not sent.
    pub(crate) fn give_back(&mut self, index: u32) {
        match self.returned.back_mut() {
            Some(last) if last.start + last.len == index => last.len += 1,
            _ => self.returned.push_back(Span { start: index, len: 1 }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_back_goes_first() {
        let mut plan = Plan::new(10, 14, vec![Span { start: 3, len: 2 }]);
        plan.give_back(7);
        plan.give_back(8);
        assert_eq!(plan.take(1), Some(Span { start: 3, len: 1 }));
        assert_eq!(plan.take(9), Some(Span { start: 4, len: 1 }));
        assert_eq!(plan.take(9), Some(Span { start: 7, len: 2 }));
        assert_eq!(plan.take(3), Some(Span { start: 10, len: 3 }));
        assert_eq!(plan.take(0), None);
        assert_eq!(plan.take(3), Some(Span { start: 13, len: 1 }));
        assert_eq!(plan.take(3), None);
        plan.grow(16);
        assert_eq!(plan.take(3), Some(Span { start: 14, len: 2 }));
        assert!(!plan.has_more());
    }

    #[test]
    fn nobody_is_taken_before_they_are_due() {
        let mut plan = Plan::new(0, 10, Vec::new());
        plan.set_due(0);
        assert!(!plan.has_more());
        plan.set_due(4);
        assert_eq!(plan.take(9), Some(Span { start: 0, len: 4 }));
        assert_eq!(plan.take(9), None);
        // What found no room goes first, and what came back is due whenever it is.
        plan.put_back(Span { start: 2, len: 2 });
        plan.set_due(5);
        assert_eq!(plan.take(9), Some(Span { start: 2, len: 2 }));
        assert_eq!(plan.take(9), Some(Span { start: 4, len: 1 }));
        plan.set_due(100);
        assert_eq!(plan.take(9), Some(Span { start: 5, len: 5 }));
    }
}
