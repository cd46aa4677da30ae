//! One drainer among all tabs of a browser: it waits for its turn, says that it is alive, and takes the turn of one that
//! does not, be it frozen or gone. Whoever believes that it leads and does not writes nothing: the store sees to that.

use core::pin::pin;
use core::time::Duration;

use futures_util::future::{Either, select};

use super::Platform;
use super::store::Leader;
use super::worker::{DrainEvent, drain};
use crate::ports::{StoreError, Timer, Turns};

/// How often a drainer says that it is alive, and how often the others look.
const BEAT: Duration = Duration::from_secs(2);
/// So many looks without a new sign of life, and its turn is over. Counted, not measured: tabs have no clock in common.
const PATIENCE: u32 = 5;

type Turn<P> = <<P as Platform>::Device as Turns>::Turn;

/// Drains as soon as it is this tab's turn, and tells `told` what became of each entry.
pub async fn drain_in_turn<P: Platform>(platform: &P, told: impl Fn(DrainEvent)) -> Result<(), StoreError> {
    // What lies in this tab's memory no other sends.
    let (turn, mut seen) = if platform.store().is_lasting() { turn(platform).await? } else { (None, None) };
    let epoch = loop {
        match platform.store().lead_after(seen).await? {
            Some(epoch) => break epoch,
            // Another was quicker.
            None => seen = Some(silence(platform, false).await?),
        }
    };
    let drained = {
        let work = pin!(drain(platform, epoch, told));
        let alive = pin!(say_alive(platform, epoch));
        match select(work, alive).await {
            Either::Left((drained, _)) | Either::Right((drained, _)) => drained,
        }
    };
    platform.store().step_down(epoch).await?;
    drop(turn);
    drained
}

/// Ends once the epoch has.
async fn say_alive<P: Platform>(platform: &P, epoch: u64) -> Result<(), StoreError> {
    loop {
        platform.device().sleep(BEAT).await;
        if !platform.store().beat(epoch).await? {
            return Ok(());
        }
    }
}

/// The turn, where it can be had, and the leader whose place is taken: none where the browser itself gave the turn.
async fn turn<P: Platform>(platform: &P) -> Result<(Option<Turn<P>>, Option<Leader>), StoreError> {
    let Some(granted) = platform.device().turn() else {
        return Ok((None, Some(silence(platform, false).await?)));
    };
    let silent = pin!(silence(platform, true));
    match select(granted, silent).await {
        Either::Left((turn, _)) => Ok((turn, None)),
        Either::Right((silent, granted)) => {
            let seen = silent?;
            // Two requests of one tab would wait for each other.
            drop(granted);
            Ok((platform.device().take_turn().await, Some(seen)))
        }
    }
}

/// Ends once no drainer has been at work, or none has said so for a while; gives the last who was. With `turns` one that is
/// not at work may still have the turn, on its way in or out, and is given as long.
async fn silence<P: Platform>(platform: &P, turns: bool) -> Result<Leader, StoreError> {
    let mut last: Option<Leader> = None;
    let mut looks = 0;
    loop {
        let leader = platform.store().leader().await?;
        looks = if last == Some(leader) { looks + 1 } else { 0 };
        if looks >= PATIENCE || (!turns && !leader.leads) {
            return Ok(leader);
        }
        last = Some(leader);
        platform.device().sleep(BEAT).await;
    }
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;

    use super::*;
    use crate::adapters::memory::MemoryRecords;
    use crate::ports::Later;
    use crate::ports::records::{Ask, Decide, Keep, RecordStore, Table};
    use crate::runtime::DeviceStore;
    use crate::runtime::worker::tests::{TestPlatform, commit, settled};

    /// Memory in the place of a database.
    struct Lasting(MemoryRecords<Vec<u8>>);
    impl RecordStore for Lasting {
        type Bytes = Vec<u8>;
        fn transact<'a>(
            &'a self,
            keep: Keep,
            tables: &'a [&'static Table],
            asks: &'a [Ask<'a>],
            decide: &'a mut Decide<'a, Vec<u8>>,
        ) -> Later<'a, Result<(), StoreError>> {
            self.0.transact(keep, tables, asks, decide)
        }
        fn chunk<'a>(&'a self, file: &'a str, index: u32) -> Later<'a, Result<Option<Vec<u8>>, StoreError>> {
            self.0.chunk(file, index)
        }
        fn is_lasting(&self) -> bool {
            true
        }
    }

    fn lasting() -> TestPlatform {
        TestPlatform { store: DeviceStore::over(Lasting(MemoryRecords::default())), ..TestPlatform::default() }
    }

    fn drained(platform: &TestPlatform) -> usize {
        let count = Cell::new(0);
        pollster::block_on(drain_in_turn(platform, |event| count.set(count.get() + settled(event).map_or(0, |_| 1))))
            .expect("a store");
        count.get()
    }

    #[test]
    fn the_turn_is_waited_for_only_while_somebody_is_at_work() {
        let platform = lasting();
        commit(&platform, "a", vec![]);
        let started = platform.device.millis();
        assert_eq!(drained(&platform), 1);
        assert!(platform.device.millis() - started < 1_000, "nobody was at work");
        let leader = pollster::block_on(platform.store.leader()).expect("a store");
        assert!(!leader.leads && leader.epoch == 1);
    }

    #[test]
    fn who_does_not_say_that_it_is_alive_loses_its_turn() {
        let platform = lasting();
        let frozen = pollster::block_on(platform.store.lead()).expect("an epoch");
        commit(&platform, "a", vec![]);
        let started = platform.device.millis();
        assert_eq!(drained(&platform), 1);
        let waited = platform.device.millis() - started;
        assert!((10_000..12_000).contains(&waited), "{waited}");
        assert!(!pollster::block_on(platform.store.beat(frozen)).expect("a store"), "and it notices");
    }

    #[test]
    fn what_lies_in_memory_waits_for_no_turn() {
        let platform = TestPlatform::default();
        pollster::block_on(platform.store.lead()).expect("an epoch");
        commit(&platform, "a", vec![]);
        let started = platform.device.millis();
        assert_eq!(drained(&platform), 1);
        assert!(platform.device.millis() - started < 1_000, "no other tab knows of it");
    }
}
