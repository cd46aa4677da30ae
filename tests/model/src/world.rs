//! One state of everything: the device, its tabs, the network, the service desk.

/// Requests, at most.
pub(crate) const ITEMS: usize = 2;
/// Tabs.
pub(crate) const TABS: usize = 2;
/// Keys of one request: its first, and one after an edit.
pub(crate) const KEYS: usize = 2;
/// Messages on their way at once, at most.
pub(crate) const MESSAGES: usize = 3;

/// How much may happen, so that the space is finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Budget {
    pub(crate) items: u8,
    pub(crate) crashes: u8,
    pub(crate) freezes: u8,
    pub(crate) edits: u8,
    pub(crate) doubles: u8,
    pub(crate) epochs: u8,
    pub(crate) messages: u8,
}

/// Where a request stands on the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum State {
    Draft,
    Queued,
    InFlight(u8),
    Waiting,
    Parked,
    Delivered,
}

/// A request on the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Item {
    pub(crate) state: State,
    pub(crate) key: u8,
    /// Whether its content is there.
    pub(crate) content: bool,
}

/// What the service desk may answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Answer {
    Receipt,
    AlreadySubmitted,
    InProgress,
    Unavailable,
    Fault,
    Refused,
    /// Not the service desk's: the page of a network that wants a sign-in.
    Portal,
}

/// Something on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Message {
    Request { tab: u8, item: u8, key: u8 },
    Reply { tab: u8, item: u8, key: u8, answer: Answer },
}

/// What a tab is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum At {
    Idle,
    Claimed { item: u8, key: u8 },
    Asked { item: u8, key: u8 },
    Answered { item: u8, key: u8, answer: Answer },
}

/// A tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Tab {
    pub(crate) alive: bool,
    pub(crate) frozen: bool,
    /// The epoch that it leads; 0 if none.
    pub(crate) leads: u8,
    pub(crate) at: At,
}

/// What the service desk knows of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Known {
    Unseen,
    Created,
    /// Replaced by a later key: it must not make a ticket any more.
    Tombstone,
}

/// All of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct World {
    pub(crate) items: [Item; ITEMS],
    pub(crate) epoch: u8,
    pub(crate) tabs: [Tab; TABS],
    pub(crate) lock: Option<u8>,
    pub(crate) network: [Option<Message>; MESSAGES],
    pub(crate) tickets: [u8; ITEMS],
    pub(crate) keys: [[Known; KEYS]; ITEMS],
    pub(crate) forgotten: bool,
    /// Whether the service desk refuses the request as it is.
    pub(crate) refuses: [bool; ITEMS],
    pub(crate) left: Budget,
}

impl World {
    /// Nothing has happened yet. The first request is one that the service desk refuses until it is edited.
    pub(crate) fn new(budget: Budget) -> Self {
        Self {
            items: [Item { state: State::Draft, key: 0, content: true }; ITEMS],
            epoch: 0,
            tabs: [Tab { alive: true, frozen: false, leads: 0, at: At::Idle }; TABS],
            lock: None,
            network: [None; MESSAGES],
            tickets: [0; ITEMS],
            keys: [[Known::Unseen; KEYS]; ITEMS],
            forgotten: false,
            refuses: [true, false],
            left: budget,
        }
    }

    /// The requests that there are.
    pub(crate) fn indices(&self) -> std::ops::Range<usize> {
        0..usize::from(self.left.items)
    }

    /// Puts a message on its way; `false` if there is no room in this model.
    pub(crate) fn put(&mut self, message: Message) -> bool {
        let under_way = self.network.iter().flatten().count();
        if under_way >= usize::from(self.left.messages) {
            return false;
        }
        let free = self.network.iter().position(Option::is_none).expect("there are as many places as messages");
        self.network[free] = Some(message);
        // In order, since the network has none: states that differ only in places are one.
        self.network.sort_by_key(|message| (message.is_none(), *message));
        true
    }

    /// Takes the message at `at` off.
    pub(crate) fn take(&mut self, at: usize) -> Option<Message> {
        let message = self.network[at].take();
        self.network.sort_by_key(|message| (message.is_none(), *message));
        message
    }

    /// What must never be.
    pub(crate) fn violation(&self, before: &Self) -> Option<&'static str> {
        for item in self.indices() {
            let now = self.items[item];
            if self.tickets[item] > 1 {
                return Some("two tickets for one request");
            }
            if now.state == State::Delivered && self.tickets[item] == 0 {
                return Some("told \"received\", and there is no ticket");
            }
            if before.items[item].state == State::Delivered && now.state != State::Delivered {
                return Some("a final state was overwritten");
            }
            let open = !matches!(now.state, State::Draft | State::Delivered);
            if open && !now.content && self.tickets[item] == 0 && !self.is_under_way(item) {
                return Some("the content is gone, and nothing is under way");
            }
        }
        None
    }

    fn is_under_way(&self, wanted: usize) -> bool {
        let of = |item: u8| usize::from(item) == wanted;
        let sent = |message: &Message| matches!(message, Message::Request { item, .. } if of(*item));
        let held = |tab: &Tab| matches!(tab.at, At::Claimed { item, .. } | At::Asked { item, .. } if of(item));
        self.network.iter().flatten().any(sent) || self.tabs.iter().any(held)
    }

    /// Whether nothing is left to do but for a person.
    pub(crate) fn is_settled(&self) -> bool {
        self.indices().all(|item| matches!(self.items[item].state, State::Delivered | State::Parked))
    }
}
