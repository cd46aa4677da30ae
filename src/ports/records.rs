//! Records: plain values in tables, and the pieces of files beside them.
//!
//! What a record means, and what follows from what, is said once, in [`runtime::DeviceStore`](crate::runtime::DeviceStore).
//! An adapter of this port only keeps records: one call is one transaction.

use super::{Later, StoreError};
use crate::domain::value::{self, Document, Value};

/// Where records of one kind lie.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// The member that names a record; none where the name stands beside the record.
    pub key: Option<&'static str>,
    /// By what else records are found.
    pub index: Option<Index>,
    /// A member that the rules need to know of everybody's records: how old they are.
    pub age: Option<&'static str>,
}

impl Table {
    /// The members that are never sealed.
    pub fn lies_open(&self) -> impl Iterator<Item = &'static str> {
        let indexed = self.index.as_ref().map(|index| index.member);
        self.key.into_iter().chain(indexed).chain(self.age)
    }
}

/// By what else records are found: records of one value in a member.
#[derive(Debug)]
pub struct Index {
    /// Its name.
    pub name: &'static str,
    /// The member.
    pub member: &'static str,
}

const fn table(
    name: &'static str,
    key: Option<&'static str>,
    index: Option<Index>,
    age: Option<&'static str>,
) -> Table {
    Table { name, key, index, age }
}

const fn by(name: &'static str, member: &'static str) -> Option<Index> {
    Some(Index { name, member })
}

/// Counters by name.
pub static META: Table = table("meta", None, None, None);
/// Unfinished requests, found by the place they belong to.
pub static DRAFTS: Table = table("drafts", Some("id"), by("by_place", "place"), Some("updated"));
/// Requests on their way, found by the service desk and person they belong to.
pub static OUTBOX: Table = table("outbox", Some("id"), by("by_part", "part"), None);
/// Files by name, found by the draft or entry they belong to.
pub static ATTACHMENTS: Table = table("attachments", Some("id"), by("by_owner", "owner"), None);
/// Pieces of files, under the file's name and the piece's number.
pub static CHUNKS: Table = table("chunks", None, None, None);
/// What the service desk said of delivered requests, found by the service desk and person.
pub static RECEIPTS: Table = table("receipts", Some("entry"), by("by_part", "part"), Some("at"));
/// What was read, by address.
pub static CACHE: Table = table("cache", None, None, None);

/// All tables.
pub static TABLES: [&Table; 7] = [&META, &DRAFTS, &OUTBOX, &ATTACHMENTS, &CHUNKS, &RECEIPTS, &CACHE];

/// How surely a transaction is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Nothing is written.
    Read,
    /// Survives a crash of the browser.
    Relaxed,
    /// Survives a loss of power.
    Strict,
}

/// What a transaction reads first.
#[derive(Clone, Copy, Debug)]
pub enum Ask<'a> {
    /// The record of that name.
    One(&'static Table, &'a str),
    /// All records that have this value in the indexed member.
    By(&'static Table, &'a str),
    /// All records.
    All(&'static Table),
    /// How many records there are.
    Count(&'static Table),
}

impl Ask<'_> {
    /// Where it looks.
    pub fn table(&self) -> &'static Table {
        let (Self::One(table, _) | Self::By(table, _) | Self::All(table) | Self::Count(table)) = self;
        table
    }
}

/// What a transaction writes then.
#[derive(Clone, Debug)]
pub enum Change<B> {
    /// Puts a record that holds its own name, in place of any other of that name.
    Put(&'static Table, Value),
    /// Puts a record under a name that stands beside it.
    PutAt(&'static Table, String, Value),
    /// Takes the record of that name away, if there is one.
    Delete(&'static Table, String),
    /// Puts a piece of a file.
    PutChunk {
        /// The file.
        file: String,
        /// The piece's place, from 0.
        index: u32,
        /// Its bytes.
        bytes: B,
    },
    /// Takes all pieces of a file away.
    DeleteChunks {
        /// The file.
        file: String,
    },
}

/// What the asks found, in their order.
#[derive(Debug)]
pub struct Found(std::vec::IntoIter<Vec<Value>>);

impl Found {
    /// One list for each ask; a count is a list of one number.
    pub fn new(lists: Vec<Vec<Value>>) -> Self {
        Self(lists.into_iter())
    }

    fn next(&mut self) -> Vec<Value> {
        self.0.next().expect("every ask has its list")
    }

    /// What all further asks found.
    pub fn rest(&mut self) -> Vec<Vec<Value>> {
        self.0.by_ref().collect()
    }

    /// The records that the next ask found. What cannot be read is left out: one broken record is not in the way of others.
    pub fn all<T: Document>(&mut self) -> Vec<T> {
        self.next().into_iter().filter_map(|value| value::read(value).ok()).collect()
    }

    /// The record that the next ask found.
    pub fn one<T: Document>(&mut self) -> Result<Option<T>, StoreError> {
        let found = self.next().into_iter().next();
        found.map(value::read).transpose().map_err(|_| StoreError::Corrupt)
    }
}

/// From what was found to what is written; an error writes nothing. It may be asked twice, if a connection was lost.
pub type Decide<'a, B> = dyn FnMut(&mut Found) -> Result<Vec<Change<B>>, StoreError> + 'a;

/// Keeps records.
pub trait RecordStore {
    /// A piece of a file.
    type Bytes;

    /// Reads what `asks` ask, lets `decide` say what follows, and writes that: all in one transaction over `tables`.
    /// Returns only once it is kept as surely as `keep` says.
    fn transact<'a>(
        &'a self,
        keep: Keep,
        tables: &'a [&'static Table],
        asks: &'a [Ask<'a>],
        decide: &'a mut Decide<'a, Self::Bytes>,
    ) -> Later<'a, Result<(), StoreError>>;

    /// The piece of a file at that place, from 0, if there is one.
    fn chunk<'a>(&'a self, file: &'a str, index: u32) -> Later<'a, Result<Option<Self::Bytes>, StoreError>>;

    /// Whether what is kept here survives the end of the page.
    fn is_lasting(&self) -> bool;
}
