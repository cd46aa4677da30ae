//! Browsers whose database fails: what is not kept is said, and kept as soon as that is possible.

use std::time::Duration;

use itsm_e2e::{Browser, Fate, Form, Profile, Stage};
use serde_json::json;

/// Whether the browser would ask before it leaves the page.
const ASKS: &str = "return !dispatchEvent(new Event('beforeunload', { cancelable: true }))";

#[tokio::test]
async fn what_was_kept_in_memory_moves_into_a_database_that_opens_later() {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start(&profile).await;
    let broken = "const open = IDBFactory.prototype.open;
        window.mendStorage = () => { sessionStorage.mended = 1; IDBFactory.prototype.open = open; dispatchEvent(new Event('online')) };
        if (!sessionStorage.mended) IDBFactory.prototype.open = () => { throw new DOMException('mine', 'UnknownError') };";
    browser.devtools("Page.enable", json!({})).await;
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": broken })).await;
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    form.says("This browser keeps nothing").await;
    assert_eq!(browser.run(ASKS).await, false, "nothing waits");
    form.fill_incident("Only in memory").await;
    stage.network.set_rule(|head| if head.method == "POST" { Fate::Cut } else { Fate::Pass });
    form.send().await;
    form.says("please leave this page open until your request has arrived").await;
    assert_eq!(browser.run(ASKS).await, true, "what waits would be lost");
    browser.run("mendStorage()").await;
    form.says("You may close this page").await;
    assert_eq!(browser.run(ASKS).await, false, "it is safe");
    browser.reload().await;
    Form::ready(&browser).await.says("1 request on this device waits to be sent").await;
    stage.mend();
    stage.backend.has_tickets(1, Duration::from_secs(20)).await;
    assert_eq!(stage.backend.bodies().await[0]["answers"]["summary"], "Only in memory");
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(stage.backend.tickets().await, 1);
}
