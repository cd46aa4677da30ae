//! The store's promises as tests. Each takes a way to open the same database again and again.

use std::future::Future;

use itsm_widgets::domain::outbox::Attachment;

use super::*;

/// Calls `$each!` with the name of every promise.
macro_rules! promises {
    ($each:ident) => {
        $each!(a_ticket_survives_a_restart);
        $each!(the_same_request_gives_the_same_ticket);
        $each!(another_body_under_the_same_key_is_refused);
        $each!(a_burst_on_one_key_makes_one_ticket);
        $each!(an_edited_request_replaces_its_earlier_keys);
        $each!(an_edited_request_finds_the_ticket_of_its_earlier_key);
        $each!(answers_change_as_long_as_they_may);
        $each!(only_who_answered_changes_the_answers);
        $each!(a_change_that_is_taken_back_leaves_what_was_before);
        $each!(a_withdrawn_key_makes_no_ticket);
        $each!(a_withdrawn_ticket_says_so);
        $each!(a_ticket_needs_its_files);
        $each!(a_file_is_its_pieces_in_their_order);
        $each!(what_no_ticket_names_is_given_up);
        $each!(every_version_of_a_form_is_kept);
    };
}
pub(crate) use promises;

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

fn new_ticket(key: &str, subject: &str) -> NewTicket {
    let mut body: SubmissionBody =
        serde_json::from_str(include_str!("../../../tests/fixtures/submission.json")).expect("the fixture");
    body.attachments.clear();
    body.supersedes.clear();
    NewTicket {
        key: key.into(),
        fingerprint: format!("fingerprint of {subject}"),
        document: serde_json::to_string(&body).expect("JSON"),
        body,
        summary: subject.into(),
        priority: Some(Priority::Medium),
        read_secret: "secret".into(),
        received_at: NOW,
        subject: Some(subject.into()),
        forward: false,
        editable_until: None,
        answer_by: None,
        invitation: None,
    }
}

fn superseding(key: &str, subject: &str, earlier: &str) -> NewTicket {
    let mut new = new_ticket(key, subject);
    new.body.supersedes = vec![earlier.into()];
    new
}

