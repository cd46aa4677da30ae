//! Virtual time: tasks take turns in an order that the seed decides, and time passes when nobody has anything to do.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::future::poll_fn;
use std::hash::Hasher;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use rustc_hash::FxHasher;

type Work = Pin<Box<dyn Future<Output = ()>>>;

/// Names a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TaskId(usize);

/// Whether a task has something to do.
struct Ready(AtomicBool);

impl Wake for Ready {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

struct Task {
    /// None while it is polled, and once it has ended.
    work: Option<Work>,
    ready: Arc<Ready>,
    /// Not looked at before this.
    frozen_until: u64,
}

/// A timer: when, and the order in which those of one instant go.
struct Alarm {
    at: (u64, u64),
    waker: Waker,
}

impl PartialEq for Alarm {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}
impl Eq for Alarm {}
impl PartialOrd for Alarm {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Alarm {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.at.cmp(&other.at)
    }
}

/// The world's time, chance and tasks.
pub(crate) struct Scheduler {
    now: Cell<u64>,
    numbers: Cell<u64>,
    rng: RefCell<fastrand::Rng>,
    tasks: RefCell<Vec<Task>>,
    alarms: RefCell<BinaryHeap<Reverse<Alarm>>>,
    trace: RefCell<FxHasher>,
    prints: bool,
}

impl Scheduler {
    /// A world of that seed; `prints` what happens in it.
    pub(crate) fn new(seed: u64, prints: bool) -> Rc<Self> {
        Rc::new(Self {
            now: Cell::new(0),
            numbers: Cell::new(0),
            rng: RefCell::new(fastrand::Rng::with_seed(seed)),
            tasks: RefCell::default(),
            alarms: RefCell::default(),
            trace: RefCell::default(),
            prints,
        })
    }

    /// Milliseconds since the beginning.
    pub(crate) fn now(&self) -> u64 {
        self.now.get()
    }

    /// A number below `end`.
    pub(crate) fn below(&self, end: u64) -> u64 {
        self.rng.borrow_mut().u64(0..end.max(1))
    }

    /// Whether something of that probability happens.
    pub(crate) fn happens(&self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// A number in `0.0..1.0`.
    pub(crate) fn fraction(&self) -> f64 {
        self.rng.borrow_mut().f64()
    }

    /// Writes down what happened: two runs of one seed must agree in every word.
    pub(crate) fn note(&self, what: &str) {
        let mut trace = self.trace.borrow_mut();
        trace.write_u64(self.now());
        trace.write(what.as_bytes());
        if self.prints {
            println!("{:>12.3} s  {what}", self.now() as f64 / 1_000.0);
        }
    }

    /// A digest of all that happened.
    pub(crate) fn trace(&self) -> u64 {
        self.trace.borrow().finish()
    }

    /// Ends after `span`.
    pub(crate) fn sleep(self: &Rc<Self>, span: Duration) -> impl Future<Output = ()> + 'static {
        let world = self.clone();
        let until = self.now() + span.as_millis() as u64;
        // A task has one waker for as long as it lasts: one alarm is enough, however often others wake it before.
        let mut is_set = false;
        poll_fn(move |context| {
            if until <= world.now() {
                return Poll::Ready(());
            }
            if !std::mem::replace(&mut is_set, true) {
                world.wake_at(until, context.waker().clone());
            }
            Poll::Pending
        })
    }

    /// Ends after up to `most` milliseconds.
    pub(crate) fn linger(self: &Rc<Self>, most: u64) -> impl Future<Output = ()> + 'static {
        self.sleep(Duration::from_millis(self.below(most + 1)))
    }

    fn wake_at(&self, at: u64, waker: Waker) {
        let number = self.numbers.get();
        self.numbers.set(number + 1);
        self.alarms.borrow_mut().push(Reverse(Alarm { at: (at, number), waker }));
    }

    /// Adds a task.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + 'static) -> TaskId {
        let ready = Arc::new(Ready(AtomicBool::new(true)));
        let mut tasks = self.tasks.borrow_mut();
        tasks.push(Task { work: Some(Box::pin(work)), ready, frozen_until: 0 });
        TaskId(tasks.len() - 1)
    }

    /// Ends a task in the middle of whatever it does, unless it is the one at work.
    pub(crate) fn kill(&self, task: TaskId) {
        let work = self.tasks.borrow_mut()[task.0].work.take();
        // What it drops may look at the world.
        drop(work);
    }

    /// Keeps a task from doing anything for `span`.
    pub(crate) fn freeze(&self, task: TaskId, span: Duration) {
        let until = self.now() + span.as_millis() as u64;
        let mut tasks = self.tasks.borrow_mut();
        tasks[task.0].frozen_until = until;
        let waker = Waker::from(tasks[task.0].ready.clone());
        drop(tasks);
        self.wake_at(until, waker);
    }

    /// Lets time pass until `end`, in milliseconds since the beginning.
    pub(crate) fn run_until(&self, end: u64) {
        loop {
            if self.poll_one() {
                continue;
            }
            let next = self.alarms.borrow_mut().pop();
            match next {
                Some(Reverse(alarm)) if alarm.at.0 <= end => {
                    self.now.set(self.now().max(alarm.at.0));
                    alarm.waker.wake();
                }
                other => {
                    self.alarms.borrow_mut().extend(other);
                    self.now.set(end);
                    return;
                }
            }
        }
    }

    /// Gives one task that has something to do its turn; whether there was one.
    fn poll_one(&self) -> bool {
        let (at, mut work, ready) = {
            let mut tasks = self.tasks.borrow_mut();
            let is_ready = |task: &Task| {
                task.work.is_some() && task.frozen_until <= self.now() && task.ready.0.load(Ordering::Relaxed)
            };
            let ready: Vec<usize> = (0..tasks.len()).filter(|at| is_ready(&tasks[*at])).collect();
            if ready.is_empty() {
                return false;
            }
            let at = ready[self.below(ready.len() as u64) as usize];
            let task = &mut tasks[at];
            let Some(work) = task.work.take() else { return false };
            (at, work, task.ready.clone())
        };
        ready.0.store(false, Ordering::Relaxed);
        let waker = Waker::from(ready);
        if work.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
            self.tasks.borrow_mut()[at].work = Some(work);
        }
        true
    }
}
