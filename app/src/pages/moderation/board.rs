//! The queue on the page: asked for every few seconds, and changed so that nobody loses their place.

use std::collections::HashSet;

use leptos::{prelude::*, task::spawn_local};

use super::focus;
use crate::{
    api::moderation::{Queue, WaitingCampaign, WaitingRevision, moderation_queue},
    error::AppError,
    state::poll::poll,
};

const REFRESH_MS: u32 = 4_000;

/// Something that waits. The key names the version, so that an edited campaign is another row.
pub trait Waiting: Clone {
    fn key(&self) -> String;
    fn name(&self) -> &str;
}

impl Waiting for WaitingCampaign {
    fn key(&self) -> String {
        format!("campaign-{}-{}", self.id, self.version)
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl Waiting for WaitingRevision {
    fn key(&self) -> String {
        format!("revision-{}-{}", self.sender, self.number)
    }

    fn name(&self) -> &str {
        &self.name
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Board {
    pub slug: StoredValue<String>,
    /// What is shown: what waits, and rows that were refused and wait to be read.
    pub queue: RwSignal<Queue>,
    /// The keys of what waits.
    pub waiting: RwSignal<HashSet<String>>,
    /// Read out politely.
    pub said: RwSignal<String>,
    pub paused: RwSignal<bool>,
    pub lost: RwSignal<Option<AppError>>,
    /// Rows with a refusal: they stay until it is dismissed.
    kept: StoredValue<HashSet<String>>,
    /// Decided on this page: no news to this person.
    own: StoredValue<HashSet<String>>,
    asking: StoredValue<bool>,
}

impl Board {
    pub fn new(slug: String, queue: Queue) -> Self {
        let board = Self {
            slug: StoredValue::new(slug),
            waiting: RwSignal::new(keys(&queue)),
            queue: RwSignal::new(queue),
            said: RwSignal::new(String::new()),
            paused: RwSignal::new(false),
            lost: RwSignal::new(None),
            kept: StoredValue::default(),
            own: StoredValue::default(),
            asking: StoredValue::new(false),
        };
        poll(REFRESH_MS, move || !board.paused.get_untracked(), move || board.ask());
        board
    }

    /// Asks for the queue, one question at a time.
    pub fn ask(self) {
        if self.asking.get_value() {
            return;
        }
        self.asking.set_value(true);
        let slug = self.slug.get_value();
        spawn_local(async move {
            let queue = moderation_queue(slug).await;
            self.asking.try_set_value(false);
            match queue {
                Ok(queue) => {
                    self.lost.try_set(None);
                    if self.queue.try_with_untracked(|_| ()).is_some() {
                        self.show(queue);
                    }
                }
                Err(error) => _ = self.lost.try_set(Some(error)),
            }
        });
    }

    /// A decision of this person went through: the row leaves with the next answer, which is asked for now.
    pub fn decided(self, key: String) {
        self.own.update_value(|own| _ = own.insert(key));
        self.ask();
    }

    /// A decision was refused: the row stays until the refusal was read.
    pub fn keep(self, key: String) {
        self.kept.update_value(|kept| _ = kept.insert(key));
        self.ask();
    }

    /// The refusal was read.
    pub fn dismiss(self, key: &str) {
        self.kept.update_value(|kept| _ = kept.remove(key));
        let waiting = self.waiting.get_untracked();
        let queue = self.queue.with_untracked(|queue| Queue {
            campaigns: queue.campaigns.iter().filter(|row| waiting.contains(&row.key())).cloned().collect(),
            revisions: queue.revisions.iter().filter(|row| waiting.contains(&row.key())).cloned().collect(),
            templates: queue.templates,
        });
        self.replace(queue);
    }

    fn show(self, fresh: Queue) {
        let kept = self.kept.get_value();
        let now = keys(&fresh);
        let mut news = News::default();
        let queue = self.queue.with_untracked(|old| Queue {
            campaigns: merge(&old.campaigns, fresh.campaigns, &kept, &mut news),
            revisions: merge(&old.revisions, fresh.revisions, &kept, &mut news),
            templates: fresh.templates,
        });
        news.left.retain(|(key, _)| !self.own.with_value(|own| own.contains(key)));
        if let Some(said) = news.said() {
            self.said.set(said);
        }
        if self.waiting.with_untracked(|before| *before != now) {
            self.waiting.set(now);
        }
        if self.queue.with_untracked(|before| *before != queue) {
            self.replace(queue);
        }
    }

    /// Changes the rows; the focus of one that leaves goes to its neighbour.
    fn replace(self, queue: Queue) {
        let after = focus::before_change(&keys(&queue));
        self.queue.set(queue);
        focus::after_change(after);
    }
}

fn keys(queue: &Queue) -> HashSet<String> {
    let campaigns = queue.campaigns.iter().map(Waiting::key);
    campaigns.chain(queue.revisions.iter().map(Waiting::key)).collect()
}

/// What came and what went.
#[derive(Debug, Default)]
struct News {
    arrived: Vec<String>,
    left: Vec<(String, String)>,
}

impl News {
    fn said(&self) -> Option<String> {
        let named = |names: Vec<&str>| match names.as_slice() {
            [] => None,
            [one] => Some(format!("“{one}”")),
            many => Some(format!("{} entries", many.len())),
        };
        let left = named(self.left.iter().map(|(_, name)| name.as_str()).collect())
            .map(|what| format!("{what} left the queue: decided or changed by somebody else."));
        let arrived =
            named(self.arrived.iter().map(String::as_str).collect()).map(|what| format!("{what} came into the queue."));
        match (left, arrived) {
            (None, None) => None,
            (left, arrived) => Some([left, arrived].into_iter().flatten().collect::<Vec<_>>().join(" ")),
        }
    }
}

/// The fresh rows, with old ones that are kept in their places.
fn merge<T: Waiting>(old: &[T], fresh: Vec<T>, kept: &HashSet<String>, news: &mut News) -> Vec<T> {
    let known: HashSet<String> = old.iter().map(Waiting::key).collect();
    let now: HashSet<String> = fresh.iter().map(Waiting::key).collect();
    news.arrived.extend(fresh.iter().filter(|row| !known.contains(&row.key())).map(|row| row.name().to_owned()));
    let mut rows = fresh;
    for (place, row) in old.iter().enumerate() {
        let key = row.key();
        if now.contains(&key) {
            continue;
        }
        if kept.contains(&key) {
            rows.insert(place.min(rows.len()), row.clone());
        } else {
            news.left.push((key, row.name().to_owned()));
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, PartialEq)]
    struct Row(&'static str);

    impl Waiting for Row {
        fn key(&self) -> String {
            self.0.to_owned()
        }

        fn name(&self) -> &str {
            self.0
        }
    }

    fn merged(kept: &[&str]) -> (Vec<Row>, News) {
        let mut news = News::default();
        let kept = kept.iter().map(|&key| key.to_owned()).collect();
        let rows = merge(&[Row("a"), Row("b"), Row("c")], vec![Row("a"), Row("c"), Row("d")], &kept, &mut news);
        (rows, news)
    }

    #[test]
    fn what_others_decided_leaves_and_is_said() {
        let (rows, news) = merged(&[]);
        assert_eq!(rows, [Row("a"), Row("c"), Row("d")]);
        let said = news.said().unwrap();
        assert_eq!(said, "“b” left the queue: decided or changed by somebody else. “d” came into the queue.");
    }

    #[test]
    fn a_refused_row_stays_in_its_place_until_it_was_read() {
        let (rows, news) = merged(&["b"]);
        assert_eq!(rows, [Row("a"), Row("b"), Row("c"), Row("d")]);
        assert!(news.left.is_empty());
    }

    #[test]
    fn no_change_is_no_news() {
        let mut news = News::default();
        merge(&[Row("a")], vec![Row("a")], &HashSet::new(), &mut news);
        assert_eq!(news.said(), None);
    }
}