fn created(outcome: Outcome) -> Ticket {
    match outcome {
        Outcome::Created(ticket) => ticket,
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn a_ticket_survives_a_restart<S: Store, F: Future<Output = S>>(open: impl Fn() -> F) {
    let ticket = created(open().await.accept(new_ticket("k", "a")).await.expect("accepted"));
    assert_eq!(ticket.number, "INC-000001");
    assert_eq!(open().await.tickets().await.expect("tickets"), std::slice::from_ref(&ticket));
    assert_eq!(open().await.ticket(&"k".into()).await.expect("a ticket"), Some(ticket));
}

pub(crate) async fn the_same_request_gives_the_same_ticket<S: Store, F: Future<Output = S>>(open: impl Fn() -> F) {
    let store = open().await;
    let ticket = created(store.accept(new_ticket("k", "a")).await.expect("accepted"));
    assert_eq!(store.accept(new_ticket("k", "a")).await.expect("accepted"), Outcome::Replayed(ticket.clone()));
    let found = store.look_up(&"k".into(), "fingerprint of a").await.expect("looked up");
    assert_eq!(found, Some(Outcome::Replayed(ticket)));
    assert_eq!(store.look_up(&"unknown".into(), "").await.expect("looked up"), None);
}

pub(crate) async fn another_body_under_the_same_key_is_refused<S: Store, F: Future<Output = S>>(open: impl Fn() -> F) {
    let store = open().await;
    created(store.accept(new_ticket("k", "a")).await.expect("accepted"));
    assert_eq!(store.accept(new_ticket("k", "b")).await.expect("accepted"), Outcome::KeyReused);
    assert_eq!(store.tickets().await.expect("tickets").len(), 1);
}

pub(crate) async fn a_burst_on_one_key_makes_one_ticket<S: Store, F: Future<Output = S>>(open: impl Fn() -> F) {
    let store = open().await;
    let burst: Vec<_> = (0..200)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move { store.accept(new_ticket(&format!("k{}", n % 8), "a")).await })
        })
        .collect();
    let mut made = 0;
    for accepted in burst {
        match accepted.await.expect("a task").expect("accepted") {
            Outcome::Created(_) => made += 1,
            Outcome::Replayed(_) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((made, store.tickets().await.expect("tickets").len()), (8, 8));
}

fn answers(key: &str, words: &str, revises: Option<&str>) -> NewTicket {
    let mut new = new_ticket(key, "ada");
    new.body.kind = SubmissionKind::Satisfaction;
    new.body.requester.name = Some(words.into());
    new.body.revises = revises.map(Into::into);
    new.document = serde_json::to_string(&new.body).expect("JSON");
    new.fingerprint = format!("fingerprint of {words}");
    new.editable_until = Some(NOW.shifted(60_000));
    new
}

fn said(ticket: &Ticket) -> Option<&str> {
    ticket.body.requester.name.as_deref()
}

pub(crate) async fn answers_change_as_long_as_they_may<S: Store, F: Future<Output = S>>(open: impl Fn() -> F) {
    let store = open().await;
    let first = created(store.accept(answers("a", "poor", None)).await.expect("accepted"));
    assert_eq!(first.number, "SAT-000001");
    let Outcome::Revised(second) = store.accept(answers("b", "good", Some("a"))).await.expect("accepted") else {
        panic!("changed")
    };
    assert_eq!((second.number.as_str(), said(&second), second.key.as_str()), ("SAT-000001", Some("good"), "b"));
    // Of a change, a further change; each time the same request gives the same answer.
    let third = store.accept(answers("c", "fair", Some("b"))).await.expect("accepted");
    assert!(matches!(third, Outcome::Revised(_)));
    let again = open().await.accept(answers("c", "fair", Some("b"))).await.expect("accepted");
    let Outcome::Replayed(again) = again else { panic!("{again:?}") };
    assert_eq!((said(&again), again.revised_at), (Some("fair"), Some(NOW)));
    assert!(matches!(store.accept(answers("a", "poor", None)).await.expect("accepted"), Outcome::Replayed(_)));
    let late = NewTicket { received_at: NOW.shifted(60_001), ..answers("d", "late", Some("c")) };
    assert_eq!(store.accept(late).await.expect("accepted"), Outcome::EditClosed);
    assert_eq!(store.accept(answers("e", "x", Some("unknown"))).await.expect("accepted"), Outcome::EditClosed);
    let all = store.tickets().await.expect("tickets");
    assert_eq!(all.iter().map(said).collect::<Vec<_>>(), [Some("fair")]);
}

pub(crate) async fn only_who_answered_changes_the_answers<S: Store, F: Future<Output = S>>(open: impl Fn() -> F) {
    let store = open().await;
    created(store.accept(answers("a", "mine", None)).await.expect("accepted"));
    let of_another = NewTicket { subject: Some("eve".into()), ..answers("b", "theirs", Some("a")) };
    assert_eq!(store.accept(of_another).await.expect("accepted"), Outcome::EditClosed);
    let anonymous = NewTicket { subject: None, ..answers("c", "nobody's", Some("a")) };
    assert_eq!(store.accept(anonymous).await.expect("accepted"), Outcome::EditClosed);
    let mut about_another = answers("d", "mine", Some("a"));
    about_another.body.ticket = Some("INC-2".into());
    assert_eq!(store.accept(about_another).await.expect("accepted"), Outcome::EditClosed);
    let found = store.ticket(&"a".into()).await.expect("read").expect("a ticket");
    assert_eq!(said(&found), Some("mine"));
}

pub(crate) async fn a_change_that_is_taken_back_leaves_what_was_before<S: Store, F: Future<Output = S>>(
    open: impl Fn() -> F,
) {
    let store = open().await;
    created(store.accept(answers("a", "first", None)).await.expect("accepted"));
    store.accept(answers("b", "second", Some("a"))).await.expect("accepted");
    let left = store.withdraw(&"b".into(), NOW).await.expect("withdrawn").expect("a ticket");
    assert_eq!((said(&left), left.withdrawn_at), (Some("first"), None));
    let late = store.accept(answers("b", "second", Some("a"))).await.expect("accepted");
    assert_eq!(late, Outcome::Withdrawn, "a late retry does not bring it back");
    // Of two changes that are taken back, in whatever order, nothing stays.
    for (first, second) in [("d", "e"), ("g", "f")] {
        let (one, two) = if first < second { (first, second) } else { (second, first) };
        store.accept(answers(one, "fourth", Some("a"))).await.expect("accepted");
        store.accept(answers(two, "fifth", Some(one))).await.expect("accepted");
        store.withdraw(&first.into(), NOW).await.expect("withdrawn");
        let left = store.withdraw(&second.into(), NOW).await.expect("withdrawn").expect("a ticket");
        assert_eq!((said(&left), left.revised_at), (Some("first"), None), "{first} {second}");
    }
    // Before it came, it can never come.
    store.withdraw(&"c".into(), NOW).await.expect("withdrawn");
    assert_eq!(store.accept(answers("c", "third", Some("a"))).await.expect("accepted"), Outcome::Withdrawn);
}

pub(crate) async fn an_edited_request_replaces_its_earlier_keys<S: Store, F: Future<Output = S>>(open: impl Fn() -> F) {
    let store = open().await;
    created(store.accept(superseding("new", "a", "old")).await.expect("accepted"));
    assert_eq!(
        store.accept(new_ticket("old", "a")).await.expect("accepted"),
        Outcome::Withdrawn,
        "a late retry makes none"
    );
    assert_eq!(store.tickets().await.expect("tickets").len(), 1);
}

pub(crate) async fn an_edited_request_finds_the_ticket_of_its_earlier_key<S: Store, F: Future<Output = S>>(
    open: impl Fn() -> F,
) {
    let store = open().await;
    let first = created(store.accept(new_ticket("old", "a")).await.expect("accepted"));
    assert_eq!(store.accept(superseding("new", "b", "old")).await.expect("accepted"), Outcome::AlreadySubmitted(first));
    assert_eq!(store.tickets().await.expect("tickets").len(), 1);
}

pub(crate) async fn a_withdrawn_key_makes_no_ticket<S: Store, F: Future<Output = S>>(open: impl Fn() -> F) {
    let store = open().await;
    assert_eq!(store.withdraw(&"k".into(), NOW).await.expect("withdrawn"), None);
    assert_eq!(store.accept(new_ticket("k", "a")).await.expect("accepted"), Outcome::Withdrawn);
    assert_eq!(store.tickets().await.expect("tickets"), []);
}

pub(crate) async fn a_withdrawn_ticket_says_so<S: Store, F: Future<Output = S>>(open: impl Fn() -> F) {
    let store = open().await;
    created(store.accept(new_ticket("k", "a")).await.expect("accepted"));
    for later in [NOW, NOW.shifted(5)] {
        let ticket = store.withdraw(&"k".into(), later).await.expect("withdrawn").expect("a ticket");
        assert_eq!(ticket.withdrawn_at, Some(NOW), "the first word counts");
    }
}

pub(crate) async fn a_ticket_needs_its_files<S: Store, F: Future<Output = S>>(open: impl Fn() -> F) {
    let store = open().await;
    let sha256 = "ab".repeat(32);
    let named =
        Attachment { id: "f".into(), name: "a".into(), size: 3, media_type: String::new(), sha256: sha256.clone() };
    let with = |key: &str, file: Attachment| {
        let mut new = new_ticket(key, key);
        new.body.attachments = vec![file];
        new
    };
    let missing = Outcome::AttachmentMissing("f".into());
    assert_eq!(store.accept(with("k", named.clone())).await.expect("accepted"), missing);
    store.begin_upload(new_upload("f", 3), NOW).await.expect("begun");
    assert_eq!(store.accept(with("k", named.clone())).await.expect("accepted"), missing, "only whole");
    store.append(piece("f", 0, 3, Some(&sha256)), NOW).await.expect("added").expect("the last piece");
    assert_eq!(store.accept(with("k", Attachment { size: 4, ..named.clone() })).await.expect("accepted"), missing);
    created(store.accept(with("k", named.clone())).await.expect("accepted"));
    assert_eq!(store.accept(with("other", named)).await.expect("accepted"), missing, "a file belongs to one ticket");
}

fn new_upload(id: &str, size: u64) -> NewUpload {
    NewUpload { id: id.into(), size, announced: None }
}

fn piece(upload: &str, start: u64, size: u64, sha256: Option<&str>) -> NewPiece {
    let content = sha256.map(|sha256| Content { sha256: sha256.into(), media_type: Some("image/png".into()) });
    NewPiece { upload: upload.into(), start, size, object: format!("{upload} at {start}"), content }
}

pub(crate) async fn a_file_is_its_pieces_in_their_order<S: Store, F: Future<Output = S>>(open: impl Fn() -> F) {
    let store = open().await;
    assert_eq!(store.upload(&"f".into()).await.expect("read"), None);
    let Begun::New(new) = store.begin_upload(new_upload("f", 5), NOW).await.expect("begun") else { panic!("new") };
    assert_eq!((new.size, new.arrived, new.objects.len()), (5, 0, 0));
    let append = |piece: NewPiece| store.append(piece, NOW);
    assert_eq!(append(piece("f", 1, 2, None)).await.expect("asked"), None, "a gap");
    assert_eq!(append(piece("f", 0, 5, None)).await.expect("asked"), None, "the last piece says what the file is");
    assert_eq!(append(piece("f", 0, 2, Some("x"))).await.expect("asked"), None, "no other does");
    let (one, two) = tokio::join!(append(piece("f", 0, 2, None)), append(piece("f", 0, 2, None)));
    assert_eq!(one.expect("asked").iter().chain(&two.expect("asked")).count(), 1, "one of both");
    assert_eq!(append(piece("f", 2, 4, Some("x"))).await.expect("asked"), None, "too long");
    let whole = append(piece("f", 2, 3, Some("x"))).await.expect("asked").expect("it fits");
    assert_eq!((whole.arrived, whole.objects), (5, vec!["f at 0".into(), "f at 2".into()]));
    assert_eq!(whole.content, piece("f", 0, 0, Some("x")).content);
    drop(store);
    let store = open().await;
    let begin = |size, announced: Option<&str>| {
        store.begin_upload(NewUpload { announced: announced.map(Into::into), ..new_upload("f", size) }, NOW)
    };
    let known = begin(5, Some("x")).await.expect("begun");
    assert!(matches!(known, Begun::Known(known) if known.arrived == 5));
    assert_eq!(begin(6, None).await.expect("begun"), Begun::Differs);
    assert_eq!(begin(5, Some("y")).await.expect("begun"), Begun::Differs);
}

pub(crate) async fn what_no_ticket_names_is_given_up<S: Store, F: Future<Output = S>>(open: impl Fn() -> F) {
    let store = open().await;
    for (id, at) in [("old", NOW), ("named", NOW), ("young", NOW.shifted(100))] {
        store.begin_upload(new_upload(id, 3), at).await.expect("begun");
        store.append(piece(id, 0, 3, Some("x")), at).await.expect("added").expect("it fits");
    }
    let mut new = new_ticket("k", "k");
    new.body.attachments = vec![Attachment {
        id: "named".into(),
        name: "a".into(),
        size: 3,
        media_type: String::new(),
        sha256: "x".into(),
    }];
    created(store.accept(new).await.expect("accepted"));
    assert_eq!(store.upload(&"named".into()).await.expect("read").and_then(|file| file.ticket), Some("k".into()));
    assert_eq!(store.give_up_uploads(NOW.shifted(50)).await.expect("given up"), ["old at 0"]);
    assert!(!store.is_used("old at 0").await.expect("read") && store.is_used("young at 0").await.expect("read"));
    assert_eq!(store.give_up_upload(&"named".into()).await.expect("given up"), Vec::<String>::new());
    assert_eq!(store.give_up_upload(&"young".into()).await.expect("given up"), ["young at 0"]);
    assert_eq!(store.upload(&"young".into()).await.expect("read"), None);
}

pub(crate) async fn every_version_of_a_form_is_kept<S: Store, F: Future<Output = S>>(open: impl Fn() -> F) {
    let store = open().await;
    for (version, document) in [(1, "old"), (2, "new"), (2, "mended")] {
        store.offer_form(&"f".into(), version, document).await.expect("kept");
    }
    assert_eq!(store.form(&"f".into(), 1).await.expect("read").as_deref(), Some("old"));
    assert_eq!(store.form(&"f".into(), 2).await.expect("read").as_deref(), Some("mended"));
    assert_eq!(store.form(&"f".into(), 3).await.expect("read"), None);
}
